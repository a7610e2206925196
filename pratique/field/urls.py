"""The field app's addresses, below /field/."""

from django.urls import path

from pratique.field.precache import LANGUAGES
from pratique.field.views import app

urlpatterns = [
    path("", app.home, name="field"),
    path("sw.js", app.worker, name="field_worker"),
    *[path(f"{language}/", app.outbox, {"language": language}, name=f"field_{language}")
      for language in LANGUAGES],
]
