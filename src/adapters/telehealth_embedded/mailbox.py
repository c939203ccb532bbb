"""A mailbox in a folder: what would have been sent lies there as e-mail, for one and all to read.

Every message is neutral (MSG-01): it says that there is something, never what, with whom or for
whom. A template takes only the facts it names; whatever else it is handed is left out.
"""

import os
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import Parser
from pathlib import Path
from string import Formatter
from typing import Final, TypedDict

import attrs

from telehealth_core.shared.ids import EventId, PracticeId
from telehealth_core.shared.refusal import Invalid, Unavailable, Unknown

FACT_MOST = 200
SENDER: Final = Address("Your practice", "no-reply", "localhost")
_SENT = "X-Telehealth-Sent"
_PARSER: Final = Parser(policy=policy.SMTPUTF8)


@attrs.frozen
class Template:
    """One kind of message; the text names its facts in braces, the subject has none."""

    subject: str
    text: str

    @property
    def facts(self) -> frozenset[str]:
        """The names of the facts the text needs."""
        return frozenset(name for _, name, _, _ in Formatter().parse(self.text) if name)


def _neutral(subject: str, sentence: str) -> Template:
    return Template(subject, f"Hello,\n\n{sentence}\n\nThis message was sent automatically.\n")


_NEWS = "There is news in your account"
TEMPLATES: Final[Mapping[str, Template]] = {
    "identity-info-requested": _neutral(
        "Your registration needs your attention",
        "We need something more to finish your registration. Please sign in to see what.",
    ),
    "identity-approved": _neutral(
        "Your registration is complete", "Your registration is complete. You can sign in now."
    ),
    "identity-rejected": _neutral(
        "Your registration needs your attention",
        "We could not complete your registration. Please sign in to see what you can do.",
    ),
    "appointment-booked": _neutral(_NEWS, "An appointment was booked. Please sign in to see it."),
    "appointment-moved": _neutral(_NEWS, "An appointment was moved. Please sign in to see it."),
    "appointment-changed": _neutral(_NEWS, "An appointment was changed. Please sign in to see it."),
    "appointment-declined": _neutral(
        _NEWS, "An appointment could not be confirmed. Please sign in to choose another time."
    ),
    "appointment-missed": _neutral(
        _NEWS, "An appointment has passed. Please sign in to see what you can do."
    ),
    "time-offered": _neutral(
        _NEWS, "Something you wait for is kept for you for a while. Please sign in to see it."
    ),
    "letter-ready": _neutral(_NEWS, "A document is ready for you. Please sign in to read it."),
    "emergency-access": _neutral(
        "A review is needed", "Something in your practice needs a review. Please sign in to see it."
    ),
    "alarming-answer": _neutral(
        "Something needs your look now",
        "Something in your practice needs your look now. Please sign in to see it.",
    ),
    "role-asked": _neutral(
        "A decision is needed", "A colleague asked for a decision. Please sign in to see it."
    ),
    "letter-attached": _neutral(
        _NEWS, "A document is attached, as you asked. You also find it in your account."
    ),
    "referral-invitation": _neutral(
        "You are invited to register",
        "You are invited to register with us. Your invitation code is:\n\n    {invitation}\n\n"
        "If you did not expect this message, you can ignore it.",
    ),
    "payment-failed": _neutral(
        "A payment needs your attention",
        "A payment could not be taken. Please sign in to use another card.",
    ),
    "payment-to-confirm": _neutral(
        "A payment needs your attention",
        "A payment waits for you to confirm it. Please sign in to do so.",
    ),
    "sum-proposed": _neutral(
        "A payment needs your attention",
        "A sum waits for you to agree to it. Please sign in to see it.",
    ),
}


ATTACHED: Final = "letter-attached"
"""The template of a message that brings a document along."""


class Mail(TypedDict):
    """One message as its reader sees it."""

    subject: str
    text: str
    sent: datetime


def _now() -> datetime:
    return datetime.now(UTC)


@attrs.frozen
class EmbeddedMailbox:
    """Writes each notice as one file, `root/practice/key.eml`, instead of sending it."""

    _root: Path
    _templates: Mapping[str, Template] = attrs.field(default=TEMPLATES, repr=False)
    _clock: Callable[[], datetime] = attrs.field(default=_now, repr=False)
    _sender: Address = SENDER

    def send(
        self,
        practice_id: PracticeId,
        email: str,
        template: str,
        facts: Mapping[str, str],
        key: EventId,
        /,
    ) -> None:
        """Write the message once for each key; a repeat with the same key changes nothing.

        Raises: Unknown for an unknown template; Invalid for a missing or unusable fact or an
        unusable address; Unavailable if the disk refuses.
        """
        path = self._root / str(practice_id) / f"{key}.eml"
        message = self._message(email, template, facts, key)
        try:
            if not path.exists():
                _write(path, message.as_bytes())
        except OSError as error:
            raise Unavailable("The mailbox") from error

    def attach(self, practice_id: PracticeId, email: str, content: bytes, key: EventId, /) -> None:
        """Write a neutral message with the PDF attached, once for each key (MSG-02).

        Raises: Invalid for an unusable address; Unavailable if the disk refuses.
        """
        path = self._root / str(practice_id) / f"{key}.eml"
        message = self._message(email, ATTACHED, {}, key)
        message.add_attachment(
            content, maintype="application", subtype="pdf", filename="document.pdf"
        )
        try:
            if not path.exists():
                _write(path, message.as_bytes())
        except OSError as error:
            raise Unavailable("The mailbox") from error

    def messages(self, practice_id: PracticeId, email: str) -> list[Mail]:
        """What was written to this address, whatever its case, the newest last.

        Raises: Unavailable if the disk cannot be read.
        """
        mails: list[Mail] = []
        try:
            for path in sorted((self._root / str(practice_id)).glob("*.eml")):
                message = _PARSER.parsestr(path.read_bytes().decode())
                assert isinstance(message, EmailMessage), "the policy makes messages of this class"
                if _reaches(message, email):
                    mails.append(_mail(message))
        except OSError as error:
            raise Unavailable("The mailbox") from error
        return sorted(mails, key=lambda mail: mail["sent"])

    def _message(
        self, email: str, template: str, facts: Mapping[str, str], key: EventId
    ) -> EmailMessage:
        if template not in self._templates:
            raise Unknown("template", template)
        chosen, sent = self._templates[template], self._clock()
        message = EmailMessage(policy=policy.SMTPUTF8)
        message["From"] = self._sender
        message["To"] = _address(email)
        message["Subject"] = chosen.subject
        message["Date"] = sent
        message["Message-ID"] = f"<{key}@{self._sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message[_SENT] = sent.isoformat()
        text = chosen.text.format_map(_facts(chosen, facts))
        message.set_content(text, cte="quoted-printable")
        return message


def _facts(template: Template, facts: Mapping[str, str]) -> dict[str, str]:
    """The facts that the template names, each one printable line.

    Raises: Invalid.
    """
    for name in sorted(template.facts):
        if name not in facts:
            raise Invalid(name, "the message cannot be written without this fact")
        if not facts[name].isprintable() or not 0 < len(facts[name]) <= FACT_MOST:
            raise Invalid(name, f"one printable line of at most {FACT_MOST} characters")
    return {name: facts[name] for name in template.facts}


def _address(email: str) -> Address:
    user, _, domain = email.rpartition("@")
    if not (user and domain and email.isprintable()):
        raise Invalid("email", "an e-mail address, as in name@example.org")
    return Address(username=user, domain=domain)


def _reaches(message: EmailMessage, email: str) -> bool:
    to = message["To"].addresses
    return any(f"{each.username}@{each.domain}".lower() == email.strip().lower() for each in to)


def _mail(message: EmailMessage) -> Mail:
    sent = datetime.fromisoformat(message[_SENT])
    body = message.get_body(("plain",))
    assert body is not None, "every message here has a text"
    text = body.get_content().replace("\r\n", "\n")
    return Mail(subject=message["Subject"], text=text, sent=sent)


def _write(path: Path, content: bytes) -> None:
    """Write the file whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, written = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(written).replace(path)
    except OSError:
        Path(written).unlink(missing_ok=True)
        raise
