"""The engine from the shell: `python -m inference render photo.jpg --style pure-white -o out.webp`.

What went wrong is one sentence on stderr, and the exit code is 2.
"""

import argparse
import hashlib
import io
import logging
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from inference import cutout_cli
from inference.bench import cli as bench_cli
from inference.cutout_cli import show_stage
from inference.enhance import cli as enhance_cli
from inference.errors import InferenceError, ParameterInvalid
from inference.evaluation import cli as evaluation_cli
from inference.events import CutoutFinished
from inference.inspect import cli as inspect_cli
from inference.networks import weights_cli
from inference.plates import plates_cli
from inference.protocol import Engine
from inference.requests import (
    DEFAULT_NETWORK,
    MAX_OUTPUT_SIDE_PX,
    MIN_OUTPUT_SIDE_PX,
    Aspect,
    CutoutRequest,
    CutoutSource,
    OutputSpec,
    ParameterValue,
    PhotoSource,
    RenderRequest,
    StyleSpec,
    Tier,
)
from inference.sessions.pool import visible_devices
from inference.stages.encode import VariantFormat, encode_variant
from inference.styles.catalogue import find_style, installed_styles
from inference.styles.parameters import Control, Parameter
from inference.styles.style import Style

log = logging.getLogger(__name__)

BuildEngine = Callable[[str, str], Engine]

QUALITY = 90
_FORMATS = {
    ".webp": VariantFormat.WEBP,
    ".avif": VariantFormat.AVIF,
    ".jpg": VariantFormat.JPEG,
    ".jpeg": VariantFormat.JPEG,
}
_ON_AND_OFF = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}


def build_render_engine(device: str, network: str) -> Engine:
    """The real engine; torch is loaded here and not before."""
    from inference.engine import RenderEngine

    return RenderEngine(device=device, networks=(network,))


def main(argv: Sequence[str], *, build_engine: BuildEngine = build_render_engine) -> int:
    """Run one command and return its exit code."""
    args = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO if args.verbose else logging.ERROR)
    try:
        return _command(args, build_engine)()
    except InferenceError as error:
        log.info("the cause:", exc_info=error)
        sys.stderr.write(f"{error}\n")
    except OSError as error:
        log.info("the cause:", exc_info=error)
        sys.stderr.write(f"{error.filename or 'A file'}: {error.strerror or error}.\n")
    return 2


def _command(args: argparse.Namespace, build_engine: BuildEngine) -> Callable[[], int]:
    """What the command line asks for."""
    commands: dict[str, Callable[[], int]] = {
        "weights": partial(weights_cli.run, args),
        "inspect": partial(inspect_cli.run, args, build_engine),
        "plates": partial(plates_cli.run, args),
        "styles": _list_styles,
        "devices": _list_devices,
        "bench": partial(bench_cli.run, args, build_engine),
        "cutout": partial(cutout_cli.run, args, build_engine),
        "enhance": partial(enhance_cli.run, args, build_engine, DEFAULT_NETWORK),
        "eval": partial(evaluation_cli.run, args, build_engine),
        "render": partial(_make_picture, args, build_engine),
    }
    return commands[args.command]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m inference", description=__doc__)
    parser.add_argument("--verbose", action="store_true", help="show the engine's log")
    commands = parser.add_subparsers(dest="command", required=True)

    render = commands.add_parser("render", help="cut a product out and put it into a style")
    render.add_argument("photo", type=Path)
    _add_engine(render)
    render.add_argument("--style", required=True, metavar="SLUG", help="see `styles`")
    render.add_argument(
        "--param", action="append", default=[], metavar="NAME=VALUE", help="may be repeated"
    )
    render.add_argument("--size", type=_side, default=OutputSpec().longest_side_px, metavar="PX")
    render.add_argument("--aspect", choices=[aspect.value for aspect in Aspect], default="1:1")
    render.add_argument(
        "--tier", choices=[tier.name.lower() for tier in Tier], default=Tier.FINAL.name.lower()
    )
    render.add_argument(
        "--shadow", action="store_true", help="keep the photo's own shadow, if its ground shows one"
    )
    render.add_argument("--seed", type=int, default=0)
    render.add_argument(
        "-o", "--output", type=_picture_path, required=True, help=".webp, .png, .jpg or .avif"
    )

    cutout_cli.add_command(commands, DEFAULT_NETWORK)
    enhance_cli.add_command(commands)
    evaluation_cli.add_command(commands, DEFAULT_NETWORK)

    commands.add_parser("styles", help="list the styles and their parameters")
    commands.add_parser("devices", help="list the devices of this machine, one a line")
    weights_cli.add_commands(commands)
    inspect_cli.add_commands(commands)
    plates_cli.add_commands(commands)

    bench_cli.add_command(commands, DEFAULT_NETWORK)
    return parser


def _add_engine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--network", default=DEFAULT_NETWORK, help="see `weights`")


def _side(text: str) -> int:
    side = _positive(text)
    if not MIN_OUTPUT_SIDE_PX <= side <= MAX_OUTPUT_SIDE_PX:
        message = f"the size goes from {MIN_OUTPUT_SIDE_PX} to {MAX_OUTPUT_SIDE_PX} pixels"
        raise argparse.ArgumentTypeError(message)
    return side


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"“{text}” is not a whole number above 0")
    return int(text)


def _picture_path(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in (*_FORMATS, ".png"):
        raise argparse.ArgumentTypeError(f"“{text}” does not end in .webp, .png, .jpg or .avif")
    return path


def _list_styles() -> int:
    for style in installed_styles():
        sys.stdout.write(f"{style.slug}: {style.title}. {style.description}\n")
        for parameter in style.parameters:
            sys.stdout.write(f"    {parameter.name}={parameter.default}  {_range(parameter)}\n")
    return 0


def _list_devices() -> int:
    sys.stdout.write("".join(f"{device}\n" for device in visible_devices()))
    return 0


def _range(parameter: Parameter) -> str:
    if parameter.control is Control.TOGGLE:
        return "true or false"
    if parameter.control is Control.COLOUR:
        return "#rrggbb"
    if parameter.control is Control.CHOICE:
        return ", ".join(value for value, _ in parameter.choices)
    return f"{parameter.minimum:g} to {parameter.maximum:g}{parameter.unit}"


def parse_params(style: Style, pairs: Sequence[str]) -> dict[str, ParameterValue]:
    """Read NAME=VALUE pairs as the style's parameters say.

    Raises:
        ParameterInvalid: not a pair, an unknown name, or a value that the parameter refuses.
    """
    controls = {parameter.name: parameter.control for parameter in style.parameters}
    params: dict[str, object] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise ParameterInvalid(pair, f"“{pair}” is not of the form NAME=VALUE.")
        params[name] = _value(controls.get(name), text)
    return style.clean(params)


def _value(control: Control | None, text: str) -> ParameterValue:
    """The text as its control's type; where it is not one, the parameter itself says so."""
    if control is Control.TOGGLE:
        return _ON_AND_OFF.get(text.lower(), text)
    if control in (Control.SLIDER, Control.LAMP):
        try:
            return float(text)
        except ValueError:
            return text
    return text


def _make_picture(args: argparse.Namespace, build_engine: BuildEngine) -> int:
    # Everything that can be wrong with the words is found before the engine is loaded.
    style = find_style(args.style)
    spec = StyleSpec(style.slug, parse_params(style, args.param))
    photo = PhotoSource(args.photo, hashlib.sha256(args.photo.read_bytes()).hexdigest())
    engine = build_engine(args.device, args.network)
    try:
        cutout = engine.cut_out(
            CutoutRequest(photo, args.network), on_event=show_stage, is_cancelled=lambda: False
        )
        if cutout.notice:
            sys.stderr.write(f"{cutout.notice}\n")
        picture = _rendered(engine, photo, cutout, spec, args)
    finally:
        engine.close()
    _save(picture, args.output)
    return 0


def _rendered(
    engine: Engine,
    photo: PhotoSource,
    cutout: CutoutFinished,
    spec: StyleSpec,
    args: argparse.Namespace,
) -> Image.Image:
    with tempfile.TemporaryDirectory(prefix="softbox-") as folder:
        alpha_path = Path(folder) / "alpha.png"
        alpha_path.write_bytes(cutout.alpha_png)
        digest = hashlib.sha256(cutout.alpha_png).hexdigest()
        source = CutoutSource(alpha_path, digest, cutout.measurements)
        if args.shadow and cutout.shadow_png:
            shadow_path = Path(folder) / "shadow.png"
            shadow_path.write_bytes(cutout.shadow_png)
            digest = hashlib.sha256(cutout.shadow_png).hexdigest()
            source = replace(source, shadow_path=shadow_path, shadow_sha256=digest)
        request = RenderRequest(
            photo=photo,
            cutout=source,
            style=spec,
            output=OutputSpec(args.size, Aspect(args.aspect)),
            tier=Tier[args.tier.upper()],
            only_tier=True,
            seed=args.seed,
        )
        finished = engine.render(request, on_event=show_stage, is_cancelled=lambda: False)
    return Image.open(io.BytesIO(finished.image.data))


def _save(picture: Image.Image, path: Path) -> None:
    if path.suffix.lower() == ".png":
        picture.save(path, "PNG", compress_level=3)
        return
    rgb = np.asarray(picture.convert("RGB"))
    path.write_bytes(
        encode_variant(rgb, format=_FORMATS[path.suffix.lower()], quality=QUALITY).data
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
