"""Render the sample photos of studio/samples; see SOURCES.md there for how to run it."""

import argparse
import json
from pathlib import Path

import mitsuba as mi
import numpy as np
import pyoidn

mi.set_variant("llvm_ad_rgb")

from develop import develop, write_jpeg  # noqa: E402
from scenes import Camera, Shot, shots  # noqa: E402
from surfaces import Image  # noqa: E402

SAMPLES = Path(__file__).parents[2] / "studio" / "samples"
SAMPLES_PER_PASS = 4  # a pass holds every ray in memory: 12 million at full size
GUIDES = "albedo:albedo,normal:sh_normal"


def sensor(camera: Camera, scale: float) -> dict[str, object]:
    """Describe the camera to the renderer; the box filter is what the denoiser expects."""
    pitch, yaw = np.radians(camera.pitch), np.radians(camera.yaw)
    back = np.array([np.cos(pitch) * np.sin(yaw), np.sin(pitch), np.cos(pitch) * np.cos(yaw)])
    place = np.asarray(camera.aim) + camera.distance * back
    roll = np.radians(camera.roll)
    up = [np.sin(roll) * np.cos(yaw), np.cos(roll), -np.sin(roll) * np.sin(yaw)]
    width, height = (round(side * scale) for side in camera.size_px)
    pose = mi.ScalarTransform4f()
    return {
        "type": "thinlens",
        "fov": camera.fov,
        "fov_axis": "larger",
        "aperture_radius": camera.lens_radius,
        "focus_distance": camera.distance - 3,
        "to_world": pose.look_at(origin=place.tolist(), target=list(camera.aim), up=up),
        "film": {
            "type": "hdrfilm",
            "width": width,
            "height": height,
            "rfilter": {"type": "box"},
            "pixel_format": "rgb",
            "component_format": "float32",
        },
        "sampler": {"type": "independent"},
    }


def photograph(shot: Shot, samples: int, scale: float) -> Image:
    """Trace a shot and denoise it; returns linear RGB, (H, W, 3) float32, unbounded above."""
    scene = mi.load_dict({"type": "scene", "sensor": sensor(shot.camera, scale), **shot.build()})
    tracer = mi.load_dict(
        {"type": "aov", "aovs": GUIDES, "picture": {"type": "path", "max_depth": 5}}
    )
    passes = max(1, samples // SAMPLES_PER_PASS)
    total = 0.0
    for number in range(passes):
        seed = shot.seed * 1000 + number
        total = total + np.array(
            mi.render(scene, spp=SAMPLES_PER_PASS, integrator=tracer, seed=seed)
        )
    layers = np.asarray(total / passes, np.float32)
    light, albedo, normal = (np.ascontiguousarray(layers[..., k : k + 3]) for k in (0, 3, 6))
    return pyoidn.denoise(light, hdr=True, albedo=np.clip(albedo, 0, 1), normal=normal)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, required=True, help="folder of the two GLB models")
    parser.add_argument("--only", nargs="*", default=[], help="file names, without .jpg")
    parser.add_argument("--spp", type=int, default=8)
    parser.add_argument("--scale", type=float, default=1.0, help="0.4 for a quick look")
    parser.add_argument("--out", type=Path, default=SAMPLES)
    options = parser.parse_args()
    every = shots(options.models)
    for shot in every:
        if options.only and Path(shot.file).stem not in options.only:
            continue
        light = photograph(shot, options.spp, options.scale)
        write_jpeg(develop(light, shot.exposure, shot.warmth, shot.seed), options.out / shot.file)
    listing = [
        {"file": s.file, "title": s.title, "sku": s.sku, "alt": s.alt, "credit": s.credit}
        for s in every
    ]
    text = json.dumps(listing, indent=2, ensure_ascii=False)
    (options.out / "samples.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
