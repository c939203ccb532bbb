"""What is found out only by asking: who may read what, and whether what is offered can be had."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from telehealth_core.access.actor import STAFF, Actor, Relation, Role
from telehealth_core.access.policy import Action, permitted
from telehealth_core.billing.charge import Charge
from telehealth_core.practice.settings import Charging, SettingsVersion
from telehealth_core.scheduling.appointment import TimeTaken
from telehealth_core.scheduling.availability import NotBookable
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.scheduling.search import Wishes
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import Refusal
from telehealth_core.testing.world.steps import NothingToAsk
from telehealth_core.workforce.provider import NotLicensed

if TYPE_CHECKING:
    from telehealth_core.testing.world.world import World

Probe = Callable[["World"], str]
_TREATS = frozenset(
    {AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.FULFILLED}
)


def charging_of(w: "World", charge: Charge) -> Charging:
    """When the visit of this charge is paid, by the settings it was booked under."""
    id = SettingsVersion.id_of(charge.practice_id, charge.settings_version)
    known = w.store.rows.get("settings_history", {}).get(id)
    settings = known.settings if known else w.store.rows["practices"][charge.practice_id].settings
    charging: Charging = settings.charging
    return charging


def stands(w: "World", actor: Actor, patient: Any, provider_id: Any = None) -> frozenset[Relation]:
    """How the actor stands to the patient, worked out from the rows alone."""
    if actor.practice_id != patient.practice_id:
        return frozenset()
    glasses = w.store.rows.get("emergency_accesses", {}).values()
    found = {
        Relation.MEMBER: True,
        Relation.PRACTICE: bool(actor.roles & STAFF),
        Relation.SELF: actor.patient_id == patient.id,
        Relation.GUARDIAN: _guards(w, actor, patient),
        Relation.FOLLOWING: any(
            tie.partner_id == actor.partner_id and tie.since <= w.now < tie.until
            for tie in patient.partners
        ),
        Relation.TREATING: actor.provider_id is not None
        and (
            _treats(w, actor, patient) if provider_id is None else actor.provider_id == provider_id
        ),
        Relation.EMERGENCY: any(
            one.patient_id == patient.id and one.user_id == actor.id and w.now < one.until
            for one in glasses
        ),
    }
    return frozenset(relation for relation, holds in found.items() if holds)


def _guards(w: "World", actor: Actor, patient: Any) -> bool:
    return any(
        tie.guardian == actor.patient_id
        and not tie.suspended
        and not tie.ended
        and (tie.until is None or w.now < tie.until)
        for tie in patient.guardians
    )


def _treats(w: "World", actor: Actor, patient: Any) -> bool:
    visits = w.store.rows.get("appointments", {}).values()
    given = [one for one in visits if one.status in _TREATS]
    programs = w.store.rows.get("programs", {}).values()
    return any(
        one.provider_id == actor.provider_id and one.patient_id == patient.id
        for one in (*given, *programs)
    )


def _answered(call: Callable[[], Any]) -> bool:
    try:
        call()
    except Refusal:
        return False
    return True


def policy_decides_who_reads(w: "World") -> str:
    """Somebody, of any practice, reads something: they get it only if the policy grants it."""
    actor, patient = w.stranger(), w.any("patients")
    reads: list[tuple[Action, Callable[..., Any], Any, Any]] = [
        (Action.VIEW_PATIENT, w.ask.registration.view, patient.id, None),
        (Action.VIEW_CONSENTS, w.ask.consents.of_patient, patient.id, None),
        (Action.VIEW_IDENTITY, w.ask.identity.view, patient.id, None),
        (Action.VIEW_WAITLIST, w.ask.waitlist.of_patient, patient.id, None),
        (Action.VIEW_PRESCRIPTION, w.ask.prescribing.of_patient, patient.id, None),
        (Action.VIEW_LETTER, w.ask.letters.of_patient, patient.id, None),
        (Action.VIEW_PROGRAM, w.ask.treatment.of_patient, patient.id, None),
        (Action.LIST_APPOINTMENTS, w.ask.diary.of_patient, patient.id, None),
        (Action.VIEW_OPENINGS, w.ask.oversight.opened_by, patient.id, None),
    ]
    if w.chance(50) and w.all("appointments"):
        one = w.any("appointments")
        patient = w.store.rows["patients"][one.patient_id]
        reads = [
            (Action.VIEW_APPOINTMENT, w.ask.scheduling.view, one.id, one.provider_id),
            (Action.VIEW_VISIT, w.ask.consultation.view, one.id, one.provider_id),
            (Action.VIEW_NOTES, w.ask.notes.read, one.id, one.provider_id),
            (Action.VIEW_CHARGE, w.ask.billing.charge, one.id, one.provider_id),
            (Action.VIEW_WORKSPACE, w.ask.provider_desk.workspace, one.id, one.provider_id),
        ]
    action, read, id, provider = w.rng.choice(reads)
    got = _answered(lambda: read(actor, id))
    if got and not permitted(actor, action, stands(w, actor, patient, provider)):
        who = sorted(actor.roles)
        return f"{who} {actor.id} got {action} of {id}"
    return ""


def partners_see_their_own(w: "World") -> str:
    """A partner sees the patients whom it referred and may follow, and nobody else (F51)."""
    actor = w.an_account(w.here, Role.PARTNER)
    seen = {one.patient_id for one in w.ask.follow_up.followed(actor)}
    referred = {
        one.patient_id
        for one in w.store.rows.get("referrals", {}).values()
        if one.partner_id == actor.partner_id
    }
    may = {
        one.id
        for one in w.all("patients")
        if Relation.FOLLOWING in stands(w, actor, one) and one.id in referred
    }
    return f"{seen ^ may} more or less than may be followed" if seen != may else ""


def guardians_see_nothing_hidden(w: "World") -> str:
    """What a clinician hid from guardians, no guardian gets (CHD-06)."""
    child = w.any("patients", lambda one: bool(one.guardians))
    guardian = w.of(patient_id=w.rng.choice(child.guardians).guardian)
    if guardian.patient_id in {None, child.id} or guardian.roles & STAFF:
        return ""
    if guardian.practice_id != child.practice_id:
        return ""
    lists: tuple[Callable[..., Any], ...] = (
        w.ask.prescribing.of_patient,
        w.ask.letters.of_patient,
        w.ask.diary.of_patient,
    )
    for read in lists:
        with suppress(Refusal):
            for one in read(guardian, child.id):
                if getattr(one, "hidden", False) or getattr(one, "hidden_from_guardians", False):
                    return f"a guardian got {type(one).__name__} {one.id}"
    for note in w.all("notes", lambda one: one.patient_id == child.id):
        read_note = partial(w.ask.notes.read, guardian, note.appointment_id)
        if note.hidden and _answered(read_note):
            return f"a guardian got the note of {note.appointment_id}"
    return ""


def offers_can_be_had(w: "World") -> str:
    """What search offers, a patient without other plans can hold (one predicate)."""
    period = Interval(w.now, w.now + timedelta(days=3))
    wishes = Wishes(period=period, location=w.here.location)
    offers = w.ask.search.find_times(w.here.visitor, wishes).offers
    patient = w.any("patients", lambda one: not one.guardians and one.is_verified(w.now))
    actor = w.of(patient_id=patient.id)
    if not offers or actor.patient_id != patient.id:
        return ""
    offer, id = w.rng.choice(offers), w.new_id()
    busy = any(
        one.patient_id == patient.id and one.occupying(w.now) and one.during.overlaps(offer.visit)
        for one in w.all("appointments")
    )
    try:
        w.ask.scheduling.hold(
            actor,
            id,
            patient_id=patient.id,
            session_id=offer.session.id,
            start=offer.visit.start,
            mode=min(offer.session.modes),
            location=w.here.location,
        )
    except (TimeTaken, NotBookable, NotLicensed) as refusal:
        return "" if busy else f"{offer.visit} is offered and cannot be held: {refusal!r}"
    except Refusal:
        return ""
    w.ask.scheduling.cancel(actor, id)
    return ""


def _or_nothing(probe: Probe) -> Probe:
    def asked(w: "World") -> str:
        try:
            return probe(w)
        except NothingToAsk:
            return ""

    return asked


PROBES: tuple[tuple[str, Probe], ...] = tuple(
    (probe.__name__.replace("_", " "), _or_nothing(probe))
    for probe in (
        policy_decides_who_reads,
        policy_decides_who_reads,
        partners_see_their_own,
        guardians_see_nothing_hidden,
        offers_can_be_had,
    )
)
