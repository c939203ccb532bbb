"""Letters as PDF."""

from io import BytesIO
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from telehealth_core.letters.page import LetterPage
from telehealth_core.letters.ports import Letters
from telehealth_core.shared.refusal import Invalid
from telehealth_letters import TypstLetters

letters: Letters = TypstLetters()
MARKUP = (
    r"""#let x = 1 #x $a^2$ *bold* _it_ @ref <label> \ "quoted" `raw` // no comment /* at all */"""
)
PAGE = LetterPage(
    language="en-GB",
    letterhead=("Example Practice", "12 High Street", "London W1A 1AA"),
    date="21 November 2026",
    recipient=("Dr Bob Example", "Cardiology", "1 Hospital Road", "Leeds LS1 1AA"),
    title="Referral letter",
    facts=(("Patient", "Łukasz Żółć – ễ №"), ("Born", "2 July 1984")),  # noqa: RUF001
    paragraphs=("Dear colleague,", "The office offered an efficient first flow.", MARKUP),
    signature=("Dr Ada Example", "General practitioner", "GMC 1234567"),
    reference="Letter 0193-abcd",
)
BARE = LetterPage(
    language="",
    letterhead=(),
    date="",
    recipient=(),
    title="",
    facts=(),
    paragraphs=(),
    signature=(),
    reference="",
)


def read(pdf: bytes) -> PdfReader:
    """The file as a strict reader sees it."""
    return PdfReader(BytesIO(pdf), strict=True)


def text_of(pdf: bytes) -> str:
    """All text, each run of blanks made one, without the breaking points of long words."""
    pages = " ".join(page.extract_text() for page in read(pdf).pages)
    return " ".join(pages.replace("\u200b", "").split())


def words(page: LetterPage) -> list[str]:
    """Every line of the page, each run of blanks made one."""
    lines = (
        *page.letterhead,
        page.date,
        *page.recipient,
        page.title,
        *(text for fact in page.facts for text in fact),
        *page.paragraphs,
        *page.signature,
        page.reference,
    )
    return [" ".join(line.split()) for line in lines]


def test_every_word_stands_on_the_letter() -> None:
    """Every line of the page can be read from the PDF, letters beyond ASCII and markup included."""
    text = text_of(letters.render(PAGE))
    for line in words(PAGE):
        assert line in text


def test_the_same_page_gives_the_same_bytes() -> None:
    """A second rendering, also by another object, has the same bytes (MSG-08)."""
    assert letters.render(PAGE) == letters.render(PAGE) == TypstLetters().render(PAGE)


def test_another_page_gives_other_bytes() -> None:
    """A changed word changes the bytes."""
    assert letters.render(PAGE) != letters.render(attrs.evolve(PAGE, title="Sick note"))


@pytest.mark.parametrize(
    ("language", "size"), [("en-GB", (595, 842)), ("en-US", (612, 792)), ("pl", (595, 842))]
)
def test_paper_follows_the_language(language: str, size: tuple[int, int]) -> None:
    """American letters stand on US letter paper, all others on A4."""
    page = read(letters.render(attrs.evolve(PAGE, language=language))).pages[0]
    assert (round(page.mediabox.width), round(page.mediabox.height)) == size


def test_letters_can_be_archived() -> None:
    """The file says that it is PDF/A-2b, carries its fonts, its title, and no date of making."""
    reader = read(letters.render(PAGE))
    described: Any = reader.root_object["/Metadata"].get_object()
    metadata = described.get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in metadata
    assert reader.metadata is not None
    assert reader.metadata.title == "Referral letter"
    assert reader.metadata.creation_date is not None
    assert reader.metadata.creation_date.year == 1970
    resources: Any = reader.pages[0]["/Resources"]
    assert resources["/Font"]
    for font in resources["/Font"].values():
        inner = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert {"/FontFile2", "/FontFile3"} & set(inner.get_object())


def test_long_letters_number_their_pages() -> None:
    """Each page tells its number, their count, and the reference; the signature keeps company."""
    long = attrs.evolve(PAGE, paragraphs=("word " * 120,) * 12 + ("Yours sincerely,",))
    pages = [page.extract_text() for page in read(letters.render(long)).pages]
    assert len(pages) > 1
    for number, text in enumerate(pages, start=1):
        assert f"{number} / {len(pages)}" in text
        assert PAGE.reference in text
    assert "Yours sincerely," in pages[-1]
    assert "Dr Ada Example" in pages[-1]


def test_a_signature_never_stands_alone() -> None:
    """However long the letter, the page with the signature has the last paragraph too."""
    for length in range(1, 60):
        page = attrs.evolve(PAGE, paragraphs=("line\n" * length, "Yours sincerely,"))
        last = read(letters.render(page)).pages[-1].extract_text()
        assert "Dr Ada Example" in last
        assert "Yours sincerely," in last


def test_lines_of_a_paragraph_stay_lines() -> None:
    """A line break inside a paragraph is one on the letter."""
    page = attrs.evolve(PAGE, paragraphs=("first line\nsecond line\r\nthird line",))
    lines = read(letters.render(page)).pages[0].extract_text().splitlines()
    at = lines.index("first line")
    assert [line.strip() for line in lines[at : at + 3]] == [
        "first line",
        "second line",
        "third line",
    ]


def test_words_without_an_end_stay_on_the_paper() -> None:
    """A very long word is broken rather than lost beyond the margin."""
    endless = "abcdefghij" * 30
    text = text_of(letters.render(attrs.evolve(PAGE, paragraphs=(endless,))))
    assert endless in text.replace(" ", "")
    assert endless not in text


def test_an_empty_page_is_still_a_letter() -> None:
    """Nothing on the page is no error."""
    assert len(read(letters.render(BARE)).pages) == 1


@pytest.mark.parametrize("place", ["title", "paragraphs"])
def test_a_letter_never_has_gaps(place: str) -> None:
    """A character in none of the fonts is refused by its code, without the words around it."""
    changes: dict[str, Any] = {"title": "Canary 山", "paragraphs": ("Canary 山",)}
    with pytest.raises(Invalid) as refused:
        letters.render(attrs.evolve(PAGE, **{place: changes[place]}))
    assert "U+5C71" in str(refused.value)
    assert "anary" not in str(refused.value)
    assert refused.value.__cause__ is None


ascii_text = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(value=ascii_text, data=st.data())
def test_no_text_is_ever_markup(value: str, data: st.DataObject) -> None:
    """Any printable characters in any place come out as they went in."""
    place = data.draw(st.sampled_from(["title", "date", "reference", "paragraphs", "facts"]))
    several: dict[str, Any] = {"paragraphs": (value,), "facts": ((value, "fact"),)}
    changed = several.get(place, value)
    text = text_of(letters.render(attrs.evolve(PAGE, **{place: changed})))
    assert value in text.replace(" ", "") or value in text
