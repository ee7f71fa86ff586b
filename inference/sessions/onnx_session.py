"""One loaded ONNX network on one device, never on another than the one asked for."""

from pathlib import Path
from typing import cast

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from inference.errors import DeviceUnavailable, OutOfMemory
from inference.sessions.onnx_graph import with_dynamic_batch

_NUMPY_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
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
# The runtime says this in its own words; there is no error class for it.
_OUT_OF_MEMORY_WORDS = ("out of memory", "Failed to allocate memory", "bad_alloc")


class OnnxSession:
    """Runs a network's first output on batches of any size.

    `device` is `cpu`, `cuda` or `cuda:N`. `threads` is the number of CPU threads inside one
    operation; 0 lets the runtime take every core. Safe to call from several threads at once.

    Raises:
        DeviceUnavailable: the runtime cannot put the network on `device`.
    """

    def __init__(self, path: Path, *, device: str = "cpu", threads: int = 0) -> None:
        self.device = device
        model = path.read_bytes()
        self.memory_bytes = len(model)
        provider, provider_options = _provider(device)
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Spinning threads steal the two cores from the array work between two runs.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            session = ort.InferenceSession(
                with_dynamic_batch(model),
                options,
                providers=[provider],
                provider_options=[provider_options],
            )
        except _RUNTIME_ERRORS as error:
            if provider == "CPUExecutionProvider":
                raise
            raise DeviceUnavailable(f"The network could not be loaded on {device}.") from error
        if session.get_providers()[0] != provider:
            got = session.get_providers()[0]
            raise DeviceUnavailable(
                f"The device {device} was asked for, but only {got} works here."
            )
        self._session = session
        first = session.get_inputs()[0]
        self._input_name = first.name
        self._input_type = _NUMPY_TYPES[first.type]
        self._output_name = session.get_outputs()[0].name
        # Spatial size the network was exported with: (H, W), 0 where any will do.
        height, width = (size if isinstance(size, int) else 0 for size in first.shape[2:4])
        self.input_size: tuple[int, int] = (height, width)
        self.metadata: dict[str, str] = dict(session.get_modelmeta().custom_metadata_map)

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the network.

        Args:
            batch: (N, C, H, W) float32, normalised as the network wants it; H, W = `input_size`.

        Returns:
            The first output, float32; its first dimension is N.

        Raises:
            OutOfMemory: the device's memory was not enough for this batch.
        """
        inputs = np.ascontiguousarray(batch, dtype=self._input_type)
        try:
            if self.device == "cpu":
                output = self._session.run([self._output_name], {self._input_name: inputs})[0]
            else:
                output = self._run_bound(inputs)
        except _RUNTIME_ERRORS as error:
            if any(words in str(error) for words in _OUT_OF_MEMORY_WORDS):
                raise OutOfMemory("There was not enough memory for this picture.") from error
            raise
        return cast(NDArray[np.float32], np.asarray(output, dtype=np.float32))

    def _run_bound(self, inputs: NDArray[np.float32] | NDArray[np.float16]) -> NDArray[np.generic]:
        """Bind output memory on the device, so that only the first output ever travels back."""
        binding = self._session.io_binding()
        binding.bind_cpu_input(self._input_name, inputs)
        device, _, index = self.device.partition(":")
        binding.bind_output(self._output_name, device, int(index or 0))
        self._session.run_with_iobinding(binding)
        return cast(NDArray[np.generic], binding.copy_outputs_to_cpu()[0])

    def warm_up(self) -> None:
        """Run once on zeros: the first run costs seconds on CUDA, and none should be a seller's."""
        self.run(np.zeros((1, 3, *self.input_size), dtype=np.float32))


def _provider(device: str) -> tuple[str, dict[str, str]]:
    if device == "cpu":
        return "CPUExecutionProvider", {}
    name, _, index = device.partition(":")
    if name != "cuda" or (index and not index.isdecimal()):
        raise DeviceUnavailable(f"There is no device called “{device}”. Known: cpu, cuda, cuda:N.")
    if "CUDAExecutionProvider" not in ort.get_available_providers():
        raise DeviceUnavailable("This installation of ONNX Runtime has no CUDA support.")
    return "CUDAExecutionProvider", {
        "device_id": index or "0",
        "cudnn_conv_algo_search": "HEURISTIC",
    }
