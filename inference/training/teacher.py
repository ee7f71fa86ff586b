"""Labels for photos that have none: U²-Net-p, asked several times, and heard only where it is sure."""

import torch
from torch.nn import functional

from inference.training.trunk import Trunk

_SIDES = (256, 320, 416)
_MEAN = (0.485, 0.456, 0.406)
_DEVIATION = (0.229, 0.224, 0.225)
_OUT, _IN = 0.08, 0.92
_MOST_SPREAD = 0.12
# A photo whose doubtful area is larger than this share of its subject teaches nothing.
MOST_UNSURE = 0.25
# A cut-out may be pasted anew only if hardly anything about it was doubtful.
MOST_UNSURE_TO_PASTE = 0.07


@torch.no_grad()
def labelled(
    trunk: Trunk, photos: torch.Tensor, sizes: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ask the teacher at three sizes, plain and flipped.

    Args:
        trunk: the teacher.
        photos: (B, 3, C, C) uint8 sRGB on canvases, photo at the top left.
        sizes: (B, 2) width and height of each photo inside its canvas.

    Returns:
        (B, 1, C, C) uint8 mean matte; the same of certainty (255 sure, 0 not); and (B,) float32,
        the doubtful share of each subject.
    """
    mattes = torch.zeros_like(photos[:, :1])
    sure = torch.zeros_like(mattes)
    doubts = []
    for at, (width, height) in enumerate(sizes.int().tolist()):
        mean, spread = _asked(trunk, photos[at : at + 1, :, :height, :width])
        decided = ((mean < _OUT) | (mean > _IN)) & (spread < _MOST_SPREAD)
        mattes[at, :, :height, :width] = (mean[0] * 255).round().byte()
        sure[at, :, :height, :width] = decided[0].byte() * 255
        doubts.append((~decided).float().sum() / (mean > 0.5).float().sum().clamp(min=1))
    return mattes, sure, torch.stack(doubts)


def _asked(trunk: Trunk, photo: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    pixels = photo.float() / 255
    pixels = pixels / pixels.amax().clamp(min=1e-3)
    mean = pixels.new_tensor(_MEAN).view(1, 3, 1, 1)
    deviation = pixels.new_tensor(_DEVIATION).view(1, 3, 1, 1)
    answers = []
    for side in _SIDES:
        small = functional.interpolate(
            pixels, size=(side, side), mode="bilinear", antialias=True
        )
        small = (small - mean) / deviation
        both = torch.sigmoid(trunk(torch.cat([small, small.flip(3)])))
        both = torch.cat([both[:1], both[1:].flip(3)])
        size = photo.shape[-2], photo.shape[-1]
        answers.append(functional.interpolate(both, size=size, mode="bilinear"))
    heard = torch.cat(answers)
    return heard.mean(0, keepdim=True), heard.std(0, keepdim=True)
