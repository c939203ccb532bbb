"""Steps of the office: settings, providers, partners, accounts."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import attrs

from telehealth_core.access.actor import Role
from telehealth_core.partnership.referral import ReferralStatus
from telehealth_core.practice.settings import Approval, Charging
from telehealth_core.shared.interval import Interval
from telehealth_core.testing.world.place import MARKER, PASSWORD, SECRET, profile
from telehealth_core.testing.world.steps.step import Call, NothingToAsk, Step, ask
from telehealth_core.workforce.licence import Licence, RegisterStatus
from telehealth_core.workforce.provider import ProviderStatus

if TYPE_CHECKING:
    from telehealth_core.testing.world.world import World


def _change_settings(w: "World") -> Call:
    practice = w.store.rows["practices"][w.here.id]
    settings = attrs.evolve(
        practice.settings,
        charging=w.rng.choice(tuple(Charging)),
        approval=w.rng.choice(tuple(Approval)),
        buffer_minutes=w.rng.choice((0, 5, 20)),
        hold_minutes=w.rng.choice((1, 10, 60)),
        late_cancel_fee_bp=w.rng.choice((0, 5_000)),
        collect_retry_hours=w.rng.choice((1, 24, 72)),
        offer_minutes=w.rng.choice((5, 30)),
    )
    replacing = practice.settings.version - w.chance(5)
    return ask(w.ask.practice.change_settings, w.staff(Role.ADMIN), settings, replacing=replacing)


def _provider(w: "World") -> Any:
    return w.any("providers")


def _stand(w: "World") -> Call:
    provider = _provider(w)
    away = w.all("providers", lambda one: one.status is ProviderStatus.SUSPENDED)
    provider = away[0] if away else provider
    suspended = bool(away)
    verb: Any = w.ask.workforce.reinstate if suspended else w.ask.workforce.suspend
    if not suspended and w.chance(60):
        return ask(w.ask.workforce.file, w.staff(), provider.id)
    return ask(verb, w.staff(), provider.id, MARKER)


def _license(w: "World") -> Call:
    provider = _provider(w)
    region = None if w.here.country == "GB" else w.here.location
    until = date(2030, 1, 1) if w.chance(96) else w.now.date() + timedelta(days=2)
    licence = Licence(regulator="Example Register", number="1", region=region, expires_on=until)
    return ask(w.ask.workforce.license, w.staff(), provider.id, licence)


def _check_register(w: "World") -> Call:
    region = None if w.here.country == "GB" else w.here.location
    found = w.rng.choice((RegisterStatus.ACTIVE,) * 19 + (RegisterStatus.SUSPENDED,))
    return ask(
        w.ask.workforce.check,
        w.staff(),
        _provider(w).id,
        regulator="Example Register",
        region=region,
        status=found,
    )


def _at_risk(w: "World") -> Call:
    return ask(w.ask.at_risk.of_provider, w.staff(), _provider(w).id)


def _member(w: "World") -> Any:
    return w.of(partner_id=w.any("partners").id)


def _refer(w: "World") -> Call:
    if len(w.all("referrals")) > 6:
        return _view_referral(w)
    return ask(w.ask.partnership.refer, _member(w), w.new_id(), profile(w, w.here), MARKER)


def _view_referral(w: "World") -> Call:
    return ask(w.ask.partnership.view_referral, _member(w), w.any("referrals").id)


def _decide_referral(w: "World") -> Call:
    one = w.any("referrals", lambda one: one.status is ReferralStatus.SUBMITTED)
    if w.chance(15):
        return ask(w.ask.partnership.decline, w.staff(), one.id, f"full {MARKER}")
    return ask(w.ask.partnership.accept, w.staff(), one.id, invitation=f"{SECRET} {one.id}")


def _enrol(w: "World") -> Call:
    one = w.any("referrals", lambda one: one.status is ReferralStatus.ACCEPTED)
    days = w.rng.choice((None, 1, 30, 30))
    return ask(
        w.ask.partnership.enrol,
        w.here.visitor,
        w.new_id(),
        invitation=f"{SECRET} {one.id}",
        password=PASSWORD,
        consent_days=days,
    )


def _followed(w: "World") -> Call:
    return ask(w.ask.follow_up.followed, _member(w))


def _ask_roles(w: "World") -> Call:
    target = w.any("accounts", lambda one: Role.LIAISON in one.roles)
    admin = w.staff(Role.ADMIN)
    return ask(w.ask.accounts.ask_roles, admin, w.new_id(), target.id, frozenset({Role.ADMIN}))


def _decide_roles(w: "World") -> Call:
    grant, admin = w.any("role_grants"), w.staff(Role.ADMIN)
    verb: Any = w.rng.choice((w.ask.accounts.confirm_roles, w.ask.accounts.refuse_roles))
    return ask(verb, admin, grant.id)


def _disable(w: "World") -> Call:
    target = w.any("accounts", lambda one: Role.PATIENT in one.roles)
    verb: Any = w.ask.accounts.enable if target.disabled_at else w.ask.accounts.disable
    return ask(verb, w.staff(Role.ADMIN), target.id)


def _sign_in(w: "World") -> Call:
    account = w.any("accounts")
    password = PASSWORD if w.chance(80) else MARKER
    token = f"{SECRET} {w.new_id()} {SECRET * 8}"
    return ask(w.ask.access.sign_in, w.here.id, account.email, password, token=token)


def _opened_by(w: "World") -> Call:
    patient = w.any("patients", lambda one: not one.guardians)
    return ask(w.ask.oversight.opened_by, w.of(patient_id=patient.id), patient.id)


def _audit_report(w: "World") -> Call:
    if not w.store.audit:
        raise NothingToAsk
    day = Interval(w.now - timedelta(days=1), w.now + timedelta(minutes=1))
    return ask(w.ask.oversight.report, w.staff(Role.ADMIN), day, limit=20)


OFFICE = (
    Step("change settings", 2, _change_settings),
    Step("suspend or reinstate provider", 2, _stand),
    Step("license", 2, _license),
    Step("check register", 2, _check_register),
    Step("visits at risk", 1, _at_risk),
    Step("refer", 3, _refer),
    Step("view referral", 1, _view_referral),
    Step("decide referral", 3, _decide_referral),
    Step("enrol", 3, _enrol),
    Step("followed", 2, _followed),
    Step("ask for roles", 1, _ask_roles, creates=True),
    Step("decide roles", 1, _decide_roles),
    Step("disable or enable", 1, _disable),
    Step("sign in", 2, _sign_in, traces=True),
    Step("who opened", 1, _opened_by),
    Step("audit report", 1, _audit_report),
)
