"""Letters set by typst: archivable (PDF/A-2b), and the same bytes for the same page."""

import json
import re
from importlib.resources import files
from typing import Final

import attrs
import typst

from telehealth_core.letters.page import LetterPage
from telehealth_core.shared.refusal import Invalid

_LANGUAGE = re.compile(r"([a-z]{2,3})(?:-[A-Za-z]{4})?(?:-([A-Z]{2}))?")
_MISSING: Final = re.compile(r'text `"(.+?)"` could not be displayed', re.DOTALL)


@attrs.frozen
class TypstLetters:
    """Sets letters from the template beside this module.

    The page reaches the template as data: nothing in it is read as markup. The files are dated
    1970 (the letter's own date stands on the page) and use only the fonts of the typst wheel, so
    that neither the machine nor the hour they are made at leaves a trace.
    """

    _template: bytes = attrs.field(init=False, repr=False)
    _fonts: typst.Fonts = attrs.field(init=False, repr=False)

    @_template.default
    def _read_template(self) -> bytes:
        return files(__package__).joinpath("letter.typ").read_bytes()

    @_fonts.default
    def _own_fonts(self) -> typst.Fonts:
        return typst.Fonts(include_system_fonts=False)

    def render(self, page: LetterPage, /) -> bytes:
        """The page as PDF: on US letter paper for `en-US`, on A4 otherwise.

        Raises: Invalid if a character is in none of the fonts: no letter leaves with a gap.
        """
        try:
            pdf = typst.compile(
                self._template,
                format="pdf",
                font_paths=self._fonts,
                ignore_system_fonts=True,
                sys_inputs={"page": json.dumps(_data(page))},
                pdf_standards=["a-2b"],
                timestamp=0,
            )
        except typst.TypstError as error:
            raise Invalid("letter", _rule(error)) from None
        assert isinstance(pdf, bytes), "a PDF is one file"
        return pdf


def _data(page: LetterPage) -> dict[str, object]:
    """What the template is given: the page, and what its language means for paper and type."""
    language = _LANGUAGE.fullmatch(page.language)
    return {
        **attrs.asdict(page),
        "paper": "us-letter" if page.language == "en-US" else "a4",
        "lang": language[1] if language else "en",
        "region": language[2] if language else None,
    }


def _rule(error: typst.TypstError) -> str:
    """What is wrong, without the words of the letter, which the compiler would quote."""
    missing = _MISSING.search(error.message)
    if missing is None:
        return "cannot be set"
    codes = " ".join(f"U+{ord(character):04X}" for character in missing[1])
    return f"has a character that the letter's font lacks ({codes})"
