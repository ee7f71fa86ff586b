"""Every odd file a seller may upload becomes upright 8-bit sRGB, or a sentence they understand."""

import io
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from inference.errors import PhotoAnimated, PhotoTooLarge, PhotoTooSmall, PhotoUnreadable
from inference.events import MediaType
from inference.pixels.arrays import RgbU8
from inference.stages.decode import MAX_PIXELS, decode, probe, source_thumbnail

RED, BLUE, GREY = (200, 30, 40), (20, 60, 190), (128, 128, 128)
Save = Callable[..., Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def save_image(image: Image.Image, name: str, **options: Any) -> Path:  # Pillow's own
        path = tmp_path / name
        image.save(path, **options)
        return path

    return save_image


def halves(width: int = 96, height: int = 64, mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right: any wrong turn shows."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image.convert(mode)


def is_near(pixel: RgbU8, colour: tuple[int, ...], tolerance: int = 14) -> bool:
    return bool(np.abs(pixel.astype(int) - np.array(colour)).max() <= tolerance)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("p.jpg", {"quality": 95, "subsampling": 0}),
        ("p.png", {}),
        ("p.webp", {"quality": 95}),
        ("p.avif", {"quality": 95}),
        ("p.tiff", {}),
        ("p.bmp", {}),
        ("p.gif", {}),
    ],
)
def test_every_accepted_format_decodes_to_the_same_picture(
    save: Save, name: str, options: dict[str, object]
) -> None:
    photo = decode(save(halves(), name, **options))
    assert photo.rgb.shape == (64, 96, 3)
    assert photo.rgb.dtype == np.uint8
    assert photo.alpha is None
    assert is_near(photo.rgb[32, 12], RED)
    assert is_near(photo.rgb[32, 84], BLUE)


@pytest.mark.parametrize("name", ["p.jpg", "p.png", "p.tiff", "p.webp", "p.avif"])
@pytest.mark.parametrize("longest_side_px", [None, 48])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_exif_orientation_is_applied_whole_and_reduced(
    save: Save, name: str, longest_side_px: int | None, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(halves(192, 128), name, exif=exif)
    photo = decode(path, longest_side_px=longest_side_px)
    is_turned = orientation in (6, 8)
    width, height = (128, 192) if is_turned else (192, 128)
    assert (photo.native_width, photo.native_height) == (width, height)
    assert (probe(path).width, probe(path).height) == (width, height)
    scale = 1.0 if longest_side_px is None else longest_side_px / 192
    assert photo.rgb.shape == (round(height * scale), round(width * scale), 3)
    assert photo.scale == pytest.approx(scale)
    rows, columns = photo.rgb.shape[:2]
    # Where the red half ends up: left, right, top, bottom.
    red = {1: (0.5, 0.1), 3: (0.5, 0.9), 6: (0.1, 0.5), 8: (0.9, 0.5)}[orientation]
    blue = (1 - red[0], 1 - red[1])
    assert is_near(photo.rgb[int(red[0] * rows), int(red[1] * columns)], RED)
    assert is_near(photo.rgb[int(blue[0] * rows), int(blue[1] * columns)], BLUE)


@pytest.mark.parametrize("name", ["p.jpg", "p.png"])
@pytest.mark.parametrize("longest_side_px", [None, 32])
def test_a_wide_gamut_profile_is_converted_to_srgb(
    save: Save, name: str, longest_side_px: int | None
) -> None:
    path = save(Image.new("RGB", (64, 64), (200, 100, 50)), name, icc_profile=_swapped_profile())
    assert probe(path).has_icc
    photo = decode(path, longest_side_px=longest_side_px)
    # The profile says that the file's first channel is blue light and its third red.
    assert is_near(photo.rgb[16, 16], (50, 100, 200))


def test_a_broken_profile_counts_as_none(save: Save) -> None:
    for name in ("p.jpg", "p.png"):
        path = save(Image.new("RGB", (64, 64), RED), name, icc_profile=b"no profile" * 20)
        assert is_near(decode(path).rgb[10, 10], RED)


def test_cmyk_jpeg_without_a_profile_keeps_its_hue(save: Save) -> None:
    path = save(halves(mode="CMYK"), "p.jpg", quality=95)
    for side in (None, 48):
        photo = decode(path, longest_side_px=side)
        assert is_near(photo.rgb[5, 3], RED, 20)
        assert is_near(photo.rgb[5, -3], BLUE, 20)


@pytest.mark.parametrize("name", ["p.png", "p.tiff"])
def test_sixteen_bit_grey_keeps_its_brightness(save: Save, name: str) -> None:
    path = save(Image.fromarray(np.full((40, 40), 0x8080, dtype=np.uint16)), name)
    assert probe(path).bit_depth == 16
    assert is_near(decode(path).rgb[20, 20], GREY, 1)


def test_sixteen_bit_colour_png_decodes(tmp_path: Path) -> None:
    row = b"\0" + struct.pack(">3H", 0xC8C8, 0x1E1E, 0x2828) * 32
    path = tmp_path / "p.png"
    path.write_bytes(_png(32, 32, 16, 2, zlib.compress(row * 32)))
    assert probe(path).bit_depth == 16
    assert is_near(decode(path).rgb[3, 3], RED, 1)


def test_palette_transparency_becomes_alpha(save: Save) -> None:
    image = halves().quantize(4)
    clear = image.getpixel((2, 2))
    photo = decode(save(image, "p.png", transparency=clear))
    assert photo.alpha is not None
    assert photo.alpha[2, 2] == 0
    assert photo.alpha[2, 90] == 255
    assert is_near(photo.rgb[2, 90], BLUE)


def test_grey_with_alpha_and_one_bit_pictures_decode(save: Save) -> None:
    grey = Image.new("LA", (40, 40), (128, 60))
    photo = decode(save(grey, "p.png"))
    assert photo.alpha is not None
    assert photo.alpha[5, 5] == 60
    assert is_near(photo.rgb[5, 5], GREY, 1)
    one_bit = decode(save(Image.new("1", (40, 40), 1), "q.png"))
    assert is_near(one_bit.rgb[5, 5], (255, 255, 255), 0)


def test_reducing_does_not_bleed_colours_from_transparent_pixels(save: Save) -> None:
    pixels = np.zeros((128, 128, 4), dtype=np.uint8)
    pixels[:, :66] = (*RED, 255)
    photo = decode(save(Image.fromarray(pixels), "p.png"), longest_side_px=16)
    assert photo.alpha is not None
    edge = photo.rgb[8][photo.alpha[8] > 60]
    assert len(edge) >= 8
    assert all(is_near(pixel, RED, 6) for pixel in edge)


def test_grey_jpeg_decodes_to_three_channels(save: Save) -> None:
    photo = decode(save(Image.new("L", (64, 64), 128), "p.jpg"), longest_side_px=32)
    assert photo.rgb.shape == (32, 32, 3)
    assert is_near(photo.rgb[5, 5], GREY, 2)


def test_the_content_decides_not_the_extension(save: Save) -> None:
    path = save(halves(), "p.png").rename(save(halves(), "q.jpg"))
    assert probe(path).format == "PNG"
    assert decode(path).rgb.shape == (64, 96, 3)


@pytest.mark.parametrize("content", [b"", b"\x00", b"This is a text file.\n" * 40, b"\xff\xd8\xff"])
def test_what_is_not_a_picture_is_refused_in_plain_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "holiday.jpg"
    path.write_bytes(content)
    for refuse in (probe, decode):
        with pytest.raises(PhotoUnreadable, match="not a photo we can read"):
            refuse(path)


@pytest.mark.parametrize("name", ["p.jpg", "p.png", "p.webp", "p.tiff", "p.bmp", "p.gif", "p.avif"])
@pytest.mark.parametrize("longest_side_px", [None, 64])
def test_a_truncated_file_is_refused(save: Save, name: str, longest_side_px: int | None) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (256, 256, 3), dtype=np.uint8)
    path = save(Image.fromarray(noise), name)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    with pytest.raises(PhotoUnreadable, match=r"ends too early|not a photo"):
        decode(path, longest_side_px=longest_side_px)


@pytest.mark.parametrize("name", ["p.gif", "p.webp", "p.png"])
def test_animations_are_refused(save: Save, name: str) -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in (RED, BLUE)]
    path = save(frames[0], name, save_all=True, append_images=frames[1:])
    with pytest.raises(PhotoAnimated, match="still photo"):
        probe(path)


@pytest.mark.parametrize("size", [(1, 1), (15, 400), (400, 15)])
def test_tiny_pictures_are_refused(save: Save, size: tuple[int, int]) -> None:
    with pytest.raises(PhotoTooSmall, match=f"{size[0]} × {size[1]}"):
        decode(save(Image.new("RGB", size), "p.png"))


@pytest.mark.parametrize("side", [11_000, 16_000, 60_000])
def test_huge_pictures_are_refused_before_they_are_decoded(tmp_path: Path, side: int) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(_png(side, side, 8, 2, b""))  # a header with no pixels behind it
    assert side * side > MAX_PIXELS
    for refuse in (probe, decode):
        with pytest.raises(PhotoTooLarge, match="120 megapixels"):
            refuse(path)


def test_a_missing_file_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        probe(tmp_path / "nowhere.jpg")


def test_a_thumbnail_is_small_upright_and_carries_no_metadata(save: Save) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "A camera"
    path = save(halves(320, 200), "p.jpg", exif=exif, icc_profile=_swapped_profile())
    thumbnail = source_thumbnail(path, 80)
    assert thumbnail.media_type is MediaType.WEBP
    assert (thumbnail.width, thumbnail.height) == (50, 80)
    with Image.open(io.BytesIO(thumbnail.data)) as image:
        assert image.format == "WEBP"
        assert not image.getexif()
        assert not {"icc_profile", "exif", "xmp"} & image.info.keys()


def test_decoding_loads_no_network_library() -> None:
    script = (
        "import sys; import inference.stages.decode; "
        "sys.exit(bool({'torch', 'onnxruntime'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def _swapped_profile() -> bytes:
    """SRGB's profile with its red and blue primaries exchanged: a change nobody can miss."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack_from(">I", profile, 128)[0]
    for index in range(count):
        at = 132 + 12 * index
        tag = bytes(profile[at : at + 4])
        swapped = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}.get(tag, tag)
        profile[at : at + 4] = swapped
    return bytes(profile).replace(b"s\0R\0G\0B", b"w\0i\0d\0e").replace(b"sRGB", b"wide")


def _png(width: int, height: int, depth: int, colour_type: int, data: bytes) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + checksum

    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )
