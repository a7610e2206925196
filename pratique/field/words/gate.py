"""What the gate's screens say, and what a decision says under its mark."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from pratique.desks import sentences

SENTENCES = {
    "gate_counted": _("{n} of {all} aboard"),
    "gate_more": _("{plate}: more people"),
    "gate_people_one": _("{n} person"),
    "gate_people_other": _("{n} people"),
    "gate_register_one": _("Register {n} person"),
    "gate_register_other": _("Register {n} people"),
    "gate_where_one": _("Where in the last day, all aboard"),
    "gate_where_other": _("Where in the last {n} days, all aboard"),
    "gate_short_one": _("{n} person who was counted is not registered yet."),
    "gate_short_other": _("{n} people who were counted are not registered yet."),
    "gate_more_than_counted": _("{n} are registered, {all} were counted. Count again."),
    "gate_more_than_seats": _("{n} people on {seats} seats. Look again."),
    "gate_announced_one": _("{n} person is announced with this plate:"),
    "gate_announced_other": _("{n} people are announced with this plate:"),
    "gate_twice": _("{name} is on the list already."),
    "gate_remove": _("Take {name} off the list"),
    "gate_another_stay": _("Another stay"),
    "gate_other_stays": _("Was elsewhere than the others"),
    "gate_same_stays": _("Was where the others were"),
    "gate_none_listed": _("The list in force names no place in {county}."),
    "gate_listed_one": _("The list in force names {n} place. Ask, then tick."),
    "gate_listed_other": _("The list in force names {n} places. Ask about each, then tick."),
    "gate_listed_places": _("Listed places"),
    "gate_none_of_these": _("None of these"),
    "gate_cannot_say": _("Cannot say"),
    "gate_never_none": _("never counts as none"),
    "gate_filter": _("Narrow the list"),
    # What is missing or wrong.
    "gate_occupants": _("How many people are aboard, driver included?"),
    "gate_seats": _("Between 1 and 200 seats, or nothing."),
    "gate_destination": _("Where will the person go?"),
    "gate_county": _("Choose a county from the suggestions."),
    "gate_days": _("Enter both days."),
    "gate_days_order": _("The first day comes before the last, and the last is not after today."),
    "gate_places": _("Ask about the listed places, then tick: those, none of them, or cannot "
                     "say."),
    "gate_places_alone": _("“None” and “cannot say” stand alone."),
    "gate_nobody": _("Nobody is on the list yet. Scan the first document."),
    "gate_name": _("Enter the name as the document has it."),
    # A vehicle that stands here.
    "gate_has_left": _("This vehicle has left the post"),
    "gate_on_offer": _("on offer"),
    "gate_sampled": _("swab taken"),
    "gate_passed_one": _("{n} person goes on"),
    "gate_passed_other": _("{n} people go on"),
    "gate_cleared": _("{plate} has left the post"),
    # Decisions.
    "standing_not_decided": _("not decided here"),
    "standing_not_decided_why": _("This device has no rules for this moment. Keep the person at "
                                  "the post and ask the duty leader."),
    "standing_old_data": _("{word}, by old data"),
    "standing_until": _("Until {time}"),
    "step_swab": _("Swab now"),
    "step_transfer": _("Then hand over for transfer"),
}
PAPERS = {
    "identity": _("identity document"), "test_48h": _("test result of the last 48 hours"),
    "pass": _("pass of goods traffic"), "code": _("health code of another place"),
}
LEAVINGS = {
    "cleared": _("goes on"), "turned_back": _("turned back"),
    "parked_by_owner": _("parked by its owner"), "escorted": _("escorted"),
}


def choices() -> dict[str, Any]:
    """What the gate's templates let one choose from, by code."""
    from pratique.desks.views.turning_back import REASONS

    return {"conveyances": sentences.CONVEYANCES, "documents": sentences.DOCUMENTS,
            "specials": sentences.SPECIALS, "papers": PAPERS, "leavings": LEAVINGS,
            "turning_back": list(REASONS.values())}
