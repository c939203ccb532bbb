"""Records: the same patients and appointments in an outside record system (EHR), kept in step both
ways.

The outside system never calls. It is asked what changed, from a cursor on, and what it says is
merged field by field with what we say and what both last agreed on, so that an echo changes nothing
and nothing newer is overwritten. What a rule cannot decide waits as a conflict with both versions;
what has no place here waits in quarantine. Right before a visit the patient's record is heard
again, and its age is shown.
"""

from telehealth_core.records.conflict import RecordConflict, Side
from telehealth_core.records.link import RecordKind, RecordLink
from telehealth_core.records.merge import Rule, merge
from telehealth_core.records.ports import Changes, OutsideRow, PatientRecords, Throttled
from telehealth_core.records.quarantine import Problem, Quarantined

__all__ = [
    "Changes",
    "OutsideRow",
    "PatientRecords",
    "Problem",
    "Quarantined",
    "RecordConflict",
    "RecordKind",
    "RecordLink",
    "Rule",
    "Side",
    "Throttled",
    "merge",
]
