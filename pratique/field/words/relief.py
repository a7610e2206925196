"""What handing a post over to the next shift says."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "relief_title": _("Hand the post over"),
    "relief_why": _("Count together with who comes, and type what you counted. What the device "
                    "knows is shown afterwards."),
    "relief_alone": _("Count what is here"),
    "relief_alone_why": _("Who left is not here to count with you. Type what you find; what the "
                          "device knows is shown afterwards."),
    "relief_next": _("Next: who comes signs"),
    "relief_save": _("Save the counts"),
    "relief_done": _("Saved. The post is {name}'s now."),
    "counts_saved": _("The counts are saved."),
    "count_number": _("A whole number, 0 where there is none."),
    "type_person": _("People"),
    "type_vehicle": _("Vehicles"),
    "type_specimen": _("Tubes"),
    "count_same": _("same"),
    "count_differs": _("differs"),
    "counts_same": _("All counts agree"),
    "counts_differ_one": _("{n} count differs"),
    "counts_differ_other": _("{n} counts differ"),
    "differs_person": _("People: {counted} counted, {known} on this device"),
    "differs_vehicle": _("Vehicles: {counted} counted, {known} on this device"),
    "differs_specimen": _("Tubes: {counted} counted, {known} on this device"),
    "known_here": _("The device knows: {names}"),
    "known_none": _("The device knows none."),
    "and_more": _("and {n} more"),
    "unsent_one": _("{n} entry of this device is not sent yet."),
    "unsent_other": _("{n} entries of this device are not sent yet."),
}
