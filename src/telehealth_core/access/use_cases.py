"""What anybody can ask about access: sign in and out; staff open accounts for others."""

from datetime import datetime

import attrs

from telehealth_core.access.account import (
    Account,
    EmailTaken,
    SignIn,
    WrongCredentials,
    check_password,
    sign_in_id,
)
from telehealth_core.access.actor import Actor, Role, relations
from telehealth_core.access.policy import Action, NotSignedIn, authorize
from telehealth_core.access.ports import AccessWork, Clock, Passwords, SignedInActors, UnitOfWork
from telehealth_core.shared.ids import PartnerId, PracticeId, ProviderId, UserId
from telehealth_core.shared.refusal import IdReused


@attrs.frozen
class Access:
    """Sign-ins and accounts."""

    work: UnitOfWork[AccessWork]
    clock: Clock
    passwords: Passwords
    signed_in: SignedInActors

    def sign_in(
        self, practice_id: PracticeId, email: str, password: str, *, token: str
    ) -> tuple[Actor, datetime]:
        """Begin a session under the caller-minted secret `token`; the answer says who signed in and
        until when.

        Raises: WrongCredentials.
        """
        with self.work(Actor.visitor(practice_id)) as work:
            account = work.accounts.by_email(email)
        matches = self.passwords.verify(account.password_hash if account else None, password)
        if account is None or not matches:
            raise WrongCredentials
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
        if session is None or session.user_id != actor.id or session.ends_at <= self.clock():
            raise NotSignedIn
        if not self.passwords.verify(account.password_hash, password):
            raise WrongCredentials
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

        Raises: NotSignedIn unless its session is live.
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

        Raises: NotPermitted, EmailTaken, Invalid, IdReused.
        """
        staff = roles - {Role.PROVIDER, Role.PARTNER}
        action = Action.OPEN_STAFF_ACCOUNT if staff else Action.OPEN_ACCOUNT
        with self.work(actor):
            authorize(actor, action, relations(actor))
        check_password(password)
        account = Account(
            id=id,
            practice_id=actor.practice_id,
            email=email,
            password_hash=self.passwords.hash(password),
            roles=roles,
            provider_id=provider_id,
            partner_id=partner_id,
            opened_at=self.clock(),
        )
        with self.work(actor) as work:
            first = opened_before(self.passwords, work.accounts.find(id), account.email, password)
            if first is not None and first.roles == roles:
                return first
            save_new_account(work, account, by=actor.id)
        return account


def opened_before(
    passwords: Passwords, existing: Account | None, email: str | None, password: str
) -> Account | None:
    """The account that an earlier, identical request opened under this id; None if the id is new.

    Without `email` the request named none.

    Raises: IdReused if the id is another account's.
    """
    if existing is None:
        return None
    same = email is None or existing.email == email.strip().lower()
    if not same or not passwords.verify(existing.password_hash, password):
        raise IdReused("account", existing.id)
    return existing


def save_new_account(work: AccessWork, account: Account, *, by: UserId) -> None:
    """Save an account whose address nobody else in the practice has.

    Raises: EmailTaken; IdReused if the id names an account already.
    """
    if work.accounts.find(account.id) is not None:
        raise IdReused("account", account.id)
    if work.accounts.by_email(account.email) is not None:
        raise EmailTaken
    work.accounts.save(account, account.opened(by=by))
