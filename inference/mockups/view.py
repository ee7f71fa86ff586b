"""The part of a plate that a frame shows. The studio's page has the same rule, for dragging."""

from dataclasses import dataclass

from inference.mockups.format import PrintInfo


@dataclass(frozen=True, slots=True)
class Window:
    """A frame's rectangle in a plate: frame pixel x shows plate pixel `left + x · step`."""

    left: float
    top: float
    step: float
    width: int
    height: int


def window_of(info: PrintInfo, *, width: int, height: int, zoom: float) -> Window:
    """The largest rectangle of the frame's shape around the object, divided by `zoom`.

    Args:
        info: of the plate in hand, whatever its size.
        width: of the frame, pixels.
        height: of it.
        zoom: 1 shows as much as the plate has; more comes closer.
    """
    plate_w, plate_h = info.camera.width_px, info.camera.height_px
    step = min(plate_w / width, plate_h / height) / zoom
    x, y = info.slot.focus_px
    return Window(
        left=_edge(x, width * step, plate_w),
        top=_edge(y, height * step, plate_h),
        step=step,
        width=width,
        height=height,
    )


def _edge(middle: float, length: float, whole: int) -> float:
    return min(max(middle - length / 2, 0.0), max(whole - length, 0.0))
