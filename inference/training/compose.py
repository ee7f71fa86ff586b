"""Training examples made on the GPU: products on new ground, video frames, labelled photos."""

import math
from dataclasses import dataclass

import torch
from torch.nn import functional

from inference.training.augment import blurred, drawn_between, photographed, some
from inference.training.bank import Bank, Pictures

_FRAME_SHARE, _PHOTO_SHARE = 0.14, 0.30
_SECOND_PRODUCT_SHARE = 0.15
_FRAME_EDGE_WEIGHT = 0.1  # the masks of video frames are binary and a pixel off


@dataclass(frozen=True, slots=True)
class Batch:
    """`pictures` (N, 3, S, S), `alphas` and `weights` (N, 1, S, S), all float32 0..1.

    The first `exact` examples have an alpha that is right to the pixel.
    """

    pictures: torch.Tensor
    alphas: torch.Tensor
    weights: torch.Tensor
    exact: int


@torch.no_grad()
def batch(bank: Bank, count: int, side: int) -> Batch:
    """Draw one batch."""
    frames, photos = round(count * _FRAME_SHARE), round(count * _PHOTO_SHARE)
    exact = count - frames - photos
    picture, alpha = _composites(bank, exact, side)
    weight = torch.ones_like(alpha)
    frame = _window(bank.frames, frames, side, (0.55, 1.0))
    mask = (frame[:, 3:] > 0.5).float()
    edge = functional.max_pool2d(mask, 5, 1, 2) + functional.max_pool2d(-mask, 5, 1, 2)
    photo = _window(bank.photos, photos, side, (0.7, 1.0))
    sure = (photo[:, 4:] > 0.99).float()
    return Batch(
        photographed(torch.cat([picture, frame[:, :3], photo[:, :3]])),
        torch.cat([alpha, mask, (photo[:, 3:4] > 0.5).float()]),
        torch.cat([weight, 1 - (1 - _FRAME_EDGE_WEIGHT) * edge, sure]),
        exact,
    )


def _window(
    pictures: Pictures, count: int, side: int, share: tuple[float, float], tilt: float = 10.0
) -> torch.Tensor:
    """Random windows of random pictures, stretched to the square as the engine does."""
    device = pictures.pixels.device
    which = torch.randint(len(pictures.pixels), (count,), device=device)
    canvas = pictures.pixels.shape[-1]
    sizes = pictures.sizes[which]
    part = sizes * (torch.rand(count, 2, device=device) * (share[1] - share[0]) + share[0])
    middle = ((sizes - part) * torch.rand(count, 2, device=device) + part / 2) / canvas * 2 - 1
    half = part / canvas
    tilted = (torch.rand(count, device=device) < 0.3).float()
    angle = (torch.rand(count, device=device) * 2 - 1) * math.radians(tilt) * tilted
    flip = torch.where(torch.rand(count, device=device) < 0.5, -1.0, 1.0)
    theta = torch.zeros(count, 2, 3, device=device)
    theta[:, 0, 0] = half[:, 0] * angle.cos() * flip
    theta[:, 0, 1] = -half[:, 0] * angle.sin()
    theta[:, 1, 0] = half[:, 1] * angle.sin() * flip
    theta[:, 1, 1] = half[:, 1] * angle.cos()
    theta[:, :, 2] = middle
    grid = functional.affine_grid(theta, [count, 1, side, side], align_corners=False)
    # Tilted windows reach beyond the picture: keep them on its edge, not on the canvas's rest.
    bound = (sizes / canvas * 2 - 1).view(count, 1, 1, 2)
    grid = torch.minimum(grid.clamp(min=-1), bound - 2 / canvas)
    pixels = pictures.pixels[which].float() / 255
    return functional.grid_sample(pixels, grid, padding_mode="border", align_corners=False)


def _backdrops(bank: Bank, count: int, side: int) -> torch.Tensor:
    found = _window(bank.backdrops, count, side, (0.35, 1.0), 6.0)
    other = blurred(_window(bank.photos, count, side, (0.3, 0.8))[:, :3], side / 60)
    found = torch.where(some(count, 0.12, found), other, found)
    found = torch.where(some(count, 0.3, found), blurred(found, side / 130), found)
    return torch.where(some(count, 0.5, found), _studio(count, side, found), found)


def _studio(count: int, side: int, like: torch.Tensor) -> torch.Tensor:
    """Plain sweeps: mostly near white, some coloured, a few black; falloff, a floor line."""
    pale = (
        drawn_between(count, 0.72, 1.0, like)
        + torch.randn(count, 3, 1, 1, device=like.device) * 0.02
    )
    dark = drawn_between(count, 0.0, 0.2, like).expand(-1, 3, -1, -1)
    plain = torch.rand(count, 3, 1, 1, device=like.device)
    base = torch.where(
        some(count, 0.55, like), pale, torch.where(some(count, 0.2, like), dark, plain)
    )
    ramp = torch.linspace(-1, 1, side, device=like.device)
    x, y = ramp.view(1, 1, 1, -1), ramp.view(1, 1, -1, 1)
    fall = (
        drawn_between(count, -0.25, 0.25, like) * y
        + drawn_between(count, -0.2, 0.2, like) * x
        - drawn_between(count, 0.0, 0.25, like) * (x**2 + y**2)
    ) * some(count, 0.8, like)
    floor = torch.sigmoid(
        (y - drawn_between(count, -0.4, 0.7, like)) * drawn_between(count, 4, 90, like)
    )
    step = floor * drawn_between(count, -0.35, 0.25, like) * some(count, 0.5, like)
    return (base + fall + step).clamp(0, 1)


def _composites(bank: Bank, count: int, side: int) -> tuple[torch.Tensor, torch.Tensor]:
    picture = _backdrops(bank, count, side)
    alpha = torch.zeros(count, 1, side, side, device=picture.device)
    for layer in range(2):
        colour, cover, foot = _placed(bank.cutouts, count, side)
        if layer:
            cover = cover * some(count, _SECOND_PRODUCT_SHARE, cover)
        colour = _relit(colour, picture, cover)
        picture = _shadowed(picture, cover, alpha)
        picture = _mirrored(picture, colour, cover, foot)
        picture = picture * (1 - cover) + colour * cover
        alpha = torch.maximum(alpha, cover)
    return picture, alpha


def _placed(
    cutouts: Pictures, count: int, side: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Random cut-outs at random places: colours, coverage, and y of the foot (-1..1)."""
    device = cutouts.pixels.device
    which = torch.randint(len(cutouts.pixels), (count,), device=device)
    canvas = cutouts.pixels.shape[-1]
    sizes = cutouts.sizes[which]
    longest = sizes.amax(1)
    share = torch.rand(count, device=device) * 0.75 + 0.3
    share = torch.where(torch.rand(count, device=device) < 0.12, share * 1.5, share)
    zoom = longest / canvas / share
    stretch = torch.exp(torch.randn(count, device=device) * 0.16)
    tilted = (torch.rand(count, device=device) < 0.35).float()
    angle = (torch.rand(count, device=device) * 2 - 1) * math.radians(30) * tilted
    flip = torch.where(torch.rand(count, device=device) < 0.5, -1.0, 1.0)
    room = (1.15 - share).clamp(0.1, 0.7)[:, None]
    at = (torch.rand(count, 2, device=device) * 2 - 1) * room
    theta = torch.zeros(count, 2, 3, device=device)
    theta[:, 0, 0] = zoom * angle.cos() * flip * stretch
    theta[:, 0, 1] = -zoom * angle.sin() * flip / stretch
    theta[:, 1, 0] = zoom * angle.sin() * stretch
    theta[:, 1, 1] = zoom * angle.cos() / stretch
    moved = torch.bmm(theta[:, :, :2], at[..., None])[..., 0]
    theta[:, :, 2] = sizes / canvas - 1 - moved
    pixels = cutouts.pixels[which].float() / 255
    pixels = torch.cat([pixels[:, :3] * pixels[:, 3:], pixels[:, 3:]], 1)
    grid = functional.affine_grid(theta, [count, 1, side, side], align_corners=False)
    seen = functional.grid_sample(pixels, grid, padding_mode="zeros", align_corners=False)
    cover = seen[:, 3:]
    colour = (seen[:, :3] / cover.clamp(min=1e-3)).clamp(0, 1)
    rows = torch.linspace(-1, 1, side, device=device).view(1, -1)
    solid = (cover[:, 0].amax(2) > 0.5).float()
    foot = torch.where(solid > 0, rows, torch.full_like(rows, -1.0)).amax(1)
    return colour, cover, foot


def _relit(colour: torch.Tensor, ground: torch.Tensor, cover: torch.Tensor) -> torch.Tensor:
    """Other light and dye; some take the ground's own colour: white on white, black on black."""
    count = len(colour)
    dye = torch.exp(torch.randn(count, 3, 1, 1, device=colour.device) * 0.1)
    gain = torch.exp(torch.randn(count, 1, 1, 1, device=colour.device) * 0.25)
    gamma = torch.exp(torch.randn(count, 1, 1, 1, device=colour.device) * 0.2)
    colour = (colour.clamp(1e-4, 1) ** gamma * dye * gain).clamp(0, 1)
    mixed = colour[:, torch.randperm(3, device=colour.device)]
    colour = torch.where(some(count, 0.25, colour), mixed, colour)
    area = cover.sum((2, 3), keepdim=True).clamp(min=1)
    own = (colour * cover).sum((2, 3), keepdim=True) / area
    near = (ground * cover).sum((2, 3), keepdim=True) / area
    near = near + torch.randn(count, 1, 1, 1, device=colour.device) * 0.06
    alike = (near + (colour - own) * drawn_between(count, 0.25, 0.9, colour)).clamp(0, 1)
    return torch.where(some(count, 0.22, colour), alike, colour)


def _shadowed(ground: torch.Tensor, cover: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
    """Shadows that are not product: a soft one near, a wide one, and a hard one leaning away."""
    count, side = len(ground), ground.shape[-1]
    lean = float(torch.rand(1)) * 1.6 - 0.8
    low = 0.25 + 0.6 * float(torch.rand(1))
    theta = ground.new_tensor([[1.0, lean, 0.0], [0.0, 1 / low, 0.0]]).repeat(count, 1, 1)
    rows = torch.linspace(-1, 1, side, device=ground.device).view(1, -1)
    foot = torch.where(cover[:, 0].amax(2) > 0.3, rows, torch.full_like(rows, -1.0)).amax(1)
    theta[:, 0, 2] = -lean * foot
    theta[:, 1, 2] = foot * (1 - 1 / low)
    grid = functional.affine_grid(theta, [count, 1, side, side], align_corners=False)
    cast = functional.grid_sample(cover, grid, padding_mode="zeros", align_corners=False)
    cast = blurred(cast, side / 512 * (0.8 + 7 * float(torch.rand(1)) ** 2))
    shift = (
        int(side * (float(torch.rand(1)) * 0.05)),
        int(side * (float(torch.rand(1)) - 0.5) * 0.14),
    )
    soft = torch.roll(
        0.5 * blurred(cover, side / 160) + 0.5 * blurred(cover, side / 34), shift, (2, 3)
    )
    cast = cast * drawn_between(count, 0.1, 0.7, ground) * some(count, 0.35, ground)
    soft = soft * drawn_between(count, 0.0, 0.65, ground) * some(count, 0.7, ground)
    tint = 1 - torch.rand(count, 3, 1, 1, device=ground.device) * 0.25
    dark = (1 - (1 - cast) * (1 - soft)) * (1 - before)
    return ground * (1 - dark * tint)


def _mirrored(
    ground: torch.Tensor, colour: torch.Tensor, cover: torch.Tensor, foot: torch.Tensor
) -> torch.Tensor:
    """A reflection in a glossy floor, below the foot; it is not product."""
    count, side = len(ground), ground.shape[-1]
    theta = torch.zeros(count, 2, 3, device=ground.device)
    theta[:, 0, 0], theta[:, 1, 1] = 1.0, -1.0
    theta[:, 1, 2] = 2 * foot
    grid = functional.affine_grid(theta, [count, 1, side, side], align_corners=False)
    layer = torch.cat([colour * cover, cover], 1)
    seen = functional.grid_sample(layer, grid, padding_mode="zeros", align_corners=False)
    seen = blurred(seen, 0.5 + 3 * float(torch.rand(1)))
    rows = torch.linspace(-1, 1, side, device=ground.device).view(1, 1, -1, 1)
    below = (rows - foot.view(-1, 1, 1, 1)).clamp(min=0)
    fade = torch.exp(-below * drawn_between(count, 0.5, 5, ground)) * (below > 0)
    much = drawn_between(count, 0.05, 0.5, ground) * some(count, 0.12, ground) * fade
    return ground * (1 - seen[:, 3:] * much) + seen[:, :3] * much
