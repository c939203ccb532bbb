"""The policy: one table of who may do what, deny by default (F01, ACC-01)."""

from enum import StrEnum
from functools import cache
from typing import ClassVar

import attrs

from telehealth_core.access.actor import Actor, Relation, Role
from telehealth_core.access.audit import noted
from telehealth_core.shared.refusal import Refusal, Unknown


class Action(StrEnum):
    """All that an actor can ask for, as `thing:verb`."""

    REGISTER = "registration:start"
    EDIT_PROFILE = "profile:edit"
    SUPPLY_IDENTITY = "identity:supply"
    VIEW_IDENTITY = "identity:view"
    REVIEW_IDENTITY = "identity:review"
    RETIRE_IDENTITY = "identity:retire"
    MANAGE_PATIENT = "patient:manage"
    SUSPECT_DUPLICATES = "duplicate:suspect"
    REVIEW_DUPLICATES = "duplicate:review"
    VIEW_GUARDIANSHIPS = "guardianship:view"
    RENEW_GUARDIANSHIP = "guardianship:renew"
    INVITE_GUARDIAN = "guardianship:invite"
    SUSPEND_GUARDIANSHIP = "guardianship:suspend"
    END_GUARDIANSHIP = "guardianship:end"
    OFFER_RECORD = "record:offer"
    TAKE_OVER_RECORD = "record:take-over"
    ASSESS_COMPETENCE = "competence:assess"
    COMMENT_IDENTITY = "identity:comment"
    ANSWER_CONSENT = "consent:answer"
    VIEW_CONSENTS = "consent:view"
    ADD_DEPENDANT = "dependant:add"
    IMPORT_PATIENT = "patient:import"
    LIST_PATIENTS = "patient:list"
    VIEW_PATIENT = "patient:view"
    VIEW_NOTES = "notes:view"
    SIGN_IN = "sign-in:begin"
    OPEN_ACCOUNT = "account:open"
    OPEN_STAFF_ACCOUNT = "staff-account:open"
    MANAGE_ACCOUNT = "account:manage"
    GRANT_ROLE = "role:grant"
    BREAK_GLASS = "emergency-access:open"
    REVIEW_EMERGENCY = "emergency-access:review"
    VIEW_OPENINGS = "openings:view"
    REPORT_AUDIT = "audit:report"
    MANAGE_PRACTICE = "practice:manage"
    VIEW_PRACTICE = "practice:view"
    MANAGE_PROVIDER = "provider:manage"
    FIND_PROVIDER = "provider:find"
    VIEW_PROVIDER_FILE = "provider:view-file"
    MANAGE_SESSION = "session:manage"
    HOLD_TIME = "appointment:hold"
    DESCRIBE_APPOINTMENT = "appointment:describe"
    REQUEST_APPOINTMENT = "appointment:request"
    APPROVE_APPOINTMENT = "appointment:approve"
    APPROVE_BY_CHECKS = "appointment:approve-by-checks"
    BOOK_FOR_PATIENT = "appointment:book-for-patient"
    BOOK_SERIES = "appointment:book-series"
    AMEND_APPOINTMENT = "appointment:amend"
    OVERRIDE_RULES = "appointment:override"
    REVIEW_RED_FLAG = "appointment:review-red-flag"
    HIDE_APPOINTMENT = "appointment:hide"
    EXPIRE_REQUESTS = "appointment:expire-requests"
    RESCHEDULE_APPOINTMENT = "appointment:reschedule"
    CANCEL_APPOINTMENT = "appointment:cancel"
    MISS_APPOINTMENT = "appointment:miss"
    VIEW_APPOINTMENT = "appointment:view"
    LIST_APPOINTMENTS = "appointment:list"
    JOIN_WAITLIST = "waitlist:join"
    LEAVE_WAITLIST = "waitlist:leave"
    VIEW_WAITLIST = "waitlist:view"
    OFFER_TIME = "waitlist:offer"
    JOIN_VISIT = "visit:join"
    VIEW_VISIT = "visit:view"
    COMPLETE_VISIT = "visit:complete"
    FAIL_VISIT = "visit:fail"
    LIST_UNCONFIRMED = "visit:list-unconfirmed"
    VIEW_WORKSPACE = "workspace:view"
    WRITE_NOTE = "notes:write"
    WRITE_NOTE_APART = "psychotherapy-note:write"
    READ_NOTE_APART = "psychotherapy-note:read"
    RATE_VISIT = "visit:rate"
    VIEW_FEEDBACK = "feedback:view"
    REPORT_QUALITY = "quality:report"
    RAISE_EMERGENCY = "emergency:raise"
    EXIT_QUIETLY = "emergency:exit-quietly"
    HANDLE_EMERGENCY = "emergency:handle"
    SAVE_CARD = "card:save"
    VIEW_CARDS = "card:view"
    MANAGE_CARD = "card:manage"
    VIEW_CHARGE = "charge:view"
    CORRECT_CHARGE = "charge:correct"
    AGREE_CHARGE = "charge:agree"
    PAY_CHARGE = "charge:pay"
    REFUND_CHARGE = "charge:refund"
    WRITE_OFF_CHARGE = "charge:write-off"
    COLLECT_CHARGE = "charge:collect"
    REPORT_PAYMENTS = "payment:report"
    PRESCRIBE = "prescription:issue"
    VIEW_PRESCRIPTION = "prescription:view"
    SEND_PRESCRIPTION = "prescription:send"
    CLAIM_PRESCRIPTION = "prescription:claim"
    DISPATCH_PRESCRIPTION = "prescription:dispatch"
    REVIEW_PRESCRIPTION = "prescription:review"
    WRITE_LETTER = "letter:issue"
    VIEW_LETTER = "letter:view"
    POST_LETTER = "letter:post"
    CHASE_LETTERS = "letter:chase"
    DISPATCH_LETTER = "letter:dispatch"
    START_PROGRAM = "program:start"
    MANAGE_PROGRAM = "program:manage"
    VIEW_PROGRAM = "program:view"
    VIEW_PROGRAM_HISTORY = "program-history:view"
    REPORT_MEDICATION = "medication:report"
    MANAGE_MEDICATION = "medication:manage"
    VIEW_MEDICATIONS = "medication:view"
    ANSWER_QUESTIONNAIRE = "questionnaire:answer"
    VIEW_SCORES = "questionnaire-score:view"
    VIEW_ANSWERS = "questionnaire-answer:view"
    SEE_ALARM = "questionnaire-alarm:see"
    MANAGE_PARTNER = "partner:manage"
    VIEW_PARTNERS = "partner:view"
    REFER = "referral:submit"
    ENROL_REFERRED = "referral:enrol"
    DECIDE_REFERRAL = "referral:decide"
    VIEW_REFERRAL = "referral:view"
    WITHDRAW_REFERRAL = "referral:withdraw"
    LIST_REFERRALS = "referral:list"
    LET_FOLLOW = "following:grant"
    LIST_FOLLOWED = "followed:list"
    VIEW_FOLLOWED = "followed:view"
    SYNC_RECORDS = "outside-record:sync"
    REFRESH_RECORD = "outside-record:refresh"
    DECIDE_RECORDS = "outside-record:decide"
    RECORD_ATTENDANCE = "visit:record-attendance"
    NOTIFY = "notice:send"
    WRITE_CARE_MESSAGE = "care-chat:write"
    READ_CARE_MESSAGES = "care-chat:read"
    WRITE_PARTNER_MESSAGE = "partner-chat:write"
    READ_PARTNER_MESSAGES = "partner-chat:read"
    CLOSE_CONVERSATION = "conversation:close"


@attrs.frozen
class Permit:
    """This role, standing so to the thing, may do this; `source` is the feature or rule that says
    so. Where it `needs_purpose`, whoever does it has to say what for (ACC-05).
    """

    action: Action
    role: Role
    relation: Relation
    source: str
    needs_purpose: bool = False


def _permits(source: str, action: Action, *who: tuple[Role, Relation]) -> tuple[Permit, ...]:
    return tuple(Permit(action, role, relation, source) for role, relation in who)


def _stating_purpose(
    source: str, action: Action, *who: tuple[Role, Relation]
) -> tuple[Permit, ...]:
    return tuple(
        Permit(action, role, relation, source, needs_purpose=True) for role, relation in who
    )


_OWN = (Role.PATIENT, Relation.SELF)
_WARD = (Role.PATIENT, Relation.GUARDIAN)
_CARE = (Role.PROVIDER, Relation.TREATING)
_OFFICE = (Role.LIAISON, Relation.PRACTICE)
_ADMIN = (Role.ADMIN, Relation.PRACTICE)
_FOLLOWER = (Role.PARTNER, Relation.FOLLOWING)
_FOLLOWS_DETAILS = (Role.PARTNER, Relation.FOLLOWS_DETAILS)
_FOLLOWS_PROGRAM = (Role.PARTNER, Relation.FOLLOWS_PROGRAM)
_FOLLOWS_SCORES = (Role.PARTNER, Relation.FOLLOWS_SCORES)
_FOLLOWS_CHAT = (Role.PARTNER, Relation.FOLLOWS_CHAT)
_GLASS = (Role.PROVIDER, Relation.EMERGENCY)
_ORGANISATION = (Role.PARTNER, Relation.MEMBER)
_SYSTEM = (Role.SYSTEM, Relation.PRACTICE)
_EVERYBODY = tuple((role, Relation.MEMBER) for role in Role)

POLICY: tuple[Permit, ...] = (
    *_permits("F03", Action.REGISTER, (Role.VISITOR, Relation.MEMBER)),
    *_permits("F08", Action.EDIT_PROFILE, _OWN, _WARD, _OFFICE, _ADMIN),
    *_permits("F03", Action.SUPPLY_IDENTITY, _OWN, _WARD),
    *_permits("F07", Action.VIEW_IDENTITY, _OWN, _WARD),
    *_stating_purpose("F07 ACC-05", Action.VIEW_IDENTITY, _OFFICE, _ADMIN),
    *_permits("F05 IDV-02", Action.REVIEW_IDENTITY, _OFFICE, _ADMIN),
    *_permits("F06", Action.COMMENT_IDENTITY, _OWN, _WARD, _OFFICE, _ADMIN),
    *_permits("F07 IDV-05", Action.RETIRE_IDENTITY, _SYSTEM),
    *_permits("F12", Action.MANAGE_PATIENT, _OFFICE, _ADMIN),
    *_permits("IDV-03", Action.SUSPECT_DUPLICATES, _SYSTEM),
    *_permits("IDV-03", Action.REVIEW_DUPLICATES, _OFFICE, _ADMIN),
    *_permits("CHD-02 CHD-08", Action.VIEW_GUARDIANSHIPS, _CARE, _OFFICE, _ADMIN),
    *_permits("CHD-04", Action.RENEW_GUARDIANSHIP, (Role.PROVIDER, Relation.MEMBER)),
    *_permits("CHD-04", Action.INVITE_GUARDIAN, _OWN),
    *_permits("CHD-08", Action.SUSPEND_GUARDIANSHIP, _CARE, _OFFICE, _ADMIN),
    *_permits("CHD-02", Action.END_GUARDIANSHIP, _OFFICE, _ADMIN),
    *_permits("CHD-12", Action.OFFER_RECORD, _OFFICE, _ADMIN),
    *_permits("CHD-12", Action.TAKE_OVER_RECORD, (Role.VISITOR, Relation.MEMBER)),
    *_permits("CHD-03", Action.ASSESS_COMPETENCE, _CARE),
    *_permits("CON-01 CON-02", Action.ANSWER_CONSENT, _OWN, _WARD, _CARE),
    *_permits("CON-01", Action.VIEW_CONSENTS, _OWN, _WARD, _CARE, _OFFICE, _ADMIN),
    *_permits("F09 CHD-02", Action.ADD_DEPENDANT, _OWN),
    *_permits("F12", Action.IMPORT_PATIENT, _OFFICE, _ADMIN, _SYSTEM),
    *_permits("F12", Action.LIST_PATIENTS, _OFFICE, _ADMIN),
    *_permits("F12 F42", Action.VIEW_PATIENT, _OWN, _WARD, _CARE),
    *_stating_purpose("F12 ACC-05", Action.VIEW_PATIENT, _OFFICE, _ADMIN),
    *_permits("F37", Action.VIEW_NOTES, _OWN, _WARD, _CARE),
    *_permits("F03 AUT-06", Action.SIGN_IN, *_EVERYBODY),
    *_permits("F11 F12", Action.OPEN_ACCOUNT, _OFFICE, _ADMIN, _SYSTEM),
    *_permits("AUT-01", Action.OPEN_STAFF_ACCOUNT, _ADMIN, _SYSTEM),
    *_permits("ACC-12 AUT-06", Action.MANAGE_ACCOUNT, _ADMIN),
    *_permits("ACC-11", Action.GRANT_ROLE, _ADMIN),
    *_permits("N08 ACC-06", Action.BREAK_GLASS, (Role.PROVIDER, Relation.MEMBER)),
    *_permits("N08 ACC-06", Action.REVIEW_EMERGENCY, _ADMIN),
    *_permits("N08 ACC-06", Action.VIEW_PATIENT, _GLASS),
    *_permits("N08 ACC-06", Action.VIEW_NOTES, _GLASS),
    *_permits("N08 ACC-06", Action.VIEW_APPOINTMENT, _GLASS),
    *_permits("N08 ACC-06", Action.LIST_APPOINTMENTS, _GLASS),
    *_permits("N08 ACC-06", Action.VIEW_VISIT, _GLASS),
    *_permits("N08 ACC-06", Action.VIEW_PRESCRIPTION, _GLASS),
    *_permits("N08 ACC-06", Action.VIEW_LETTER, _GLASS),
    *_permits("N08 ACC-06", Action.VIEW_PROGRAM, _GLASS),
    *_permits("N08 ACC-06", Action.VIEW_PROGRAM_HISTORY, _GLASS),
    *_permits("N08 ACC-06 F40", Action.VIEW_MEDICATIONS, _GLASS),
    *_permits("N06 AUD-10", Action.VIEW_OPENINGS, _OWN, _WARD),
    *_permits("N06 AUD-08", Action.REPORT_AUDIT, _ADMIN),
    *_permits("F30", Action.MANAGE_PRACTICE, _ADMIN, _SYSTEM),
    *_permits("F15", Action.VIEW_PRACTICE, *_EVERYBODY),
    *_permits("F11", Action.MANAGE_PROVIDER, _OFFICE, _ADMIN, _SYSTEM),
    *_permits("F16", Action.FIND_PROVIDER, *_EVERYBODY),
    *_permits("F11 PRO-01", Action.VIEW_PROVIDER_FILE, _CARE, _OFFICE, _ADMIN, _SYSTEM),
    *_permits("F13", Action.MANAGE_SESSION, _OFFICE, _ADMIN, _SYSTEM),
    *_permits("F15 F10", Action.HOLD_TIME, _OWN, _WARD),
    *_permits("F20 F21", Action.DESCRIBE_APPOINTMENT, _OWN, _WARD),
    *_permits("F15", Action.REQUEST_APPOINTMENT, _OWN, _WARD),
    *_permits("F25", Action.APPROVE_APPOINTMENT, _OFFICE, _ADMIN),
    *_permits("F25 F44", Action.APPROVE_BY_CHECKS, _SYSTEM),
    *_permits("F22", Action.BOOK_FOR_PATIENT, _OFFICE, _ADMIN),
    *_permits("N10", Action.BOOK_SERIES, _OWN, _WARD, _OFFICE, _ADMIN),
    *_permits("F24", Action.AMEND_APPOINTMENT, _OFFICE, _ADMIN),
    *_permits("F24", Action.OVERRIDE_RULES, _OFFICE, _ADMIN),
    *_permits("TEL-11", Action.REVIEW_RED_FLAG, _CARE, _OFFICE, _ADMIN),
    *_permits("CHD-06", Action.HIDE_APPOINTMENT, _CARE),
    *_permits("F25", Action.EXPIRE_REQUESTS, _SYSTEM),
    *_permits("F26", Action.RESCHEDULE_APPOINTMENT, _OWN, _WARD, _OFFICE, _ADMIN),
    *_permits("N17", Action.CANCEL_APPOINTMENT, _OWN, _WARD, _OFFICE, _ADMIN, _SYSTEM),
    *_permits("N17", Action.MISS_APPOINTMENT, _CARE, _OFFICE, _ADMIN, _SYSTEM),
    *_permits("F24 F27 F28", Action.VIEW_APPOINTMENT, _OWN, _WARD, _CARE, _OFFICE, _ADMIN),
    *_permits("F23 F27 F28", Action.LIST_APPOINTMENTS, _OWN, _WARD, _CARE, _OFFICE, _ADMIN),
    *_permits("N09", Action.JOIN_WAITLIST, _OWN, _WARD, _OFFICE, _ADMIN),
    *_permits("N09", Action.LEAVE_WAITLIST, _OWN, _WARD, _OFFICE, _ADMIN),
    *_permits("N09", Action.VIEW_WAITLIST, _OWN, _WARD, _OFFICE, _ADMIN),
    *_permits("N09", Action.OFFER_TIME, _SYSTEM),
    *_permits("F32 TEL-07", Action.JOIN_VISIT, _OWN, _WARD, _CARE),
    *_permits("F33", Action.RECORD_ATTENDANCE, _SYSTEM),
    *_permits("F33", Action.VIEW_VISIT, _OWN, _WARD, _CARE),
    *_stating_purpose("F33 ACC-05", Action.VIEW_VISIT, _OFFICE, _ADMIN),
    *_permits("F45 PAY-05", Action.COMPLETE_VISIT, _CARE),
    *_permits("F32", Action.FAIL_VISIT, _CARE, _OFFICE, _ADMIN),
    *_permits("F45", Action.LIST_UNCONFIRMED, _CARE, _OFFICE, _ADMIN),
    *_permits("F42", Action.VIEW_WORKSPACE, _CARE),
    *_permits("F42 SAF-03", Action.WRITE_NOTE, _CARE),
    *_permits("ACC-08", Action.WRITE_NOTE_APART, _CARE),
    *_permits("ACC-08", Action.READ_NOTE_APART, _CARE),
    *_permits("F34", Action.RATE_VISIT, _OWN, _WARD, _CARE),
    *_permits("F34", Action.VIEW_FEEDBACK, _OWN, _WARD, _CARE, _OFFICE, _ADMIN),
    *_permits("F34", Action.REPORT_QUALITY, _OFFICE, _ADMIN),
    *_permits("TEL-05", Action.RAISE_EMERGENCY, _CARE),
    *_permits("TEL-10", Action.EXIT_QUIETLY, _OWN, _WARD),
    *_permits("TEL-05", Action.HANDLE_EMERGENCY, _OFFICE, _ADMIN),
    *_permits("F43", Action.SAVE_CARD, _OWN),
    *_permits("F43", Action.VIEW_CARDS, _OWN),
    *_permits("F43", Action.MANAGE_CARD, _OWN),
    *_permits("F48", Action.VIEW_CHARGE, _OWN, _WARD, _OFFICE, _ADMIN),
    *_permits("F55 F56", Action.SYNC_RECORDS, _SYSTEM),
    *_permits("F55", Action.BOOK_FOR_PATIENT, _SYSTEM),
    *_permits("F55", Action.RESCHEDULE_APPOINTMENT, _SYSTEM),
    *_permits("F57", Action.REFRESH_RECORD, _CARE, _OFFICE, _ADMIN, _SYSTEM),
    *_permits("F58", Action.DECIDE_RECORDS, _OFFICE, _ADMIN),
    *_permits("F46 F47", Action.CORRECT_CHARGE, _OFFICE),
    *_permits("PAY-06", Action.AGREE_CHARGE, _OWN),
    *_permits("F43 F45", Action.PAY_CHARGE, _OWN),
    *_permits("F46 F48", Action.REFUND_CHARGE, _OFFICE),
    *_permits("F45", Action.WRITE_OFF_CHARGE, _OFFICE),
    *_permits("F44 F45", Action.COLLECT_CHARGE, _SYSTEM),
    *_permits("F48", Action.REPORT_PAYMENTS, _OFFICE, _ADMIN),
    *_permits("F35 RXC-01", Action.PRESCRIBE, _CARE),
    *_permits("F37", Action.VIEW_PRESCRIPTION, _OWN, _WARD, _CARE),
    *_permits("F35 RXU-11", Action.SEND_PRESCRIPTION, _OWN, _WARD, _CARE),
    *_permits("RXU-11", Action.CLAIM_PRESCRIPTION, (Role.VISITOR, Relation.MEMBER)),
    *_permits("F35 RXU-02", Action.DISPATCH_PRESCRIPTION, _SYSTEM),
    *_permits("RXU-08", Action.REVIEW_PRESCRIPTION, _ADMIN),
    *_permits("F36", Action.WRITE_LETTER, _CARE),
    *_permits("F37", Action.VIEW_LETTER, _OWN, _WARD, _CARE),
    *_permits("REF-01", Action.POST_LETTER, _CARE, _OFFICE, _ADMIN),
    *_permits("REF-01", Action.CHASE_LETTERS, _OFFICE, _ADMIN),
    *_permits("F36 CON-02", Action.DISPATCH_LETTER, _SYSTEM),
    *_permits("F39", Action.START_PROGRAM, _CARE, _OFFICE, _ADMIN),
    *_permits("F41", Action.MANAGE_PROGRAM, _CARE),
    *_permits("F41 ACC-03", Action.VIEW_PROGRAM_HISTORY, _OWN, _WARD, _CARE),
    *_permits("F38 F51", Action.VIEW_PROGRAM, _OWN, _WARD, _CARE, _FOLLOWS_PROGRAM),
    *_permits("F40", Action.REPORT_MEDICATION, _OWN, _WARD, _CARE),
    *_permits("F40", Action.MANAGE_MEDICATION, _CARE),
    *_permits("F40", Action.VIEW_MEDICATIONS, _OWN, _WARD, _CARE),
    *_permits("F41 F51", Action.ANSWER_QUESTIONNAIRE, _OWN, _WARD, _CARE),
    *_permits("F51 ACC-03", Action.VIEW_SCORES, _OWN, _WARD, _CARE, _FOLLOWS_SCORES),
    *_permits("F41 ACC-03", Action.VIEW_ANSWERS, _OWN, _WARD, _CARE),
    *_permits("TEL-11", Action.SEE_ALARM, _CARE, _OFFICE),
    *_permits("F02", Action.MANAGE_PARTNER, _OFFICE, _ADMIN, _SYSTEM),
    *_permits("F49", Action.REFER, _ORGANISATION),
    *_permits("F50", Action.DECIDE_REFERRAL, _OFFICE, _ADMIN),
    *_permits("F50", Action.ENROL_REFERRED, (Role.VISITOR, Relation.MEMBER)),
    *_permits("F02", Action.VIEW_PARTNERS, _OFFICE, _ADMIN),
    *_permits("F49", Action.WITHDRAW_REFERRAL, _FOLLOWER),
    *_permits("F49", Action.LIST_REFERRALS, _ORGANISATION, _OFFICE, _ADMIN),
    *_permits("F51 ACC-14", Action.LET_FOLLOW, _OWN, _WARD),
    *_permits("F49", Action.VIEW_REFERRAL, _FOLLOWER, _OFFICE, _ADMIN),
    *_permits("F36 N11", Action.NOTIFY, _SYSTEM),
    *_permits("F51", Action.LIST_FOLLOWED, _ORGANISATION),
    *_permits("F51", Action.VIEW_FOLLOWED, _FOLLOWS_DETAILS),
    *_permits("F54 F10", Action.WRITE_CARE_MESSAGE, _OWN, _WARD, _CARE, _OFFICE),
    *_permits("F54 F10", Action.READ_CARE_MESSAGES, _OWN, _WARD, _CARE, _OFFICE),
    *_permits("F54 F10", Action.WRITE_PARTNER_MESSAGE, _OWN, _WARD, _FOLLOWS_CHAT, _OFFICE),
    *_permits("F54 F10", Action.READ_PARTNER_MESSAGES, _OWN, _WARD, _FOLLOWS_CHAT, _OFFICE),
    *_permits("F54", Action.CLOSE_CONVERSATION, _OFFICE, _ADMIN),
)

_GRANTED = frozenset((permit.action, permit.role, permit.relation) for permit in POLICY)
_STATED = frozenset(permit.action for permit in POLICY if permit.needs_purpose)
_FREE = frozenset(
    (permit.action, permit.role, permit.relation) for permit in POLICY if not permit.needs_purpose
)


@attrs.frozen
class NotPermitted(Refusal):
    """The policy grants this action to nobody who stands so to the thing."""

    code: ClassVar[str] = "not-permitted"
    says: ClassVar[str] = "Your role does not allow {action}."

    action: str


class NotSignedIn(Refusal):
    """The caller is nobody we know: no, an ended, or a false sign-in."""

    code: ClassVar[str] = "not-signed-in"
    says: ClassVar[str] = "Sign in first."


@attrs.frozen
class PurposeNeeded(Refusal):
    """Whoever neither treats the patient nor belongs to them says what they open the record for
    (ACC-05).
    """

    code: ClassVar[str] = "purpose-needed"
    says: ClassVar[str] = "Say what you need {action} for."

    action: str


def permitted(actor: Actor, action: Action, relations: frozenset[Relation]) -> bool:
    """Whether the policy grants the action to a role of the actor in one of these relations."""
    return _granted(action, actor.roles, relations)


@cache
def _granted(action: Action, roles: frozenset[Role], relations: frozenset[Relation]) -> bool:
    """The answer follows from the table alone, so each question is worked out once."""
    return any((action, role, relation) in _GRANTED for role in roles for relation in relations)


def authorize(
    actor: Actor,
    action: Action,
    relations: frozenset[Relation],
    *,
    of: str = "",
) -> None:
    """Let the action pass or refuse it.

    `of` names the kind of thing asked about; with it, an actor who stands in no relation to the
    thing learns nothing of its existence.

    Raises: Unknown to a stranger of the thing; NotPermitted to whoever may know of it;
        PurposeNeeded from whoever has to say what for.
    """
    noted(action, of, relations)
    if permitted(actor, action, relations):
        if actor.purpose is None and action in _STATED and not _without(actor, action, relations):
            raise PurposeNeeded(action.value)
        return
    if of and relations <= {Relation.MEMBER}:
        raise Unknown(of)
    raise NotPermitted(action.value)


def _without(actor: Actor, action: Action, relations: frozenset[Relation]) -> bool:
    """Whether some permit lets the action pass without a purpose."""
    return any((action, role, relation) in _FREE for role in actor.roles for relation in relations)
