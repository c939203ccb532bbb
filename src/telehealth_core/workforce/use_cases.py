"""What can be asked of the workforce: to add providers and keep what is known of them true, to
suspend them and let them go, and to find one.
"""

from datetime import date, timedelta

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.jurisdictions.ports import NumberChecks
from telehealth_core.practice.practice import Practice
from telehealth_core.shared.ids import ProviderId
from telehealth_core.shared.refusal import StaleVersion
from telehealth_core.shared.repeat import repeat_of
from telehealth_core.workforce.licence import Condition, DueLicence, Licence, RegisterStatus
from telehealth_core.workforce.ports import WorkforceWork
from telehealth_core.workforce.provider import Provider, ProviderDetails
from telehealth_core.workforce.registers import require_licence, require_licences, require_rights

FOUND_MOST = 100
DUE_MOST = 500
DUE_WITHIN_MOST = timedelta(days=730)


@attrs.frozen
class Workforce:
    """The clinicians of the practice."""

    work: UnitOfWork[WorkforceWork]
    clock: Clock
    numbers: NumberChecks

    def add(self, actor: Actor, provider: Provider) -> Provider:
        """Add a provider, who is active at once where services and licences are complete (F11).

        Raises: NotPermitted, Invalid, IdReused, Unknown.
        """
        with self.work(actor) as work:
            practice = self._managed(work, actor)
            require_licences(provider, practice.jurisdiction, today=practice.day(self.clock()))
            self._require_allowed(work, practice, provider)
            active, activated = provider.activate(by=actor.id, at=self.clock())
            work.take_turns(provider.id)
            first = repeat_of(provider, work.providers.find(provider.id), "provider")
            if first is not None:
                return first
            work.providers.save(provider, provider.added(by=actor.id))
            work.providers.save(active, activated)
        return active

    def revise(
        self, actor: Actor, id: ProviderId, details: ProviderDetails, *, replacing: int
    ) -> Provider:
        """Change what the practice says of a provider, and what the provider offers from now on;
        `replacing` is the version that was read (F11).

        Raises: NotPermitted, Invalid, Unknown, IllegalTransition; StaleVersion if somebody changed
            the provider meanwhile.
        """
        with self.work(actor) as work:
            practice, provider = self._managed(work, actor), work.providers.get(id)
            if provider.version != replacing:
                raise StaleVersion("provider", id)
            revised, event = provider.revise(details, by=actor.id, at=self.clock())
            self._require_allowed(work, practice, revised)
            work.providers.save(revised, event)
        return revised

    def license(self, actor: Actor, id: ProviderId, licence: Licence) -> Provider:
        """Give a provider a licence, or renew the one of the same regulator and region; whoever
        does so has looked at the register (F11, PRO-04).

        Raises: NotPermitted, Invalid, Unknown, IllegalTransition.
        """
        at = self.clock()
        with self.work(actor) as work:
            practice, provider = self._managed(work, actor), work.providers.get(id)
            seen = attrs.evolve(licence, checked_on=licence.checked_on or practice.day(at))
            require_licence(
                seen, provider.profession, practice.jurisdiction, today=practice.day(at)
            )
            licensed, event = provider.license(seen, by=actor.id, at=at)
            work.providers.save(licensed, event)
        return licensed

    def check(
        self,
        actor: Actor,
        id: ProviderId,
        *,
        regulator: str,
        region: str | None,
        status: RegisterStatus,
        conditions: frozenset[Condition] = frozenset(),
        expires_on: date | None = None,
    ) -> Provider:
        """Note what a register says of a provider today (PRO-01, PRO-03).

        Raises: NotPermitted, Invalid, Unknown, IllegalTransition.
        """
        at = self.clock()
        with self.work(actor) as work:
            practice, provider = self._managed(work, actor), work.providers.get(id)
            seen = provider.licence(regulator, region).checked(
                on=practice.day(at), status=status, conditions=conditions, expires_on=expires_on
            )
            checked, event = provider.check(seen, by=actor.id, at=at)
            work.providers.save(checked, event)
        return checked

    def strike(
        self, actor: Actor, id: ProviderId, *, regulator: str, region: str | None
    ) -> Provider:
        """Take a licence from a provider's, entered by mistake or given up.

        Raises: NotPermitted, Invalid, Unknown, IllegalTransition.
        """
        with self.work(actor) as work:
            self._managed(work, actor)
            provider = work.providers.get(id)
            struck, event = provider.strike(regulator, region, by=actor.id, at=self.clock())
            work.providers.save(struck, event)
        return struck

    def suspend(self, actor: Actor, id: ProviderId, reason: str) -> Provider:
        """Have a provider give no visits for the time being; those that were booked stay until
        somebody decides on them (PRO-01).

        Raises: NotPermitted, Invalid, Unknown, IllegalTransition.
        """
        with self.work(actor) as work:
            self._managed(work, actor)
            provider = work.providers.get(id)
            suspended, event = provider.suspend(reason, by=actor.id, at=self.clock())
            work.providers.save(suspended, event)
        return suspended

    def reinstate(self, actor: Actor, id: ProviderId, reason: str) -> Provider:
        """Let a suspended provider give visits again.

        Raises: NotPermitted, Invalid, Unknown, IllegalTransition.
        """
        with self.work(actor) as work:
            self._managed(work, actor)
            provider = work.providers.get(id)
            reinstated, event = provider.reinstate(reason, by=actor.id, at=self.clock())
            work.providers.save(reinstated, event)
        return reinstated

    def leave(self, actor: Actor, id: ProviderId, reason: str) -> Provider:
        """Let a provider go; what they did stays.

        Raises: NotPermitted, Invalid, Unknown, IllegalTransition.
        """
        with self.work(actor) as work:
            self._managed(work, actor)
            provider = work.providers.get(id)
            left, event = provider.leave(reason, by=actor.id, at=self.clock())
            work.providers.save(left, event)
        return left

    def due_licences(self, actor: Actor, *, within_days: int) -> tuple[DueLicence, ...]:
        """The licences that stop counting within so many days, and those that did already: to
        renew, or to look up again, the most urgent first (PRO-01, PRO-04).

        Raises: NotPermitted.
        """
        with self.work(actor) as work:
            practice = self._managed(work, actor)
            settings = practice.settings
            by = practice.day(self.clock()) + min(timedelta(within_days), DUE_WITHIN_MOST)
            looked = by - timedelta(settings.register_check_days)
            found = work.providers.due(expires_by=by, checked_by=looked, limit=DUE_MOST)
        due = (licence for provider in found for licence in provider.due(by, settings))
        return tuple(sorted(due, key=lambda one: (one.first, one.name, one.licence.key[0])))

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

    def file(self, actor: Actor, id: ProviderId) -> Provider:
        """All that the practice keeps of one provider, for staff and for the provider (F11).

        Raises: NotPermitted, Unknown.
        """
        with self.work(actor) as work:
            authorize(actor, Action.VIEW_PROVIDER_FILE, relations(actor, provider_id=id))
            return work.providers.get(id)

    def _managed(self, work: WorkforceWork, actor: Actor) -> Practice:
        """The practice, for whoever may manage its providers. Raises: NotPermitted."""
        authorize(actor, Action.MANAGE_PROVIDER, relations(actor))
        return work.practices.get(actor.practice_id)

    def _require_allowed(self, work: WorkforceWork, practice: Practice, provider: Provider) -> None:
        """Refuse details that do not fit the practice. Raises: Invalid, Unknown."""
        provider.require_currency(practice.jurisdiction.currency)
        require_rights(provider, practice.jurisdiction, luhn=self.numbers.luhn)
        if provider.patient_id is not None:
            work.patients.get(provider.patient_id)
