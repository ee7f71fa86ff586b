"""`python -m inference cutout PATH…`: cut-outs, or grey mattes, of photos and folders of photos."""

import argparse
import hashlib
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from inference.errors import InferenceError, ParameterInvalid
from inference.evaluation.pairs import photos_in
from inference.events import CutoutFinished, Event, StageStarted
from inference.protocol import Engine
from inference.requests import Box, CutoutRequest, PhotoSource, Translucency
from inference.stages.decode import decode

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

log = logging.getLogger(__name__)

BuildEngine = Callable[[str, str], Engine]


def add_command(subparsers: "Subparsers", default_network: str) -> None:
    """Add `cutout` to the command line."""
    parser = subparsers.add_parser("cutout", help="cut products out, onto transparency")
    parser.add_argument("photos", type=Path, nargs="+", metavar="PATH", help="photos or folders")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("-o", "--output", type=_png_path, help="a .png file, for one photo")
    where.add_argument("--out", type=Path, metavar="DIR", help="writes STEM.png for every photo")
    parser.add_argument("--matte", action="store_true", help="write the grey matte instead")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--network", default=default_network, help="see `weights`")
    parser.add_argument(
        "--box", type=_box, metavar="L,T,R,B", help="where the product is, in upright pixels"
    )
    parser.add_argument(
        "--translucency",
        type=Translucency,
        choices=list(Translucency),
        default=Translucency.OPAQUE,
        help="whether the product lets the background shine through",
    )
    parser.add_argument(
        "--mask", type=Path, metavar="FILE", help="a mask of your own; no network runs then"
    )
    parser.add_argument("--shadow", action="store_true", help="also write STEM.shadow.png")


def run(args: argparse.Namespace, build_engine: BuildEngine) -> int:
    """Write every photo's picture; 0, or 1 when one of several photos could not be cut out.

    Raises:
        ParameterInvalid: the paths name nothing, or one output was asked for several photos.
        InferenceError, OSError: the only photo could not be cut out.
    """
    targets = _targets(args)
    engine = build_engine(args.device, args.network)
    try:
        if len(targets) == 1:
            _write(engine, *targets[0], args)
            return 0
        return _write_all(engine, targets, args)
    finally:
        engine.close()


def _targets(args: argparse.Namespace) -> list[tuple[Path, Path]]:
    """Each photo with the file that will hold its picture."""
    photos: list[Path] = []
    for path in args.photos:
        photos += photos_in(path) if path.is_dir() else [path]
    if not photos:
        raise ParameterInvalid("PATH", "There is no photo in that folder.")
    if args.output is not None:
        if len(photos) > 1:
            raise ParameterInvalid("output", "Several photos need --out DIR instead of --output.")
        photos[0].stat()  # a missing photo is said before the engine is loaded
        return [(photos[0], args.output)]
    return [(photo, args.out / f"{photo.stem}.png") for photo in photos]


def _write_all(engine: Engine, targets: list[tuple[Path, Path]], args: argparse.Namespace) -> int:
    exit_code = 0
    for photo, target in targets:
        try:
            _write(engine, photo, target, args)
        except InferenceError as error:
            log.info("the cause:", exc_info=error)
            sys.stderr.write(f"{photo}: {error}\n")
            exit_code = 1
        except OSError as error:
            sys.stderr.write(f"{error.filename or photo}: {error.strerror or error}.\n")
            exit_code = 1
    return exit_code


def _write(engine: Engine, photo: Path, target: Path, args: argparse.Namespace) -> None:
    source = PhotoSource(photo, hashlib.sha256(photo.read_bytes()).hexdigest())
    request = CutoutRequest(
        source,
        args.network,
        box=args.box,
        translucency=args.translucency,
        matte_path=args.mask,
    )
    cutout = engine.cut_out(request, on_event=show_stage, is_cancelled=lambda: False)
    if cutout.notice:
        sys.stderr.write(f"{photo}: {cutout.notice}\n")
    target.parent.mkdir(parents=True, exist_ok=True)
    if args.matte:
        target.write_bytes(cutout.alpha_png)
    else:
        on_transparency(photo, cutout).save(target, "PNG", compress_level=3)
    if args.shadow and cutout.shadow_png:
        target.with_suffix(".shadow.png").write_bytes(cutout.shadow_png)


def on_transparency(photo: Path, cutout: CutoutFinished) -> Image.Image:
    """The product alone, RGBA at the photo's size, the old background out of its edges."""
    # torch is loaded here and not before.
    from inference.pixels.alpha import decode_alpha
    from inference.stages.foreground import clean_photo

    alpha = decode_alpha(cutout.alpha_png)
    image = Image.fromarray(clean_photo(decode(photo).rgb, alpha))
    image.putalpha(Image.fromarray(alpha))
    return image


def show_stage(event: Event) -> None:
    """Log what the engine is doing."""
    if isinstance(event, StageStarted):
        log.info("%s", event.label)


def _png_path(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() != ".png":
        raise argparse.ArgumentTypeError(f"“{text}” does not end in .png")
    return path


def _box(text: str) -> Box:
    try:
        left, top, right, bottom = (int(part) for part in text.split(","))
    except ValueError as error:
        message = f"“{text}” is not four whole numbers LEFT,TOP,RIGHT,BOTTOM"
        raise argparse.ArgumentTypeError(message) from error
    return Box(left, top, right, bottom)
