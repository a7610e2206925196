"""What is said about square codes, the camera, and hand-overs shown from screen to screen."""

from django.utils.translation import gettext_lazy as _

# A refusal's code: (sentence, rule).
REFUSED = {
    # A run of codes.
    "frame_unknown": (
        _("This code is none of those that are waited for here."), "field.frames"),
    "frame_damaged": (
        _("This code came in damaged. Hold still; it is shown again in a moment."),
        "field.frame_sum"),
    "frame_of_another_kind": (
        _("This code belongs to something else: a hand-over, its answer and an outbox are shown "
          "by different screens."), "field.frame_kind"),
    "frame_of_another": (
        _("This code belongs to another run than the ones before. Begin again with one screen "
          "alone in view."), "field.frame_transfer"),
    "frames_missing": (_("Some codes of the run are still missing."), "field.frames"),
    "frames_damaged": (
        _("The codes do not fit together. Begin again."), "field.frame_sum"),
    "frames_too_many": (
        _("This is too much for square codes. Use a file."), "field.frames_max"),
    # A half of a hand-over.
    "handover_malformed": (
        _("This is no hand-over of Pratique. Nothing was taken over."), "field.half"),
    "handover_of_another_county": (
        _("This hand-over is another county's. Between counties a hand-over goes by the boundary "
          "post's list."), "field.half_county"),
    "handover_device_unknown": (
        _("This device does not know the one that shows the hand-over. Fetch new data where there "
          "is a network, or hand over on paper."), "field.device_known"),
    "handover_device_revoked": (
        _("The device that shows this hand-over has been revoked. Nothing was taken over; tell the "
          "duty leader."), "field.revoked"),
    "handover_forged": (
        _("This hand-over was changed after it was signed, or another device signed it. Nothing "
          "was taken over; tell the duty leader."), "field.half_signed"),
    "handover_device_elsewhere": (
        _("The device that shows this does not belong to the unit in whose name it speaks. Nothing "
          "was taken over."), "field.half_unit"),
    "handover_not_for_us": (
        _("This hand-over is meant for another unit. Nothing was taken over."),
        "field.half_taker"),
    "handover_seen": (
        _("This hand-over has been read here before. Nothing was taken over a second time."),
        "field.half_once"),
    "handover_expired": (
        _("This hand-over's time is over. Ask the giver to offer it again."),
        "field.half_expires"),
    "handover_answers_another": (
        _("This answer belongs to no open hand-over of this post."), "field.half_answers"),
    "handover_lines_differ": (
        _("This answer names somebody who was not on offer, or somebody twice. It was not taken; "
          "compare the two lists by eye."), "field.half_lines"),
    # Drawing and reading codes.
    "codes_not_here": (
        _("This installation has no square codes: its packages were not installed. Use a file, or "
          "a scanner that types."), "field.packages"),
    "reader_not_here": (
        _("This browser cannot read codes alone, and the reader has not come along yet. Open the "
          "app once where there is a network, or use a scanner that types."), "field.reader"),
    "camera_refused": (
        _("The camera may not be used. Allow it for this page in the browser's settings, or use a "
          "scanner that types."), "field.camera"),
    "camera_none": (
        _("No camera was found. Use a scanner that types, or a file."), "field.camera"),
    "camera_busy": (
        _("Another program is using the camera. Close it, then try again."), "field.camera"),
    "camera_not_secure": (
        _("This page came without HTTPS; a browser opens no camera then. Open the address that "
          "begins with https."), "field.secure_context"),
    "camera_stopped": (
        _("The camera has stopped. Begin again."), "field.camera"),
}

SENTENCES = {
    **{code: sentence for code, (sentence, __) in REFUSED.items()},
    **{f"rule.{code}": rule for code, (__, rule) in REFUSED.items()},
    "code_named": _("Square code: {what}"),
    "run_code": _("Code {n} of {count}"),
    "run_pause": _("Stop here"),
    "run_play": _("Go on"),
    "run_back": _("Back"),
    "run_next": _("Next"),
    "run_slower": _("Slower"),
    "run_faster": _("Faster"),
    "run_seconds": _("{seconds} s a code"),
    "run_read": _("{have} of {count} codes read"),
    "run_missing": _("Still missing: {numbers}"),
    "run_whole": _("All codes read"),
    "camera_torch": _("Light"),
    "camera_on": _("Camera"),
    "camera_off": _("Camera off"),
}
