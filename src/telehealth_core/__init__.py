"""telehealth_core: the rules of a telehealth practice, in plain Python and attrs.

Construct `Telehealth(ports)` and ask it: `clinic.scheduling.hold(...)`. It does no I/O, reads no
clock and makes no random number of its own; whatever it needs from outside comes through the ports.
"""

from telehealth_core.access import Actor, Role
from telehealth_core.shared import Interval, Money, Refusal
from telehealth_core.telehealth import Ports, Telehealth

__all__ = ["Actor", "Interval", "Money", "Ports", "Refusal", "Role", "Telehealth"]
