"""Matching: by what two records may be one person's. Only digests are kept to match by, so that
nothing personal lies where it is searched (IDV-03).
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any

import attrs

from telehealth_core.registration.profile import Identifier, Profile
from telehealth_core.shared.ids import PracticeId
from telehealth_core.shared.text import line

_PHONE_DIGITS = 9
"""The last digits of a number say whose it is, however its country is written."""


class DuplicateRule(StrEnum):
    """Why two records may be one person's."""

    NAME_AND_BIRTH_DATE = "same-name-and-birth-date"
    PHONE = "same-phone"
    IDENTIFIER = "same-identifier"
    DOCUMENT_NUMBER = "same-document-number"


@attrs.frozen(repr=False)
class DocumentNumber:
    """The number of an identity document, as a reviewer reads it off; never kept."""

    number: str = attrs.field(validator=line(60))

    def digest(self, key: bytes) -> str:
        """What is kept of it: a keyed digest, however the number was spaced (IDV-03)."""
        return hmac.new(key, _letters(self.number).encode(), hashlib.sha256).hexdigest()


def _name(profile: Profile, _: Iterable[Identifier]) -> Iterable[str]:
    yield f"{_letters(profile.full_name)}/{profile.birth_date.isoformat()}"


def _phone(profile: Profile, _: Iterable[Identifier]) -> Iterable[str]:
    digits = "".join(one for one in profile.phone or "" if one.isdecimal())
    if len(digits) >= _PHONE_DIGITS:
        yield digits[-_PHONE_DIGITS:]


def _identifiers(_: Profile, identifiers: Iterable[Identifier]) -> Iterable[str]:
    return (f"{one.system}|{one.value}" for one in identifiers)


RULES: Mapping[DuplicateRule, Callable[[Profile, Iterable[Identifier]], Iterable[str]]] = {
    DuplicateRule.NAME_AND_BIRTH_DATE: _name,
    DuplicateRule.PHONE: _phone,
    DuplicateRule.IDENTIFIER: _identifiers,
}
"""What is the same for both, by rule; a document's number only a reviewer knows."""


def match_keys(
    practice_id: PracticeId, profile: Profile | None, identifiers: Iterable[Identifier]
) -> frozenset[str]:
    """All by which this record matches another of the practice."""
    if profile is None:
        return frozenset()
    known = tuple(identifiers)
    return frozenset(
        _key(rule, practice_id, value)
        for rule, values in RULES.items()
        for value in values(profile, known)
    )


def document_key(practice_id: PracticeId, digest: str) -> str:
    """By which a record matches another whose document has the same number."""
    return _key(DuplicateRule.DOCUMENT_NUMBER, practice_id, digest)


def of_document(key: str) -> bool:
    """Whether a reviewer entered it, so that no profile changes it."""
    return _rule(key) is DuplicateRule.DOCUMENT_NUMBER


def shared_rules(ours: frozenset[str], theirs: frozenset[str]) -> frozenset[DuplicateRule]:
    """By which rules two records match."""
    return frozenset(map(_rule, ours & theirs))


def _key(rule: DuplicateRule, practice_id: PracticeId, value: str) -> str:
    digest = hashlib.sha256(f"{practice_id}/{rule}/{value}".encode()).hexdigest()
    return f"{rule}:{digest}"


def _rule(key: str) -> DuplicateRule:
    return DuplicateRule(key.partition(":")[0])


def _letters(text: str) -> str:
    """Letters and digits alone, without case and accents."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(one for one in plain if one.isalnum())


def is_digest(_: object, attribute: Any, value: str) -> None:
    """An attrs validator: a SHA-256 in hexadecimal digits."""
    line(64, least=64)(_, attribute, value)
