"""What every check looks at: photo and result side by side, on one grid of pixels.

The result's product is compared with the photo's through the placement that put it there, in
linear light and with the compositor's own resampling, so that what differs is a difference in the
picture and not in how it was measured.
"""

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from PIL import Image

from inference.errors import PhotoUnreadable, ShapeMismatch
from inference.inspect.resolution import Sizes
from inference.inspect.scene import Scene
from inference.pixels.arrays import BoolMask, GreyU8, RgbU8
from inference.pixels.colour import linear_to_srgb, srgb_to_linear
from inference.pixels.resize import Axis, resample
from inference.requests import Box, CutoutSource, Measurements, PhotoSource
from inference.stages.decode import decode
from inference.stages.place import Placement
from inference.stages.prepare import read_alpha

# Longest side of the product on the grid: a repainted letter still covers several blocks, and all
# array checks together stay near a quarter of a second on one core.
GRID_SIDE_PX = 640
# Seen round the product, as a share of its longest side.
_RIM_SHARE = 0.06
_LEVELS = srgb_to_linear(torch.arange(256, dtype=torch.float32) / 255)


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the common grid lies: `grid = (output - left, top) * scale`, in output pixels."""

    left: float
    top: float
    scale: float
    width: int
    height: int

    def to_output(self, box: Box, frame: tuple[int, int]) -> Box:
        """A box of grid cells in output pixels, inside the frame (width, height)."""
        width, height = frame
        left = max(0, math.floor(self.left + box.left / self.scale))
        top = max(0, math.floor(self.top + box.top / self.scale))
        right = min(width, math.ceil(self.left + box.right / self.scale))
        bottom = min(height, math.ceil(self.top + box.bottom / self.scale))
        left, top = min(left, width - 1), min(top, height - 1)
        return Box(left, top, max(right, left + 1), max(bottom, top + 1))


@dataclass(frozen=True, slots=True)
class Evidence:
    """One result with the photo it was made from.

    `result` is (H, W, 3) uint8 sRGB; `photo` and `alpha` are the upright photo and its cutout at
    `photo_scale` of native size. `photo_view`, `result_view` (h, w, 3 uint8 sRGB) and `alpha_view`
    (h, w uint8) show the product on `grid`. `scene` is None where nobody knows the lamps.
    """

    result: RgbU8
    photo: RgbU8
    alpha: GreyU8
    photo_scale: float
    placement: Placement
    measurements: Measurements
    scene: Scene | None
    grid: Grid
    photo_view: RgbU8
    result_view: RgbU8
    alpha_view: GreyU8
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def frame(self) -> tuple[int, int]:
        """(width, height) of the result."""
        return self.result.shape[1], self.result.shape[0]

    def output_box(self, box: Box) -> Box:
        """A box on the grid in pixels of the result."""
        return self.grid.to_output(box, self.frame)

    @property
    def sizes(self) -> Sizes:
        """What the resolution is judged by."""
        return Sizes(self.frame, self.product_box(), self.placement.scale)

    def product_box(self) -> Box:
        """The subject's box in output pixels, not clipped to the frame."""
        subject, place = self.measurements.subject, self.placement
        return Box(
            math.floor(subject.left * place.scale + place.offset_x),
            math.floor(subject.top * place.scale + place.offset_y),
            math.ceil(subject.right * place.scale + place.offset_x),
            math.ceil(subject.bottom * place.scale + place.offset_y),
        )


@dataclass(frozen=True, slots=True)
class PhotoEvidence:
    """The photo's half, which stays the same for every result made from it."""

    photo: RgbU8
    alpha: GreyU8
    photo_scale: float
    measurements: Measurements


def read_photo(photo: PhotoSource, cutout: CutoutSource) -> PhotoEvidence:
    """Decode the photo and its cutout at native size.

    Raises:
        PhotoUnreadable: one of them cannot be decoded.
        ShapeMismatch: the cutout is not of the photo's size.
    """
    decoded = decode(photo.path)
    native = (decoded.native_width, decoded.native_height)
    height, width = decoded.rgb.shape[:2]
    alpha = read_alpha(cutout, size=(width, height), native_size=native)
    return PhotoEvidence(decoded.rgb, alpha, max(width, height) / max(native), cutout.measurements)


def read_result(data: bytes) -> RgbU8:
    """Decode a finished picture, (H, W, 3) uint8 sRGB.

    Raises:
        PhotoUnreadable: the bytes are not a picture.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            # A copy: torch wants arrays that may be written to.
            return np.array(image.convert("RGB"))
    except OSError as error:
        raise PhotoUnreadable("The finished picture could not be read.") from error


def gather(
    source: PhotoEvidence, result: RgbU8, placement: Placement, scene: Scene | None = None
) -> Evidence:
    """Bring photo and result onto one grid.

    Args:
        source: the photo's half.
        result: (H, W, 3) uint8 sRGB, the finished picture.
        placement: where photo pixels lie in it.
        scene: what is known of the backdrop and its lamps.

    Raises:
        ShapeMismatch: the result is not of the placement's frame.
    """
    height, width = result.shape[:2]
    if (width, height) != (placement.frame_width, placement.frame_height):
        raise ShapeMismatch(
            f"The result is {width} × {height} pixels, its placement says "
            f"{placement.frame_width} × {placement.frame_height}."
        )
    grid = _grid(source.measurements, placement)
    return Evidence(
        result=result,
        photo=source.photo,
        alpha=source.alpha,
        photo_scale=source.photo_scale,
        placement=placement,
        measurements=source.measurements,
        scene=scene,
        grid=grid,
        photo_view=_photo_on(grid, source, placement),
        result_view=_result_on(grid, result),
        alpha_view=_alpha_on(grid, source, placement),
    )


def _grid(measurements: Measurements, placement: Placement) -> Grid:
    """The product with a rim, as far as the frame shows it and the photo goes."""
    subject, place = measurements.subject, placement
    longest = max(subject.width, subject.height) * place.scale
    rim = _RIM_SHARE * longest
    left = max(0.0, place.offset_x, subject.left * place.scale + place.offset_x - rim)
    top = max(0.0, place.offset_y, subject.top * place.scale + place.offset_y - rim)
    right = min(
        float(place.frame_width),
        measurements.width * place.scale + place.offset_x,
        subject.right * place.scale + place.offset_x + rim,
    )
    bottom = min(
        float(place.frame_height),
        measurements.height * place.scale + place.offset_y,
        subject.bottom * place.scale + place.offset_y + rim,
    )
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    # Never finer than the photo: what enlarging invents is no evidence.
    scale = min(1.0, 1 / place.scale, GRID_SIDE_PX / max(right - left, bottom - top))
    width = max(1, math.floor((right - left) * scale))
    height = max(1, math.floor((bottom - top) * scale))
    return Grid(left, top, scale, width, height)


def _photo_on(grid: Grid, source: PhotoEvidence, placement: Placement) -> RgbU8:
    scale = placement.scale / source.photo_scale * grid.scale
    return _resampled(
        source.photo,
        grid,
        scale,
        (placement.offset_x - grid.left) * grid.scale,
        (placement.offset_y - grid.top) * grid.scale,
    )


def _result_on(grid: Grid, result: RgbU8) -> RgbU8:
    return _resampled(result, grid, grid.scale, -grid.left * grid.scale, -grid.top * grid.scale)


def _resampled(rgb: RgbU8, grid: Grid, scale: float, offset_x: float, offset_y: float) -> RgbU8:
    """(h, w, 3) uint8 sRGB on the grid, averaged in linear light; only what the grid shows."""
    reach = 3 * max(1.0, 1 / scale)
    left = max(0, math.floor(-offset_x / scale - reach))
    top = max(0, math.floor(-offset_y / scale - reach))
    right = math.ceil((grid.width - offset_x) / scale + reach)
    bottom = math.ceil((grid.height - offset_y) / scale + reach)
    crop = torch.from_numpy(np.ascontiguousarray(rgb[top:bottom, left:right].transpose(2, 0, 1)))
    planes = resample(
        _LEVELS[crop.int()],
        rows=Axis(grid.height, scale, offset_y + top * scale),
        columns=Axis(grid.width, scale, offset_x + left * scale),
    )
    encoded = linear_to_srgb(planes).mul_(255).add_(0.5).to(torch.uint8)
    return np.ascontiguousarray(encoded.permute(1, 2, 0).numpy())


def _alpha_on(grid: Grid, source: PhotoEvidence, placement: Placement) -> GreyU8:
    scale = placement.scale / source.photo_scale * grid.scale
    left = (grid.left - placement.offset_x) * grid.scale / scale
    top = (grid.top - placement.offset_y) * grid.scale / scale
    height, width = source.alpha.shape
    right = min(float(width), left + grid.width / scale)
    bottom = min(float(height), top + grid.height / scale)
    image = Image.fromarray(source.alpha).resize(
        (grid.width, grid.height),
        Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR,
        box=(max(0.0, left), max(0.0, top), right, bottom),
    )
    return np.asarray(image)


def shrunk(mask: BoolMask, radius: int) -> BoolMask:
    """The mask less a margin of `radius` pixels; the frame's edge takes nothing away."""
    return ~grown(~mask, radius)


def grown(mask: BoolMask, radius: int) -> BoolMask:
    """The mask and everything within `radius` pixels of it, in a square neighbourhood.

    Running sums make a wide margin as cheap as a narrow one.
    """
    if radius <= 0:
        return mask.copy()
    return _grown_along(_grown_along(mask, radius).T, radius).T


def _grown_along(mask: BoolMask, radius: int) -> BoolMask:
    """Grown along the columns."""
    height, width = mask.shape
    sums = np.zeros((height + 2 * radius + 1, width), dtype=np.int32)
    np.cumsum(mask, axis=0, dtype=np.int32, out=sums[radius + 1 : radius + 1 + height])
    sums[radius + 1 + height :] = sums[radius + height]
    return np.asarray(sums[2 * radius + 1 :] > sums[: -2 * radius - 1])


def box_of(mask: BoolMask) -> Box | None:
    """The tight box of a mask, None when it is empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        return None
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
