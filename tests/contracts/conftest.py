"""Every engine in turn, started once, with a photo that it has cut out itself."""

from collections.abc import Iterator

import pytest

from inference.protocol import Engine
from tests.contracts.engines import BUILDERS, Build, Scene, make_scene

ENGINES = [
    pytest.param(name, marks=[pytest.mark.gpu] if "gpu" in name else []) for name in BUILDERS
]


@pytest.fixture(scope="session", params=ENGINES)
def build(request: pytest.FixtureRequest) -> Build:
    return BUILDERS[request.param]


@pytest.fixture(scope="session")
def engine(build: Build) -> Iterator[Engine]:
    engine = build()
    engine.warm_up()
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def scene(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return make_scene(engine, tmp_path_factory.mktemp("scene"))
