"""Pictures for the journeys: drawn here, so that they show nobody, in the formats phones send."""

from collections.abc import Callable
from io import BytesIO

import attrs
import pillow_heif
from PIL import Image, ImageDraw, ImageFont

_FORMATS = {"image/heic": "HEIF", "image/png": "PNG", "image/jpeg": "JPEG"}
PAPER, INK, SKIN, ROSE, BLUE = "#f4f1e8", "#22304a", "#d9a98b", "#c4544f", "#3c6ea5"

pillow_heif.register_heif_opener()


@attrs.frozen
class Picture:
    """A file as a phone would send it."""

    name: str
    content: bytes = attrs.field(repr=False)
    media_type: str


def id_card() -> Picture:
    """An identity card, as an iPhone takes it (HEIC)."""
    return _picture("id-card.heic", "image/heic", (960, 600), PAPER, _draw_card)


def id_card_again() -> Picture:
    """The same card, scanned sharper (PNG)."""
    return _picture("id-card-again.png", "image/png", (1280, 800), "#ffffff", _draw_card)


def selfie() -> Picture:
    """Something like a face (JPEG)."""
    return _picture("selfie.jpg", "image/jpeg", (720, 960), "#a9c4d6", _draw_face)


def certificate() -> Picture:
    """A birth certificate of nobody (JPEG)."""
    return _picture("certificate.jpg", "image/jpeg", (840, 1188), PAPER, _draw_page)


def rash() -> Picture:
    """A rash on an arm (PNG)."""
    return _picture("rash.png", "image/png", (800, 600), SKIN, _draw_spots)


def rash_close() -> Picture:
    """The rash from nearer (JPEG)."""
    return _picture("rash-close.jpg", "image/jpeg", (600, 600), SKIN, _draw_spots)


def not_a_picture() -> Picture:
    """A page of script that calls itself a photo."""
    return Picture("photo.jpg", b"<script>alert('not a photo')</script>", "image/jpeg")


Draw = Callable[[ImageDraw.ImageDraw, int, int], None]


def _picture(name: str, media_type: str, size: tuple[int, int], ground: str, draw: Draw) -> Picture:
    image = Image.new("RGB", size, ground)
    draw(ImageDraw.Draw(image), *size)
    written = BytesIO()
    image.save(written, _FORMATS[media_type])
    return Picture(name, written.getvalue(), media_type)


def _draw_card(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    draw.rounded_rectangle((20, 20, width - 20, height - 20), 30, outline=BLUE, width=6)
    draw.rectangle((60, 150, width // 3, height - 90), fill="#c9d6df")
    _draw_head(draw, (60 + width // 3) // 2, height // 2, width // 12)
    left, unit = width // 3 + 50, width // 24
    _write(draw, (60, 60), "IDENTITY CARD", unit)
    for row, text in enumerate(("Example", "Specimen", "No. 000 000 000")):
        _write(draw, (left, 180 + row * height // 8), text, unit)
    for row in range(2):
        _write(draw, (left, height - 160 + row * unit), "<" * 20, unit * 2 // 3)


def _draw_face(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    draw.ellipse((width // 8, height * 3 // 4, width * 7 // 8, height * 5 // 4), fill=BLUE)
    _draw_head(draw, width // 2, height * 9 // 20, width // 4)


def _draw_head(draw: ImageDraw.ImageDraw, x: int, y: int, r: int) -> None:
    draw.ellipse((x - r, y - r * 5 // 4, x + r, y + r * 5 // 4), fill=SKIN)
    draw.chord((x - r, y - r * 3 // 2, x + r, y + r // 3), 180, 360, fill=INK)
    for side in (-1, 1):
        eye = x + side * r // 2
        draw.ellipse((eye - r // 9, y - r // 9, eye + r // 9, y + r // 9), fill="#ffffff")
        draw.ellipse((eye - r // 16, y - r // 16, eye + r // 16, y + r // 16), fill=INK)
    draw.arc((x - r // 2, y, x + r // 2, y + r * 4 // 5), 30, 150, fill=ROSE, width=max(2, r // 20))


def _draw_page(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    draw.rectangle((40, 40, width - 40, height - 40), outline=INK, width=3)
    _write(draw, (90, 90), "CERTIFICATE OF BIRTH", 48)
    for row in range(12):
        y = 240 + row * 65
        _write(draw, (90, y - 40), "Example" if row < 3 else "", 30)
        draw.line((90, y, width - 90, y), fill="#8a8f98", width=2)
    draw.ellipse((width - 240, height - 240, width - 100, height - 100), outline=ROSE, width=6)


def _draw_spots(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    for spot in range(60):  # scattered, and the same each time
        x, y = (spot * spot * 37 + spot * 101) % width, (spot * spot * 61 + spot * 47) % height
        r = 6 + spot * 7 % 17
        draw.ellipse((x - r, y - r, x + r, y + r), fill=ROSE if spot % 3 else "#b8645a")


def _write(draw: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int) -> None:
    draw.text(at, text, fill=INK, font=ImageFont.load_default(size))
