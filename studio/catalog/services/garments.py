"""Where a garment's landmarks are: kept as they were read, or as a seller placed them."""

from collections.abc import Mapping

from django.utils import timezone

from inference.garments.kinds import KINDS, POINT_LABELS, Kind, point_names
from inference.requests import GarmentRead
from studio.accounts.selectors import Actor
from studio.catalog.models import Garment, Photo
from studio.core.errors import Invalid

Points = Mapping[str, tuple[float, float]]
_SIDES = {"left": "left", "right": "right"}


def keep_reading(*, photo: Photo, read: GarmentRead) -> None:
    """Keep what a model style read, unless a person has placed the points."""
    if read.is_placed:
        return
    made, is_new = Garment.objects.get_or_create(photo=photo, defaults=_row(read))
    if not is_new:
        Garment.objects.filter(pk=made.pk, is_placed=False).update(**_row(read))


def place_points(*, actor: Actor, photo: Photo, kind: str, points: Points) -> Garment:
    """Say what the garment is and where its landmarks are, in upright photo pixels.

    Raises:
        Invalid: an unknown kind, a point that is missing, off the photo or on the wrong side.
    """
    actor.require_seller()
    if kind not in {each.value for each in Kind}:
        raise Invalid("Choose what the garment is.", field="kind")
    names = point_names(KINDS[Kind(kind)].build)
    placed = {name: _placed(photo, name, points.get(name)) for name in names}
    for name in names:
        base, _, side = name.rpartition("_")
        if side == "left" and placed[name][0] >= placed[f"{base}_right"][0]:
            raise Invalid(
                f"{POINT_LABELS[base]}: the left point lies right of the right one.",
                field=f"points.{name}",
            )
    garment, _ = Garment.objects.update_or_create(
        photo=photo,
        defaults={
            "kind": kind,
            "points": placed,
            "confidence": 1.0,
            "notice": "",
            "is_placed": True,
            "placed_by": actor.user,
            "changed_at": timezone.now(),
        },
    )
    return garment


def forget_points(*, actor: Actor, photo: Photo) -> None:
    """Back to what the photo itself says; the next picture reads it again."""
    actor.require_seller()
    Garment.objects.filter(photo=photo).delete()


def _row(read: GarmentRead) -> dict[str, object]:
    return {
        "kind": read.kind,
        "points": {name: list(point) for name, point in read.points.items()},
        "confidence": read.confidence,
        "notice": read.notice,
        "changed_at": timezone.now(),
    }


def _placed(photo: Photo, name: str, point: tuple[float, float] | None) -> list[float]:
    base, _, side = name.rpartition("_")
    label = POINT_LABELS[base if side in _SIDES else name]
    if point is None:
        raise Invalid(f"{label}: this point is missing.", field=f"points.{name}")
    x, y = point
    if not (0 <= x <= photo.width and 0 <= y <= photo.height):
        raise Invalid(f"{label}: this point lies outside the photo.", field=f"points.{name}")
    return [round(float(x), 1), round(float(y), 1)]
