"""Reads about people in the loop, by id alone: duties, findings, episodes. No names."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import Router, Schema
from pydantic import AwareDatetime

from pratique.api.paging import (
    after_key,
    code,
    just_id,
    limits,
    moment_and_id,
    not_found,
    not_your_unit,
    page,
    page_of,
    unit_of,
    word,
)
from pratique.custody import queries as custody
from pratique.custody.queries import Step
from pratique.desks import ledger
from pratique.duties import queries as duties
from pratique.duties.queries import Owed
from pratique.journal.kinds import ROLES
from pratique.kit.access import open_to
from pratique.kit.doors import now
from pratique.pathway import queries as pathway
from pratique.pathway.queries import Decided, EpisodeState
from pratique.registry import queries as registry
from pratique.standing import queries as standing

router = Router(tags=["people in the loop"])
PURPOSE = "api_episode"  # what a look through this door is called
_params = msgspec.json.Decoder(dict[str, Any])


@router.get("/duties", response=page_of(Owed))
@open_to(*ROLES)
def open_duties(
    request: HttpRequest, unit: str | None = code(), state: Literal["open", "overdue"] = "open",
    kind: str | None = word("only of this kind"), opens_before: AwareDatetime | None = None,
    after: str | None = after_key(), limit: int = limits(),
) -> Any:
    """Open duties, those due first first. `opens_before`: those that open until then, too."""
    rows = duties.open_duties(
        now(), unit=unit_of(request, unit), kind=kind, overdue=state == "overdue",
        opens_before=opens_before, after=moment_and_id(after), limit=limit + 1)
    return page(rows, limit, lambda duty: (duty.due_at, duty.id))


@dataclass(frozen=True, slots=True)
class FindingSeen:
    """Something that a person has to look into."""

    id: UUID
    fact: UUID
    code: str
    rule: str
    params: dict[str, Any]
    subject: UUID | None
    owner: str | None
    opened_at: datetime
    closed_at: datetime | None
    outcome: str


@router.get("/findings", response=page_of(FindingSeen))
@open_to(*ROLES)
def findings(
    request: HttpRequest, unit: str | None = code(), state: Literal["open", "all"] = "open",
    code: str | None = word("only with this code"), after: str | None = after_key(),
    limit: int = limits(),
) -> Any:
    """Findings, oldest first."""
    rows = duties.findings(
        owner=unit_of(request, unit), code=code, open_only=state == "open",
        after=moment_and_id(after), limit=limit + 1)
    seen = [FindingSeen(**{**asdict(row), "params": _params.decode(row.params)}) for row in rows]
    return page(seen, limit, lambda row: (row.opened_at, row.id))


@dataclass(frozen=True, slots=True)
class ReleaseState:
    """due_at: known once all needed results are. missing: what stands in the way, in English."""

    due_at: datetime | None
    allowed: bool
    missing: list[str]


@dataclass(frozen=True, slots=True)
class NextDuty:
    id: UUID
    kind: str
    key: str
    unit: str
    opens_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class EpisodeSeen:
    """One open episode. `holds_by` goes into the hand-over that gives the person on."""

    episode: UUID
    person: UUID
    account: str
    holds_by: UUID
    since: datetime
    pending: UUID | None
    destination: str | None
    arrived_at: datetime
    measure: str | None
    row: str | None
    tier: str | None
    transfer: str | None
    ends_at: datetime | None
    colour: str
    colour_until: datetime | None
    label: str | None
    duties: list[NextDuty]
    release: ReleaseState | None


@router.get("/episodes", response=page_of(EpisodeSeen))
@open_to(*ROLES)
def episodes(
    request: HttpRequest, unit: str | None = code(), after: str | None = after_key(),
    limit: int = limits(),
) -> Any:
    """Open episodes of the people whom a unit holds, by arrival."""
    states = pathway.open_episodes(account=unit_of(request, unit), after=just_id(after),
                                   limit=limit + 1)
    return page(_seen(states, now()), limit, lambda row: row.episode)


def _seen(states: list[EpisodeState], at: datetime) -> list[EpisodeSeen]:
    """Four statements, whatever the number of episodes."""
    persons = [state.person for state in states]
    codes = standing.codes_of(persons, at)
    outcomes = pathway.outcomes_of(persons, at)
    owed: dict[UUID, list[NextDuty]] = {}
    for duty in duties.duties_of(persons, at):
        if duty.closed_at is None:
            owed.setdefault(duty.episode, []).append(NextDuty(
                duty.id, duty.kind, duty.key, duty.unit, duty.opens_at, duty.due_at))
    return [_episode(s, codes.get(s.person), outcomes.get(s.person), owed.get(s.episode, []), at)
            for s in states]


def _episode(
    state: EpisodeState, code: Any, outcome: Any, owed: list[NextDuty], at: datetime
) -> EpisodeSeen:
    known = {f.name: getattr(state, f.name) for f in fields(EpisodeState) if f.name != "colour"}
    release = outcome.release if outcome else None
    return EpisodeSeen(
        **known, colour=code.colour if code else "none", colour_until=code.until if code else None,
        label=code.label_at(at) if code else None, duties=owed,
        release=ReleaseState(release.due_at, release.allowed, list(release.missing))
        if release else None)


@dataclass(frozen=True, slots=True)
class CodeSeen:
    """The health code with its reason in the asker's language."""

    colour: str
    word: str
    shape: str
    reason: str
    row: str
    evidence: list[UUID]
    since: datetime
    until: datetime | None
    order: UUID | None
    label: str | None
    lapsed: bool


class PersonSeen(Schema):
    """One person's way through the loop: now, every decision, every duty, every move."""

    episode: EpisodeSeen | None
    code: CodeSeen | None
    decisions: list[Decided]
    duties: list[Owed]
    chain: list[Step]


@router.get("/episodes/{person}", response=PersonSeen)
@open_to(*ROLES)
def person(request: HttpRequest, person: UUID) -> Any:
    """Who holds the person reads this, and the unit to which the person is offered or bound."""
    at = now()
    chain = custody.chain(person)
    if not chain:
        raise not_found(person)
    states = pathway.open_episodes(persons=[person])
    _check_concern(request, person, states)
    _note_look(request, person)
    seen = _seen(states, at)
    code = standing.codes_of([person], at).get(person)
    return {"episode": seen[0] if seen else None, "code": _code(code, at) if code else None,
            "decisions": pathway.decision_story(person), "duties": duties.duties_of([person], at),
            "chain": chain}


def _note_look(request: HttpRequest, person: UUID) -> None:
    """Kept where the desks keep it, under the record that the person goes on as."""
    actor = request.actor  # type: ignore[attr-defined]
    unit = next(iter(actor.units)) if actor.units and len(actor.units) == 1 else None
    ledger.note_looks(
        [registry.roots_of([person]).get(person, person)], staff=actor.staff, device=actor.device,
        unit=unit, page=PURPOSE, at=now())


def _check_concern(request: HttpRequest, person: UUID, states: list[EpisodeState]) -> None:
    units = request.actor.units  # type: ignore[attr-defined]
    if units is None:
        return
    held = custody.whereabouts([person]).get(person)
    concerned = {state.destination for state in states} | {held.account if held else None}
    if held and held.pending and not units & concerned:
        offers = [offer for unit in units for offer in custody.pending(taker=unit)]
        concerned |= {offer.taker for offer in offers if offer.handover == held.pending}
    if not units & concerned:
        raise not_your_unit(held.account if held else None)


def _code(code: Any, at: datetime) -> CodeSeen:
    language = "en" if (get_language() or "").startswith("en") else "zh-hans"
    return CodeSeen(
        code.colour, code.said(language), code.shape, code.sentence(language), code.row,
        code.evidence, code.since, code.until, code.order, code.label_at(at), code.lapsed)
