"""The policy: one table of who may do what, deny by default (F01, ACC-01)."""

from enum import StrEnum
from typing import ClassVar

import attrs

from telehealth_core.access.actor import Actor, Relation, Role
from telehealth_core.shared.refusal import Refusal, Unknown


class Action(StrEnum):
    """All that an actor can ask for, as `thing:verb`."""

    REGISTER = "registration:start"
    EDIT_PROFILE = "profile:edit"
    SUPPLY_IDENTITY = "identity:supply"
    VIEW_IDENTITY = "identity:view"
    REVIEW_IDENTITY = "identity:review"
    ADD_DEPENDANT = "dependant:add"
    IMPORT_PATIENT = "patient:import"
    LIST_PATIENTS = "patient:list"
    VIEW_PATIENT = "patient:view"
    VIEW_NOTES = "notes:view"
    OPEN_ACCOUNT = "account:open"
    OPEN_STAFF_ACCOUNT = "staff-account:open"
    MANAGE_PRACTICE = "practice:manage"
    VIEW_PRACTICE = "practice:view"
    MANAGE_PROVIDER = "provider:manage"
    FIND_PROVIDER = "provider:find"
    MANAGE_SESSION = "session:manage"
    HOLD_TIME = "appointment:hold"
    DESCRIBE_APPOINTMENT = "appointment:describe"
    REQUEST_APPOINTMENT = "appointment:request"
    APPROVE_APPOINTMENT = "appointment:approve"
    APPROVE_BY_CHECKS = "appointment:approve-by-checks"
    RESCHEDULE_APPOINTMENT = "appointment:reschedule"
    CANCEL_APPOINTMENT = "appointment:cancel"
    VIEW_APPOINTMENT = "appointment:view"
    LIST_APPOINTMENTS = "appointment:list"
    JOIN_VISIT = "visit:join"
    VIEW_VISIT = "visit:view"
    COMPLETE_VISIT = "visit:complete"
    SAVE_CARD = "card:save"
    VIEW_CARDS = "card:view"
    VIEW_CHARGE = "charge:view"
    CORRECT_CHARGE = "charge:correct"
    COLLECT_CHARGE = "charge:collect"
    REPORT_PAYMENTS = "payment:report"
    PRESCRIBE = "prescription:issue"
    VIEW_PRESCRIPTION = "prescription:view"
    WRITE_LETTER = "letter:issue"
    VIEW_LETTER = "letter:view"
    START_PROGRAM = "program:start"
    MANAGE_PROGRAM = "program:manage"
    VIEW_PROGRAM = "program:view"
    VIEW_PROGRAM_HISTORY = "program-history:view"
    MANAGE_PARTNER = "partner:manage"
    REFER = "referral:submit"
    ENROL_REFERRED = "referral:enrol"
    DECIDE_REFERRAL = "referral:decide"
    VIEW_REFERRAL = "referral:view"
    LIST_FOLLOWED = "followed:list"
    SYNC_RECORDS = "outside-record:sync"
    REFRESH_RECORD = "outside-record:refresh"
    DECIDE_RECORDS = "outside-record:decide"
    RECORD_ATTENDANCE = "visit:record-attendance"
    NOTIFY = "notice:send"
    WRITE_CARE_MESSAGE = "care-chat:write"
    READ_CARE_MESSAGES = "care-chat:read"
    WRITE_PARTNER_MESSAGE = "partner-chat:write"
    READ_PARTNER_MESSAGES = "partner-chat:read"


@attrs.frozen
class Permit:
    """This role, standing so to the thing, may do this; `source` is the feature or rule that says
    so.
    """

    action: Action
    role: Role
    relation: Relation
    source: str


def _permits(source: str, action: Action, *who: tuple[Role, Relation]) -> tuple[Permit, ...]:
    return tuple(Permit(action, role, relation, source) for role, relation in who)


_OWN = (Role.PATIENT, Relation.SELF)
_WARD = (Role.PATIENT, Relation.GUARDIAN)
_CARE = (Role.PROVIDER, Relation.TREATING)
_OFFICE = (Role.LIAISON, Relation.PRACTICE)
_ADMIN = (Role.ADMIN, Relation.PRACTICE)
_PARTNER = (Role.PARTNER, Relation.FOLLOWING)
_ORGANISATION = (Role.PARTNER, Relation.MEMBER)
_SYSTEM = (Role.SYSTEM, Relation.PRACTICE)
_EVERYBODY = tuple((role, Relation.MEMBER) for role in Role)

POLICY: tuple[Permit, ...] = (
    *_permits("F03", Action.REGISTER, (Role.VISITOR, Relation.MEMBER)),
    *_permits("F08", Action.EDIT_PROFILE, _OWN, _WARD, _OFFICE, _ADMIN),
    *_permits("F03", Action.SUPPLY_IDENTITY, _OWN, _WARD),
    *_permits("F07", Action.VIEW_IDENTITY, _OWN, _WARD, _OFFICE, _ADMIN),
    *_permits("F05 IDV-02", Action.REVIEW_IDENTITY, _OFFICE, _ADMIN),
    *_permits("F09 CHD-02", Action.ADD_DEPENDANT, _OWN),
    *_permits("F12", Action.IMPORT_PATIENT, _OFFICE, _ADMIN, _SYSTEM),
    *_permits("F12", Action.LIST_PATIENTS, _OFFICE, _ADMIN),
    *_permits("F12 F42", Action.VIEW_PATIENT, _OWN, _WARD, _CARE, _OFFICE, _ADMIN),
    *_permits("F37", Action.VIEW_NOTES, _OWN, _WARD, _CARE),
    *_permits("F11 F12", Action.OPEN_ACCOUNT, _OFFICE, _ADMIN, _SYSTEM),
    *_permits("AUT-01", Action.OPEN_STAFF_ACCOUNT, _ADMIN, _SYSTEM),
    *_permits("F30", Action.MANAGE_PRACTICE, _ADMIN, _SYSTEM),
    *_permits("F15", Action.VIEW_PRACTICE, *_EVERYBODY),
    *_permits("F11", Action.MANAGE_PROVIDER, _OFFICE, _ADMIN, _SYSTEM),
    *_permits("F16", Action.FIND_PROVIDER, *_EVERYBODY),
    *_permits("F13", Action.MANAGE_SESSION, _OFFICE, _ADMIN, _SYSTEM),
    *_permits("F15 F10", Action.HOLD_TIME, _OWN, _WARD),
    *_permits("F20 F21", Action.DESCRIBE_APPOINTMENT, _OWN, _WARD),
    *_permits("F15", Action.REQUEST_APPOINTMENT, _OWN, _WARD),
    *_permits("F25", Action.APPROVE_APPOINTMENT, _OFFICE, _ADMIN),
    *_permits("F25 F44", Action.APPROVE_BY_CHECKS, _SYSTEM),
    *_permits("F26", Action.RESCHEDULE_APPOINTMENT, _OWN, _WARD, _OFFICE, _ADMIN),
    *_permits("N17", Action.CANCEL_APPOINTMENT, _OWN, _WARD, _OFFICE, _ADMIN, _SYSTEM),
    *_permits("F24 F27 F28", Action.VIEW_APPOINTMENT, _OWN, _WARD, _CARE, _OFFICE, _ADMIN),
    *_permits("F23 F27 F28", Action.LIST_APPOINTMENTS, _OWN, _WARD, _CARE, _OFFICE, _ADMIN),
    *_permits("F32 TEL-07", Action.JOIN_VISIT, _OWN, _WARD, _CARE),
    *_permits("F33", Action.RECORD_ATTENDANCE, _SYSTEM),
    *_permits("F33", Action.VIEW_VISIT, _OWN, _WARD, _CARE, _OFFICE, _ADMIN),
    *_permits("F45 PAY-05", Action.COMPLETE_VISIT, _CARE),
    *_permits("F43", Action.SAVE_CARD, _OWN),
    *_permits("F43", Action.VIEW_CARDS, _OWN),
    *_permits("F48", Action.VIEW_CHARGE, _OWN, _WARD, _OFFICE, _ADMIN),
    *_permits("F55 F56", Action.SYNC_RECORDS, _SYSTEM),
    *_permits("F57", Action.REFRESH_RECORD, _CARE, _OFFICE, _ADMIN, _SYSTEM),
    *_permits("F58", Action.DECIDE_RECORDS, _OFFICE, _ADMIN),
    *_permits("F46 F47", Action.CORRECT_CHARGE, _OFFICE),
    *_permits("F44 F45", Action.COLLECT_CHARGE, _SYSTEM),
    *_permits("F48", Action.REPORT_PAYMENTS, _OFFICE, _ADMIN),
    *_permits("F35 RXC-01", Action.PRESCRIBE, _CARE),
    *_permits("F37", Action.VIEW_PRESCRIPTION, _OWN, _WARD, _CARE),
    *_permits("F36", Action.WRITE_LETTER, _CARE),
    *_permits("F37", Action.VIEW_LETTER, _OWN, _WARD, _CARE),
    *_permits("F39", Action.START_PROGRAM, _CARE, _OFFICE, _ADMIN),
    *_permits("F41", Action.MANAGE_PROGRAM, _CARE),
    *_permits("F41 ACC-03", Action.VIEW_PROGRAM_HISTORY, _OWN, _WARD, _CARE),
    *_permits("F38 F51", Action.VIEW_PROGRAM, _OWN, _WARD, _CARE, _PARTNER),
    *_permits("F02", Action.MANAGE_PARTNER, _OFFICE, _ADMIN, _SYSTEM),
    *_permits("F49", Action.REFER, _ORGANISATION),
    *_permits("F50", Action.DECIDE_REFERRAL, _OFFICE, _ADMIN),
    *_permits("F50", Action.ENROL_REFERRED, (Role.VISITOR, Relation.MEMBER)),
    *_permits("F49", Action.VIEW_REFERRAL, _PARTNER, _OFFICE, _ADMIN),
    *_permits("F36 N11", Action.NOTIFY, _SYSTEM),
    *_permits("F51", Action.LIST_FOLLOWED, _ORGANISATION),
    *_permits("F54", Action.WRITE_CARE_MESSAGE, _OWN, _CARE, _OFFICE),
    *_permits("F54", Action.READ_CARE_MESSAGES, _OWN, _CARE, _OFFICE),
    *_permits("F54", Action.WRITE_PARTNER_MESSAGE, _OWN, _PARTNER, _OFFICE),
    *_permits("F54", Action.READ_PARTNER_MESSAGES, _OWN, _PARTNER, _OFFICE),
)

_GRANTED = frozenset((permit.action, permit.role, permit.relation) for permit in POLICY)


@attrs.frozen
class NotPermitted(Refusal):
    """The policy grants this action to nobody who stands so to the thing."""

    code: ClassVar[str] = "not-permitted"
    says: ClassVar[str] = "Your role does not allow {action}."

    action: str


@attrs.frozen
class NotSignedIn(Refusal):
    """The caller is nobody we know: no, an ended, or a false sign-in."""

    code: ClassVar[str] = "not-signed-in"
    says: ClassVar[str] = "Sign in first."


def permitted(actor: Actor, action: Action, relations: frozenset[Relation]) -> bool:
    """Whether the policy grants the action to a role of the actor in one of these relations."""
    return any(
        (action, role, relation) in _GRANTED for role in actor.roles for relation in relations
    )


def authorize(
    actor: Actor,
    action: Action,
    relations: frozenset[Relation] = frozenset({Relation.MEMBER}),
    *,
    of: str = "",
) -> None:
    """Let the action pass or refuse it.

    `of` names the kind of thing asked about; with it, an actor who stands in no relation to the
    thing learns nothing of its existence.

    Raises: Unknown to a stranger of the thing; NotPermitted to whoever may know of it.
    """
    if permitted(actor, action, relations):
        return
    if of and relations <= {Relation.MEMBER}:
        raise Unknown(of)
    raise NotPermitted(action.value)
