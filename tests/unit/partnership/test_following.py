"""Following: what a partner sees is what the patient lets it see, and for no longer (F51, F02,
ACC-14, CON-02).
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest

from telehealth_core.access.actor import Actor, FollowScope, Role
from telehealth_core.access.policy import NotPermitted
from telehealth_core.messaging.conversation import Channel
from telehealth_core.partnership.partner import PartnerIsSuspended
from telehealth_core.shared.ids import MessageId, PartnerId, PatientId, QuestionnaireId, ReferralId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import IdReused, Invalid, Refusal, Unknown
from telehealth_core.treatment.program import ProgramKind
from unit.access.cases import CASES
from unit.access.world import World
from unit.clinic import ALL_SO, PASSWORD, Clinic, profile
from unit.partnership.test_partnership import accepted, enrolled
from unit.treatment.test_treatment import started

DETAILS, PROGRAM, SCORES, CHAT = FollowScope
EVERYTHING = frozenset(FollowScope)


class Followed:
    """A patient whom a partner referred, in a program, with an alarming answer and a message."""

    def __init__(self) -> None:
        clinic = self.clinic = Clinic()
        self.partner, self.provider = clinic.partner(), clinic.provider()
        self.organisation = self.partner.as_partner()
        accepted(clinic, self.partner)
        self.id = enrolled(clinic, None).id
        accounts = clinic.store.rows["accounts"].values()
        (self.patient,) = (one.actor() for one in accounts if one.patient_id == self.id)
        clinic.submit(self.patient)
        clinic.ask.identity.approve(clinic.liaison, self.id, "same face", ALL_SO)
        started(clinic, self.patient, self.provider)
        clinic.ask.questionnaires.answer(
            self.patient, QuestionnaireId(clinic.new_id()), self.id,
            instrument="phq-9", answers=(0,) * 8 + (3,),
        )  # fmt: skip
        self.say(self.patient)
        clinic.drain()

    def say(self, who: Actor) -> None:
        """Write to the partner's side."""
        id = MessageId(self.clinic.new_id())
        self.clinic.ask.messaging.post(who, id, self.id, Channel.PARTNER, "hello")

    def let(self, scope: Iterable[FollowScope], days: int = 30) -> None:
        """Let the partner follow so far."""
        self.clinic.ask.follow_up.let(
            self.patient, self.id, self.organisation, days=days, scope=frozenset(scope)
        )

    def end(self) -> None:
        """Let the partner follow no more."""
        self.clinic.ask.follow_up.end(self.patient, self.id, self.organisation)

    def seen_by(self, who: Actor) -> frozenset[FollowScope]:
        """How far this member of a partner sees the patient: tried, one by one."""
        ask = self.clinic.ask
        ways: dict[FollowScope, Callable[[], Any]] = {
            PROGRAM: lambda: ask.treatment.of_patient(who, self.id),
            SCORES: lambda: ask.questionnaires.of_patient(who, self.id),
            CHAT: lambda: ask.messaging.read(who, self.id, Channel.PARTNER),
        }
        seen = set()
        for scope, way in ways.items():
            try:
                assert len(way()) == 1
            except (Unknown, NotPermitted):
                continue
            seen.add(scope)
        return frozenset(seen)


@pytest.fixture
def followed() -> Followed:
    """Somebody who has not let anybody follow yet."""
    return Followed()


SCOPES = [
    frozenset(one for place, one in enumerate(FollowScope) if number >> place & 1)
    for number in range(1, 16)
]


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: "+".join(sorted(scope)))
def test_a_partner_sees_exactly_what_the_scope_grants(
    followed: Followed, scope: frozenset[FollowScope]
) -> None:
    """Details, program, scores and chat, each only where the patient said so (F51, ACC-03)."""
    followed.let(scope)
    clinic, partner = followed.clinic, followed.partner
    assert followed.seen_by(partner) == scope - {DETAILS}
    (listed,) = clinic.ask.follow_up.followed(partner)
    assert (listed.patient_id, listed.scope) == (followed.id, scope)
    assert (listed.patient is not None) is (DETAILS in scope)
    read = clinic.store.audit[-1]
    assert (read.actor, read.patient_id) == (partner.id, followed.id)
    other = clinic.partner("Another Charity")
    assert followed.seen_by(other) == frozenset()
    assert clinic.ask.follow_up.followed(other) == ()


def test_scores_are_told_without_answers_and_without_alarms(followed: Followed) -> None:
    """An alarm would tell the partner one of the answers (ACC-03)."""
    followed.let({SCORES})
    (told,) = followed.clinic.ask.questionnaires.of_patient(followed.partner, followed.id)
    assert (told.score, told.band, told.answers) == (3, "minimal", ())
    assert (told.alarm, told.seen_by, told.seen_at) == (False, None, None)


def test_the_call_after_the_end_finds_nobody(followed: Followed) -> None:
    """Ended in the same transaction: the very next call is unknown, and that there was a consent
    stays in the record (ACC-14, CON-02).
    """
    followed.let(EVERYTHING)
    assert followed.seen_by(followed.partner) == EVERYTHING - {DETAILS}
    followed.end()
    with pytest.raises(Unknown):
        followed.clinic.ask.treatment.of_patient(followed.partner, followed.id)
    assert followed.seen_by(followed.partner) == frozenset()
    assert followed.clinic.ask.follow_up.followed(followed.partner) == ()
    (tie,) = followed.clinic.person(followed.patient).partners
    assert tie.until == followed.clinic.clock()
    before = followed.clinic.rows()
    with pytest.raises(Unknown):
        followed.end()
    assert followed.clinic.rows() == before


def test_following_is_over_at_the_last_instant_of_its_days(followed: Followed) -> None:
    """A microsecond before it lasts, at it nothing is seen (ACC-14)."""
    followed.let(EVERYTHING, days=7)
    followed.clinic.clock.forward(days=7, microseconds=-1)
    assert followed.seen_by(followed.partner) == EVERYTHING - {DETAILS}
    followed.clinic.clock.forward(microseconds=1)
    assert followed.seen_by(followed.partner) == frozenset()
    assert followed.clinic.ask.follow_up.followed(followed.partner) == ()


def test_what_is_agreed_anew_ends_what_was_agreed_before(followed: Followed) -> None:
    """Narrower or shorter counts from now on; the history keeps both (F51)."""
    followed.let(EVERYTHING, days=90)
    followed.clinic.clock.forward(days=1)
    followed.let({PROGRAM}, days=2)
    assert followed.seen_by(followed.partner) == {PROGRAM}
    followed.clinic.clock.forward(days=2)
    assert followed.seen_by(followed.partner) == frozenset()
    first, second = followed.clinic.person(followed.patient).partners
    assert (first.until, second.until - second.since) == (second.since, timedelta(days=2))


@pytest.mark.parametrize(("days", "scope"), [(0, EVERYTHING), (731, EVERYTHING), (30, frozenset())])
def test_consent_says_how_long_and_how_far(
    followed: Followed, days: int, scope: frozenset[FollowScope]
) -> None:
    """Neither endless nor empty; refused, it leaves everything as it was (F51)."""
    followed.let({PROGRAM})
    before = followed.clinic.rows()
    with pytest.raises(Invalid):
        followed.let(scope, days=days)
    assert followed.clinic.rows() == before
    assert followed.seen_by(followed.partner) == {PROGRAM}


def test_only_the_patients_side_decides_and_only_for_who_referred(followed: Followed) -> None:
    """Neither the office, nor a clinician, nor the partner itself lets anybody follow (F51)."""
    clinic, ask = followed.clinic, followed.clinic.ask.follow_up
    other = clinic.partner("Another Charity")
    before = clinic.rows()
    for who, refusal in (
        (clinic.liaison, NotPermitted), (clinic.admin, NotPermitted),
        (followed.provider, NotPermitted), (followed.partner, Unknown),
        (clinic.patient("Lee Example", card=None), Unknown),
    ):  # fmt: skip
        with pytest.raises(refusal):
            ask.let(who, followed.id, followed.organisation, days=9, scope=EVERYTHING)
        with pytest.raises(refusal):
            ask.end(who, followed.id, followed.organisation)
    with pytest.raises(Unknown):
        ask.let(followed.patient, followed.id, other.as_partner(), days=9, scope=EVERYTHING)
    with pytest.raises(Unknown):
        ask.let(followed.patient, followed.id, PartnerId(clinic.new_id()), days=9, scope=EVERYTHING)
    assert clinic.rows().items() >= before.items()
    assert clinic.person(followed.patient).partners == ()


# --- suspension ------------------------------------------------------------------------------


def test_a_suspended_partner_sees_nothing_from_the_next_request_on(followed: Followed) -> None:
    """Neither programs, scores and conversations nor its own referrals; reinstated, what consent
    still grants is there again, and a member who joined meanwhile saw nothing either (F02).
    """
    clinic, ask = followed.clinic, followed.clinic.ask
    followed.let(EVERYTHING)
    ask.partnership.suspend_partner(clinic.liaison, followed.organisation, "a complaint")
    late = clinic.account(Role.PARTNER, partner_id=followed.organisation)
    for member in (followed.partner, late):
        assert followed.seen_by(member) == frozenset()
        with pytest.raises(Unknown):
            followed.say(member)
        calls: tuple[Callable[..., object], ...] = (
            ask.follow_up.followed,
            ask.partnership.referrals,
            lambda who: ask.partnership.refer(
                who, ReferralId(clinic.new_id()), profile(), "needs care"
            ),
        )
        for call in calls:
            with pytest.raises(PartnerIsSuspended):
                call(member)
    ask.partnership.reinstate_partner(clinic.liaison, followed.organisation, "settled")
    for member in (followed.partner, late):
        assert followed.seen_by(member) == EVERYTHING - {DETAILS}
    assert len(ask.partnership.referrals(followed.partner)) == 1


def test_a_suspended_partner_moves_no_referral(clinic: Clinic) -> None:
    """Each verb on its own drafts is refused and changes nothing; the practice goes on (F02)."""
    partner, ask = clinic.partner(), clinic.ask.partnership
    id = ReferralId(clinic.new_id())
    ask.draft(partner, id, profile("Jo Client"), "needs care")
    ask.suspend_partner(clinic.liaison, partner.as_partner(), "a complaint")
    before = clinic.rows()
    calls: tuple[Callable[..., object], ...] = (
        lambda: ask.revise(partner, id, profile("Jo Client"), "more"),
        lambda: ask.submit(partner, id),
        lambda: ask.withdraw(partner, id, "never mind"),
        lambda: ask.view_referral(partner, id),
        lambda: ask.draft(partner, ReferralId(clinic.new_id()), profile(), "another"),
    )
    for call in calls:
        with pytest.raises(PartnerIsSuspended):
            call()
    with pytest.raises(IllegalTransition):
        ask.suspend_partner(clinic.admin, partner.as_partner(), "again")
    assert clinic.rows() == before
    assert ask.view_referral(clinic.liaison, id).id == id
    assert [one.status for one in ask.partners(clinic.admin)] == ["suspended"]


def test_a_suspended_partner_is_refused_whatever_is_not_open_to_everybody() -> None:
    """Every use case of the platform is tried: what is not open to everybody is refused, and
    nothing changes (F02).
    """
    world = World()
    here = world.here
    here.ask.partnership.suspend_partner(here.liaison, world.partner.as_partner(), "a complaint")
    here.drain()
    before, passed = here.rows(), set()
    for name, case in CASES.items():
        try:
            case.call(world, world.partner, here.new_id())
        except (Refusal, AssertionError):
            continue
        passed.add(name)
    everybody = {name for name, case in CASES.items() if "partner" in case.may}
    assert passed <= everybody
    assert passed.isdisjoint({"FollowUp.followed", "Partnership.referrals", "Partnership.refer"})
    assert here.rows() == before


# --- referrals -------------------------------------------------------------------------------


def test_a_draft_is_written_anew_until_it_is_sent(clinic: Clinic) -> None:
    """Drafted, revised, sent once; withdrawn, its invitation is void (F49, F50)."""
    partner, ask = clinic.partner(), clinic.ask.partnership
    id = ReferralId(clinic.new_id())
    assert ask.draft(partner, id, profile("Jo Client"), "needs care").status == "draft"
    assert ask.draft(partner, id, profile("Jo Client"), "needs care").version == 1
    revised = ask.revise(partner, id, profile("Mo Client"), "needs more care")
    assert (revised.client.given_name, revised.reason) == ("Mo", "needs more care")
    sent = ask.submit(partner, id)
    assert (sent.status, sent.submitted_at) == ("submitted", clinic.clock())
    calls: tuple[Callable[..., object], ...] = (
        lambda: ask.revise(partner, id, profile(), "too late"),
        lambda: ask.submit(partner, id),
    )
    for call in calls:
        with pytest.raises(IllegalTransition):
            call()
    secret = "a secret for the client alone"
    ask.accept(clinic.liaison, id, invitation=secret)
    clinic.drain()
    withdrawn = ask.withdraw(partner, id, "the client moved")
    assert (withdrawn.status, withdrawn.closed_because) == ("withdrawn", "the client moved")
    with pytest.raises(Unknown):
        enrolled(clinic, None, secret)


def test_to_refer_what_is_a_draft_is_to_send_it(clinic: Clinic) -> None:
    """A draft is not left unsent under the same id; what was sent is found (F49)."""
    partner, ask = clinic.partner(), clinic.ask.partnership
    id = ReferralId(clinic.new_id())
    ask.draft(partner, id, profile("Jo Client"), "needs care")
    sent = ask.refer(partner, id, profile("Jo Client"), "needs care")
    assert sent.status == "submitted"
    assert ask.refer(partner, id, profile("Jo Client"), "needs care") == sent
    assert ask.referrals(clinic.liaison) == (sent,)


def test_a_partner_lists_its_own_and_the_office_what_waits(clinic: Clinic) -> None:
    """Newest first for the partner, oldest first for the office; no other partner's (F49, F51)."""
    ask, partner, other = (
        clinic.ask.partnership,
        clinic.partner(),
        clinic.partner("Another Charity"),
    )
    mine = []
    for name in ("Jo Client", "Mo Client"):
        clinic.clock.forward(minutes=1)
        mine.append(ask.refer(partner, ReferralId(clinic.new_id()), profile(name), "needs care"))
    clinic.clock.forward(minutes=1)
    theirs = ask.refer(other, ReferralId(clinic.new_id()), profile("Bo Client"), "needs care")
    assert ask.referrals(partner) == (mine[1], mine[0])
    assert ask.referrals(other) == (theirs,)
    assert [one.id for one in ask.referrals(clinic.liaison)] == [mine[0].id, mine[1].id, theirs.id]
    calls: tuple[Callable[..., object], ...] = (
        lambda: ask.view_referral(other, mine[0].id),
        lambda: ask.withdraw(other, mine[0].id, "mine"),
    )
    for call in calls:
        with pytest.raises(Unknown):
            call()
    for who in (clinic.provider(), clinic.patient(card=None)):
        with pytest.raises(NotPermitted):
            ask.referrals(who)


def test_reading_a_referral_of_a_patient_is_in_the_audit(followed: Followed) -> None:
    """Alone and in a list, by partner and office (N06)."""
    clinic, ask = followed.clinic, followed.clinic.ask.partnership
    (referral,) = ask.referrals(followed.partner)
    ask.view_referral(clinic.liaison, referral.id)
    reads = [(one.actor, one.patient_id) for one in clinic.store.audit[-2:]]
    assert reads == [(followed.partner.id, followed.id), (clinic.liaison.id, followed.id)]


def test_whatever_is_asked_twice_is_done_once(clinic: Clinic) -> None:
    """Partner, enrolment and program find what the first request made; other facts are told."""
    ask, id = clinic.ask, PartnerId(clinic.new_id())
    first = ask.partnership.add_partner(clinic.liaison, id, "Charity")
    assert ask.partnership.add_partner(clinic.liaison, id, "Charity") == first
    with pytest.raises(IdReused):
        ask.partnership.add_partner(clinic.liaison, id, "Another")
    accepted(clinic, clinic.partner(), "a secret for the client")
    patient = PatientId(clinic.new_id())
    enrolments = [
        ask.partnership.enrol(
            clinic.visitor, patient, invitation="a secret for the client",
            password=PASSWORD, consent_days=9,
        )
        for _ in range(2)
    ]  # fmt: skip
    assert enrolments[0] == enrolments[1]
    verified, provider = clinic.patient(), clinic.provider()
    once = started(clinic, verified, provider)
    again = ask.treatment.start(
        clinic.liaison, once.id, patient_id=once.patient_id, provider_id=once.provider_id,
        kind=once.kind, starts_on=once.starts_on, anticipated_discharge_on=None,
    )  # fmt: skip
    assert again == once
    with pytest.raises(IdReused):
        ask.treatment.start(
            clinic.liaison, once.id, patient_id=once.patient_id, provider_id=once.provider_id,
            kind=ProgramKind.PHP, starts_on=once.starts_on, anticipated_discharge_on=None,
        )  # fmt: skip
