"""The network: U²-Net-p looks first, a sharper encoder and decoder correct what it says.

U²-Net-p has seen many thousands of labelled scenes; our own pack has not. So its verdict at 320 px
goes in as a fourth channel and as the output's starting point, and the rest of the network,
EfficientNet-Lite0 with ImageNet weights and a U-shaped decoder, learns to correct it at 576 px.

Source: Qin et al., "U²-Net", Pattern Recognition 2020; Tan and Le, "EfficientNet", ICML 2019
(Lite0: no squeeze-and-excitation, ReLU6); Ronneberger et al., "U-Net", MICCAI 2015.
"""

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from inference.training.trunk import Trunk

SIDE_PX = 576
_TRUNK_SIDE_PX = 320
_TRUNK_MEAN = (0.485, 0.456, 0.406)
_TRUNK_DEVIATION = (0.229, 0.224, 0.225)
# (repeats, kernel, stride, expansion, channels) of EfficientNet-Lite0.
_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
_TAPS = (0, 2, 4, 10, 15)
_TAP_CHANNELS = (16, 24, 40, 112, 320)
_DECODER = (16, 32, 56, 80, 128)
_PRIOR_LIMIT = 8.0


class _Block(nn.Module):
    """A mobile inverted bottleneck; attribute names follow the published weights."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, grow: int) -> None:
        super().__init__()
        wide = inputs * grow
        self._grows = grow > 1
        self._adds = stride == 1 and inputs == outputs
        if self._grows:
            self._expand_conv = nn.Conv2d(inputs, wide, 1, bias=False)
            self._bn0 = nn.BatchNorm2d(wide, eps=1e-3)
        self._depthwise_conv = nn.Conv2d(wide, wide, kernel, stride, groups=wide, bias=False)
        self._bn1 = nn.BatchNorm2d(wide, eps=1e-3)
        self._project_conv = nn.Conv2d(wide, outputs, 1, bias=False)
        self._bn2 = nn.BatchNorm2d(outputs, eps=1e-3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = functional.relu6(self._bn0(self._expand_conv(x))) if self._grows else x
        y = functional.relu6(self._bn1(self._depthwise_conv(_padded(y, self._depthwise_conv))))
        y = self._bn2(self._project_conv(y))
        mixed: torch.Tensor = x + y if self._adds else y
        return mixed


class _Encoder(nn.Module):
    """EfficientNet-Lite0 without its head; the stem also takes the first verdict."""

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem = nn.Conv2d(3, 32, 3, 2, bias=False)
        self._bn0 = nn.BatchNorm2d(32, eps=1e-3)
        self.prior_stem = nn.Conv2d(1, 32, 3, 2, padding=1, bias=False)
        nn.init.zeros_(self.prior_stem.weight)
        blocks: list[nn.Module] = []
        channels = 32
        for repeats, kernel, stride, grow, outputs in _STAGES:
            for repeat in range(repeats):
                blocks.append(_Block(channels, outputs, kernel, 1 if repeat else stride, grow))
                channels = outputs
        self._blocks = nn.ModuleList(blocks)

    def forward(self, picture: torch.Tensor, prior: torch.Tensor) -> list[torch.Tensor]:
        x = self._conv_stem(_padded(picture, self._conv_stem)) + self.prior_stem(prior)
        x = functional.relu6(self._bn0(x))
        taps: list[torch.Tensor] = []
        for at, block in enumerate(self._blocks):
            x = block(x)
            if at in _TAPS:
                taps.append(x)
        return taps


class SoftboxMatte(nn.Module):
    """A photo in, alpha logits out, both 576 × 576."""

    def __init__(self, trunk: Trunk) -> None:
        super().__init__()
        self.trunk = trunk.requires_grad_(requires_grad=False)
        self.encoder = _Encoder()
        self.context = nn.ModuleList(_mixed(_TAP_CHANNELS[-1], 64, 1) for _ in range(3))
        self.top = _mixed(_TAP_CHANNELS[-1] + 3 * 64 + 1, _DECODER[-1], 3)
        self.decoders = nn.ModuleList(
            nn.Sequential(
                _mixed(_DECODER[at + 1] + _TAP_CHANNELS[at] + 1, _DECODER[at], 3),
                _mixed(_DECODER[at], _DECODER[at], 3),
            )
            for at in range(4)
        )
        self.heads = nn.ModuleList(nn.Conv2d(channels, 1, 1) for channels in _DECODER)
        for head in self.heads:
            _zero(head)
        self.fine = nn.Sequential(
            _mixed(_DECODER[0] + 1 + 12, 24, 3), _mixed(24, 24, 3), nn.Conv2d(24, 4, 3, padding=1)
        )
        _zero(self.fine[-1])

    def forward(self, picture: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Correct the trunk's verdict.

        Args:
            picture: (N, 3, H, W) float32, sRGB, 0..1; H = W, a multiple of 192.

        Returns:
            (N, 1, H, W) alpha logits, and the coarser logits at 1/2 to 1/32 for training.
        """
        prior = self.first_verdict(picture)
        scaled = picture * (255 / 128) - 127 / 128
        taps = self.encoder(scaled, _resized(prior, picture))
        top = taps[-1]
        around = [
            _resized(layer(functional.avg_pool2d(top, int(top.shape[-1]) // cells)), top)
            for layer, cells in zip(self.context, (1, 2, 6), strict=True)
        ]
        y = self.top(torch.cat([top, *around, _shrunk(prior, top)], 1))
        logits = [_shrunk(prior, top) + self.heads[-1](y)]
        for at in (3, 2, 1, 0):
            tap = taps[at]
            y = self.decoders[at](torch.cat([_resized(y, tap), tap, _shrunk(prior, tap)], 1))
            logits.append(_resized(logits[-1], tap) + self.heads[at](y))
        half = logits[-1]
        pixels = functional.pixel_unshuffle(scaled, 2)
        detail = self.fine(torch.cat([y, torch.sigmoid(half), pixels], 1))
        return _resized(half, picture) + functional.pixel_shuffle(detail, 2), logits

    def first_verdict(self, picture: torch.Tensor) -> torch.Tensor:
        """The trunk's logits at half the picture's size, limited so that none is beyond doubt."""
        small = functional.interpolate(
            picture, size=(_TRUNK_SIDE_PX, _TRUNK_SIDE_PX), mode="bilinear"
        )
        small = small / small.amax((1, 2, 3), keepdim=True).clamp(min=1e-3)
        mean = small.new_tensor(_TRUNK_MEAN).view(1, 3, 1, 1)
        deviation = small.new_tensor(_TRUNK_DEVIATION).view(1, 3, 1, 1)
        with torch.no_grad():
            verdict: torch.Tensor = self.trunk((small - mean) / deviation)
        half = int(picture.shape[-2]) // 2, int(picture.shape[-1]) // 2
        sized = functional.interpolate(verdict, size=half, mode="bilinear")
        return sized.clamp(-_PRIOR_LIMIT, _PRIOR_LIMIT)


def with_imagenet_weights(network: SoftboxMatte, path: Path) -> int:
    """Load the encoder's published weights; gives how many tensors were taken."""
    published = torch.load(path, map_location="cpu", weights_only=True)
    own = network.encoder.state_dict()
    taken = {k: v for k, v in published.items() if k in own and own[k].shape == v.shape}
    network.encoder.load_state_dict(taken, strict=False)
    return len(taken)


def _mixed(inputs: int, outputs: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def _zero(layer: nn.Module) -> None:
    """Start without a say, so that the network begins as the trunk it corrects."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)


def _padded(x: torch.Tensor, layer: nn.Conv2d) -> torch.Tensor:
    """Pad as TensorFlow's SAME does at even sizes, which the published weights expect."""
    kernel, stride = layer.kernel_size[0], layer.stride[0]
    total = kernel - stride
    return functional.pad(x, [total // 2, total - total // 2] * 2)


def _resized(x: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    # Plain numbers, so that the exported graph holds constants.
    size = int(like.shape[-2]), int(like.shape[-1])
    return functional.interpolate(x, size=size, mode="bilinear")


def _shrunk(prior: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    factor = int(prior.shape[-1]) // int(like.shape[-1])
    return functional.avg_pool2d(prior, factor) if factor > 1 else prior
