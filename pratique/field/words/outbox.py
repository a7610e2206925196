"""What the outbox's page says, and the store's own refusals."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    # The one number that matters; {n} is a count.
    "waiting_none": _("Nothing waits to be sent"),
    "waiting_one": _("{n} entry waits to be sent"),
    "waiting_other": _("{n} entries wait to be sent"),
    "refused_one": _("{n} entry was not accepted"),
    "refused_other": _("{n} entries were not accepted"),
    "no_time": _("not yet"),
    "none": _("none"),
    "through": _("no. {n} of {last}"),
    "persisted": _("The browser has promised not to clear them."),
    "not_persisted": _("The browser may clear them when space runs out. Send soon, or export to a "
                       "file."),
    # What it is doing.
    "state_sending": _("Sending"),
    "state_rest": _("All sent"),
    "state_waiting": _("Waiting for the network"),
    "state_busy": _("The server asks for patience"),
    "state_token": _("Signing in again"),
    "state_elsewhere": _("Another tab of this device sends"),
    "state_stranger": _("Not enrolled"),
    "trouble_network": _("The server cannot be reached. Trying again in {seconds} s. Everything "
                         "stays on this device."),
    "trouble_server": _("The server answered, but not as it should. Trying again in {seconds} s. "
                        "If this stays, tell the duty leader."),
    "trouble_busy": _("Many devices send at once. Going on by itself in {seconds} s."),
    "trouble_unauthorised": _("The server does not know this device's token. Trying again in "
                              "{seconds} s. If this stays, have the device enrolled anew."),
    "trouble_refused": _("The server did not take the call. Trying again in {seconds} s. If this "
                         "stays, tell the duty leader."),
    "trouble_store": _("This device cannot read its own entries. Close other tabs and open the app "
                       "anew; export to a file if it stays."),
    "stranger": _("This device is not enrolled, so nothing can be sent from it. Ask the duty "
                  "leader for an invitation. A file of another device can be taken over once it "
                  "is enrolled."),
    # What became of an entry.
    "status_disputed": _("contradicts what is known"),
    "status_quarantined": _("not accepted"),
    "status_duplicate": _("not accepted"),
    "status_set_aside": _("could not be sent"),
    "set_aside": _("The server could not take this entry, and took the ones after it. It stays on "
                   "this device and is tried again every few minutes. Tell the duty leader."),
    "rule": _("rule {rule}"),
    "entry": _("Entry {seq}"),
    "carried": _("from device {device}"),
    # The file.
    "exported": _("{n} entries are in the file. Keep the passphrase apart from it."),
    "taken": _("{taken} entries taken over, {known} known already. They are sent with this "
               "device's own."),
    "working": _("Working …"),
    "passphrases_differ": _("The two passphrases differ. Type the same one twice."),
    "passphrase_short": _("A passphrase has at least {least} characters."),
    "outbox_file_unknown": _("This is no outbox file of Pratique."),
    "outbox_file_newer": _("This file was made by a newer version of the app. Take the new version "
                           "first."),
    "outbox_file_damaged": _("The passphrase is wrong, or the file was changed or cut short. "
                             "Nothing was taken over."),
    "number_taken": _("The file holds another entry under number {seq}. Nothing was taken over; "
                      "keep the file and call the duty leader."),
    # The device's own refusals.
    "storage_full": _("The device has no space left. This was not saved. Export the outbox to a "
                      "file, then make space."),
    "storage_newer": _("A newer version of the app has used this device. Load the page anew."),
    "storage_outdated": _("A newer version of the app wants to start. Load the page anew; what "
                          "you typed is kept."),
    "storage_closed": _("The device closed its storage. Load the page anew; what was saved is "
                        "still there."),
    "storage_failed": _("The device's storage does not work ({why}). This was not saved."),
    "fact_too_large": _("One entry has at most {most} bytes; this one has {bytes}."),
    # What became of entries after their receipts.
    "news_open": _("waits for an answer"),
    "news_applied": _("accepted in the end"),
    "news_disputed": _("contradicts what is known"),
    "news_quarantined": _("not accepted"),
    "news_left_out_one": _("{n} more is at the desk of the post."),
    "news_left_out_other": _("{n} more are at the desk of the post."),
}
