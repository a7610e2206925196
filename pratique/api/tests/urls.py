"""The API where the product has it, whatever else is there."""

from django.urls import include, path

urlpatterns = [path("api/v1/", include("pratique.api.urls"))]
