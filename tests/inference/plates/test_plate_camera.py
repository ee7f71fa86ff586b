"""The camera maps centimetres to pixels and back."""

import numpy as np
import pytest

from inference.plates.camera import Camera, look_at
from inference.plates.format import GroupKind, LightGroup
from inference.plates.light import irradiance


def _camera(pitch_deg: float = 18.0) -> Camera:
    angle = np.radians(pitch_deg)
    return look_at(
        position_cm=(0.0, 150 * float(np.sin(angle)), 150 * float(np.cos(angle))),
        target_cm=(0.0, 0.0, 0.0),
        field_of_view_deg=20,
        width_px=400,
        height_px=300,
    )


@pytest.mark.parametrize("pitch_deg", [0.0, 8.0, 30.0, 90.0])
def test_the_target_lies_in_the_middle_and_the_pitch_is_measured(pitch_deg: float) -> None:
    camera = _camera(pitch_deg)
    assert camera.pitch_deg == pytest.approx(pitch_deg, abs=1e-6)
    assert np.allclose(camera.project(np.zeros(3)), (200, 150, 150))


@pytest.mark.parametrize("pitch_deg", [8.0, 90.0])
def test_right_is_right_and_nearer_is_lower(pitch_deg: float) -> None:
    camera = _camera(pitch_deg)
    u, v, _ = camera.project(np.array([5.0, 0.0, 0.0]))
    assert u > 201
    assert v == pytest.approx(150)
    assert camera.project(np.array([0.0, 0.0, 5.0]))[1] > 150


def test_a_ray_through_a_pixel_hits_the_point_that_projects_there() -> None:
    camera = _camera()
    point = np.array([7.0, 3.0, -12.0])
    u, v, depth = camera.project(point)
    ray = camera.rays(np.array([u, v]))
    assert np.allclose(np.array(camera.position_cm) + depth * ray, point)


def test_the_ground_under_a_pixel_is_found_and_the_sky_is_not() -> None:
    camera = _camera(8.0)
    low, high = camera.on_plane(np.array([[200.0, 290.0], [200.0, -400.0]]), 0.0)
    assert low[1] == pytest.approx(0, abs=1e-9)
    assert np.isnan(high).all()


def test_another_picture_size_shows_the_same_view() -> None:
    camera = _camera()
    half = camera.scaled(200, 150)
    point = np.array([7.0, 3.0, -12.0])
    assert np.allclose(half.project(point)[:2] * 2, camera.project(point)[:2])
    assert half.focal_px == pytest.approx(camera.focal_px / 2)


def test_a_matrix_that_cannot_be_inverted_is_refused() -> None:
    row = (1.0, 0.0, 0.0, 0.0)
    with pytest.raises(ValueError, match="inverted"):
        Camera(4, 4, (row, row, row), (0.0, 0.0, 0.0), 10.0, 0.0)


def test_even_light_from_everywhere_gives_the_same_irradiance_to_all_normals() -> None:
    # Radiance 1 from all sides is irradiance π; its only coefficient is π / 0.282095.
    level = np.pi / 0.282095
    flat = ((level, level, level), *[(0.0, 0.0, 0.0)] * 8)
    sample = ((0.0, 1.0, 0.0, 10.0, 1.0, 1.0, 1.0),)
    group = LightGroup("sky", "Sky", GroupKind.ENVIRONMENT, 6500, (), sample, flat)
    normals = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.6, -0.8]])
    assert np.allclose(irradiance(group, normals), np.pi, atol=1e-5)
