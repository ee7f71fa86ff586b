"""One module per scene, each with a `SCENE`."""

import functools
import importlib
import pkgutil

from inference.errors import StyleUnknown
from inference.plates.authoring.scene import Scene


@functools.cache
def all_scenes() -> dict[str, Scene]:
    """Every scene by its slug, in the order of the modules' names."""
    modules = sorted(module.name for module in pkgutil.iter_modules(__path__))
    scenes = [importlib.import_module(f"{__name__}.{name}").SCENE for name in modules]
    return {scene.slug: scene for scene in scenes}


def scene_named(slug: str) -> Scene:
    """One scene.

    Raises:
        StyleUnknown: no such scene; the message names those there are.
    """
    scenes = all_scenes()
    if slug not in scenes:
        raise StyleUnknown(f"No scene “{slug}” is authored; there are: {', '.join(scenes)}.")
    return scenes[slug]
