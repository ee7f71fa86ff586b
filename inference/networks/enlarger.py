"""The two enlarging networks, from their registered files: SRVGG for any device, RRDB for a GPU."""

import torch

from inference.enhance.recipe import Network, network_files
from inference.errors import DeviceUnavailable, WeightsCorrupt, WeightsMissing
from inference.networks.ncnn import NcnnInvalid, NcnnNetwork, read_ncnn
from inference.networks.weights import installed_path


class Enlarger:
    """Enlarges by four; safe to share between threads."""

    def __init__(self, network: NcnnNetwork, device: str) -> None:
        # Half floats halve a GPU's time; a CPU has no fast half-float convolutions.
        self._dtype = torch.float32 if device == "cpu" else torch.float16
        self._network = network.to(device=device, dtype=self._dtype)
        self.memory_bytes = sum(
            each.numel() * each.element_size() for each in self._network.parameters()
        )

    def __call__(self, picture: torch.Tensor) -> torch.Tensor:
        """(1, 3, H, W) sRGB 0..1 to (1, 3, 4 H, 4 W), not clipped."""
        with torch.inference_mode():
            enlarged: torch.Tensor = self._network(picture.to(self._dtype)).to(picture.dtype)
        return enlarged


def load_enlarger(name: str, *, device: str) -> Enlarger:
    """The network called "fast" or "best".

    Raises:
        WeightsMissing, WeightsCorrupt: a file is absent, not the registered one, or not readable.
        DeviceUnavailable: the best network and no GPU: it would take minutes a megapixel.
    """
    network = Network(name)
    if network is Network.BEST and device == "cpu":
        raise DeviceUnavailable(
            "The best enlarging needs a GPU, and this studio has none. Choose the fast one."
        )
    try:
        plan, numbers = (installed_path(file) for file in network_files(network))
    except WeightsMissing as error:
        raise WeightsMissing(
            "Enlarging is not installed on this studio. Its operator fetches it with: "
            f"python -m inference weights pull {' '.join(network_files(network))}"
        ) from error
    try:
        return Enlarger(read_ncnn(plan.read_text("utf-8"), numbers.read_bytes()), device)
    except (NcnnInvalid, UnicodeDecodeError) as error:
        raise WeightsCorrupt(f"The files of enlarging ({network.value}) cannot be read.") from error
