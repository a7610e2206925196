"""Every address of Pratique. Each door brings its own, in its `urls.py`."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

PREFIXES = {"api": "api/v1/", "feeds": "", "field": "field/", "desks": ""}

urlpatterns: list[URLPattern | URLResolver] = [
    path(prefix, include(f"pratique.{door}.urls"))
    for door, prefix in PREFIXES.items()
    if find_spec(f"pratique.{door}.urls")
]
