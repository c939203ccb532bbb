"""The public test kit: everything the core needs from outside, in memory, for tests of the core and
of its embedders.
"""

from telehealth_core.testing.doubles import FixedClock, PlainPasswords, memory_ports
from telehealth_core.testing.memory import MemoryStore

__all__ = ["FixedClock", "MemoryStore", "PlainPasswords", "memory_ports"]
