"""The practice and its parameters: bounded, versioned, and changed by its admins (F30)."""

from typing import Any

import attrs
import pytest

from telehealth_core.access.policy import NotPermitted
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.practice.use_cases import settings_under
from telehealth_core.shared.ids import PracticeId
from telehealth_core.shared.refusal import Invalid, StaleVersion, Unknown
from unit.clinic import Clinic


def test_every_number_among_the_settings_is_bounded_and_explained() -> None:
    """A new parameter has its bounds, its meaning and what asks for it (F30)."""
    numbers = {field.name for field in attrs.fields(Settings) if field.type is int} - {"version"}
    assert numbers == set(Settings.parameters())
    for default, parameter in Settings.parameters().values():
        assert parameter.least <= default <= parameter.most
        assert parameter.says.endswith(".")
        assert parameter.source


@pytest.mark.parametrize("name", Settings.parameters())
def test_a_parameter_stays_within_its_bounds(name: str) -> None:
    """The bounds themselves are fine, one beyond is refused by name."""
    _, parameter = Settings.parameters()[name]

    def with_value(value: int) -> Settings:
        fixed: dict[str, Any] = {name: value}
        return Settings(charging=Charging.AT_BOOKING, approval=Approval.LIAISON, **fixed)

    for value in (parameter.least, parameter.most):
        assert getattr(with_value(value), name) == value
    for value in (parameter.least - 1, parameter.most + 1):
        with pytest.raises(Invalid, match=name):
            with_value(value)


def test_every_version_of_the_settings_is_kept_with_who_made_it(clinic: Clinic) -> None:
    """The history tells the newest first, and an old version is found again as it was (F30)."""
    office, before = clinic.ask.practice, clinic.practice.settings
    clinic.clock.forward(hours=1)
    office.change_settings(clinic.admin, attrs.evolve(before, holds_most=1), replacing=1)
    second, first = office.settings_history(clinic.admin)
    assert (second.settings.version, second.settings.holds_most) == (2, 1)
    assert (second.by, second.at) == (clinic.admin.id, clinic.clock())
    assert (first.settings, first.by) == (before, clinic.system.id)
    with clinic.store.work(clinic.admin) as work:
        practice = work.practices.get(clinic.id)
        assert settings_under(work, practice, 1) == before
        assert settings_under(work, practice, 2) == practice.settings
    with pytest.raises(NotPermitted):
        office.settings_history(clinic.liaison)


def test_settings_are_replaced_as_the_next_version_of_what_was_read(clinic: Clinic) -> None:
    """Two admins who change at once do not overwrite each other."""
    office, wanted = clinic.ask.practice, attrs.evolve(clinic.practice.settings, holds_most=1)
    changed = office.change_settings(clinic.admin, wanted, replacing=1)
    assert (changed.settings.version, changed.settings.holds_most) == (2, 1)
    with pytest.raises(StaleVersion):
        office.change_settings(clinic.admin, wanted, replacing=1)
    assert office.change_settings(clinic.admin, wanted, replacing=2).settings.version == 3
    with pytest.raises(NotPermitted):
        office.change_settings(clinic.liaison, wanted, replacing=3)


def test_opening_again_changes_nothing_and_opens_no_other(clinic: Clinic) -> None:
    """An admin opens their own practice only."""
    before = clinic.rows()
    assert clinic.ask.practice.open(clinic.admin, clinic.practice) == clinic.practice
    other = attrs.evolve(clinic.practice, id=PracticeId(clinic.new_id()), slug="other")
    with pytest.raises(Unknown):
        clinic.ask.practice.open(clinic.admin, other)
    assert clinic.rows() == before


def test_a_practice_is_found_by_its_short_name(clinic: Clinic) -> None:
    """Anybody may ask; a false name is unknown."""
    assert clinic.ask.practice.named(clinic.practice.slug) == clinic.practice
    with pytest.raises(Unknown):
        clinic.ask.practice.named("nowhere")


@pytest.mark.parametrize(
    "wrong", [{"jurisdiction_code": "xx"}, {"zone": "Mars/Base"}, {"name": ""}, {"slug": "a\nb"}]
)
def test_a_practice_has_a_known_jurisdiction_a_zone_and_names(
    clinic: Clinic, wrong: dict[str, Any]
) -> None:
    """What the rules depend on is never left open."""
    with pytest.raises(Invalid, match=next(iter(wrong))):
        attrs.evolve(clinic.practice, **wrong)


def test_everybody_of_a_practice_reads_its_rules(clinic: Clinic) -> None:
    """When it charges and how to cancel concerns patients as much as staff (F15)."""
    for actor in (clinic.admin, clinic.liaison, clinic.visitor, clinic.patient()):
        assert clinic.ask.practice.view(actor) == clinic.practice
