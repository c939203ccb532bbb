"""A provider's life in any order: what may be booked is what a naive record of it says."""

from datetime import date, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import Invalid, Refusal, Unknown
from telehealth_core.workforce.licence import Condition, Licence, RegisterStatus
from telehealth_core.workforce.provider import Provider, ProviderDetails
from unit.clinic import Clinic, provider_of

ACTIVE, SUSPENDED = RegisterStatus.ACTIVE, RegisterStatus.SUSPENDED
REGIONS = st.sampled_from(["US-NY", "US-CA"])
BOARDS = st.sampled_from(["Board", "Other board"])
LOOKS = st.sampled_from(
    [
        (ACTIVE, frozenset()),
        (SUSPENDED, frozenset()),
        *((RegisterStatus.CONDITIONS, frozenset({one})) for one in Condition),
    ]
)
CHECK_DAYS = 30


@attrs.define
class Entry:
    """One line of the naive record."""

    expires_on: date
    checked_on: date
    status: RegisterStatus
    conditions: frozenset[Condition]


class ProviderLife(RuleBasedStateMachine):
    """Staff license, look up, strike, suspend, reinstate and revise one provider while days go by;
    now and then the provider leaves.
    """

    @initialize()
    def begin(self) -> None:
        """A provider of New York, who prescribes."""
        self.clinic = Clinic(jurisdiction="us", register_check_days=CHECK_DAYS)
        self.id = provider_of(self.clinic.provider(prescriber=True))
        self.status, self.version, self.price = "active", 2, self.clinic.price
        self.prescriber = True
        ours = self.provider().licences[0]
        entry = Entry(ours.expires_on, self.today, ACTIVE, frozenset())
        self.entries = {("Example Register", "US-NY"): entry}

    @property
    def today(self) -> date:
        """The practice's day."""
        return self.clinic.practice.day(self.clinic.clock())

    def provider(self) -> Provider:
        """The provider as they stand."""
        return self.clinic.ask.workforce.file(self.clinic.liaison, self.id)

    def asked(self, verb: str, *given: Any, refused: type[Refusal] | None, **named: Any) -> bool:
        """Whether the model says that it is done; the clinic does likewise."""
        ask = getattr(self.clinic.ask.workforce, verb)
        if refused is None:
            ask(self.clinic.liaison, self.id, *given, **named)
            self.version += 1
            return True
        with pytest.raises(refused):
            ask(self.clinic.liaison, self.id, *given, **named)
        return False

    def gone(self, otherwise: type[Refusal] | None = None) -> type[Refusal] | None:
        """Nothing is done for whoever left."""
        return IllegalTransition if self.status == "left" else otherwise

    @rule(board=BOARDS, region=REGIONS, days=st.integers(0, 60))
    def license(self, board: str, region: str, days: int) -> None:
        """A licence, new or renewed: what the register said of it before stays."""
        expires_on = self.today + timedelta(days=days)
        licence = Licence(regulator=board, number="1", region=region, expires_on=expires_on)
        if self.asked("license", licence, refused=self.gone()):
            former = self.entries.get((board, region))
            said = (former.status, former.conditions) if former else (ACTIVE, frozenset())
            self.entries[board, region] = Entry(expires_on, self.today, *said)

    @rule(board=BOARDS, region=REGIONS, look=LOOKS, days=st.none() | st.integers(0, 60))
    def check(
        self,
        board: str,
        region: str,
        look: tuple[RegisterStatus, frozenset[Condition]],
        days: int | None,
    ) -> None:
        """A look at a register, which may tell another last day too."""
        status, conditions = look
        entry = self.entries.get((board, region))
        later = None if days is None else self.today + timedelta(days=days)
        refused = self.gone() if entry else Unknown
        done = self.asked(
            "check",
            regulator=board,
            region=region,
            status=status,
            conditions=conditions,
            expires_on=later,
            refused=refused,
        )
        if done and entry:
            self.entries[board, region] = Entry(
                later or entry.expires_on, self.today, status, conditions
            )

    @rule(board=st.sampled_from(["Example Register", "Board"]), region=REGIONS)
    def strike(self, board: str, region: str) -> None:
        """One licence fewer, but never none."""
        refused: type[Refusal] | None = Unknown
        if (board, region) in self.entries:
            refused = self.gone(Invalid if len(self.entries) == 1 else None)
        if self.asked("strike", regulator=board, region=region, refused=refused):
            del self.entries[board, region]

    @rule()
    def suspend(self) -> None:
        """No visits for the time being."""
        refused = None if self.status == "active" else IllegalTransition
        if self.asked("suspend", "a complaint", refused=refused):
            self.status = "suspended"

    @rule()
    def reinstate(self) -> None:
        """Visits again."""
        refused = None if self.status == "suspended" else IllegalTransition
        if self.asked("reinstate", "nothing in it", refused=refused):
            self.status = "active"

    @rule(often=st.integers(0, 5))
    def leave(self, often: int) -> None:
        """Gone for good, one time in six."""
        if not often and self.asked("leave", "retired", refused=self.gone()):
            self.status = "left"

    @rule(minor=st.integers(0, 9_000), prescriber=st.booleans())
    def revise(self, minor: int, prescriber: bool) -> None:
        """Another price, and the prescriber's right given or taken."""
        provider = self.provider()
        (service,) = provider.services
        price = Money(minor, "USD")
        details = ProviderDetails(
            name=provider.name,
            gender=provider.gender,
            specialties=provider.specialties,
            languages=provider.languages,
            services=(attrs.evolve(service, price=price),),
            prescriber=prescriber,
        )
        if self.asked("revise", details, replacing=self.version, refused=self.gone()):
            self.price, self.prescriber = price, prescriber

    @rule(days=st.integers(1, 20))
    def wait(self, days: int) -> None:
        """Days go by."""
        self.clinic.clock.forward(days=days)

    def allowed(self, region: str, on: date, *forbidden: Condition) -> bool:
        """What the record says, read line by line."""
        there = [entry for (_, where), entry in self.entries.items() if where == region]
        if any(entry.status is SUSPENDED for entry in there):
            return False
        if any({Condition.NO_REMOTE_CARE, *forbidden} & entry.conditions for entry in there):
            return False
        return self.status == "active" and any(
            on <= entry.expires_on and (on - entry.checked_on).days <= CHECK_DAYS for entry in there
        )

    @invariant()
    def books_what_the_record_allows(self) -> None:
        """Today and in the days to come, in either state, for a visit or a prescription."""
        if not hasattr(self, "clinic"):
            return
        provider, rules = self.provider(), self.clinic.practice.settings
        assert (provider.status, provider.version) == (self.status, self.version)
        for region in ("US-NY", "US-CA"):
            for days in (0, 1, 20, CHECK_DAYS + 1):
                on = self.today + timedelta(days=days)
                assert provider.bookable(on, region, rules) is self.allowed(region, on)
                assert provider.may_prescribe(on, region, rules) is (
                    self.prescriber and self.allowed(region, on, Condition.NO_PRESCRIBING)
                )

    @invariant()
    def tells_what_is_due(self) -> None:
        """Whatever stops counting within ten days is on the staff's list, and nothing else."""
        if not hasattr(self, "clinic"):
            return
        by = self.today + timedelta(days=10)
        due = self.clinic.ask.workforce.due_licences(self.clinic.liaison, within_days=10)
        counts = timedelta(days=CHECK_DAYS)
        assert {one.licence.key for one in due} == {
            key
            for key, entry in self.entries.items()
            if self.status != "left" and min(entry.expires_on, entry.checked_on + counts) <= by
        }
        assert [one.first for one in due] == sorted(one.first for one in due)


ProviderLife.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestProviderLife = ProviderLife.TestCase
