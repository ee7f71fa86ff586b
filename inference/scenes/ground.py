"""Mix a plate's lights, each under its own shadow, and develop what comes of it."""

from dataclasses import dataclass

import torch

from inference.pixels.colour import Plane, RgbLinear
from inference.plates.format import Tone
from inference.scenes.enlarge import Enlargement

# However deep a shadow, this share of what the plate shows stays: light finds its way round.
_LEAST = 0.08


@dataclass(frozen=True, slots=True)
class Shadows:
    """What the product takes from each group, at the geometry's size.

    `kept` is (G, h, w) float32, the share of each group's light that stays; `occlusion` is the
    contact map over the ground with its `extent` in cm, or None where nothing touches ground.
    """

    kept: torch.Tensor
    occlusion: torch.Tensor | None
    extent: tuple[float, float, float, float]

    @property
    def size_bytes(self) -> int:
        """Memory that it takes."""
        cells = 0 if self.occlusion is None else self.occlusion.numel()
        return (self.kept.numel() + cells) * 4


def mixed(
    pictures: torch.Tensor,
    gains: torch.Tensor,
    kept: torch.Tensor | None = None,
    strength: float = 1.0,
    plan: Enlargement | None = None,
) -> RgbLinear:
    """Sum the groups' pictures, each under its own shadow.

    Args:
        pictures: (G, C, H, W) float32, linear light, 0 and up; C is 3, or 4 with alpha last.
        gains: (G, 3) factors.
        kept: (G, h, w) share of light that stays, or None.
        strength: of the shadows, 0..1 and above for deeper ones.
        plan: how `kept` comes to the pictures' size; no shadows without.

    Returns:
        (3, H, W) float32, linear light.
    """
    total = torch.zeros_like(pictures[0, :3])
    for group in range(pictures.shape[0]):
        lit = pictures[group, :3] * gains[group].view(3, 1, 1)
        if kept is not None and plan is not None:
            lit[:, plan.rows, plan.columns] *= plan.of(_deepened(kept[group], strength))
        total += lit
    return total


def _deepened(kept: Plane, strength: float) -> Plane:
    if strength <= 1:
        return 1 - (1 - kept) * strength
    return kept.clamp(min=1e-3).pow(strength)


def soften_depths(shadowed: RgbLinear, clear: RgbLinear) -> RgbLinear:
    """Keep overlapping shadows from going black: darkness bends towards a floor, in place."""
    ratio = shadowed.sum(dim=0) / clear.sum(dim=0).clamp(min=1e-5)
    bent = torch.where(ratio < 2 * _LEAST, _LEAST + ratio * ratio / (4 * _LEAST), ratio)
    return shadowed.mul_((bent / ratio.clamp(min=1e-4)).clamp(1, 8)[None])


def toned(picture: RgbLinear, tone: Tone) -> RgbLinear:
    """The plate's tone curve: linear up to its knee, then a shoulder that never clips; in place."""
    knee = tone.knee
    if tone.exposure != 1:
        picture *= tone.exposure
    over = (picture - knee).clamp_(min=0)
    if not bool(over.any()):
        return picture
    shoulder = knee + (1 - knee) * (1 - torch.exp(over / (knee - 1)))
    return torch.where(picture > knee, shoulder, picture)
