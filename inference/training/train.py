"""Train the segmenter: `python -m inference.training.train --data DIR --out DIR`.

`DIR` holds `backgrounds/`, `cutouts/`, `masked/images|masks/`, `unlabelled/`, `models3d/*.glb`,
`weights/u2netp.onnx`, `weights/u2net.onnx` and `efficientnet-lite0.pth`. Needs a CUDA GPU, `onnx`
and `trimesh`.
"""

import argparse
import json
import logging
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from inference.training.bank import Bank, filled
from inference.training.compose import Batch, batch
from inference.training.export import export
from inference.training.losses import loss
from inference.training.network import SIDE_PX, SoftboxMatte, with_imagenet_weights
from inference.training.trunk import Trunk

_MINUTES, _SHAPES = 8.0, 2100
_LOG = logging.getLogger("training")
_Forward = Callable[[torch.Tensor], tuple[torch.Tensor, list[torch.Tensor]]]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the outcome, written beside the weights."""

    seed: int = 20_26
    minutes: float = _MINUTES
    batch_size: int = 40
    encoder_rate: float = 3e-4
    decoder_rate: float = 1.2e-3
    weight_decay: float = 1e-2
    warm_up_steps: int = 300
    averaged_over: float = 0.9993
    shapes: int = _SHAPES
    compiles: bool = False


def main() -> None:
    """Fill the bank, train, export, score."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--validate", type=Path, help="a folder of images/ and masks/, never trained on"
    )
    parser.add_argument("--minutes", type=float, default=_MINUTES)
    parser.add_argument("--shapes", type=int, default=_SHAPES)
    parser.add_argument("--compile", action="store_true", help="compile the network if faster")
    args = parser.parse_args()
    recipe = Recipe(minutes=args.minutes, shapes=args.shapes, compiles=args.compile)
    args.out.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.manual_seed(recipe.seed)
    device = torch.device("cuda")
    torch.backends.cudnn.benchmark = True
    trunk = Trunk(args.data / "weights" / "u2netp.onnx").to(device).eval()
    larger = Trunk(args.data / "weights" / "u2net.onnx").to(device).eval()
    with torch.no_grad():
        bank = filled(args.data, (larger, trunk), device, seed=recipe.seed, shapes=recipe.shapes)
    del larger
    _LOG.info("bank %s", bank.counts())
    _sheet(bank, args.out / "batch.jpg")
    network = SoftboxMatte(trunk).to(device)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs lack it
    _LOG.info(
        "%d encoder tensors", with_imagenet_weights(network, args.data / "efficientnet-lite0.pth")
    )
    averaged, steps = _trained(network, bank, recipe, args.validate, args.out)
    (args.out / "recipe.json").write_text(
        json.dumps({**asdict(recipe), "steps": steps, "bank": bank.counts()}, indent=1)
    )
    _save(averaged, args.out)
    export(averaged, args.out / "softbox-segmenter.onnx")


def _trained(
    network: SoftboxMatte, bank: Bank, recipe: Recipe, validate: Path | None, out: Path
) -> tuple[SoftboxMatte, int]:
    """Run for the recipe's minutes; gives the averaged network and the number of steps."""
    averaged = SoftboxMatte(network.trunk).to(next(network.parameters()).device)
    averaged.load_state_dict(network.state_dict())
    averaged.eval()
    held = _held_out(validate) if validate else None
    optimiser = _optimiser(network, recipe)
    rates = [group["lr"] for group in optimiser.param_groups]
    network.train()
    network.trunk.eval()
    started, step, shown = time.monotonic(), 0, time.monotonic()
    recent: list[torch.Tensor] = []
    stepped = _faster(network, bank, recipe) if recipe.compiles else network
    while (done := (time.monotonic() - started) / (recipe.minutes * 60)) < 1:
        factor = min(1, step / recipe.warm_up_steps) * (0.505 + 0.495 * math.cos(math.pi * done))
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * factor
        recent.append(_step(network, stepped, bank, recipe, optimiser))
        step += 1
        _average(averaged, network, min(recipe.averaged_over, (step + 1) / (step + 20)))
        if time.monotonic() - shown > 45:
            shown = time.monotonic()
            pace = step * recipe.batch_size / (shown - started)
            score = _iou(averaged, held) if held else (0.0, 0.0)
            _LOG.info(
                "%.0f%% step %d loss %.4f iou %.4f (trunk %.4f) %.0f img/s",
                done * 100,
                step,
                float(torch.stack(recent).mean()),
                *score,
                pace,
            )
            recent.clear()
            _save(averaged, out)
    return averaged, step


def _save(averaged: SoftboxMatte, out: Path) -> None:
    """Keep what there is so far as half floats; a lent machine may be gone the next minute."""
    halves = {name: values.half() for name, values in averaged.state_dict().items()}
    torch.save(halves, out / "segmenter.pt")


def _optimiser(network: SoftboxMatte, recipe: Recipe) -> torch.optim.AdamW:
    inner = {id(p) for p in network.encoder.parameters()}
    rest = [p for p in network.parameters() if p.requires_grad and id(p) not in inner]
    return torch.optim.AdamW(
        [
            {"params": list(network.encoder.parameters()), "lr": recipe.encoder_rate},
            {"params": rest, "lr": recipe.decoder_rate},
        ],
        weight_decay=recipe.weight_decay,
        fused=True,
    )


def _faster(network: SoftboxMatte, bank: Bank, recipe: Recipe) -> _Forward:
    """The network as it is or compiled, whichever takes less time for a few steps here."""
    compiled: _Forward = torch.compile(network, dynamic=False)
    pace: dict[str, float] = {}
    for name, forward in (("plain", network), ("compiled", compiled)):
        for attempt in range(14):
            if attempt == 4:
                torch.cuda.synchronize()
                started = time.monotonic()
            drawn = batch(bank, recipe.batch_size, SIDE_PX)
            if attempt == 4 and name == "plain":
                torch.cuda.synchronize()
                _LOG.info("drawing a batch: %.0f ms", 1000 * (time.monotonic() - started))
                started = time.monotonic()
            torch.autograd.backward(_missed(forward, drawn))
        network.zero_grad(set_to_none=True)
        torch.cuda.synchronize()
        pace[name] = (time.monotonic() - started) / 10
    _LOG.info("seconds a step: %s", pace)
    return compiled if pace["compiled"] < pace["plain"] else network


def _missed(forward: _Forward, drawn: Batch) -> torch.Tensor:
    with torch.autocast("cuda", torch.bfloat16):
        logits, coarse = forward(drawn.pictures.contiguous(memory_format=torch.channels_last))
    coarse = [level.float() for level in coarse]
    return loss(logits.float(), coarse, drawn.alphas, drawn.weights, drawn.exact)


def _step(
    network: SoftboxMatte,
    forward: _Forward,
    bank: Bank,
    recipe: Recipe,
    optimiser: torch.optim.AdamW,
) -> torch.Tensor:
    missed = _missed(forward, batch(bank, recipe.batch_size, SIDE_PX))
    optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(missed)
    torch.nn.utils.clip_grad_norm_([p for p in network.parameters() if p.requires_grad], 2.0)
    optimiser.step()
    return missed.detach()


@torch.no_grad()
def _average(averaged: SoftboxMatte, network: SoftboxMatte, keep: float) -> None:
    """Exponential moving average of weights and of batch-norm statistics."""
    mine, new = averaged.state_dict(), network.state_dict()
    names = [n for n in mine if mine[n].is_floating_point() and not n.startswith("trunk.")]
    torch._foreach_lerp_([mine[n] for n in names], [new[n] for n in names], 1 - keep)


def _held_out(folder: Path) -> tuple[torch.Tensor, torch.Tensor]:
    pictures, alphas = [], []
    for path in sorted((folder / "images").iterdir()):
        size = (SIDE_PX, SIDE_PX)
        picture = Image.open(path).convert("RGB").resize(size, Image.Resampling.BILINEAR)
        alpha = Image.open(folder / "masks" / f"{path.stem}.png").convert("L").resize(size)
        pictures.append(np.asarray(picture, dtype=np.float32) / 255)
        alphas.append(np.asarray(alpha, dtype=np.float32) / 255)
    stacked = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous().cuda()
    return stacked, torch.from_numpy(np.stack(alphas))[:, None].cuda()


@torch.no_grad()
def _iou(network: SoftboxMatte, held: tuple[torch.Tensor, torch.Tensor]) -> tuple[float, float]:
    """Mean IoU at 0.5 of the network and of the trunk alone."""
    scores: list[list[float]] = [[], []]
    for at in range(0, len(held[0]), 7):
        picture, truth = held[0][at : at + 7], held[1][at : at + 7] > 0.5
        verdict = network.first_verdict(picture)
        verdict = torch.nn.functional.interpolate(verdict, size=(SIDE_PX, SIDE_PX), mode="bilinear")
        for found, logits in zip(scores, (network(picture)[0], verdict), strict=True):
            solid = logits > 0
            both, either = (solid & truth).sum((1, 2, 3)), (solid | truth).sum((1, 2, 3))
            found += (both / either.clamp(min=1)).tolist()
    return float(np.mean(scores[0])), float(np.mean(scores[1]))


def _sheet(bank: Bank, path: Path) -> None:
    """A look at what the network will see."""
    drawn = batch(bank, 40, SIDE_PX)
    rows = []
    for row in range(5):
        which = slice(row * 8, row * 8 + 8)
        pair = torch.cat([drawn.pictures[which], drawn.alphas[which].expand(-1, 3, -1, -1)], 2)
        rows.append(torch.cat(list(torch.nn.functional.interpolate(pair, scale_factor=0.4)), 2))
    sheet = (torch.cat(rows, 1).permute(1, 2, 0) * 255).byte().cpu().numpy()
    Image.fromarray(sheet).save(path, quality=85)


if __name__ == "__main__":
    main()
