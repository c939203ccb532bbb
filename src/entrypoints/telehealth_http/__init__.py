"""HTTP: the use cases of telehealth-core as a JSON interface; translates, and holds no rule."""

from telehealth_http.app import create_app

__all__ = ["create_app"]
