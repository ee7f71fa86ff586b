"""Reading styles and looks."""

from collections.abc import Iterable
from dataclasses import dataclass

from inference.styles.own_backdrop import SLUG as OWN_BACKDROP
from studio.accounts.selectors import Actor
from studio.core.errors import Invalid, NotFound
from studio.styles.models import Look, Style


def available_styles(*, kind: str = "", shows_places: bool = False) -> list[Style]:
    """Styles that are installed and switched on, in the order sellers see them.

    The one that shows a seller's own photo of a place is left out unless `shows_places`: it makes
    no picture of a product alone.
    """
    styles = Style.objects.filter(is_enabled=True, is_installed=True)
    if not shows_places:
        styles = styles.exclude(slug=OWN_BACKDROP)
    return list(styles.filter(kind=kind) if kind else styles)


def available_style(slug: str) -> Style:
    """Raise `Invalid` for a style that is unknown or switched off."""
    style = Style.objects.filter(slug=slug, is_enabled=True, is_installed=True).first()
    if style is None:
        raise Invalid(f"There is no style called “{slug}”.", field="style")
    return style


@dataclass(frozen=True, slots=True)
class StyleGroup:
    """One tab of styles: its own, and styles of another kind that belong there, too."""

    kind: str
    label: str
    styles: list[Style]
    also: list[Style]


def styles_by_kind(styles: Iterable[Style]) -> list[StyleGroup]:
    """A group for each kind that has styles of its own, or that others are shown under, too."""
    styles = list(styles)
    groups = [
        StyleGroup(
            kind.value,
            str(kind.label),
            [style for style in styles if style.kind == kind.value],
            [style for style in styles if kind.value in style.params_schema.get("x-also", ())],
        )
        for kind in Style.Kind
    ]
    return [group for group in groups if group.styles or group.also]


def looks_of(actor: Actor) -> list[Look]:
    """The workspace's saved looks whose style can still be rendered, by name."""
    return list(
        Look.objects.filter(
            workspace=actor.workspace, style__is_enabled=True, style__is_installed=True
        )
        .select_related("style")
        .order_by("name")
    )


def look_for(actor: Actor, public_id: str) -> Look:
    """Raise `NotFound` unless it is a look of the actor's workspace."""
    look = Look.objects.filter(workspace=actor.workspace, public_id=public_id).first()
    if look is None:
        raise NotFound("There is no such look.")
    return look
