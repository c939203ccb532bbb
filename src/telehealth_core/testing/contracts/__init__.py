"""The store's contract: what every implementation of the units of work promises, as tests.

Subclass `StoreContract` in a test module, say how to make an empty store, and pytest runs it. The
memory store and PostgreSQL pass the same; so can yours.
"""

from telehealth_core.testing.contracts.auditing import Auditing
from telehealth_core.testing.contracts.beginning import AT, Store, named, practice, refused
from telehealth_core.testing.contracts.booking import Booking
from telehealth_core.testing.contracts.caring import Caring
from telehealth_core.testing.contracts.charging import Collecting
from telehealth_core.testing.contracts.finding import Finding
from telehealth_core.testing.contracts.following import Following
from telehealth_core.testing.contracts.keeping import Keeping
from telehealth_core.testing.contracts.overseeing import Overseeing
from telehealth_core.testing.contracts.registering import Registering
from telehealth_core.testing.contracts.syncing import Syncing
from telehealth_core.testing.contracts.visiting import Visiting
from telehealth_core.testing.contracts.waiting import Waiting


class StoreContract(
    Keeping,
    Auditing,
    Finding,
    Registering,
    Booking,
    Collecting,
    Overseeing,
    Caring,
    Visiting,
    Waiting,
    Following,
    Syncing,
):
    """Every promise of a store; a subclass brings `store` and the ways to look inside."""


__all__ = ["AT", "Store", "StoreContract", "named", "practice", "refused"]
