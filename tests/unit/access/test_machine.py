"""Accounts, role grants, sessions and emergencies in any order, against a model without code."""

from datetime import datetime, timedelta
from typing import Any

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from telehealth_core.access.account import SIGN_IN_HOURS, WrongCredentials
from telehealth_core.access.actor import Actor, Role
from telehealth_core.access.emergency import EmergencyReason, Verdict
from telehealth_core.access.policy import NotPermitted, NotSignedIn
from telehealth_core.access.role_grant import NotYoursToDecide
from telehealth_core.shared.ids import EmergencyAccessId, RoleGrantId, UserId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import Refusal, Unknown
from unit.clinic import PASSWORD, Clinic

PEOPLE = ("ann", "bob", "cyd", "dee")
WHO = st.sampled_from(PEOPLE)
GIVEN = st.sampled_from([Role.ADMIN, Role.LIAISON])


@attrs.define
class Known:
    """What somebody who watches knows of one account."""

    id: UserId
    roles: set[Role]
    out: bool = False
    tokens: dict[str, datetime] = attrs.field(factory=dict)


@attrs.define
class Wanted:
    """A role that somebody asked for."""

    by: str
    whose: str
    role: Role
    open: bool = True


class AccessMachine(RuleBasedStateMachine):
    """Four people with accounts do to each other's whatever they like; one provider reads."""

    @initialize()
    def open(self) -> None:
        """Two administrators, two liaisons, a provider and a patient whom they do not treat."""
        clinic = self.clinic = Clinic(break_glass_minutes=30)
        self.known: dict[str, Known] = {}
        for name, role in zip(
            PEOPLE, (Role.ADMIN, Role.ADMIN, Role.LIAISON, Role.LIAISON), strict=True
        ):
            self.known[name] = Known(clinic.account(role).id, {role})
        self.wanted: dict[RoleGrantId, Wanted] = {}
        self.provider, self.patient = clinic.provider(), clinic.patient().as_patient()
        self.glass: dict[EmergencyAccessId, tuple[Any, bool]] = {}

    def actor(self, name: str) -> Actor:
        """How the person would act now: by the roles of the model."""
        one = self.known[name]
        return Actor(one.id, self.clinic.id, frozenset(one.roles))

    def tries(self, expected: type[Refusal] | None, step: Any, *given: Any) -> Any:
        """Do it, and see it refused so, or not at all."""
        try:
            done = step(*given)
        except Refusal as refusal:
            if type(refusal) is not expected:
                raise
            return None
        assert expected is None, f"{expected} was expected"
        return done

    def admin(self, name: str) -> bool:
        """Whether the model's person is an administrator."""
        return Role.ADMIN in self.known[name].roles

    @rule(who=WHO, minutes=st.integers(1, 90))
    def time_passes(self, who: str, minutes: int) -> None:
        """Minutes go by."""
        del who
        self.clinic.clock.forward(minutes=minutes)

    @rule(who=WHO, right=st.booleans())
    def signs_in(self, who: str, right: bool) -> None:
        """Somebody signs in, with their password or another."""
        one, token = self.known[who], f"token {self.clinic.new_id()}"
        address = self.clinic.store.rows["accounts"][one.id].email
        self.clinic.clock.forward(minutes=15)
        password = PASSWORD if right else "another sentence entirely"
        lets_in = right and not one.out

        def sign_in() -> None:
            self.clinic.ask.access.sign_in(self.clinic.id, address, password, token=token)

        self.tries(None if lets_in else WrongCredentials, sign_in)
        if lets_in:
            one.tokens[token] = self.clinic.clock() + timedelta(hours=SIGN_IN_HOURS)

    @rule(by=WHO, whose=WHO, role=GIVEN)
    def asks_for_a_role(self, by: str, whose: str, role: Role) -> None:
        """An administrator, or somebody who is none, wants somebody to have a role."""
        id = RoleGrantId(self.clinic.new_id())
        refusal = NotPermitted if not self.admin(by) else NotYoursToDecide if by == whose else None
        given = (self.actor(by), id, self.known[whose].id, frozenset({role}))
        self.tries(refusal, self.clinic.ask.accounts.ask_roles, *given)
        if refusal is None:
            self.wanted[id] = Wanted(by, whose, role)

    @rule(by=WHO, number=st.integers(0, 9), yes=st.booleans())
    def decides_on_a_role(self, by: str, number: int, yes: bool) -> None:
        """Somebody says yes or no to what was asked for."""
        if not self.wanted:
            return
        id, want = list(self.wanted.items())[number % len(self.wanted)]
        refusal: type[Refusal] | None = None
        if not self.admin(by):
            refusal = NotPermitted
        elif by == want.whose or (yes and by == want.by):
            refusal = NotYoursToDecide
        elif not want.open:
            refusal = IllegalTransition
        office = self.clinic.ask.accounts
        self.tries(refusal, office.confirm_roles if yes else office.refuse_roles,
                   self.actor(by), id)  # fmt: skip
        if refusal is None:
            want.open = False
            if yes:
                self.known[want.whose].roles.add(want.role)

    @rule(by=WHO, whose=WHO, role=GIVEN)
    def takes_a_role_away(self, by: str, whose: str, role: Role) -> None:
        """Somebody takes a role from somebody."""
        refusal = NotPermitted if not self.admin(by) else NotYoursToDecide if by == whose else None
        given = (self.actor(by), self.known[whose].id, frozenset({role}))
        self.tries(refusal, self.clinic.ask.accounts.revoke_roles, *given)
        if refusal is None:
            self.known[whose].roles.discard(role)

    @rule(by=WHO, whose=WHO, out=st.booleans())
    def shuts_out_or_lets_back(self, by: str, whose: str, out: bool) -> None:
        """Somebody disables or enables somebody's account."""
        one, office = self.known[whose], self.clinic.ask.accounts
        refusal: type[Refusal] | None = None
        if not self.admin(by):
            refusal = NotPermitted
        elif out and by == whose and not one.out:
            refusal = NotYoursToDecide
        self.tries(refusal, office.disable if out else office.enable, self.actor(by), one.id)
        if refusal is None:
            one.out = out
            if out:
                one.tokens = dict.fromkeys(one.tokens, self.clinic.clock())

    @rule()
    def breaks_the_glass(self) -> None:
        """The provider reads in an emergency."""
        opened = self.clinic.ask.emergency.open(
            self.clinic.fresh(self.provider),
            EmergencyAccessId(self.clinic.new_id()),
            self.patient,
            reason=EmergencyReason.MEDICAL_EMERGENCY,
            text="found unconscious",
        )
        self.glass[opened.id] = (self.clinic.clock() + timedelta(minutes=30), False)

    @rule(by=WHO, number=st.integers(0, 9))
    def reviews(self, by: str, number: int) -> None:
        """Somebody reviews an emergency access."""
        if not self.glass:
            return
        id, (until, reviewed) = list(self.glass.items())[number % len(self.glass)]
        refusal = NotPermitted if not self.admin(by) else IllegalTransition if reviewed else None
        given = (self.actor(by), id, Verdict.JUSTIFIED, "indeed")
        self.tries(refusal, self.clinic.ask.emergency.review, *given)
        if refusal is None:
            self.glass[id] = (until, True)

    @invariant()
    def every_session_is_whose_it_was(self) -> None:
        """A live token leads to its owner with the roles of now, any other to nobody."""
        if not hasattr(self, "known"):
            return
        for one in self.known.values():
            for token, until in one.tokens.items():
                live = self.clinic.clock() < until
                who = self.tries(None if live else NotSignedIn, self.clinic.ask.access.actor, token)
                assert who is None or (who.id, set(who.roles)) == (one.id, one.roles)

    @invariant()
    def only_a_live_emergency_opens_the_record(self) -> None:
        """Until its end and its review, and not otherwise."""
        if not hasattr(self, "known"):
            return
        now = self.clinic.clock()
        lasts = any(now < until and not reviewed for until, reviewed in self.glass.values())
        read = self.clinic.ask.registration.view
        self.tries(None if lasts else Unknown, read, self.provider, self.patient)

    @invariant()
    def nobody_has_more_than_was_given(self) -> None:
        """The store knows what the model knows, and every grant was confirmed by somebody."""
        if not hasattr(self, "known"):
            return
        for one in self.known.values():
            account = self.clinic.store.rows["accounts"][one.id]
            assert (account.roles, account.disabled_at is not None) == (one.roles, one.out)
        granted = [one for one in self.clinic.store.audit if one.action == "RolesGranted"]
        confirmed = [one for one in self.clinic.store.audit if one.action == "RoleGrantConfirmed"]
        assert len(granted) == len(confirmed)


TestAccess = AccessMachine.TestCase
TestAccess.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
