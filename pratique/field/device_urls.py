"""What a device of the field app asks for, below /api/v1/field/."""

from django.urls import path

from pratique.field.views import device, labels

urlpatterns = [
    path("invitation", device.invitation, name="field_invitation"),
    path("enrolment", device.enrolment, name="field_enrolment"),
    path("challenge", device.challenge, name="field_challenge"),
    path("token", device.token, name="field_token"),
    path("roll", device.roll, name="field_roll"),
    path("bundle", device.bundle, name="field_bundle"),
    path("halves", device.halves, name="field_halves"),
    path("labels", labels.block, name="field_labels"),
    path("staff", device.staff, name="field_staff"),
]
