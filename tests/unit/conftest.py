"""What every unit test may ask for."""

from collections.abc import Iterator

import pytest

from unit.clinic import Clinic
from unit.told import looked_at

READ = {"access", "billing", "prescribing", "scheduling"}
"""The capabilities whose tests look at every word that is told."""


@pytest.fixture
def clinic() -> Clinic:
    """A practice of the United Kingdom that charges on completion and approves by the checks."""
    return Clinic()


@pytest.fixture(scope="module", autouse=True)
def told(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whoever is refused is told what stands in `told.txt`: field and rule of a value, the kind of
    a thing, the verb. A refusal that says something else is no answer, and the test fails.
    """
    if request.path.parent.name not in READ:
        yield
        return
    with looked_at():
        yield
