"""Backdrops as JSON: the same shape in the API and in page payloads."""

from studio.backdrops.models import Backdrop
from studio.core.storage import file_url

Json = dict[str, object]


def backdrop_json(backdrop: Backdrop) -> Json:
    """A backdrop's facts and its setup."""
    return {
        "id": str(backdrop.public_id),
        "name": backdrop.name,
        "width": backdrop.width,
        "height": backdrop.height,
        "picture_url": file_url(backdrop.view_key),
        "setup": backdrop.arranged.to_json(),
        "unsure": backdrop.unsure,
        "created_at": backdrop.created_at.isoformat(),
    }
