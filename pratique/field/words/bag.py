"""What the bagging screen says."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "screen_bag": _("Pack tubes"),
    "screen_bag_hint": _("Scan tubes into a bag, seal it, count twice"),
    "bag_tubes_one": _("{n} tube in the bag"),
    "bag_tubes_other": _("{n} tubes in the bag"),
    "bag_count_now": _("Count the tubes"),
    "bag_step_tubes": _("Scan each tube as it goes in"),
    "bag_step_bag": _("Scan the bag's label"),
    "bag_step_seal": _("Close the bag and scan its seal"),
    "bag_step_count": _("Another person counts the tubes through the bag and types the number"),
    "bag_step_again": _("Scan every tube once more: those that are not found are named below"),
    "bag_is": _("Bag {bag}"),
    "bag_seal_is": _("seal {seal}"),
    "bag_free_one": _("{n} tube in no bag"),
    "bag_free_other": _("{n} tubes in no bag"),
    "bag_waits": _("taken {at}"),
    "bag_in": _("in this bag · taken {at}"),
    "bag_urgent": _("Urgent"),
    "bag_urgent_of": _("{n} urgent"),
    "bag_holds_one": _("{n} tube"),
    "bag_holds_other": _("{n} tubes"),
    "bag_missing_one": _("{n} tube not found yet"),
    "bag_missing_other": _("{n} tubes not found yet"),
    "bag_not_seen": _("not found by the second scan"),
    "bag_saved": _("Bag {bag} with {n} tubes saved at {time}"),
    # Refusals.
    "bag_empty": _("There is no tube in the bag. Scan the tubes first."),
    "bag_full": _("A bag takes at most {most} tubes. Close this one and begin another."),
    "bag_tube_unknown": _("This device does not know tube {tube}. Only tubes that this post "
                          "holds go into its bag: scan it where it was taken, or accept it "
                          "first."),
    "bag_tube_or_label": _("No tube here has the label {tube}. If it is the bag's, close the "
                           "bag first, then scan it."),
    "bag_tube_elsewhere": _("Tube {tube} is in another account. Whoever holds it packs it."),
    "bag_tube_offered": _("Tube {tube} is offered to somebody and waits for the answer. Take "
                          "the offer back first."),
    "bag_tube_in_bag": _("Tube {tube} is in bag {bag} already."),
    "bag_tube_twice": _("Tube {tube} is in this bag already. It was not counted twice."),
    "bag_tube_moved": _("Tube {tube} was handed over, packed or voided meanwhile. Go back to "
                        "the tubes and look."),
    "bag_label_is_tube": _("{tube} is a tube's label. Scan the label on the bag."),
    "bag_used": _("Bag {bag} has been used already. Take another bag."),
    "bag_seal_other": _("{seal} is the label of a tube or of the bag. Scan the number on the "
                        "seal."),
    "bag_not_plain": _("“{bag}” is no label of a bag or seal: 1 to 40 letters, digits, dots, "
                       "dashes."),
    "bag_count_number": _("Type how many tubes were counted, in digits."),
    "bag_count_first": _("Type the second person's count first."),
    "bag_count_less": _("{counted} were counted, {listed} were scanned. Scan every tube once "
                        "more to see which are missing."),
    "bag_count_more": _("{counted} were counted, {listed} were scanned. Scan every tube once "
                        "more: one that was never scanned will be refused and named."),
    "bag_not_listed": _("Tube {tube} is in the bag and was not scanned into it. Go back to the "
                        "tubes and scan it."),
}
