"""What the labels' screen says, and why a label does not come out."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "screen_labels": _("Print labels"),
    "screen_labels_hint": _("Urgent labels for tubes, slips for people"),
    "labels_chosen_one": _("{n} label to print"),
    "labels_chosen_other": _("{n} labels to print"),
    "labels_left_one": _("{n} number is left on this device."),
    "labels_left_other": _("{n} numbers are left on this device."),
    # On the label itself: both languages, for whoever holds the tube.
    "label_urgent": _("URGENT 急"),
    "label_slip": _("Slip"),
    "labels_sent_one": _("{n} label sent to the printer"),
    "labels_sent_other": _("{n} labels sent to the printer"),
    "labels_shared": _("The labels were handed to the other app"),
    "labels_saved": _("Saved as labels.zpl in the downloads. Send that file to the printer."),
    # Refusals.
    "labels_nothing": _("There is no label on the sheet. Scan a tube, choose one, or add new "
                        "numbers."),
    "labels_count": _("1 to {most} labels are added at once."),
    "labels_short": _("This device has not that many numbers left. Get more while there is a "
                      "network, or use tubes that have a label."),
    "labels_enough": _("This device keeps at most {most} numbers. Use those first."),
    "labels_no_network": _("The server does not answer, so there are no new numbers. Those that "
                           "are left can be used."),
    "labels_refused": _("The server gave no numbers. Try again; if it stays, tell the duty "
                        "leader."),
    "label_no_square": _("This app cannot draw that label's square code. Use a label printer "
                         "(USB or file), which draws it by itself."),
    "printer_none": _("No label printer was chosen. Plug it in, switch it on, and try again; or "
                      "save the printer's file."),
    "printer_denied": _("The system's own driver holds the printer, so that this page may not "
                        "use it. Print by the browser, or save the printer's file."),
    "printer_unsupported": _("This browser has no way to a USB printer. Print by the browser, "
                             "or save the printer's file."),
    "printer_failed": _("The printer did not take the labels ({why}). Look at paper and lid, "
                        "and try again."),
}
