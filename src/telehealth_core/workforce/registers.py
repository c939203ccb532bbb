"""Registers: what the jurisdiction asks of a provider's licences and rights (PRO-02, PRO-04).

A regulator that the pack lists is written by its code, and its numbers by its rule. Any other is
taken at the staff's word: hundreds of boards of states and voluntary registers are in no pack.
"""

from collections.abc import Callable
from datetime import date

from telehealth_core.jurisdictions import Jurisdiction, Profession
from telehealth_core.jurisdictions.numbers import CheckDigit, npi
from telehealth_core.shared.refusal import Invalid
from telehealth_core.workforce.licence import Licence
from telehealth_core.workforce.provider import Provider


def _written_by_its_code(licence: Licence, _: Profession, pack: Jurisdiction, __: date) -> None:
    code = pack.listed_as(licence.regulator)
    if code not in {None, licence.regulator}:
        raise Invalid("regulator", f"by its code, which is {code}")


def _of_the_profession(
    licence: Licence, profession: Profession, pack: Jurisdiction, _: date
) -> None:
    if pack.listed_as(licence.regulator) and not pack.register(licence.regulator, profession):
        raise Invalid("regulator", f"one that registers this profession ({profession})")


def _numbered_as_there(
    licence: Licence, profession: Profession, pack: Jurisdiction, _: date
) -> None:
    register = pack.register(licence.regulator, profession)
    if register and register.number:
        register.number(licence.number, "number")


def _of_a_region(licence: Licence, _: Profession, pack: Jurisdiction, __: date) -> None:
    if pack.regions and licence.region not in pack.regions:
        raise Invalid("region", f"one that gives licences, as in {min(pack.regions)}")
    if not pack.regions and licence.region is not None:
        raise Invalid("region", "none: a register holds in the whole country")


def _looked_up(licence: Licence, _: Profession, __: Jurisdiction, today: date) -> None:
    if licence.checked_on is not None and licence.checked_on > today:
        raise Invalid("checked_on", "not in the future")


RULES: tuple[Callable[[Licence, Profession, Jurisdiction, date], None], ...] = (
    _written_by_its_code,
    _of_the_profession,
    _numbered_as_there,
    _of_a_region,
    _looked_up,
)
"""What makes a licence acceptable. Adding a rule is adding a line."""


def require_licence(
    licence: Licence, profession: Profession, pack: Jurisdiction, *, today: date
) -> None:
    """Refuse a licence that the jurisdiction does not know so.

    Raises: Invalid.
    """
    for rule in RULES:
        rule(licence, profession, pack, today)


def require_licences(provider: Provider, pack: Jurisdiction, *, today: date) -> None:
    """Refuse licences that the jurisdiction does not know so, or two for the same.

    Raises: Invalid, with the place of the licence in the list.
    """
    if len({one.key for one in provider.licences}) < len(provider.licences):
        raise Invalid("licences", "one for each regulator and region")
    for place, licence in enumerate(provider.licences):
        try:
            require_licence(licence, provider.profession, pack, today=today)
        except Invalid as broken:
            raise Invalid(f"licences[{place}].{broken.field}", broken.rule) from None


def require_rights(provider: Provider, pack: Jurisdiction, *, luhn: CheckDigit) -> None:
    """Refuse rights that the provider's profession excludes, and a false identifier (PRO-02,
    PRO-04).

    Raises: Invalid.
    """
    if provider.prescriber and pack.never_prescribes(provider.profession):
        raise Invalid("prescriber", f"not for this profession ({provider.profession})")
    if provider.npi is not None:
        npi(provider.npi, check_digit=luhn)
