"""Shadows in scenes end where things end, are fine where they are crisp, and never doubled."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from inference.plates.synthetic import synthetic_plate
from inference.requests import Box, CutoutSource, Measurements
from inference.scenes.casting import Detail, cast_shadows
from inference.scenes.enlarge import enlarged, enlargement
from inference.scenes.loaded import LoadedPlate, load_plate
from inference.scenes.own_shadow import with_own_shadow
from inference.scenes.view import ScenePlan, Wishes, plan_scene
from inference.scenes.volume import Volume, standing_volume

_MEASURED = Measurements(260, 240, Box(100, 60, 160, 180), (), 18.0, 60.0, 0.12)
_COARSE = Detail(product_px=84, map_px=80, lamps=16, sky=16, geometry_px=32)


def test_a_shadow_on_a_thing_ends_at_the_things_own_edge() -> None:
    kept = torch.ones(1, 16, 16)
    kept[:, :, :8] = 0.2
    depth = torch.full((16, 16), 90.0)
    depth[:, :8] = 60.0
    # The picture knows that the thing ends at column 34, half a coarse pixel beyond its geometry.
    picture = torch.full((3, 64, 64), 0.5)
    picture[:, :, :34] = torch.tensor([0.30, 0.32, 0.30]).view(3, 1, 1)
    plan = enlargement(kept, depth, picture)
    assert plan is not None
    shown = torch.ones(64, 64)
    shown[plan.rows, plan.columns] = plan.of(kept[0])
    assert float(shown[:, :34].max()) < 0.27
    assert float(shown[:, 34:].min()) > 0.93
    # Which is more than smoothness alone can do.
    assert float(enlarged(kept[0], (64, 64))[:, 30:38].std()) > 0.1


def test_on_one_surface_texture_does_not_shape_the_shadow() -> None:
    kept = torch.ones(1, 16, 16)
    kept[:, :, :8] = 0.2
    checks = (torch.arange(64)[:, None] // 2 + torch.arange(64) // 2) % 2
    picture = (0.2 + 0.6 * checks.float()).expand(3, 64, 64)
    plan = enlargement(kept, torch.full((16, 16), 90.0), picture)
    assert plan is not None
    assert plan.torn.numel() == 0
    rows = plan.of(kept[0])
    assert torch.allclose(rows, rows[:1].expand_as(rows), atol=1e-5)


def test_where_nothing_is_shaded_there_is_nothing_to_enlarge() -> None:
    assert enlargement(torch.ones(2, 8, 8), torch.ones(8, 8), torch.ones(3, 32, 32)) is None


def _standing() -> tuple[ScenePlan, LoadedPlate, Volume]:
    plate = synthetic_plate(width_px=256, height_px=256)
    plan = plan_scene(plate.info, _MEASURED, Wishes(0.5), frame_width=256, frame_height=256)
    alpha = np.zeros((256, 256), np.float32)
    alpha[60:160, 124:131] = 1
    volume = standing_volume(alpha, 1.0, plan.camera, 0.0, seed=0)
    assert volume is not None
    return plan, load_plate(plate, torch.device("cpu")), volume


def test_a_refined_shadow_is_as_if_cast_at_every_pixel() -> None:
    plan, plate, volume = _standing()
    whole = cast_shadows(volume, plan, plate, 0.3, replace(_COARSE, geometry_px=64)).kept
    refined = cast_shadows(volume, plan, plate, 0.3, replace(_COARSE, refines=True)).kept
    plain = cast_shadows(volume, plan, plate, 0.3, _COARSE).kept
    assert whole.shape == refined.shape == (2, 64, 64)
    assert plain.shape == (2, 32, 32)
    enlarged_plain = torch.stack([enlarged(plane, (64, 64)) for plane in plain])
    off = float((enlarged_plain - whole).abs().max())
    assert off > 0.15
    assert float((refined - whole).abs().max()) < 0.5 * off


def test_the_photos_own_shadow_deepens_a_drawn_one_only_where_it_is_deeper(tmp_path: Path) -> None:
    path = tmp_path / "shadow.png"
    Image.fromarray(np.full((240, 260), 153, np.uint8)).save(path)
    cutout = CutoutSource(tmp_path / "alpha.png", "0", _MEASURED, path)
    plan, _, _ = _standing()
    picture, everywhere = torch.full((3, 256, 256), 0.5), torch.ones(256, 256)
    drawn = everywhere.clone()
    drawn[:, :128] = 0.3
    shown = with_own_shadow(picture, cutout, plan, everywhere, drawn)
    bottom = round((60 + 120) * plan.placement.scale + plan.placement.offset_y)
    row = shown[0, bottom - 2]
    assert torch.allclose(row[60:120], torch.tensor(0.5), atol=1e-4)
    # Six tenths of the value in the file are a third of the light.
    assert torch.allclose(row[140:200], torch.tensor(0.5 * 0.6**2.2), atol=0.01)
    # High above the foot it is no shadow on the ground.
    assert float(shown[:, : bottom - 120].min()) == 0.5
