"""The one place where uploaded photos are decoded. Loads no network library: the web side uses it.

Content decides, never the file's name. Limits are checked on the header, before any pixel is
decoded. What comes out is always the same: upright, 8-bit sRGB, with alpha kept apart.
"""

import io
import logging
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pi_heif
import pyvips
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from inference.errors import PhotoAnimated, PhotoTooLarge, PhotoTooSmall, PhotoUnreadable
from inference.events import EncodedImage, MediaType
from inference.pixels.arrays import GreyU8, RgbU8

log = logging.getLogger(__name__)

MAX_PIXELS = 120_000_000  # 1.4 GB at the worst moment of a 16-bit decode; cameras end at 102 MP
MIN_SIDE_PX = 16
# Pillow opens MPO, a JPEG with companions, through its JPEG plugin.
ACCEPTED_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF", "TIFF", "GIF", "BMP")
# Several pictures in these are frames of a film; in MPO, TIFF and HEIF they are companions of the
# first (a gain map, a second page, a burst) and the first is the photo.
_ANIMATING_FORMATS = frozenset({"GIF", "WEBP", "PNG", "AVIF"})
_ORIENTATION_TAG = 0x0112
_EXIF_IFD, _FOCAL_35MM_TAG = 0x8769, 0xA405
_SIDEWAYS = frozenset({5, 6, 7, 8})
_THUMBNAIL_QUALITY = 82

_NOT_A_PHOTO = (
    "This file is not a photo we can read. "
    "Please upload a JPEG, PNG, WebP, AVIF, HEIC, TIFF, GIF or BMP picture."
)
_ENDS_EARLY = "The photo's file is damaged or ends too early. Please export or upload it again."
_ANIMATED = "This file is an animation. Please upload a single, still photo."

# libvips keeps results by file name; a file replaced under the same name would come back old.
pyvips.cache_set_max(0)
pi_heif.register_heif_opener()


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What a photo's header says. `width` and `height` are those of the upright picture."""

    format: str
    width: int
    height: int
    mode: str
    bit_depth: int
    has_alpha: bool
    has_icc: bool
    orientation: int


@dataclass(frozen=True, slots=True)
class DecodedPhoto:
    """A photo's pixels, upright, in sRGB.

    `rgb` is (H, W, 3) uint8 sRGB, not flattened: under transparent pixels it is what the file has
    there. `alpha` is (H, W) uint8, straight, or None when the file has none. `native_width` and
    `native_height` are the upright photo's; `scale` is rgb's size over the native one, 0..1.
    """

    rgb: RgbU8
    alpha: GreyU8 | None
    native_width: int
    native_height: int
    scale: float


def probe(path: Path) -> PhotoFacts:
    """Read a photo's header and refuse what cannot become a picture.

    Raises:
        PhotoUnreadable: not a picture, an unknown format, or an empty file.
        PhotoAnimated: more than one frame.
        PhotoTooLarge: more than `MAX_PIXELS`, found before anything is decoded.
        PhotoTooSmall: the shorter side is below `MIN_SIDE_PX`.
    """
    with _open(path) as image:
        return _facts(image)


def decode(path: Path, *, longest_side_px: int | None = None) -> DecodedPhoto:
    """Decode a photo, whole or reduced so that its longest side is at most `longest_side_px`.

    Raises:
        PhotoUnreadable, PhotoAnimated, PhotoTooLarge, PhotoTooSmall: as `probe`; also
            PhotoUnreadable when the pixel data is damaged or ends too early.
    """
    with _open(path) as image:
        facts = _facts(image)
        width, height = _reduced_size(facts, longest_side_px)
        try:
            if image.format in ("JPEG", "MPO") and image.mode in ("RGB", "L"):
                rgb, alpha = _decode_jpeg(path, image.info.get("icc_profile"), width, height), None
            else:
                rgb, alpha = _decode_with_pillow(image, facts, width, height)
        except _DAMAGE as error:
            raise PhotoUnreadable(_ENDS_EARLY) from error
    return DecodedPhoto(rgb, alpha, facts.width, facts.height, width / facts.width)


def equivalent_focal_mm(path: Path) -> float:
    """The lens's focal length on 35 mm film as the camera wrote it, or 0 where it did not.

    Raises:
        PhotoUnreadable: not a picture.
    """
    with _open(path) as image:
        try:
            value = image.getexif().get_ifd(_EXIF_IFD).get(_FOCAL_35MM_TAG, 0)
            return float(value)
        except (*_DAMAGE, TypeError):
            return 0.0


def source_thumbnail(path: Path, longest_side_px: int) -> EncodedImage:
    """Encode the upright photo as a small WebP without metadata, for pages.

    Raises:
        PhotoUnreadable, PhotoAnimated, PhotoTooLarge, PhotoTooSmall: as `decode`.
    """
    photo = decode(path, longest_side_px=longest_side_px)
    image = Image.fromarray(photo.rgb)
    if photo.alpha is not None:
        image.putalpha(Image.fromarray(photo.alpha))
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=_THUMBNAIL_QUALITY, method=2)
    return EncodedImage(buffer.getvalue(), MediaType.WEBP, image.width, image.height)


# What decoders raise on damaged data. Each decoder has its own taste; none of these can come from
# our own code between the two brackets that catch them.
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError, pyvips.Error)
_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def _open(path: Path) -> Image.Image:
    try:
        return Image.open(path, formats=ACCEPTED_FORMATS)
    except _BOMB as error:
        raise PhotoTooLarge(_too_large("far more")) from error
    except FileNotFoundError:
        raise
    except (UnidentifiedImageError, *_DAMAGE) as error:
        raise PhotoUnreadable(_NOT_A_PHOTO) from error


def _facts(image: Image.Image) -> PhotoFacts:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise PhotoTooLarge(_too_large(f"{width} × {height}"))
    if min(width, height) < MIN_SIDE_PX:
        raise PhotoTooSmall(
            f"This photo is only {width} × {height} pixels. "
            f"Please upload one of at least {MIN_SIDE_PX} × {MIN_SIDE_PX}, better 1000 or more."
        )
    try:
        if image.format in _ANIMATING_FORMATS and getattr(image, "is_animated", False):
            raise PhotoAnimated(_ANIMATED)
        orientation = _orientation(image)
    except _DAMAGE as error:
        raise PhotoUnreadable(_ENDS_EARLY) from error
    if orientation in _SIDEWAYS and image.format != "TIFF":
        width, height = height, width  # Pillow already gives a TIFF's upright size
    return PhotoFacts(
        format=str(image.format),
        width=width,
        height=height,
        mode=image.mode,
        bit_depth=_bit_depth(image),
        has_alpha=image.mode.upper() in ("RGBA", "LA", "PA") or "transparency" in image.info,
        has_icc=bool(image.info.get("icc_profile")),
        orientation=orientation,
    )


def _too_large(size: str) -> str:
    return (
        f"This photo has {size} pixels. "
        f"Please upload one of at most {MAX_PIXELS // 1_000_000} megapixels."
    )


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1..8; 1 where there is none or it is nonsense."""
    if image.format == "PNG":
        # getexif() of a PNG would decode all pixels to look behind them; cameras write it in front.
        if "exif" not in image.info:
            return 1
        exif = Image.Exif()
        exif.load(image.info["exif"])
    else:
        exif = image.getexif()
    value = exif.get(_ORIENTATION_TAG, 1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _bit_depth(image: Image.Image) -> int:
    if image.format == "PNG" and (header := _png_bit_depth(image)) is not None:
        return header
    if image.mode == "1":
        return 1
    if image.mode in ("I", "F"):
        return 32
    return 16 if image.mode.startswith("I;16") else 8


def _png_bit_depth(image: Image.Image) -> int | None:
    """Bits per channel from IHDR; Pillow opens 16-bit colour as an 8-bit mode and drops it."""
    stream = getattr(image, "fp", None)
    if stream is None:
        return None
    position = stream.tell()
    stream.seek(24)
    depth = stream.read(1)
    stream.seek(position)
    return depth[0] if depth else None


def _reduced_size(facts: PhotoFacts, longest_side_px: int | None) -> tuple[int, int]:
    longest = max(facts.width, facts.height)
    if longest_side_px is None or longest_side_px >= longest:
        return facts.width, facts.height
    scale = longest_side_px / longest
    return max(1, round(facts.width * scale)), max(1, round(facts.height * scale))


def _decode_jpeg(path: Path, icc: bytes | None, width: int, height: int) -> RgbU8:
    """Decode by libvips: twice as fast as Pillow at 12 MP, and it shrinks while it loads."""
    image = pyvips.Image.thumbnail(
        str(path), width, height=height, size="force", fail_on="truncated"
    )
    if icc is not None and image.bands == 3 and not _is_srgb(icc):
        try:
            image = image.icc_transform(
                "srgb", embedded=True, intent="relative", black_point_compensation=True
            )
            return _three_bands(image.numpy())
        except pyvips.Error as error:
            _log_bad_profile(error)
            image = pyvips.Image.thumbnail(
                str(path), width, height=height, size="force", fail_on="truncated"
            )
    return _three_bands(image.numpy())


def _three_bands(pixels: GreyU8) -> RgbU8:
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        return np.repeat(pixels.reshape(*pixels.shape[:2], 1), 3, axis=2)
    return np.ascontiguousarray(pixels[:, :, :3])


def _decode_with_pillow(
    image: Image.Image, facts: PhotoFacts, width: int, height: int
) -> tuple[RgbU8, GreyU8 | None]:
    icc = image.info.get("icc_profile")
    is_sideways = facts.orientation in _SIDEWAYS and image.format != "TIFF"
    target = (height, width) if is_sideways else (width, height)
    image.draft(None, target)  # JPEG (here: CMYK) decodes at 1/2, 1/4 or 1/8
    image.load()
    eight_bit = _to_eight_bit(image)
    if eight_bit.size != target:
        eight_bit = eight_bit.resize(target, Image.Resampling.LANCZOS, reducing_gap=2.0)
    if image.format != "TIFF" and facts.orientation != 1:
        eight_bit = _upright(eight_bit, facts.orientation)
    alpha = np.asarray(eight_bit.getchannel("A")) if eight_bit.mode == "RGBA" else None
    return np.asarray(_to_srgb(eight_bit, icc)), alpha


def _to_eight_bit(image: Image.Image) -> Image.Image:
    """Any mode as RGB, RGBA or CMYK with 8 bits; a CMYK picture waits for its profile."""
    if image.mode in ("RGB", "RGBA", "CMYK"):
        return image
    if image.mode.startswith("I;16") or image.mode == "I":
        grey = np.asarray(image.convert("I"))
        top = 65535 if grey.size == 0 or grey.max() <= 65535 else 2**31 - 1
        return Image.fromarray((grey.clip(0, top) / top * 255 + 0.5).astype(np.uint8)).convert(
            "RGB"
        )
    if image.mode == "F":
        values = np.nan_to_num(np.asarray(image, dtype=np.float32))
        top_value = 1.0 if values.max() <= 1.0 else 255.0
        return Image.fromarray(
            (values.clip(0, top_value) / top_value * 255).astype(np.uint8)
        ).convert("RGB")
    has_alpha = image.mode.upper() in ("LA", "PA", "RGBA") or "transparency" in image.info
    return image.convert("RGBA" if has_alpha else "RGB")


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    exif = Image.Exif()
    exif[_ORIENTATION_TAG] = orientation
    image.info.pop("exif", None)
    image.info["exif"] = exif.tobytes()
    turned = ImageOps.exif_transpose(image)
    return turned if turned is not None else image


def _to_srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """Convert RGB(A) or CMYK to RGB in sRGB by the embedded profile; alpha is left out."""
    colours = image.convert("RGB") if image.mode == "RGBA" else image
    if icc is None or _is_srgb(icc):
        return colours.convert("RGB")
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        if profile.profile.xcolor_space.strip() != colours.mode:
            return colours.convert("RGB")  # a grey profile on a picture that is RGB by now
        converted = ImageCms.profileToProfile(
            colours,
            profile,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError) as error:
        _log_bad_profile(error)
        return colours.convert("RGB")
    return cast(Image.Image, converted)


def _is_srgb(icc: bytes) -> bool:
    """True for profiles that say they are sRGB: converting those would only cost time."""
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        return "srgb" in (ImageCms.getProfileDescription(profile) or "").lower()
    except (ImageCms.PyCMSError, OSError):
        return False


def _log_bad_profile(error: Exception) -> None:
    # As every browser does: a colour profile that cannot be read counts as none.
    log.warning("unreadable colour profile taken as sRGB: %s", error)
