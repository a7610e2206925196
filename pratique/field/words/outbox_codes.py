"""What the outbox says about its square codes."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "codes_shown_one": _("{n} entry is in these codes. Let the other device read all of them; "
                         "keep the passphrase apart."),
    "codes_shown_other": _("{n} entries are in these codes. Let the other device read all of them; "
                           "keep the passphrase apart."),
    "codes_whole": _("All codes are read. Type the passphrase and take them over."),
    "codes_first": _("Read the codes first."),
}
