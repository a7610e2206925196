"""The API's addresses, below /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from pratique.api import moving, people, reads, system
from pratique.api.facts import facts
from pratique.api.site import api

api.add_router("", reads.router)
api.add_router("", people.router)
api.add_router("", moving.router)
api.add_router("", system.router)

urlpatterns: list[URLPattern | URLResolver] = [path("facts", facts), path("", api.urls)]
