"""The packs' own words in the reader's language: measures, duties, codes, reasons."""

from datetime import datetime
from typing import Any

import msgspec
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from pratique.desks import counties, marks, sentences
from pratique.pathway.queries import Decided
from pratique.protocol.pack import Pack, shipped
from pratique.standing.queries import Code

_params = msgspec.json.Decoder(dict[str, str])


def language() -> str:
    return "zh-hans" if (get_language() or "").startswith("zh") else "en"


def pack(name: str | None) -> Pack:
    """A shipped pack; for none or an unknown one the first, for the words that all share."""
    packs = shipped()
    return packs.get(name or "") or next(iter(packs.values()))


def word(pack_name: str | None, key: str) -> str:
    return pack(pack_name).word(key, language())


def duty(pack_name: str | None, kind: str, key: str = "") -> str:
    """What a duty asks for: "take the test of the day", with its day where its key names one."""
    said = word(pack_name, f"duty.{kind}")
    day = key.rpartition(":")[2] if kind == "test" else ""
    return f"{said} ({sentences.purpose(f'day-{day}')})" if day else said


def measure(decided: Decided | None) -> str:
    return word(decided.pack if decided else None,
                f"measure.{decided.measure if decided else 'unknown'}")


def measure_named(name: str) -> str:
    """A measure of which only the name is known, in the words of the first pack that has it."""
    owner = next((key for key, known in shipped().items() if name in known.measures), None)
    return word(owner, f"measure.{name}")


def places_of(decided: Decided) -> list[str]:
    """Kinds of unit where a decision's measure is carried out."""
    spec = pack(decided.pack).measures.get(decided.measure)
    return list(spec.places) if spec else []


def code_mark(code: Code | None) -> SafeString:
    """A person's code as word + shape + colour."""
    if code is None:
        return marks.mark("none", word(None, "colour.none"))
    return marks.mark(code.colour, code.said(language()), code.shape)


def code_reason(code: Code | None) -> str:
    if code is None:
        return ""
    params = {name: _place(value) if name == "place" else value
              for name, value in _params.decode(code.params).items()}
    return pack(code.pack).sentence(code.reason, tuple(params.items()), language())


def _place(text: str) -> str:
    """A place of a reason: a county's code becomes its name."""
    county = counties.county_of(text)
    return county.label if county else text


def late_label(code: Code | None, now: datetime) -> SafeString | str:
    label = code.label_at(now) if code else None
    return format_html('<span class="tag late">{}</span>', word(code.pack, label)) \
        if code and label else ""


# The colour that a measure will bring, for a page that shows a decision before its code.
def decision_mark(decided: Decided | None, code: Code | None) -> SafeString:
    """A decision in the measure's word, in the colour of the code that it gave."""
    if decided is None:
        return marks.mark("unknown", word(None, "measure.unknown"))
    if code is None:
        return marks.mark("none", measure(decided))
    return marks.mark(code.colour, measure(decided), code.shape)


def missing(items: Any, pack_name: str | None) -> list[str]:
    """What a release still lacks, in sentences."""
    known = pack(pack_name)
    return [known.sentence(f"missing.{key}" if not key.startswith("missing.") else key,
                           (("value", value),), language()) for key, value in items]
