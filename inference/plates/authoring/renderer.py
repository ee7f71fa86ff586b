"""The only module that speaks to Mitsuba and OIDN."""

import os
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.errors import DeviceUnavailable, InferenceError
from inference.plates.authoring.lights import Lighting, Softbox
from inference.plates.authoring.materials import Material
from inference.plates.authoring.probe import FACES, PROBE_SIDE_PX
from inference.plates.authoring.scene import Piece
from inference.plates.authoring.shapes import Mesh
from inference.plates.authoring.textures import Texture
from inference.plates.camera import Camera

VARIANTS = ("cuda_ad_rgb", "llvm_ad_rgb", "scalar_rgb")
_LLVM_PATTERNS = ("libLLVM.so.19*", "libLLVM-19*.so*", "libLLVM.so.2*")
_LIBRARY_FOLDERS = (Path("/usr/lib/x86_64-linux-gnu"), Path("/usr/lib/aarch64-linux-gnu"))
_BOUNCES = 8
# Mitsuba's own objects have no types we could name.
MitsubaObject = Any
# Path tracing a whole 2048 px picture at once overflows 32-bit wavefronts and small GPUs.
_MAX_WAVEFRONT = 2**26
_PROBE_SAMPLES = 96
# One sample in ten thousand that found the sun through a glossy bounce would outshine its pixel
# and leave a dot that the denoiser keeps.
_FIREFLY = 24.0


def load(variant: str | None = None) -> ModuleType:
    """Mitsuba, set to the asked variant, or to the best that works here.

    Raises:
        InferenceError: Mitsuba is not installed.
        DeviceUnavailable: the variant asked for, or every one, does not start here.
    """
    _point_at_llvm()
    try:
        import mitsuba
    except ImportError as error:
        raise InferenceError(
            "Baking needs Mitsuba: install this project with the extra “authoring”."
        ) from error
    # Typed whether or not Mitsuba is installed where the types are checked.
    module: ModuleType = mitsuba
    reasons = []
    for name in (variant,) if variant else VARIANTS:
        try:
            mitsuba.set_variant(name)
            _try_out(mitsuba)
        except (ImportError, RuntimeError) as error:
            reasons.append(f"{name}: {error}")
        else:
            return module
    raise DeviceUnavailable("No variant of Mitsuba starts here. " + "; ".join(reasons))


def _point_at_llvm() -> None:
    """Dr.Jit aborts with LLVM before 16 on recent processors, so a newer one is named to it."""
    if "DRJIT_LIBLLVM_PATH" in os.environ:
        return
    for pattern in _LLVM_PATTERNS:
        for folder in _LIBRARY_FOLDERS:
            found = sorted(folder.glob(pattern))
            if found:
                os.environ["DRJIT_LIBLLVM_PATH"] = str(found[0])
                return


def _try_out(mitsuba: ModuleType) -> None:
    """Touch the device: setting a variant succeeds even where its device is absent."""
    ball = mitsuba.load_dict({"type": "scene", "ball": {"type": "sphere"}})
    sensor = {"type": "perspective", "film": {"type": "hdrfilm", "width": 4, "height": 4}}
    integrator = mitsuba.load_dict({"type": "direct"})
    np.array(mitsuba.render(ball, sensor=mitsuba.load_dict(sensor), integrator=integrator, spp=1))


class SceneRenderer:
    """Renders the pieces of one view under one lighting at a time."""

    def __init__(self, mitsuba: ModuleType, *, samples: int, seed: int) -> None:
        self._mi = mitsuba
        self._samples = samples
        self._seed = seed

    def scene(self, pieces: tuple[Piece, ...], lighting: Lighting) -> MitsubaObject:
        """Build the pieces and one group's lamps."""
        record: dict[str, Any] = {"type": "scene"}
        materials: dict[int, Any] = {}
        for index, piece in enumerate(pieces):
            key = id(piece.material)
            if key not in materials:
                materials[key] = self._mi.load_dict(self._bsdf(piece.material))
            record[f"piece{index:02d}"] = self._mesh(
                piece.mesh, materials[key], f"piece{index:02d}"
            )
        black = self._mi.load_dict(
            {"type": "twosided", "bsdf": {"type": "diffuse", "reflectance": _rgb((0.05,) * 3)}}
        )
        for index, gobo in enumerate(lighting.gobos):
            record[f"gobo{index}"] = self._mesh(gobo, black, f"gobo{index}")
        for index, lamp in enumerate(lighting.lamps):
            record[f"lamp{index}"] = self._lamp(lamp)
        if lighting.sky is not None:
            bitmap = self._mi.Bitmap(np.ascontiguousarray(lighting.sky.picture()))
            record["sky"] = {"type": "envmap", "bitmap": bitmap}
        return self._mi.load_dict(record)

    def picture(self, scene: MitsubaObject, camera: Camera) -> NDArray[np.float32]:
        """(H, W, 3) float32 linear radiance, denoised."""
        import pyoidn

        stack = self._render(
            scene,
            self._sensor(camera),
            {
                "type": "aov",
                "aovs": "albedo:albedo,normal:sh_normal",
                "light": {"type": "path", "max_depth": _BOUNCES, "hide_emitters": True},
            },
        )
        colour, albedo, normal = (
            np.ascontiguousarray(stack[..., first : first + 3]) for first in (0, 3, 6)
        )
        bright = colour.max(axis=-1, keepdims=True)
        limit = _FIREFLY * max(float(np.median(bright)), 1e-3)
        colour *= np.minimum(1, limit / np.maximum(bright, 1e-9))
        quiet = pyoidn.denoise(colour, np.clip(albedo, 0, 1), normal, hdr=True)
        return np.maximum(np.asarray(quiet, np.float32), 0)

    def cut_out(self, scene: MitsubaObject, camera: Camera) -> NDArray[np.float32]:
        """(H, W, 4) float32: premultiplied linear radiance and coverage, denoised."""
        import pyoidn

        stack = self._render(
            scene,
            self._sensor(camera, pixel_format="rgba"),
            {"type": "path", "max_depth": 4, "hide_emitters": True},
        )
        colour = np.ascontiguousarray(stack[..., :3])
        quiet = pyoidn.denoise(colour, hdr=True)
        alpha = np.repeat(np.clip(stack[..., 3:4], 0, 1), 3, axis=2)
        cover = pyoidn.denoise(np.ascontiguousarray(alpha), hdr=False)
        joined = np.concatenate([np.maximum(quiet, 0), np.asarray(cover)[..., :1]], axis=-1)
        return joined.astype(np.float32)

    def probe(
        self,
        scene: MitsubaObject,
        point: tuple[float, float, float],
        *,
        hide_lamps: bool,
    ) -> list[NDArray[np.float32]]:
        """Radiance arriving at a point: six cube faces, linear RGB.

        In the order +x, -x, +y, -y, +z, -z; `inference.plates.authoring.probe` knows their rays.
        """
        # One sensor of six parts is one kernel to compile instead of six.
        record: dict[str, Any] = {
            "type": "batch",
            "film": self._film(PROBE_SIDE_PX * len(FACES), PROBE_SIDE_PX, "rgb"),
            "sampler": {"type": "independent"},
        }
        for index, (forward, up) in enumerate(FACES):
            target = [p + f for p, f in zip(point, forward, strict=True)]
            record[f"face{index}"] = {
                "type": "perspective",
                "fov": 90,
                "near_clip": 0.05,
                "far_clip": 1e5,
                "to_world": self._mi.ScalarTransform4f().look_at(
                    origin=list(point), target=target, up=up
                ),
                "film": self._film(PROBE_SIDE_PX, PROBE_SIDE_PX, "rgb"),
            }
        integrator = {"type": "path", "max_depth": 6, "hide_emitters": hide_lamps}
        sensor = self._mi.load_dict(record)
        strip = self._render(scene, sensor, integrator, samples=_PROBE_SAMPLES)[..., :3]
        return np.split(strip, len(FACES), axis=1)

    def hits(
        self,
        scene: MitsubaObject,
        origins: NDArray[np.float64],
        rays: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
        """First hits of rays: distance in ray lengths (inf: none), normals, names of shapes."""
        if self._mi.variant().startswith("scalar"):
            return self._hits_one_by_one(scene, origins, rays)
        import drjit

        mi = self._mi
        ray = mi.Ray3f(mi.Point3f(origins.T.copy()), mi.Vector3f(rays.T.copy()))
        found = scene.ray_intersect(ray)
        drjit.eval(found)
        distance = np.array(found.t, np.float64)
        normals = np.array(found.n, np.float64).T
        shapes = [shape.id() for shape in scene.shapes()]
        pointers = np.array(drjit.reinterpret_array(mi.UInt32, found.shape))
        known = {
            int(np.array(drjit.reinterpret_array(mi.UInt32, mi.ShapePtr(shape)))[0]): name
            for shape, name in zip(scene.shapes(), shapes, strict=True)
        }
        return distance, normals, [known.get(int(pointer), "") for pointer in pointers]

    def _hits_one_by_one(
        self,
        scene: MitsubaObject,
        origins: NDArray[np.float64],
        rays: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
        mi = self._mi
        distance = np.full(len(rays), np.inf)
        normals = np.zeros((len(rays), 3))
        names = [""] * len(rays)
        for index, (origin, way) in enumerate(zip(origins.tolist(), rays.tolist(), strict=True)):
            found = scene.ray_intersect(mi.Ray3f(mi.Point3f(origin), mi.Vector3f(way)))
            if found.is_valid():
                distance[index] = found.t
                normals[index] = np.array(found.n)
                names[index] = found.shape.id()
        return distance, normals, names

    def _render(
        self,
        scene: MitsubaObject,
        sensor: MitsubaObject,
        integrator: dict[str, Any],
        samples: int | None = None,
    ) -> NDArray[np.float32]:
        wanted = samples or self._samples
        width, height = sensor.film().size()
        most = max(1, _MAX_WAVEFRONT // (int(width) * int(height)))
        loaded = self._mi.load_dict(integrator)
        total: NDArray[np.float64] | None = None
        done = 0
        while done < wanted:
            now = min(most, wanted - done)
            part = self._mi.render(
                scene, sensor=sensor, integrator=loaded, spp=now, seed=self._seed * 1000 + done
            )
            weighted = np.array(part, np.float64) * now
            total = weighted if total is None else total + weighted
            done += now
        assert total is not None
        return (total / wanted).astype(np.float32)

    def _sensor(self, camera: Camera, pixel_format: str = "rgb") -> MitsubaObject:
        rotation = np.array(camera.matrix)[:, :3]
        forward = rotation[2] / np.linalg.norm(rotation[2])
        origin = np.array(camera.position_cm)
        up = [0.0, 0.0, -1.0] if abs(forward[1]) > 0.9999 else [0.0, 1.0, 0.0]
        field_deg = float(np.degrees(2 * np.arctan(camera.width_px / 2 / camera.focal_px)))
        record: dict[str, Any] = {
            "type": "perspective",
            "fov": field_deg,
            "fov_axis": "x",
            "near_clip": 1.0,
            "far_clip": 1e5,
            "to_world": self._mi.ScalarTransform4f().look_at(
                origin=origin.tolist(), target=(origin + forward).tolist(), up=up
            ),
            "film": self._film(camera.width_px, camera.height_px, pixel_format),
            "sampler": {"type": "independent"},
        }
        if camera.aperture_radius_cm > 0:
            record["type"] = "thinlens"
            record["aperture_radius"] = camera.aperture_radius_cm
            record["focus_distance"] = camera.focus_cm
        return self._mi.load_dict(record)

    def _film(self, width_px: int, height_px: int, pixel_format: str) -> dict[str, Any]:
        return {
            "type": "hdrfilm",
            "width": width_px,
            "height": height_px,
            "pixel_format": pixel_format,
            "component_format": "float32",
            # OIDN expects pixels that are independent of their neighbours.
            "rfilter": {"type": "box"},
        }

    def _lamp(self, lamp: Softbox) -> dict[str, Any]:
        across, up, forward = lamp.axes()
        matrix = np.eye(4)
        matrix[:3, 0] = across * lamp.width / 2
        matrix[:3, 1] = up * lamp.height / 2
        matrix[:3, 2] = forward
        matrix[:3, 3] = lamp.position
        return {
            "type": "rectangle",
            "to_world": self._mi.ScalarTransform4f(matrix),
            "emitter": {"type": "area", "radiance": _rgb(lamp.radiance().tolist())},
        }

    def _mesh(self, mesh: Mesh, bsdf: MitsubaObject, name: str) -> MitsubaObject:
        mi = self._mi
        properties = mi.Properties()
        properties["mesh_bsdf"] = bsdf
        properties.set_id(name)
        made = mi.Mesh(
            name,
            len(mesh.vertices),
            len(mesh.faces),
            has_vertex_normals=True,
            has_vertex_texcoords=True,
            props=properties,
        )
        parameters = mi.traverse(made)
        parameters["vertex_positions"] = np.ascontiguousarray(mesh.vertices, np.float32).ravel()
        # A face wound against its normals would be lit from the wrong side: black.
        parameters["faces"] = np.ascontiguousarray(mesh.outward_faces(), np.uint32).ravel()
        parameters["vertex_texcoords"] = np.ascontiguousarray(mesh.uv, np.float32).ravel()
        parameters["vertex_normals"] = np.ascontiguousarray(mesh.normals, np.float32).ravel()
        parameters.update()
        return made

    def _bsdf(self, material: Material) -> dict[str, Any]:
        texture = material.texture
        if texture is None:
            colour: Any = _rgb(material.mean_colour)
            roughness: Any = material.roughness
        else:
            colour = self._bitmap(texture.colour, texture, material)
            scaled = np.clip(texture.roughness * material.roughness, 0.02, 1)
            roughness = self._bitmap(scaled[..., None], texture, material)
        principled: dict[str, Any] = {
            "type": "principled",
            "base_color": colour,
            "roughness": roughness,
            "specular": min(1.0, material.reflectance / 0.08),
            "metallic": material.metallic,
            "sheen": material.sheen,
        }
        if material.clearcoat > 0:
            principled["clearcoat"] = material.clearcoat
            principled["clearcoat_gloss"] = 0.92
        bsdf = {"type": "twosided", "bsdf": principled}
        if texture is not None and material.relief > 0 and float(np.ptp(texture.height)) > 0:
            bump = {
                "type": "bumpmap",
                "height": self._bitmap(texture.height[..., None], texture, material),
                "scale": material.relief,
                "bsdf": principled,
            }
            bsdf = {"type": "twosided", "bsdf": bump}
        return bsdf

    def _bitmap(
        self, pixels: NDArray[np.float32], texture: Texture, material: Material
    ) -> dict[str, Any]:
        per_cm = 1 / texture.tile_cm
        transform = self._mi.ScalarTransform4f().scale([per_cm, per_cm, 1])
        if material.turned_deg:
            transform = transform.rotate([0, 0, 1], material.turned_deg)
        return {
            "type": "bitmap",
            "bitmap": self._mi.Bitmap(np.ascontiguousarray(pixels, dtype=np.float32)),
            "raw": True,
            "filter_type": "bilinear",
            "wrap_mode": "repeat",
            "to_uv": transform,
        }


def _rgb(values: Iterable[float]) -> dict[str, Any]:
    return {"type": "rgb", "value": [float(value) for value in values]}
