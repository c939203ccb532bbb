"""Walks over the whole core: every module, class and constant, for tests of what holds for all."""

import importlib
import inspect
import pkgutil
from functools import cache
from types import ModuleType

import attrs

import telehealth_core


@cache
def modules() -> tuple[ModuleType, ...]:
    """Every module of the core except the test kit."""
    found = pkgutil.walk_packages(telehealth_core.__path__, "telehealth_core.")
    names = [one.name for one in found if not one.name.startswith("telehealth_core.testing")]
    return tuple(importlib.import_module(name) for name in names)


@cache
def classes() -> tuple[type, ...]:
    """Every attrs class of the core, each once, by name."""
    found = {
        member
        for module in modules()
        for _, member in inspect.getmembers(module, inspect.isclass)
        if member.__module__ == module.__name__ and attrs.has(member)
    }
    return tuple(sorted(found, key=lambda one: (one.__module__, one.__qualname__)))
