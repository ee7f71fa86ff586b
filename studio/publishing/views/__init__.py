"""The pages of publishing."""

from studio.publishing.views.exports import export
from studio.publishing.views.picker import publish_render
from studio.publishing.views.publications import (
    publication_page,
    published,
    withdraw_publication,
)
from studio.publishing.views.shop import shop_page

__all__ = [
    "export",
    "publication_page",
    "publish_render",
    "published",
    "shop_page",
    "withdraw_publication",
]
