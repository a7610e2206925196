"""What handing over and receiving say."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "screen_handover": _("Hand over"),
    "screen_handover_hint": _("People, tubes and bags to a crew, a courier, a laboratory, a site"),
    "screen_receive": _("Receive"),
    "screen_receive_hint": _("Read an offer, tick what is here, answer"),
    "handover_people_one": _("{n} person"),
    "handover_people_other": _("{n} people"),
    "handover_tubes_one": _("{n} tube"),
    "handover_tubes_other": _("{n} tubes"),
    "handover_vehicles_one": _("{n} vehicle"),
    "handover_vehicles_other": _("{n} vehicles"),
    "handover_nothing": _("Hand over"),
    "handover_bag": _("Bag {bag}"),
    "handover_vehicle": _("People of {plate}"),
    "handover_other_person": _("People without a vehicle"),
    "handover_other_specimen": _("Tubes in no bag"),
    "handover_other_vehicle": _("Vehicles"),
    "handover_single": _("One by one"),
    "handover_goes": _("goes"),
    "handover_stays": _("stays here"),
    "handover_choose_taker": _("Choose who takes over"),
    "handover_suggested": _("{unit} (suggested)"),
    "handover_to": _("Offered to {unit}"),
    "handover_waits": _("Waits for the answer until {time}"),
    "handover_late": _("Its time was over at {time} without an answer. Put it back in hand, then "
                       "offer again."),
    "handover_elsewhere_made": _("Another device of this unit made the offer and has its codes."),
    "handover_over": _("This offer is not open any more."),
    "handover_gone": _("No open offer"),
    "handover_done": _("{n} of {of} taken over"),
    "handover_all": _("All taken over. The answer is kept and goes up with the network."),
    "handover_came_back_one": _("{n} was refused and is here again"),
    "handover_came_back_other": _("{n} were refused and are here again"),
    "handover_refused": _("Refused: {reason}"),
    "handover_back": _("{what}: taken back, in hand again"),
    "handover_back_reason": _("Taken back by the giver before an answer"),
    "receive_title": _("Receive"),
    "receive_count": _("{n} of {of}"),
    "receive_from": _("From {unit}"),
    "receive_until": _("to be answered until {time}"),
    "receive_ticked": _("here"),
    "receive_not_yet": _("not ticked yet"),
    "receive_no_name": _("No name told"),
    "receive_refuse": _("Refuse …"),
    "receive_refuse_named": _("Refuse {what}"),
    "receive_not_here": _("Is not here"),
    "receive_damaged": _("Is damaged or leaks"),
    "receive_no_room": _("No seat, bed or room for it"),
    "receive_another": _("Is not the one that the list names"),
    "receive_save": _("Take over {n}"),
    "receive_save_some": _("Take over {n}, refuse {no}"),
    "receive_saved": _("{n} of {of} taken over"),
    "receive_answer": _("Answer"),
    "receive_answer_gone": _("This answer is not on this device any more"),
    # Refusals.
    "handover_unknown": _("This device does not know {what}. Only what this unit holds can be "
                          "handed over: register or receive it first."),
    "handover_elsewhere": _("{what} is in another account. Whoever holds it hands it over."),
    "handover_on_offer": _("{what} is offered to somebody already and waits for the answer. Take "
                           "that offer back first."),
    "handover_full": _("One hand-over has at most {most} lines. Offer these, then the others."),
    "handover_empty": _("Nothing is chosen. Scan or choose what goes."),
    "handover_no_taker": _("Choose who takes over."),
    "handover_frame_here": _("This is a code of somebody's offer. Scan it again here, where offers "
                             "are received."),
    "handover_answer_waits": _("This screen waits for the codes of the taker's answer. Go back to "
                               "choose other things."),
    "handover_answered": _("This offer was answered meanwhile. Nothing was taken back."),
    "receive_held": _("{what} is in this unit's hands already: another device took this hand-over. "
                      "Nothing was taken over a second time."),
    "receive_nothing_open": _("No offer is open. Read the giver's square codes, or open one from "
                              "the list."),
    "receive_not_on_it": _("{what} is not on this offer. Leave it with the giver, who offers it "
                           "anew."),
    "receive_twice": _("{what} is ticked already. It was not counted twice."),
    "receive_undecided": _("{n} not decided, {what} among them. Tick it, or refuse it with a "
                           "reason."),
    "receive_count_number": _("Type how many people are aboard, in digits."),
}
