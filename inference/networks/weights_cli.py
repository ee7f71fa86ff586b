"""`python -m inference weights list | pull | verify`."""

import argparse
import sys
from typing import TYPE_CHECKING

from inference.errors import InferenceError
from inference.networks.fetching import pull
from inference.networks.weights import Weights, entry, registry, status, verify

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def add_commands(subparsers: "Subparsers") -> None:
    """Add `weights` and its three verbs to the command line."""
    parser = subparsers.add_parser("weights", help="list, fetch and check network weights")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="every registered network and whether it is installed")
    pulling = verbs.add_parser("pull", help="fetch networks (the default one when none is named)")
    pulling.add_argument("names", nargs="*", metavar="NAME")
    verifying = verbs.add_parser("verify", help="check installed files against their sha256")
    verifying.add_argument("names", nargs="*", metavar="NAME")


def run(args: argparse.Namespace) -> int:
    """Do what `args.verb` says; 0 when all went well, 1 otherwise."""
    if args.verb == "list":
        return _list()
    if args.verb == "pull":
        return _pull(args.names or [w.name for w in registry().values() if w.is_default])
    return _verify(args.names or [s.weights.name for s in status() if s.path is not None])


def _list() -> int:
    for found in status():
        weights = found.weights
        state = str(found.path) if found.path else "not installed"
        sys.stdout.write(f"{_heading(weights)}\n    {state}\n")
        sys.stdout.write(
            f"    code {weights.code_licence}; weights {weights.weights_licence}; "
            f"commercial use: {weights.commercial_use}\n    sha256 {weights.sha256}\n"
        )
        if weights.notice:
            sys.stdout.write(f"    {weights.notice}\n")
    return 0


def _pull(names: list[str]) -> int:
    exit_code = 0
    for name in names:
        try:
            weights = entry(name)
            if weights.notice:
                sys.stdout.write(f"{name}: {weights.notice}\n")
            sys.stdout.write(f"{name}: {pull(name)}\n")
        except InferenceError as error:
            sys.stderr.write(f"{name}: {error}\n")
            exit_code = 1
    return exit_code


def _verify(names: list[str]) -> int:
    exit_code = 0
    for name in names:
        try:
            sys.stdout.write(f"{name}: {verify(name)} is as registered\n")
        except InferenceError as error:
            sys.stderr.write(f"{name}: {error}\n")
            exit_code = 1
    return exit_code


def _heading(weights: Weights) -> str:
    size = f"{weights.size_bytes / 1e6:.1f} MB" if weights.size_bytes else "size unknown"
    mark = " (a plain pull fetches it)" if weights.is_default else ""
    return f"{weights.name} {weights.version}, {size}{mark}"
