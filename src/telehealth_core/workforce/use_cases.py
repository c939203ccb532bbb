"""What can be asked of the workforce: to add and activate providers, and to find one."""

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.shared.ids import ProviderId
from telehealth_core.shared.repeat import repeat_of
from telehealth_core.workforce.ports import WorkforceWork
from telehealth_core.workforce.provider import Provider

FOUND_MOST = 100


@attrs.frozen
class Workforce:
    """The clinicians of the practice."""

    work: UnitOfWork[WorkforceWork]
    clock: Clock

    def add(self, actor: Actor, provider: Provider) -> Provider:
        """Add a provider, who is active at once where services and licences are complete (F11).

        Raises: NotPermitted, Invalid, IdReused.
        """
        with self.work(actor) as work:
            authorize(actor, Action.MANAGE_PROVIDER, relations(actor))
            practice = work.practices.get(actor.practice_id)
            provider.require_currency(practice.jurisdiction.currency)
            active, activated = provider.activate(by=actor.id, at=self.clock())
            first = repeat_of(provider, work.providers.find(provider.id), "provider")
            if first is not None:
                return first
            work.providers.save(provider, provider.added(by=actor.id))
            work.providers.save(active, activated)
        return active

    def find(
        self,
        actor: Actor,
        *,
        specialty: str | None = None,
        language: str | None = None,
        limit: int = FOUND_MOST,
    ) -> tuple[Provider, ...]:
        """Providers who give visits, by name (F16)."""
        with self.work(actor) as work:
            authorize(actor, Action.FIND_PROVIDER, relations(actor))
            return work.providers.active(
                specialty=specialty, language=language, limit=min(limit, FOUND_MOST)
            )

    def view(self, actor: Actor, id: ProviderId) -> Provider:
        """One provider, with the registrations that a patient can check (PRO-05)."""
        with self.work(actor) as work:
            authorize(actor, Action.FIND_PROVIDER, relations(actor))
            return work.providers.get(id)
