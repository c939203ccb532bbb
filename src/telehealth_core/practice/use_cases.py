"""What can be asked of a practice: to open it, to read it, to change its settings."""

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.practice.ports import PracticeDirectory, PracticeWork
from telehealth_core.practice.practice import Practice
from telehealth_core.practice.settings import Settings, SettingsVersion
from telehealth_core.shared.refusal import StaleVersion, Unknown


def settings_under(work: PracticeWork, practice: Practice, version: int) -> Settings:
    """The settings that a visit was booked under: what was agreed holds, whatever changed since
    (F30).
    """
    if version == practice.settings.version:
        return practice.settings
    return work.settings_history.get(SettingsVersion.id_of(practice.id, version)).settings


@attrs.frozen
class PracticeOffice:
    """The practice's own affairs."""

    work: UnitOfWork[PracticeWork]
    clock: Clock
    directory: PracticeDirectory

    def open(self, actor: Actor, practice: Practice) -> Practice:
        """Open a practice; opening the same one again changes nothing.

        Raises: NotPermitted; Unknown for another practice than the actor's.
        """
        with self.work(actor) as work:
            authorize(actor, Action.MANAGE_PRACTICE, relations(actor))
            if practice.id != actor.practice_id:
                raise Unknown("practice", practice.id)
            existing = work.practices.find(practice.id)
            if existing is None:
                work.practices.save(practice, practice.opened(by=actor.id))
                first = SettingsVersion.of(
                    practice.id, practice.settings, by=actor.id, at=practice.opened_at
                )
                work.settings_history.save(first)
        return existing or practice

    def named(self, slug: str) -> Practice:
        """The practice of that short name; anybody may ask.

        Raises: Unknown.
        """
        practice = self.directory.by_slug(slug)
        if practice is None:
            raise Unknown("practice", slug)
        return practice

    def view(self, actor: Actor) -> Practice:
        """The actor's practice."""
        with self.work(actor) as work:
            authorize(actor, Action.VIEW_PRACTICE, relations(actor))
            return work.practices.get(actor.practice_id)

    def change_settings(self, actor: Actor, settings: Settings, *, replacing: int) -> Practice:
        """Run the practice's rules by other parameters (F30); `replacing` is the settings version
        they were read at.

        Raises: NotPermitted; StaleVersion if somebody changed them meanwhile.
        """
        with self.work(actor) as work:
            authorize(actor, Action.MANAGE_PRACTICE, relations(actor))
            practice = work.practices.get(actor.practice_id)
            if practice.settings.version != replacing:
                raise StaleVersion("practice", practice.id)
            at = self.clock()
            changed, event = practice.change_settings(settings, by=actor.id, at=at)
            kept = SettingsVersion.of(practice.id, changed.settings, by=actor.id, at=at)
            work.practices.save(changed, event)
            work.settings_history.save(kept)
        return changed

    def settings_history(self, actor: Actor) -> tuple[SettingsVersion, ...]:
        """Every version of the settings, the newest first: what held when, and who changed it
        (F30).
        """
        with self.work(actor) as work:
            authorize(actor, Action.MANAGE_PRACTICE, relations(actor))
            return work.settings_history.in_order()
