"""The store in memory: the same promises as a database, for tests and for looking at.

Saves take effect together on commit, with the same guards: new ids, versions, one account an
address, no two appointments of one provider or patient at once. Rows of other practices do not
exist for a work.
"""

from telehealth_core.testing.memory.store import MemoryStore, MemoryWork

__all__ = ["MemoryStore", "MemoryWork"]
