"""The benchmark measures what it says, part by part, and cleans up when something fails."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from inference.__main__ import main
from inference.bench.journeys import MemoryGrowth, Throughput, Together
from inference.bench.precision import _resized, _weights_in_bytes, as_text, study
from inference.bench.report import Report
from inference.bench.timing import Samples, Spent, percentile
from inference.errors import InferenceError, WeightsMissing
from inference.networks.weights import installed_path
from inference.protocol import Engine
from inference.sessions.onnx_session import OnnxSession
from inference.synthetic import synthetic_jpeg, synthetic_photo
from inference.testing import FakeEngine


def fake(device: str, network: str) -> Engine:
    return FakeEngine(device=device)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(synthetic_jpeg(320, 240))
    return path


@pytest.fixture
def needs_weights() -> None:
    try:
        installed_path("softbox-matte")
    except WeightsMissing as error:
        pytest.skip(f"This test runs a real network: {error}")


def bench(photo: Path, *words: str) -> dict[str, object]:
    figures = photo.parent / "figures.json"
    argv = ["bench", "--photo", str(photo), "--repeat", "2", "--json", str(figures), *words]
    assert main(argv, build_engine=fake) == 0
    report = json.loads(figures.read_text())
    assert isinstance(report, dict)
    return report


def test_the_journeys_are_a_table_and_json(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = bench(photo, "--part", "journeys")
    assert report["photo"] == {"width": 320, "height": 240, "bytes": photo.stat().st_size}
    journeys = {timing["name"]: timing for timing in report["journeys"]}  # type: ignore[attr-defined]
    assert set(journeys) == {
        "cutout, photo to refined alpha",
        "new photo, to its thumb",
        "new photo, to its preview",
        "new photo, to its final",
        "changed look, thumb",
        "changed look, preview",
        "changed look, final",
        "photo to WebP, 2048 px",
    }
    assert journeys.pop("cutout, photo to refined alpha")["runs"] == 3  # one more: the very first
    assert all(timing["runs"] == 2 for timing in journeys.values())
    assert all(0 < timing["p50_ms"] <= timing["p95_ms"] for timing in journeys.values())
    stages = {timing["name"] for timing in report["stages"]}  # type: ignore[attr-defined]
    assert {"cutout preview.segment", "render final.save"} <= stages
    assert report["many"] is None
    assert journeys["changed look, preview"]["cpu_p50_ms"] > 0
    assert report["memory_mib"]["process peak"] > 10  # type: ignore[index]
    assert "changed look, preview" in capsys.readouterr().out


def test_the_other_parts_say_how_many_how_fast_and_how_much(
    photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = ("--part", "many", "--part", "together", "--many", "3", "--together", "2")
    report = bench(photo, *parts, "--renders", "11", "--threads", "2")
    many = report["many"]
    assert isinstance(many, dict)
    assert many["photos"] == 3
    assert many["spent"]["wall_s"] > 0
    together, growth = report["together"], report["memory_growth"]
    assert isinstance(together, dict)
    assert isinstance(growth, dict)
    assert together["requests"] == 2
    assert together["together_s"] > 0
    assert growth["renders"] == 11
    assert growth["settled_mib"] > 10
    out = capsys.readouterr().out
    assert "2 cutouts: one by one" in out
    assert "memory over 11 renders" in out


def all_figures(photo: Path, engine: FakeEngine) -> tuple[int, dict[str, dict[str, Any]]]:
    words = ["--all-figures", "--photo", str(photo), "--json", str(photo.parent / "all.json")]
    few = ["--repeat", "2", "--many", "2", "--renders", "4", "--part", "journeys", "--part", "many"]
    code = main(["bench", *words, *few, "--device", "cpu"], build_engine=lambda *_: engine)
    report = json.loads((photo.parent / "all.json").read_text())
    return code, {figure["name"]: figure for figure in report["figures"]}


def test_all_figures_stand_beside_their_goals(
    photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, figures = all_figures(photo, FakeEngine(device="cpu"))
    assert code == 0
    cutout = figures["cutout, photo to refined alpha"]
    assert (cutout["goal"], cutout["unit"], cutout["is_upper_limit"]) == (1000.0, "ms", True)
    assert cutout["is_met"] is (cutout["measured"] <= 1000.0)
    assert figures["photos to 1024 px finals"]["measured"] > 0
    assert figures["memory growth"]["measured"] is not None
    rembg = figures["against rembg's cut-out"]
    assert (rembg["measured"], rembg["is_met"], rembg["note"]) == (None, None, "not measured")
    assert len(figures) == 7
    assert "| changed look, preview | ≤ 250 ms |" in capsys.readouterr().out


def test_a_part_that_fails_costs_its_own_figures_only(
    photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = FakeEngine(device="cpu", fail_with={"shadow": InferenceError("The lamp is out.")})
    code, figures = all_figures(photo, engine)
    assert code == 1
    assert figures["cutout, photo to refined alpha"]["measured"] > 0
    for name in ("changed look, preview", "photos to 1024 px finals", "memory growth"):
        assert figures[name]["measured"] is None
        assert figures[name]["note"] == "failed: The lamp is out."
    assert "failed: The lamp is out." in capsys.readouterr().out


def test_goals_of_a_gpu_are_stricter_and_a_missed_one_is_said() -> None:
    samples = Samples()
    for _ in range(3):
        samples.add("cutout, photo to refined alpha", 68.0, 90.0)
    report = Report(
        device="cuda:0",
        machine={},
        photo={},
        network="softbox-matte",
        style="studio-sweep",
        start_ms=0.0,
        journeys=samples.timings(),
        stages=(),
        many=Throughput(50, Spent(wall_s=1.0, cpu_s=9.0)),
        together=Together(16, 8.0, 4.0),
        networks=None,
        memory_growth=None,
        against_rembg=None,
        memory_mib={},
        failures={},
    )
    met = {figure.name: (figure.goal, figure.is_met) for figure in report.figures}
    assert met["cutout, photo to refined alpha"] == (40.0, False)
    assert met["photos to 1024 px finals"] == (25.0, True)
    assert met["cutouts at once against one by one"] == (4.0, False)
    assert met["memory growth"] == (5.0, None)


@pytest.mark.usefixtures("needs_weights")
def test_the_network_alone_is_timed_at_four_batch_sizes(
    photo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.bench.network._LONGEST_S", 0.0)
    monkeypatch.setattr("inference.bench.network._SHORTEST_RUNS", 1)
    report = bench(photo, "--device", "cpu", "--part", "network")
    networks = report["networks"]
    assert isinstance(networks, dict)
    assert [speed["batch"] for speed in networks["speeds"]] == [1, 4, 8, 16]
    assert all(speed["pictures_per_s"] > 0 for speed in networks["speeds"])
    assert networks["first_run_ms"] > 0
    assert "softbox-matte alone" in capsys.readouterr().out


def test_gain_and_growth_are_ratios() -> None:
    assert Together(16, 8.0, 2.0).gain == 4.0
    assert MemoryGrowth(1000, 200.0, 210.0).share == pytest.approx(0.05)


def test_a_percentile_is_one_of_the_measured_values() -> None:
    assert percentile([3.0, 1.0, 2.0], 50) == 2.0
    assert percentile([3.0, 1.0, 2.0], 95) == 3.0
    assert percentile([5.0], 50) == 5.0
    assert percentile([float(n) for n in range(1, 101)], 95) == 95.0


def test_samples_keep_their_order_and_their_first_run() -> None:
    samples = Samples()
    for name, duration_ms in (("b", 9.0), ("a", 1.0), ("b", 3.0)):
        samples.add(name, duration_ms)
    with samples.timed("a"):
        pass
    first, second = samples.timings()
    assert (first.name, first.first_ms, first.p50_ms, first.runs) == ("b", 9.0, 3.0, 2)
    assert (second.name, second.runs) == ("a", 2)


@pytest.mark.usefixtures("needs_weights")
def test_rembg_is_spoken_to_in_turns(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rembg = photo.parent / "rembg.py"
    rembg.write_text(
        "import os, pathlib\n"
        "def new_session(name):\n"
        "    network = pathlib.Path(os.environ['U2NET_HOME'], name + '.onnx')\n"
        "    assert network.stat().st_size > 1_000_000\n"
        "def remove(data, session, only_mask):\n"
        "    assert data.startswith(b'\\xff\\xd8')\n"
    )
    python = photo.parent / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={photo.parent} exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    report = bench(photo, "--part", "journeys", "--against-rembg", str(python))
    found = report["against_rembg"]
    assert isinstance(found, dict)
    assert found["runs"] == 2
    assert 0 < found["rembg_matte_ms"] < 1000
    assert "rembg (cut-out)" in capsys.readouterr().out


@pytest.mark.usefixtures("needs_weights")
@pytest.mark.parametrize("python", ["/nowhere/python", sys.executable])
def test_an_environment_without_rembg_is_said_plainly(
    photo: Path, python: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.bench.rembg_pipeline._SCRIPT", "raise SystemExit(1)")
    argv = ["bench", "--photo", str(photo), "--part", "together", "--together", "1"]
    assert main([*argv, "--against-rembg", python], build_engine=fake) == 2
    assert python in capsys.readouterr().err


def test_an_error_in_the_middle_closes_the_engine(photo: Path) -> None:
    built: list[FakeEngine] = []

    def build(device: str, network: str) -> Engine:
        built.append(FakeEngine(fail_with={"shadow": InferenceError("No.")}))
        return built[0]

    argv = ["bench", "--photo", str(photo), "--part", "journeys"]
    assert main(argv, build_engine=build) == 2
    assert not built[0].health().is_ready


@pytest.mark.parametrize("words", [["--repeat", "0"], ["--many", "few"], ["--part", "everything"]])
def test_words_that_make_no_sense_are_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(["bench", *words], build_engine=fake)


# --- precision ----------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("images", "masks"):
        (tmp_path / name).mkdir()
    for number in range(3):
        rgb, alpha = synthetic_photo(96, 96, seed=number)
        Image.fromarray(rgb).save(tmp_path / "images" / f"{number}.jpg")
        Image.fromarray(alpha).save(tmp_path / "masks" / f"{number}.png")
    return tmp_path


def model(side: int = 8) -> onnx.ModelProto:
    """One convolution with filters of very different sizes."""
    weights = np.random.default_rng(2).normal(size=(16, 3, 3, 3)).astype(np.float32)
    weights *= np.logspace(-3, 1, 16, dtype=np.float32)[:, None, None, None]
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w"], ["y"], pads=[1, 1, 1, 1])],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, side, side])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 16, side, side])],
        [numpy_helper.from_array(weights, "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6)


def test_weights_in_bytes_give_nearly_the_same_numbers_from_a_smaller_file(tmp_path: Path) -> None:
    whole, small = model(), _weights_in_bytes(model())
    for name, made in (("whole", whole), ("small", small)):
        onnx.save(made, str(tmp_path / f"{name}.onnx"))
    batch = np.random.default_rng(3).normal(size=(1, 3, 8, 8)).astype(np.float32)
    results = [OnnxSession(tmp_path / f"{name}.onnx").run(batch) for name in ("whole", "small")]
    largest = np.abs(results[0]).max(axis=(0, 2, 3), keepdims=True)
    assert np.abs((results[0] - results[1]) / largest).max() < 0.02
    assert (tmp_path / "small.onnx").stat().st_size < (tmp_path / "whole.onnx").stat().st_size


def test_a_network_runs_at_another_size(tmp_path: Path) -> None:
    onnx.save(_resized(model(8), 16), str(tmp_path / "large.onnx"))
    session = OnnxSession(tmp_path / "large.onnx")
    assert session.input_size == (16, 16)
    assert session.run(np.zeros((1, 3, 16, 16), dtype=np.float32)).shape == (1, 16, 16, 16)


@pytest.mark.usefixtures("needs_weights")
def test_the_study_compares_variants_with_masks(folder: Path) -> None:
    rows = study("u2netp", folder, only=("int8 weights", "fp32 at 192"))
    assert [row.variant for row in rows] == ["fp32", "int8 weights only", "fp32 at 192 px"]
    first, weights, small = rows
    assert (first.speed, first.drift, first.photos) == (1.0, 0.0, 2)
    assert weights.megabytes < first.megabytes / 3
    assert weights.drift > 0
    assert small.drift > 0
    assert all(0 <= row.error <= 1 and 0 <= row.iou <= 1 for row in rows)
    assert "2 photos" in as_text(rows)


def test_a_folder_without_masks_is_said_plainly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "precision", "--photos", str(tmp_path)], build_engine=fake) == 2
    assert "images/ and masks/" in capsys.readouterr().err
    assert main(["bench", "precision"], build_engine=fake) == 2
    assert "--photos" in capsys.readouterr().err
