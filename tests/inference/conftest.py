"""What tests of the engine's inside share."""

import pytest

from inference.errors import WeightsMissing
from inference.networks.segmenter import NetworkSegmenter, load_segmenter


@pytest.fixture(scope="session")
def u2netp() -> NetworkSegmenter:
    """The default network, really loaded."""
    try:
        return load_segmenter("u2netp", threads=2)
    except WeightsMissing:
        pytest.skip("u2netp weights are not installed")
