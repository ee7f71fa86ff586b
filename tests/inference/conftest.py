"""What tests of the engine's inside share."""

import pytest

from inference.networks.segmenter import NetworkSegmenter, load_segmenter
from inference.requests import DEFAULT_NETWORK


@pytest.fixture(scope="session")
def segmenter() -> NetworkSegmenter:
    """The default network, really loaded."""
    return load_segmenter(DEFAULT_NETWORK, threads=2)
