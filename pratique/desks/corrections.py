"""Who corrects a record, what was changed (the old value beside the new), and what follows."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratique.checkpoint.facts import Stay
from pratique.checkpoint.queries import Episode
from pratique.desks import gate_form, people, sentences, words
from pratique.journal.kinds import kind_named
from pratique.journal.queries import Said
from pratique.pathway.queries import Decided
from pratique.registry import concern
from pratique.registry import queries as registry
from pratique.registry.rules import Identity
from pratique.standing.queries import Code

IDENTITY, STAYS = "registry.person_corrected", "checkpoint.stays_corrected"
ARRIVED = "checkpoint.person_arrived"
FIELDS = {
    "name": gettext_lazy("Name"), "document_kind": gettext_lazy("Kind of document"),
    "document": gettext_lazy("Document number"), "phone": gettext_lazy("Phone"),
    "address": gettext_lazy("Address"), "birth_date": gettext_lazy("Born"),
}
SHOWN_CHARACTERS = 6


def stays_in(body: dict[str, Any]) -> list[Stay]:
    """The stays of a fact's body."""
    return msgspec.convert(body.get("stays", []), list[Stay])


def roles_for(kind: str) -> frozenset[str]:
    """The duty roles that say this kind of fact, by the catalogue."""
    known = kind_named(kind)
    assert known is not None, kind
    return known.roles


def kinds_for(request: HttpRequest, person: UUID) -> set[str]:
    """Which corrections of this person's record the reader may say where they stand."""
    roles = request.actor.roles  # type: ignore[attr-defined]
    kinds = {kind for kind in (IDENTITY, STAYS) if roles & roles_for(kind)}
    if kinds and not concern.may_correct(people.place_of(request), person):
        return set()
    return kinds


def changed(form: gate_form.PersonForm, identity: Identity | None) -> dict[str, str]:
    """The fields of a form that say something else than the record. A document is one thing: its
    kind and its number are said together."""
    known = identity or Identity()
    part = {name: value for name, value in gate_form.sealed(form).items()
            if value != (getattr(known, name) or "")}
    if {"document", "document_kind"} & part.keys():
        part |= {name: form.values[name] for name in ("document_kind", "document")}
    return part


def changed_from_outside(form: gate_form.PersonForm, episode: Episode) -> dict[str, bool]:
    """The answer whether the person came from outside the province, where it differs."""
    if form.outside in (None, episode.from_outside_province):
        return {}
    return {"from_outside_province": bool(form.outside)}


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


def from_outside_changes(facts: Iterable[Said]) -> dict[UUID, str]:
    """By fact: the corrected answer whether the person came from outside the province, the old one
    beside it. facts: a person's, in order of time."""
    told: dict[str, bool] = {}
    found = {}
    for said in facts:
        if said.kind not in (ARRIVED, STAYS):
            continue
        body = msgspec.json.decode(said.body)
        answer = body.get("from_outside_province")
        episode = str(said.id) if said.kind == ARRIVED else body["episode"]
        before = told.get(episode)
        if answer is None:
            continue
        told[episode] = answer
        if said.kind == STAYS and answer != before:
            old = "?" if before is None else sentences.yes_no(before)
            found[said.id] = _("from outside the province: %(before)s → %(now)s") % {
                "before": old, "now": sentences.yes_no(answer)}
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
