"""The field app's addresses, below /field/. What its programs ask is in `device_urls.py`."""

from django.urls import path

from pratique.field.precache import LANGUAGES
from pratique.field.views import app, enrol

urlpatterns = [
    path("", app.home, name="field"),
    path("sw.js", app.worker, name="field_worker"),
    path("counties.json", app.counties, name="field_counties"),
    path("files.json", app.packed, name="field_files"),
    path("enrol", enrol.page, name="field_enrol"),
    path("refusals.json", enrol.refusals, name="field_refusals"),
    *[path(f"{language}/", app.outbox, {"language": language}, name=f"field_{language}")
      for language in LANGUAGES],
]
