"""Changing styles and looks."""

from collections.abc import Mapping

from django.db import IntegrityError, transaction

from inference.errors import ParameterInvalid
from inference.requests import ParameterValue
from inference.styles.catalogue import find_style, installed_styles
from studio.accounts.selectors import Actor
from studio.core.errors import Conflict, Invalid
from studio.styles.models import Look, Style
from studio.styles.selectors import look_for


@transaction.atomic
def sync_styles() -> int:
    """Make the rows agree with what `inference` has installed; return how many are installed."""
    installed = installed_styles()
    for position, style in enumerate(installed):
        Style.objects.update_or_create(
            slug=style.slug,
            defaults={
                "kind": style.kind.value,
                "title": style.title,
                "description": style.description,
                "version": style.version,
                "params_schema": style.schema(),
                "position": position,
                "is_installed": True,
            },
        )
    slugs = [style.slug for style in installed]
    Style.objects.exclude(slug__in=slugs).update(is_installed=False)
    return len(installed)


def clean_style_params(style: Style, params: Mapping[str, object]) -> dict[str, ParameterValue]:
    """Every parameter of `style` with its value, defaults filled in.

    Raises:
        Invalid: `field` is `params.<name>`; the sentence says what is allowed.
    """
    try:
        return find_style(style.slug).clean(params)
    except ParameterInvalid as error:
        raise Invalid(str(error), field=f"params.{error.parameter}") from error


def save_look(*, actor: Actor, style: Style, name: str, params: Mapping[str, object]) -> Look:
    """Keep a style with its controls under a name.

    Raises:
        Invalid: no name, or parameters the style cannot take.
        Conflict: the workspace has a look of this name.
    """
    actor.require_seller()
    name = name.strip()
    if not 1 <= len(name) <= 80:
        raise Invalid("Give the look a name of up to 80 characters.", field="name")
    cleaned = clean_style_params(style, params)
    try:
        with transaction.atomic():
            return Look.objects.create(
                workspace=actor.workspace,
                style=style,
                name=name,
                params=cleaned,
                created_by=actor.user,
            )
    except IntegrityError as error:
        raise Conflict(f"There is a look called “{name}” already.") from error


def delete_look(*, actor: Actor, public_id: str) -> None:
    """Forget a look; pictures made with it stay."""
    actor.require_seller()
    look_for(actor, public_id).delete()
