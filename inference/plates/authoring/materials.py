"""How a surface takes light."""

from collections.abc import Callable
from dataclasses import dataclass

from inference.plates.authoring.textures import Texture

Rgb = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Material:
    """A surface after Disney's principled model.

    Attributes:
        surface: what makes its texture (called when a view is baked, not before), or one linear
            colour.
        roughness: factor on the texture's roughness, or the roughness of a plain colour.
        reflectance: F0, the mirrored share from straight above; 0.04 is plastic, wood, stone.
        metallic: 0 or 1.
        sheen: the soft edge light of cloth.
        clearcoat: a second, glossy layer.
        translucency: share of light that passes, for leaves.
        relief: factor on the texture's height.
        turned_deg: turns the texture on the surface.
    """

    surface: Callable[[], Texture] | Rgb
    roughness: float = 1.0
    reflectance: float = 0.04
    metallic: float = 0.0
    sheen: float = 0.0
    clearcoat: float = 0.0
    translucency: float = 0.0
    relief: float = 1.0
    turned_deg: float = 0.0

    @property
    def texture(self) -> Texture | None:
        """The texture, made now if it was not before; none of a plain colour."""
        return self.surface() if callable(self.surface) else None

    @property
    def mean_colour(self) -> Rgb:
        """Mean diffuse colour, linear."""
        if not callable(self.surface):
            return self.surface
        red, green, blue = self.surface().colour.mean(axis=(0, 1)).tolist()
        return (red, green, blue)

    @property
    def mean_roughness(self) -> float:
        """Mean roughness, 0..1."""
        texture = self.texture
        return min(
            1.0, self.roughness * (1.0 if texture is None else float(texture.roughness.mean()))
        )


def matte(red: float, green: float, blue: float, roughness: float = 0.7) -> Material:
    """A plain painted surface, linear colour."""
    return Material((red, green, blue), roughness=roughness)
