"""Where a scene's plates come from: the library's, or one made from a seller's own photo."""

from dataclasses import dataclass
from typing import Protocol

from inference.backdrops.place import backdrop_info, backdrop_plate, backdrop_slug
from inference.errors import ParameterInvalid
from inference.plates.format import PlateInfo
from inference.plates.library import PlateLibrary
from inference.plates.plate import Plate
from inference.requests import BackdropSource, RenderRequest
from inference.stages.decode import decode, probe
from inference.styles.own_backdrop import PLACE, SLUG

# A plate holds two pictures of four bytes a channel: this one takes 200 MB.
MOST_PX = 2896
_INFO_PX = 192


class Views(Protocol):
    """The views of one scene."""

    def nearest(self, pitch_deg: float) -> PlateInfo:
        """The view whose camera pitch is nearest."""
        ...

    def load(self, slug: str, *, longest_side_px: int) -> Plate:
        """A view with its arrays, at most so large."""
        ...


@dataclass(frozen=True, slots=True)
class LibraryViews:
    """A scene of the plate library."""

    library: PlateLibrary
    scene: str

    def nearest(self, pitch_deg: float) -> PlateInfo:
        """As `Views`."""
        return self.library.nearest(self.scene, pitch_deg)

    def load(self, slug: str, *, longest_side_px: int) -> Plate:
        """As `Views`."""
        return self.library.load(slug, longest_side_px=longest_side_px)


@dataclass(frozen=True, slots=True)
class PlaceViews:
    """A seller's own photo: one view, whatever the pitch."""

    source: BackdropSource

    def nearest(self, pitch_deg: float) -> PlateInfo:
        """As `Views`."""
        facts = probe(self.source.path)
        scale = min(1.0, MOST_PX / max(facts.width, facts.height))
        small = decode(self.source.path, longest_side_px=_INFO_PX)
        return backdrop_info(
            small.rgb,
            self.source.setup,
            slug=self._slug,
            width_px=max(1, round(facts.width * scale)),
            height_px=max(1, round(facts.height * scale)),
        )

    def load(self, slug: str, *, longest_side_px: int) -> Plate:
        """As `Views`."""
        longest = min(longest_side_px, MOST_PX)
        photo = decode(self.source.path, longest_side_px=longest)
        return backdrop_plate(photo.rgb, self.source.setup, slug=slug)

    @property
    def _slug(self) -> str:
        return backdrop_slug(self.source.sha256, self.source.setup)


def views_of(request: RenderRequest, library: PlateLibrary) -> Views:
    """Where the request's scene comes from.

    Raises:
        ParameterInvalid: it shows a seller's own photo but names none.
    """
    if request.style.slug != SLUG:
        return LibraryViews(library, request.style.slug)
    if request.place is None:
        raise ParameterInvalid(PLACE, "Choose one of your backdrops first.")
    return PlaceViews(request.place)
