"""The profile: who a patient is, how to reach them, and how old they are where they live (F08)."""

from datetime import date, datetime, time
from enum import StrEnum

import attrs

from telehealth_core.jurisdictions.ages import AgeBand, birthday, completed_years
from telehealth_core.jurisdictions.pack import Jurisdiction
from telehealth_core.shared.interval import instant
from telehealth_core.shared.refusal import Invalid
from telehealth_core.shared.text import email as is_email
from telehealth_core.shared.text import is_zone, line, prose, zone

ADULT_YEARS = 18
OLDEST_YEARS = 130


class Gender(StrEnum):
    """Administrative gender, FHIR codes."""

    MALE = "male"
    FEMALE = "female"
    OTHER = "other"
    UNKNOWN = "unknown"


class MaritalStatus(StrEnum):
    """Marital status, FHIR (HL7 v3) codes."""

    ANNULLED = "A"
    DIVORCED = "D"
    INTERLOCUTORY = "I"
    SEPARATED = "L"
    MARRIED = "M"
    COMMON_LAW = "C"
    POLYGAMOUS = "P"
    DOMESTIC_PARTNER = "T"
    UNMARRIED = "U"
    NEVER_MARRIED = "S"
    WIDOWED = "W"
    UNKNOWN = "UNK"


@attrs.frozen(kw_only=True, repr=False)
class Address:
    """A postal address."""

    lines: tuple[str, ...] = attrs.field(validator=attrs.validators.deep_iterable(line(120)))
    city: str = attrs.field(validator=line(80))
    region: str | None = attrs.field(default=None, validator=attrs.validators.optional(line(80)))
    postal_code: str | None = attrs.field(
        default=None, validator=attrs.validators.optional(line(20))
    )
    country: str = attrs.field(validator=line(2, least=2))

    def __attrs_post_init__(self) -> None:
        if not 1 <= len(self.lines) <= 4:
            raise Invalid("lines", "one to four lines")

    def on_one_line(self) -> str:
        """As an envelope has it, with commas."""
        parts = (*self.lines, self.city, self.region, self.postal_code, self.country)
        return ", ".join(part for part in parts if part)


@attrs.frozen(kw_only=True, repr=False)
class Identifier:
    """A number that another system knows the patient by (FHIR identifier)."""

    system: str = attrs.field(validator=line(200))
    value: str = attrs.field(validator=line(200))


@attrs.frozen(kw_only=True, repr=False)
class Profile:
    """Who the patient is and how to reach them (F08). Every field is personal."""

    given_name: str = attrs.field(validator=line(80))
    family_name: str = attrs.field(validator=line(80))
    birth_date: date
    gender: Gender = Gender.UNKNOWN
    address: Address | None = None
    phone: str | None = attrs.field(
        default=None, validator=attrs.validators.optional(line(40, least=5))
    )
    email: str | None = attrs.field(default=None, validator=attrs.validators.optional(is_email))
    zone: str = attrs.field(validator=is_zone)
    language: str | None = attrs.field(default=None, validator=attrs.validators.optional(line(35)))
    marital_status: MaritalStatus | None = None
    communication_needs: str | None = attrs.field(
        default=None, validator=attrs.validators.optional(prose(500))
    )

    @property
    def full_name(self) -> str:
        """Given name before family name."""
        return f"{self.given_name} {self.family_name}"

    def years(self, on: date) -> int:
        """Completed years of age on that local date; born on 29 February, one turns older on 1
        March (CHD-01).
        """
        return completed_years(self.birth_date, on)

    def age(self, at: datetime) -> int:
        """Completed years of age where the patient lives (CHD-01)."""
        return self.years(self._day(at))

    def turns(self, years: int) -> datetime:
        """The first instant of that birthday where the patient lives."""
        day = birthday(self.birth_date, years)
        return instant(datetime.combine(day, time(), zone(self.zone)))

    def comes_of_age(self) -> datetime:
        """The first instant of the eighteenth birthday where the patient lives."""
        return self.turns(ADULT_YEARS)

    def band(self, pack: Jurisdiction, at: datetime) -> AgeBand:
        """The band of age that the patient is in on their own date (CHD-01)."""
        return pack.age_band(self.birth_date, self._day(at))

    @property
    def identity(self) -> tuple[str, str, date]:
        """What an identity check compares: changing it asks again (IDV-10)."""
        return self.given_name, self.family_name, self.birth_date

    def require_born(self, at: datetime) -> None:
        """Refuse a birth date that nobody can have.

        Raises: Invalid.
        """
        if self.birth_date > self._day(at):
            raise Invalid("birth_date", "not in the future")
        if self.age(at) > OLDEST_YEARS:
            raise Invalid("birth_date", f"at most {OLDEST_YEARS} years ago")

    def _day(self, at: datetime) -> date:
        return at.astimezone(zone(self.zone)).date()

    def missing(self) -> tuple[str, ...]:
        """The fields without which a registration is not finished."""
        return tuple(name for name in ("address", "phone") if getattr(self, name) is None)
