"""What the sampling screen says. A tube is refused by the server's names (specimens/rules.py)."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "screen_sample": _("Take swabs"),
    "screen_sample_hint": _("Scan the person, scan the tube, the next"),
    "sample_owed_one": _("{n} person to swab"),
    "sample_owed_other": _("{n} people to swab"),
    "sample_count": _("{n} of {m} sampled"),
    "sample_car": _("Vehicle {plate}."),
    "sample_scan_person": _("Scan the person's document or slip, or choose below"),
    "sample_scan_tube": _("Look at the face, then scan the tube"),
    "sample_saved": _("{name}: tube {tube}, saved at {time}"),
    "sample_voided": _("Tube {tube} is void. The swab is owed again; take a new tube."),
    "sample_more": _("{n} more are not shown. Scan the person."),
    "sample_nameless": _("Name not known here"),
    "sample_last": _("ends in {last}"),
    "sample_due": _("due {at}"),
    "sample_late": _("overdue since {at}"),
    "sample_done": _("sampled at {at}"),
    "purpose_landing": _("Landing test, urgent"),
    "purpose_resample": _("Taken again, urgent"),
    "purpose_screening": _("Screening"),
    "purpose_day": _("Test of day {day}"),
    "purpose_not_owed": _("No test is owed, as far as this device knows"),
    # Warnings: the swab may go on.
    "sample_not_here": _("This device does not know that the person is at this post. The swab "
                         "counts; register the person, too."),
    "sample_elsewhere": _("The person is in the account of {unit}. The swab counts all the same."),
    # Refusals.
    "sample_person_unknown": _("Nobody with this document is registered on this device. "
                               "Register the person first, or scan the slip."),
    "sample_person_several": _("Several people have this document. Choose the right one in the "
                               "list."),
    "sample_person_first": _("Scan the person first, then the tube."),
    "sample_just_now": _("{name} was sampled at {at}. Scan the next person; or take another "
                         "swab, if that is meant."),
    "label_not_plain": _("“{tube}” is no tube's label. A label has 1 to 40 letters, digits, "
                         "dots, dashes. Scan the label on the tube."),
    "label_misread": _("The check digit of label “{tube}” is wrong. Scan it again; if it stays, "
                       "take another tube."),
    "tube_other_series": _("“{tube}” is no label of a tube for one person. Scan the label on a "
                           "tube for one person."),
    "tube_is_bag": _("“{tube}” is a bag's label. Scan the label on the tube."),
    "tube_used": _("Tube {tube} has been used for this person already. Take a new one."),
    "tube_of_another": _("Tube {tube} holds another person's specimen. One tube is for one "
                         "person: take a new one."),
    "undo_gone": _("This tube is not at this post any more. Whoever holds it voids it."),
    "undo_offered": _("Tube {tube} is offered to somebody. Take the offer back first, then void "
                      "the tube."),
    # Reasons that go up with the fact.
    "void_wrong_person": _("Another person was swabbed"),
    "void_leaked": _("The tube leaks or is broken"),
    "void_no_swab": _("No swab went into it"),
}
