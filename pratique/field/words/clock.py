"""What the bar says of the device's own clock; {n} is a count."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "clock_slow_minutes_one": _("Clock {n} minute slow; entries carry corrected times"),
    "clock_slow_minutes_other": _("Clock {n} minutes slow; entries carry corrected times"),
    "clock_slow_hours_one": _("Clock {n} hour slow; entries carry corrected times"),
    "clock_slow_hours_other": _("Clock {n} hours slow; entries carry corrected times"),
    "clock_slow_days_one": _("Clock {n} day slow; entries carry corrected times"),
    "clock_slow_days_other": _("Clock {n} days slow; entries carry corrected times"),
    "clock_fast_minutes_one": _("Clock {n} minute fast; entries carry corrected times"),
    "clock_fast_minutes_other": _("Clock {n} minutes fast; entries carry corrected times"),
    "clock_fast_hours_one": _("Clock {n} hour fast; entries carry corrected times"),
    "clock_fast_hours_other": _("Clock {n} hours fast; entries carry corrected times"),
    "clock_fast_days_one": _("Clock {n} day fast; entries carry corrected times"),
    "clock_fast_days_other": _("Clock {n} days fast; entries carry corrected times"),
}
