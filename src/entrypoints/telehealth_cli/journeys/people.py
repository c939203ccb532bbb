"""The people of the journeys: who they are, and that each is signed in as themselves."""

import re
import secrets
from datetime import UTC, datetime
from typing import Any, Self

import attrs

from telehealth_cli.journeys.walk import Walk

PASSWORD = "correct horse battery staple"  # noqa: S105 - printed by every demo server

STAFF = ("admin", "second-admin", "liaison")
"""By whose names a demo practice's staff sign in."""


@attrs.frozen
class Staff:
    """Whom a demo practice begins with: two administrators and a liaison."""

    slug: str
    admin: str
    second_admin: str
    liaison: str
    password: str = attrs.field(default=PASSWORD, repr=False)

    @classmethod
    def of(cls, slug: str) -> Self:
        """The staff that a demo server seeds for the practice of that short name."""
        admin, second, liaison = (f"{who}@{slug}.example" for who in STAFF)
        return cls(slug, admin, second, liaison)


NEW_YORK = Staff.of("hudson-therapy")
LONDON = Staff.of("thames-gp")


@attrs.frozen
class Someone:
    """Somebody who is signed in, and asks as that person."""

    walk: Walk = attrs.field(repr=False)
    role: str
    email: str
    token: str = attrs.field(repr=False)
    who: dict[str, Any] = attrs.field(repr=False)

    @property
    def staff(self) -> bool:
        """Whether this is somebody of the practice who treats nobody."""
        return bool({"liaison", "admin"} & set(self.who["roles"]))

    @classmethod
    def sign_in(
        cls, walk: Walk, role: str, slug: str, email: str, password: str = PASSWORD
    ) -> Self:
        """Sign in; the step is told."""
        answer = walk.step(
            role,
            "signs in",
            "POST",
            "/v1/sign-ins",
            json={"practice": slug, "email": email, "password": password},
            expect=201,
            show=lambda signed: f"signed in as {', '.join(signed['roles'])}",
        )
        return cls(walk, role, email, answer["token"], answer)

    def get(self, what: str, path: str, **how: Any) -> Any:
        """Read something; staff say what for."""
        headers = {"Purpose-Of-Use": "operations"} if self.staff else {}
        return self.walk.step(
            self.role, what, "GET", path, token=self.token, **{"headers": headers, **how}
        )

    def post(self, what: str, path: str, json: object = None, **how: Any) -> Any:
        """Ask for something; without `json` or `content` the body is an empty object."""
        body: dict[str, Any] = (
            {} if {"content", "files"} & how.keys() else {"json": {} if json is None else json}
        )
        return self.walk.step(self.role, what, "POST", path, token=self.token, **body, **how)

    def put(self, what: str, path: str, json: object, **how: Any) -> Any:
        """Write something anew."""
        return self.walk.step(self.role, what, "PUT", path, token=self.token, json=json, **how)

    def until(self, what: str, path: str, **how: Any) -> Any:
        """Wait for what the worker does; staff say what for."""
        headers = {"Purpose-Of-Use": "operations"} if self.staff else {}
        return self.walk.until(
            self.role, what, path, token=self.token, **{"headers": headers, **how}
        )

    def mail(self, slug: str, subject: str) -> None:
        """Wait for the neutral e-mail with this subject."""
        wait_for_mail(self.walk, self.role, slug, self.email, subject)


def wait_for_mail(
    walk: Walk, role: str, slug: str, email: str, subject: str, *, saying: str = ""
) -> str:
    """Wait for the e-mail with this subject in which the pattern is found; answer its text."""

    def found(mails: dict[str, Any]) -> list[str]:
        texts = [mail["text"] for mail in mails["items"] if mail["subject"] == subject]
        return [text for text in texts if re.search(saying, text)]

    answer = walk.until(
        role,
        "finds an e-mail that gives nothing away",
        "/embedded/mail",
        params={"practice": slug, "address": email},
        holds=lambda mails: bool(found(mails)),
        show=lambda mails: f"“{mails['items'][-1]['subject']}”" if mails["items"] else "no mail",
    )
    return found(answer)[0]


def fresh_email(role: str) -> str:
    """An address that no earlier run has used."""
    return f"{role}-{secrets.token_hex(5)}@example.org"


def new_yorker(given_name: str, email: str) -> dict[str, Any]:
    """A complete profile in New York."""
    return {
        "given_name": given_name,
        "family_name": "Example",
        "birth_date": "1990-04-12",
        "gender": "other",
        "address": {
            "lines": ["1 Example Street", "Apt 2"],
            "city": "New York",
            "region": "NY",
            "postal_code": "10001",
            "country": "US",
        },
        "phone": "+1 212 555 0100",
        "email": email,
        "zone": "America/New_York",
        "language": "en-US",
    }


def londoner(given_name: str, email: str | None, birth_date: str) -> dict[str, Any]:
    """A complete profile in London."""
    return {
        "given_name": given_name,
        "family_name": "Example",
        "birth_date": birth_date,
        "address": {
            "lines": ["1 Example Road"],
            "city": "London",
            "postal_code": "N1 1AA",
            "country": "GB",
        },
        "phone": "+44 20 7946 0100",
        "email": email,
        "zone": "Europe/London",
        "language": "en-GB",
    }


def birth_date_of(years: int) -> str:
    """A birth date that makes somebody so many years old, or nearly."""
    return f"{datetime.now(UTC).year - years}-06-15"
