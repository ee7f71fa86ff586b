"""What may be done to a photo, as parameters: one description for the engine, the API and the page.

Loads no network library: the web side uses it.
"""

from collections.abc import Mapping
from enum import StrEnum

from inference.errors import ParameterInvalid
from inference.requests import ParameterValue
from inference.styles.parameters import Control, Parameter, clean_params, params_schema

# Rises when the same recipe gives other pixels.
RECIPE_VERSION = 1
# Pictures end at 4096 px; more than twice that is weight without use.
MOST_ENLARGED_SIDE_PX = 8192

Recipe = Mapping[str, ParameterValue]


class White(StrEnum):
    """Where the photo shows a surface that should be without colour."""

    AS_SHOT = "as-shot"
    AUTO = "auto"
    GREY = "grey"
    PAPER = "paper"


class Network(StrEnum):
    """Which network enlarges."""

    FAST = "fast"
    BEST = "best"


PARAMETERS = (
    Parameter(
        name="white",
        label="White",
        group="Light",
        control=Control.CHOICE,
        default=White.AS_SHOT.value,
        choices=(
            (White.AS_SHOT.value, "As shot"),
            (White.AUTO.value, "Auto"),
            (White.GREY.value, "Grey card"),
            (White.PAPER.value, "Paper"),
        ),
        hint="Auto looks for the paper white of the ground; for the others press on the photo.",
    ),
    Parameter(
        name="white_x",
        label="Point from the left",
        group="Light",
        control=Control.SLIDER,
        default=50.0,
        maximum=100.0,
        step=0.1,
        unit="%",
    ),
    Parameter(
        name="white_y",
        label="Point from the top",
        group="Light",
        control=Control.SLIDER,
        default=50.0,
        maximum=100.0,
        step=0.1,
        unit="%",
    ),
    Parameter(
        name="white_exposure",
        label="Set the exposure too",
        group="Light",
        control=Control.TOGGLE,
        default=False,
        hint="So that the card or the paper is as bright as it should be.",
    ),
    Parameter(
        name="exposure",
        label="Exposure",
        group="Light",
        control=Control.SLIDER,
        default=0.0,
        minimum=-2.0,
        maximum=2.0,
        step=0.1,
        unit="EV",
    ),
    Parameter(
        name="denoise",
        label="Take noise out",
        group="Detail",
        control=Control.SLIDER,
        default=0.0,
        maximum=100.0,
        step=1.0,
        unit="%",
    ),
    Parameter(
        name="deblur",
        label="Sharpen what is soft",
        group="Detail",
        control=Control.SLIDER,
        default=0.0,
        maximum=100.0,
        step=1.0,
        unit="%",
    ),
    Parameter(
        name="enlarge",
        label="Enlarge",
        group="Size",
        control=Control.CHOICE,
        default="1",
        choices=(("1", "No"), ("2", "× 2"), ("4", "× 4")),
    ),
    Parameter(
        name="network",
        label="By",
        group="Size",
        control=Control.CHOICE,
        default=Network.FAST.value,
        choices=((Network.FAST.value, "Fast"), (Network.BEST.value, "Best, on a GPU")),
    ),
)


def clean_recipe(recipe: Mapping[str, object]) -> dict[str, ParameterValue]:
    """Every parameter in its canonical form; what has no effect is at its default.

    Two recipes that do the same are equal after it.

    Raises:
        ParameterInvalid: an unknown name or a value out of its range.
    """
    known = {parameter.name: parameter.default for parameter in PARAMETERS}
    for name in recipe:
        if name not in known:
            raise ParameterInvalid(name, f"Nothing of a photo is called “{name}”.")
    cleaned = clean_params(PARAMETERS, recipe)
    if cleaned["white"] in (White.AS_SHOT, White.AUTO):
        cleaned |= {name: known[name] for name in ("white_x", "white_y")}
    if cleaned["white"] == White.AS_SHOT:
        cleaned["white_exposure"] = False
    if cleaned["enlarge"] == "1":
        cleaned["network"] = known["network"]
    return cleaned


def recipe_schema() -> dict[str, object]:
    """JSON Schema of a recipe, with what the page's controls need."""
    return params_schema(PARAMETERS)


def network_files(network: Network) -> tuple[str, str]:
    """The names of a network's two registered files: its plan and its numbers."""
    return f"enlarge-{network.value}-plan", f"enlarge-{network.value}-numbers"


def number(recipe: Recipe, name: str) -> float:
    """A numeric parameter of a cleaned recipe."""
    return float(recipe[name])


def enlarges_by(recipe: Recipe) -> int:
    """1, 2 or 4."""
    return int(str(recipe["enlarge"]))


def changes_something(recipe: Recipe) -> bool:
    """False for a recipe that leaves a photo as it is."""
    return any(recipe[parameter.name] != parameter.default for parameter in PARAMETERS)


def changes_detail(recipe: Recipe) -> bool:
    """Whether letters could come out different."""
    names = ("denoise", "deblur")
    return enlarges_by(recipe) > 1 or any(number(recipe, name) > 0 for name in names)


def words_of(recipe: Recipe) -> tuple[str, ...]:
    """What a recipe does, in the words that people and files are told."""
    words = []
    if recipe["white"] != White.AS_SHOT:
        source = {
            White.AUTO.value: "from the ground",
            White.GREY.value: "from a grey card",
            White.PAPER.value: "from the paper",
        }[str(recipe["white"])]
        also = " and exposure" if recipe["white_exposure"] else ""
        words.append(f"white balance{also} {source}")
    if exposure := number(recipe, "exposure"):
        words.append(f"exposure {exposure:+.1f} EV")
    if denoise := number(recipe, "denoise"):
        words.append(f"noise taken out ({denoise:.0f} %)")
    if deblur := number(recipe, "deblur"):
        words.append(f"sharpened ({deblur:.0f} %)")
    if (factor := enlarges_by(recipe)) > 1:
        words.append(f"enlarged × {factor} by a trained network")
    return tuple(words)


def enlarged_size(width: int, height: int, recipe: Recipe) -> tuple[int, int]:
    """The size of what comes out.

    Raises:
        ParameterInvalid: it would be larger than any picture needs.
    """
    factor = enlarges_by(recipe)
    if factor > 1 and factor * max(width, height) > MOST_ENLARGED_SIDE_PX:
        raise ParameterInvalid(
            "enlarge",
            f"This photo has {width} × {height} px already. Pictures end at 4096 px, so enlarging "
            f"it × {factor} would only make it heavier.",
        )
    return width * factor, height * factor
