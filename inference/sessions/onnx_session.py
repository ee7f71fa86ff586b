"""One loaded ONNX network on one device, never on another than the one asked for."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

import numpy as np
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from inference.errors import DeviceUnavailable, OutOfMemory
from inference.sessions.device_errors import is_device_lost, is_out_of_memory
from inference.sessions.device_thread import DeviceThread
from inference.sessions.onnx_graph import with_dynamic_batch
from inference.sessions.transfer import from_array

log = logging.getLogger(__name__)

Result = TypeVar("Result")

_TYPES = {
    "tensor(float)": (np.float32, torch.float32),
    "tensor(float16)": (np.float16, torch.float16),
}
# The runtime's errors share no base class of their own.
_RUNTIME_ERRORS = (
    ort_errors.Fail,
    ort_errors.EPFail,
    ort_errors.RuntimeException,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.NotImplemented,
    RuntimeError,
    ValueError,
)
# A run with this id is neither captured nor replayed. Ids of graphs start at 1.
_NO_GRAPH = -1
# Measured with u2netp on two cores: 8 pictures together take as long as 8 one by one.
_CPU_BATCH = 1
# What a batch may hold: sixteen pictures of 576 × 576, or four of 1024 × 1024.
_GPU_BATCH_PX = 16 * 576 * 576
_GPU_BATCH = 16


@dataclass(frozen=True, slots=True)
class _Bucket:
    """Device memory of one batch size, bound once; a captured graph reads and writes just there."""

    inputs: torch.Tensor
    outputs: torch.Tensor
    binding: ort.IOBinding
    options: ort.RunOptions


class OnnxSession:
    """Runs a network's first output on batches of any size.

    `device` is `cpu`, `cuda` or `cuda:N`. `threads` is the number of CPU threads inside one
    operation; 0 lets the runtime take every core. `graphs` captures a CUDA graph for each batch
    size in `warm_up`. `size` is the (height, width) to which a network for pictures of any size is
    fixed; others have one already. With a size, a CPU runs one picture after the other.
    Safe to call from several threads at once: a GPU session lives on a thread of its own
    (`DeviceThread`), which `thread` replaces.

    Raises:
        DeviceUnavailable: the runtime cannot put the network on `device`.
        ValueError: the network is for pictures of another size than `size`.
    """

    def __init__(
        self,
        path: Path,
        *,
        device: str = "cpu",
        threads: int = 0,
        graphs: bool = True,
        size: tuple[int, int] | None = None,
        thread: DeviceThread | None = None,
    ) -> None:
        self.device = device
        provider = _provider(device)
        self.torch_device = torch.device(device)
        model = path.read_bytes()
        self._model_bytes = len(model)
        self._load = partial(_load, with_dynamic_batch(model), device, threads, size)
        self._uses_graphs = graphs and self.torch_device.type == "cuda"
        self._is_one_by_one = size is not None and device == "cpu"
        if thread is None and self.torch_device.type == "cuda":
            thread = DeviceThread(f"{path.stem}-{device}")
        self._thread = thread
        self._session = self._on_thread(partial(self._loaded, path.name))
        if self._session.get_providers()[0] != provider:
            got = self._session.get_providers()[0]
            raise DeviceUnavailable(
                f"The device {device} was asked for, but only {got} works here."
            )
        first = self._session.get_inputs()[0]
        self._input_name = first.name
        self._numpy_type, self._torch_type = _TYPES[first.type]
        output = self._session.get_outputs()[0]
        self._output_name = output.name
        self._output_type = _TYPES[output.type][1]
        # Spatial size the network was exported with: (H, W), 0 where any will do.
        height, width = (size if isinstance(size, int) else 0 for size in first.shape[2:4])
        self.input_size: tuple[int, int] = (height, width)
        if size is not None and size != self.input_size:
            raise ValueError(f"{path.name} takes pictures of {height} × {width}, not of {size}")
        if 0 in self.input_size and self.torch_device.type != "cpu":
            raise DeviceUnavailable("A network for pictures of any size runs on the CPU only.")
        self.metadata: dict[str, str] = dict(self._session.get_modelmeta().custom_metadata_map)
        self.buckets = _buckets(self.torch_device, self.input_size)
        self._captured: dict[int, _Bucket] = {}

    @property
    def memory_bytes(self) -> int:
        """The network's file and what is bound on the device; working memory comes on top."""
        bound = (tensor for one in self._captured.values() for tensor in (one.inputs, one.outputs))
        return self._model_bytes + sum(part.numel() * part.element_size() for part in bound)

    @property
    def max_batch(self) -> int:
        """The most pictures that are worth running together on this device."""
        return self.buckets[-1]

    @property
    def graphs(self) -> tuple[int, ...]:
        """The batch sizes for which a CUDA graph was captured; empty until `warm_up`."""
        return tuple(self._captured)

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """As `run_tensor`, with arrays on the host."""
        inputs = torch.from_numpy(np.ascontiguousarray(batch)).to(self.torch_device)
        return cast("NDArray[np.float32]", self.run_tensor(inputs).cpu().numpy())

    def run_tensor(self, batch: torch.Tensor) -> torch.Tensor:
        """Run the network where it is; nothing crosses between host and device.

        Args:
            batch: (N, C, H, W) float, on the session's device, normalised as the network wants
                it; H, W = `input_size`.

        Returns:
            The first output, float32, on the session's device; its first dimension is N.

        Raises:
            OutOfMemory: the device's memory was not enough for this batch.
        """
        try:
            return self._on_thread(partial(self._run_parts, batch))
        except (*_RUNTIME_ERRORS, torch.OutOfMemoryError) as error:
            if is_out_of_memory(error):
                raise OutOfMemory("There was not enough memory for this picture.") from error
            raise

    def warm_up(self) -> None:
        """Run every batch size once, so that none of its first runs is a seller's.

        On CUDA a graph is captured for each. That needs a device on which nobody else allocates
        memory meanwhile, so a network that is loaded later, between requests, does without.
        """
        self._on_thread(self._warm_up)

    def _on_thread(self, work: Callable[[], Result]) -> Result:
        return work() if self._thread is None else self._thread.call(work)

    def _loaded(self, name: str) -> ort.InferenceSession:
        try:
            return self._load(uses_graphs=self._uses_graphs)
        except DeviceUnavailable:
            if not self._uses_graphs:
                raise
            # Some networks hold an operation that CUDA lacks; those cannot be captured whole.
            self._uses_graphs = False
            log.warning("%s runs on %s without CUDA graphs", name, self.device)
            return self._load(uses_graphs=False)

    def _warm_up(self) -> None:
        if self._uses_graphs:
            try:
                self._run_each(capture=True)
            except _RUNTIME_ERRORS as error:
                if is_out_of_memory(error) or is_device_lost(error):
                    raise
                # Same pictures, more time: worth a line in the log, not an engine that won't start.
                log.warning("no CUDA graphs on %s: %s", self.device, error)
                self._uses_graphs = False
                self._captured.clear()
                self._session = self._load(uses_graphs=False)
        self._run_each(capture=False)

    def _run_each(self, *, capture: bool) -> None:
        """Run every batch size on zeros; those for which there is no memory are given up."""
        for size in self.buckets:
            try:
                if capture:
                    self._captured[size] = self._capture(size)
                    continue
                shape = (size, 3, *self.input_size)
                self._run_parts(torch.zeros(shape, device=self.torch_device))
            except (*_RUNTIME_ERRORS, OutOfMemory, torch.OutOfMemoryError) as error:
                if size == self.buckets[0] or not is_out_of_memory(error):
                    raise
                self.buckets = tuple(smaller for smaller in self.buckets if smaller < size)
                torch.cuda.empty_cache()
                log.warning("no memory on %s for batches above %d", self.device, self.max_batch)
                return

    def _run_parts(self, batch: torch.Tensor) -> torch.Tensor:
        if self.torch_device.type == "cpu" and not self._is_one_by_one:
            return self._run_on_cpu(batch)
        run = self._run_on_cpu if self._is_one_by_one else self._run_on_gpu
        parts = [
            run(batch[start : start + self.max_batch])
            for start in range(0, batch.shape[0], self.max_batch)
        ]
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    def _run_on_cpu(self, batch: torch.Tensor) -> torch.Tensor:
        inputs = np.ascontiguousarray(batch.numpy(), dtype=self._numpy_type)
        (output,) = self._session.run([self._output_name], {self._input_name: inputs})
        return from_array(output).float()

    def _run_on_gpu(self, batch: torch.Tensor) -> torch.Tensor:
        count = batch.shape[0]
        size = next(size for size in self.buckets if size >= count)
        bucket = self._captured.get(size)
        if bucket is None:
            bucket = self._bound(count, _NO_GRAPH)
        bucket.inputs[:count].copy_(batch)
        self._run_bucket(bucket)
        # A copy: the next run writes into the same memory.
        return bucket.outputs[:count].to(torch.float32, copy=True)

    def _run_bucket(self, bucket: _Bucket) -> None:
        # The runtime works on a stream of its own: the inputs must be there before it starts, and
        # it returns when its own work is done.
        torch.cuda.current_stream(self.torch_device).synchronize()
        self._session.run_with_iobinding(bucket.binding, bucket.options)

    def _capture(self, size: int) -> _Bucket:
        bucket = self._bound(size, size)
        self._run_bucket(bucket)
        return bucket

    def _bound(self, size: int, graph_id: int) -> _Bucket:
        device = self.torch_device
        inputs = torch.zeros((size, 3, *self.input_size), dtype=self._torch_type, device=device)
        outputs = torch.zeros((size, 1, *self.input_size), dtype=self._output_type, device=device)
        binding = self._session.io_binding()
        index = device.index or 0
        shape = tuple(inputs.shape)
        binding.bind_input(
            self._input_name, "cuda", index, self._numpy_type, shape, inputs.data_ptr()
        )
        output_type = np.float16 if self._output_type is torch.float16 else np.float32
        shape = tuple(outputs.shape)
        binding.bind_output(
            self._output_name, "cuda", index, output_type, shape, outputs.data_ptr()
        )
        options = ort.RunOptions()
        options.add_run_config_entry("gpu_graph_id", str(graph_id))
        return _Bucket(inputs, outputs, binding, options)


def _buckets(device: torch.device, input_size: tuple[int, int]) -> tuple[int, ...]:
    """The batch sizes that are run, rising; a batch in between is filled up to the next."""
    if device.type == "cpu":
        return (_CPU_BATCH,)
    most = min(_GPU_BATCH, max(1, _GPU_BATCH_PX // (input_size[0] * input_size[1])))
    return tuple(size for size in (1, 2, 4, 8, 16) if size <= most)


def _load(
    model: bytes, device: str, threads: int, size: tuple[int, int] | None, *, uses_graphs: bool
) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Spinning threads steal the two cores from the array work between two runs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    for name, side in zip(("height", "width"), size or (), strict=False):
        options.add_free_dimension_override_by_name(name, side)
    if size is not None and device == "cpu":
        # With every shape known, shapes are computed once and more operations share one layout.
        options.add_free_dimension_override_by_name("batch", _CPU_BATCH)
    try:
        return ort.InferenceSession(
            model,
            options,
            providers=[_provider(device)],
            provider_options=[_provider_options(device, uses_graphs=uses_graphs)],
        )
    except _RUNTIME_ERRORS as error:
        if device == "cpu":
            raise
        raise DeviceUnavailable(f"The network could not be loaded on {device}.") from error


def _provider(device: str) -> str:
    if device == "cpu":
        return "CPUExecutionProvider"
    name, _, index = device.partition(":")
    if name != "cuda" or (index and not index.isdecimal()):
        raise DeviceUnavailable(f"There is no device called “{device}”. Known: cpu, cuda, cuda:N.")
    if "CUDAExecutionProvider" not in ort.get_available_providers():
        raise DeviceUnavailable("This installation of ONNX Runtime has no CUDA support.")
    return "CUDAExecutionProvider"


def _provider_options(device: str, *, uses_graphs: bool) -> dict[str, str]:
    if device == "cpu":
        return {}
    return {
        "device_id": device.partition(":")[2] or "0",
        "cudnn_conv_algo_search": "HEURISTIC",
        "enable_cuda_graph": "1" if uses_graphs else "0",
        # Take what is needed, not the next power of two: torch lives on the device, too.
        "arena_extend_strategy": "kSameAsRequested",
    }
