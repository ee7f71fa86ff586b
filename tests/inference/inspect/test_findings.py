"""What an inspection says survives storage, and doubt orders pictures sensibly."""

import json
import subprocess
import sys

from inference.inspect.findings import (
    Finding,
    Inspection,
    Item,
    Summary,
    Verdict,
    uncertainty_of,
)
from inference.requests import Box


def _finding(verdict: Verdict, score: float = 1.0, region: Box | None = None) -> Finding:
    return Finding("colours", Item.COLOUR, score, verdict, "Said plainly.", region)


def test_an_inspection_survives_json() -> None:
    inspection = Inspection(
        (_finding(Verdict.FAIL, 0.1, Box(1, 2, 30, 40)), _finding(Verdict.PASS)),
        0.9,
        {"colours": 12.5},
        Summary(0.7, 0.5, 0.48, (90.0, 1.0, 2.0)),
    )
    assert Inspection.from_json(json.loads(json.dumps(inspection.to_json()))) == inspection


def test_an_inspection_without_a_summary_survives_json() -> None:
    inspection = Inspection((), 0.0)
    assert Inspection.from_json(json.loads(json.dumps(inspection.to_json()))) == inspection


def test_doubt_rises_with_the_worst_finding_and_no_good_one_hides_it() -> None:
    fine = [_finding(Verdict.PASS)] * 7
    doubts = [
        uncertainty_of([*fine, _finding(verdict, 0.5)])
        for verdict in (Verdict.PASS, Verdict.UNCHECKED, Verdict.WARN, Verdict.FAIL, Verdict.HOLD)
    ]
    assert doubts == sorted(doubts)
    assert len(set(doubts)) == 5
    assert uncertainty_of(fine) == 0.0
    assert doubts[-1] == 1.0


def test_reading_findings_loads_no_network_library() -> None:
    code = (
        "import sys, inference.inspect.findings;"
        "sys.exit(any(name in sys.modules for name in ('torch', 'onnxruntime')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
