"""What anybody can ask of access: to sign in and out; staff open accounts for others."""

from contextlib import suppress
from datetime import datetime
from typing import NoReturn

import attrs

from telehealth_core.access.account import (
    Account,
    SignIn,
    WrongCredentials,
    check_password,
    sign_in_id,
)
from telehealth_core.access.actor import Actor, Role, relations
from telehealth_core.access.attempts import SignInAttempts
from telehealth_core.access.policy import Action, NotSignedIn, authorize
from telehealth_core.access.ports import (
    Clock,
    Passwords,
    PracticeAccessWork,
    SignedInActors,
    UnitOfWork,
)
from telehealth_core.access.role_grant import CONFIRMED, RoleGrant
from telehealth_core.access.use_cases.opening import opened_before, save_new_account
from telehealth_core.shared.ids import PartnerId, PracticeId, ProviderId, UserId
from telehealth_core.shared.refusal import IdReused, Invalid, StaleVersion

RACES_MOST = 5
"""How often an attempt is counted anew when others count theirs at the same time."""


@attrs.frozen
class Access:
    """Sign-ins and accounts."""

    work: UnitOfWork[PracticeAccessWork]
    clock: Clock
    passwords: Passwords
    signed_in: SignedInActors

    def sign_in(
        self, practice_id: PracticeId, email: str, password: str, *, token: str
    ) -> tuple[Actor, datetime]:
        """Begin a session under the caller-minted secret `token`; the answer says who signed in and
        until when.

        Raises: WrongCredentials, also to who tried too often of late (AUT-06).
        """
        visitor = Actor.visitor(practice_id)
        with self.work(visitor) as work:
            authorize(visitor, Action.SIGN_IN, relations(visitor))
            account = work.accounts.by_email(email)
        proven = self._proven(visitor, account, password)
        if account is None or not proven:
            self._refuse(visitor, account)
        with self.work(account.actor()) as work:
            session, event = SignIn.begin(token, account, at=self.clock())
            work.sign_ins.save(session, event)
        return account.actor(session.proven_at), session.ends_at

    def prove(self, actor: Actor, token: str, password: str) -> Actor:
        """Prove once more who one is, for what needs a fresh proof (AUT-11).

        Raises: WrongCredentials; NotSignedIn unless the session is live and one's own.
        """
        with self.work(actor) as work:
            session, account = work.sign_ins.find(sign_in_id(token)), work.accounts.get(actor.id)
            own = session is not None and session.user_id == actor.id
            if session is None or not own or session.ends_at <= self.clock():
                raise NotSignedIn
        if not self._proven(actor, account, password):
            self._refuse(actor, account)
        with self.work(actor) as work:
            proven, event = session.prove(at=self.clock())
            work.sign_ins.save(proven, event)
        return account.actor(proven.proven_at)

    def sign_out(self, actor: Actor, token: str) -> None:
        """End the session of this token; ending it twice is no error."""
        with self.work(actor) as work:
            session = work.sign_ins.find(sign_in_id(token))
            if (
                session is not None
                and session.user_id == actor.id
                and session.ends_at > self.clock()
            ):
                ended, event = session.end(at=self.clock())
                work.sign_ins.save(ended, event)

    def actor(self, token: str) -> Actor:
        """Who presents this token.

        Raises: NotSignedIn unless its session is live and its account is not disabled.
        """
        actor = self.signed_in.actor(sign_in_id(token), self.clock())
        if actor is None:
            raise NotSignedIn
        return actor

    def open_account(
        self,
        actor: Actor,
        id: UserId,
        *,
        email: str,
        password: str,
        roles: frozenset[Role],
        provider_id: ProviderId | None = None,
        partner_id: PartnerId | None = None,
    ) -> Account:
        """Open an account for a provider, a partner's member or, by an admin, for staff (F11, F02).

        What an admin opens for staff has those roles once a second admin confirmed them (ACC-11);
        a practice's first accounts are opened by its machinery and wait for nobody.

        Raises: NotPermitted, EmailTaken, Invalid, IdReused.
        """
        staff = roles - {Role.PROVIDER, Role.PARTNER}
        action = Action.OPEN_STAFF_ACCOUNT if staff else Action.OPEN_ACCOUNT
        with self.work(actor) as work:
            authorize(actor, action, relations(actor))
            if not roles or roles & {Role.VISITOR, Role.SYSTEM, Role.PATIENT}:
                raise Invalid("roles", "one or more of provider, liaison, partner, admin")
            check_password(password, work.practices.get(actor.practice_id).name, email)
        later = roles & CONFIRMED if Role.SYSTEM not in actor.roles else frozenset[Role]()
        account = Account(
            id=id,
            practice_id=actor.practice_id,
            email=email,
            password_hash=self.passwords.hash(password),
            roles=roles - later,
            provider_id=provider_id,
            partner_id=partner_id,
            opened_at=self.clock(),
        )
        with self.work(actor) as work:
            work.take_turns(id)
            first = opened_before(self.passwords, work.accounts.find(id), account.email, password)
            if first is None:
                save_new_account(work, account, by=actor.id)
                self._ask_roles(work, actor, account, later)
                return account
            grant = work.role_grants.find(RoleGrant.at_opening(id))
            if first.roles | (grant.roles if grant else frozenset()) != roles:
                raise IdReused("account", id)
        return first

    def _ask_roles(
        self, work: PracticeAccessWork, actor: Actor, account: Account, roles: frozenset[Role]
    ) -> None:
        if roles:
            grant = RoleGrant(
                id=RoleGrant.at_opening(account.id),
                practice_id=account.practice_id,
                account_id=account.id,
                roles=roles,
                asked_by=actor.id,
                asked_at=account.opened_at,
            )
            work.role_grants.save(grant, grant.asked())

    def _proven(self, actor: Actor, account: Account | None, password: str) -> bool:
        """Whether the password is the account's and was not tried too often of late. Every look at
        it is counted before it is taken (AUT-06), and takes as long for nobody (AUT-07).
        """
        looked_at = (
            account.password_hash
            if account is not None and account.disabled_at is None and self._counted(actor, account)
            else None
        )
        if not self.passwords.verify(looked_at, password) or account is None:
            return False
        with suppress(StaleVersion), self.work(actor) as work:
            attempts = work.sign_in_attempts.get(SignInAttempts.id_of(account.id))
            work.sign_in_attempts.save(attempts.succeeded())
        return True

    def _counted(self, actor: Actor, account: Account) -> bool:
        """Whether one more attempt is allowed now, and counted; anew where others were counted at
        the same time.
        """
        for _ in range(RACES_MOST):
            with suppress(StaleVersion, IdReused):
                return self._count(actor, account)
        return False

    def _count(self, actor: Actor, account: Account) -> bool:
        at = self.clock()
        with self.work(actor) as work:
            found = work.sign_in_attempts.find(SignInAttempts.id_of(account.id))
            before = found or SignInAttempts.none(actor.practice_id, account.id, at)
            if not before.allows(at):
                return False
            work.sign_in_attempts.save(before.tried(at=at))
        return True

    def _refuse(self, actor: Actor, account: Account | None) -> NoReturn:
        """Refuse a sign-in; the audit names the account where there is one, never the address."""
        with self.work(actor):
            authorize(actor, Action.SIGN_IN, relations(actor))
            raise WrongCredentials().about(account.id if account else None)
