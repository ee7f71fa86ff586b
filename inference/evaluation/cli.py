"""`python -m inference eval DIR`: scores, a table and contact sheets of the worst cases."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from inference.evaluation.pairs import Pair, find_pairs
from inference.pixels.arrays import AlphaF32
from inference.protocol import Engine

if TYPE_CHECKING:
    from inference.evaluation.contest import Contestant

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

BuildEngine = Callable[[str, str], Engine]

_PIPELINES = ("full", "network")


def add_command(subparsers: "Subparsers", default_network: str) -> None:
    """Add `eval` to the command line."""
    parser = subparsers.add_parser("eval", help="score cutouts against a folder of true masks")
    parser.add_argument("folder", type=Path, help="holds images/ and masks/ with the same stems")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--network", action="append", help="may be repeated; see `weights`")
    parser.add_argument(
        "--pipeline", action="append", choices=_PIPELINES, help="may be repeated; default full"
    )
    parser.add_argument("--only", metavar="PREFIX", default="", help="stems that begin like this")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write table, JSON and sheets here")
    parser.add_argument("--worst", type=int, default=12, metavar="N", help="rows of a sheet")
    parser.set_defaults(default_network=default_network)


def run(args: argparse.Namespace, build_engine: BuildEngine) -> int:
    """Score what `args` asks for; 0, or 1 when a photo could not be cut out."""
    # torch is loaded here and not before.
    from inference.evaluation.contest import run_contest
    from inference.evaluation.report import as_table, write_report

    pairs = [pair for pair in find_pairs(args.folder) if pair.stem.startswith(args.only)]
    mattes: dict[str, dict[str, AlphaF32]] = {}

    def keep(name: str, pair: Pair, alpha: AlphaF32) -> None:
        sys.stderr.write(f"{name}: {pair.stem}\n")
        if args.out is not None:
            mattes.setdefault(name, {})[pair.stem] = alpha

    networks = args.network or [args.default_network]
    engine = build_engine(args.device, networks[0])
    try:
        contestants = _contestants(args, networks, engine)
        outcomes = run_contest(pairs, contestants, on_matte=keep)
    finally:
        engine.close()
    sys.stdout.write(as_table(outcomes))
    if args.out is not None:
        for path in write_report(args.out, outcomes, mattes, args.worst):
            sys.stderr.write(f"{path}\n")
    return 1 if any(outcome.failures for outcome in outcomes) else 0


def _contestants(
    args: argparse.Namespace, networks: list[str], engine: Engine
) -> "list[Contestant]":
    from inference.evaluation.contest import bare_network, full_pipeline
    from inference.networks.segmenter import load_segmenter
    from inference.sessions.pool import resolve_device

    contestants = []
    for network in networks:
        for pipeline in args.pipeline or ["full"]:
            if pipeline == "full":
                contestants.append(full_pipeline(engine, network))
            else:
                segmenter = load_segmenter(network, device=resolve_device(args.device))
                contestants.append(bare_network(segmenter, network))
    return contestants
