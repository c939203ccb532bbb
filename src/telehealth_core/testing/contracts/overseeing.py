"""What a store finds of accounts, sign-ins, role grants and emergency accesses."""

from datetime import timedelta

from telehealth_core.access.account import Account, SignIn
from telehealth_core.access.actor import Actor, Role
from telehealth_core.access.attempts import SignInAttempts
from telehealth_core.access.emergency import EmergencyAccess, EmergencyReason, Verdict
from telehealth_core.access.role_grant import RoleGrant
from telehealth_core.shared.ids import EmergencyAccessId, RoleGrantId, UserId
from telehealth_core.testing.contracts.beginning import AT, StoreBeginning, named


class Overseeing(StoreBeginning):
    """Queries of access find what they say, in order, of one practice."""

    def staff(self, actor: Actor, name: str, *roles: Role) -> Account:
        """A saved account of staff."""
        account = Account(
            id=UserId(named(name)),
            practice_id=actor.practice_id,
            email=f"{name}@example.org",
            password_hash="hash",  # noqa: S106 - no password
            roles=frozenset(roles),
            opened_at=AT,
        )
        with self.work(actor) as work:
            work.accounts.save(account, account.opened(by=actor.id))
        return account

    def test_accounts_are_found_by_role_and_page_after_page(self) -> None:
        """Those of a role without the disabled ones; all of them in the order of their ids."""
        actor = self.opened()
        admins = [self.staff(actor, name, Role.ADMIN, Role.LIAISON) for name in ("a", "b", "c")]
        nobody = self.staff(actor, "d")
        gone, event = admins[0].disable(by=actor.id, at=AT)
        with self.work(actor) as work:
            work.accounts.save(gone, event)
        ordered = sorted([gone, *admins[1:], nobody], key=lambda one: one.id)
        with self.work(actor) as work:
            assert set(work.accounts.with_role(Role.ADMIN)) == set(admins[1:])
            assert work.accounts.with_role(Role.PARTNER) == ()
            first = work.accounts.page(after=None, limit=3)
            rest = work.accounts.page(after=first[-1].id, limit=3)
        assert [*first, *rest] == ordered

    def test_a_disabled_account_has_no_actor_whatever_its_sessions(self) -> None:
        """The next request of somebody shut out is nobody's (ACC-12)."""
        actor = self.opened()
        account = self.staff(actor, "a", Role.LIAISON)
        sessions = [SignIn.begin(token, account, at=AT) for token in ("one", "two")]
        with self.work(actor) as work:
            for session, began in sessions:
                work.sign_ins.save(session, began)
        over, ended = sessions[1][0].end(at=AT)
        with self.work(actor) as work:
            work.sign_ins.save(over, ended)
            assert len(work.sign_ins.live_of(account.id, AT - timedelta(seconds=1))) == 2
        with self.work(actor) as work:
            assert work.sign_ins.live_of(account.id, AT) == (sessions[0][0],)
        store, live = self.store(), sessions[0][0]
        assert store.actor(live.id, AT) == account.actor()
        gone, event = account.disable(by=actor.id, at=AT)
        with self.work(actor) as work:
            work.accounts.save(gone, event)
        assert store.actor(live.id, AT) is None

    def test_attempts_to_sign_in_are_kept(self) -> None:
        """Each version of the count replaces the one before it, without message or audit."""
        actor = self.opened()
        account, waiting = self.staff(actor, "a", Role.LIAISON), self.waiting(actor.practice_id)
        first = SignInAttempts.none(actor.practice_id, account.id, AT).tried(at=AT)
        with self.work(actor) as work:
            work.sign_in_attempts.save(first)
        with self.work(actor) as work:
            work.sign_in_attempts.save(first.tried(at=AT))
        with self.work(actor) as work:
            assert work.sign_in_attempts.get(first.id) == first.tried(at=AT)
        assert self.waiting(actor.practice_id) == waiting

    def test_pending_role_grants_are_found_oldest_first(self) -> None:
        """Until somebody decided."""
        actor = self.opened()
        account = self.staff(actor, "a")
        grants = [
            RoleGrant(
                id=RoleGrantId(named(f"grant {number}")),
                practice_id=actor.practice_id,
                account_id=account.id,
                roles=frozenset({Role.LIAISON}),
                asked_by=actor.id,
                asked_at=AT - timedelta(hours=number),
            )
            for number in range(3)
        ]
        with self.work(actor) as work:
            for grant in grants:
                work.role_grants.save(grant, grant.asked())
        decided, event = grants[1].refuse(by=UserId(named("other")), at=AT)
        with self.work(actor) as work:
            work.role_grants.save(decided, event)
        with self.work(actor) as work:
            assert work.role_grants.pending(limit=9) == (grants[2], grants[0])
            assert work.role_grants.pending(limit=1) == (grants[2],)
            assert work.role_grants.get(decided.id) == decided

    def test_emergency_accesses_are_live_for_one_user_and_patient_until_their_end(self) -> None:
        """And wait for their review, the most pressing first."""
        actor, who = self.opened(), UserId(named("provider's user"))
        one, two = self.patient_id(actor, "one"), self.patient_id(actor, "two")
        opened = [
            EmergencyAccess.open(
                EmergencyAccessId(named(f"glass {number}")),
                actor.practice_id,
                one,
                reason=EmergencyReason.URGENT_COVER,
                text="on call tonight",
                minutes=60,
                review_hours=hours,
                by=who,
                at=AT,
            )
            for number, hours in enumerate((72, 24, 1))
        ]
        with self.work(actor) as work:
            for access, event in opened:
                work.emergencies.save(access, event)
        reviewed, done = opened[2][0].review(Verdict.JUSTIFIED, "fine", by=actor.id, at=AT)
        with self.work(actor) as work:
            work.emergencies.save(reviewed, done)
        with self.work(actor) as work:
            found = work.emergencies
            assert found.live(who, one, AT)
            assert not found.live(who, one, AT - timedelta(seconds=1))
            assert not found.live(who, one, AT + timedelta(minutes=60))
            assert not found.live(who, two, AT)
            assert not found.live(actor.id, one, AT)
            assert found.unreviewed(limit=9) == (opened[1][0], opened[0][0])
            assert found.unreviewed(limit=1) == (opened[1][0],)
            assert found.get(reviewed.id) == reviewed
        for access, _ in opened[:2]:
            closed, done = access.review(Verdict.JUSTIFIED, "fine", by=actor.id, at=AT)
            with self.work(actor) as work:
                work.emergencies.save(closed, done)
        with self.work(actor) as work:
            assert not work.emergencies.live(who, one, AT)
