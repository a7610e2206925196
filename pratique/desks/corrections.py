"""What a correction changed: the old value beside the new one, and the decision that follows."""

from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratique.checkpoint.facts import Stay
from pratique.checkpoint.queries import Episode
from pratique.custody import queries as custody
from pratique.desks import gate_form, sentences, words
from pratique.pathway.queries import Decided
from pratique.registry import queries as registry
from pratique.registry.rules import Identity
from pratique.standing.queries import Code

IDENTITY_ROLES = ("gate_officer", "registrar", "township_clerk", "site_head")
STAYS_ROLES = ("gate_officer", "epidemiologist", "township_clerk")
FIELDS = {
    "name": gettext_lazy("Name"), "document_kind": gettext_lazy("Kind of document"),
    "document": gettext_lazy("Document number"), "phone": gettext_lazy("Phone"),
    "address": gettext_lazy("Address"), "birth_date": gettext_lazy("Born"),
}
SHOWN_CHARACTERS = 6


def stays_in(body: dict[str, Any]) -> list[Stay]:
    """The stays of a fact's body."""
    return msgspec.convert(body.get("stays", []), list[Stay])


def is_concerned(request: HttpRequest, person: UUID, last: Episode | None) -> bool:
    """Whether the reader answers for the county, holds the person, met or awaits them."""
    units = request.actor.units  # type: ignore[attr-defined]
    if units is None:
        return True
    held = custody.whereabouts([person]).get(person)
    concerned = {held.account if held else None}
    if last is not None:
        concerned |= {last.post, last.destination}
    return bool(units & concerned)


def changed(form: gate_form.PersonForm, identity: Identity | None) -> dict[str, str]:
    """The fields of a form that say something else than the record. A document is one thing: its
    kind and its number are said together."""
    known = identity or Identity()
    part = {name: value for name, value in gate_form.sealed(form).items()
            if value != (getattr(known, name) or "")}
    if {"document", "document_kind"} & part.keys():
        part |= {name: form.values[name] for name in ("document_kind", "document")}
    return part


def identity_changes(person: UUID) -> dict[UUID, str]:
    """By fact: which fields it changed, the old value beside the new. Personal data."""
    told: dict[str, str] = {}
    found = {}
    for fact, part in registry.identity_parts(person):
        lines = [f"{FIELDS[name]}: {_shown(name, told[name])} → {_shown(name, value)}"
                 for name, value in part.items()
                 if value and name in FIELDS and told.get(name, value) != value]
        told |= {name: value for name, value in part.items() if value}
        if lines:
            found[fact] = "; ".join(lines)
    return found


def _shown(name: str, value: str) -> str:
    """A document's end is enough to see what changed."""
    if name == "document_kind":
        return sentences.document(value)
    return f"••••{value[-SHOWN_CHARACTERS:]}" if name == "document" else value


def _what(decided: Decided | None) -> tuple[Any, ...] | None:
    """What a decision gives, whatever facts it rests on."""
    if decided is None:
        return None
    return decided.pack, decided.row, decided.measure, decided.tier, decided.ends_at


def what_follows(before: Decided | None, after: Decided | None, code: Code | None) -> str:
    """The decision after a correction, with its reason, beside the one before."""
    said = {"now": words.measure(after), "before": words.measure(before),
            "why": words.code_reason(code)}
    if _what(after) == _what(before):
        return _("The decision stays: %(now)s. %(why)s") % said
    return _("Decided anew: %(now)s (before: %(before)s). %(why)s") % said
