"""What a finding says: a title a kind, and a sentence with its particulars.

A finding's params are as its room gave them; codes of units among them become names.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pratique.desks import sentences
from pratique.desks import words as words_of_packs
from pratique.desks.refusal_words import REFUSED

# code: (title, sentence with params); the sentence may be the title's where there is no more to say
WORDS: dict[str, tuple[Any, Any]] = {
    "handover_refused": (_("refused hand-over"), _("refused by %(taker)s: %(reason)s")),
    "handover_expired": (_("unanswered hand-over"),
                         _("no answer from %(taker)s before the deadline")),
    "handover_withdrawn": (_("withdrawn offer"), _("offer to %(taker)s withdrawn: %(reason)s")),
    "count_differs": (_("head count differs"),
                      _("%(subject_kind)s: %(counted)s counted, %(held)s in the account")),
    "superseded": (_("late hand-over"), _("said of somebody whom others hold by now")),
    "not_the_holder": (_("not the holder"), _("given away by somebody who does not hold it")),
    "already_held": (_("held already"), _("born into the ledger a second time")),
    **{f"already_{outcome}": (
        _("answered already"), _("was answered at %(at)s; what came later changed nothing"))
       for outcome in ("accepted", "refused", "withdrawn", "expired")},
    "not_offered": (_("was not on offer"), _("This subject is not part of that hand-over.")),
    "lane_difference": (_("lane differs"),
                        _("lane %(lane)s: %(counted)s counted, %(registered)s registered")),
    "occupants_differ": (_("people aboard differ"),
                         _("%(plate)s: %(occupants)s aboard, %(registered)s registered")),
    "plate_twice": (_("plate seen twice"), _("%(plate)s stands at two posts at once")),
    "plate_unreadable": (_("plate unreadable"), _("plate %(plate)s is of no known form")),
    "plate_is_a_trailers": (_("trailer's plate"), _("%(plate)s is a trailer's plate")),
    "arrival_left_open": (_("vehicle never cleared"),
                          _("arrived again; at %(post)s it was never cleared")),
    "episode_left_open": (_("arrived again"), _("arrived again while an earlier arrival was open")),
    "episode_ended": (_("arrival is over"), _(
        "This episode has ended; its stays are not graded again. Somebody must look at it.")),
    "other_episode": (_("another arrival"), _(
        "That episode is not the person's present one.")),
    "destination_unknown": (_("destination unknown"),
                            _("There is no community “%(given)s” to go to.")),
    "tube_voided": (_("tube voided"), _("tube %(tube)s voided at %(holder)s: %(reason)s")),
    "tube_lost": (_("tube lost"), _("tube %(tube)s lost at %(holder)s: %(reason)s")),
    "tube_used": (_("tube used twice"), _("a second person on one tube")),
    "specimen_known": (_("swab in two tubes"),
                       _("This specimen has been collected into another tube.")),
    "never_held": (_("bagged by a stranger"),
                   _("“%(place)s” has never held one of these tubes.")),
    "run_exists": (_("run imported twice"), _("This run has been imported already.")),
    "file_imported": (_("file imported twice"),
                      _("This file has been imported already, as run %(run)s.")),
    "already_confirmed": (_("confirmed twice"), _(
        "This run was confirmed at %(at)s by %(by)s. Nothing was changed.")),
    "run_controls_failed": (_("controls failed"), _("plate %(plate)s: %(controls)s")),
    "wells_withheld": (_("wells held back"),
                       _("plate %(plate)s: run again %(wells)s")),
    "run_too_fast": (_("run too fast"), _("plate %(plate)s was finished faster than it can be")),
    "run_same_values": (_("run too even"), _("plate %(plate)s has too many equal values")),
    "result_for_unknown_tube": (_("result for an unknown tube"),
                                _("tube %(tube)s on plate %(plate)s: nobody collected it")),
    "result_for_voided_tube": (_("result for a voided tube"),
                               _("tube %(tube)s on plate %(plate)s was voided or lost")),
    "result_for_tube_elsewhere": (_("result for a tube elsewhere"),
                                  _("tube %(tube)s on plate %(plate)s was never taken over")),
    "negative_after_positive": (_("negative after positive"),
                                _("tube %(tube)s: a negative cannot follow a positive")),
    "trip_planned_already": (_("planned twice"), _("This trip has been planned already.")),
    **{f"trip_{state}": (_("step of a trip told twice"), _(
        "This trip is %(state)s already. Nothing was changed."))
       for state in ("planned", "departed", "arrived", "cancelled")},
    "has_left": (_("has left"),
                 _("This person has left “%(site)s”; “%(account)s” holds them now.")),
    "later_room_known": (_("room told late"),
                         _("A later room is known: “%(room)s”. Nothing was changed.")),
    "parked_too_long": (_("waits too long"),
                        _("%(kind)s: what it follows was not heard in %(hours)s hours")),
    "trip_not_planned": (_("trip without a plan"),
                         _("%(vehicle)s drives, and no plan that allows it is known")),
    "device_silent": (_("device not heard"), _(
        "%(label)s: not heard, or facts missing, for over %(hours)s hours (%(missing)s missing)")),
    "place_superseded": (_("place given twice"), _("another place was confirmed: %(now)s")),
    "place_lost": (_("place lost"), _("%(account)s cancelled a place that a trip counts on")),
    "departed_not_disinfected": (_("not disinfected"), _("%(vehicle)s left without disinfection")),
    "departed_at_night": (_("night drive"), _("departed between 02:00 and 05:00")),
    "drove_at_night": (_("night drive"), _("was on the road between 02:00 and 05:00")),
    "drove_too_long": (_("drove too long"),
                       _("%(minutes)s minutes at the wheel, most is %(most)s")),
    "departed_without_place": (_("no confirmed place"),
                               _("on the way to %(destination)s without a confirmed place")),
    "passenger_missing": (_("passenger missing"), _("on the list from %(origin)s, not aboard")),
    "passenger_not_on_list": (_("passenger not on the list"),
                              _("aboard %(vehicle)s and not on its list")),
    "symptoms": (_("symptoms"), _("%(temperature)s °C %(symptoms)s")),
    "not_at_home": (_("not at home"), _("not found at home")),
    "need_named": (_("need named"), _("needs something: see the visit")),
    "visit_of_stranger": (_("visit of a stranger"),
                          _("visited by a unit that does not hold them")),
    "reading_of_stranger": (_("reading of a stranger"),
                            _("read by a unit that does not hold them")),
    "risk_list_totals": (_("list's totals differ"),
                         _("the publisher's totals differ: %(difference)s")),
    "list_exists": (_("list published twice"), _(
        "Another list with the stamp %(stamp)s is known already.")),
    "unit_exists": (_("unit opened twice"), _("There is a unit “%(code)s” already.")),
    "unit_closed": (_("unit closed twice"), _("“%(code)s” is closed already.")),
    "unit_not_empty": (_("unit not empty"),
                       _("“%(code)s” still holds somebody or something.")),
    "room_exists": (_("rooms opened twice"), _("The site has these rooms already: %(rooms)s.")),
    "username_taken": (_("user name taken"),
                       _("Somebody else has the user name “%(name)s”.")),
    "device_in_use": (_("device id in use"), _(
        "A device with this id is enrolled already, and this is not its key.")),
    "token_in_use": (_("token in use"), _("Another device has this token or key.")),
    "merged_already": (_("merged already"), _("one of the two goes on under another record")),
    "undone_already": (_("merge undone twice"), _("This merge has been undone already.")),
    "document_not_right": (_("document not right"), _("the document's number breaks its rule")),
    "merged_was_held": (_("merged record moved"), _("a merged record was held by %(account)s")),
    "merge_undone": (_("merge undone"), _("a merge was undone; look where the person is")),
    "role_not_held": (_("role not held"), _("a role was ended that was not held there")),
    "same_person_twice": (_("same person twice"), _("two records are very likely one person")),
    "device_clock": (_("device's clock wrong"), _(
        "The clock of “%(label)s” is off by %(days)s days %(clock)s. Its entries count by "
        "corrected times; set the clock.")),
    "moments_not_believed": (_("times that cannot be"), _(
        "“%(label)s” sent %(count)s entries with times that cannot be; they count from when they "
        "came. Ask at the post when it was.")),
    "emergency_admitted": (_("in hospital"), _("admitted to %(hospital)s")),
}
# What closed a finding where a fact did; a person says it in their own words.
OUTCOMES: dict[str, Any] = {
    "balanced": _("It balances now."),
    "explained": _("The difference was explained."),
    "had_left_before": _("The first vehicle had left before."),
    "run_again": _("Every tube was run again, or is gone."),
    "waits_no_more": _("It waits no more: what it follows has come."),
    "heard_again": _("It was heard again, and nothing is missing."),
    "device_revoked": _("The device was revoked."),
    "tube_has_come": _("The tube has come."),
    "merged": _("The two records were merged."),
    "clock_right": _("The clock is right again."),
    "two_people": _("They are two people."),
    "boarded_heard_late": _("They were aboard; it was heard late."),
}
Naming = Callable[[str], str]


def title(code: str) -> str:
    """A kind of finding in a few words."""
    if code in WORDS:
        return str(WORDS[code][0])
    return gettext("refused when its turn came") if code in REFUSED else code.replace("_", " ")


def sentence(code: str, params: dict[str, Any], name_of: Naming | None = None) -> str:
    """What this finding says; of an unknown kind, its code in plain words."""
    words = WORDS[code][1] if code in WORDS else REFUSED.get(code)
    if words is None:
        return title(code)
    named = {key: name_of(value) if name_of and isinstance(value, str) else value
             for key, value in params.items()}
    if "kind" in named:
        named["kind"] = sentences.kind_word(params["kind"])
    if "measure" in named:
        named["measure"] = words_of_packs.measure_named(str(params["measure"]))
    if "subject_kind" in named:
        named["subject_kind"] = sentences.subjects(params["subject_kind"])
    if "state" in named:
        named["state"] = sentences.trip_state(params["state"])
    if "symptoms" in params:
        named["symptoms"] = sentences.symptoms(str(params["symptoms"]))
    try:
        return str(words) % {key: "" if v is None else v for key, v in named.items()}
    except KeyError:
        return title(code)


def of(found: Any, name_of: Naming | None = None) -> str:
    """The sentence of a finding whose params are JSON text."""
    return sentence(found.code, msgspec.json.decode(found.params), name_of)


def outcome(text: str) -> str:
    """What came of a finding: a fact's word in plain words, or what a person wrote."""
    return str(OUTCOMES.get(text, text))
