"""What administrators can ask about accounts: roles, with a second one; to disable and recover."""

import attrs

from telehealth_core.access.account import Account
from telehealth_core.access.actor import Actor, Role, relations
from telehealth_core.access.attempts import SignInAttempts
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import AccessWork, Clock, UnitOfWork
from telehealth_core.access.role_grant import NotYoursToDecide, RoleGrant
from telehealth_core.shared.ids import PartnerId, ProviderId, RoleGrantId, UserId
from telehealth_core.shared.repeat import repeat_of

PAGE_MOST = 200


@attrs.frozen
class AccountOffice:
    """The accounts of the practice, as its administrators look after them."""

    work: UnitOfWork[AccessWork]
    clock: Clock

    def page(
        self, actor: Actor, *, after: UserId | None = None, limit: int = 50
    ) -> tuple[Account, ...]:
        """The practice's accounts, a page at a time (F12)."""
        with self.work(actor) as work:
            authorize(actor, Action.MANAGE_ACCOUNT, relations(actor))
            found = work.accounts.page(after=after, limit=min(limit, PAGE_MOST))
            for account in found:
                if account.patient_id is not None:
                    work.read(Action.MANAGE_ACCOUNT, account.patient_id, account.id)
        return found

    def ask_roles(
        self,
        actor: Actor,
        id: RoleGrantId,
        account_id: UserId,
        roles: frozenset[Role],
        *,
        provider_id: ProviderId | None = None,
        partner_id: PartnerId | None = None,
    ) -> RoleGrant:
        """Ask for further roles of somebody's account; they wait for a second administrator
        (ACC-11).

        Raises: NotYoursToDecide for one's own account; NotPermitted, Unknown, Invalid, IdReused.
        """
        with self.work(actor) as work:
            authorize(actor, Action.GRANT_ROLE, relations(actor))
            grant = RoleGrant(
                id=id,
                practice_id=actor.practice_id,
                account_id=work.accounts.get(account_id).id,
                roles=roles,
                provider_id=provider_id,
                partner_id=partner_id,
                asked_by=actor.id,
                asked_at=self.clock(),
            )
            work.take_turns(id)
            first = repeat_of(
                grant, work.role_grants.find(id), "role grant", but=frozenset({"decided_by"})
            )
            if first is not None:
                return first
            work.role_grants.save(grant, grant.asked())
        return grant

    def pending_roles(self, actor: Actor) -> tuple[RoleGrant, ...]:
        """The roles that wait for a second administrator, the oldest first."""
        with self.work(actor) as work:
            authorize(actor, Action.GRANT_ROLE, relations(actor))
            return work.role_grants.pending(limit=PAGE_MOST)

    def confirm_roles(self, actor: Actor, id: RoleGrantId) -> RoleGrant:
        """Agree to what another administrator asked for; it counts from the next request on
        (ACC-11).

        Raises: NotYoursToDecide, IllegalTransition, NotPermitted, Unknown, Invalid.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.GRANT_ROLE, relations(actor))
            granted, agreed = work.role_grants.get(id).confirm(by=actor.id, at=at)
            account, event = work.accounts.get(granted.account_id).grant(
                granted.roles,
                provider_id=granted.provider_id,
                partner_id=granted.partner_id,
                by=actor.id,
                at=at,
            )
            work.role_grants.save(granted, agreed)
            work.accounts.save(account, event)
        return granted

    def refuse_roles(self, actor: Actor, id: RoleGrantId) -> RoleGrant:
        """Decide against what was asked for, or take it back (ACC-11).

        Raises: NotYoursToDecide, IllegalTransition, NotPermitted, Unknown.
        """
        with self.work(actor) as work:
            authorize(actor, Action.GRANT_ROLE, relations(actor))
            refused, event = work.role_grants.get(id).refuse(by=actor.id, at=self.clock())
            work.role_grants.save(refused, event)
        return refused

    def revoke_roles(self, actor: Actor, account_id: UserId, roles: frozenset[Role]) -> Account:
        """Take roles away, from the next request on (ACC-12).

        Raises: NotYoursToDecide on one's own account; NotPermitted, Unknown, Invalid.
        """
        with self.work(actor) as work:
            authorize(actor, Action.GRANT_ROLE, relations(actor))
            account = work.accounts.get(account_id)
            revoked, event = account.revoke(roles, by=actor.id, at=self.clock())
            if revoked.roles == account.roles:
                return account
            work.accounts.save(revoked, event)
        return revoked

    def disable(self, actor: Actor, account_id: UserId) -> Account:
        """Shut out somebody who left: every session of theirs is over at once (ACC-12).

        Raises: NotYoursToDecide on one's own account; NotPermitted, Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.MANAGE_ACCOUNT, relations(actor))
            account = work.accounts.get(account_id)
            if account.disabled_at is not None:
                return account
            disabled, event = account.disable(by=actor.id, at=at)
            work.accounts.save(disabled, event)
            for session in work.sign_ins.live_of(account_id, at):
                ended, over = session.end(by=actor.id, at=at)
                work.sign_ins.save(ended, over)
        return disabled

    def enable(self, actor: Actor, account_id: UserId) -> Account:
        """Let somebody sign in again who was shut out."""
        with self.work(actor) as work:
            authorize(actor, Action.MANAGE_ACCOUNT, relations(actor))
            account = work.accounts.get(account_id)
            if account.disabled_at is None:
                return account
            enabled, event = account.enable(by=actor.id, at=self.clock())
            work.accounts.save(enabled, event)
        return enabled

    def recover(self, actor: Actor, account_id: UserId) -> Account:
        """Let somebody try again whose password was tried too often (AUT-06).

        Raises: NotYoursToDecide on one's own account; NotPermitted, Unknown.
        """
        with self.work(actor) as work:
            authorize(actor, Action.MANAGE_ACCOUNT, relations(actor))
            account = work.accounts.get(account_id)
            if account.id == actor.id:
                raise NotYoursToDecide
            attempts = work.sign_in_attempts.find(SignInAttempts.id_of(account.id))
            if attempts is not None and attempts.count:
                recovered, event = attempts.recover(by=actor.id, at=self.clock())
                work.sign_in_attempts.save(recovered, event)
        return account
