"""What smaller numbers and smaller pictures do to a network: speed, size and the mask's error.

`python -m inference bench precision --photos DIR` makes every variant from the installed network,
runs it on the photos of DIR/images, and compares with the masks of the same names in DIR/masks.
Nothing that is made here is kept. Needs the development extra (`onnx`).
"""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from inference.bench.timing import percentile
from inference.errors import InferenceError
from inference.networks.segmenter import FINE_SIDES_PX, RECIPES, shrunk, stretched
from inference.networks.weights import installed_path
from inference.sessions.onnx_session import OnnxSession

# Calibration sees every third photo; the error is measured on the others.
_CALIBRATION_STEP = 3
_MOST_CALIBRATION = 24
_SIDES_OF_320 = (0.6, 0.8, 1.3)
_ANY_SIZE_STEP = 192  # what the sides of softbox-matte divide by
_TIMED_RUNS = 12
_SMALLEST_TO_HALVE = 256
_PER_CHANNEL_OPSET = 13  # the first in which numbers may have a scale for each channel

# An ONNX model; the package has no types of its own.
Model = Any


@dataclass(frozen=True, slots=True)
class Row:
    """One variant. Errors are means over the photos; `speed` is against fp32 of the same run.

    `median_ms` is the wall's time and `cpu_ms` what all threads spent; on a CPU, which may be busy
    with other work, `speed` compares the latter.
    `error` is the mean absolute difference of alpha, 0..1; `iou` intersection over union at one
    half; `drift` the mean absolute difference from the fp32 variant's own alpha.
    """

    variant: str
    megabytes: float
    median_ms: float
    cpu_ms: float
    speed: float
    error: float
    iou: float
    drift: float
    photos: int
    speed_ms: float


@dataclass(frozen=True, slots=True)
class _Times:
    """Medians; `speed_ms` is the one of both that variants are compared by."""

    wall_ms: float
    cpu_ms: float
    speed_ms: float


@dataclass(frozen=True, slots=True)
class _Photo:
    rgb: torch.Tensor
    mask: NDArray[np.float32]


def study(
    network: str,
    folder: Path,
    *,
    device: str = "cpu",
    limit: int = 0,
    only: tuple[str, ...] = (),
    on_progress: Callable[[str], None] = lambda _: None,
) -> list[Row]:
    """Make and measure every variant.

    Args:
        network: a registered, installed network.
        folder: with `images/` and `masks/`, files of the same stem.
        device: where the variants run.
        limit: at most so many photos; 0 takes all.
        only: beginnings of the variants' names; none takes all. The first is always measured.
        on_progress: told which variant is next.

    Raises:
        InferenceError: the folder holds no photos with masks, or `onnx` is not installed.
    """
    pairs = _pairs(folder, limit)
    calibration = [_load(*pair) for pair in pairs[::_CALIBRATION_STEP][:_MOST_CALIBRATION]]
    judged = [_load(*pair) for number, pair in enumerate(pairs) if number % _CALIBRATION_STEP]
    if device == "auto":
        device = "cuda:0" if torch.cuda.is_available() else "cpu"
    rows: list[Row] = []
    reference: list[NDArray[np.float32]] = []
    with tempfile.TemporaryDirectory(prefix="softbox-precision-") as scratch:
        for name, make, side in _variants(network, Path(scratch), calibration):
            if rows and only and not name.startswith(only):
                continue
            on_progress(name)
            path = make()
            session = OnnxSession(path, device=device, size=(side, side))
            alphas, times = _run_all(network, session, judged, side)
            reference = reference or alphas
            rows.append(
                _row(name, path, times, rows, alphas=alphas, reference=reference, photos=judged)
            )
            # Some variants take many minutes to make: what is known is said at once.
            on_progress(as_text(rows[-1:]).splitlines()[1])
    return rows


def _pairs(folder: Path, limit: int) -> list[tuple[Path, Path]]:
    masks = {path.stem: path for path in sorted((folder / "masks").glob("*"))}
    pairs = [
        (path, masks[path.stem])
        for path in sorted((folder / "images").glob("*"))
        if path.stem in masks
    ]
    if len(pairs) < _CALIBRATION_STEP:
        raise InferenceError(f"{folder} needs images/ and masks/ with files of the same names.")
    # Spread over the folder, whose names are often sorted by kind.
    return pairs[:: max(1, len(pairs) // limit)][:limit] if limit else pairs


def _load(photo: Path, mask: Path) -> _Photo:
    rgb = np.array(Image.open(photo).convert("RGB"))
    grey = Image.open(mask).convert("L").resize((rgb.shape[1], rgb.shape[0]))
    return _Photo(
        torch.from_numpy(rgb).permute(2, 0, 1), np.asarray(grey, dtype=np.float32) / np.float32(255)
    )


def _variants(
    network: str, scratch: Path, calibration: list[_Photo]
) -> Iterator[tuple[str, Callable[[], Path], int]]:
    """Each variant's name, how its file is made, and its input side."""
    source = installed_path(network)
    side = RECIPES[network].side_px
    yield "fp32", lambda: source, side
    try:
        import onnx
    except ImportError as error:
        raise InferenceError("The precision study needs the package onnx.") from error
    model = onnx.load(str(source))

    def saved(name: str, changed: Model) -> Path:
        path = scratch / f"{name}.onnx"
        onnx.save(changed, str(path))
        return path

    yield "fp16", lambda: saved("fp16", _halved(model)), side
    yield "int8 weights only", lambda: saved("int8-weights", _weights_in_bytes(model)), side
    for method in ("minmax", "percentile"):
        target = scratch / f"int8-{method}.onnx"
        make = partial(_quantised, network, source, target, calibration, method)
        yield f"int8 static QDQ, {method}", make, side
    if network in FINE_SIDES_PX:  # one file for pictures of any size
        for other in (_ANY_SIZE_STEP * steps for steps in (2, 4, 5)):
            yield f"fp32 at {other} px", lambda: source, other
        return
    for share in _SIDES_OF_320:
        smaller = round(side * share / 32) * 32
        resized = _resized(onnx.load(str(source)), smaller)
        yield f"fp32 at {smaller} px", partial(saved, str(smaller), resized), smaller


def _halved(model: Model) -> Model:
    """Weights and arithmetic in half floats; what comes in and goes out stays float."""
    import onnx
    from onnxruntime.transformers.float16 import convert_float_to_float16

    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    return convert_float_to_float16(copy, keep_io_types=True, disable_shape_infer=False)


def _weights_in_bytes(model: Model) -> Model:
    """Each filter's weights as bytes with a scale of their own; the arithmetic stays in floats."""
    from onnx import ModelProto, TensorProto, helper, numpy_helper

    copy = ModelProto()
    copy.CopyFrom(model)
    kept, widened = [], []
    for tensor in copy.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.ndim != 4 or values.size < _SMALLEST_TO_HALVE:
            kept.append(tensor)
            continue
        scale = np.abs(values).max(axis=(1, 2, 3), keepdims=True) / 127
        scale = np.maximum(scale, 1e-12).astype(np.float32)
        name = tensor.name
        kept.append(
            numpy_helper.from_array(np.round(values / scale).astype(np.int8), f"{name}.bytes")
        )
        kept.append(numpy_helper.from_array(scale, f"{name}.scale"))
        widened.append(
            helper.make_node("Cast", [f"{name}.bytes"], [f"{name}.wide"], to=TensorProto.FLOAT)
        )
        widened.append(helper.make_node("Mul", [f"{name}.wide", f"{name}.scale"], [name]))
    nodes = [*widened, *copy.graph.node]
    del copy.graph.initializer[:], copy.graph.node[:]
    copy.graph.initializer.extend(kept)
    copy.graph.node.extend(nodes)
    return copy


def _quantised(
    network: str, source: Path, target: Path, calibration: list[_Photo], method: str
) -> Path:
    """Static int8 of the convolutions: per channel, with ranges seen on the calibration photos."""
    import onnx
    from onnx import version_converter
    from onnxruntime.quantization import (
        CalibrationMethod,
        QuantFormat,
        QuantType,
        quant_pre_process,
        quantize_static,
    )

    prepared = target.with_suffix(".prepared.onnx")
    model = onnx.load(str(source))
    if model.opset_import[0].version < _PER_CHANNEL_OPSET:
        model = version_converter.convert_version(model, _PER_CHANNEL_OPSET)
    onnx.save(model, str(prepared))
    quant_pre_process(str(prepared), str(prepared), skip_symbolic_shape=True)
    quantize_static(
        str(prepared),
        str(target),
        _Reader(network, prepared, calibration),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["Conv"],
        per_channel=True,
        reduce_range=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        calibrate_method=(
            CalibrationMethod.MinMax if method == "minmax" else CalibrationMethod.Percentile
        ),
        extra_options={"CalibPercentile": 99.99},
    )
    return target


class _Reader:
    """Hands the calibration photos to the quantiser, one by one."""

    def __init__(self, network: str, path: Path, photos: list[_Photo]) -> None:
        import onnx

        recipe = RECIPES[network]
        name = onnx.load(str(path), load_external_data=False).graph.input[0].name
        self._inputs = iter(
            [
                {name: recipe.to_input(shrunk(photo.rgb, recipe.side_px))[None].numpy()}
                for photo in photos
            ]
        )

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        return next(self._inputs, None)

    def __len__(self) -> int:
        return len(list(self._inputs))


def _resized(model: Model, side: int) -> Model:
    """The same network for another input side: its weights do not care."""
    for value in (*model.graph.input[:1], *model.graph.output):
        shape = value.type.tensor_type.shape.dim
        for dimension in shape[2:]:
            dimension.dim_value = side
    del model.graph.value_info[:]
    return model


def _run_all(
    network: str, session: OnnxSession, photos: list[_Photo], side: int
) -> tuple[list[NDArray[np.float32]], _Times]:
    recipe = RECIPES[network]
    alphas, walls, busy = [], [], []
    session.warm_up()
    for number, photo in enumerate(photos):
        inputs = recipe.to_input(shrunk(photo.rgb, side))[None].to(session.torch_device)
        started, spent = time.perf_counter(), time.process_time()
        output = session.run_tensor(inputs).cpu()
        if number < _TIMED_RUNS:
            walls.append((time.perf_counter() - started) * 1000)
            busy.append((time.process_time() - spent) * 1000)
        alpha = recipe.to_alpha(output[0])
        alphas.append(stretched(alpha, *photo.rgb.shape[1:]).numpy())
    compared = busy if session.torch_device.type == "cpu" else walls
    return alphas, _Times(percentile(walls, 50), percentile(busy, 50), percentile(compared, 50))


def _row(
    name: str,
    path: Path,
    times: _Times,
    before: list[Row],
    *,
    alphas: list[NDArray[np.float32]],
    reference: list[NDArray[np.float32]],
    photos: list[_Photo],
) -> Row:
    errors, overlaps, drifts = [], [], []
    for alpha, whole, photo in zip(alphas, reference, photos, strict=True):
        errors.append(float(np.abs(alpha - photo.mask).mean()))
        found, truth = alpha > 0.5, photo.mask > 0.5
        overlaps.append(float((found & truth).sum() / max(1, (found | truth).sum())))
        drifts.append(float(np.abs(alpha - whole).mean()))
    return Row(
        variant=name,
        megabytes=path.stat().st_size / 1e6,
        median_ms=times.wall_ms,
        cpu_ms=times.cpu_ms,
        speed=(before[0].speed_ms if before else times.speed_ms) / times.speed_ms,
        speed_ms=times.speed_ms,
        error=float(np.mean(errors)),
        iou=float(np.mean(overlaps)),
        drift=float(np.mean(drifts)),
        photos=len(photos),
    )


def as_json(rows: list[Row]) -> str:
    """The rows as indented JSON."""
    return json.dumps([asdict(row) for row in rows], indent=2) + "\n"


def as_text(rows: list[Row]) -> str:
    """The rows as a table for a terminal."""
    width = max(len(row.variant) for row in rows)
    heads = f"{'MB':>7} {'ms':>8} {'CPU ms':>8} {'speed':>6} {'error':>7} {'IoU':>6} {'drift':>7}"
    lines = [f"{'variant':<{width}} {heads}"]
    lines += [
        f"{row.variant:<{width}} {row.megabytes:>7.1f} {row.median_ms:>8.1f} "
        f"{row.cpu_ms:>8.1f} {row.speed:>5.2f}× "
        f"{row.error:>7.4f} {row.iou:>6.3f} {row.drift:>7.4f}"
        for row in rows
    ]
    return "\n".join([*lines, f"{rows[0].photos} photos"]) + "\n"
