"""Tags and filters of the desks' pages."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import template
from django.template.defaultfilters import stringfilter
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from pratique.desks import finding_words, marks, sentences, times, words

register = template.Library()


@register.filter
def moment(value: datetime | None) -> str:
    return times.moment(value) if value else ""


@register.filter
def clock(value: datetime | None) -> str:
    return times.clock(value) if value else ""


@register.filter
def day(value: Any) -> str:
    return times.day(value) if value else ""


@register.filter
def long_moment(value: datetime | None) -> str:
    return times.long_moment(value) if value else ""


@register.filter
def until(value: datetime | None, now: datetime) -> str:
    return times.until(value, now) if value else ""


@register.filter
def since(value: datetime | None, now: datetime) -> str:
    """How long ago: 38 min."""
    return times.span(now - value) if value else ""


@register.filter
def span(value: Any) -> str:
    return times.span(value) if value is not None else ""


@register.filter
def iso(value: datetime | None) -> str:
    return value.isoformat(timespec="seconds") if value else ""


@register.filter
def count(value: int | None) -> str:
    """1,842"""
    return number_format(value, use_l10n=True, force_grouping=True) if value is not None else "–"


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """`mapping[key]`, or None."""
    return mapping.get(key) if mapping else None


@register.filter
@stringfilter
def short(value: str) -> str:
    """The last four characters of an id: enough to tell two apart by eye."""
    return value[-4:]


@register.simple_tag
def time_tag(value: datetime | None) -> SafeString | str:
    """<time> with the machine's form inside and the reader's form outside."""
    if not value:
        return ""
    return format_html('<time datetime="{}">{}</time>', iso(value), times.moment(value))


@register.simple_tag
def mark(colour: str, word: str, shape: str | None = None) -> SafeString:
    return marks.mark(colour, word, shape)


@register.simple_tag
def big_shape(shape: str) -> SafeString:
    return marks.shape(shape, "big")


@register.simple_tag(takes_context=True)
def unit(context: template.Context, code: str | None) -> SafeString | str:
    """A unit's name in the reader's language, as a link to its page."""
    if not code:
        return ""
    name = context["names"].unit(code)
    return format_html('<a href="{}">{}</a>', reverse("unit", args=[code]), name)


@register.simple_tag(takes_context=True)
def unit_name(context: template.Context, code: str | None) -> str:
    return context["names"].unit(code) if code else ""


@register.simple_tag(takes_context=True)
def person(context: template.Context, who: UUID | None) -> SafeString | str:
    """A person's name as a link; the page must have asked for the names beforehand."""
    if not who:
        return ""
    return format_html('<a href="{}">{}</a>', reverse("person", args=[who]),
                       context["names"].person(who))


@register.simple_tag(takes_context=True)
def subject(context: template.Context, kind: str, who: UUID) -> SafeString | str:
    """A person, vehicle or specimen as a link by its name, plate or tube."""
    page = {"person": "person", "vehicle": "vehicle", "specimen": "specimen"}[kind]
    return format_html('<a href="{}">{}</a>', reverse(page, args=[who]),
                       context["names"].subject(kind, who))


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The present address's query with some parameters changed; None takes one out."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            parameters.pop(name, None)
        else:
            parameters[name] = str(value)
    text = parameters.urlencode()
    return f"?{text}" if text else "?"


@register.filter
def unlocalised(value: float) -> str:
    """A number for an SVG attribute, whatever the reader's language."""
    return str(value)


@register.filter
def duty_word(owed: Any) -> str:
    """What a duty asks for, in the words of its pack."""
    return words.duty(owed.pack, owed.kind, owed.key)


@register.filter
def chain_word(owed: Any) -> str:
    """The role that an overdue duty has climbed to."""
    return sentences.chain_role(owed.climbed_to)


@register.filter
def kind_word(kind: str) -> str:
    return sentences.kind_word(kind)


@register.filter
def role_word(role: str) -> str:
    return sentences.role(role)


@register.filter
def unit_kind_word(kind: str) -> str:
    return sentences.unit_kind(kind)


@register.filter
def subjects_word(kind: str) -> str:
    return sentences.subjects(kind)


@register.filter
def code_mark(code: Any) -> SafeString:
    return words.code_mark(code)


@register.filter
def code_reason(code: Any) -> str:
    return words.code_reason(code)


@register.simple_tag(takes_context=True)
def staff(context: template.Context, who: UUID | None) -> str:
    """A member of staff by user name and office."""
    return context["names"].staff(who) if who else ""


@register.simple_tag(takes_context=True)
def person_name(context: template.Context, who: UUID | None) -> str:
    return context["names"].person(who) if who else ""


@register.simple_tag(takes_context=True)
def subject_name(context: template.Context, kind: str, who: UUID) -> str:
    return context["names"].subject(kind, who)


@register.filter
def masked(document: str | None) -> str:
    """A document's last four characters; the rest is not for over-the-shoulder eyes."""
    return f"••••{document[-4:]}" if document else "–"


@register.filter
def why_word(why: str) -> str:
    """Why something moved, or how a line was answered."""
    return sentences.why(why)


@register.filter
def outcome_word(outcome: str) -> str:
    return finding_words.outcome(outcome)


@register.filter
def cleared_word(reason: str) -> str:
    return sentences.cleared(reason)


@register.filter
def purpose_word(purpose: str) -> str:
    return sentences.purpose(purpose)


@register.filter
def page_word(page: str) -> str:
    return sentences.page(page)


@register.filter
def plain_code(code: str) -> str:
    return code.replace("_", " ")


@register.filter
def stay_word(stay: Any) -> str:
    return sentences.stay(stay)


@register.filter
def result_mark(tube: Any) -> SafeString:
    """A tube's result as word + shape + colour; what has none yet is a ring."""
    colour, word = sentences.result(tube)
    return marks.mark(colour, word)


@register.filter
def conveyance_word(kind: str) -> str:
    return sentences.conveyance(kind)


@register.filter
def document_word(kind: str) -> str:
    return sentences.document(kind)


@register.filter
def tier_word(tier: str) -> str:
    return words.word(None, f"tier.{tier}")


@register.filter
def special_word(name: str) -> str:
    return sentences.special(name)


@register.filter
def trip_word(state: str) -> str:
    return sentences.trip_state(state)


@register.filter
def run_word(state: str) -> str:
    return sentences.run_state(state)


@register.filter
def reading_word(name: str) -> str:
    return sentences.reading(name)


@register.filter
def slot_word(name: str) -> str:
    return sentences.slot(name)

_WELLS = {"positive": ("red", "square"), "negative": ("green", "disc"),
          "inconclusive": ("yellow", "triangle"), "invalid": ("yellow", "triangle")}


@register.filter
def well_mark(well: Any) -> SafeString:
    """A well of a plate as a shape with its reading for those who cannot see it."""
    colour, shape = _WELLS.get(well.reading, ("none", "ring"))
    return format_html('<span class="mark is-{}" title="{}">{}<span class="visually-hidden">{}'
                       "</span></span>", colour, f"{well.well} {well.tube}", marks.shape(shape),
                       f"{well.well} {sentences.reading(well.reading)}")


@register.filter
def control_word(control: str) -> str:
    return sentences.control(control)


@register.filter
def code_shape(code: Any) -> SafeString:
    """A code's shape with its word for ears alone, where there is no room for it."""
    colour = code.colour if code else "none"
    return format_html('<span class="mark is-{}">{}<span class="visually-hidden">{}</span></span>',
                       colour, marks.shape(code.shape if code else "ring"),
                       code.said(words.language()) if code else words.word(None, "colour.none"))


@register.filter
def colour_mark(colour: str) -> SafeString:
    return marks.mark(colour, words.word(None, f"colour.{colour}"))


@register.filter
def likeness_word(reason: str) -> str:
    return sentences.likeness(reason)


@register.filter
def big_shape_of(code: Any) -> SafeString:
    return marks.shape(code.shape if code else "ring", "big")
