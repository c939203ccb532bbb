"""Steps around the diary: shifts, times, requests, moves, and who waits."""

from datetime import datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from telehealth_core.access.actor import Actor
from telehealth_core.scheduling.life import (
    OCCUPYING,
    AppointmentStatus,
    DeclineCode,
    Declined,
)
from telehealth_core.scheduling.override import SOFT, Override
from telehealth_core.scheduling.pre_screening import Answer
from telehealth_core.scheduling.recurrence import Recurrence, Weekday
from telehealth_core.scheduling.search import Wishes
from telehealth_core.scheduling.series import Rhythm
from telehealth_core.scheduling.session import Mode, SessionStatus
from telehealth_core.scheduling.use_cases import Wish
from telehealth_core.shared.interval import Interval
from telehealth_core.testing.world.place import MARKER, PHOTO
from telehealth_core.testing.world.steps.registering import verified
from telehealth_core.testing.world.steps.step import Call, NothingToAsk, Step, ask

if TYPE_CHECKING:
    from telehealth_core.testing.world.world import World

_MODES = (Mode.VIDEO, Mode.VIDEO, Mode.VOICE)
_LIVE = OCCUPYING - {AppointmentStatus.FULFILLED}


def appointment(w: "World", *statuses: AppointmentStatus) -> Any:
    """An appointment in one of these states, mostly; now and then any."""
    if not statuses or w.chance(5):
        return w.any("appointments")
    return w.any("appointments", lambda one: one.status in statuses)


def patients_side(w: "World", one: Any) -> Actor:
    """The patient of an appointment or a charge, or who acts for them."""
    ties = w.store.rows["patients"][one.patient_id].guardians
    return w.of(patient_id=w.rng.choice(ties).guardian if ties else one.patient_id)


def card_of(w: "World", actor: Actor) -> Any:
    """A card of this actor, if there is one."""
    own = w.all("cards", lambda one: one.patient_id == actor.patient_id)
    return w.rng.choice(own).id if own and w.chance(97) else None


def _side(w: "World", one: Any) -> Actor:
    return patients_side(w, one) if w.chance(70) else w.staff()


def _day(w: "World", days: int) -> datetime:
    zone = ZoneInfo(w.here.zone)
    day = w.now.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time(w.rng.randrange(0, 20)), zone)


def _add_session(w: "World") -> Call:
    start = _day(w, w.rng.randrange(0, 4)).astimezone(w.now.tzinfo)
    return ask(
        w.ask.diary.add_session,
        w.staff(),
        w.new_id(),
        provider_id=w.any("providers").id,
        during=Interval(start, start + timedelta(hours=w.rng.randrange(1, 5))),
        service="visit",
        modes=frozenset(Mode) if w.chance(80) else frozenset({Mode.VOICE}),
        start_every_minutes=w.rng.choice((15, 30, 30, 40)),
        draft=w.chance(15),
    )


def _add_series(w: "World") -> Call:
    first = _day(w, 1).date()
    return ask(
        w.ask.diary.add_series,
        w.staff(),
        w.new_id(),
        provider_id=w.any("providers").id,
        recurrence=Recurrence(
            weekdays=frozenset(Weekday),
            starts=time(w.rng.choice((0, 1, 2, 9))),
            ends=time(w.rng.choice((3, 4, 12))),
            first_day=first,
            last_day=first + timedelta(days=w.rng.randrange(0, 5)),
        ),
        service="visit",
        modes=frozenset(Mode),
        start_every_minutes=30,
    )


def _publish(w: "World") -> Call:
    session = w.any("sessions", lambda one: one.status is SessionStatus.DRAFT)
    return ask(w.ask.diary.publish_session, w.staff(), session.id, rest=w.chance(50))


def _revise(w: "World") -> Call:
    session, price = w.any("sessions"), w.here.money(w.rng.choice((0, 4_500, 6_000, 7_500)))
    return ask(
        w.ask.diary.revise_session, w.staff(), session.id, modes=frozenset(Mode), price=price
    )


def _close(w: "World") -> Call:
    return ask(w.ask.diary.close_session, w.staff(), w.any("sessions").id, rest=w.chance(30))


def session_ahead(w: "World") -> Any:
    """A published shift that is not over. Raises: NothingToAsk."""
    return w.any(
        "sessions",
        lambda one: one.status is SessionStatus.PUBLISHED and one.during.end > w.now,
    )


def start_in(w: "World", session: Any) -> datetime:
    """One of the shift's starts, mostly; now and then off its grid."""
    if w.chance(4):
        off: datetime = session.during.start + timedelta(minutes=7)
        return off
    ahead = [one.start for one in islice(session.visits(w.now), 20)] or [session.during.start]
    last = w.starts.get(session.id)
    if last is not None and last in ahead and (w.racing or w.chance(10)):
        return last
    w.starts[session.id] = w.rng.choice(ahead)
    return w.starts[session.id]


def _hold(w: "World") -> Call:
    session, patient = session_ahead(w), verified(w)
    guardians = patient.guardians
    actor = w.of(patient_id=guardians[0].guardian if guardians else patient.id)
    return ask(
        w.ask.scheduling.hold,
        actor,
        w.new_id(),
        patient_id=patient.id,
        session_id=session.id,
        start=start_in(w, session),
        mode=w.rng.choice(_MODES),
        location=w.here.location if w.chance(95) else "US-CA",
    )


def _describe(w: "World") -> Call:
    one = appointment(w, AppointmentStatus.HELD, AppointmentStatus.PENDING)
    return ask(w.ask.scheduling.describe, patients_side(w, one), one.id, reason=MARKER)


def _pre_screen(w: "World") -> Call:
    one = appointment(w, AppointmentStatus.HELD, AppointmentStatus.BOOKED)
    answers = (Answer("Any pain?", w.rng.choice(("yes", "no"))),)
    return ask(w.ask.scheduling.pre_screen, patients_side(w, one), one.id, answers)


def _attach(w: "World") -> Call:
    one = appointment(w, AppointmentStatus.HELD)
    return ask(w.ask.scheduling.attach, patients_side(w, one), one.id, w.new_id(), PHOTO)


def _request(w: "World") -> Call:
    one = w.any(
        "appointments",
        lambda one: one.status is AppointmentStatus.HELD and (one.held_until > w.now),
    )
    actor = patients_side(w, one)
    agreed = one.price if w.chance(97) else w.here.money(1)
    return ask(
        w.ask.scheduling.request,
        actor,
        one.id,
        agreed=agreed,
        card_id=card_of(w, actor),
        starts_within_cooling_off=w.chance(95),
    )


def _approve(w: "World") -> Call:
    one = appointment(w, AppointmentStatus.PENDING)
    return ask(w.ask.approval.approve, w.staff(), one.id, override=_override(w))


def _decline(w: "World") -> Call:
    one = appointment(w, AppointmentStatus.PENDING)
    return ask(w.ask.approval.decline, w.staff(), one.id, Declined(DeclineCode.OTHER, MARKER))


def _override(w: "World") -> Override | None:
    return Override(rules=SOFT, reason=MARKER) if w.chance(30) else None


def _reschedule(w: "World") -> Call:
    one = appointment(w, AppointmentStatus.PENDING, AppointmentStatus.BOOKED)
    session = w.any(
        "sessions",
        lambda shift: shift.provider_id == one.provider_id and shift.during.end > w.now,
    )
    return ask(
        w.ask.scheduling.reschedule,
        _side(w, one),
        one.id,
        session_id=session.id,
        start=start_in(w, session),
    )


def _cancel(w: "World") -> Call:
    one = appointment(w, *_LIVE)
    return ask(w.ask.scheduling.cancel, _side(w, one), one.id)


def _miss(w: "World") -> Call:
    one = appointment(w, AppointmentStatus.BOOKED)
    return ask(w.ask.cancellation.miss, w.staff(), one.id)


def _desk_book(w: "World") -> Call:
    session, patient = session_ahead(w), verified(w)
    cards = w.all("cards", lambda one: one.patient_id == patient.id)
    return ask(
        w.ask.desk.book,
        w.staff(),
        w.new_id(),
        patient_id=patient.id,
        session_id=session.id,
        start=start_in(w, session),
        mode=w.rng.choice(_MODES),
        location=w.here.location,
        agreed=session.price,
        card_id=cards[-1].id if cards else None,
        override=_override(w),
        starts_within_cooling_off=True,
    )


def _amend(w: "World") -> Call:
    one = appointment(w, AppointmentStatus.BOOKED)
    return ask(
        w.ask.desk.amend,
        w.staff(),
        one.id,
        mode=w.rng.choice(_MODES),
        location=w.here.location,
        description=MARKER,
        because=MARKER,
    )


def _review_flag(w: "World") -> Call:
    one = w.any("appointments", lambda one: one.flags_open)
    return ask(w.ask.desk.review, w.staff(), one.id, MARKER)


def _book_series(w: "World") -> Call:
    session, patient = session_ahead(w), verified(w)
    local = start_in(w, session).astimezone(ZoneInfo(w.here.zone))
    actor = w.of(patient_id=patient.id) if not patient.guardians else w.staff()
    wish = Wish(
        patient_id=patient.id,
        provider_id=session.provider_id,
        service="visit",
        rhythm=Rhythm(first_day=local.date(), starts=local.time(), every_weeks=1, visits=2),
        mode=Mode.VIDEO,
        location=w.here.location,
        agreed=session.price,
        override=_override(w),
        starts_within_cooling_off=True,
    )
    return ask(w.ask.series.book, actor, w.new_id(), wish, card_id=card_of(w, actor))


def _cancel_rest(w: "World") -> Call:
    one = w.any("appointments", lambda one: one.series is not None)
    return ask(w.ask.series.cancel_rest, _side(w, one), one.id)


def _join_waitlist(w: "World") -> Call:
    patient = verified(w)
    actor = w.of(patient_id=patient.id) if not patient.guardians else w.staff()
    provider = w.any("providers").id if w.chance(60) else None
    return ask(
        w.ask.waitlist.join,
        actor,
        w.new_id(),
        patient_id=patient.id,
        location=w.here.location,
        period=Interval(w.now, w.now + timedelta(days=4)),
        provider_id=provider,
        specialty=None if provider else "general",
    )


def _leave_waitlist(w: "World") -> Call:
    entry = w.any("waitlist")
    return ask(w.ask.waitlist.leave, _side(w, entry), entry.id)


def _hide(w: "World") -> Call:
    one = w.any("appointments")
    verb: Any = w.rng.choice((w.ask.scheduling.hide, w.ask.scheduling.unhide))
    return ask(verb, w.of(provider_id=one.provider_id), one.id)


def _view_appointment(w: "World") -> Call:
    one = w.any("appointments")
    return ask(w.ask.scheduling.view, _side(w, one), one.id)


def _calendar(w: "World") -> Call:
    patient = w.any("patients")
    return ask(w.ask.diary.calendar, w.of(patient_id=patient.id), patient.id)


def _find_times(w: "World") -> Call:
    wishes = Wishes(period=Interval(w.now, w.now + timedelta(days=3)), location=w.here.location)
    return ask(w.ask.search.find_times, w.stranger(), wishes)


def _dashboard(w: "World") -> Call:
    period = Interval(w.now - timedelta(days=1), w.now + timedelta(days=3))
    if not w.all("appointments"):
        raise NothingToAsk
    return ask(w.ask.diary.dashboard, w.staff(), period)


BOOKING = (
    Step("add session", 8, _add_session, creates=True),
    Step("add shift series", 1, _add_series, creates=True),
    Step("publish session", 2, _publish),
    Step("revise session", 1, _revise),
    Step("close session", 1, _close),
    Step("hold", 90, _hold, creates=True),
    Step("describe", 3, _describe),
    Step("pre-screen", 3, _pre_screen),
    Step("attach photo", 2, _attach, creates=True),
    Step("request", 60, _request),
    Step("approve", 16, _approve),
    Step("decline", 2, _decline),
    Step("reschedule", 6, _reschedule),
    Step("cancel", 6, _cancel),
    Step("miss", 3, _miss),
    Step("book at the desk", 6, _desk_book, creates=True),
    Step("amend", 2, _amend),
    Step("review red flag", 2, _review_flag),
    Step("book series", 3, _book_series, creates=True),
    Step("cancel rest of series", 1, _cancel_rest),
    Step("join waitlist", 5, _join_waitlist, creates=True),
    Step("leave waitlist", 2, _leave_waitlist),
    Step("hide appointment", 1, _hide),
    Step("view appointment", 3, _view_appointment, reads=True),
    Step("calendar", 2, _calendar),
    Step("find times", 2, _find_times),
    Step("dashboard", 1, _dashboard),
)
