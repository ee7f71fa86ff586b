"""Hold a print plate against its own geometry: what reads well may still mislead the compositor."""

from pathlib import Path

import numpy as np
import torch

from inference.errors import InferenceError
from inference.mockups.files import read_plate
from inference.mockups.library import PREVIEW_NAME, PREVIEW_SIDE_PX
from inference.mockups.outline import on_object
from inference.mockups.plate import PrintPlate
from inference.mockups.surface import Surface

# Of all mockups together; with the scenes the library stays under 60 MB.
MAX_LIBRARY_BYTES = 12_000_000
# Where a face is seen, its coordinates lie on it; silhouettes may stray by a pixel.
_STRAY_SHARE = 0.02
_EDGE = 0.01
_PROBES = 7


def find_faults(folder: Path) -> list[str]:
    """What is wrong with the plate in a folder; none when it is good."""
    try:
        plate = read_plate(folder)
    except InferenceError as error:
        return [str(error)]
    faults = [] if plate.info.slug == folder.name else [f"its slug is {plate.info.slug}"]
    camera = plate.info.camera
    if max(camera.width_px, camera.height_px) > PREVIEW_SIDE_PX:
        try:
            small = read_plate(folder / PREVIEW_NAME)
        except InferenceError as error:
            faults.append(f"its preview cannot be read: {error}")
        else:
            if small.info.slug != plate.info.slug:
                faults.append("its preview is another plate’s")
    return faults + _faces(plate) + _light(plate)


def _light(plate: PrintPlate) -> list[str]:
    left, top, right, bottom = plate.info.slot.window_px
    dyed = plate.cover[..., 3] > 0.99
    if not dyed.any():
        return ["nothing of the object is seen"]
    gap = (plate.white[top:bottom, left:right] - plate.black)[dyed]
    if float(gap.mean()) < 0.05:
        return ["its white and its black picture are alike"]
    return []


def _faces(plate: PrintPlate) -> list[str]:
    faults = []
    slot, camera = plate.info.slot, plate.info.camera
    left, top = slot.window_px[:2]
    for index, face in enumerate(slot.faces):
        rows, columns = np.nonzero(plate.cover[..., index] > 0.99)
        if rows.size == 0:
            faults.append(f"the face {face.name} is not seen")
            continue
        centres = np.stack([columns + left + 0.5, rows + top + 0.5], axis=1)
        surface = Surface(face, camera, plate.maps.get(face.name), torch.device("cpu"))
        flat = surface.flat(torch.from_numpy(centres)).numpy()
        strayed = ((flat < -_EDGE) | (flat > 1 + _EDGE)).any(axis=1).mean()
        if strayed > _STRAY_SHARE:
            faults.append(f"{strayed:.0%} of the face {face.name} lies outside its coordinates")
        if not face.is_mapped:
            off = round_trip_px(plate, index)
            if off > 0.01:
                faults.append(f"the face {face.name} is {off:.2f} px off its own geometry")
    return faults


def round_trip_px(plate: PrintPlate, index: int) -> float:
    """How far, in pixels, a flat or round face's coordinates miss the points they came from."""
    face, camera = plate.info.slot.faces[index], plate.info.camera
    steps = np.linspace(0.35, 0.65, _PROBES)
    flat = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    points = on_object(face, flat)
    pixels = camera.project(points)[:, :2]
    surface = Surface(face, camera, None, torch.device("cpu"))
    back = surface.flat(torch.from_numpy(pixels)).numpy()
    again = camera.project(on_object(face, back))[:, :2]
    is_front = np.linalg.norm(on_object(face, back) - points, axis=1) < face.width_cm / 4
    return float(np.abs(again - pixels)[is_front].max(initial=0.0))
