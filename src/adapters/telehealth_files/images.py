"""Pictures from strangers: judged by content, bounded before decoding, and always encoded anew.

What leaves here was written by us: no byte of the file that was sent survives, so neither hidden
metadata nor a second format inside the first (a polyglot) reaches the record.
"""

import re
import struct
from io import BytesIO
from typing import Final

import pillow_heif
from PIL import Image, ImageCms

from telehealth_core.registration.document import IMAGE_BYTES_MOST, CleanImage, UnreadableImage

PIXELS_MOST = 50_000_000
"""The largest picture decoded: a phone's 48-megapixel photo fits."""
SIDE_MOST = 4096
"""The longest side kept, in pixels."""
QUALITY = 88

_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION = 0x0112
_PNG = b"\x89PNG\r\n\x1a\n"
_STILL_HEIF = {b"heic", b"heix", b"heim", b"heis", b"mif1"}
_MOVING_HEIF = {b"hevc", b"hevx", b"hevm", b"hevs", b"msf1"}
_PAGE = re.compile(rb"<(?:script|html)[\s>]|<svg\s+xmlns|<!doctype\s|<\?php\s", re.IGNORECASE)
_ZIP_END, _ZIP_TAIL = b"PK\x05\x06", 65_557
_DAMAGE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    UserWarning,
    ValueError,
    struct.error,
)
"""What decoders raise on damaged files (a warning only where warnings are errors)."""

pillow_heif.register_heif_opener()


class PillowImages:
    """Reads JPEG, PNG and HEIC pictures with Pillow and encodes them anew."""

    def clean(self, content: bytes, /) -> CleanImage:
        """The picture, upright, without metadata, in sRGB, as JPEG of at most 4096 pixels a side.

        Raises: UnreadableImage.
        """
        if len(content) > IMAGE_BYTES_MOST:
            raise UnreadableImage(f"it is larger than {IMAGE_BYTES_MOST // 1_000_000} MB")
        kind = _kind(content)
        _refuse_second_format(content, kind)
        try:
            with _opened(content, kind) as picture:
                upright = _upright(picture)
        except MemoryError:
            raise UnreadableImage("it needs too much memory") from None
        except _DAMAGE:
            raise UnreadableImage("the file is damaged or incomplete") from None
        written = BytesIO()
        upright.save(written, "JPEG", quality=QUALITY, optimize=True)
        return CleanImage(
            content=written.getvalue(),
            media_type="image/jpeg",
            width=upright.width,
            height=upright.height,
        )


def _kind(content: bytes) -> str:
    """Pillow's name of the format, told by the first bytes alone.

    Raises: UnreadableImage.
    """
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(_PNG):
        return "PNG"
    if content[4:8] == b"ftyp":
        if content[8:12] in _MOVING_HEIF:
            raise UnreadableImage("it is a moving picture")
        if content[8:12] in _STILL_HEIF:
            return "HEIF"
    raise UnreadableImage("it is another kind of file" if content else "it is empty")


def _refuse_second_format(content: bytes, kind: str) -> None:
    """Refuse a picture that is a document, an archive or a web page at the same time.

    Phones append second pictures and short films to a photo; those are merely left behind.
    Raises: UnreadableImage.
    """
    another = (
        b"%PDF-" in content[:1024]
        or _ZIP_END in content[-_ZIP_TAIL:]
        or _PAGE.search(content) is not None
        or (kind == "PNG" and not content.endswith(b"IEND\xaeB`\x82"))
    )
    if another:
        raise UnreadableImage("there is something else in the file, or it is incomplete")


def _opened(content: bytes, kind: str) -> Image.Image:
    """The picture with its header read and found sensible; nothing is decoded yet.

    Raises: UnreadableImage, or what `_DAMAGE` lists.
    """
    try:
        picture = Image.open(BytesIO(content), formats=(kind,))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnreadableImage("it has too many pixels") from None
    if picture.width * picture.height > PIXELS_MOST:
        raise UnreadableImage("it has too many pixels")
    if kind == "PNG" and getattr(picture, "is_animated", False):
        raise UnreadableImage("it is a moving picture")
    return picture


def _upright(picture: Image.Image) -> Image.Image:
    """The decoded picture as a person would hold it: sRGB, on white, bounded, and bare."""
    turn = _UPRIGHT.get(picture.getexif().get(_ORIENTATION, 1))
    profile = picture.info.get("icc_profile")
    picture.load()
    plain = _in_srgb(_flat(picture), profile)
    plain.thumbnail((SIDE_MOST, SIDE_MOST), Image.Resampling.LANCZOS)
    turned = plain if turn is None else plain.transpose(turn)
    turned.info.clear()
    return turned


def _flat(picture: Image.Image) -> Image.Image:
    """The picture without transparency: what is see-through becomes white, as on paper."""
    if picture.mode.startswith("I"):
        return picture.point(lambda value: value / 256).convert("L")
    if not picture.has_transparency_data:
        return picture.convert("RGB") if picture.mode in {"1", "P"} else picture
    layered = picture.convert("RGBA")
    paper = Image.new("RGB", layered.size, "white")
    paper.paste(layered, mask=layered.getchannel("A"))
    return paper


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture's colors in sRGB; a profile that cannot be used is passed over."""
    if profile is not None and picture.mode in {"L", "RGB", "CMYK"}:
        try:
            converted = ImageCms.profileToProfile(
                picture,
                ImageCms.ImageCmsProfile(BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            return picture.convert("RGB")
        assert converted is not None, "only an in-place conversion answers nothing"
        return converted
    return picture.convert("RGB")
