"""The practice over HTTP: what anybody may know of it, and its settings."""

from datetime import datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, JSONBody

from telehealth_core.practice.consent_text import ConsentPurpose
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_http.answers import Items, shown
from telehealth_http.requests import By, reads, replaces

NO_MONEY = "Embedded payments: no money moves."


@attrs.frozen(kw_only=True)
class PaymentsAnswer:
    """Whether payments are real here."""

    moves_money: bool
    notice: str | None


@attrs.frozen(kw_only=True)
class PracticeAnswer:
    """What anybody may know of a practice."""

    id: UUID
    slug: str
    name: str
    address: str
    jurisdiction: str
    zone: str
    currency: str
    emergency_number: str
    crisis_number: str
    charging: Charging
    approval: Approval
    payments: PaymentsAnswer


@attrs.frozen(kw_only=True)
class FormQuestionAnswer:
    """One question of the pre-screening form, with the choices that are red flags."""

    asks: str
    choices: tuple[str, ...]
    red_flags: tuple[str, ...]


@attrs.frozen(kw_only=True)
class ConsentTextAnswer:
    """What patients are asked to agree to."""

    purpose: ConsentPurpose
    region: str | None
    text: str


@attrs.frozen(kw_only=True)
class SettingsAnswer:
    """Every parameter of the practice's rules, and the version they are read at."""

    version: int
    charging: Charging
    approval: Approval
    lead_minutes: int
    horizon_days: int
    buffer_minutes: int
    hold_minutes: int
    holds_most: int
    visits_ahead_most: int
    visits_a_day_most: int
    series_most: int
    offer_minutes: int
    free_cancel_hours: int
    late_cancel_fee_bp: int
    noshow_fee_bp: int
    noshow_after_minutes: int
    collect_attempts_most: int
    collect_retry_hours: int
    join_early_minutes: int
    join_late_minutes: int
    identity_valid_days: int
    identity_images_days: int
    register_check_days: int
    partner_consent_days_most: int
    acknowledge_days: int
    acknowledge_urgent_days: int
    step_up_minutes: int
    break_glass_minutes: int
    break_glass_review_hours: int
    refresh_stale_minutes: int
    pre_screening: tuple[FormQuestionAnswer, ...]
    statutory_notes: bool
    consent_texts: tuple[ConsentTextAnswer, ...]
    records_poll_minutes: int


@attrs.frozen(kw_only=True)
class SettingsVersionAnswer:
    """One version of the settings: since when it holds, or held, and who made it."""

    settings: SettingsAnswer
    by: UUID
    at: datetime


@attrs.frozen(kw_only=True)
class SettingsBody:
    """Other settings, in place of those of the version named."""

    replacing: int
    settings: Settings


def notice(caller: By) -> str | None:
    """What whoever pays is told where nothing real happens."""
    return None if caller.clinic.billing.payments.moves_money else NO_MONEY


@reads("/v1/practices/{slug:str}", everybody=True)
def view_practice(caller: By, slug: FromPath[str]) -> PracticeAnswer:
    """Show what anybody may know of a practice."""
    practice = caller.clinic.practice.named(slug)
    country, settings = practice.jurisdiction, practice.settings
    return shown(
        PracticeAnswer,
        practice,
        jurisdiction=practice.jurisdiction_code,
        currency=country.currency,
        emergency_number=country.emergency_number,
        crisis_number=country.crisis_number,
        charging=settings.charging,
        approval=settings.approval,
        payments=PaymentsAnswer(
            moves_money=caller.clinic.billing.payments.moves_money, notice=notice(caller)
        ),
    )


@reads("/v1/practice/settings")
def view_settings(caller: By) -> SettingsAnswer:
    """Show the parameters of the practice's rules (F30)."""
    return shown(SettingsAnswer, caller.clinic.practice.view(caller.actor).settings)


@replaces("/v1/practice/settings")
def change_settings(caller: By, data: JSONBody[SettingsBody]) -> SettingsAnswer:
    """Run the practice's rules by other parameters, unless these changed meanwhile (F30)."""
    changed = caller.clinic.practice.change_settings(
        caller.actor, data.settings, replacing=data.replacing
    )
    return shown(SettingsAnswer, changed.settings)


@reads("/v1/practice/settings/history")
def list_settings(caller: By) -> Items[SettingsVersionAnswer]:
    """List every version of the settings, the newest first (F30)."""
    return Items(
        items=tuple(
            shown(SettingsVersionAnswer, one, settings=shown(SettingsAnswer, one.settings))
            for one in caller.clinic.practice.settings_history(caller.actor)
        )
    )


ROUTES = (view_practice, view_settings, change_settings, list_settings)
