"""What every use case about an appointment begins with: may this actor, and is there room."""

from datetime import datetime

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.scheduling.appointment import Appointment, TimeTaken
from telehealth_core.scheduling.availability import NO_CLASH, Diary, NotBookable
from telehealth_core.scheduling.ports import SchedulingWork
from telehealth_core.shared.ids import AppointmentId


def authorized_appointment(
    work: SchedulingWork, actor: Actor, action: Action, id: AppointmentId, at: datetime
) -> Appointment:
    """The appointment, if the actor stands so to its patient and provider that the policy lets the
    action pass.

    Raises: Unknown, NotPermitted.
    """
    appointment = work.appointments.get(id)
    ties = work.patients.get(appointment.patient_id).ties
    standing = relations(actor, ties, provider_id=appointment.provider_id, at=at)
    authorize(actor, action, standing, of="appointment")
    return appointment


def make_room(work: SchedulingWork, actor: Actor, wanted: Appointment, diary: Diary) -> None:
    """Give up the lapsed holds that are in the way of a claim, and see that no rule objects to it.

    Raises: TimeTaken, NotBookable.
    """
    beside = competing(work, wanted)
    for lapsed in (one for one in beside if one.lapsed(diary.at)):
        expired, event = lapsed.expire(by=actor.id, at=diary.at)
        work.appointments.save(expired, event)
    busy = tuple(
        one.occupies if one.provider_id == wanted.provider_id else one.during
        for one in beside
        if one.occupying(diary.at)
    )
    objections = attrs.evolve(diary, busy=busy).objections(wanted.during)
    if objections == (NO_CLASH,):
        raise TimeTaken
    if objections:
        raise NotBookable(", ".join(objections))


def competing(work: SchedulingWork, wanted: Appointment) -> list[Appointment]:
    """What cannot be beside it, lapsed holds included."""
    near = work.appointments.occupying(
        wanted.occupies, provider_id=wanted.provider_id, patient_id=wanted.patient_id
    )
    return [one for one in near if one.id != wanted.id and one.competes_with(wanted)]
