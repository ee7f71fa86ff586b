"""`python -m inference bench` and `python -m inference bench precision`."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from inference.bench.journeys import THROUGHPUT_THREADS
from inference.bench.report import USUAL_PARTS, Part, Wishes, as_json, as_text, run_benchmark
from inference.protocol import Engine
from inference.sessions.pool import resolve_device
from inference.styles.catalogue import find_style

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

BuildEngine = Callable[[str, str], Engine]


def add_command(subparsers: "Subparsers", default_network: str) -> None:
    """Add `bench` to the command line."""
    bench = subparsers.add_parser("bench", help="measure the engine on this machine")
    bench.add_argument(
        "what",
        nargs="?",
        choices=["engine", "precision"],
        default="engine",
        help="the engine, or what smaller numbers and sizes do to a network",
    )
    bench.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    bench.add_argument("--network", default=default_network, help="see `weights`")
    bench.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")

    engine = bench.add_argument_group("the engine")
    engine.add_argument("--photo", type=Path, help="instead of synthetic ones of 12 megapixels")
    engine.add_argument("--style", default="studio-sweep", metavar="SLUG")
    engine.add_argument(
        "--part", action="append", choices=[part.value for part in Part], help="may be repeated"
    )
    engine.add_argument(
        "--all-figures",
        action="store_true",
        help="every figure that the engine is held to; a part that fails does not stop the others",
    )
    engine.add_argument("--repeat", type=_positive, default=7, metavar="N")
    engine.add_argument("--many", type=_positive, default=50, metavar="N", help="whole ways")
    engine.add_argument(
        "--threads",
        type=_positive,
        metavar="N",
        help="photos at a time; all figures on a GPU: one a core",
    )
    engine.add_argument("--together", type=_positive, default=16, metavar="N", help="at once")
    engine.add_argument(
        "--renders", type=_positive, metavar="N", help="watch memory over so many renders"
    )
    engine.add_argument(
        "--against-rembg",
        type=Path,
        metavar="PYTHON",
        help="the interpreter of an environment in which rembg is installed",
    )

    precision = bench.add_argument_group("precision")
    precision.add_argument(
        "--photos", type=Path, metavar="DIR", help="a folder with images/ and masks/"
    )
    precision.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="variants that begin so"
    )
    precision.add_argument("--limit", type=_positive, default=0, metavar="N")


def run(args: argparse.Namespace, build_engine: BuildEngine) -> int:
    """Measure what was asked for, print it, and write it."""
    if args.what == "precision":
        return _precision(args)
    is_gpu = resolve_device(args.device) != "cpu" if args.all_figures else False
    parts = tuple(Part(part) for part in args.part or USUAL_PARTS)
    if args.renders is not None or args.all_figures:
        parts = (*parts, Part.MEMORY)
    if args.all_figures and not is_gpu:
        parts = tuple(part for part in parts if part is not Part.TOGETHER)  # asked of GPUs only
    wishes = Wishes(
        device=args.device,
        network=args.network,
        style=find_style(args.style),
        parts=parts,
        photo=args.photo,
        repeat=args.repeat,
        many=args.many,
        together=args.together,
        renders=args.renders or 1000,
        threads=args.threads or (os.cpu_count() if is_gpu else None) or THROUGHPUT_THREADS,
        rembg=args.against_rembg,
        goes_on=args.all_figures,
    )
    report = run_benchmark(
        lambda: build_engine(args.device, args.network), wishes, on_progress=_say
    )
    _give(as_text(report), as_json(report), args.json)
    return 1 if report.failures else 0


def _precision(args: argparse.Namespace) -> int:
    if args.photos is None:
        sys.stderr.write("bench precision needs --photos DIR, a folder with images/ and masks/.\n")
        return 2
    from inference.bench import precision

    rows = precision.study(
        args.network,
        args.photos,
        device=args.device,
        limit=args.limit,
        only=tuple(args.only),
        on_progress=_say,
    )
    return _give(precision.as_text(rows), precision.as_json(rows), args.json)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"“{text}” is not a whole number above 0")
    return int(text)


def _give(text: str, json_text: str, path: Path | None) -> int:
    sys.stdout.write(text)
    if path is not None:
        path.write_text(json_text)
    return 0


def _say(what: str) -> None:
    sys.stderr.write(f"{what} …\n")
