"""`python -m inference inspect picture | prove`."""

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from inference.errors import ParameterInvalid, PhotoUnreadable
from inference.inspect.findings import ChannelNeed, Inspection, InspectionRequest, Verdict
from inference.protocol import Engine
from inference.requests import (
    DEFAULT_NETWORK,
    CutoutRequest,
    CutoutSource,
    OutputSpec,
    PhotoSource,
    RenderRequest,
    StyleSpec,
)
from inference.styles.catalogue import find_style

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

BuildEngine = Callable[[str, str], Engine]

_MOST_PHOTOS = 24
# Empty scenes and the plates that they are drawn of, while a proof runs.
_SETS_BYTES = 256 * 2**20


def add_commands(subparsers: "Subparsers") -> None:
    """Add `inspect` and its verbs to the command line."""
    parser = subparsers.add_parser("inspect", help="check finished pictures, or prove the checks")
    verbs = parser.add_subparsers(dest="verb", required=True)
    picture = verbs.add_parser("picture", help="render a photo in a style and inspect the result")
    picture.add_argument("photo", type=Path)
    picture.add_argument("--style", required=True, metavar="SLUG")
    picture.add_argument("--size", type=int, default=OutputSpec().longest_side_px, metavar="PX")
    picture.add_argument(
        "--channel",
        action="append",
        default=[],
        metavar="NAME=PX",
        help="a channel and the pixels that it asks for along the longest side; may be repeated",
    )
    picture.add_argument("--json", type=Path, metavar="FILE", help="write the inspection here too")
    proof = verbs.add_parser("prove", help="plant faults into real photos and count what is found")
    proof.add_argument("--photos", type=Path, required=True, metavar="DIR")
    proof.add_argument("--half", choices=("tune", "report", "all"), default="report")
    proof.add_argument("--most", type=int, default=_MOST_PHOTOS, metavar="N", help="photos to use")
    proof.add_argument(
        "--record", type=Path, metavar="DIR", help="keep each photo's findings here, and go on"
    )
    for verb in (picture, proof):
        verb.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
        verb.add_argument("--network", default=DEFAULT_NETWORK, help="cuts the products out")


def run(args: argparse.Namespace, build_engine: BuildEngine) -> int:
    """Do what `args.verb` says; 1 when a picture failed or is held, else 0.

    Raises:
        InferenceError: the photo, the style, the weights or the device; see its children.
    """
    return _picture(args, build_engine) if args.verb == "picture" else _prove(args, build_engine)


def _picture(args: argparse.Namespace, build_engine: BuildEngine) -> int:
    find_style(args.style)
    channels = tuple(
        ChannelNeed(name, smallest_longest_px=side) for name, side in map(_channel, args.channel)
    )
    photo = PhotoSource(args.photo, hashlib.sha256(args.photo.read_bytes()).hexdigest())
    engine = build_engine(args.device, args.network)
    try:
        cutout = engine.cut_out(
            CutoutRequest(photo, args.network), on_event=lambda _: None, is_cancelled=lambda: False
        )
        with tempfile.TemporaryDirectory(prefix="softbox-") as folder:
            alpha = Path(folder) / "alpha.png"
            alpha.write_bytes(cutout.alpha_png)
            digest = hashlib.sha256(cutout.alpha_png).hexdigest()
            source = CutoutSource(alpha, digest, cutout.measurements)
            request = RenderRequest(
                photo, source, StyleSpec(args.style), OutputSpec(args.size), only_tier=True
            )
            finished = engine.render(request, on_event=lambda _: None, is_cancelled=lambda: False)
            inspection = engine.inspect(
                InspectionRequest(
                    request, finished.image.data, channels, placement=finished.placement
                )
            )
    finally:
        engine.close()
    sys.stdout.write(as_text(inspection))
    if args.json is not None:
        args.json.write_text(json.dumps(inspection.to_json(), indent=1))
    stops = (Verdict.FAIL, Verdict.HOLD)
    return int(any(found.verdict in stops for found in inspection.findings))


def _channel(text: str) -> tuple[str, int]:
    name, equals, side = text.partition("=")
    if not (name and equals and side.isdecimal()):
        raise ParameterInvalid("channel", f"“{text}” is not of the form NAME=PX.")
    return name, int(side)


def as_text(inspection: Inspection) -> str:
    """One line a finding, then the doubt and the cost."""
    lines = []
    for found in inspection.findings:
        box = found.region
        place = f"  [{box.left},{box.top} {box.width}×{box.height}]" if box else ""
        lines.append(
            f"{found.verdict:<9} {found.score:4.2f}  {found.check}: {found.sentence}{place}"
        )
    total = sum(inspection.timings_ms.values())
    lines.append(f"uncertainty {inspection.uncertainty:.2f}; {total:.0f} ms of CPU time")
    return "\n".join(lines) + "\n"


def _prove(args: argparse.Namespace, build_engine: BuildEngine) -> int:
    # Inside: all of them load torch, which `--help` and a wrong word must not wait for.
    from inference.inspect.inspector import load_inspector
    from inference.inspect.prove import Record, as_tables, find_photos, half_of, prove
    from inference.rendering import Renderer
    from inference.stage_cache import StageCache

    photos = half_of(find_photos(args.photos), args.half)
    if not photos:
        raise PhotoUnreadable(f"There are no pictures in {args.photos}.")
    engine = build_engine(args.device, args.network)
    sets = Renderer(device="cpu", cache=StageCache(budget_bytes=_SETS_BYTES))
    try:
        cases = list(
            prove(
                photos,
                engine=engine,
                inspector=load_inspector(sets=sets),
                network=args.network,
                most=args.most,
                record=Record(args.record),
                on_photo=_say,
            )
        )
    finally:
        engine.close()
    sys.stdout.write(as_tables(cases))
    return 0


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
