"""What every use case about an appointment begins with: may this actor, and is there room."""

from collections.abc import Iterable
from datetime import datetime

import attrs

from telehealth_core.access.actor import Actor, Ties, relations
from telehealth_core.access.policy import Action, authorize, permitted
from telehealth_core.access.use_cases import in_emergency
from telehealth_core.billing.charge import Charge
from telehealth_core.practice.practice import Practice
from telehealth_core.practice.settings import Settings
from telehealth_core.practice.use_cases import settings_under
from telehealth_core.scheduling.appointment import Appointment, TimeTaken
from telehealth_core.scheduling.approval import Facts, licensed
from telehealth_core.scheduling.availability import NO_CLASH, Diary, NotBookable
from telehealth_core.scheduling.limits import Beside, LimitsReached, Load, limits_reached
from telehealth_core.scheduling.override import remaining
from telehealth_core.scheduling.ports import SchedulingWork
from telehealth_core.shared.ids import AppointmentId
from telehealth_core.shared.refusal import IdReused
from telehealth_core.workforce.provider import NotLicensed


def authorized_appointment(
    work: SchedulingWork, actor: Actor, action: Action, id: AppointmentId, at: datetime
) -> Appointment:
    """The appointment, if the actor stands so to its patient and provider that the policy lets the
    action pass.

    Raises: Unknown, NotPermitted.
    """
    appointment = work.appointments.get(id)
    ties = work.patients.get(appointment.patient_id).ties
    provider = appointment.provider_id
    emergency = provider != actor.provider_id and in_emergency(work, actor, ties.patient_id, at)
    standing = relations(
        actor, ties, provider_id=provider, at=at, hidden=appointment.hidden, emergency=emergency
    )
    authorize(actor, action, standing, of="appointment")
    return appointment


def visible(
    actor: Actor,
    found: Iterable[Appointment],
    at: datetime,
    ties: Ties | None = None,
    *,
    emergency: bool = False,
) -> tuple[Appointment, ...]:
    """Those of a list that the actor may open one by one: a list shows nothing more (CHD-06)."""
    return tuple(
        one
        for one in found
        if permitted(
            actor,
            Action.VIEW_APPOINTMENT,
            relations(
                actor,
                ties,
                provider_id=one.provider_id,
                at=at,
                hidden=one.hidden,
                emergency=emergency and one.provider_id != actor.provider_id,
            ),
        )
    )


def settings_of(work: SchedulingWork, appointment: Appointment) -> Settings:
    """The settings that the appointment was booked under (F30)."""
    practice = work.practices.get(appointment.practice_id)
    return settings_under(work, practice, appointment.settings_version)


def beside(work: SchedulingWork, practice: Practice, wanted: Appointment, at: datetime) -> Beside:
    """What account, patient and provider have beside this claim."""
    return work.appointments.beside(wanted, day=practice.whole_day(wanted.during.start), at=at)


def repeated(existing: Appointment, wanted: Appointment) -> Appointment:
    """What stands under this id already, if the claim repeats it (N02). Raises: IdReused."""
    if not existing.same_claim(wanted):
        raise IdReused("appointment", wanted.id)
    return existing


def require_licensed(work: SchedulingWork, practice: Practice, wanted: Appointment) -> None:
    """Refuse a provider who may not treat the patient there and then.

    Raises: NotLicensed.
    """
    provider = work.providers.get(wanted.provider_id)
    if not licensed(practice, provider, wanted.location, wanted.during.start):
        raise NotLicensed(wanted.location)


def require_limits(load: Load, settings: Settings, wanted: Appointment) -> None:
    """Refuse what is one too many, unless staff set the limit aside.

    Raises: LimitsReached, naming every limit that is reached.
    """
    reached = remaining(limits_reached(load, settings), wanted.override)
    if reached:
        raise LimitsReached(", ".join(reached))


def objections(diary: Diary, wanted: Appointment, claims: Iterable[Appointment]) -> tuple[str, ...]:
    """The rules that object to a claim beside these others, but for those that staff set aside."""
    busy = tuple(
        one.occupies if one.provider_id == wanted.provider_id else one.during
        for one in claims
        if one.occupying(diary.at)
    )
    found = attrs.evolve(diary, busy=busy).objections(wanted.during)
    return remaining(found, wanted.override)


def give_up_lapsed(
    work: SchedulingWork, actor: Actor, claims: Iterable[Appointment], at: datetime
) -> None:
    """Give up the holds past their deadline that are in the way."""
    for lapsed in (one for one in claims if one.lapsed(at)):
        expired, event = lapsed.expire(by=actor.id, at=at)
        work.appointments.save(expired, event)


def make_room(
    work: SchedulingWork,
    actor: Actor,
    wanted: Appointment,
    diary: Diary,
    claims: Iterable[Appointment],
) -> None:
    """Give up the lapsed holds among the claims that are in the way of this one, and see that no
    rule objects to it.

    Raises: TimeTaken, NotBookable.
    """
    give_up_lapsed(work, actor, claims, diary.at)
    found = objections(diary, wanted, claims)
    if found == (NO_CLASH,):
        raise TimeTaken
    if found:
        raise NotBookable(", ".join(found))


def facts_of(work: SchedulingWork, appointment: Appointment, charge: Charge, at: datetime) -> Facts:
    """All that the checks weigh for a request."""
    practice = work.practices.get(appointment.practice_id)
    others = beside(work, practice, appointment, at)
    return Facts(
        practice=practice,
        settings=settings_of(work, appointment),
        appointment=appointment,
        session=work.sessions.get(appointment.session_id),
        provider=work.providers.get(appointment.provider_id),
        patient=work.patients.get(appointment.patient_id),
        charge=charge,
        card=work.cards.find(charge.card_id) if charge.card_id else None,
        elsewhere=tuple(one.during for one in others.claims if one.occupying(at)),
        load=others.load,
        at=at,
    )
