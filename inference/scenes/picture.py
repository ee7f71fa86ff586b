"""A plate under one look: what the frame shows of it, with shadows, reflection and foreground."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch.nn import functional

from inference.pixels.colour import Plane, RgbaLinear, RgbLinear, hex_to_linear
from inference.pixels.resize import Axis, Kernel, resample
from inference.plates.format import Support
from inference.requests import ParameterValue
from inference.scenes.enlarge import enlarged, enlarged_part, enlargement
from inference.scenes.focus import defocused
from inference.scenes.ground import Shadows, mixed, soften_depths, toned
from inference.scenes.lamps import gains_of
from inference.scenes.loaded import LoadedPlate
from inference.scenes.mirror import mirrored
from inference.scenes.view import ScenePlan
from inference.scenes.volume import Volume
from inference.styles.scene import LIGHT_PREFIX

Params = Mapping[str, ParameterValue]

_CONTACT = 0.9
# What lies flat touches all along its outline: as much as a foot's would draw a halo round it.
_CONTACT_LYING = 0.15
# Edges are repeated this far, since outside its input a resample reads nothing.
_BLEED_PX = 4


@dataclass(frozen=True, slots=True)
class ScenePicture:
    """A plate under one look: what the frame shows of it, with and without the product."""

    plan: ScenePlan
    plate: LoadedPlate
    params: Params

    @property
    def gains(self) -> dict[str, tuple[float, float, float]]:
        """Factors on each group's light."""
        levels = {
            name.removeprefix(LIGHT_PREFIX): float(value) / 100
            for name, value in self.params.items()
            if name.startswith(LIGHT_PREFIX)
        }
        return gains_of(self.plan.info.groups, levels, number(self.params, "warmth") / 100)

    def picture(self, shadows: Shadows | None) -> RgbLinear:
        """(3, H, W) what the frame shows, shadows in, tone applied; linear light, 0..1."""
        return self.shaded(shadows)[0]

    def shaded(self, shadows: Shadows | None) -> tuple[RgbLinear, Plane]:
        """What the frame shows, and what its shadow left.

        Returns:
            (3, H, W) linear light, 0..1, shadows in, tone applied; and (H, W) the share of the
            light that the drawn shadow left, 0..1.
        """
        gains = self._gain_rows()
        pictures = self.plate.pictures
        clear = mixed(pictures, gains)
        strength = number(self.params, "shadow") / 100
        lies = self.plan.info.slot.support is Support.FLAT_LAY
        contact = (_CONTACT_LYING if lies else _CONTACT) * min(1.3, strength)
        lit, left = clear, clear.new_ones((1, 1))
        if shadows is not None and strength > 0:
            plan = enlargement(shadows.kept, self.plate.depth, clear)
            lit = mixed(pictures, gains, shadows.kept, strength, plan)
            lit = self._with_contact(lit, shadows, contact)
            lit = soften_depths(lit, clear)
            left = lit.sum(dim=0) / clear.sum(dim=0).clamp(min=1e-5)
        tint = lit.new_tensor(hex_to_linear(str(self.params["tint"]))).view(3, 1, 1)
        lit = lit * tint if float(tint.min()) < 1 else lit
        depth = float(self.plan.info.camera.project(np.array(self.plan.info.slot.point_cm))[2])
        blurred = defocused(
            lit,
            self.plate.depth,
            focus_cm=depth,
            strength=number(self.params, "depth_of_field") / 100,
        )
        shown = toned(self._framed(blurred), self.plan.info.tone).clamp(0, 1)
        if left.numel() > 1:
            left = self._framed(left[None])[0].clamp(0, 1)
        return shown, left

    def front(self) -> RgbaLinear | None:
        """(4, H, W) premultiplied: what stands before the product, or None."""
        if self.plate.fronts is None:
            return None
        colour = mixed(self.plate.fronts, self._gain_rows())
        laid = self._framed(torch.cat([colour, self.plate.fronts[0, 3:]])).clamp(min=0)
        alpha = laid[3:].clamp(max=1)
        # Toned as if opaque, so that a translucent edge has the colour of what it belongs to.
        bare = toned(laid[:3] / alpha.clamp(min=1e-3), self.plan.info.tone)
        return torch.cat([bare.clamp(0, 1) * alpha, alpha])

    def ground(self) -> Plane:
        """(H, W) 1 where the frame shows the plane that the product stands on."""
        size = (int(self.plate.pictures.shape[2]), int(self.plate.pictures.shape[3]))
        return self._framed(enlarged(self.plate.ground, size)[None])[0].clamp(0, 1)

    def with_reflection(
        self, picture: RgbLinear, placed: RgbaLinear, volume: Volume, step: float
    ) -> RgbLinear:
        """The ground's mirror image of the product laid over it."""
        slot = self.plan.info.slot
        strength = number(self.params, "reflection") / 100 if "reflection" in self.params else 0
        if slot.ground is None or strength <= 0:
            return picture
        return mirrored(
            picture,
            placed,
            volume.stance,
            step,
            self.plan.camera,
            slot.ground,
            self.ground(),
            strength,
        )

    def _gain_rows(self) -> torch.Tensor:
        gains = self.gains
        rows = [gains[group.name] for group in self.plan.info.groups]
        return self.plate.pictures.new_tensor(rows)

    def _with_contact(self, lit: RgbLinear, shadows: Shadows, strength: float) -> RgbLinear:
        if shadows.occlusion is None or strength <= 0:
            return lit
        size = (int(lit.shape[1]), int(lit.shape[2]))
        rows, columns = self._reach(shadows.extent, size)
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return lit
        where = enlarged_part(
            torch.cat([self.plate.position.permute(2, 0, 1), self.plate.ground[None]]),
            size,
            rows,
            columns,
        )
        least_x, least_z, most_x, most_z = shadows.extent
        across = (where[0] - least_x) / (most_x - least_x) * 2 - 1
        away = (where[2] - least_z) / (most_z - least_z) * 2 - 1
        grid = torch.stack([across, away], dim=-1)[None]
        dark = functional.grid_sample(shadows.occlusion[None, None], grid, align_corners=False)[
            0, 0
        ]
        part = lit[:, rows, columns]
        lit[:, rows, columns] = part * (1 - strength * dark * where[3])[None]
        return lit

    def _reach(
        self, extent: tuple[float, float, float, float], size: tuple[int, int]
    ) -> tuple[slice, slice]:
        """The plate's rows and columns on which the contact map can lie."""
        ground = self.plan.info.slot.ground
        assert ground is not None
        x0, z0, x1, z1 = extent
        corners = np.array([[x, ground.height_cm, z] for x in (x0, x1) for z in (z0, z1)])
        seen = self.plate.info.camera.project(corners)
        low, high = np.floor(seen[:, :2].min(axis=0)), np.ceil(seen[:, :2].max(axis=0))
        left, top = (int(max(0, value - 2)) for value in low)
        right, bottom = (
            int(min(limit, value + 2)) for value, limit in zip(high, size[::-1], strict=True)
        )
        return slice(top, max(top, bottom)), slice(left, max(left, right))

    def _framed(self, planes: torch.Tensor) -> torch.Tensor:
        """Cut the frame's window out of planes of the plate's picture size."""
        plan = self.plan
        # The plate in hand may be smaller than the full one that the window is given in.
        factor = planes.shape[2] / plan.info.camera.width_px
        step = plan.window.step * factor
        left, top = plan.window.left * factor, plan.window.top * factor
        width, height = plan.placement.frame_width, plan.placement.frame_height
        if step == 1 and planes.shape[1:] == (height, width):
            return planes
        rows = Axis(height, 1 / step, -top / step)
        columns = Axis(width, 1 / step, -left / step)
        bled = _bled(planes)
        rows = replace(rows, offset=rows.offset - _BLEED_PX / step)
        columns = replace(columns, offset=columns.offset - _BLEED_PX / step)
        return resample(bled, rows=rows, columns=columns, kernel=Kernel.LANCZOS)


def _bled(planes: torch.Tensor) -> torch.Tensor:
    pads = (_BLEED_PX,) * 4
    return functional.pad(planes[None], pads, mode="replicate")[0]


def number(params: Params, name: str) -> float:
    """A slider's value."""
    return float(params[name])
