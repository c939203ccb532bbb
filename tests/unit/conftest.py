"""What every unit test may ask for."""

import pytest

from unit.clinic import Clinic


@pytest.fixture
def clinic() -> Clinic:
    """A practice of the United Kingdom that charges on completion and approves by the checks."""
    return Clinic()
