"""A product as shoppers would see it, made of nothing but its published files. Public."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render as render_page
from django.views.decorators.http import require_GET

from studio.core.errors import NotFound
from studio.publishing.selectors import public_product
from studio.publishing.snippets import picture_snippet, structured_data


@require_GET
def shop_page(request: HttpRequest, product: UUID) -> HttpResponse:
    """The preview of a shop's page; it is not meant for search engines."""
    try:
        shown, publications = public_product(product)
    except NotFound as error:
        raise Http404(str(error)) from error
    context = {
        "product": shown,
        "workspace": publications[0].workspace,
        "pictures": [
            picture_snippet(publication, request, is_first=number == 0)
            for number, publication in enumerate(publications)
        ],
        "structured_data": structured_data(shown, publications, request),
    }
    response = render_page(request, "publishing/shop.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response
