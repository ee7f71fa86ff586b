"""A plate survives its files, and files that break the format are refused with a reason."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest

from inference.errors import PlateInvalid, PlateMissing, ShapeMismatch
from inference.plates.files import INFO_NAME, PICTURES_NAME, read_info, read_plate, write_plate
from inference.plates.format import Support, Surface
from inference.plates.plate import NOTHING_DEPTH_CM, Geometry, Plate
from inference.plates.synthetic import synthetic_plate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A written plate."""
    write_plate(tmp_path / "synthetic-18", synthetic_plate())
    return tmp_path / "synthetic-18"


def _change(folder: Path, change: Any) -> None:  # a small lambda over the JSON
    path = folder / INFO_NAME
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))


def test_pictures_and_geometry_survive_the_files(tmp_path: Path) -> None:
    plate = synthetic_plate(width_px=90, height_px=70, has_front=True)
    write_plate(tmp_path / "p", plate)
    again = read_plate(tmp_path / "p")
    for name, picture in plate.pictures.items():
        assert np.abs(again.pictures[name] - picture).max() < 0.004
        assert np.abs(again.front[name] - plate.front[name]).max() < 0.02
    assert np.array_equal(again.geometry.surface, plate.geometry.surface)
    assert np.abs(again.geometry.position - plate.geometry.position).max() < 0.01
    assert np.allclose(again.geometry.normal, plate.geometry.normal, atol=1e-6)
    assert np.allclose(again.geometry.depth, plate.geometry.depth, rtol=1e-5)


def test_the_description_survives_within_seven_digits(folder: Path) -> None:
    plate, again = synthetic_plate(), read_info(folder)
    assert again.slot.support is Support.TABLE
    assert again.tags == plate.info.tags
    assert again.groups[0].name == "key"
    assert np.allclose(again.camera.matrix, plate.info.camera.matrix, rtol=1e-6)
    assert np.allclose(again.groups[0].points, plate.info.groups[0].points, rtol=1e-6)
    assert np.allclose(again.groups[1].directions, plate.info.groups[1].directions, rtol=1e-6)


def test_slanted_normals_are_kept_within_a_degree(tmp_path: Path) -> None:
    plate = synthetic_plate()
    generator = np.random.default_rng(5)
    normal = generator.normal(size=plate.geometry.normal.shape)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    old = plate.geometry
    geometry = Geometry(old.position, normal.astype(np.float32), old.surface, old.depth)
    write_plate(tmp_path / "p", Plate(plate.info, plate.pictures, geometry))
    cosine = (read_plate(tmp_path / "p").geometry.normal * normal).sum(axis=-1)
    assert np.degrees(np.arccos(np.clip(cosine, -1, 1))).max() < 0.9


def test_where_nothing_is_hit_the_depth_is_very_far(tmp_path: Path) -> None:
    plate = synthetic_plate()
    old = plate.geometry
    surface = old.surface.copy()
    surface[:2] = Surface.NOTHING
    write_plate(
        tmp_path / "p",
        Plate(plate.info, plate.pictures, Geometry(old.position, old.normal, surface, old.depth)),
    )
    again = read_plate(tmp_path / "p").geometry
    assert (again.depth[:2] == NOTHING_DEPTH_CM).all()
    assert (again.depth[2:] < 1000).all()


def test_bright_lamps_and_shadows_keep_their_ratio(tmp_path: Path) -> None:
    plate = synthetic_plate()
    ramp = np.tile(np.geomspace(0.002, 40, 64, dtype=np.float32)[None, :, None], (64, 1, 3))
    write_plate(tmp_path / "p", Plate(plate.info, {"key": ramp, "sky": ramp}, plate.geometry))
    again = read_plate(tmp_path / "p").pictures["key"]
    assert np.abs(again / ramp - 1).mean() < 0.05


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda r: r.update(schema=2), "schema 2"),
        (lambda r: r.update(kind="teapot"), "teapot"),
        (lambda r: r.update(colour="red"), "colour is not a field"),
        (lambda r: r["camera"].pop("focal_px"), "camera.focal_px is missing"),
        (lambda r: r["camera"].update(focal_px="long"), "camera.focal_px must be a number"),
        (lambda r: r["camera"].update(focal_px=float("nan")), "camera.focal_px must be finite"),
        (lambda r: r["camera"].update(focal_px=-3), "focal length"),
        (lambda r: r["camera"]["matrix"].pop(), "camera.matrix has 2 entries; it takes 3"),
        (lambda r: r["slot"].update(support="ceiling"), "slot.support is 'ceiling'"),
        (lambda r: r["slot"].update(ground=None), "do not agree"),
        (lambda r: r["slot"]["ground"].update(roughness=1.5), "roughness is 1.5"),
        (lambda r: r["slot"]["room"].update(scale=[2, 3]), "does not hold 1"),
        (lambda r: r["groups"][0].update(irradiance=[]), "irradiance has 0"),
        (lambda r: r["groups"][0]["points"][3].pop(), r"groups[0].points[3] has 6 entries"),
        (lambda r: r["groups"].clear(), "at least one light group"),
        (lambda r: r["groups"][1].update(name="key"), "same name"),
        (lambda r: r.update(tone={"exposure": 0}), "exposure"),
        (lambda r: r["bake"].update(samples=1.5), "bake.samples must be a whole number"),
    ],
)
def test_a_wrong_description_is_refused_by_name(folder: Path, change: Any, complaint: str) -> None:
    _change(folder, change)
    with pytest.raises(PlateInvalid) as refusal:
        read_plate(folder)
    assert complaint in str(refusal.value)
    assert INFO_NAME in str(refusal.value)


def test_text_that_is_not_json_is_refused(folder: Path) -> None:
    (folder / INFO_NAME).write_text("{")
    with pytest.raises(PlateInvalid, match="not JSON"):
        read_info(folder)


@pytest.mark.parametrize("name", [INFO_NAME, PICTURES_NAME])
def test_a_plate_with_only_one_of_its_files_is_missing(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(PlateMissing, match=name):
        read_plate(folder)


def test_a_truncated_picture_file_is_refused(folder: Path) -> None:
    path = folder / PICTURES_NAME
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(PlateInvalid, match=PICTURES_NAME):
        read_plate(folder)


def test_a_missing_part_is_named(folder: Path) -> None:
    with OpenEXR.File(str(folder / PICTURES_NAME)) as file:
        kept = [part for part in file.parts if part.name() != "share.key"]
        OpenEXR.File(kept).write(str(folder / "other.exr"))
    (folder / "other.exr").replace(folder / PICTURES_NAME)
    with pytest.raises(PlateInvalid, match=r"share\.key"):
        read_plate(folder)


def test_pictures_of_another_size_than_the_camera_are_refused(folder: Path) -> None:
    _change(folder, lambda record: record["camera"].update(width_px=128))
    with pytest.raises(PlateInvalid, match=r"camera|geometry"):
        read_plate(folder)


def test_a_plate_cannot_be_made_without_a_picture_of_every_group() -> None:
    plate = synthetic_plate()
    with pytest.raises(ShapeMismatch, match="key"):
        Plate(plate.info, {"key": plate.pictures["key"]}, plate.geometry)


def test_gains_dim_one_group_and_leave_the_others() -> None:
    plate = synthetic_plate()
    dimmed = plate.mixed({"key": 0.0})
    assert np.allclose(dimmed, plate.pictures["sky"])
    assert np.allclose(plate.mixed(), plate.pictures["key"] + plate.pictures["sky"])


def test_groups_keep_their_own_shadows_and_add_up_to_the_scene(tmp_path: Path) -> None:
    plate = synthetic_plate(width_px=128, height_px=128)
    generator = np.random.default_rng(3)
    texture = generator.uniform(0.4, 0.6, (128, 128, 1)).astype(np.float32)
    lamp = np.ones((128, 128, 3), np.float32)
    lamp[:, 64:] = 0.02
    pictures = {"key": texture * lamp, "sky": texture * np.array([0.2, 0.25, 0.3], np.float32)}
    write_plate(tmp_path / "p", Plate(plate.info, pictures, plate.geometry), dwa_level=10)
    again = read_plate(tmp_path / "p")
    assert np.abs(again.mixed() - (pictures["key"] + pictures["sky"])).mean() < 0.004
    for name, picture in pictures.items():
        away = np.abs(again.pictures[name] - picture)
        # Beside the shadow's edge the shares blend over two pixels; elsewhere they are true.
        away[:, 61:67] = 0
        assert away.max() < 0.06
        assert away.mean() < 0.006


def test_a_plate_may_also_hold_every_picture_whole(tmp_path: Path) -> None:
    plate = synthetic_plate()
    write_plate(tmp_path / "p", plate)
    path = tmp_path / "p" / PICTURES_NAME
    with OpenEXR.File(str(path)) as file:
        geometry = [part for part in file.parts if part.name() == "geometry"]
        window = file.parts[0].header["displayWindow"]
        header = {"type": OpenEXR.scanlineimage, "dataWindow": window, "displayWindow": window}
        whole = [
            OpenEXR.Part(dict(header), {"RGB": picture.astype(np.float16)}, f"light.{name}")
            for name, picture in plate.pictures.items()
        ]
        OpenEXR.File([*whole, *geometry]).write(str(tmp_path / "whole.exr"))
    (tmp_path / "whole.exr").replace(path)
    again = read_plate(tmp_path / "p")
    assert np.allclose(again.pictures["sky"], plate.pictures["sky"], atol=1e-3)
