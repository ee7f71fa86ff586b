import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from inference.events import EncodedImage, MediaType
from inference.pixels.arrays import RgbU8
from inference.stages.encode import (
    DISPLAY_SIDE_PX,
    VariantFormat,
    encode_display,
    encode_master,
    encode_preview,
    encode_variant,
    srgb_profile,
)


def _packshot(height: int = 320, width: int = 400) -> RgbU8:
    """A saturated, textured product with a soft shadow on pure white."""
    rgb = np.full((height, width, 3), 255, dtype=np.uint8)
    shadow = np.linspace(140, 254, 40).astype(np.uint8)
    rgb[200:240, 130:270] = shadow[:, None, None]
    noise = np.random.default_rng(2).integers(0, 40, (120, 140, 3))
    rgb[80:200, 130:270] = np.asarray((170, 40, 60)) + noise
    return rgb


def _decoded(encoded: EncodedImage) -> RgbU8:
    with Image.open(io.BytesIO(encoded.data)) as image:
        assert image.get_format_mimetype() == encoded.media_type.value
        assert image.size == (encoded.width, encoded.height)
        return np.asarray(image.convert("RGB"))


def test_the_master_is_lossless() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (37, 53, 3), dtype=np.uint8)
    master = encode_master(rgb)
    assert master.media_type is MediaType.PNG
    assert np.array_equal(_decoded(master), rgb)


def test_equal_pictures_are_equal_bytes() -> None:
    rgb = _packshot()
    assert encode_master(rgb) == encode_master(rgb.copy())
    assert encode_preview(rgb) == encode_preview(rgb.copy())


def test_a_preview_is_a_small_jpeg() -> None:
    preview = encode_preview(_packshot(512, 512))
    assert preview.media_type is MediaType.JPEG
    assert len(preview.data) < 64_000
    assert np.abs(_decoded(preview).astype(int) - _packshot(512, 512)).mean() < 4


@pytest.mark.parametrize(
    ("height", "width", "expected"), [(2048, 1024, (640, 1280)), (300, 200, (200, 300))]
)
def test_a_display_copy_fits_the_page_and_is_never_enlarged(
    height: int, width: int, expected: tuple[int, int]
) -> None:
    display = encode_display(np.full((height, width, 3), 200, dtype=np.uint8))
    assert (display.width, display.height) == expected
    assert max(expected) <= DISPLAY_SIDE_PX


@pytest.mark.parametrize("format", list(VariantFormat))
@pytest.mark.parametrize("quality", [80, 90, 94, 95])
def test_pure_white_stays_exactly_white_in_every_published_format(
    format: VariantFormat, quality: int
) -> None:
    rgb = _packshot()
    back = _decoded(encode_variant(rgb, format=format, quality=quality))
    for corner in (back[:48], back[-48:], back[:, :80], back[:, -80:]):
        assert corner.min() == 255


@pytest.mark.parametrize("format", list(VariantFormat))
def test_a_variant_looks_like_its_master(format: VariantFormat) -> None:
    rgb = _packshot()
    back = _decoded(encode_variant(rgb, format=format, quality=90))
    error = np.abs(back.astype(int) - rgb)[80:200, 130:270].mean()
    assert error < 8


@pytest.mark.parametrize("format", list(VariantFormat))
def test_a_variant_says_srgb_and_carries_no_other_metadata(format: VariantFormat) -> None:
    encoded = encode_variant(_packshot(), format=format, quality=90)
    with Image.open(io.BytesIO(encoded.data)) as image:
        assert image.info["icc_profile"] == srgb_profile()
        assert not image.getexif()
        assert "xmp" not in image.info


def test_a_photo_without_white_is_encoded_at_the_asked_quality() -> None:
    grey = np.random.default_rng(1).integers(0, 200, (64, 64, 3), dtype=np.uint8)
    low = encode_variant(grey, format=VariantFormat.WEBP, quality=40)
    high = encode_variant(grey, format=VariantFormat.WEBP, quality=95)
    assert len(low.data) < len(high.data)


def test_a_picture_too_small_for_a_block_is_encoded() -> None:
    tiny = np.full((8, 8, 3), 255, dtype=np.uint8)
    assert _decoded(encode_variant(tiny, format=VariantFormat.WEBP, quality=90)).shape == (8, 8, 3)


def test_encoding_loads_no_network_library() -> None:
    program = (
        "import sys, inference.stages.encode; print({'torch', 'onnxruntime'} & set(sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert answer.stdout.strip() == b"set()"
