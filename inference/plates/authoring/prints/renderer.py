"""Path tracing of one object under all its lamps at once, and of its masks."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.plates.authoring.lights import Sky, Softbox
from inference.plates.authoring.renderer import MitsubaObject, SceneRenderer
from inference.plates.authoring.scene import Piece
from inference.plates.authoring.shapes import Mesh
from inference.plates.camera import Camera

# No caustics and no glass: the fifth bounce is below the denoiser's floor.
_BOUNCES = 5
# A wavefront of 2^22 paths takes about a gigabyte on a CPU.
_MAX_PATHS = 2**22
_MASK_SAMPLES = 12
_FIREFLY = 24.0
Window = tuple[int, int, int, int]


class PrintRenderer(SceneRenderer):
    """Renders an object's pictures and masks, whole or within a window (left, top, right, bottom).

    Unlike a scene's light groups, a mockup's lamps and sky shine together.
    """

    def lit(
        self,
        pieces: tuple[Piece, ...],
        *,
        lamps: tuple[Softbox, ...],
        sky: Sky | None,
        gobos: tuple[Mesh, ...],
    ) -> MitsubaObject:
        """The pieces under every lamp."""
        record = self._pieces(pieces)
        black = self._mi.load_dict(_flat((0.05,) * 3))
        for index, gobo in enumerate(gobos):
            record[f"gobo{index}"] = self._mesh(gobo, black, f"gobo{index}")
        for index, lamp in enumerate(lamps):
            record[f"lamp{index}"] = self._lamp(lamp)
        if sky is not None:
            bitmap = self._mi.Bitmap(np.ascontiguousarray(sky.picture()))
            record["sky"] = {"type": "envmap", "bitmap": bitmap}
        return self._mi.load_dict(record)

    def beauty(
        self, scene: MitsubaObject, camera: Camera, window: Window | None = None
    ) -> NDArray[np.float32]:
        """(H, W, 3) float32 linear radiance, denoised.

        Within a window only gloss is seen, which is smooth: half the samples do.
        """
        import pyoidn

        integrator = {
            "type": "aov",
            "aovs": "albedo:albedo,normal:sh_normal",
            "light": {"type": "path", "max_depth": _BOUNCES, "hide_emitters": True},
        }
        samples = self._samples if window is None else max(1, self._samples // 2)
        stack = self._render_in(scene, camera, integrator, samples, window)
        colour, albedo, normal = (
            np.ascontiguousarray(stack[..., first : first + 3]) for first in (0, 3, 6)
        )
        bright = colour.max(axis=-1, keepdims=True)
        limit = _FIREFLY * max(float(np.median(bright)), 1e-3)
        colour *= np.minimum(1, limit / np.maximum(bright, 1e-9))
        quiet = pyoidn.denoise(colour, np.clip(albedo, 0, 1), normal, hdr=True)
        return np.maximum(np.asarray(quiet, np.float32), 0)

    def coverage(
        self, marked: tuple[tuple[Mesh, int], ...], others: tuple[Mesh, ...], camera: Camera
    ) -> NDArray[np.float32]:
        """(H, W, 3) float32, 0..1: how much of each pixel the meshes marked 0, 1 and 2 cover."""
        record: dict[str, Any] = {"type": "scene"}
        black = self._mi.load_dict(_flat((0.0, 0.0, 0.0)))
        colours = [self._mi.load_dict(_flat(rgb)) for rgb in np.eye(3).tolist()]
        for index, mesh in enumerate(others):
            record[f"other{index}"] = self._mesh(mesh, black, f"other{index}")
        for index, (mesh, channel) in enumerate(marked):
            record[f"marked{index}"] = self._mesh(mesh, colours[channel], f"marked{index}")
        integrator = {
            "type": "aov",
            "aovs": "albedo:albedo",
            "light": {"type": "path", "max_depth": 1},
        }
        scene = self._mi.load_dict(record)
        stack = self._render_in(scene, camera, integrator, _MASK_SAMPLES, None)
        return np.clip(stack[..., 3:6], 0, 1)

    def flat_coordinates(
        self, patch: Mesh, camera: Camera, size: tuple[int, int]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """(s, t) of a mapped face at pixel centres of a picture of (width, height), and where."""
        import drjit

        mi = self._mi
        scaled = camera.scaled(*size)
        rays = scaled.rays(scaled.pixel_centres()).reshape(-1, 3)
        scene = mi.load_dict(
            {
                "type": "scene",
                "patch": self._mesh(patch, mi.load_dict(_flat((1.0,) * 3)), "patch"),
            }
        )
        origin = mi.Point3f(*(float(value) for value in camera.position_cm))
        found = scene.ray_intersect(mi.Ray3f(origin, mi.Vector3f(rays.T.copy())))
        drjit.eval(found)
        flat = np.array(found.uv, np.float32).T.reshape(size[1], size[0], 2)
        hit = np.isfinite(np.array(found.t, np.float64)).reshape(size[1], size[0])
        return flat, hit

    def _pieces(self, pieces: tuple[Piece, ...]) -> dict[str, Any]:
        record: dict[str, Any] = {"type": "scene"}
        materials: dict[int, Any] = {}
        for index, piece in enumerate(pieces):
            key = id(piece.material)
            if key not in materials:
                materials[key] = self._mi.load_dict(self._bsdf(piece.material))
            name = f"piece{index:02d}"
            record[name] = self._mesh(piece.mesh, materials[key], name)
        return record

    def _render_in(
        self,
        scene: MitsubaObject,
        camera: Camera,
        integrator: dict[str, Any],
        samples: int,
        window: Window | None,
    ) -> NDArray[np.float32]:
        self._window = window
        sensor = self._sensor(camera)
        left, top, right, bottom = window or (0, 0, camera.width_px, camera.height_px)
        most = max(1, _MAX_PATHS // ((right - left) * (bottom - top)))
        loaded = self._mi.load_dict(integrator)
        total: NDArray[np.float64] | None = None
        done = 0
        while done < samples:
            now = min(most, samples - done)
            part = self._mi.render(
                scene, sensor=sensor, integrator=loaded, spp=now, seed=self._seed * 1000 + done
            )
            weighted = np.array(part, np.float64) * now
            total = weighted if total is None else total + weighted
            done += now
        assert total is not None
        return (total / samples).astype(np.float32)

    _window: Window | None = None

    def _film(self, width_px: int, height_px: int, pixel_format: str) -> dict[str, Any]:
        film = super()._film(width_px, height_px, pixel_format)
        if self._window is not None:
            left, top, right, bottom = self._window
            film |= {"crop_offset_x": left, "crop_offset_y": top}
            film |= {"crop_width": right - left, "crop_height": bottom - top}
        return film


def _flat(colour: tuple[float, ...] | list[float]) -> dict[str, Any]:
    reflectance = {"type": "rgb", "value": [float(value) for value in colour]}
    return {"type": "twosided", "bsdf": {"type": "diffuse", "reflectance": reflectance}}
