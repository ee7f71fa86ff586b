"""What files say of their making: every format, read back by readers that are not ours."""

import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.provenance.credentials import (
    DEVELOPMENT_NOTE,
    Action,
    CredentialsFailed,
    SigningIdentity,
    read_credentials,
    sign_file,
)
from inference.provenance.development_key import make_development_key
from inference.provenance.terms import DigitalSourceType, source_type_of
from inference.provenance.xmp import xmp_packet
from inference.stages.encode import VariantFormat, encode_variant, encode_within
from inference.styles.catalogue import find_style, installed_styles

SIDE = 160


@pytest.fixture(scope="module")
def identity() -> SigningIdentity:
    chain, private_key = make_development_key()
    return SigningIdentity(chain, private_key, "es256", is_development=True)


def published(identity: SigningIdentity, format: VariantFormat, term: DigitalSourceType) -> bytes:
    rgb = np.full((SIDE, SIDE, 3), 255, dtype=np.uint8)
    rgb[40:120, 40:120] = np.random.default_rng(3).integers(0, 255, (80, 80, 3), dtype=np.uint8)
    packet = xmp_packet(term, creator_tool="Softbox 0.1.0", credit="Moss & Fern")
    encoded = encode_variant(rgb, format=format, quality=90, xmp=packet)
    return sign_file(
        encoded.data,
        media_type=encoded.media_type.value,
        title="Red mug",
        source_type=term,
        actions=(Action.CROPPED, Action.PUBLISHED),
        generator_version="0.1.0",
        identity=identity,
    )


@pytest.mark.parametrize("format", list(VariantFormat))
def test_a_c2pa_reader_finds_the_credentials_valid(
    identity: SigningIdentity, format: VariantFormat
) -> None:
    term = DigitalSourceType.COMPOSITE_SYNTHETIC
    data = published(identity, format, term)
    found = read_credentials(data, media_type=f"image/{format.value}")
    assert found is not None
    assert (found.state, found.problems) == ("Valid", ())
    assert found.source_types == (term.uri,)
    assert found.actions == ("c2pa.created", "c2pa.cropped", "c2pa.published")
    assert found.generator["name"] == "Softbox"
    # A key that nobody vouches for says so, in the manifest and in its certificate.
    assert found.generator["org.softbox.signing_key"] == DEVELOPMENT_NOTE
    assert "not a trusted identity" in found.issuer
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert image.size == (SIDE, SIDE)


def test_an_enhanced_photo_is_declared_as_an_edit(identity: SigningIdentity) -> None:
    rgb = np.full((SIDE, SIDE, 3), 200, dtype=np.uint8)
    data = sign_file(
        encode_variant(rgb, format=VariantFormat.JPEG, quality=90).data,
        media_type="image/jpeg",
        title="Red mug",
        source_type=DigitalSourceType.COMPOSITE_SYNTHETIC,
        actions=(Action.PUBLISHED,),
        generator_version="0.1.0",
        identity=identity,
        enhancements=("noise taken out (40 %)", "enlarged × 2 by a trained network"),
    )
    found = read_credentials(data, media_type="image/jpeg")
    assert found is not None
    assert found.problems == ()
    assert found.actions == ("c2pa.created", "c2pa.edited", "c2pa.edited", "c2pa.published")
    terms = (
        DigitalSourceType.COMPOSITE_SYNTHETIC,
        *[DigitalSourceType.ALGORITHMICALLY_ENHANCED] * 2,
    )
    assert found.source_types == tuple(term.uri for term in terms)


@pytest.mark.parametrize("format", list(VariantFormat))
def test_a_changed_picture_is_noticed(identity: SigningIdentity, format: VariantFormat) -> None:
    data = bytearray(published(identity, format, DigitalSourceType.ALGORITHMICALLY_ENHANCED))
    # The picture's own bytes: behind JPEG's start of scan, in WebP's VP8, in AVIF's mdat.
    mark = {"jpeg": b"\xff\xda", "webp": b"VP8 ", "avif": b"mdat"}[format.value]
    data[data.rindex(mark) + 200] ^= 0xFF
    found = read_credentials(bytes(data), media_type=f"image/{format.value}")
    assert found is not None
    assert found.state == "Invalid"
    assert any("mismatch" in problem for problem in found.problems)


@pytest.mark.parametrize("format", list(VariantFormat))
@pytest.mark.parametrize(
    "term", [DigitalSourceType.COMPOSITE_SYNTHETIC, DigitalSourceType.COMPOSITE_WITH_TRAINED]
)
@pytest.mark.skipif(
    shutil.which("exiftool") is None, reason="exiftool is not installed (libimage-exiftool-perl)"
)
def test_exiftool_reads_the_digital_source_type(
    identity: SigningIdentity, format: VariantFormat, term: DigitalSourceType, tmp_path: Path
) -> None:
    path = tmp_path / f"picture.{format.value}"
    path.write_bytes(published(identity, format, term))
    done = subprocess.run(
        ["exiftool", "-s3", "-XMP-iptcExt:DigitalSourceType", "-XMP-photoshop:Credit", str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [term.uri, "Moss & Fern"]


def test_a_file_without_credentials_has_none() -> None:
    rgb = np.zeros((32, 32, 3), dtype=np.uint8)
    plain = encode_variant(rgb, format=VariantFormat.JPEG, quality=90)
    assert read_credentials(plain.data, media_type="image/jpeg") is None


def test_a_key_that_does_not_fit_its_certificate_is_refused(identity: SigningIdentity) -> None:
    _, other_key = make_development_key()
    wrong = SigningIdentity(identity.certificates, other_key, "es256", is_development=False)
    with pytest.raises(CredentialsFailed):
        published(wrong, VariantFormat.JPEG, DigitalSourceType.COMPOSITE_SYNTHETIC)


def test_every_installed_style_has_a_source_type() -> None:
    styles = installed_styles()
    assert len(styles) >= 12
    for style in styles:
        assert source_type_of(style.family, style.clean({})) in DigitalSourceType


def test_only_a_bare_cutout_on_white_is_merely_enhanced() -> None:
    white = find_style("pure-white")
    bare = white.clean({"shadow": 0.0, "reflection": 0.0})
    assert source_type_of(white.family, bare) is DigitalSourceType.ALGORITHMICALLY_ENHANCED
    shaded = white.clean({"shadow": 20.0})
    assert source_type_of(white.family, shaded) is DigitalSourceType.COMPOSITE_SYNTHETIC
    sage = find_style("sweep-sage")
    term = source_type_of(sage.family, sage.clean({}))
    assert term is DigitalSourceType.COMPOSITE_SYNTHETIC


def test_a_family_that_nobody_judged_is_not_guessed_at() -> None:
    with pytest.raises(ValueError, match="dreams"):
        source_type_of("dreams", {})


def test_a_file_is_made_to_fit_its_limit_at_the_best_quality_that_does() -> None:
    noise = np.random.default_rng(5).integers(0, 255, (256, 256, 3), dtype=np.uint8)
    free = encode_variant(noise, format=VariantFormat.JPEG, quality=90)
    limit = len(free.data) * 2 // 3
    tight = encode_within(noise, format=VariantFormat.JPEG, quality=90, max_bytes=limit)
    assert tight is not None
    assert 0.9 * limit < len(tight.data) <= limit
    assert encode_within(noise, format=VariantFormat.JPEG, quality=90, max_bytes=9000) is None


def test_markup_in_a_name_cannot_break_the_packet() -> None:
    packet = xmp_packet(DigitalSourceType.TRAINED, creator_tool='"><x/>', credit="<b>&</b>")
    assert b"<b>" not in packet
    assert b"<x/>" not in packet
