"""`python -m inference enhance PHOTO -o PHOTO`: a better photo, and what was done to it."""

import argparse
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from inference.cutout_cli import show_stage
from inference.enhance.recipe import PARAMETERS, changes_something, clean_recipe
from inference.enhance.request import EnhanceRequest
from inference.errors import ParameterInvalid
from inference.protocol import Engine
from inference.requests import ParameterValue, PhotoSource, Tier
from inference.styles.parameters import Control, Parameter

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

BuildEngine = Callable[[str, str], Engine]


def add_command(subparsers: "Subparsers") -> None:
    """Add `enhance` to the command line, with an option for each parameter of a recipe."""
    parser = subparsers.add_parser("enhance", help="light, noise, blur and size of a photo")
    parser.add_argument("photo", type=Path, metavar="PHOTO")
    parser.add_argument("-o", "--output", type=Path, help="a .png file; measures only without it")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    for parameter in PARAMETERS:
        name = f"--{parameter.name.replace('_', '-')}"
        if parameter.control is Control.TOGGLE:
            parser.add_argument(name, action="store_true", dest=parameter.name)
        elif parameter.control is Control.CHOICE:
            allowed = [value for value, _ in parameter.choices]
            parser.add_argument(name, choices=allowed, dest=parameter.name)
        else:
            parser.add_argument(name, type=float, dest=parameter.name, help=_range(parameter))


def run(args: argparse.Namespace, build_engine: BuildEngine, network: str) -> int:
    """Write the enhanced photo, and say what was measured and done.

    Raises:
        ParameterInvalid: a value out of its range, or nothing was asked for.
        InferenceError, OSError: the photo could not be enhanced.
    """
    given = {parameter.name: getattr(args, parameter.name) for parameter in PARAMETERS}
    recipe = clean_recipe({name: value for name, value in given.items() if value is not None})
    if args.output is not None and not changes_something(recipe):
        raise ParameterInvalid("recipe", "Nothing was asked for; see: enhance --help")
    engine = build_engine(args.device, network)
    request = _request(args, recipe)
    finished = engine.enhance(request, on_event=show_stage, is_cancelled=lambda: False)
    measured = finished.condition
    blur = "no clear edge" if measured.blur_px is None else f"{measured.blur_px:.2f} px"
    white = measured.white_problem or f"{measured.white_confidence:.2f} sure {measured.cast}"
    sys.stdout.write(f"noise {measured.noise_level:.2f} of 255; blur {blur}; white: {white}\n")
    for note in finished.notes:
        sys.stdout.write(f"{note.step} {note.outcome}: {note.sentence}\n")
    if finished.image is not None and args.output is not None:
        args.output.write_bytes(finished.image.data)
        size = f"{finished.image.width} × {finished.image.height}"
        sys.stdout.write(f"{args.output}: {size} px\n")
    return 0


def _request(args: argparse.Namespace, recipe: dict[str, ParameterValue]) -> EnhanceRequest:
    digest = hashlib.sha256(args.photo.read_bytes()).hexdigest()
    tier = Tier.PREVIEW if args.output is None else Tier.FINAL
    return EnhanceRequest(PhotoSource(args.photo, digest), recipe, tier=tier)


def _range(parameter: Parameter) -> str:
    return f"{parameter.label}, {parameter.minimum:g} to {parameter.maximum:g} {parameter.unit}"
