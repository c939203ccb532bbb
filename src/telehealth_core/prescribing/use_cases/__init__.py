"""What can be asked of prescribing, a module for each kind of asking."""

from telehealth_core.prescribing.use_cases.dispensing import Dispensing
from telehealth_core.prescribing.use_cases.prescribing import Prescribing

__all__ = ["Dispensing", "Prescribing"]
