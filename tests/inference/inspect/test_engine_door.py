"""Whatever process the engine lives in, it inspects finished pictures."""

from pathlib import Path

import pytest

from inference.errors import EngineOverloaded, WeightsMissing
from inference.inspect.findings import InspectionRequest, Item, Verdict
from inference.inspect.inspector import load_inspector
from inference.remote import RemoteEngine
from inference.testing import FakeEngine
from tests.inference.inspect.studio import Studio


def _request(folder: Path) -> InspectionRequest:
    studio = Studio(folder)
    request = studio.request()
    return InspectionRequest(request, studio.render(request).image.data)


def test_the_fake_leaves_every_point_to_a_person(tmp_path: Path) -> None:
    engine = FakeEngine()
    inspection = engine.inspect(_request(tmp_path))
    assert [found.item for found in inspection.findings] == list(Item)
    assert {found.verdict for found in inspection.findings} == {Verdict.UNCHECKED}
    assert inspection.uncertainty > 0.5
    engine.close()
    with pytest.raises(EngineOverloaded):
        engine.inspect(_request(tmp_path))


def test_an_engine_in_another_process_answers_the_same(tmp_path: Path) -> None:
    request = _request(tmp_path)
    engine = RemoteEngine("inference.testing:FakeEngine")
    try:
        assert engine.inspect(request) == FakeEngine().inspect(request)
    finally:
        engine.close()


def test_the_real_engine_inspects_with_its_own_networks(tmp_path: Path) -> None:
    from inference.engine import RenderEngine

    try:
        load_inspector()
    except WeightsMissing as error:
        pytest.skip(f"the inspection’s networks are not installed: {error}")
    engine = RenderEngine(device="cpu", networks=())
    inspection = engine.inspect(_request(tmp_path))
    verdicts = {found.check: found.verdict for found in inspection.findings}
    assert verdicts["product"] is Verdict.PASS
    assert verdicts["policy"] is Verdict.PASS
    assert inspection.summary is not None
