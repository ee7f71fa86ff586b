"""How long a brush stroke takes: `python -m inference.correcting_benchmark PHOTO [STROKES]`.

A cut-out is made once; then strokes are laid over it one after the other, as an editor sends them.
The first stroke opens the photo; the others find it open.
"""

import hashlib
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from inference.engine import RenderEngine
from inference.events import CutoutFinished, Event, PreviewReady
from inference.requests import CorrectionRequest, CutoutRequest, PhotoSource, Stroke, StrokeKind


def stroke_number(number: int, finished: CutoutFinished) -> Stroke:
    """Along the product's left and right edges in turn, each a little lower than the last."""
    box = finished.measurements.subject
    x = float(box.left if number % 2 else box.right)
    y = box.top + box.height * ((number * 0.37) % 0.8)
    radius = max(finished.width, finished.height) * 0.02
    points = tuple((x, y + step * box.height * 0.02) for step in range(10))
    return Stroke(StrokeKind.ERASE if number % 3 else StrokeKind.KEEP, radius, points)


def main(photo: Path, count: int) -> None:
    """Write preview and full-size times of the first and of the other strokes, in milliseconds."""
    engine = RenderEngine()
    source = PhotoSource(photo, hashlib.sha256(photo.read_bytes()).hexdigest())
    found = engine.cut_out(
        CutoutRequest(source), on_event=lambda _: None, is_cancelled=lambda: False
    )
    previews: list[float] = []
    totals: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        alpha_path = Path(folder) / "alpha.png"
        alpha_path.write_bytes(found.alpha_png)
        sha256 = hashlib.sha256(found.alpha_png).hexdigest()
        strokes = tuple(stroke_number(number, found) for number in range(count))
        for number in range(1, count + 1):
            request = CorrectionRequest(source, alpha_path, sha256, strokes[:number])
            started = time.perf_counter()

            def on_event(event: Event, started: float = started) -> None:
                if isinstance(event, PreviewReady):
                    previews.append((time.perf_counter() - started) * 1000)

            engine.correct(request, on_event=on_event, is_cancelled=lambda: False)
            totals.append((time.perf_counter() - started) * 1000)
    for name, times in (("preview", previews), ("full size", totals)):
        others = sorted(times[1:])
        p95 = others[min(len(others) - 1, round(0.95 * len(others)))]
        sys.stdout.write(
            f"{name}: first {times[0]:.0f} ms, then p50 {median(others):.0f}, p95 {p95:.0f}\n"
        )
    sys.stdout.write(f"{found.width} x {found.height} px, {count} strokes\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 40)
