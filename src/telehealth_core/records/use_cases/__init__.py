"""What can be asked of records: the machinery keeps them in step, people decide what it cannot."""

from telehealth_core.records.use_cases.deciding import RecordQueue
from telehealth_core.records.use_cases.syncing import RecordAge, Records

__all__ = ["RecordAge", "RecordQueue", "Records"]
