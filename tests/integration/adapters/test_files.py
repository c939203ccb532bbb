"""The folder of documents and the cleaning of pictures."""

import stat
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from telehealth_core.access.keys import KeyRefused
from telehealth_core.registration.document import IMAGE_BYTES_MOST, CleanImage, UnreadableImage
from telehealth_core.registration.ports import Documents, Images
from telehealth_core.shared.ids import DocumentId, PatientId, PracticeId
from telehealth_core.shared.refusal import Erased, IdReused, Unavailable, Unknown
from telehealth_core.testing.doubles import PlainSeals
from telehealth_files import FolderDocuments, PillowImages

PRACTICE, OTHER_PRACTICE = PracticeId(UUID(int=1)), PracticeId(UUID(int=9))
PATIENT, DOCUMENT = PatientId(UUID(int=2)), DocumentId(UUID(int=3))


@pytest.fixture
def documents(tmp_path: Path) -> Documents:
    """An empty store."""
    return FolderDocuments(tmp_path / "documents", PlainSeals())


images: Images = PillowImages()


# --- documents -------------------------------------------------------------------------------


@settings(max_examples=30)
@given(content=st.binary(max_size=5000))
def test_what_was_put_is_got(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Any bytes come back as they were, also after a repeat and from another object."""
    root = tmp_path_factory.mktemp("documents")
    for _ in range(2):
        FolderDocuments(root, PlainSeals()).put(PRACTICE, PATIENT, DOCUMENT, content)
    assert FolderDocuments(root, PlainSeals()).get(PRACTICE, PATIENT, DOCUMENT) == content


def test_an_id_never_changes_its_bytes(documents: Documents) -> None:
    """Other bytes under a known id are refused, and the first are kept."""
    documents.put(PRACTICE, PATIENT, DOCUMENT, b"first")
    with pytest.raises(IdReused):
        documents.put(PRACTICE, PATIENT, DOCUMENT, b"second")
    assert documents.get(PRACTICE, PATIENT, DOCUMENT) == b"first"


def test_what_was_never_put_is_unknown(documents: Documents) -> None:
    """Another practice's document is as unknown as none at all."""
    documents.put(PRACTICE, PATIENT, DOCUMENT, b"content")
    with pytest.raises(Unknown) as refused:
        documents.get(OTHER_PRACTICE, PATIENT, DOCUMENT)
    assert refused.value.facts() == {"kind": "document", "id": DOCUMENT}


def test_what_was_deleted_is_gone_and_can_be_deleted_again(documents: Documents) -> None:
    """The bytes go, those of other documents stay, and an id can be put anew (IDV-05)."""
    other = DocumentId(UUID(int=4))
    for _ in range(2):
        documents.put(PRACTICE, PATIENT, DOCUMENT, b"content")
        documents.put(PRACTICE, PATIENT, other, b"another")
        for _ in range(2):
            documents.delete(PRACTICE, PATIENT, DOCUMENT)
        with pytest.raises(Unknown):
            documents.get(PRACTICE, PATIENT, DOCUMENT)
        assert documents.get(PRACTICE, PATIENT, other) == b"another"
    documents.delete(OTHER_PRACTICE, PATIENT, DOCUMENT)


def test_only_the_owner_may_read_and_nothing_is_left_beside(tmp_path: Path) -> None:
    """Files are 0600, folders 0700, and no unfinished file remains."""
    root = tmp_path / "documents"
    FolderDocuments(root, PlainSeals()).put(PRACTICE, PATIENT, DOCUMENT, b"content")
    found = {path: stat.S_IMODE(path.stat().st_mode) for path in [root, *root.rglob("*")]}
    file = root / str(PRACTICE) / str(PATIENT) / str(DOCUMENT)
    assert found == {
        root: 0o700,
        file.parent.parent: 0o700,
        file.parent: 0o700,
        file: 0o600,
    }


def test_of_many_at_once_exactly_one_content_wins(tmp_path: Path) -> None:
    """Threads that put different bytes under one id agree afterwards on a whole content."""
    contents = [bytes([number]) * 100_000 for number in range(8)]

    def put(content: bytes) -> bool:
        try:
            FolderDocuments(tmp_path, PlainSeals()).put(PRACTICE, PATIENT, DOCUMENT, content)
        except IdReused:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(put, contents))
    kept = FolderDocuments(tmp_path, PlainSeals()).get(PRACTICE, PATIENT, DOCUMENT)
    assert [content for content, first in zip(contents, won, strict=True) if first] == [kept]


def test_a_disk_that_refuses_is_unavailable(tmp_path: Path) -> None:
    """A file where the folder should be is told as an outage, whatever is asked."""
    (tmp_path / "documents").write_bytes(b"in the way")
    broken = FolderDocuments(tmp_path / "documents", PlainSeals())
    with pytest.raises(Unavailable):
        broken.put(PRACTICE, PATIENT, DOCUMENT, b"content")
    with pytest.raises(Unavailable):
        broken.get(PRACTICE, PATIENT, DOCUMENT)
    with pytest.raises(Unavailable):
        broken.delete(PRACTICE, PATIENT, DOCUMENT)


def test_content_is_sealed_for_its_own_document(tmp_path: Path) -> None:
    """The disk has no content in clear, and a file that is moved to another name does not open."""
    documents, other = FolderDocuments(tmp_path, PlainSeals()), DocumentId(UUID(int=4))
    documents.put(PRACTICE, PATIENT, DOCUMENT, b"canary")
    kept = tmp_path / str(PRACTICE) / str(PATIENT) / str(DOCUMENT)
    assert b"canary" not in kept.read_bytes()
    kept.rename(kept.with_name(str(other)))
    with pytest.raises(KeyRefused):
        documents.get(PRACTICE, PATIENT, other)


def test_documents_of_an_erased_patient_are_told_as_erased(tmp_path: Path) -> None:
    """Without the key the file is still there, and nobody reads or replaces it (N07)."""
    seals = PlainSeals()
    documents = FolderDocuments(tmp_path, seals)
    documents.put(PRACTICE, PATIENT, DOCUMENT, b"content")
    seals.destroyed.add(PATIENT)
    with pytest.raises(Erased):
        documents.get(PRACTICE, PATIENT, DOCUMENT)
    with pytest.raises(Erased):
        documents.put(PRACTICE, PATIENT, DOCUMENT, b"content")


def test_plain_files_of_a_former_release_are_sealed_once(tmp_path: Path) -> None:
    """What was plain is sealed, what was sealed already stays, and a second look finds nothing."""
    documents, other = FolderDocuments(tmp_path, PlainSeals()), DocumentId(UUID(int=4))
    documents.put(PRACTICE, PATIENT, DOCUMENT, b"sealed")
    plain = tmp_path / str(PRACTICE) / str(PATIENT) / str(other)
    plain.write_bytes(b"plain")
    assert documents.seal_former() == 1
    assert b"plain" not in plain.read_bytes()
    assert documents.get(PRACTICE, PATIENT, other) == b"plain"
    assert documents.get(PRACTICE, PATIENT, DOCUMENT) == b"sealed"
    assert documents.seal_former() == 0


def test_documents_follow_a_new_version_of_the_key(tmp_path: Path) -> None:
    """Those under a former version are found, sealed anew, and read as before (ENC-04)."""
    seals = PlainSeals()
    documents = FolderDocuments(tmp_path, seals)
    documents.put(PRACTICE, PATIENT, DOCUMENT, b"content")
    assert not documents.any_former(PRACTICE, PATIENT)
    seals.version = 2
    assert documents.any_former(PRACTICE, PATIENT)
    assert documents.reseal(PRACTICE, PATIENT) == 1
    assert not documents.any_former(PRACTICE, PATIENT)
    assert documents.get(PRACTICE, PATIENT, DOCUMENT) == b"content"


# --- pictures --------------------------------------------------------------------------------


def photo(width: int = 60, height: int = 40) -> Image.Image:
    """Red on the left, blue on the right."""
    picture = Image.new("RGB", (width, height), "blue")
    picture.paste("red", (0, 0, width // 2, height))
    return picture


def telling_exif(orientation: int = 1) -> bytes:
    """EXIF as a phone writes it: maker, orientation, and where the photo was taken."""
    exif = Image.Exif()
    exif[0x010F] = "CanaryMaker"
    exif[0x0112] = orientation
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 26.0), 3: "W", 4: (0.0, 7.0, 39.0)})
    return exif.tobytes()


def written(picture: Image.Image, form: str, **options: object) -> bytes:
    """The picture as a file."""
    file = BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def opened(clean: CleanImage) -> Image.Image:
    """The cleaned picture, decoded; its description is true."""
    picture = Image.open(BytesIO(clean.content))
    picture.load()
    assert clean.media_type == "image/jpeg"
    assert picture.format == "JPEG"
    assert picture.mode == "RGB"
    assert picture.size == (clean.width, clean.height)
    return picture


def color(picture: Image.Image, x: int, y: int) -> str:
    """What a person would call the color there."""
    pixel = picture.getpixel((x, y))
    assert isinstance(pixel, tuple)
    red, green, blue = (value > 127 for value in pixel[:3])
    names = {(True, False, False): "red", (False, False, True): "blue", (True,) * 3: "white"}
    return names[red, green, blue]


def segments(jpeg: bytes) -> set[int]:
    """The markers before the picture's own data."""
    found, at = set(), 2
    while jpeg[at + 1] != 0xDA:
        found.add(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4])
    return found


def reason(content: bytes) -> str:
    """Why these bytes are refused."""
    with pytest.raises(UnreadableImage) as refused:
        images.clean(content)
    return refused.value.reason


@pytest.mark.parametrize("profiled", [True, False])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "HEIF"])
def test_pictures_become_bare_jpeg(form: str, profiled: bool) -> None:
    """Every format we take comes out as JPEG without EXIF, GPS, XMP, comment or profile."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    extra = {"icc_profile": profile} if profiled else {}
    if form == "JPEG":
        extra["comment"] = b"canary-comment"
    sent = written(photo(), form, exif=telling_exif(), xmp=b"<x>canary-xmp</x>", **extra)
    assert b"CanaryMaker" in sent
    clean = images.clean(sent)
    picture = opened(clean)
    assert (clean.width, clean.height) == (60, 40)
    assert [color(picture, x, 20) for x in (10, 50)] == ["red", "blue"]
    assert not picture.getexif()
    assert "anary" not in repr(picture.info) + clean.content.decode("latin-1")
    # no APP1 (EXIF, XMP), APP2 (profile), APP13 or COM; APP0 is JFIF's own header
    assert segments(clean.content) & {0xE1, 0xE2, 0xED, 0xFE} == set()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_stand_upright(form: str, orientation: int) -> None:
    """Whatever way the camera was held, red is where the EXIF orientation puts it."""
    clean = images.clean(written(photo(), form, exif=telling_exif(orientation)))
    picture = opened(clean)
    lying = orientation <= 4
    assert picture.size == ((60, 40) if lying else (40, 60))
    red_first = orientation in {1, 4, 5, 6}
    ends = [(10, 20), (50, 20)] if lying else [(20, 10), (20, 50)]
    assert [color(picture, *end) for end in ends] == (
        ["red", "blue"] if red_first else ["blue", "red"]
    )


def test_large_pictures_are_scaled_down() -> None:
    """The longest side kept is 4096 pixels, and the proportions stay."""
    clean = images.clean(written(Image.new("RGB", (6000, 3000)), "JPEG"))
    assert (clean.width, clean.height) == (4096, 2048)


def test_what_is_see_through_becomes_white() -> None:
    """A transparent PNG lies on white paper, also with a palette."""
    clear = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    assert color(opened(images.clean(written(clear, "PNG"))), 10, 10) == "white"
    palette = Image.new("P", (20, 20), 0)
    palette.putpalette([255, 0, 0])
    sent = written(palette, "PNG", transparency=0)
    assert color(opened(images.clean(sent)), 10, 10) == "white"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_read(mode: str) -> None:
    """Bits, grays, palettes and 16-bit grays all become RGB, white staying white."""
    white: dict[str, float | tuple[float, ...]] = {
        "1": 1,
        "L": 255,
        "LA": (255, 255),
        "P": 0,
        "I;16": 65_535,
    }
    plain = Image.new(mode, (20, 20), white.get(mode, "white"))
    if mode == "P":
        plain.putpalette([255, 255, 255])
    assert color(opened(images.clean(written(plain, "PNG"))), 10, 10) == "white"


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_gray_and_printers_jpeg_are_read(mode: str) -> None:
    """JPEG in gray and in printers' colors become RGB."""
    sent = written(Image.new("RGB", (20, 20), "white").convert(mode), "JPEG")
    assert color(opened(images.clean(sent)), 10, 10) == "white"


def test_a_foreign_profile_is_applied_and_a_useless_one_passed_over() -> None:
    """The same numbers in another color space come out as other sRGB numbers."""
    gray = Image.new("RGB", (20, 20), (200, 50, 50))
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    for profile in (lab, b"no profile at all"):
        assert opened(images.clean(written(gray, "PNG", icc_profile=profile))).size == (20, 20)


def test_a_phones_second_picture_is_left_behind() -> None:
    """A JPEG with more pictures or a film behind it is read as its first picture."""
    several = BytesIO()
    photo().save(several, "MPO", save_all=True, append_images=[Image.new("RGB", (9, 9))])
    film = written(photo(), "JPEG") + b"\0\0\0\x18ftypmp42" + bytes(5000)
    for sent in (several.getvalue(), film):
        assert color(opened(images.clean(sent)), 10, 20) == "red"


def bomb(width: int, height: int) -> bytes:
    """A small PNG that claims to be huge, with valid checksums."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    data = zlib.compress(bytes(1_000_000), 9)
    end = chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + end


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [7_100, 9_500, 20_000, 60_000])
def test_decompression_bombs_are_refused_by_their_header(side: int) -> None:
    """Pictures above 50 megapixels are refused, below and above Pillow's own limits."""
    assert reason(bomb(side, side)) == "it has too many pixels"


def test_a_bombs_limit_is_on_pixels_not_on_sides() -> None:
    """A long and narrow picture within the limit is read."""
    clean = images.clean(written(Image.new("1", (20_000, 10)), "PNG"))
    assert clean.width == 4096


def test_files_above_the_size_limit_are_refused() -> None:
    """One byte more than the limit is too much, before anything is looked at."""
    assert reason(b"\xff\xd8\xff" + bytes(IMAGE_BYTES_MOST)) == "it is larger than 15 MB"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<!doctype html><html><script>1</script></html>",
        b"%PDF-1.7\n",
        b"PK\x03\x04",
        written(photo(), "GIF"),
        written(photo(), "BMP"),
        written(photo(), "WEBP"),
        written(photo(), "TIFF"),
        b"GIF89a/*" + written(photo(), "JPEG"),
        b"\0\0\0\x20ftypavif" + bytes(100),
    ],
)
def test_other_kinds_of_file_are_refused(content: bytes) -> None:
    """Only the first bytes count: everything but JPEG, PNG and HEIC is refused."""
    assert reason(content) in {"it is another kind of file", "it is empty"}


@pytest.mark.parametrize(
    "second",
    [
        b"<script>alert(1)</script>",
        b"<HTML><body>",
        b"<svg  xmlns='http://www.w3.org/2000/svg'>",
        b"<?php system(1);",
        b"PK\x05\x06" + bytes(18),
    ],
)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "HEIF"])
def test_polyglots_are_refused(form: str, second: bytes) -> None:
    """A picture that is a page or an archive as well is refused."""
    assert "something else" in reason(written(photo(), form) + second)
    if form == "JPEG":
        assert "something else" in reason(written(photo(), form, comment=second))


def test_a_pdf_inside_a_comment_is_refused() -> None:
    """A JPEG whose first kilobyte starts a PDF is refused."""
    assert "something else" in reason(written(photo(), "JPEG", comment=b"%PDF-1.7\n"))


def test_nothing_may_follow_a_png() -> None:
    """Bytes behind the end of a PNG are refused, whatever they are."""
    assert "something else" in reason(written(photo(), "PNG") + b"more")


def test_moving_pictures_are_refused() -> None:
    """An animated PNG and a HEIF image sequence are no photos."""
    frames = [photo(), Image.new("RGB", (60, 40))]
    moving = written(frames[0], "PNG", save_all=True, append_images=frames[1:])
    assert reason(moving) == "it is a moving picture"
    assert reason(b"\0\0\0\x18ftypmsf1" + bytes(100)) == "it is a moving picture"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "HEIF"])
@given(share=st.floats(min_value=0.02, max_value=0.95))
def test_truncated_pictures_are_refused(form: str, share: float) -> None:
    """A picture that ends early is refused, wherever it was cut."""
    whole = written(Image.effect_noise((64, 64), 90), form)
    assert reason(whole[: int(len(whole) * share)])


@pytest.mark.parametrize("form", ["JPEG", "PNG", "HEIF"])
@settings(deadline=None)
@given(data=st.data())
def test_damaged_pictures_are_read_or_refused(form: str, data: st.DataObject) -> None:
    """Whatever bytes are changed, the answer is a bare JPEG or a refusal, never a crash."""
    content = bytearray(written(photo(), form, exif=telling_exif()))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        clean = images.clean(bytes(content))
    except UnreadableImage:
        return
    opened(clean)


def test_the_same_picture_gives_the_same_bytes() -> None:
    """Cleaning is repeatable, and cleaning what is clean is possible."""
    sent = written(photo(), "PNG")
    assert images.clean(sent) == images.clean(sent)
    assert images.clean(images.clean(sent).content).width == 60
