"""What the app says around its screens: the bar, the first page, scanning, saving."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    # The bar that is always in sight.
    "chip_sent": _("All sent"),
    "chip_waiting_one": _("{n} entry to send"),
    "chip_waiting_other": _("{n} entries to send"),
    "chip_data": _("Data of"),
    "chip_out_of_date": _("Data out of date:"),
    "chip_no_bundle": _("No data from the county yet"),
    "chip_bundle_refused": _("New data refused"),
    "chip_news_one": _("{n} answer to read"),
    "chip_news_other": _("{n} answers to read"),
    "chip_revoked": _("Taken back"),
    "no_standing": _("not known"),
    # The first page.
    "home_people_one": _("{n} person at the post"),
    "home_people_other": _("{n} people at the post"),
    "home_vehicles_one": _("{n} vehicle"),
    "home_vehicles_other": _("{n} vehicles"),
    "home_tubes_one": _("{n} tube"),
    "home_tubes_other": _("{n} tubes"),
    "screen_gate": _("A vehicle arrives"),
    "screen_gate_hint": _("Plate, people, where they were, what follows"),
    "screen_outbox": _("Outbox"),
    "screen_outbox_hint": _("What waits to be sent, and what was not accepted"),
    # Scanning and saving.
    "scan_no_use": _("Nothing on this screen is scanned. Choose what you are doing first."),
    "scan_unknown": _("This code means nothing here: {text}"),
    "saved_here": _("Saved on this device at {time}"),
}
