"""The styles this installation can render. Importing it loads no torch: the web side reads it."""

from inference.errors import StyleUnknown
from inference.mockups.library import MockupLibrary
from inference.plates.library import PlateLibrary
from inference.styles.background import BACKGROUND_STYLES
from inference.styles.mockup import mockup_styles
from inference.styles.model import MODEL_STYLES
from inference.styles.own_backdrop import OWN_BACKDROP
from inference.styles.scene import scene_styles
from inference.styles.style import Style

_PLATES = PlateLibrary()
_MOCKUPS = MockupLibrary()
_STYLES: tuple[Style, ...] = (
    *BACKGROUND_STYLES,
    *scene_styles(_PLATES),
    OWN_BACKDROP,
    *mockup_styles(_MOCKUPS),
    *MODEL_STYLES,
)
_BY_SLUG = {style.slug: style for style in _STYLES}


def installed_plates() -> PlateLibrary:
    """The plates that this installation ships; the scene styles are made of them."""
    return _PLATES


def installed_mockups() -> MockupLibrary:
    """The print plates that this installation ships; the mockup styles are made of them."""
    return _MOCKUPS


def installed_styles() -> tuple[Style, ...]:
    """All styles in the order sellers see them."""
    return _STYLES


def find_style(slug: str) -> Style:
    """Return the style called `slug`.

    Raises:
        StyleUnknown: nothing of that name is installed.
    """
    try:
        return _BY_SLUG[slug]
    except KeyError:
        raise StyleUnknown(f"There is no style called “{slug}”.") from None
