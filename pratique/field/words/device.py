"""What the device's own page says, and a device that was taken back."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "screen_device": _("This device"),
    "screen_device_hint": _("Age of the data, clock, storage"),
    "no_label": _("no label"),
    "bundle_fresh": _("Data in date"),
    "bundle_old": _("Data out of date: nothing is shown as free to go"),
    "bundle_fetched": _("The newest data are here."),
    "bundle_staff_one": _("{n} member of staff"),
    "bundle_staff_other": _("{n} members of staff"),
    "bundle_accounts_one": _("{n} unit to hand over to"),
    "bundle_accounts_other": _("{n} units to hand over to"),
    "bundle_peers_one": _("{n} device that is known"),
    "bundle_peers_other": _("{n} devices that are known"),
    "clock_unknown": _("Not compared with the server yet."),
    "clock_right": _("Agrees with the server."),
    "space_used": _("{used} MiB of {of} MiB used."),
    # Taken back.
    "screen_revoked": _("This device was taken back"),
    "screen_relief": _("Hand the post over"),
    "device_revoked": _("This device was taken back. It only hands up what it has."),
    "device_taken_back": _("This device was taken back and takes no new entries. This was not "
                           "saved; use another device."),
    "still_to_hand_up_one": _("{n} entry waits to be handed up"),
    "still_to_hand_up_other": _("{n} entries wait to be handed up"),
    "handed_up_all": _("Everything was handed up. Emptying the device …"),
    "handed_up_one": _("{n} entry was handed up."),
    "handed_up_other": _("{n} entries were handed up."),
}
