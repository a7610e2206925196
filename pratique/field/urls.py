"""The field app's pages, below /field/. What its programs ask is in `device_urls.py`."""

from django.urls import path

from pratique.field.views import enrol

urlpatterns = [
    path("enrol", enrol.page, name="field_enrol"),
    path("refusals.json", enrol.refusals, name="field_refusals"),
]
