"""What the tests of HTTP may ask for."""

import logging
from collections.abc import Iterator

import pytest

from integration.http.clinic import Clinic


@pytest.fixture(autouse=True)
def _quiet_client() -> None:
    """Keep the test client's own log of requests out of ours."""
    logging.getLogger("httpx").setLevel(logging.WARNING)


@pytest.fixture
def clinic() -> Iterator[Clinic]:
    """Yield two practices behind HTTP, with an administrator each."""
    opened = Clinic.opened()
    with opened.client:
        yield opened
