"""The patient: a person the practice cares for, with a profile, an identity status, and everybody
tied to them.
"""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, ClassVar, Self

import attrs

from telehealth_core.access.actor import Following, Guardianship, Ties
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import PartnerId, PatientId, PracticeId, UserId
from telehealth_core.shared.interval import instant
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid, Refusal, Unknown
from telehealth_core.shared.text import email as is_email
from telehealth_core.shared.text import is_zone, line, prose, zone

ADULT_YEARS = 18
OLDEST_YEARS = 130


class PatientStatus(StrEnum):
    """Where a patient stands in the registration (F05, F08)."""

    REGISTERING = "registering"
    VERIFIED = "verified"
    SUSPENDED = "suspended"
    CLOSED = "closed"


LIFECYCLE: Lifecycle[PatientStatus] = Lifecycle(
    "Patient",
    PatientStatus.REGISTERING,
    {
        "complete_profile": (frozenset({PatientStatus.REGISTERING, PatientStatus.VERIFIED}), None),
        "verify": (
            frozenset({PatientStatus.REGISTERING, PatientStatus.VERIFIED}),
            PatientStatus.VERIFIED,
        ),
        "tie": (frozenset({PatientStatus.REGISTERING, PatientStatus.VERIFIED}), None),
        "suspend": (
            frozenset({PatientStatus.REGISTERING, PatientStatus.VERIFIED}),
            PatientStatus.SUSPENDED,
        ),
        "close": (
            frozenset({PatientStatus.REGISTERING, PatientStatus.VERIFIED, PatientStatus.SUSPENDED}),
            PatientStatus.CLOSED,
        ),
    },
)


@attrs.frozen
class PatientRegistered(Event):
    """Somebody began to register, or was registered by a guardian or by staff."""


@attrs.frozen
class ProfileCompleted(Event):
    """The patient's profile was written or changed."""


@attrs.frozen
class PatientVerified(Event):
    """The practice knows who the patient is."""


@attrs.frozen
class PartnerTied(Event):
    """A partner organisation may follow the patient while consent lasts."""


@attrs.frozen
class PartnerUntied(Event):
    """A partner organisation may not follow the patient any more."""

    partner_id: PartnerId


@attrs.frozen
class NotVerified(Refusal):
    """Until verified a patient can do nothing but finish registration (F05, IDV-01)."""

    code: ClassVar[str] = "not-verified"
    says: ClassVar[str] = (
        "The patient's identity is not verified yet; finish the registration first."
    )


@attrs.frozen
class ProfileIncomplete(Refusal):
    """The profile must be complete first (F08)."""

    code: ClassVar[str] = "profile-incomplete"
    says: ClassVar[str] = "Complete the profile first."


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
        before_birthday = (on.month, on.day) < (self.birth_date.month, self.birth_date.day)
        return on.year - self.birth_date.year - before_birthday

    def age(self, at: datetime) -> int:
        """Completed years of age where the patient lives (CHD-01)."""
        return self.years(self._day(at))

    def comes_of_age(self) -> datetime:
        """The first instant of the eighteenth birthday where the patient lives."""
        year, leap = self.birth_date.year + ADULT_YEARS, self.birth_date.timetuple()[1:3] == (2, 29)
        birthday = date(year, 3, 1) if leap else self.birth_date.replace(year=year)
        return instant(datetime.combine(birthday, time(), zone(self.zone)))

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


@attrs.frozen(kw_only=True)
class Patient:
    """A person the practice cares for.

    A dependant is a patient of their own, with `guardians` who act for them (F09, CHD-02);
    `partners` are the organisations that referred the patient and may follow while consent lasts
    (F51).
    """

    id: PatientId
    practice_id: PracticeId
    version: int = 1
    status: PatientStatus = LIFECYCLE.initial
    profile: Profile | None = phi(default=None)
    identifiers: tuple[Identifier, ...] = phi(default=())
    guardians: tuple[Guardianship, ...] = ()
    partners: tuple[Following, ...] = ()
    verified_until: datetime | None = None
    registered_at: datetime

    @classmethod
    def register(cls, *, by: UserId, **fields: Any) -> tuple[Self, PatientRegistered]:
        """A new patient; see the class for the fields.

        Raises: Invalid.
        """
        patient = cls(**fields)
        if patient.profile is not None:
            patient.profile.require_born(patient.registered_at)
        return patient, PatientRegistered(patient.id, patient.version, by, patient.registered_at)

    def same_dependant(self, other: Self) -> bool:
        """Whether the other is a repeat of the request that registered this dependant."""
        ours, theirs = (
            (one.profile, [(tie.guardian, tie.basis, tie.evidence) for tie in one.guardians])
            for one in (self, other)
        )
        return ours == theirs

    @property
    def ties(self) -> Ties:
        """Everybody in a lasting relation to this patient."""
        return Ties(self.id, self.guardians, self.partners)

    @property
    def known(self) -> Profile:
        """The profile.

        Raises: ProfileIncomplete if there is none yet.
        """
        if self.profile is None:
            raise ProfileIncomplete
        return self.profile

    def require_profile(self) -> None:
        """Refuse what needs a finished profile (F08).

        Raises: ProfileIncomplete.
        """
        if self.known.missing():
            raise ProfileIncomplete

    def complete_profile(
        self, profile: Profile, *, by: UserId, at: datetime
    ) -> tuple[Self, ProfileCompleted]:
        """The patient with this profile. Changing name or birth date later reopens verification
        (IDV-10).

        Raises: Invalid for an impossible birth date; IllegalTransition if suspended or closed.
        """
        status = LIFECYCLE.after("complete_profile", self.status)
        profile.require_born(at)
        if self.profile is not None and self._identity_of(profile) != self._identity_of(
            self.profile
        ):
            status = PatientStatus.REGISTERING
        changed = attrs.evolve(self, version=self.version + 1, status=status, profile=profile)
        return changed, ProfileCompleted(self.id, changed.version, by, at)

    def verify(
        self, *, until: datetime | None, by: UserId, at: datetime
    ) -> tuple[Self, PatientVerified]:
        """The patient, known to the practice until the check expires (F05, F07).

        Raises: ProfileIncomplete; IllegalTransition.
        """
        status = LIFECYCLE.after("verify", self.status)
        self.require_profile()
        changed = attrs.evolve(self, version=self.version + 1, status=status, verified_until=until)
        return changed, PatientVerified(self.id, changed.version, by, at)

    def tie_partner(
        self, following: Following, *, by: UserId, at: datetime
    ) -> tuple[Self, PartnerTied]:
        """The patient, followed by the referring partner as long as they consented (F51)."""
        status = LIFECYCLE.after("tie", self.status)
        others = tuple(
            attrs.evolve(tie, until=at)
            if tie.partner_id == following.partner_id and tie.live(at)
            else tie
            for tie in self.partners
        )
        changed = attrs.evolve(
            self, version=self.version + 1, status=status, partners=(*others, following)
        )
        return changed, PartnerTied(self.id, changed.version, by, at)

    def untie_partner(
        self, partner_id: PartnerId, *, by: UserId, at: datetime
    ) -> tuple[Self, PartnerUntied]:
        """The patient, followed by this partner no more from now on; that it once was stays known
        (ACC-14).

        Raises: Unknown unless the partner follows at that instant.
        """
        if not self.followed_by(partner_id, at):
            raise Unknown("following", partner_id)
        ties = tuple(
            attrs.evolve(tie, until=at) if tie.partner_id == partner_id and tie.live(at) else tie
            for tie in self.partners
        )
        changed = attrs.evolve(self, version=self.version + 1, partners=ties)
        return changed, PartnerUntied(self.id, changed.version, by, at, partner_id)

    def is_verified(self, at: datetime) -> bool:
        """Whether the practice knows at that instant who this is (IDV-01)."""
        return self.status is PatientStatus.VERIFIED and (
            self.verified_until is None or at < self.verified_until
        )

    def require_verified(self, at: datetime) -> None:
        """Refuse whatever only verified patients can do.

        Raises: NotVerified.
        """
        if not self.is_verified(at):
            raise NotVerified

    def followed_by(self, partner_id: PartnerId, at: datetime) -> bool:
        """Whether this partner may follow the patient at that instant."""
        return any(tie.partner_id == partner_id and tie.live(at) for tie in self.partners)

    def consent_until(self, partner_id: PartnerId) -> datetime | None:
        """Until when this partner may follow the patient; None if never."""
        ends = (tie.until for tie in self.partners if tie.partner_id == partner_id)
        return max(ends, default=None)

    @staticmethod
    def _identity_of(profile: Profile) -> tuple[str, str, date]:
        return profile.given_name, profile.family_name, profile.birth_date
