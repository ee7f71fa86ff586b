"""What a person says of a product that its photo does not show."""

from collections.abc import Mapping

from django.db import transaction

from inference.requests import Posture
from studio.accounts.selectors import Actor
from studio.catalog.models import Photo, Product
from studio.catalog.selectors import photo_of
from studio.core.errors import Invalid

MAX_HEIGHT_CM = 400.0
MIN_HEIGHT_CM = 0.2


@transaction.atomic
def say_of_product(*, actor: Actor, photo: Photo, said: Mapping[str, object]) -> Photo:
    """Keep answers about a photo and its product; None takes an answer back, absent ones stay.

    Args:
        actor: a seller.
        photo: the one that the answers are given for.
        said: any of `posture` (a `Posture`'s value), `height_cm` and `is_furniture`.

    Raises:
        Invalid: no such posture, or a height that no product has.
    """
    actor.require_seller()
    if "posture" in said:
        posture = str(said["posture"] or "")
        if posture and posture not in [each.value for each in Posture]:
            names = ", ".join(each.value for each in Posture)
            raise Invalid(f"The posture is one of: {names}.", field="posture")
        Photo.objects.filter(pk=photo.pk).update(posture=posture)
    of_product = {name: said[name] for name in ("height_cm", "is_furniture") if name in said}
    height_cm = of_product.get("height_cm")
    if isinstance(height_cm, float) and not MIN_HEIGHT_CM <= height_cm <= MAX_HEIGHT_CM:
        raise Invalid(
            f"A height goes from {MIN_HEIGHT_CM:g} to {MAX_HEIGHT_CM:g} cm.", field="height_cm"
        )
    if of_product:
        Product.objects.filter(pk=photo.product.pk).update(**of_product)
    return photo_of(actor, photo.public_id)
