"""What can be asked of partnership: to refer and decide, and to follow while consent lasts."""

from telehealth_core.partnership.use_cases.following import Followed, FollowUp
from telehealth_core.partnership.use_cases.referring import Partnership

__all__ = ["FollowUp", "Followed", "Partnership"]
