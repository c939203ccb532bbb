"""The addresses of the site at which django-appointment is served, by its own Python."""

from importlib import import_module
from typing import Any

_urls: Any = import_module("django.urls")

urlpatterns = [_urls.path("", _urls.include("appointment.urls"))]
