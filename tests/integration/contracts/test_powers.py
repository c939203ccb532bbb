"""One contract for each outside power, kept by the doubles in memory and by what stands in for a
vendor (N14).
"""

import email
import json
from collections.abc import Mapping
from email import policy
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from telehealth_core.access.ports import Notices, Passwords
from telehealth_core.billing.ports import Payments
from telehealth_core.consultation.ports import VideoRooms
from telehealth_core.jurisdictions.ports import NumberChecks
from telehealth_core.letters.ports import Attachments, Letters
from telehealth_core.messaging.ports import ChatChannels
from telehealth_core.prescribing.ports import Pharmacies, Signatures
from telehealth_core.registration.ports import Documents, Images
from telehealth_core.shared.ids import PrescriptionId
from telehealth_core.testing import doubles
from telehealth_core.testing.contracts import (
    AT,
    AttachmentsContract,
    ChatChannelsContract,
    DocumentsContract,
    ImagesContract,
    LettersContract,
    NoticesContract,
    NumberChecksContract,
    PasswordsContract,
    PaymentsContract,
    PharmaciesContract,
    SignaturesContract,
    VideoRoomsContract,
)
from telehealth_core.testing.contracts.telling import SENDER, Told
from telehealth_embedded import (
    EmbeddedChannels,
    EmbeddedMailbox,
    EmbeddedPayments,
    EmbeddedPharmacies,
    EmbeddedRooms,
    EmbeddedSignatures,
)
from telehealth_files import FolderDocuments, PillowImages
from telehealth_letters import TypstLetters
from telehealth_numbers import StdnumChecks
from telehealth_passwords import Argon2Passwords

SECRET = b"a secret of enough bytes"


# --- in memory ---------------------------------------------------------------------------------


class TestMemoryPayments(PaymentsContract):
    """The processor without money."""

    @pytest.fixture(autouse=True)
    def _empty(self) -> None:
        self._payments = doubles.MemoryPayments()

    def payments(self) -> Payments:
        """The double."""
        return self._payments


class TestMemoryDocuments(DocumentsContract):
    """Bytes in memory."""

    @pytest.fixture(autouse=True)
    def _empty(self) -> None:
        self._documents = doubles.MemoryDocuments()

    def documents(self) -> Documents:
        """The double."""
        return self._documents


class TestAnyImages(ImagesContract):
    """Whatever calls itself a picture."""

    def images(self) -> Images:
        """The double."""
        return doubles.AnyImages()

    def picture(self) -> bytes:
        """A few bytes."""
        return b"image of nobody"


class TestMemoryNotices(NoticesContract):
    """Notices in memory."""

    @pytest.fixture(autouse=True)
    def _empty(self) -> None:
        self._notices = doubles.MemoryNotices()

    def notices(self) -> Notices:
        """The double."""
        return self._notices

    def sent(self, email: str) -> int:
        """What it remembers."""
        return sum(address == email for address, _, _ in self._notices.sent.values())


class TestMemoryAttachments(AttachmentsContract):
    """Attachments in memory."""

    @pytest.fixture(autouse=True)
    def _empty(self) -> None:
        self._attachments = doubles.MemoryAttachments()

    def attachments(self) -> Attachments:
        """The double."""
        return self._attachments

    def attached(self, email: str) -> list[bytes]:
        """What it remembers."""
        return [content for address, content in self._attachments.sent.values() if address == email]


class TestMemoryChannels(ChatChannelsContract):
    """Channels in memory."""

    @pytest.fixture(autouse=True)
    def _empty(self) -> None:
        self._channels = doubles.MemoryChannels()

    def channels(self) -> ChatChannels:
        """The double."""
        return self._channels

    def listen(self, token: str) -> Told:
        """What it remembers."""
        return self._channels.heard[token]


class TestPlainPasswords(PasswordsContract):
    """Passwords as they are."""

    test_every_hash_is_salted = None  # type: ignore[assignment] # that is what it is not for

    def passwords(self) -> Passwords:
        """The double."""
        return doubles.PlainPasswords()


class TestPlainNumbers(NumberChecksContract):
    """Check digits from their definitions."""

    def numbers(self) -> NumberChecks:
        """The double."""
        return doubles.PlainNumbers()


class TestMemorySignatures(SignaturesContract):
    """Seals that hide nothing."""

    def signatures(self) -> Signatures:
        """The double."""
        return doubles.MemorySignatures()


class TestMemoryPharmacies(PharmaciesContract):
    """Pharmacies in memory."""

    @pytest.fixture(autouse=True)
    def _empty(self) -> None:
        self._pharmacies = doubles.MemoryPharmacies()

    def pharmacies(self) -> Pharmacies:
        """The double."""
        return self._pharmacies

    def brought(self, key: PrescriptionId) -> list[bytes]:
        """What it remembers."""
        return [order.content for order in self._pharmacies.brought.values() if order.key == key]

    def withdrawn(self, key: PrescriptionId) -> bool:
        """What it remembers."""
        return key in self._pharmacies.withdrawn


class TestMemoryRooms(VideoRoomsContract):
    """Rooms nobody can enter."""

    def rooms(self) -> VideoRooms:
        """The double."""
        return doubles.MemoryRooms()


class TestPlainLetters(LettersContract):
    """Letters as plain text."""

    def letters(self) -> Letters:
        """The double."""
        return doubles.PlainLetters()


# --- the adapters ------------------------------------------------------------------------------


class InAFolder:
    """What keeps something on the disk."""

    @pytest.fixture(autouse=True)
    def _empty(self, tmp_path: Path) -> None:
        self._folder = tmp_path / "kept"


class TestEmbeddedPayments(InAFolder, PaymentsContract):
    """The journal; each call comes from a process of its own, as it were."""

    def payments(self) -> Payments:
        """The adapter."""
        return EmbeddedPayments(self._folder / "payments.jsonl", lambda: AT)


class TestFolderDocuments(InAFolder, DocumentsContract):
    """A folder."""

    def documents(self) -> Documents:
        """The adapter."""
        return FolderDocuments(self._folder, doubles.PlainSeals())


class TestPillowImages(ImagesContract):
    """Pillow."""

    def images(self) -> Images:
        """The adapter."""
        return PillowImages()

    def picture(self) -> bytes:
        """A small PNG."""
        file = BytesIO()
        Image.new("RGBA", (30, 20), "teal").save(file, "PNG")
        return file.getvalue()


class Mailed(InAFolder):
    """What the mailbox wrote."""

    def mailbox(self) -> EmbeddedMailbox:
        """The adapter."""
        return EmbeddedMailbox(self._folder)

    def mails(self, address: str) -> list[email.message.EmailMessage]:
        """The files of the sender to this address."""
        files = (self._folder / str(SENDER)).glob("*.eml")
        read = [email.message_from_bytes(one.read_bytes(), policy=policy.SMTP) for one in files]
        return [one for one in read if address in str(one["To"])]


class TestMailboxNotices(Mailed, NoticesContract):
    """Notices in the mailbox."""

    def notices(self) -> Notices:
        """The adapter."""
        return self.mailbox()

    def sent(self, email: str) -> int:
        """The files there are."""
        return len(self.mails(email))


class TestMailboxAttachments(Mailed, AttachmentsContract):
    """Documents in the mailbox."""

    def attachments(self) -> Attachments:
        """The adapter."""
        return self.mailbox()

    def attached(self, email: str) -> list[bytes]:
        """What the files bring along."""
        return [
            part.get_content() for mail in self.mails(email) for part in mail.iter_attachments()
        ]


class TestEmbeddedChannels(ChatChannelsContract):
    """Fan-out within the process."""

    @pytest.fixture(autouse=True)
    def _empty(self) -> None:
        self._channels = EmbeddedChannels(SECRET, lambda: AT)

    def channels(self) -> ChatChannels:
        """The adapter."""
        return self._channels

    def listen(self, token: str) -> Told:
        """A subscription."""
        told: Told = []

        def hear(channel: str, message: Mapping[str, str]) -> None:
            told.append((channel, message))

        self._channels.subscribe(token, hear)
        return told


class TestArgon2Passwords(PasswordsContract):
    """Argon2, cheaply."""

    def passwords(self) -> Passwords:
        """The adapter."""
        return Argon2Passwords(passes=1, memory_kib=8)


class TestStdnumChecks(NumberChecksContract):
    """python-stdnum."""

    def numbers(self) -> NumberChecks:
        """The adapter."""
        return StdnumChecks()


class TestEmbeddedSignatures(SignaturesContract):
    """One secret for all."""

    def signatures(self) -> Signatures:
        """The adapter."""
        return EmbeddedSignatures(SECRET)


class TestEmbeddedPharmacies(InAFolder, PharmaciesContract):
    """Pharmacies in a folder."""

    def pharmacies(self) -> Pharmacies:
        """The adapter."""
        return EmbeddedPharmacies(self._folder)

    def brought(self, key: PrescriptionId) -> list[bytes]:
        """The files there are."""
        files = self._folder.rglob(f"{key}.json")
        return [json.loads(one.read_text())["content"].encode() for one in files]

    def withdrawn(self, key: PrescriptionId) -> bool:
        """Whether a file says so."""
        return any(self._folder.rglob(f"{key}.withdrawn"))


class TestEmbeddedRooms(VideoRoomsContract):
    """Rooms without a vendor."""

    def rooms(self) -> VideoRooms:
        """The adapter."""
        return EmbeddedRooms(SECRET, lambda: AT, "wss://example.org/signalling")


class TestTypstLetters(LettersContract):
    """typst."""

    def letters(self) -> Letters:
        """The adapter."""
        return TypstLetters()
