"""Channel presets: what each asks for, and that what is published for it is exactly that."""

import io
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.pixels.arrays import RgbU8
from inference.provenance.credentials import read_credentials
from inference.provenance.development_key import make_development_key
from inference.provenance.terms import DigitalSourceType
from inference.stages.crops import border_pixels, content_box
from inference.stages.encode import srgb_profile
from studio.accounts.selectors import Actor
from studio.catalog.models import Photo
from studio.core.channels import CHANNELS
from studio.core.errors import Conflict, Invalid
from studio.core.storage import read_bytes
from studio.publishing.models import Publication, Variant
from studio.publishing.services import publish, verdicts_of
from studio.publishing.verdicts import Suits, Verdict
from studio.renders.models import Render
from studio.renders.services import RenderOrder, order_render, submit_for_review
from studio.review.services import decide
from tests import factories

RunWork = Callable[[], int]
Approve = Callable[..., Render]
ALL = {
    "web", "amazon", "ebay", "etsy", "walmart", "shopify", "google", "zalando", "tiktok", "meta",
}  # fmt: skip
WHITE_ONLY = {"amazon", "walmart", "zalando", "tiktok"}


@pytest.fixture
def approve(seller: Actor, reviewer: Actor, run_work: RunWork) -> Approve:
    """Make a picture in a look and at a size, and let Carol approve it."""

    def made(
        style: str = "pure-white",
        *,
        size: int = 2048,
        photo: Photo | None = None,
        params: dict[str, object] | None = None,
    ) -> Render:
        order = RenderOrder(
            photo=photo or factories.make_photo(seller),
            style=style,
            longest_side_px=size,
            params=params or {},
        )
        render, _ = order_render(actor=seller, order=order)
        run_work()
        render = submit_for_review(actor=seller, render=Render.objects.get(pk=render.pk))
        sha256 = render.result_sha256
        decide(actor=reviewer, render=render, verdict="approve", seen_sha256=sha256)
        return Render.objects.get(pk=render.pk)

    return made


def opened(variant: Variant) -> RgbU8:
    with Image.open(io.BytesIO(read_bytes(variant.key))) as image:
        assert image.mode == "RGB"
        assert image.info["icc_profile"] == srgb_profile()
        return np.asarray(image)


def verdicts(render: Render) -> dict[str, Verdict]:
    return {verdict.channel.code: verdict for verdict in verdicts_of(render)}


def test_every_number_of_a_preset_has_a_source_and_a_date() -> None:
    assert set(CHANNELS) == ALL
    for channel in CHANNELS.values():
        assert channel.version
        assert len(channel.rules) >= 5
        for rule in channel.rules:
            assert rule.name
            assert rule.value
            assert rule.source
            assert rule.read == "2026-11"
            assert rule.evidence in {"official", "seller guides", "our choice"}


def test_amazons_main_image_is_white_to_the_last_border_pixel_and_filled_by_85_percent(
    seller: Actor, approve: Approve
) -> None:
    # The seller framed the product small; the crop makes up for it.
    render = approve(params={"scale": 60.0})
    publication = publish(actor=seller, render=render, channels=["amazon"])
    variant = publication.variants.get()
    pixels = opened(variant)
    assert (border_pixels(pixels) == 255).all()
    # JPEG rings a little around the product: what is nearly white is not product.
    seen = content_box(np.where(pixels > 245, 255, pixels).astype(np.uint8), (255, 255, 255))
    assert seen is not None
    fill = max(seen.width / pixels.shape[1], seen.height / pixels.shape[0])
    assert 0.85 <= fill <= 0.9
    assert pixels.shape[0] == pixels.shape[1]
    assert (variant.format, variant.channel) == ("jpeg", "amazon")
    assert variant.size_bytes < 10_000_000


@pytest.mark.parametrize("code", sorted(ALL - {"web"}))
def test_a_white_picture_of_full_size_suits_every_channel(
    code: str, seller: Actor, approve: Approve
) -> None:
    render = approve(size=2600)
    channel = CHANNELS[code]
    variant = publish(actor=seller, render=render, channels=[code]).variants.get()
    pixels = opened(variant)
    height, width = pixels.shape[:2]
    assert (variant.width, variant.height) == (width, height)
    assert channel.best_px is not None
    assert width <= channel.best_px[0]
    assert height <= channel.best_px[1]
    assert width >= channel.min_px[0]
    assert height >= channel.min_px[1]
    if channel.aspect:
        assert width / height == pytest.approx(channel.aspect, abs=0.002)
    if channel.needs_white:
        assert (border_pixels(pixels) == 255).all()
    if channel.max_bytes:
        assert variant.size_bytes <= channel.max_bytes


def test_a_coloured_backdrop_is_refused_by_channels_that_want_white(
    seller: Actor, approve: Approve
) -> None:
    render = approve("sweep-sage")
    found = verdicts(render)
    assert {code for code, verdict in found.items() if verdict.is_refused} == WHITE_ONLY
    assert "wants pure white all round" in found["amazon"].sentence
    with pytest.raises(Invalid, match="Amazon, main image wants pure white"):
        publish(actor=seller, render=render, channels=["web", "amazon"])
    assert not Publication.objects.exists()


def test_a_small_picture_is_refused_with_both_sizes(approve: Approve) -> None:
    found = verdicts(approve(size=1024))
    assert "at least 1500 × 1500 px; this picture gives" in found["walmart"].sentence
    assert found["amazon"].suits is Suits.WELL
    smaller = verdicts(approve(size=600, photo=None))
    assert smaller["amazon"].suits is Suits.WITH_A_NOTE
    assert "zoom from 1000 px" in smaller["amazon"].sentence


def test_a_product_that_the_photo_cuts_off_is_refused_where_all_of_it_must_show(
    approve: Approve,
) -> None:
    render = approve()
    cutout = render.cutout
    cutout.measurements |= {"touches": ["bottom"]}
    cutout.save()
    found = verdicts(Render.objects.get(pk=render.pk))
    assert "the photo cuts it off at the bottom" in found["amazon"].sentence
    assert not found["ebay"].is_refused


def test_nothing_is_ever_enlarged(seller: Actor, approve: Approve) -> None:
    render = approve(size=700, params={"scale": 40.0})
    amazon = verdicts(render)["amazon"]
    # 40 % of 700 px, cropped until it fills 88 %.
    assert amazon.is_refused
    assert "500 px on the longer side; this picture gives 3" in amazon.sentence


def test_every_file_says_where_the_picture_comes_from(seller: Actor, approve: Approve) -> None:
    bare = publish(actor=seller, render=approve(size=600), channels=["web", "amazon"])
    assert bare.source_type == DigitalSourceType.ALGORITHMICALLY_ENHANCED
    scene = publish(actor=seller, render=approve("sweep-sage", size=600), channels=["web"])
    assert scene.source_type == DigitalSourceType.COMPOSITE_SYNTHETIC
    looked_at = 0
    for publication in (bare, scene):
        for variant in publication.variants.all():
            data = read_bytes(variant.key)
            uri = DigitalSourceType(publication.source_type).uri
            found = read_credentials(data, media_type=f"image/{variant.format}")
            assert found is not None
            assert (found.state, found.source_types) == ("Valid", (uri,))
            assert uri.encode() in data
            looked_at += 1
    assert looked_at == 13


@pytest.mark.skipif(
    shutil.which("exiftool") is None, reason="exiftool is not installed (libimage-exiftool-perl)"
)
def test_exiftool_reads_the_source_type_from_every_file_of_all_ten_channels(
    seller: Actor, approve: Approve, tmp_path: Path
) -> None:
    publication = publish(actor=seller, render=approve(size=2000), channels=sorted(ALL))
    variants = list(publication.variants.all())
    for variant in variants:
        name = f"{variant.channel}-{variant.width}.{variant.format}"
        (tmp_path / name).write_bytes(read_bytes(variant.key))
    tags = ["-XMP-iptcExt:DigitalSourceType", "-ICC_Profile:ProfileDescription", "-GPS:all"]
    done = subprocess.run(
        ["exiftool", "-j", *tags, str(tmp_path)], capture_output=True, text=True, check=True
    )
    said = json.loads(done.stdout)
    assert {(each.channel, each.format) for each in variants} == {
        *((code, "jpeg") for code in ALL),
        ("web", "webp"),
        ("web", "avif"),
    }
    assert len(said) == len(variants) == 18
    for file in said:
        assert file["DigitalSourceType"] == DigitalSourceType.ALGORITHMICALLY_ENHANCED.uri, file
        assert "sRGB" in file["ProfileDescription"], file
        assert set(file) == {"SourceFile", "DigitalSourceType", "ProfileDescription"}


def test_the_operators_own_key_signs_and_is_not_called_a_development_key(
    seller: Actor, approve: Approve, settings: object, tmp_path: Path
) -> None:
    chain, private_key = make_development_key()
    (tmp_path / "chain.pem").write_bytes(chain)
    (tmp_path / "key.pem").write_bytes(private_key)
    own = {"c2pa_certificates": tmp_path / "chain.pem", "c2pa_private_key": tmp_path / "key.pem"}
    settings.CONFIGURATION = settings.CONFIGURATION.model_copy(update=own)  # type: ignore[attr-defined]
    publication = publish(actor=seller, render=approve(size=600))
    assert not publication.is_signed_for_development
    variant = publication.variants.filter(format="webp")[0]
    found = read_credentials(read_bytes(variant.key), media_type="image/webp")
    assert found is not None
    assert found.state == "Valid"
    assert "org.softbox.signing_key" not in found.generator


def test_a_key_that_does_not_fit_publishes_nothing(
    seller: Actor, approve: Approve, settings: object, tmp_path: Path
) -> None:
    (tmp_path / "chain.pem").write_bytes(make_development_key()[0])
    (tmp_path / "key.pem").write_bytes(make_development_key()[1])
    own = {"c2pa_certificates": tmp_path / "chain.pem", "c2pa_private_key": tmp_path / "key.pem"}
    settings.CONFIGURATION = settings.CONFIGURATION.model_copy(update=own)  # type: ignore[attr-defined]
    with pytest.raises(Conflict, match="could not be signed"):
        publish(actor=seller, render=approve(size=600))
    assert not Publication.objects.exists()


def test_channels_name_their_files() -> None:
    names = {
        code: channel.file_name(
            sku="MUG 7/b", title="Red mug", number=2, width=1024, height=768, format="jpeg"
        )
        for code, channel in CHANNELS.items()
    }
    assert names["amazon"] == "MUG-7-b.MAIN.jpg"
    assert names["web"] == "MUG-7-b-1024.jpg"
    assert names["ebay"] == "MUG-7-b-2.jpg"
    unnamed = CHANNELS["ebay"].file_name(
        sku="", title="Röter Krug", number=1, width=1, height=1, format="webp"
    )
    assert unnamed == "roter-krug-1.webp"
