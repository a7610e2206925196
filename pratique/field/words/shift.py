"""What signing in, the lock and the shift say."""

from django.utils.translation import gettext_lazy as _

from pratique.desks.sentences import ROLES

SENTENCES = {
    **{f"role.{role}": word for role, word in ROLES.items()},
    "screen_shift": _("Shift"),
    "screen_shift_hint": _("Who works here, lock, hand the post over"),
    "shift_who": _("Who works at this device?"),
    "shift_begun": _("{name}: the shift has begun"),
    "shift_first": _("Begin a shift first: choose your name. This was not saved."),
    # PIN.
    "pin_count": _("{n} of {of} digits"),
    "pin_choose": _("Choose a PIN of six digits. It works on this device, without a network."),
    "pin_again": _("The same PIN once more."),
    "pin_changed": _("The new PIN is set"),
    "pin_digits": _("A PIN has six digits."),
    "pin_weak": _("This PIN is easily guessed. Choose six digits that are no run and not all the "
                  "same."),
    "pins_differ": _("The two PINs differ. Choose again."),
    "pin_wrong": _("Wrong PIN. Tries left before a wait: {left}."),
    "pin_wait": _("Too many wrong tries. Wait {minutes} min, or sign in with user name and "
                  "password."),
    "pin_wait_left": _("Too many wrong tries. Waiting, with this page open: {left}"),
    "no_pin_yet": _("No PIN is set on this device yet. Sign in with user name and password."),
    "scan_no_pin": _("A scan is no PIN. Type it, or use the passkey."),
    # Passkey.
    "passkey_none": _("No passkey is set on this device. Use the PIN."),
    "passkey_kind": _("This device makes a passkey that the app cannot check. Choose a PIN."),
    "passkey_not_given": _("No passkey was given. Try again, or use the PIN."),
    "passkey_failed": _("The device's passkey does not work ({why}). Use the PIN."),
    # Signing in with a network.
    "sign_in_other": _("Sign in with your user name and password. This needs a network once."),
    "sign_in_again": _("Sign in with user name and password. This needs a network."),
    "sign_in_first": _("{name}: the first time at this device, sign in with user name and "
                       "password. This needs a network once."),
    "voucher_over": _("{name}: the county's voucher for this device is over. Sign in again with a "
                      "network."),
    "voucher_elsewhere": _("{name}: the voucher is for another post. Sign in again with a "
                           "network."),
    "not_on_staff": _("{name}: not among this post's staff by the county's data. Sign in again "
                      "with a network, or ask the leader for the duty."),
    "someone_else": _("This is {name}'s user name; here only {only} can go on."),
    "same_person": _("This is the person who leaves. Somebody else takes over."),
    # The lock.
    "lock_title": _("Locked: {name}"),
    "lock_other": _("Who takes over from {name}?"),
}
