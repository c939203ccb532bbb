"""Conversations: who is in which follows from relations, asked afresh each time (F53, F54)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import attrs
import pytest

from telehealth_core.access.actor import Actor, FollowScope
from telehealth_core.access.policy import NotPermitted
from telehealth_core.messaging.conversation import Channel, Message, conversation_of
from telehealth_core.messaging.notice import NOTICES
from telehealth_core.practice.settings import Approval, Charging
from telehealth_core.registration.patient import Identifier
from telehealth_core.scheduling.life import AppointmentApproved
from telehealth_core.shared.ids import MessageId, PatientId, ReferralId
from telehealth_core.shared.refusal import IdReused, Invalid, Unknown
from telehealth_core.testing.memory import MemoryStore, MemoryWork
from unit.clinic import ALL_SO, Clinic, profile

CARE, PARTNER = Channel.CARE, Channel.PARTNER


class Circle:
    """A patient with a treating provider and a following partner, and everybody else."""

    def __init__(self) -> None:
        clinic = self.clinic = Clinic()
        self.patient = clinic.patient("Jo Client")
        provider, partner = clinic.provider(), clinic.partner()
        clinic.booked(self.patient, clinic.session(provider))
        self._follow(partner)
        self.people = {
            "patient": self.patient,
            "liaison": clinic.liaison,
            "provider": provider,
            "partner": partner,
            "admin": clinic.admin,
            "visitor": clinic.visitor,
            "another patient": clinic.patient("Lee Example"),
            "another provider": clinic.provider("Robin Doctor"),
            "another partner": clinic.partner("Another Charity"),
            "guardian": self._guardian(),
            "machinery": clinic.system,
            "liaison elsewhere": Clinic(beside=clinic).liaison,
        }

    def _follow(self, partner: Actor) -> None:
        clinic = self.clinic
        referral = clinic.ask.partnership.refer(
            partner,
            ReferralId(clinic.new_id()),
            clinic.person(self.patient).known,
            "needs care",
        )
        following = referral.following(
            since=clinic.clock(), days=30, days_most=30, scope=frozenset(FollowScope)
        )
        row = clinic.person(self.patient)
        clinic.store.rows["patients"][row.id] = attrs.evolve(row, partners=(following,))

    def _guardian(self) -> Actor:
        guardian = self.clinic.patient("Gil Guardian")
        self.child = self.clinic.dependant(guardian).id
        return guardian

    def post(self, who: str, channel: Channel, text: str = "hello") -> Message:
        """Write in the patient's conversation."""
        clinic = self.clinic
        id = MessageId(clinic.new_id())
        return clinic.ask.messaging.post(
            self.people[who], id, self.patient.as_patient(), channel, text
        )


@pytest.fixture(scope="module")
def circle() -> Circle:
    """Everybody there is."""
    return Circle()


INSIDE = {
    CARE: {"patient", "liaison", "provider"},
    PARTNER: {"patient", "liaison", "partner"},
}
PEOPLE = (
    "patient", "liaison", "provider", "partner", "admin", "visitor", "another patient",
    "another provider", "another partner", "guardian", "machinery", "liaison elsewhere",
)  # fmt: skip


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("who", PEOPLE)
def test_exactly_the_members_of_a_conversation_write_read_and_listen(
    circle: Circle, who: str, channel: Channel
) -> None:
    """Each forbidden pair is refused: nobody else, ever (F54, MSG-06)."""
    ask, patient = circle.clinic.ask.messaging, circle.patient.as_patient()
    before = circle.clinic.rows()
    if who in INSIDE[channel]:
        message = circle.post(who, channel)
        assert message in ask.read(circle.people[who], patient, channel)
        assert ask.listen(circle.people[who], patient, channel)
        return
    with pytest.raises((NotPermitted, Unknown)):
        circle.post(who, channel)
    for reading in (ask.read, ask.listen):
        with pytest.raises((NotPermitted, Unknown)):
            reading(circle.people[who], patient, channel)
    assert circle.clinic.rows() == before


def test_membership_ends_with_the_relation() -> None:
    """When consent is over, the partner neither reads nor writes; what was said stays."""
    circle = Circle()
    circle.post("partner", PARTNER, "how is it going?")
    circle.clinic.clock.forward(days=30)
    with pytest.raises(Unknown):
        circle.post("partner", PARTNER)
    (said,) = circle.clinic.ask.messaging.read(
        circle.clinic.liaison, circle.patient.as_patient(), PARTNER
    )
    assert said.text == "how is it going?"


def test_a_patients_conversations_are_two_and_apart(circle: Circle) -> None:
    """What is said in one is not read in the other."""
    circle.post("provider", CARE, "for care only")
    read = circle.clinic.ask.messaging.read
    texts = [one.text for one in read(circle.patient, circle.patient.as_patient(), PARTNER)]
    assert "for care only" not in texts
    ids = {conversation_of(circle.patient.as_patient(), channel) for channel in Channel}
    assert len(ids) == 2
    assert circle.patient.patient_id not in ids


def test_whoever_listens_is_told_that_there_is_something_and_not_what() -> None:
    """The vendor sees opaque ids; a replayed event is the same message (MSG-07)."""
    circle = Circle()
    message = circle.post("patient", CARE, "something personal")
    circle.clinic.drain(times=2)
    (published,) = circle.clinic.channels.published.values()
    assert published == (str(message.conversation_id), {"message": str(message.id)})
    assert "personal" not in repr(message)


def test_a_message_is_never_changed(circle: Circle) -> None:
    """Its id is used once, and it is never empty."""
    message = circle.post("patient", CARE)
    with pytest.raises(IdReused):
        circle.clinic.ask.messaging.post(
            circle.patient, message.id, circle.patient.as_patient(), CARE, "other words"
        )
    with pytest.raises(Invalid):
        circle.post("patient", CARE, " ")


# --- notices ---------------------------------------------------------------------------------


def test_notices_are_neutral_and_sent_once(clinic: Clinic) -> None:
    """A notice names its template and nothing else, however often the reaction runs (MSG-01)."""
    patient = clinic.patient("Pat Example")
    clinic.booked(patient, clinic.session(clinic.provider()))
    clinic.drain(times=3)
    sent = clinic.sent()
    assert [one[1] for one in sent] == ["identity-approved", "appointment-booked"]
    assert all(facts == {} for _, _, facts in sent)
    assert {template for template, _ in NOTICES.values()} >= {one[1] for one in sent}


def test_a_patient_is_told_what_others_decide_and_not_what_they_did_themselves() -> None:
    """Whoever is declined, or moved by the office, hears of it; whoever cancels knows (N11)."""
    clinic = Clinic(approval=Approval.LIAISON)
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    ask = clinic.ask.scheduling
    declined = clinic.requested(patient, session)
    clinic.decline(declined)
    moved = clinic.requested(patient, session)
    ask.reschedule(clinic.liaison, moved.id, session_id=session.id, start=moved.during.end)
    ask.cancel(patient, moved.id)
    clinic.drain()
    told = [template for _, template, _ in clinic.sent()]
    assert told == ["identity-approved", "appointment-declined", "appointment-moved"]


def test_a_childs_notices_go_to_the_guardian(clinic: Clinic) -> None:
    """Whoever has no account is written to through those who act for them."""
    guardian = clinic.patient()
    kim, session = clinic.dependant(guardian), clinic.session(clinic.provider())
    held = clinic.hold(guardian, session, on_behalf_of=kim.id)
    clinic.request(guardian, held)
    clinic.drain()
    address, template, _ = clinic.sent()[-1]
    assert template == "appointment-booked"
    assert address == clinic.store.rows["accounts"][guardian.id].email


def test_whoever_cannot_be_written_to_is_not(clinic: Clinic) -> None:
    """An imported patient without an account gets no notice, and nothing fails."""
    patient, _ = clinic.ask.registration.enrol(
        clinic.system, Identifier(system="ehr", value="42"), profile(), ()
    )
    clinic.submit(acting_as(clinic, patient.id))
    clinic.ask.identity.approve(clinic.liaison, patient.id, "same face", ALL_SO)
    clinic.drain()
    assert not clinic.sent()


def acting_as(clinic: Clinic, id: PatientId) -> Actor:
    """Somebody who acts as this patient without an account of their own."""
    return attrs.evolve(clinic.registering(), patient_id=id)


def test_a_notice_about_money_goes_to_who_pays_and_one_about_a_hidden_visit_to_no_guardian() -> (
    None
):
    """A child's payment is its payer's news; what is hidden from guardians is not told them
    (F44, CHD-06).
    """
    clinic = Clinic(charging=Charging.AT_BOOKING, approval=Approval.LIAISON)
    guardian = clinic.patient("Gil Guardian", card="tok_fails_later")
    kim, session = clinic.dependant(guardian), clinic.session(clinic.provider())
    held = clinic.hold(guardian, session, on_behalf_of=kim.id)
    clinic.request(guardian, held)
    clinic.drain()
    address = clinic.store.rows["accounts"][guardian.id].email
    assert [(to, what) for to, what, _ in clinic.sent() if what == "payment-failed"] == [
        (address, "payment-failed")
    ]
    told = len(clinic.sent())
    shown = clinic.hold(
        guardian, session, session.during.start + timedelta(hours=1), on_behalf_of=kim.id
    )
    clinic.store.rows["appointments"][shown.id] = attrs.evolve(shown, hidden=True)
    clinic.ask.messaging.notify(
        clinic.system, AppointmentApproved(shown.id, 9, clinic.system.id, clinic.clock())
    )
    assert len(clinic.sent()) == told


@attrs.define(slots=False)
class Interrupted(MemoryStore):
    """A store in which something happens right before the next change is written."""

    meanwhile: Callable[[], Any] | None = None

    @contextmanager
    def work(self, actor: Actor) -> Iterator[MemoryWork]:
        """A unit of work that somebody else is quicker than."""
        with super().work(actor) as work:
            yield work
            if work._staged and self.meanwhile:
                quicker, self.meanwhile = self.meanwhile, None
                quicker()


def test_of_two_who_write_the_first_word_at_once_both_are_heard() -> None:
    """The second finds the conversation that the first began meanwhile (F53)."""
    store = Interrupted()
    clinic = Clinic(ports={"store": store})
    patient = clinic.patient()
    about, ask = patient.as_patient(), clinic.ask.messaging
    one, other = MessageId(clinic.new_id()), MessageId(clinic.new_id())
    store.meanwhile = lambda: ask.post(clinic.liaison, one, about, CARE, "Welcome.")
    ask.post(patient, other, about, CARE, "Hello.")
    assert {message.id for message in ask.read(patient, about, CARE)} == {one, other}
