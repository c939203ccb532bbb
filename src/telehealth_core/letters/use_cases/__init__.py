"""What can be asked of letters, a module for each kind of asking."""

from telehealth_core.letters.use_cases.correspondence import Correspondence
from telehealth_core.letters.use_cases.posting import Posting

__all__ = ["Correspondence", "Posting"]
