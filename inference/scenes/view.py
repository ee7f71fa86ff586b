"""Which part of a plate the frame shows, and where in it the product goes."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inference.errors import ParameterInvalid
from inference.plates.camera import Camera, Row
from inference.plates.format import PlateInfo, Support
from inference.requests import Measurements
from inference.stages.framing import SNAP_TO_NATIVE, Framing, Placement, plan_placement

# Nearer than this, the plate's pixels show.
_CLOSEST = 2.2
# A shoe that spans as much of the width as a bottle of the height looks small beside it.
_WIDER = 1.25
# A product stays this share of the frame away from its upper and its lower edge.
_HEADROOM = 0.035
_FOOTROOM = 0.03


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a seller may say of size and place.

    `fill` is the share of the frame that the product spans where it is relatively longest;
    `height_cm` its real height, 0 when nobody said; shifts are shares of the frame, right and down.
    `nearer` crops the scene and the product in it: 1 shows as much as there is, 2 half of it.
    """

    fill: float
    height_cm: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    nearer: float = 1.0


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a plate that the frame shows: `plate = (left, top) + frame · step`, in pixels."""

    left: float
    top: float
    step: float


@dataclass(frozen=True, slots=True)
class ScenePlan:
    """One product in one plate.

    Attributes:
        info: the plate at its full size.
        window: in pixels of the full plate.
        camera: of the frame: frame pixels, the plate's centimetres.
        placement: photo pixels to frame pixels.
        is_standing: the base is in the picture, so the product touches ground.
    """

    info: PlateInfo
    window: Window
    camera: Camera
    placement: Placement
    is_standing: bool


def plan_scene(
    info: PlateInfo,
    measurements: Measurements,
    wishes: Wishes,
    *,
    frame_width: int,
    frame_height: int,
) -> ScenePlan:
    """Choose the frame's part of the plate and the product's size and place in it.

    Without a height nobody knows how large the product is: it then fills the frame as wished and
    its centimetres follow. With one, the camera goes nearer and the scene is taken as smaller or
    larger, as far as the plate allows, until the product's size is true to the scene.

    Raises:
        ParameterInvalid: a product of that height does not belong in this scene.
    """
    size = (frame_width, frame_height)
    zoom, fill = _zoom(info, measurements, wishes, size)
    nearer = min(wishes.nearer, _CLOSEST / zoom)
    zoom, fill = zoom * nearer, fill * nearer
    window = _window(info, zoom, size)
    camera = _frame_camera(info.camera, window, size)
    placement = _placed(info, measurements, wishes, fill, window, camera)
    is_standing = info.slot.support is not Support.NONE and "bottom" not in measurements.touches
    return ScenePlan(info, window, camera, placement, is_standing)


def _zoom(
    info: PlateInfo, measurements: Measurements, wishes: Wishes, size: tuple[int, int]
) -> tuple[float, float]:
    """How much nearer the camera goes, and the share of the frame that the product then spans."""
    if wishes.height_cm <= 0:
        return 1.0, wishes.fill
    room = info.slot.room
    smallest, largest = room.scale
    if wishes.height_cm > room.max_height_cm * largest:
        raise ParameterInvalid(
            "height_cm",
            f"{info.title} takes products up to {room.max_height_cm * largest:.0f} cm;"
            " choose a scene on the floor.",
        )
    box = measurements.subject
    step = min(info.camera.width_px / size[0], info.camera.height_px / size[1])
    true_px = wishes.height_cm * info.slot.px_per_cm / step
    wished_px = wishes.fill * _fit(box.width, box.height, size) * box.height
    zoom = min(_CLOSEST, max(1.0, wished_px / true_px))
    # What the camera cannot do, the scene's own size does, within what its textures bear.
    stretch = min(1 / smallest, max(1 / largest, wished_px / (true_px * zoom)))
    return zoom, wishes.fill * true_px * zoom * stretch / wished_px


def _fit(width: int, height: int, size: tuple[int, int]) -> float:
    """The scale at which a box fills the frame; a wide one may span more of it than a tall one."""
    return min(_WIDER * size[0] / max(1, width), size[1] / max(1, height))


def _window(info: PlateInfo, zoom: float, size: tuple[int, int]) -> Window:
    """The largest window of the frame's shape, `zoom` times nearer, around the stand point."""
    camera = info.camera
    step = min(camera.width_px / size[0], camera.height_px / size[1]) / zoom
    across, down = size[0] * step, size[1] * step
    u, v = info.slot.point_px
    left = (camera.width_px - across) * u / camera.width_px
    top = (camera.height_px - down) * v / camera.height_px
    return Window(left, top, step)


def _frame_camera(camera: Camera, window: Window, size: tuple[int, int]) -> Camera:
    first, second, third = (np.array(row) for row in camera.matrix)
    rows = (
        (first - window.left * third) / window.step,
        (second - window.top * third) / window.step,
        third,
    )
    return replace(
        camera,
        width_px=size[0],
        height_px=size[1],
        matrix=camera_matrix(rows),
        focal_px=camera.focal_px / window.step,
    )


def camera_matrix(rows: Iterable[NDArray[np.float64]]) -> tuple[Row, Row, Row]:
    """Three rows of four numbers as `Camera.matrix` holds them."""
    first, second, third = ((float(x), float(y), float(z), float(w)) for x, y, z, w in rows)
    return first, second, third


def _placed(
    info: PlateInfo,
    measurements: Measurements,
    wishes: Wishes,
    fill: float,
    window: Window,
    camera: Camera,
) -> Placement:
    box = measurements.subject
    size = (camera.width_px, camera.height_px)
    u = (info.slot.point_px[0] - window.left) / window.step
    v = (info.slot.point_px[1] - window.top) / window.step
    if "bottom" in measurements.touches:
        framing = Framing(fill, 0.5, wishes.shift_x, wishes.shift_y)
        return plan_placement(measurements, framing, frame_width=size[0], frame_height=size[1])
    scale = fill * _fit(box.width, box.height, size)
    lies = info.slot.support in (Support.FLAT_LAY, Support.NONE)
    # Wider than the place, it would hang over the plinth's edge or run into the props.
    widest = info.slot.room.max_width_cm * info.slot.px_per_cm / window.step
    scale = min(scale, widest / max(1, box.width))
    if not lies:
        # Higher than the stand point allows, the product would leave the frame.
        scale = min(scale, (v + _sag(measurements) * scale - _HEADROOM * size[1]) / box.height)
    scale = 1.0 if abs(scale - 1.0) < SNAP_TO_NATIVE else scale
    v += wishes.shift_y * size[1]
    u += wishes.shift_x * size[0]
    if not lies:
        v = _on_ground(info, camera, u, v)
    left = u - box.width * scale / 2
    top = v - box.height * scale / 2 if lies else v - (box.height - _sag(measurements)) * scale
    if not lies:
        top = min(top, size[1] * (1 - _FOOTROOM) - box.height * scale)
    left = _kept_at_edge(left, box.width * scale, size[0], ("left", "right"), measurements.touches)
    offset_x, offset_y = left - box.left * scale, top - box.top * scale
    if scale == 1.0:
        offset_x, offset_y = float(round(offset_x)), float(round(offset_y))
    return Placement(size[0], size[1], scale, offset_x, offset_y)


def _sag(measurements: Measurements) -> float:
    """How far, in photo pixels, the base's front lies below its middle."""
    pitch = math.radians(min(45.0, max(0.0, measurements.pitch_deg)))
    depth = min(measurements.base_width_px, 0.8 * measurements.subject.height)
    return 0.5 * depth * math.sin(pitch)


def _on_ground(info: PlateInfo, camera: Camera, u: float, v: float) -> float:
    """The row nearest to `v` at which the ground still lies in the scene's room."""
    slot = info.slot
    assert slot.ground is not None
    reach = slot.room.max_depth_cm / 2
    point = np.array(slot.point_cm)
    towards_viewer = np.array([0.0, 0.0, reach])
    far = camera.project(point - towards_viewer)
    near = camera.project(point + towards_viewer)
    return float(np.clip(v, far[1], max(near[1], far[1])))


def _kept_at_edge(
    start: float, length: float, frame: int, sides: tuple[str, str], touches: tuple[str, ...]
) -> float:
    """A product that the photo cuts off must not float: the cut lies on the frame's edge."""
    leading, trailing = (side in touches for side in sides)
    if leading and trailing:
        return min(0.0, max(frame - length, start))
    if leading:
        return min(0.0, start)
    return max(frame - length, start) if trailing else start
