"""A seeded, simulated world over the whole facade: random actors, faulty systems, and everything
that must hold.
"""

from telehealth_core.testing.world.faults import Fault
from telehealth_core.testing.world.place import Processor
from telehealth_core.testing.world.steps import STEPS, Step
from telehealth_core.testing.world.world import Broken, World

__all__ = ["STEPS", "Broken", "Fault", "Processor", "Step", "World"]
