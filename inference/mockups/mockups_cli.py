"""The mockups' share of `python -m inference plates list | check | bake | sheet`."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from inference.errors import PlateMissing
from inference.mockups.library import DATA_FOLDER, MockupLibrary, plate_folders
from inference.plates.authoring.prints.session import MockupOrder, run_session

_DEFAULT_SIDE_PX = 1536
_DEFAULT_SAMPLES = 16


def list_mockups(folder: Path | None) -> int:
    """Name every installed print plate."""
    library = MockupLibrary(folder or DATA_FOLDER)
    for info in library.plates:
        faces = ", ".join(
            f"{face.title} {face.width_cm:.1f}×{face.height_cm:.1f} cm" for face in info.slot.faces
        )
        camera = info.camera
        sys.stdout.write(
            f"{info.slug}: {info.title}, print, {camera.width_px}×{camera.height_px} px\n"
            f"    {faces}\n"
        )
    if not library.plates:
        sys.stdout.write("No mockups are installed.\n")
    return 0


def check(folder: Path | None, slugs: Sequence[str]) -> int:
    """Read every print plate and hold it against its geometry; 1 when anything is wrong.

    Raises:
        PlateMissing: the folder holds no print plates.
    """
    # Loads torch: nothing that listing plates should wait for.
    from inference.mockups.check import MAX_LIBRARY_BYTES, find_faults

    where = folder or DATA_FOLDER
    names = list(slugs) or [path.name for path in plate_folders(where)]
    if not names:
        raise PlateMissing(f"{where} holds no print plates.")
    total = faults = 0
    for name in names:
        complaints = find_faults(where / name)
        size = sum(path.stat().st_size for path in (where / name).rglob("*") if path.is_file())
        total += size
        faults += len(complaints)
        sys.stdout.write(f"{name}: {size / 1e6:.2f} MB {'; '.join(complaints) or 'good'}\n")
    sys.stdout.write(f"{len(names)} print plates, {total / 1e6:.1f} MB.\n")
    if total > MAX_LIBRARY_BYTES:
        sys.stdout.write(f"More than {MAX_LIBRARY_BYTES / 1e6:.0f} MB: too heavy to ship.\n")
        faults += 1
    return 1 if faults else 0


def bake(args: argparse.Namespace) -> int:
    """Path-trace what is named, or every mockup."""
    return run_session(
        MockupOrder(
            names=tuple(args.scenes),
            variant=args.variant,
            side_px=args.size or _DEFAULT_SIDE_PX,
            samples=args.samples or _DEFAULT_SAMPLES,
            out=args.out or DATA_FOLDER,
            minutes=args.minutes,
            again=args.again,
        )
    )


def sheet(args: argparse.Namespace, say: Callable[[str], None]) -> int:
    """Draw the contact sheet of mockups and artworks."""
    from inference.mockups.sheet import ArtworkSheet, draw_artwork_sheet

    order = ArtworkSheet(args.artworks, args.size, tuple(args.scene), args.cells)
    drawn = draw_artwork_sheet(
        order, folder=args.folder or DATA_FOLDER, device=args.device, say=say
    )
    drawn.save(args.output, "PNG", compress_level=3)
    return 0
