"""Letters: sets them as PDF with typst, with the fonts that come with it and nothing else."""

from telehealth_letters.typeset import TypstLetters

__all__ = ["TypstLetters"]
