"""Labels for photos that have none: several networks asked several times, heard where all agree."""

from collections.abc import Sequence

import torch
from torch.nn import functional

from inference.training.trunk import Trunk

_SIDES = (256, 320, 416)
_MEAN = (0.485, 0.456, 0.406)
_DEVIATION = (0.229, 0.224, 0.225)
_OUT, _IN = 0.08, 0.92
_MOST_SPREAD = 0.16
_BATCH = 32
# A photo whose doubtful area is larger than this share of its subject teaches nothing.
MOST_UNSURE = 0.25
# A cut-out may be pasted anew only if hardly anything about it was doubtful.
MOST_UNSURE_TO_PASTE = 0.07


@torch.no_grad()
def labelled(
    teachers: Sequence[Trunk], photos: torch.Tensor, sizes: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ask every teacher at three sizes, plain and flipped.

    Args:
        teachers: networks of the U²-Net family; each has one voice.
        photos: (B, 3, C, C) uint8 sRGB on canvases, photo at the top left.
        sizes: (B, 2) width and height of each photo inside its canvas.

    Returns:
        (B, 1, C, C) uint8 mean matte; the same of certainty (255 sure, 0 not); and (B,) float32,
        the doubtful share of each subject.
    """
    mattes = torch.zeros_like(photos[:, :1])
    sure = torch.zeros_like(mattes)
    doubts = []
    for start in range(0, len(photos), _BATCH):
        which = range(start, min(start + _BATCH, len(photos)))
        windows = []
        for at in which:
            width, height = sizes[at].int().tolist()
            windows.append(photos[at : at + 1, :, :height, :width].float() / 255)
        heard = [_asked(teacher, windows) for teacher in teachers]
        for at, voices in zip(which, zip(*heard, strict=True), strict=True):
            answers = torch.cat(voices)
            mean, spread = answers.mean(0), answers.std(0)
            decided = ((mean < _OUT) | (mean > _IN)) & (spread < _MOST_SPREAD)
            height, width = mean.shape[-2:]
            mattes[at, :, :height, :width] = (mean * 255).round().byte()
            sure[at, :, :height, :width] = decided.byte() * 255
            doubts.append((~decided).float().sum() / (mean > 0.5).float().sum().clamp(min=1))
    return mattes, sure, torch.stack(doubts)


def _asked(trunk: Trunk, windows: list[torch.Tensor]) -> list[torch.Tensor]:
    """The teacher's answers on each (1, 3, H, W) window: (sizes x flips, 1, H, W)."""
    answers: list[list[torch.Tensor]] = [[] for _ in windows]
    mean = windows[0].new_tensor(_MEAN).view(1, 3, 1, 1)
    deviation = windows[0].new_tensor(_DEVIATION).view(1, 3, 1, 1)
    for side in _SIDES:
        small = torch.cat(
            [
                functional.interpolate(
                    window / window.amax().clamp(min=1e-3),
                    size=(side, side),
                    mode="bilinear",
                    antialias=True,
                )
                for window in windows
            ]
        )
        small = (small - mean) / deviation
        plain = torch.sigmoid(trunk(small))
        flipped = torch.sigmoid(trunk(small.flip(3))).flip(3)
        for at, window in enumerate(windows):
            size = int(window.shape[-2]), int(window.shape[-1])
            both = torch.cat([plain[at : at + 1], flipped[at : at + 1]])
            answers[at].append(functional.interpolate(both, size=size, mode="bilinear"))
    return [torch.cat(heard) for heard in answers]
