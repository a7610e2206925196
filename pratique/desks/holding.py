"""What a site's and a township's desk have in common: rounds, releases, places, head counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from pratique.checkpoint import queries as checkpoint
from pratique.custody import queries as custody
from pratique.desks import door, times, words
from pratique.desks.door import Saying
from pratique.desks.frame import names_of
from pratique.duties import queries as duties
from pratique.isolation import queries as isolation
from pratique.pathway import queries as pathway
from pratique.standing import queries as standing
from pratique.transfer import queries as transfer

LEAVES_WITHIN = timedelta(hours=36)
NOON = 13
SLOTS = ("morning", "evening")
WAITING_MAX = 200


@dataclass(frozen=True, slots=True)
class Leaving:
    """Somebody whose days end soon: when, and what is still missing."""

    person: UUID
    ends_at: datetime | None
    allowed: bool
    missing: list[str]


def slot_now(request: HttpRequest) -> str:
    """The round that is on, or the one asked for."""
    asked = request.GET.get("slot") or request.POST.get("slot")
    if asked in SLOTS:
        return asked
    return "morning" if times.local(door.moment(request)).hour < NOON else "evening"


def today(request: HttpRequest) -> date:
    return times.local(door.moment(request)).date()


def leaving(persons: Sequence[UUID], now: datetime) -> list[Leaving]:
    """Who leaves until tomorrow evening, or may already leave, soonest first."""
    found = []
    for person, outcome in pathway.outcomes_of(persons, now).items():
        ends, release = outcome.decision.ends_at, outcome.release
        if release.allowed or (ends is not None and ends <= now + LEAVES_WITHIN):
            found.append(Leaving(person, release.due_at or ends, release.allowed,
                                 words.missing(release.why, None)))
    return sorted(found, key=lambda one: (not one.allowed, one.ends_at or now, one.person))


def common(request: HttpRequest, here: str) -> dict[str, Any]:
    """What both desks show."""
    now = door.moment(request)
    slot = slot_now(request)
    held = [h for h in custody.holdings(here, limit=1000) if h.kind == "person"]
    persons = [h.subject for h in held]
    expected = transfer.expected_at(here)
    soon = leaving(persons, now)
    names = names_of(request)
    names.want_people([*persons, *(place.person for place in expected)])
    return {
        "here": here, "held": held, "codes": standing.codes_of(persons, now), "slot": slot,
        "slots": SLOTS, "day": today(request),
        "sheet": isolation.round_sheet(here, today(request), slot),
        "expected": expected, "where": custody.whereabouts([p.person for p in expected]),
        "leaving": soon, "offers": custody.pending(taker=here),
        "owed": duties.open_duties(now, unit=here, limit=20),
        "tests": [d for kind in ("test", "swab", "resample")
                  for d in duties.open_duties(now, unit=here, kind=kind)],
        "counts": [c for c in custody.counts_that_differ() if c["account"] == here]}


def act(request: HttpRequest, here: str) -> None:
    """What both desks say: a round, a release, a head count, an explained difference."""
    match request.POST.get("do"):
        case "round":
            _round(request, here)
        case "release":
            _release(request, here)
        case "count" if request.POST.get("counted", "").isdigit():
            door.say(request, "holding", [Saying("custody.head_counted", {
                "account": here, "subject_kind": "person",
                "counted": int(request.POST["counted"]), "source": "roll_call"})])
        case "explain" if request.POST.get("reason", "").strip():
            door.say(request, "holding", [Saying("custody.difference_explained", {
                "account": here, "subject_kind": request.POST.get("what") or "person",
                "count": request.POST.get("count"),
                "reason": request.POST["reason"].strip()})])
        case _:
            door.complain(request, _("Nothing was entered."))


def _round(request: HttpRequest, here: str) -> None:
    """The lines of a round that were filled; who gave no answer is said so, and stays owed."""
    readings: list[dict[str, Any]] = []
    for name in request.POST:
        typed = request.POST.get(name, "")
        if not name.startswith("t-"):
            continue
        person, temperature = name.removeprefix("t-"), _temperature(typed)
        symptoms = request.POST.get(f"s-{person}", "").strip()
        silent = f"n-{person}" in request.POST
        if typed.strip() and temperature is None:
            door.complain(request, _("“%(typed)s” is no temperature; write 36.5.") % {
                "typed": typed[:10]})
            return
        if temperature is not None or symptoms or silent:
            named = symptoms.replace("，", ",").split(",")
            readings.append({"person": person, "temperature_c": temperature,
                             "symptoms": [s.strip() for s in named if s.strip()]})
    if not readings:
        door.complain(request, _("Enter at least one temperature."))
        return
    door.say(request, "holding", [Saying("isolation.round_done", {
        "account": here, "day": today(request).isoformat(), "slot": slot_now(request),
        "readings": readings})])


def _temperature(typed: str) -> float | None:
    try:
        return float(typed.strip().replace("，", ".").replace(",", "."))
    except ValueError:
        return None


def _release(request: HttpRequest, here: str) -> None:
    person = UUID(request.POST["person"])
    held = custody.whereabouts([person]).get(person)
    episode = pathway.open_episodes(persons=[person])
    if held is None or held.account != here or not episode:
        door.complain(request, _("This person is not in your account any more."))
        return
    door.say(request, "holding", [Saying("pathway.released", {
        "person": person, "episode": episode[0].episode, "account": here,
        "holds_by": held.holds_by})])


def needing_place(now: datetime, kind: str) -> list[duties.Owed]:
    """People who wait for transfer to a place of this kind (isolation_site, community) by their
    measure, and have no confirmed one yet; due first."""
    waiting = duties.open_duties(now, kind="transfer", limit=WAITING_MAX)
    persons = [duty.person for duty in waiting]
    placed = transfer.places(persons)
    decided = pathway.decisions_of(persons)
    return [duty for duty in waiting
            if duty.person not in placed and duty.person in decided
            and kind in words.places_of(decided[duty.person])]


def homes_to_see(here: str, now: datetime) -> list[duties.Owed]:
    """Homes to look at: where the rules ask for it, and of everybody else who is to be fetched."""
    asked = duties.open_duties(now, unit=here, kind="accept_home")
    fetched = needing_place(now, "community")
    episodes = checkpoint.episodes([d.person for d in fetched])
    known = {d.person for d in asked}
    return asked + [d for d in fetched if d.person not in known and d.person in episodes
                    and episodes[d.person].destination == here]
