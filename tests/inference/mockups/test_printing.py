"""Artwork on objects, from files on disk to finished pictures."""

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from inference.errors import ParameterInvalid
from inference.events import RenderFinished
from inference.inspect.findings import Verdict
from inference.inspect.mockup import Print, check_print
from inference.mockups.artwork import pyramid, without_white
from inference.mockups.compositor import share_of_object
from inference.mockups.files import write_plate
from inference.mockups.format import Finish
from inference.mockups.ink import lit
from inference.mockups.library import MockupLibrary
from inference.mockups.placing import Layout, Wish, lay
from inference.mockups.synthetic import GLOSS, synthetic_print_plate
from inference.mockups.weave import woven
from inference.pixels.arrays import RgbU8
from inference.rendering import Renderer, render_plan
from inference.requests import (
    Box,
    CutoutSource,
    Measurements,
    OutputSpec,
    ParameterValue,
    PhotoSource,
    RenderRequest,
    StyleSpec,
    Tier,
)
from inference.run import Run
from inference.stage_cache import StageCache
from inference.styles.mockup import mockup_style, mockup_styles

_SIDE = 512


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> MockupLibrary:
    folder = tmp_path_factory.mktemp("prints")
    plates = (
        synthetic_print_plate(slug="board", side_px=_SIDE),
        synthetic_print_plate(slug="tin", side_px=_SIDE, is_round=True),
        synthetic_print_plate(slug="cloth", side_px=_SIDE, threads_per_cm=6),
    )
    for plate in plates:
        write_plate(folder / plate.info.slug, plate)
    return MockupLibrary(folder)


class Press:
    """Prints one picture."""

    def __init__(self, library: MockupLibrary, folder: Path) -> None:
        self.library, self.folder = library, folder
        self.renderer = Renderer(
            device="cpu", cache=StageCache(budget_bytes=64_000_000), mockups=library
        )

    def finished(
        self,
        image: Image.Image,
        mockup: str,
        params: Mapping[str, ParameterValue] | None = None,
        *,
        cut: Image.Image | None = None,
        tier: Tier = Tier.FINAL,
        only_tier: bool = True,
    ) -> RenderFinished:
        path = self.folder / "artwork.png"
        image.save(path)
        alpha = self.folder / "alpha.png"
        (cut or Image.new("L", image.size, 255)).save(alpha)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        box = Box(*((cut or image).getbbox() or (0, 0, *image.size)))
        request = RenderRequest(
            PhotoSource(path, digest),
            CutoutSource(alpha, digest + "a", Measurements(*image.size, box)),
            StyleSpec(mockup, params or {}),
            OutputSpec(_SIDE),
            tier=tier,
            only_tier=only_tier,
        )
        plan = render_plan(request, self.library)
        run = Run(plan, on_event=lambda _: None, is_cancelled=lambda: False)
        return self.renderer.render(request, run)

    def picture(
        self,
        image: Image.Image,
        mockup: str = "board",
        params: Mapping[str, ParameterValue] | None = None,
        cut: Image.Image | None = None,
    ) -> RgbU8:
        data = self.finished(image, mockup, params, cut=cut).image.data
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


@pytest.fixture
def press(library: MockupLibrary, tmp_path: Path) -> Press:
    return Press(library, tmp_path)


def plain(colour: tuple[int, ...], size: tuple[int, int] = (120, 100)) -> Image.Image:
    return Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour)


def middle(picture: RgbU8) -> NDArray[np.float64]:
    half = _SIDE // 2
    patch = picture[half - 6 : half + 6, half - 6 : half + 6].reshape(-1, 3)
    return np.asarray(patch.mean(axis=0))


def test_dark_ink_stays_dark_and_white_ink_is_the_object(press: Press) -> None:
    black, white = press.picture(plain((0, 0, 0))), press.picture(plain((255, 255, 255)))
    bare = press.picture(plain((0, 0, 0, 0)), params={"scale": 10.0})
    gloss = GLOSS * (1 + np.cos(3)) / 2
    assert middle(black).max() <= 255 * 1.06 * max(gloss, 0.004) ** (1 / 2.4)
    np.testing.assert_allclose(middle(white), middle(bare), atol=2)


def test_highlights_lie_on_top_of_ink() -> None:
    white, black = torch.full((3, 4, 4), 0.7), torch.full((3, 4, 4), 0.02)
    white[:, 1], black[:, 1] = 0.95, 0.27
    dyed = torch.ones(4, 4)
    red = torch.tensor([0.6, 0.02, 0.02])[:, None, None].expand(3, 4, 4)
    shown = lit(white, black, red, dyed, Finish.BAKED)
    # The streak adds as much light on red as on black ink.
    torch.testing.assert_close(shown[:, 1] - shown[:, 0], torch.full((3, 4), 0.25))
    matte = lit(white, black, red, dyed, Finish.MATTE)
    assert float((matte[:, 1] - matte[:, 0]).max()) < 0.15


def test_straight_lines_stay_straight(press: Press) -> None:
    """As on the prototype's sheet: a grid, its lines traced to a fraction of a pixel."""
    grid = Image.new("RGB", (1200, 1000), "white")
    draw = ImageDraw.Draw(grid)
    for x in range(100, 1200, 100):
        draw.line([x, 0, x, 1000], fill="black", width=10)
    picture = press.picture(grid, params={"layout": "fit"}).astype(float).mean(axis=2)
    traced: list[list[tuple[float, float]]] = [[] for _ in range(11)]
    for row in range(200, 312, 2):
        dark = np.clip(150 - picture[row], 0, None)
        starts = np.flatnonzero((dark[1:] > 0) & (dark[:-1] == 0)) + 1
        ends = np.flatnonzero((dark[1:] == 0) & (dark[:-1] > 0)) + 1
        if len(starts) != 11:
            continue
        for line, start, end in zip(traced, starts, ends, strict=True):
            weight = dark[start:end]
            line.append((row, float((weight * np.arange(start, end)).sum() / weight.sum())))
    assert min(len(line) for line in traced) > 30
    for line in traced:
        points = np.array(line)
        fitted = np.polyval(np.polyfit(points[:, 0], points[:, 1], 1), points[:, 0])
        assert np.abs(points[:, 1] - fitted).max() < 0.35


def test_a_transparent_logo_leaves_the_object_bare(press: Press) -> None:
    logo = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    ImageDraw.Draw(logo).rectangle([0, 0, 399, 120], fill=(200, 20, 20, 255))
    ImageDraw.Draw(logo).rectangle([0, 280, 399, 399], fill=(200, 20, 20, 255))
    red, green, blue = middle(press.picture(logo, params={"object_colour": "#2040a0"}))
    assert blue > red + 60
    assert blue > green + 40


def test_the_cut_out_alone_can_be_printed(press: Press) -> None:
    photo = plain((250, 250, 250), (400, 400))
    ImageDraw.Draw(photo).ellipse([100, 100, 300, 300], fill=(20, 120, 30))
    cut = Image.new("L", (400, 400))
    ImageDraw.Draw(cut).ellipse([100, 100, 300, 300], fill=255)
    dark = {"object_colour": "#101010"}
    whole = press.picture(photo, params=dark)
    alone = press.picture(photo, params={**dark, "artwork": "cut-out"}, cut=cut)
    corner = np.s_[190:200, 190:200]
    assert middle(alone)[1] > 80
    assert whole[corner].mean() > alone[corner].mean() + 40


def test_white_left_bare_shows_the_material() -> None:
    planes = torch.tensor([[1.0, 0.8], [1.0, 0.1], [1.0, 0.1], [1.0, 1.0]])[:, None]
    bare = without_white(planes)
    assert float(bare[3, 0, 0]) == 0
    # On white it looks as before.
    torch.testing.assert_close(bare[:3] + 1 - bare[3], planes[:3])


def test_moving_turning_and_sizing_move_the_print(press: Press) -> None:
    dot = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    ImageDraw.Draw(dot).rectangle([0, 0, 199, 199], fill=(0, 0, 0, 255))

    def centre(**params: ParameterValue) -> NDArray[np.float64]:
        dark = press.picture(dot, params={"scale": 20.0, **params}).mean(axis=2) < 70
        return np.asarray(np.argwhere(dark).mean(axis=0))

    start = centre()
    assert centre(shift_x=20.0)[1] > start[1] + 20
    assert centre(shift_y=20.0)[0] > start[0] + 15
    np.testing.assert_allclose(centre(turn=45.0), start, atol=1.5)


def test_a_tin_hides_what_goes_round_its_side(press: Press) -> None:
    dark = press.picture(plain((0, 0, 0), (400, 100)), "tin", {"layout": "fill"}).mean(axis=2) < 90
    bare = press.picture(plain((0, 0, 0), (400, 100)), "tin", {"scale": 40.0}).mean(axis=2) < 90
    assert dark.sum() > 3 * bare.sum() > 0


def test_tiles_meet_without_a_seam(press: Press) -> None:
    even = press.picture(plain((90, 140, 60), (64, 64)), params={"layout": "tile"})
    rows = even[200:300, 200:300].astype(int)
    assert np.ptp(rows.mean(axis=1), axis=0).max() < 4


def test_a_weave_shows_and_can_be_smoothed_away(press: Press) -> None:
    grey = plain((120, 120, 120))
    rough, smooth = (
        press.picture(grey, "cloth", {"weave": weave, "layout": "fill"})[220:290, 220:290]
        for weave in (100.0, 0.0)
    )
    assert rough.astype(float).std() > 3 * smooth.astype(float).std()
    assert rough.mean() == pytest.approx(smooth.mean(), abs=6)


def test_a_weave_too_fine_to_draw_fades_out() -> None:
    steps = torch.stack([torch.arange(50) * 0.2, torch.zeros(50)], dim=1)
    assert float(woven(steps, torch.ones(1, 50, dtype=torch.bool), 12, 1.0).light.std()) == 0


def test_foil_shines_where_the_artwork_is(press: Press) -> None:
    logo = plain((10, 10, 10, 255))
    gold = middle(press.picture(logo, params={"finish": "foil", "foil": "gold"}))
    ink = middle(press.picture(logo))
    assert gold[0] > gold[2] + 40 > ink[0]


def test_every_tier_comes_and_no_placement_is_claimed(press: Press) -> None:
    finished = press.finished(plain((30, 60, 90)), "board", only_tier=False)
    assert finished.placement is None
    assert {name.split(".")[0] for name in finished.timings_ms} == {"thumb", "preview", "final"}
    assert finished.image.width == _SIDE


def test_a_style_says_where_its_print_lies(library: MockupLibrary) -> None:
    styles = mockup_styles(library)
    assert [style.slug for style in styles] == ["board", "cloth", "tin"]
    schema = mockup_style(library, "tin").schema()
    (face,) = schema["x-print"][""]["faces"]  # type: ignore[index]
    rows = np.array(face["grid"])
    assert rows.shape[0] >= 2
    # The lower rim of the middle lies under the upper one.
    assert rows[-1, 8, 1] > rows[0, 8, 1] + 100
    with pytest.raises(ParameterInvalid, match="Layout is one of"):
        styles[0].clean({"layout": "stretch"})


@pytest.mark.parametrize(
    ("layout", "expected"),
    [(Layout.FIT, (9.0, 9.0)), (Layout.FILL, (12.6, 12.6))],
)
def test_a_square_fits_within_its_margins_and_fills_with_bleed(
    layout: Layout, expected: tuple[float, float]
) -> None:
    face = synthetic_print_plate(side_px=64).info.slot.faces[0]
    laying = lay(face, Wish(layout), width=500, height=500)
    assert (laying.width_cm, laying.height_cm) == pytest.approx(expected)
    across, down = laying.matrix(face)
    assert across[0] * 0.5 + across[1] * 0.5 + across[2] == pytest.approx(0.5)
    assert down[0] * 0.5 + down[1] * 0.5 + down[2] == pytest.approx(0.5)


def test_smaller_copies_keep_the_mean() -> None:
    planes = torch.rand((4, 64, 48), generator=torch.Generator().manual_seed(3))
    levels = pyramid(planes)
    assert len(levels) >= 4
    torch.testing.assert_close(levels[2].mean(dim=(1, 2)), planes.mean(dim=(1, 2)))


def test_checks_that_compare_products_say_they_do_not_apply() -> None:
    good = Print(enlarged=1.0, cut=0.0, near_edge=False, repeats=False)
    findings = {f.check: f for f in check_print(good, width=2048, height=2048, channels=())}
    assert findings["colours"].verdict is Verdict.UNCHECKED
    assert findings["edges"].verdict is Verdict.UNCHECKED
    assert findings["product"].verdict is Verdict.PASS
    assert findings["resolution"].verdict is Verdict.PASS
    poor = Print(enlarged=4.0, cut=0.2, near_edge=True, repeats=False)
    findings = {f.check: f for f in check_print(poor, width=2048, height=2048, channels=())}
    assert findings["product"].verdict is Verdict.WARN
    assert "20%" in findings["product"].sentence
    assert findings["resolution"].verdict is Verdict.FAIL


def test_a_fold_between_two_prints_shows_no_line() -> None:
    cover = torch.zeros((4, 9, 9))
    cover[3] = 1
    cover[0, :, :4], cover[1, :, 5:] = 1, 1
    # The masks together miss a tenth of the pixels in the fold.
    cover[0, :, 4], cover[1, :, 4] = 0.5, 0.4
    share = share_of_object(cover)
    torch.testing.assert_close(cover[:2].sum(dim=0) / share, torch.ones((9, 9)))
    alone = torch.zeros((4, 9, 9))
    alone[0], alone[3] = 0.5, 1
    assert float(share_of_object(alone).min()) == 1
