"""Facts in words: one short phrase a kind, for stories and receipts."""

from typing import Any

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from pratique.desks import counties, times

KINDS: dict[str, Any] = {
    "checkpoint.vehicle_arrived": _l("vehicle registered"),
    "checkpoint.person_arrived": _l("person registered"),
    "checkpoint.stays_corrected": _l("stays corrected"),
    "checkpoint.vehicle_cleared": _l("vehicle left the post"),
    "checkpoint.person_passed": _l("person went on"),
    "checkpoint.person_turned_back": _l("person turned back"),
    "checkpoint.lane_counted": _l("lane counted"),
    "checkpoint.lane_explained": _l("difference explained"),
    "checkpoint.expected": _l("arrival announced"),
    "custody.offered": _l("offered"),
    "custody.answered": _l("answered"),
    "custody.withdrawn": _l("offer withdrawn"),
    "custody.expired": _l("offer expired"),
    "custody.head_counted": _l("heads counted"),
    "custody.difference_explained": _l("difference explained"),
    "custody.corrected": _l("ledger corrected"),
    "specimens.collected": _l("specimen collected"),
    "specimens.bagged": _l("bag sealed"),
    "specimens.voided": _l("specimen voided"),
    "specimens.lost": _l("specimen reported lost"),
    "specimens.discarded": _l("specimens discarded"),
    "specimens.run_imported": _l("run imported"),
    "specimens.run_confirmed": _l("run confirmed by the second reader"),
    "transfer.place_confirmed": _l("place confirmed"),
    "transfer.place_cancelled": _l("place cancelled"),
    "transfer.trip_planned": _l("trip planned"),
    "transfer.trip_departed": _l("trip departed"),
    "transfer.trip_arrived": _l("trip arrived"),
    "transfer.trip_cancelled": _l("trip cancelled"),
    "transfer.vehicle_disinfected": _l("vehicle disinfected"),
    "isolation.room_given": _l("room given"),
    "isolation.round_done": _l("round done"),
    "isolation.home_visited": _l("home visited"),
    "pathway.pack_adopted": _l("rules adopted"),
    "pathway.order_issued": _l("order issued"),
    "pathway.order_ended": _l("order ended"),
    "pathway.released": _l("released"),
    "pathway.emergency_admitted": _l("admitted to hospital"),
    "pathway.objected": _l("objected"),
    "pathway.objection_answered": _l("objection answered"),
    "registry.unit_opened": _l("unit opened"),
    "registry.unit_closed": _l("unit closed"),
    "registry.rooms_opened": _l("rooms opened"),
    "registry.staff_enrolled": _l("staff enrolled"),
    "registry.device_enrolled": _l("device enrolled"),
    "registry.device_revoked": _l("device revoked"),
    "registry.person_corrected": _l("identity corrected"),
    "registry.persons_merged": _l("records merged"),
    "registry.merge_undone": _l("merge undone"),
    "registry.not_duplicate": _l("not a duplicate"),
    "registry.risk_list_published": _l("risk list published"),
    "registry.area_mapped": _l("area's name settled"),
    "registry.duplicate_found": _l("possible duplicate found"),
    "duties.taken_on": _l("duty taken on"),
    "duties.lateness_explained": _l("lateness explained"),
    "duties.finding_closed": _l("finding closed"),
}
FINDINGS: dict[str, Any] = {
    "handover_refused": _l("refused by %(taker)s: %(reason)s"),
    "handover_expired": _l("no answer from %(taker)s before the deadline"),
    "handover_withdrawn": _l("offer to %(taker)s withdrawn: %(reason)s"),
    "count_differs": _l("%(counted)s counted, %(held)s in the account"),
}
FINDING_TITLES: dict[str, Any] = {
    "handover_refused": _l("refused hand-over"), "handover_expired": _l("unanswered hand-over"),
    "handover_withdrawn": _l("withdrawn offer"), "count_differs": _l("head count differs"),
}
ROLES: dict[str, Any] = {
    "gate_officer": _l("gate officer"), "sampler": _l("sampler"), "courier": _l("courier"),
    "laboratory": _l("laboratory"), "dispatcher": _l("dispatcher"), "crew": _l("crew"),
    "township_clerk": _l("township clerk"), "site_head": _l("head of site"),
    "epidemiologist": _l("epidemiologist"), "registrar": _l("registrar"),
    "supervisor": _l("supervisor"), "leader": _l("leader"), "system": _l("the system"),
}
UNIT_KINDS: dict[str, Any] = {
    "outside": _l("Outside"), "checkpoint": _l("Checkpoints"), "crew": _l("Transfer crews"),
    "sampling_point": _l("Sampling points"), "courier": _l("Couriers"),
    "laboratory": _l("Laboratories"), "isolation_site": _l("Isolation sites"),
    "community": _l("Townships"), "office": _l("Command"),
}
SUBJECT_KINDS: dict[str, Any] = {
    "person": _l("people"), "vehicle": _l("vehicles"), "specimen": _l("tubes"),
}


def kind_word(kind: str) -> str:
    """A kind of fact as a short phrase."""
    return str(KINDS.get(kind, kind))


def finding(code: str, params: dict[str, Any]) -> str:
    """What a finding says; of an unknown code, the code in plain words."""
    sentence = FINDINGS.get(code)
    if sentence is None:
        return code.replace("_", " ")
    try:
        return str(sentence) % params
    except KeyError:
        return str(sentence)


def finding_title(code: str) -> str:
    """A kind of finding in a few words."""
    return str(FINDING_TITLES.get(code, code.replace("_", " ")))


def role(name: str) -> str:
    return str(ROLES.get(name, name))


def unit_kind(kind: str) -> str:
    return str(UNIT_KINDS.get(kind, kind))


def subjects(kind: str) -> str:
    return str(SUBJECT_KINDS.get(kind, kind))


CHAIN_ROLES: dict[str, Any] = {
    "post_leader": _l("leader of the post"), "site_leader": _l("leader of the site"),
    "laboratory_leader": _l("leader of the laboratory"), "dispatcher": _l("dispatcher"),
    "township_leader": _l("leader of the township"), "duty_officer": _l("duty officer"),
    "county_leader": _l("county leader"),
}


def chain_role(name: str) -> str:
    """Whom a chain of responsibility names."""
    return str(CHAIN_ROLES.get(name, name.replace("_", " ")))


def yes_no(value: bool) -> str:
    return _("yes") if value else _("no")


def finding_of(found: Any) -> str:
    """A finding of the board in words; its params are JSON text."""
    return finding(found.code, msgspec.json.decode(found.params))


WHY: dict[str, Any] = {
    "arrival": _l("arrived"), "passed": _l("went on"), "turned_back": _l("turned back"),
    "cleared": _l("left the post"), "released": _l("released"), "handover": _l("handed over"),
    "accepted": _l("accepted"), "refused": _l("refused"), "expired": _l("not answered in time"),
    "withdrawn": _l("withdrawn"), "correction": _l("corrected"), "merge": _l("records merged"),
    "collected": _l("collected"), "voided": _l("voided"), "lost": _l("lost"),
    "discarded": _l("discarded"), "parked_by_owner": _l("parked by its owner"),
    "escorted": _l("escorted"), "superseded": _l("arrived again elsewhere"),
}
RESULTS: dict[str, tuple[str, Any]] = {
    "negative": ("green", _l("negative")), "positive": ("red", _l("positive")),
    "inconclusive": ("yellow", _l("inconclusive")), "invalid": ("yellow", _l("invalid: repeat")),
    "voided": ("none", _l("voided")), "lost": ("none", _l("lost")),
}
PAGES: dict[str, Any] = {"person": _l("the record"), "search": _l("a search"),
                         "gate": _l("the gate"), "slip": _l("the slip")}


def why(word: str) -> str:
    """Why something moved, or how an offer was answered."""
    return str(WHY.get(word, word.replace("_", " ")))


def cleared(reason: str) -> str:
    return why(reason)


def page(name: str) -> str:
    return str(PAGES.get(name, name))


def purpose(name: str) -> str:
    """Which owed test a specimen answers."""
    if name == "landing":
        return _("landing")
    if name == "resample":
        return _("taken again")
    if name == "screening":
        return _("screening")
    if name.startswith("day-"):
        return _("day %(day)s") % {"day": name.removeprefix("day-")}
    return name


def result(tube: Any) -> tuple[str, str]:
    """(colour, word) of a tube's result."""
    state = getattr(tube, "result", None) or getattr(tube, "state", "")
    colour, word = RESULTS.get(state, ("none", _l("no result yet")))
    return colour, str(word)


def stay(told: Any) -> str:
    """Where somebody was, from when to when, and what was answered to the list's places."""
    county = counties.county_of(told.division)
    place = county.label if county else told.division
    if told.area is None:
        answer = _("not asked about listed places")
    elif told.area == "none":
        answer = _("none of the listed places")
    else:
        answer = told.area.rpartition("/")[2]
    return f"{place} · {answer} · {times.day(told.since)}–{times.day(told.until)}"


CONVEYANCES: dict[str, Any] = {
    "car": _l("car"), "truck": _l("lorry"), "coach": _l("coach"), "train": _l("train"),
    "motorcycle": _l("motorcycle"), "foot": _l("on foot"), "other": _l("other"),
}
DOCUMENTS: dict[str, Any] = {
    "resident_id": _l("resident identity card"),
    "hk_macao_permit": _l("Hong Kong and Macao permit"), "taiwan_permit": _l("Taiwan permit"),
    "passport": _l("passport"), "foreign_permanent_resident": _l("permanent resident card"),
    "other": _l("other document"),
}
SPECIALS: dict[str, Any] = {
    "child": _l("child of 14 or younger"), "pregnant": _l("pregnant"),
    "serious_illness": _l("seriously ill"), "needs_care": _l("needs care"),
    "carer": _l("carer of somebody"),
}


def conveyance(kind: str) -> str:
    return str(CONVEYANCES.get(kind, kind))


def document(kind: str) -> str:
    return str(DOCUMENTS.get(kind, kind))


def special(name: str) -> str:
    return str(SPECIALS.get(name, name))


TRIPS: dict[str, Any] = {"planned": _l("planned"), "departed": _l("on the way"),
                         "arrived": _l("arrived"), "cancelled": _l("cancelled")}
RUNS: dict[str, Any] = {
    "awaits_second_reader": _l("awaits the second reader"),
    "controls_failed": _l("controls failed: repeat"), "confirmed": _l("confirmed")}
READINGS: dict[str, Any] = {
    "negative": _l("negative"), "positive": _l("positive"), "inconclusive": _l("inconclusive"),
    "invalid": _l("invalid"), "passed": _l("control passed"), "failed": _l("control failed")}
SLOTS: dict[str, Any] = {"morning": _l("morning"), "evening": _l("evening")}


def trip_state(state: str) -> str:
    return str(TRIPS.get(state, state))


def run_state(state: str) -> str:
    return str(RUNS.get(state, state))


def reading(name: str) -> str:
    """What a well of a run was read as."""
    return str(READINGS.get(name, name))


def slot(name: str) -> str:
    return str(SLOTS.get(name, name))


CONTROLS: dict[str, Any] = {"positive": _l("positive control"), "negative": _l("negative control"),
                            "extraction": _l("extraction control")}


def control(name: str) -> str:
    return str(CONTROLS.get(name, name))


LIKENESS: dict[str, Any] = {
    "same_name": _l("same name"), "same_sound": _l("names sound alike"),
    "similar_sound": _l("names sound similar"), "similar_name": _l("similar names"),
    "same_birth_date": _l("same birth date"), "day_and_month_swapped": _l("day and month swapped"),
    "birth_date_digits_swapped": _l("two digits of the birth date swapped"),
    "same_day_or_year": _l("same day or year of birth"), "same_phone": _l("same phone"),
    "birth_date_one_slip": _l("birth dates differ by one slip"),
    "other_birth_date": _l("other birth date"), "phone_one_slip": _l("phones differ by one slip"),
    "sex_differs": _l("sex differs"), "same_document": _l("same document"),
    "other_resident_id": _l("another right resident number"),
    "document_one_slip": _l("document numbers differ by one slip"),
}


def likeness(reason: str) -> str:
    """Why two records may be one person."""
    return str(LIKENESS.get(reason, reason.replace("_", " ")))
