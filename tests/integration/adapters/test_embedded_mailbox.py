"""The mailbox in a folder."""

import stat
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.parser import BytesParser
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.account import Account
from telehealth_core.access.ports import Notices
from telehealth_core.shared.ids import EventId, PracticeId, UserId
from telehealth_core.shared.refusal import Invalid, Unavailable, Unknown
from telehealth_embedded import TEMPLATES, EmbeddedMailbox, Template

PRACTICE, OTHER_PRACTICE = PracticeId(UUID(int=1)), PracticeId(UUID(int=2))
ADA = "ada@example.org"
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
FACTS = {"invitation": "CODE-1234"}
CANARIES = {
    "clinician": "canary",
    "specialty": "canary",
    "reason": "canary",
    "dependant": "canary",
    "subject": "canary",
    "Bcc": "canary@example.org",
}


def key(number: int) -> EventId:
    """The key of a message."""
    return EventId(UUID(int=number))


@pytest.fixture
def mailbox(tmp_path: Path) -> EmbeddedMailbox:
    """An empty mailbox on one morning."""
    return EmbeddedMailbox(tmp_path / "mail", clock=lambda: NOW)


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_message_is_neutral(mailbox: EmbeddedMailbox, template: str) -> None:
    """Facts a template does not name appear nowhere, and no message says what it is about."""
    port: Notices = mailbox
    port.send(PRACTICE, ADA, template, {**CANARIES, **FACTS}, key(1))
    (file,) = mailbox._root.rglob("*.eml")
    telling = ("canary", "doctor", "diagnos", "therap", "prescri", "clinic", "child", "health pr")
    (mail,) = mailbox.messages(PRACTICE, ADA)
    written = f"{file.read_text()} {mail['subject']} {mail['text']}".lower()
    assert not [word for word in telling if word in written]
    assert mail["sent"] == NOW
    assert mail["subject"] == TEMPLATES[template].subject
    assert not any(character in mail["subject"] for character in "{}\n")
    assert mail["text"].startswith("Hello,\n")


def test_an_invitation_carries_its_code(mailbox: EmbeddedMailbox) -> None:
    """The code is in the text and not in the subject."""
    mailbox.send(PRACTICE, ADA, "referral-invitation", FACTS, key(1))
    (mail,) = mailbox.messages(PRACTICE, ADA)
    assert "CODE-1234" in mail["text"]
    assert "CODE-1234" not in mail["subject"]


def test_a_repeat_is_the_same_message(mailbox: EmbeddedMailbox) -> None:
    """Sending again under the same key changes nothing; another practice's key is its own."""
    mailbox.send(PRACTICE, ADA, "letter-ready", {}, key(1))
    mailbox.send(PRACTICE, ADA, "payment-failed", {}, key(1))
    mailbox.send(OTHER_PRACTICE, ADA, "payment-failed", {}, key(1))
    (mail,) = mailbox.messages(PRACTICE, ADA)
    assert mail["subject"] == TEMPLATES["letter-ready"].subject
    assert len(mailbox.messages(OTHER_PRACTICE, ADA)) == 1


def test_messages_come_newest_last_and_to_their_reader_only(tmp_path: Path) -> None:
    """The order is that of sending, whatever the keys; case does not matter in an address."""
    hours = iter(range(3))
    mailbox = EmbeddedMailbox(tmp_path, clock=lambda: NOW + timedelta(hours=next(hours)))
    for number, template in [(9, "letter-ready"), (5, "payment-failed"), (7, "identity-approved")]:
        mailbox.send(PRACTICE, ADA, template, {}, key(number))
    read = [mail["subject"] for mail in mailbox.messages(PRACTICE, "ADA@Example.org")]
    assert read == [
        TEMPLATES[name].subject for name in ("letter-ready", "payment-failed", "identity-approved")
    ]
    assert mailbox.messages(PRACTICE, "bob@example.org") == []
    assert mailbox.messages(OTHER_PRACTICE, ADA) == []


def test_unknown_templates_and_missing_facts_are_told(mailbox: EmbeddedMailbox) -> None:
    """A mistake in the caller is refused by name, and nothing is written."""
    with pytest.raises(Unknown) as unknown:
        mailbox.send(PRACTICE, ADA, "no-such-template", {}, key(1))
    assert unknown.value.facts() == {"kind": "template", "id": "no-such-template"}
    with pytest.raises(Invalid) as missing:
        mailbox.send(PRACTICE, ADA, "referral-invitation", {}, key(1))
    assert missing.value.field == "invitation"
    assert mailbox.messages(PRACTICE, ADA) == []


@given(value=st.text(st.characters(), max_size=250))
def test_no_fact_breaks_out_of_the_text(
    tmp_path_factory: pytest.TempPathFactory, value: str
) -> None:
    """A fact is refused, or stands in the text as it is; headers stay what they were."""
    mailbox = EmbeddedMailbox(tmp_path_factory.mktemp("mail"), clock=lambda: NOW)
    try:
        mailbox.send(PRACTICE, ADA, "referral-invitation", {"invitation": value}, key(1))
    except Invalid:
        assert mailbox.messages(PRACTICE, ADA) == []
        return
    (file,) = mailbox._root.rglob("*.eml")
    message = BytesParser(policy=policy.SMTPUTF8).parsebytes(file.read_bytes())
    assert len(message.keys()) == len(set(message.keys())) == 10
    (mail,) = mailbox.messages(PRACTICE, ADA)
    assert f"\n    {value}\n" in mail["text"]


@pytest.mark.parametrize(
    "fact", ["x\nBcc: other@example.org", "x\r\n\r\nother text", "\N{RIGHT-TO-LEFT OVERRIDE}x", ""]
)
def test_facts_are_one_printable_line(mailbox: EmbeddedMailbox, fact: str) -> None:
    """Line breaks, control characters and nothing at all are refused."""
    with pytest.raises(Invalid):
        mailbox.send(PRACTICE, ADA, "referral-invitation", {"invitation": fact}, key(1))


@pytest.mark.parametrize(
    "email", ["", "ada", "@example.org", "ada@", "ada@example.org\r\nBcc: bob@example.org"]
)
def test_unusable_addresses_are_refused(mailbox: EmbeddedMailbox, email: str) -> None:
    """An address cannot carry another header."""
    with pytest.raises(Invalid) as refused:
        mailbox.send(PRACTICE, email, "letter-ready", {}, key(1))
    assert "example.org" not in refused.value.rule.replace("name@example.org", "")


local = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=30
)
label = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)


@given(user=local, host=st.builds("{}.{}".format, label, label))
def test_every_address_of_an_account_can_be_written_to(
    tmp_path_factory: pytest.TempPathFactory, user: str, host: str
) -> None:
    """Whatever address the core takes, its messages are found again."""
    try:
        account = Account(
            id=UserId(UUID(int=1)),
            practice_id=PRACTICE,
            email=f"{user}@{host}",
            password_hash="",
            roles=frozenset(),
            opened_at=NOW,
        )
    except Invalid:
        return
    mailbox = EmbeddedMailbox(tmp_path_factory.mktemp("mail"), clock=lambda: NOW)
    mailbox.send(PRACTICE, account.email, "letter-ready", {}, key(1))
    assert len(mailbox.messages(PRACTICE, account.email)) == 1


def test_files_are_their_owners_and_named_by_key(mailbox: EmbeddedMailbox) -> None:
    """Each message is one file, 0600, beside nothing else."""
    mailbox.send(PRACTICE, ADA, "letter-ready", {}, key(1))
    (file,) = (path for path in mailbox._root.rglob("*") if path.is_file())
    assert file == mailbox._root / str(PRACTICE) / f"{key(1)}.eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_disk_that_refuses_is_unavailable(tmp_path: Path) -> None:
    """A file where the folder should be is told as an outage."""
    (tmp_path / "mail").write_bytes(b"in the way")
    with pytest.raises(Unavailable):
        EmbeddedMailbox(tmp_path / "mail").send(PRACTICE, ADA, "letter-ready", {}, key(1))


def test_a_practice_may_have_its_own_words(tmp_path: Path) -> None:
    """Other templates can be handed in; each names its own facts."""
    own = {"hello": Template("Hello", "Your code is {code}.")}
    mailbox = EmbeddedMailbox(tmp_path, own)
    mailbox.send(PRACTICE, ADA, "hello", {"code": "1"}, key(1))
    (mail,) = mailbox.messages(PRACTICE, ADA)
    assert mail["text"] == "Your code is 1.\n"
    assert mail["sent"].tzinfo is not None


def test_a_document_is_attached_once_to_a_neutral_message(tmp_path: Path) -> None:
    """Under a file name that says nothing; a repeat is the same message (MSG-01, MSG-02)."""
    mailbox = EmbeddedMailbox(tmp_path / "mail")
    for content in (b"%PDF one", b"%PDF another"):
        mailbox.attach(PRACTICE, ADA, content, key(1))
    (mail,) = mailbox.messages(PRACTICE, ADA)
    assert mail["text"] == TEMPLATES["letter-attached"].text
    (path,) = (tmp_path / "mail" / str(PRACTICE)).iterdir()
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == "document.pdf"
    assert attached.get_content() == b"%PDF one"


def test_a_disk_that_refuses_an_attachment_is_told(tmp_path: Path) -> None:
    """As any outage."""
    (tmp_path / "mail").write_text("in the way")
    with pytest.raises(Unavailable):
        EmbeddedMailbox(tmp_path / "mail").attach(PRACTICE, ADA, b"%PDF", key(1))
