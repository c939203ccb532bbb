"""What stores of documents and readers of pictures promise."""

from telehealth_core.registration.document import UnreadableImage
from telehealth_core.registration.ports import Documents, Images
from telehealth_core.shared.ids import DocumentId, PatientId, PracticeId
from telehealth_core.shared.refusal import IdReused, Unknown
from telehealth_core.testing.contracts.beginning import named, refused

HOUSE, OTHER_HOUSE = PracticeId(named("house")), PracticeId(named("other house"))
PATIENT, OTHER_PATIENT = PatientId(named("patient")), PatientId(named("other patient"))
DOCUMENT = DocumentId(named("document"))


class DocumentsContract:
    """Bytes come back as they were, each under its practice, patient and id, until they are deleted
    (F68). A subclass brings `documents`.
    """

    def documents(self) -> Documents:
        """An empty store, the same one within a test."""
        raise NotImplementedError

    def test_what_was_put_is_got(self) -> None:
        """Any bytes, none and many, byte for byte (F68)."""
        contents = (b"", bytes(range(256)), b"\r\n\x00" * 500_000)
        ids = [DocumentId(named(f"document {number}")) for number in range(len(contents))]
        for id, content in zip(ids, contents, strict=True):
            self.documents().put(HOUSE, PATIENT, id, content)
        for id, content in zip(ids, contents, strict=True):
            assert self.documents().get(HOUSE, PATIENT, id) == content

    def test_putting_the_same_again_changes_nothing(self) -> None:
        """A repeat is no error (F68)."""
        for _ in range(2):
            self.documents().put(HOUSE, PATIENT, DOCUMENT, b"first")
        assert self.documents().get(HOUSE, PATIENT, DOCUMENT) == b"first"

    def test_an_id_never_names_other_bytes(self) -> None:
        """They are refused, and the first are kept (F68)."""
        self.documents().put(HOUSE, PATIENT, DOCUMENT, b"first")
        for other in (b"second", b"", b"first "):
            with refused(IdReused):
                self.documents().put(HOUSE, PATIENT, DOCUMENT, other)
        assert self.documents().get(HOUSE, PATIENT, DOCUMENT) == b"first"

    def test_what_is_not_there_is_unknown(self) -> None:
        """And so is what belongs to another patient or practice (ACC-02)."""
        self.documents().put(HOUSE, PATIENT, DOCUMENT, b"first")
        for house, patient, id in (
            (HOUSE, PATIENT, DocumentId(named("none"))),
            (HOUSE, OTHER_PATIENT, DOCUMENT),
            (OTHER_HOUSE, PATIENT, DOCUMENT),
        ):
            with refused(Unknown):
                self.documents().get(house, patient, id)

    def test_one_id_under_two_owners_is_two_documents(self) -> None:
        """Each keeps its own bytes (F68)."""
        owners = ((HOUSE, PATIENT), (HOUSE, OTHER_PATIENT), (OTHER_HOUSE, PATIENT))
        for number, (house, patient) in enumerate(owners):
            self.documents().put(house, patient, DOCUMENT, bytes([number]))
        for number, (house, patient) in enumerate(owners):
            assert self.documents().get(house, patient, DOCUMENT) == bytes([number])

    def test_what_is_deleted_is_gone(self) -> None:
        """Deleting again, or what never was, changes nothing; others stay (IDV-05)."""
        self.documents().put(HOUSE, PATIENT, DOCUMENT, b"first")
        self.documents().put(HOUSE, OTHER_PATIENT, DOCUMENT, b"other")
        for id in (DOCUMENT, DOCUMENT, DocumentId(named("none"))):
            self.documents().delete(HOUSE, PATIENT, id)
        with refused(Unknown):
            self.documents().get(HOUSE, PATIENT, DOCUMENT)
        assert self.documents().get(HOUSE, OTHER_PATIENT, DOCUMENT) == b"other"


class ImagesContract:
    """A picture becomes a plain one; anything else is refused. A subclass brings `images`, and the
    bytes of a `picture` they can read.
    """

    def images(self) -> Images:
        """The reader."""
        raise NotImplementedError

    def picture(self) -> bytes:
        """A file as a person might send it."""
        raise NotImplementedError

    def test_a_picture_is_encoded_anew(self) -> None:
        """As JPEG with its size, and can be read again (UPL-02)."""
        clean = self.images().clean(self.picture())
        assert clean.media_type == "image/jpeg"
        assert clean.width > 0
        assert clean.height > 0
        again = self.images().clean(clean.content)
        assert (again.width, again.height) == (clean.width, clean.height)

    def test_anything_else_is_refused(self) -> None:
        """Nothing, text, and a page that calls itself a picture (UPL-01)."""
        for content in (b"", b"some words", b"<html>image</html>", b"%PDF-1.7"):
            with refused(UnreadableImage):
                self.images().clean(content)
