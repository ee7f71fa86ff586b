"""`python -m inference plates list | show | check | repack | sheet | bake`."""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inference.errors import InferenceError, ParameterInvalid, PlateMissing
from inference.mockups import mockups_cli
from inference.plates.authoring.session import BakeOrder, run_session
from inference.plates.files import INFO_NAME, plate_size_bytes, read_plate, repack_geometry
from inference.plates.format import PlateInfo
from inference.plates.library import (
    DATA_FOLDER,
    PLATE_PREVIEW_SIDE_PX,
    PREVIEW_NAME,
    PlateLibrary,
    plate_folders,
)
from inference.plates.plate import Plate

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

# A library beyond this makes a clone heavy.
MAX_LIBRARY_BYTES = 45_000_000
DEFAULT_SIDE_PX = 2048
DEFAULT_SAMPLES = 96


def add_commands(subparsers: "Subparsers") -> None:
    """Add `plates` and its verbs to the command line."""
    parser = subparsers.add_parser("plates", help="list, show, check and bake scenes")
    verbs = parser.add_subparsers(dest="verb", required=True)
    listing = verbs.add_parser("list", help="every installed plate")
    showing = verbs.add_parser("show", help="one plate as a picture, without a product")
    showing.add_argument("slug")
    showing.add_argument("-o", "--output", type=Path, required=True, help="a .png file")
    showing.add_argument("--size", type=int, metavar="PX", help="longest side")
    showing.add_argument(
        "--gain", action="append", default=[], metavar="GROUP=FACTOR", help="may be repeated"
    )
    checking = verbs.add_parser("check", help="read every file and hold it against the format")
    checking.add_argument("slugs", nargs="*", metavar="SLUG")
    repacking = verbs.add_parser(
        "repack", help="store older plates’ geometry smaller; nothing that is read changes"
    )
    repacking.add_argument("slugs", nargs="*", metavar="SLUG")
    for verb in (listing, checking):
        verb.add_argument("--folder", type=Path, help="where the plates are")
        verb.add_argument("--mockups", action="store_true", help="print plates instead of scenes")
    for verb in (showing, repacking):
        verb.add_argument("--folder", type=Path, default=DATA_FOLDER, help="where the plates are")
    _add_sheet(verbs)
    _add_bake(verbs)


def _add_sheet(verbs: "Subparsers") -> None:
    drawing = verbs.add_parser("sheet", help="every photo of a folder in every scene")
    what = drawing.add_mutually_exclusive_group(required=True)
    what.add_argument("--photos", type=Path, metavar="DIR")
    what.add_argument(
        "--artworks",
        type=Path,
        metavar="DIR",
        help="every mockup with these; an empty DIR is filled",
    )
    drawing.add_argument("-o", "--output", type=Path, required=True, help="a .png file")
    drawing.add_argument("--size", type=int, default=512, metavar="PX", help="side of a cell")
    drawing.add_argument(
        "--scene",
        "--mockup",
        action="append",
        default=[],
        metavar="SCENE",
        help="may be repeated; else all",
    )
    drawing.add_argument("--cells", type=Path, metavar="DIR", help="keep every cell here too")
    drawing.add_argument("--network", default="softbox-matte", help="see `weights`")
    drawing.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    drawing.add_argument("--folder", type=Path, help="where the plates are")


def _add_bake(verbs: "Subparsers") -> None:
    baking = verbs.add_parser("bake", help="path-trace plates (needs the extra “authoring”)")
    baking.add_argument("scenes", nargs="*", metavar="SCENE", help="or SCENE@PITCH; see --all")
    baking.add_argument("--all", action="store_true", help="every scene")
    baking.add_argument(
        "--mockups", action="store_true", help="mockups instead: MOCKUP or MOCKUP@VIEW, else all"
    )
    baking.add_argument("--variant", help="of Mitsuba; the best that starts here when not given")
    baking.add_argument("--size", type=int, metavar="PX", help="2048; mockups 1536")
    baking.add_argument("--samples", type=int, help="96; mockups 16; per pixel and group")
    baking.add_argument("--out", type=Path, help="folder for the plates")
    baking.add_argument("--minutes", type=float, help="begin no further plate after that long")
    baking.add_argument("--again", action="store_true", help="also bake plates that are there")


def run(args: argparse.Namespace) -> int:
    """Do what `args.verb` says; 0 when all went well, 1 otherwise."""
    if args.verb == "list":
        return _both(
            args,
            lambda: _list(PlateLibrary(args.folder or DATA_FOLDER)),
            lambda: mockups_cli.list_mockups(args.folder),
        )
    if args.verb == "show":
        return _show(args)
    if args.verb == "check":
        return _both(
            args,
            lambda: _check(args.folder or DATA_FOLDER, args.slugs),
            lambda: mockups_cli.check(args.folder, args.slugs),
        )
    if args.verb == "repack":
        return _repack(args.folder, args.slugs)
    if args.verb == "sheet":
        return _sheet(args)
    if args.mockups:
        return mockups_cli.bake(args)
    return run_session(
        BakeOrder(
            scenes=tuple(args.scenes),
            every_scene=args.all,
            variant=args.variant,
            side_px=args.size or DEFAULT_SIDE_PX,
            samples=args.samples or DEFAULT_SAMPLES,
            out=args.out or DATA_FOLDER,
            minutes=args.minutes,
            again=args.again,
        )
    )


def _both(args: argparse.Namespace, scenes: Callable[[], int], mockups: Callable[[], int]) -> int:
    """Do a thing for scenes and for mockups: for one of them where a folder or flag says which."""
    if args.mockups:
        return mockups()
    is_all = args.folder is None and not getattr(args, "slugs", ())
    return scenes() | (mockups() if is_all else 0)


def _list(library: PlateLibrary) -> int:
    for info in library.plates:
        groups = ", ".join(f"{group.name} ({group.kelvin:.0f} K)" for group in info.groups)
        room = info.slot.room
        sys.stdout.write(
            f"{info.slug}: {info.title}, {info.slot.support}, {info.camera.pitch_deg:.0f}°, "
            f"{info.camera.width_px}×{info.camera.height_px} px, "
            f"products {room.min_height_cm:g} to {room.max_height_cm:g} cm\n    {groups}\n"
        )
    if not library.plates:
        sys.stdout.write("No plates are installed.\n")
    return 0


def _show(args: argparse.Namespace) -> int:
    plate = PlateLibrary(args.folder).load(args.slug, longest_side_px=args.size)
    if args.output.suffix.lower() != ".png":
        raise ParameterInvalid("output", f"“{args.output}” does not end in .png.")
    picture = developed(plate, parse_gains(plate.info, args.gain))
    Image.fromarray(picture).save(args.output, "PNG", compress_level=3)
    return 0


def _sheet(args: argparse.Namespace) -> int:
    if args.output.suffix.lower() != ".png":
        raise ParameterInvalid("output", f"“{args.output}” does not end in .png.")
    if args.artworks is not None:
        return mockups_cli.sheet(args, _say)
    # The compositor and a network: nothing that listing plates should wait for.
    from inference.plates.sheet import SheetOrder, draw_sheet_on

    order = SheetOrder(args.photos, args.size, tuple(args.scene), args.cells)
    sheet = draw_sheet_on(
        order,
        folder=args.folder or DATA_FOLDER,
        device=args.device,
        network=args.network,
        say=_say,
    )
    sheet.save(args.output, "PNG", compress_level=3)
    return 0


def _say(text: str) -> None:
    sys.stderr.write(f"{text} …\n")


def parse_gains(info: PlateInfo, pairs: list[str]) -> dict[str, float]:
    """Read GROUP=FACTOR pairs.

    Raises:
        ParameterInvalid: not a pair, no such group, or a factor below 0.
    """
    names = {group.name for group in info.groups}
    gains = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or name not in names:
            raise ParameterInvalid(
                pair, f"“{pair}” is not GROUP=FACTOR with one of {', '.join(sorted(names))}."
            )
        try:
            gains[name] = float(text)
        except ValueError:
            raise ParameterInvalid(pair, f"“{text}” is not a number.") from None
        if not 0 <= gains[name] < 100:
            raise ParameterInvalid(pair, f"The factor of {name} goes from 0 to 100.")
    return gains


def developed(plate: Plate, gains: Mapping[str, float]) -> NDArray[np.uint8]:
    """(H, W, 3) sRGB: the plate without a product, its foreground on top, tone curve applied."""
    light = plate.mixed(gains)
    if plate.front:
        layers = [front * gains.get(name, 1.0) for name, front in plate.front.items()]
        alpha = next(iter(plate.front.values()))[..., 3:]
        light = light * (1 - alpha) + np.sum(layers, axis=0)[..., :3]
    tone = plate.info.tone
    light = light * tone.exposure
    room = 1 - tone.knee
    shoulder = tone.knee + room * (1 - np.exp(-(light - tone.knee) / room))
    light = np.where(light < tone.knee, light, shoulder)
    encoded = np.where(
        light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-8) ** (1 / 2.4) - 0.055
    )
    return (np.clip(encoded, 0, 1) * 255 + 0.5).astype(np.uint8)


def _check(folder: Path, slugs: list[str]) -> int:
    names = slugs or [path.name for path in plate_folders(folder)]
    if not names:
        raise PlateMissing(f"{folder} holds no plates.")
    total, faults = 0, 0
    for name in names:
        try:
            plate = read_plate(folder / name)
            complaints = find_faults(name, plate) + _preview_faults(folder / name, plate)
        except InferenceError as error:
            complaints = [str(error)]
        size = sum(p.stat().st_size for p in (folder / name).rglob("plate.*"))
        total += size
        faults += len(complaints)
        sys.stdout.write(f"{name}: {size / 1e6:.2f} MB {'; '.join(complaints) or 'good'}\n")
    sys.stdout.write(f"{len(names)} plates, {total / 1e6:.1f} MB.\n")
    if total > MAX_LIBRARY_BYTES:
        sys.stdout.write(f"More than {MAX_LIBRARY_BYTES / 1e6:.0f} MB: too heavy to ship.\n")
        faults += 1
    return 1 if faults else 0


def _repack(folder: Path, slugs: list[str]) -> int:
    """Repack plates and their previews in place; each is compared before it is replaced."""
    names = slugs or [path.name for path in plate_folders(folder)]
    if not names:
        raise PlateMissing(f"{folder} holds no plates.")
    saved = 0
    for name in names:
        places = [folder / name, folder / name / PREVIEW_NAME]
        places = [place for place in places if (place / INFO_NAME).is_file()] or places[:1]
        before = sum(map(plate_size_bytes, places))
        changed = sum([repack_geometry(place) for place in places])
        after = sum(map(plate_size_bytes, places))
        saved += before - after
        told = f"{before / 1e6:.2f} MB to {after / 1e6:.2f} MB" if changed else "already packed"
        sys.stdout.write(f"{name}: {told}\n")
    sys.stdout.write(f"{saved / 1e6:.1f} MB saved.\n")
    return 0


def _preview_faults(folder: Path, plate: Plate) -> list[str]:
    camera = plate.info.camera
    if max(camera.width_px, camera.height_px) <= PLATE_PREVIEW_SIDE_PX:
        return []
    try:
        small = read_plate(folder / PREVIEW_NAME)
    except (InferenceError, OSError) as error:
        return [f"its preview cannot be read: {error}"]
    return [] if small.info.slug == plate.info.slug else ["its preview is another plate’s"]


def find_faults(folder_name: str, plate: Plate) -> list[str]:
    """What is wrong with a plate that reads well but would mislead the compositor."""
    faults = []
    info = plate.info
    camera, slot = info.camera, info.slot
    if info.slug != folder_name:
        faults.append(f"its slug is {info.slug}")
    u, v, depth = (float(value) for value in camera.project(np.array(slot.point_cm)))
    if np.hypot(u - slot.point_px[0], v - slot.point_px[1]) > 1:
        faults.append("point_px is not where the camera sees point_cm")
    if not (0 < u < camera.width_px and 0 < v < camera.height_px):
        faults.append("the stand point is out of the picture")
    if abs(slot.px_per_cm * depth / camera.focal_px - 1) > 0.01:
        faults.append("px_per_cm does not agree with the camera")
    if slot.ground is not None:
        height_px, width_px = plate.geometry.surface.shape
        row = min(int(v / camera.height_px * height_px), height_px - 1)
        column = min(int(u / camera.width_px * width_px), width_px - 1)
        seen = plate.geometry.position[row, column]
        pixel_cm = camera.height_px / height_px / slot.px_per_cm
        along_ground = pixel_cm / max(np.sin(np.radians(camera.pitch_deg)), 0.1)
        tolerance = 0.03 * slot.room.max_depth_cm + along_ground
        if np.linalg.norm(seen - np.array(slot.point_cm)) > tolerance:
            faults.append("something stands between the camera and the stand point")
    for name, picture in plate.pictures.items():
        if float(picture.max()) <= 0:
            faults.append(f"the picture of {name} is black")
    return faults
