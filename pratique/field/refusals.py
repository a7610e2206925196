"""What the device's own modules say no with, in both languages: they know the codes alone."""

from typing import Any

from django.utils.translation import gettext_lazy as _

# code: (sentence, rule)
REFUSED: dict[str, tuple[Any, str]] = {
    "bundle_malformed": (
        _("What came is no bundle. The one before it goes on being used."), "field.bundle"),
    "bundle_key_unknown": (
        _("This bundle is signed with a key that this device does not know. The one before it goes "
          "on being used."), "field.bundle_key"),
    "bundle_forged": (
        _("This bundle was changed after it was signed. The one before it goes on being used; tell "
          "the command office."), "field.bundle_signed"),
    "bundle_of_another_county": (
        _("This bundle is another county's. The one before it goes on being used."),
        "field.bundle_county"),
    "bundle_of_another_device": (
        _("This bundle was made for another device. The one before it goes on being used."),
        "field.bundle_device"),
    "bundle_older": (
        _("This bundle is older than one that this device has had already. The newer one goes on "
          "being used."), "field.bundle_version"),
    "roll_malformed": (
        _("What came is no roll. The one before it goes on being used."), "field.roll"),
    "roll_key_unknown": (
        _("This roll is signed with a key that this device does not know. The one before it goes "
          "on being used."), "field.roll_key"),
    "roll_forged": (
        _("This roll was changed after it was signed. The one before it goes on being used; tell "
          "the command office."), "field.roll_signed"),
    "roll_of_another_county": (
        _("This roll is another county's. The one before it goes on being used."),
        "field.roll_county"),
    "roll_of_another_device": (
        _("This roll was made for another device. The one before it goes on being used."),
        "field.roll_device"),
    "roll_of_another_epoch": (
        _("This roll is from before the server was restored. The one before it goes on being used "
          "until the next comes."), "field.roll_epoch"),
    "roll_older": (
        _("This roll knows less than one that this device has had already. The newer one goes on "
          "being used."), "field.roll_order"),
    "no_network": (
        _("The server does not answer. Nothing is lost; try again where there is a network."),
        "field.network"),
    "no_key_store": (
        _("This browser does not let the page keep a key. Use it outside a private window, or "
          "another browser."), "field.key_store"),
    "not_secure": (
        _("This page came without HTTPS; a browser makes no keys then. Open the address that "
          "begins with https."), "field.secure_context"),
    "not_enrolled": (
        _("This device is not enrolled. Ask a leader for an invitation."), "field.device_known"),
}


def sentences() -> dict[str, dict[str, str]]:
    """{code: {sentence, rule}} in the reader's language."""
    return {code: {"sentence": str(sentence), "rule": rule}
            for code, (sentence, rule) in REFUSED.items()}
