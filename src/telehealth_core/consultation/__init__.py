"""Consultation: the visit itself.

Shortly before its time patient and provider are let into a room, each past named gates; whoever is
on the patient's side says where the patient is and whether they are safe there. The provider
confirms who the patient is. The room's operator reports who enters and leaves, in any order, and
sends a final list; time counts while both sides are present. The provider writes a note, which
never changes once signed, and confirms that the visit took place, which fulfils the appointment and
frees the charge; or ends it as unsuitable or failed, which costs nothing. Both sides say how good
the connection was, and whoever needs help in a visit gets it in one step.
"""

from telehealth_core.consultation.admission import GateResult, NotAdmitted
from telehealth_core.consultation.assurance import IdentityMethod, IdentityNotConfirmed
from telehealth_core.consultation.attendance import Attendance, Participant, Side
from telehealth_core.consultation.completion import CannotComplete, Outcome, OutcomeKind
from telehealth_core.consultation.consultation import Consultation
from telehealth_core.consultation.emergency import Emergency
from telehealth_core.consultation.feedback import Feedback, Issue
from telehealth_core.consultation.life import ConsultationStatus
from telehealth_core.consultation.note import NoteBody, VisitNote
from telehealth_core.consultation.psychotherapy import PsychotherapyNote
from telehealth_core.consultation.video import Admission, Admitted, WaitingRoom
from telehealth_core.consultation.workspace import Workspace

__all__ = [
    "Admission",
    "Admitted",
    "Attendance",
    "CannotComplete",
    "Consultation",
    "ConsultationStatus",
    "Emergency",
    "Feedback",
    "GateResult",
    "IdentityMethod",
    "IdentityNotConfirmed",
    "Issue",
    "NotAdmitted",
    "NoteBody",
    "Outcome",
    "OutcomeKind",
    "Participant",
    "PsychotherapyNote",
    "Side",
    "VisitNote",
    "WaitingRoom",
    "Workspace",
]
