"""What the screens say that are a list, a scan, a tick and a reason."""

from django.utils.translation import gettext_lazy as _

from pratique.desks import sentences

LISTS = {
    "list_empty": _("Nobody is on this list."),
    "list_none_open": _("Nothing here is still open."),
    "list_more": _("{n} more: type a name or a room to narrow the list."),
    "list_no_name": _("without a name, …{id}"),
    "list_stranger": _("This is nobody on the list. Look at the name, and scan again."),
    "list_twice": _("{name} is ticked already."),
}
ROUND = {
    "screen_round": _("Round"),
    "screen_round_hint": _("Temperatures of the morning or the evening, room by room"),
    "round_morning": _("Morning round of {day}"),
    "round_evening": _("Evening round of {day}"),
    "round_slot_morning": _("Morning"),
    "round_slot_evening": _("Evening"),
    "round_total": _("{n} of {all} read"),
    "round_open": _("open"),
    "round_read": _("read"),
    "round_no_answer": _("no answer, stays owed"),
    "round_not_saved": _("not saved yet"),
    "round_signs": _("{what}: to be looked at"),
    "round_degrees": _("{value} °C"),
    "round_number": _("Write a temperature such as 36.5."),
    "round_impossible": _("{value} °C is not a body's temperature. Measure again."),
    "round_unusual": _("{value} °C is unusual. Measure again; if it stays, press “Next” once "
                       "more."),
    "round_save_one": _("Save {n} reading"),
    "round_save_other": _("Save {n} readings"),
    "round_save_first": _("Save what was entered first."),
    "round_saved_one": _("{n} reading is saved. Nobody is left."),
    "round_saved_other": _("{n} readings are saved. Nobody is left."),
    "round_saved_left_one": _("Saved. {n} person is still open."),
    "round_saved_left_other": _("Saved. {n} people are still open."),
    **{f"symptom.{code}": words for code, words in sentences.SYMPTOMS.items()},
}
VISIT = {
    "screen_visit": _("Door visits"),
    "screen_visit_hint": _("Who is at home, and what they need"),
    "visit_total": _("{n} of {all} visited today"),
    "visit_open": _("not visited today"),
    "visit_due": _("due {time}"),
    "visit_late": _("overdue since {time}"),
    "visit_found": _("found at home"),
    "visit_not_found": _("nobody opened"),
    "visit_no_address": _("This device knows no address."),
    "visit_call": _("Call {phone}"),
    "visit_last": _("Last visit: {time}"),
    "visit_saved": _("The visit to {name} is saved."),
}
COUNT = {
    "screen_count": _("Count heads"),
    "screen_count_hint": _("People, vehicles or tubes, apart from the books"),
    "count_none_yet": _("Scan one after another"),
    "count_one_by_one_one": _("{n} counted"),
    "count_one_by_one_other": _("{n} counted"),
    "count_stranger": _("not known to this device"),
    "count_twice": _("{name} is counted already."),
    "count_other_kind": _("That is of another kind. Choose above what is counted."),
    "count_save_first": _("Save this count first."),
    "count_too_many": _("At most {most} are counted one by one. Count on, and type the number."),
    "count_agrees": _("{n}: count and books agree"),
    "count_missing": _("Not met"),
    "count_look_for": _("Look for each of these"),
    "count_strangers": _("Met, and not known to this device"),
    "count_reason": _("Say why, in words of your own."),
    "count_explained": _("The explanation is saved."),
}
SENTENCES = {**LISTS, **ROUND, **VISIT, **COUNT}
