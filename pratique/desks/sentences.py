"""Facts in words: one short phrase a kind, for stories and receipts."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pratique.desks import counties, times

KINDS: dict[str, Any] = {
    "checkpoint.vehicle_arrived": _("vehicle registered"),
    "checkpoint.person_arrived": _("person registered"),
    "checkpoint.stays_corrected": _("stays corrected"),
    "checkpoint.vehicle_cleared": _("vehicle left the post"),
    "checkpoint.person_passed": _("person went on"),
    "checkpoint.person_turned_back": _("person turned back"),
    "checkpoint.lane_counted": _("lane counted"),
    "checkpoint.lane_explained": _("difference explained"),
    "checkpoint.occupants_explained": _("people aboard explained"),
    "checkpoint.plate_explained": _("plate seen twice explained"),
    "checkpoint.expected": _("arrival announced"),
    "custody.offered": _("offered"),
    "custody.answered": _("answered"),
    "custody.withdrawn": _("offer withdrawn"),
    "custody.expired": _("offer expired"),
    "custody.head_counted": _("heads counted"),
    "custody.post_handed_over": _("post handed over"),
    "custody.difference_explained": _("difference explained"),
    "custody.corrected": _("ledger corrected"),
    "specimens.collected": _("specimen collected"),
    "specimens.bagged": _("bag sealed"),
    "specimens.voided": _("specimen voided"),
    "specimens.lost": _("specimen reported lost"),
    "specimens.discarded": _("specimens discarded"),
    "specimens.run_imported": _("run imported"),
    "specimens.run_confirmed": _("run confirmed by the second reader"),
    "transfer.place_confirmed": _("place confirmed"),
    "transfer.place_cancelled": _("place cancelled"),
    "transfer.trip_planned": _("trip planned"),
    "transfer.trip_departed": _("trip departed"),
    "transfer.trip_arrived": _("trip arrived"),
    "transfer.trip_cancelled": _("trip cancelled"),
    "transfer.vehicle_disinfected": _("vehicle disinfected"),
    "isolation.room_given": _("room given"),
    "isolation.round_done": _("round done"),
    "isolation.home_visited": _("home visited"),
    "pathway.pack_adopted": _("rules adopted"),
    "pathway.order_issued": _("order issued"),
    "pathway.order_ended": _("order ended"),
    "pathway.released": _("released"),
    "pathway.emergency_admitted": _("admitted to hospital"),
    "pathway.objected": _("objected"),
    "pathway.objection_answered": _("objection answered"),
    "registry.unit_opened": _("unit opened"),
    "registry.unit_closed": _("unit closed"),
    "registry.rooms_opened": _("rooms opened"),
    "registry.staff_enrolled": _("staff enrolled"),
    "registry.role_given": _("role given"),
    "registry.role_ended": _("role ended"),
    "registry.staff_locked": _("staff locked"),
    "registry.staff_unlocked": _("staff unlocked"),
    "registry.device_enrolled": _("device enrolled"),
    "registry.device_revoked": _("device revoked"),
    "registry.device_heard_out": _("a revoked device's facts recorded"),
    "registry.clock_compared": _("device's clock compared"),
    "registry.person_corrected": _("identity corrected"),
    "registry.persons_merged": _("records merged"),
    "registry.merge_undone": _("merge undone"),
    "registry.not_duplicate": _("not a duplicate"),
    "registry.risk_list_published": _("risk list published"),
    "registry.area_mapped": _("area's name settled"),
    "registry.duplicate_found": _("possible duplicate found"),
    "duties.taken_on": _("duty taken on"),
    "duties.lateness_explained": _("lateness explained"),
    "duties.finding_closed": _("finding closed"),
    "duties.parked_found": _("a fact waits too long"),
    "duties.device_silent_found": _("a device is not heard"),
}
ROLES: dict[str, Any] = {
    "gate_officer": _("gate officer"), "sampler": _("sampler"), "courier": _("courier"),
    "laboratory": _("laboratory"), "dispatcher": _("dispatcher"), "crew": _("crew"),
    "township_clerk": _("township clerk"), "site_head": _("head of site"),
    "epidemiologist": _("epidemiologist"), "registrar": _("registrar"),
    "supervisor": _("supervisor"), "leader": _("leader"), "system": _("the system"),
}
UNIT_KINDS: dict[str, Any] = {
    "outside": _("Outside"), "checkpoint": _("Checkpoints"), "crew": _("Transfer crews"),
    "sampling_point": _("Sampling points"), "courier": _("Couriers"),
    "laboratory": _("Laboratories"), "isolation_site": _("Isolation sites"),
    "community": _("Townships"), "office": _("Command"),
}
SUBJECT_KINDS: dict[str, Any] = {
    "person": _("people"), "vehicle": _("vehicles"), "specimen": _("tubes"),
}


def kind_word(kind: str) -> str:
    """A kind of fact as a short phrase."""
    return str(KINDS.get(kind, kind))


def role(name: str) -> str:
    return str(ROLES.get(name, name))


def unit_kind(kind: str) -> str:
    return str(UNIT_KINDS.get(kind, kind))


def subjects(kind: str) -> str:
    return str(SUBJECT_KINDS.get(kind, kind))


CHAIN_ROLES: dict[str, Any] = {
    "post_leader": _("leader of the post"), "site_leader": _("leader of the site"),
    "laboratory_leader": _("leader of the laboratory"), "dispatcher": _("dispatcher"),
    "township_leader": _("leader of the township"), "duty_officer": _("duty officer"),
    "county_leader": _("county leader"),
}


def chain_role(name: str) -> str:
    """Whom a chain of responsibility names."""
    return str(CHAIN_ROLES.get(name, name.replace("_", " ")))


def yes_no(value: bool) -> str:
    return gettext("yes") if value else gettext("no")


WHY: dict[str, Any] = {
    "arrival": _("arrived"), "passed": _("went on"), "turned_back": _("turned back"),
    "cleared": _("left the post"), "released": _("released"), "handover": _("handed over"),
    "accepted": _("accepted"), "refused": _("refused"), "expired": _("not answered in time"),
    "withdrawn": _("withdrawn"), "correction": _("corrected"), "merge": _("records merged"),
    "collected": _("collected"), "voided": _("voided"), "lost": _("lost"),
    "discarded": _("discarded"), "parked_by_owner": _("parked by its owner"),
    "escorted": _("escorted"), "superseded": _("arrived again elsewhere"),
}
RESULTS: dict[str, tuple[str, Any]] = {
    "negative": ("green", _("negative")), "positive": ("red", _("positive")),
    "inconclusive": ("yellow", _("inconclusive")), "invalid": ("yellow", _("invalid: repeat")),
    "voided": ("none", _("voided")), "lost": ("none", _("lost")),
}
PAGES: dict[str, Any] = {"person": _("the record"), "search": _("a search"),
                         "gate": _("the gate"), "slip": _("the slip"),
                         "duplicates": _("possible duplicates"),
                         "correction": _("a correction"),
                         "api_episode": _("a device: way and code, without the name")}


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
        return gettext("landing")
    if name == "resample":
        return gettext("taken again")
    if name == "screening":
        return gettext("screening")
    if name.startswith("day-"):
        return gettext("day %(day)s") % {"day": name.removeprefix("day-")}
    return name


def result(tube: Any) -> tuple[str, str]:
    """(colour, word) of a tube's result."""
    state: str = getattr(tube, "result", None) or getattr(tube, "state", None) or ""
    colour, word = RESULTS.get(state, ("none", _("no result yet")))
    return colour, str(word)


def stay(told: Any) -> str:
    """Where somebody was, from when to when, and what was answered to the list's places."""
    county = counties.county_of(told.division)
    place = county.label if county else told.division
    if told.area is None:
        answer = gettext("not asked about listed places")
    elif told.area == "none":
        answer = gettext("none of the listed places")
    else:
        answer = told.area.rpartition("/")[2]
    return f"{place} · {answer} · {times.day(told.since)}–{times.day(told.until)}"


CONVEYANCES: dict[str, Any] = {
    "car": _("car"), "truck": _("lorry"), "coach": _("coach"), "train": _("train"),
    "motorcycle": _("motorcycle"), "foot": _("on foot"), "other": _("other"),
}
DOCUMENTS: dict[str, Any] = {
    "resident_id": _("resident identity card"),
    "hk_macao_permit": _("Hong Kong and Macao permit"), "taiwan_permit": _("Taiwan permit"),
    "passport": _("passport"), "foreign_permanent_resident": _("permanent resident card"),
    "other": _("other document"),
}
SPECIALS: dict[str, Any] = {
    "child": _("child of 14 or younger"), "pregnant": _("pregnant"),
    "serious_illness": _("seriously ill"), "needs_care": _("needs care"),
    "carer": _("carer of somebody"), "emergency": _("on the way to emergency care"),
    "inbound": _("came from abroad"), "contact": _("contact of a case"),
}


def conveyance(kind: str) -> str:
    return str(CONVEYANCES.get(kind, kind))


def document(kind: str) -> str:
    return str(DOCUMENTS.get(kind, kind))


def special(name: str) -> str:
    return str(SPECIALS.get(name, name))


# Signs that a round may name; packs match the codes.
SYMPTOMS: dict[str, Any] = {
    "cough": _("cough"),
    "sore_throat": _("sore throat"),
    "breathless": _("short of breath"),
    "loss_of_smell": _("no smell or taste"),
    "headache": _("headache"),
    "weakness": _("weakness"),
    "muscle_pain": _("aching muscles"),
    "vomiting": _("vomiting"),
    "diarrhoea": _("diarrhoea"),
    "bleeding": _("bleeding"),
}


def symptoms(said: str) -> str:
    """Symptoms as a finding has them, codes parted by commas; what somebody wrote stays."""
    return ", ".join(str(SYMPTOMS.get(one, one)) for one in said.split(", "))


TRIPS: dict[str, Any] = {"planned": _("planned"), "departed": _("on the way"),
                         "arrived": _("arrived"), "cancelled": _("cancelled")}
RUNS: dict[str, Any] = {
    "awaits_second_reader": _("awaits the second reader"),
    "controls_failed": _("controls failed: repeat"), "confirmed": _("confirmed")}
READINGS: dict[str, Any] = {
    "negative": _("negative"), "positive": _("positive"), "inconclusive": _("inconclusive"),
    "invalid": _("invalid"), "passed": _("control passed"), "failed": _("control failed")}
SLOTS: dict[str, Any] = {"morning": _("morning"), "evening": _("evening")}


def trip_state(state: str) -> str:
    return str(TRIPS.get(state, state))


def run_state(state: str) -> str:
    return str(RUNS.get(state, state))


def reading(name: str) -> str:
    """What a well of a run was read as."""
    return str(READINGS.get(name, name))


def slot(name: str) -> str:
    return str(SLOTS.get(name, name))


CONTROLS: dict[str, Any] = {"positive": _("positive control"), "negative": _("negative control"),
                            "extraction": _("extraction control")}


def control(name: str) -> str:
    return str(CONTROLS.get(name, name))


LIKENESS: dict[str, Any] = {
    "same_name": _("same name"), "same_sound": _("names sound alike"),
    "similar_sound": _("names sound similar"), "similar_name": _("similar names"),
    "same_birth_date": _("same birth date"), "day_and_month_swapped": _("day and month swapped"),
    "birth_date_digits_swapped": _("two digits of the birth date swapped"),
    "same_day_or_year": _("same day or year of birth"), "same_phone": _("same phone"),
    "birth_date_one_slip": _("birth dates differ by one slip"),
    "other_birth_date": _("other birth date"), "phone_one_slip": _("phones differ by one slip"),
    "sex_differs": _("sex differs"), "same_document": _("same document"),
    "other_resident_id": _("another right resident number"),
    "document_one_slip": _("document numbers differ by one slip"),
}


def likeness(reason: str) -> str:
    """Why two records may be one person."""
    return str(LIKENESS.get(reason, reason.replace("_", " ")))
