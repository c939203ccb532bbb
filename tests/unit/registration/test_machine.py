"""Registration as a state machine: identity, guardianship and consent against a naive model."""

from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from telehealth_core.access.actor import Actor
from telehealth_core.practice.consent_text import ConsentPurpose
from telehealth_core.registration.consent import Consent, standing_consent
from telehealth_core.registration.document import DocumentKind
from telehealth_core.registration.guardianship import GuardianshipOver
from telehealth_core.registration.identity_check import EvidenceMissing, IdentityStatus
from telehealth_core.registration.patient import Patient
from telehealth_core.shared.ids import DocumentId, PatientId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import Refusal, Unknown
from unit.clinic import ALL_SO, PHOTO, Clinic, profile

NEEDED = {DocumentKind.IDENTITY, DocumentKind.SELFIE}
VALID, KEPT = timedelta(days=40), timedelta(days=30)
PURPOSE = st.sampled_from([ConsentPurpose.TELEHEALTH, ConsentPurpose.MARKETING])


class RegistrationMachine(RuleBasedStateMachine):
    """One patient who becomes known, and one child with a guardian; days go by as they like.

    The model is a handful of plain variables that say what the rules say in words.
    """

    def __init__(self) -> None:
        super().__init__()
        self.clinic = Clinic(identity_valid_days=VALID.days, identity_images_days=KEPT.days)
        self.ask, self.staff = self.clinic.ask, self.clinic.liaison
        self.patient = self.clinic.registering("Pat Example")
        self.id = self.patient.as_patient()
        self.name = 0
        # identity
        self.status = IdentityStatus.DRAFT
        self.pictures: set[DocumentKind] = set()
        self.verified_until: datetime | None = None
        self.decided_at: datetime | None = None
        self.decisions: list[bool] = []
        # consent: the newest answer of each purpose
        self.answers: dict[ConsentPurpose, Consent | None] = {}

    @initialize()
    def a_child_has_a_guardian(self) -> None:
        """A verified parent adds a child of ten, whose eleventh birthday is not far."""
        self.guardian: Actor = self.clinic.patient("Lee Example")
        born = (self.clinic.clock() - timedelta(days=11 * 365 - 60)).date()
        self.child: Patient = self.clinic.dependant(self.guardian)
        young = profile("Kim Example", birth_date=born, email=None)
        self.ask.registration.complete_profile(self.staff, self.child.id, young)
        self.provider = self.clinic.provider()
        self.eleventh, self.sixteenth = young.turns(11), young.turns(16)
        self.until, self.suspended, self.ended = self.eleventh, False, False
        # the years until 18 do not pass here, so that of the child's profile all is known

    @property
    def now(self) -> datetime:
        """The present instant."""
        return self.clinic.clock()

    @property
    def standing(self) -> IdentityStatus:
        """What the status amounts to now."""
        approved = self.status is IdentityStatus.APPROVED
        lapsed = self.verified_until is not None and self.verified_until <= self.now
        return IdentityStatus.EXPIRED if approved and lapsed else self.status

    def try_(self, allowed: bool, kind: type[Refusal], call: object, *given: object) -> bool:
        """Call it: it must work exactly if the model allows it."""
        try:
            call(*given)  # type: ignore[operator]
        except kind:
            assert not allowed, (call, given, self.standing)
            return False
        assert allowed, (call, given, self.standing)
        return True

    # --- time ----------------------------------------------------------------------------------

    @rule(days=st.sampled_from([1, 7, 29, 31, 41]))
    def days_pass(self, days: int) -> None:
        """The clock goes on, and the machinery runs what is due."""
        self.clinic.clock.forward(days=days)

    @rule()
    def the_machinery_runs(self) -> None:
        """Approvals run out, and pictures of decided checks are removed, when it is time."""
        self.ask.identity.expire(self.clinic.system)
        self.status = self.standing
        self.ask.identity.purge_images(self.clinic.system)
        over = self.decided_at is not None and self.decided_at + KEPT < self.now
        decided = {IdentityStatus.APPROVED, IdentityStatus.REJECTED, IdentityStatus.EXPIRED}
        if over and self.status in decided:
            self.pictures = set()
        self.clinic.drain()

    # --- identity ------------------------------------------------------------------------------

    @rule(kind=st.sampled_from(sorted(NEEDED)))
    def supply(self, kind: DocumentKind) -> None:
        """A picture is taken unless the check is under review or rejected; after an approval it
        asks again.
        """
        open_ = self.standing not in {IdentityStatus.SUBMITTED, IdentityStatus.REJECTED}
        id = DocumentId(self.clinic.new_id())
        supply = self.ask.identity.supply
        if self.try_(open_, IllegalTransition, supply, self.patient, self.id, kind, id, PHOTO):
            self.pictures.add(kind)
            if self.standing is IdentityStatus.APPROVED:
                self.status, self.verified_until = IdentityStatus.NEEDS_INFO, None

    @rule()
    def submit(self) -> None:
        """It needs both pictures, and nothing decided or under review."""
        open_ = self.standing in {
            IdentityStatus.DRAFT,
            IdentityStatus.NEEDS_INFO,
            IdentityStatus.EXPIRED,
        }
        why = EvidenceMissing if open_ else IllegalTransition
        may = open_ and self.pictures >= NEEDED
        if self.try_(may, why, self.ask.identity.submit, self.patient, self.id):
            self.status = IdentityStatus.SUBMITTED

    @rule()
    def ask_for_more(self) -> None:
        """A reviewer sends back what is under review."""
        may = self.status is IdentityStatus.SUBMITTED
        ask = self.ask.identity.ask_for_more
        if self.try_(may, IllegalTransition, ask, self.staff, self.id, "more"):
            self.status = IdentityStatus.NEEDS_INFO

    @rule(yes=st.booleans())
    def decide(self, yes: bool) -> None:
        """A reviewer decides what is under review, and every decision stays."""
        may = self.status is IdentityStatus.SUBMITTED
        call = self.ask.identity.approve if yes else self.ask.identity.reject
        if self.try_(may, IllegalTransition, call, self.staff, self.id, "because", ALL_SO):
            self.status = IdentityStatus.APPROVED if yes else IdentityStatus.REJECTED
            self.verified_until = self.now + VALID if yes else self.verified_until
            self.decided_at = self.now
            self.decisions.append(yes)

    @rule()
    def change_name(self) -> None:
        """Another name: what was approved is asked again."""
        self.name += 1
        new = profile(f"Pat Example{self.name}")
        self.ask.registration.complete_profile(self.patient, self.id, new)
        self.verified_until = None
        if self.status in {IdentityStatus.APPROVED, IdentityStatus.EXPIRED}:
            self.status = IdentityStatus.NEEDS_INFO

    # --- guardianship --------------------------------------------------------------------------

    @rule(who=st.sampled_from(["suspend", "resume", "end", "renew"]))
    def decide_about_guardian(self, who: str) -> None:
        """Clinicians and staff decide, until it is over."""
        actor = self.provider if who == "renew" else self.staff
        call = getattr(self.ask.family, who)
        guardian: PatientId = self.guardian.as_patient()
        if self.try_(
            not self.ended, GuardianshipOver, call, actor, self.child.id, guardian, "so decided"
        ):
            if who == "renew":
                self.until = self.eleventh if self.now < self.eleventh else self.sixteenth
            self.ended = self.ended or who == "end"
            self.suspended = {"suspend": True, "resume": False}.get(who, self.suspended)

    # --- consent -------------------------------------------------------------------------------

    @rule(purpose=PURPOSE, yes=st.booleans())
    def answer(self, purpose: ConsentPurpose, yes: bool) -> None:
        """The patient says yes or no; the clock goes on, so that one answer is the newest."""
        self.clinic.clock.forward(seconds=1)
        if yes:
            self.answers[purpose] = self.clinic.agree(self.patient, purpose)
        else:
            self.clinic.decline(self.patient, purpose)
            self.answers[purpose] = None

    @rule(purpose=PURPOSE)
    def withdraw(self, purpose: ConsentPurpose) -> None:
        """The patient takes back what stands."""
        given = self.answers.get(purpose)
        if given is not None:
            self.ask.consents.withdraw(self.patient, given.id)
            self.answers[purpose] = None

    # --- what always holds ---------------------------------------------------------------------

    @invariant()
    def the_check_is_where_the_model_is(self) -> None:
        """Status, evidence and decisions agree, and decisions are only ever added."""
        patient, check = self.ask.identity.view(self.staff, self.id)
        assert check.standing(self.now) is self.standing
        assert {one.kind for one in check.evidence} == self.pictures
        assert [one.approved for one in check.decisions] == self.decisions
        known = self.verified_until is not None and self.now < self.verified_until
        assert patient.is_verified(self.now) == known

    @invariant()
    def the_guardian_sees_exactly_while_they_may(self) -> None:
        """Neither suspended nor over nor beyond the birthday."""
        if not hasattr(self, "guardian"):
            return
        may = not self.ended and not self.suspended and self.now < self.until
        try:
            self.ask.registration.view(self.guardian, self.child.id)
        except Unknown:
            assert not may
        else:
            assert may

    @invariant()
    def consent_stands_exactly_while_it_was_given_last(self) -> None:
        """A later no, or a withdrawal, ends it at once."""
        found = self.ask.consents.of_patient(self.staff, self.id)
        for purpose, given in self.answers.items():
            stands = standing_consent(found, purpose, self.now)
            assert (stands and stands.id) == (given and given.id)


RegistrationMachine.TestCase.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None
)
TestRegistration = RegistrationMachine.TestCase
