"""What can be asked of billing: by people (`Billing`), and by the practice's machinery
(`Collecting`).
"""

from telehealth_core.billing.use_cases.billing import Billing, call_off
from telehealth_core.billing.use_cases.collecting import Collecting

__all__ = ["Billing", "Collecting", "call_off"]
