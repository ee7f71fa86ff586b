"""Every authored scene is sound before it is baked; none of this needs Mitsuba."""

from pathlib import Path

import numpy as np
import pytest

from inference.plates.authoring.bake import write_small
from inference.plates.authoring.lights import Sky, Softbox, kelvin_rgb, sky_directions
from inference.plates.authoring.noise import noise
from inference.plates.authoring.probe import (
    PROBE_SIDE_PX,
    cube_rays,
    direction_samples,
    irradiance_harmonics,
)
from inference.plates.authoring.scene import Scene
from inference.plates.authoring.scenes import all_scenes
from inference.plates.authoring.session import BakeOrder, ordered_views, run_session
from inference.plates.authoring.shapes import Mesh, lathe, rounded_box
from inference.plates.files import read_plate, write_plate
from inference.plates.format import Support, Surface
from inference.plates.light import harmonics
from inference.plates.plate import Plate
from inference.plates.synthetic import synthetic_plate

SCENES = list(all_scenes().values())


def test_there_are_scenes_for_every_kind_of_support() -> None:
    assert len(SCENES) >= 14
    supports = [scene.support for scene in SCENES]
    assert supports.count(Support.FLAT_LAY) >= 3
    assert supports.count(Support.FLOOR) >= 2
    assert Support.NONE in supports
    assert sum(len(scene.views) for scene in SCENES) >= 40


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.slug)
def test_a_scene_leaves_room_for_the_product_and_frames_it(scene: Scene) -> None:
    for view in scene.views:
        stage = scene.build(view)
        names = [lighting.name for lighting in stage.lighting]
        assert len(set(names)) == len(names)
        assert any(lighting.sky is not None for lighting in stage.lighting)
        surfaces = {piece.surface for piece in stage.pieces}
        assert (Surface.GROUND in surfaces) == (scene.support is not Support.NONE)
        camera = view.camera(1000)
        u, v, depth = camera.project(np.array(scene.point_cm))
        assert 400 < u < 600
        assert 350 < v < 850
        if scene.support is not Support.FLAT_LAY:
            share = 0.5 if scene.support is Support.NONE else 1.0
            rise = np.array([0, scene.room.max_height_cm * share, 0])
            top = camera.project(np.array(scene.point_cm) + rise)
            assert top[1] > -0.12 * camera.height_px
        wide = scene.room.max_width_cm * camera.focal_px / depth
        assert wide < 1000
        for piece in stage.pieces:
            if piece.surface is Surface.PROP:
                assert not _is_inside_room(scene, piece.mesh.vertices)


def _is_inside_room(scene: Scene, vertices: np.ndarray) -> bool:
    x, _, z = np.abs(vertices - np.array(scene.point_cm)).T
    above = vertices[:, 1] > scene.point_cm[1] + 0.8
    half_width, half_depth = scene.room.max_width_cm / 2, scene.room.max_depth_cm / 2
    return bool(((x < half_width * 0.9) & (z < half_depth * 0.9) & above).any())


def test_a_lamp_gives_the_level_asked_for_at_its_target() -> None:
    lamp = Softbox((-60, 80, 50), (0, 0, 0), 40, 30, level=2.0, kelvin=5600)
    centres, _ = lamp.patches(400)
    distance = np.linalg.norm(centres, axis=1)
    cosine = (-centres / distance[:, None]) @ lamp.axes()[2]
    area = lamp.width * lamp.height / len(centres)
    got = (cosine * area / distance**2).sum() * lamp.radiance()
    assert got @ (0.2126, 0.7152, 0.0722) == pytest.approx(2.0, rel=0.02)


def test_the_first_samples_of_a_lamp_cover_all_of_it() -> None:
    lamp = Softbox((0, 100, 0), (0, 0, 0), 60, 60, level=1.0)
    centres, _ = lamp.patches(28)
    assert np.abs(centres[:8, [0, 2]].mean(axis=0)).max() < 8
    assert np.ptp(centres[:8, 0]) > 35


def test_warm_lamps_are_redder_than_the_white_point_and_cool_ones_bluer() -> None:
    warm, white, cool = kelvin_rgb(3000), kelvin_rgb(5600), kelvin_rgb(8000)
    assert warm[0] > warm[1] > warm[2]
    assert np.allclose(white, 1)
    assert cool[2] > cool[0]


def test_a_sky_gives_level_ground_its_level() -> None:
    sky = Sky(0.8, bright_side=(1.0, 0.4, 0.0), lobe=3.0)
    picture, ways = sky.picture(64), sky_directions(64)
    solid = np.sqrt(1 - ways[..., 1] ** 2) * (np.pi / 64) ** 2
    total = (picture.mean(axis=-1) * np.maximum(ways[..., 1], 0) * solid).sum()
    assert total == pytest.approx(0.8, rel=0.05)


def test_probe_samples_and_harmonics_carry_the_light_of_the_cube() -> None:
    rays, solid = cube_rays(PROBE_SIDE_PX)
    assert solid.sum() == pytest.approx(4 * np.pi, rel=0.01)
    radiance = (1 + np.maximum(rays @ (0.6, 0.8, 0.0), 0) ** 4)[..., None] * np.ones(3)
    faces = [face.astype(np.float32) for face in radiance]
    arriving = (radiance * solid[..., None]).reshape(-1, 3)
    up = np.array([[0.0, 1.0, 0.0]])
    exact = (arriving[:, 0] * np.maximum(rays.reshape(-1, 3)[:, 1], 0)).sum()
    coefficients = irradiance_harmonics(rays.reshape(-1, 3), arriving)
    assert (harmonics(up) @ coefficients)[0, 0] == pytest.approx(exact, rel=0.03)
    samples = np.array(direction_samples(faces, 64))
    assert np.allclose(np.linalg.norm(samples[:, :3], axis=1), 1)
    assert (samples[:, 4] * samples[:, 1]).sum() == pytest.approx(exact, rel=0.03)


def test_noise_is_seeded_and_tiles() -> None:
    first = noise(5, falloff=3, shape=(64, 64))
    assert np.array_equal(first, noise(5, falloff=3, shape=(64, 64)))
    assert not np.array_equal(first, noise(6, falloff=3, shape=(64, 64)))
    seam = np.abs(first[:, 0] - first[:, -1]).mean()
    assert seam < 2 * np.abs(np.diff(first, axis=1)).mean()


@pytest.mark.parametrize(
    "mesh",
    [rounded_box(20, 6, 12, 0.5), lathe([(0.0, 0.0), (4.0, 0.5), (5.0, 3.0), (0.0, 6.0)])],
)
def test_faces_are_wound_the_way_their_normals_point(mesh: Mesh) -> None:
    faces = mesh.outward_faces()
    a, b, c = (mesh.vertices[faces[:, corner]] for corner in range(3))
    facing = (np.cross(b - a, c - a) * mesh.normals[faces].sum(axis=1)).sum(axis=1)
    assert (facing >= -1e-9).all()


def test_a_session_begins_with_one_view_of_every_scene(tmp_path: Path) -> None:
    order = BakeOrder((), True, None, 64, 1, tmp_path, None, False)
    views = ordered_views(order)
    first = [scene.slug for scene, _ in views[: len(SCENES)]]
    assert sorted(first) == sorted(scene.slug for scene in SCENES)
    assert len(views) == sum(len(scene.views) for scene in SCENES)


def test_a_session_skips_plates_that_are_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_plate(tmp_path / "floating-0", synthetic_plate(slug="floating-0"))
    order = BakeOrder(("floating",), False, "no_such_variant", 64, 1, tmp_path, None, False)
    # Nothing is left to bake, so the variant is never started.
    assert run_session(order) == 0
    assert "1 of 1 plates are there already" in capsys.readouterr().out


def test_a_plate_that_is_too_heavy_is_written_more_coarsely(tmp_path: Path) -> None:
    plate = synthetic_plate(width_px=256, height_px=256)
    generator = np.random.default_rng(7)
    grain = generator.uniform(0.2, 0.8, (256, 256, 3)).astype(np.float32)
    noisy = Plate(plate.info, {"key": grain, "sky": grain}, plate.geometry)
    fine = write_small(tmp_path / "fine", noisy, most_bytes=10_000_000)
    coarse = write_small(tmp_path / "coarse", noisy, most_bytes=fine // 2)
    assert coarse < fine
    assert read_plate(tmp_path / "coarse").pictures["key"].mean() == pytest.approx(0.5, abs=0.02)
