"""The story of a thing: its facts in order, each with who, where, when, by which device."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from pratique.desks import corrections, queries, sentences
from pratique.desks.names import Names
from pratique.journal import queries as journal
from pratique.journal.queries import Said


@dataclass(frozen=True, slots=True)
class Chapter:
    """One fact as a reader sees it."""

    said: Said
    what: str
    detail: str
    who: str
    late: bool

    @property
    def at(self) -> datetime:
        return self.said.at


LATE_SECONDS = 300


def story_of(
    subject: UUID, names: Names, *, more: list[UUID] | None = None,
    details: dict[UUID, str] | None = None,
) -> list[Chapter]:
    """Facts that are about `subject`, and those that moved it, oldest first.

    details: what some facts' sealed parts say, where the page may show it.
    """
    facts = {said.id: said for said in journal.story(subject)}
    others = [*queries.facts_of_subject(subject), *(more or [])]
    facts.update(journal.facts([id_ for id_ in others if id_ not in facts]))
    names.want_staff(said.by for said in facts.values())
    ordered = sorted(facts.values(), key=lambda s: (s.at, s.number))
    told = corrections.from_outside_changes(ordered) | (details or {})
    return [_chapter(said, names, told.get(said.id, "")) for said in ordered]


def _chapter(said: Said, names: Names, told: str) -> Chapter:
    body = msgspec.json.decode(said.body)
    late = (said.recorded_at - said.at).total_seconds() > LATE_SECONDS
    detail = " · ".join(filter(None, (told, _detail(said.kind, body, names))))
    return Chapter(said, sentences.kind_word(said.kind), detail,
                   names.staff(said.by) if said.by else "", late)


def _detail(kind: str, body: dict[str, Any], names: Names) -> str:
    """The one or two things worth reading in a fact's body."""
    unit = names.unit
    match kind:
        case "custody.offered":
            return _("%(giver)s → %(taker)s, %(count)s in all") % {
                "giver": unit(body["giver"]), "taker": unit(body["taker"]),
                "count": len(body["lines"])}
        case "custody.answered":
            return _("accepted %(accepted)s, refused %(refused)s, by %(taker)s") % {
                "accepted": len(body.get("accepted", [])),
                "refused": len(body.get("refused", [])), "taker": unit(body["taker"])}
        case "custody.post_handed_over":
            return _("to %(who)s: %(persons)s people, %(vehicles)s vehicles, %(specimens)s "
                     "tubes; %(unsent)s facts not sent") % {
                **body, "unsent": body.get("unsent", 0), "who": names.staff(UUID(body["to"]))}
        case "custody.corrected":
            return f"{unit(body['giver'])} → {unit(body['taker'])}: {body['reason']}"
        case "specimens.collected":
            return f"{body['tube']} · {body['purpose']}"
        case "specimens.bagged":
            return str(body["bag"])
        case "specimens.run_imported":
            return f"{body['plate']} · {body['instrument']}"
        case "checkpoint.vehicle_arrived":
            return _("%(plate)s, %(count)s aboard") % {
                "plate": body["plate"], "count": body["occupants"]}
        case "checkpoint.person_arrived" | "checkpoint.stays_corrected":
            stays = "; ".join(sentences.stay(stay) for stay in corrections.stays_in(body))
            return " · ".join(filter(None, (stays, body.get("reason"))))
        case "transfer.trip_planned":
            return f"{unit(body['origin'])} → {unit(body['destination'])}"
        case "isolation.room_given":
            return _("room %(room)s") % {"room": body["room"]}
        case "isolation.round_done":
            return f"{body['day']} · {body['slot']}"
        case "registry.role_given" | "registry.role_ended":
            return f"{sentences.role(body['role'])} · {unit(body.get('unit'))}: {body['reason']}"
        case "registry.staff_enrolled":
            return ", ".join(
                f"{sentences.role(d['role'])} · {unit(d.get('unit'))}" for d in body["duties"])
        case "registry.device_enrolled":
            return f"{unit(body['unit'])} · {', '.join(map(sentences.role, body['roles']))}"
        case "transfer.place_confirmed":
            return unit(body["account"])
    return str(body.get("reason") or "")
