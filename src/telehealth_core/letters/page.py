"""What stands on a letter, whatever its layout."""

import attrs


@attrs.frozen(kw_only=True)
class LetterPage:
    """The content of one letter: plain text only; layout is the renderer's.

    `letterhead` is name and address of the practice; `facts` are labelled lines (patient, born,
    assessed on); `paragraphs` the text; `signature` name, profession and registration of the
    author; `reference` identifies the letter.
    """

    language: str
    letterhead: tuple[str, ...]
    date: str
    recipient: tuple[str, ...]
    title: str
    facts: tuple[tuple[str, str], ...]
    paragraphs: tuple[str, ...]
    signature: tuple[str, ...]
    reference: str
