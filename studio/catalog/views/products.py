"""The products page, and what its forms do without script."""

from dataclasses import dataclass
from functools import cache
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from inference.events import EncodedImage
from inference.stages.decode import source_thumbnail
from studio.accounts.access import with_actor
from studio.accounts.selectors import Actor
from studio.catalog import selectors, services
from studio.catalog.forms import ACCEPTED_PHOTOS, UploadForm
from studio.catalog.models import Cutout, Product
from studio.core.errors import Conflict, Invalid, NotFound, StudioError, TooLarge
from studio.core.storage import file_url
from studio.core.work import State
from studio.styles.selectors import available_styles, looks_of

SAMPLES_SHOWN = 3
SAMPLE_SIDE_PX = 480
_UNDER_WAY = (State.QUEUED, State.RUNNING)


@dataclass(frozen=True, slots=True)
class ProductCard:
    """What the grid shows of one product. `badges` are (state, words), most urgent first.

    `view_box` is the SVG view of the picture that shows the product alone, or empty.
    """

    product: Product
    url: str
    photo_id: str
    photo_count: int
    picture_url: str
    view_box: str
    width: int
    height: int
    is_cut_out: bool
    is_under_way: bool
    badges: tuple[tuple[str, str], ...]


# What the script fills in for a product that was uploaded while the page was open.
_BLANK_CARD = ProductCard(
    product=Product(title=""),
    url="",
    photo_id="",
    photo_count=1,
    picture_url="",
    view_box="",
    width=0,
    height=0,
    is_cut_out=False,
    is_under_way=True,
    badges=(("running", "Cutting out"),),
)


def products(request: HttpRequest) -> HttpResponseBase:
    """The grid; a POST is an upload from a page whose script did not run."""
    return upload(request) if request.method == "POST" else grid(request)


@require_safe
@with_actor
def grid(request: HttpRequest, actor: Actor) -> HttpResponse:
    """All products, or those that a search finds."""
    query = request.GET.get("q", "").strip()[:200]
    try:
        page = selectors.products_of(actor, query=query, cursor=request.GET.get("cursor", ""))
    except Invalid:
        return redirect("catalog:products")
    is_first_visit = not page.items and not query
    context = {
        "section": "products",
        "cards": [_card(product) for product in page.items],
        "query": query,
        "next_cursor": page.next_cursor,
        "is_first_visit": is_first_visit,
        "samples": selectors.sample_products()[:SAMPLES_SHOWN] if is_first_visit else (),
        "accepted": ACCEPTED_PHOTOS,
        "max_upload_mb": settings.CONFIGURATION.max_upload_mb,
        "styles": available_styles(),
        "looks": (looks := looks_of(actor)),
        "looks_payload": [
            {"id": str(look.public_id), "style": look.style.slug, "params": look.params}
            for look in looks
        ],
        "blank_card": _BLANK_CARD,
    }
    return render(request, "catalog/products.html", context)


@require_POST
@with_actor
def upload(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Make a product of each file; one bad file never stops the rest."""
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _sentence(form))
        return redirect("catalog:products")
    files: list[UploadedFile[bytes]] = form.cleaned_data["files"]
    title = form.cleaned_data["title"] if len(files) == 1 else ""
    made = []
    for file in files:
        try:
            _check_size(file)
            made.append(services.product_from_upload(actor=actor, file=file, title=title))
        except StudioError as error:
            messages.error(request, f"{file.name}: {error}")
    if len(files) == len(made) == 1:
        return redirect("renders:studio", made[0].product.public_id)
    if made:
        count = len(made)
        messages.success(request, f"{count} product{'s' if count > 1 else ''} added.")
    return redirect("catalog:products")


@require_POST
@with_actor
def add_sample(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Add a sample product and open it in the studio."""
    product = services.add_sample(actor=actor, name=request.POST.get("sample", ""))
    return redirect("renders:studio", product.public_id)


@cache_control(private=True, max_age=86400)
@require_safe
@with_actor
def sample_picture(request: HttpRequest, actor: Actor, name: str) -> HttpResponse:
    """A small picture of a sample product."""
    picture = _sample_thumbnail(name)
    return HttpResponse(picture.data, content_type=picture.media_type.value)


@cache
def _sample_thumbnail(name: str) -> EncodedImage:
    sample = next((s for s in selectors.sample_products() if s.file == name), None)
    if sample is None:
        raise NotFound("There is no such sample.")
    return source_thumbnail(sample.path, SAMPLE_SIDE_PX)


@require_POST
@with_actor
def rename(request: HttpRequest, actor: Actor, product: UUID) -> HttpResponse:
    """Change a product's title and SKU."""
    found = selectors.product_of(actor, product)
    title, sku = request.POST.get("title", ""), request.POST.get("sku", "")
    try:
        services.rename_product(actor=actor, product=found, title=title, sku=sku)
    except (Invalid, Conflict) as error:
        messages.error(request, str(error))
    return redirect("renders:studio", found.public_id)


@require_POST
@with_actor
def add_photos(request: HttpRequest, actor: Actor, product: UUID) -> HttpResponse:
    """More photos of one product."""
    found = selectors.product_of(actor, product)
    url = reverse("renders:studio", args=[found.public_id])
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _sentence(form))
        return redirect(url)
    for file in form.cleaned_data["files"]:
        try:
            _check_size(file)
            photo = services.add_photo(actor=actor, product=found, file=file)
            url = f"{reverse('renders:studio', args=[found.public_id])}?photo={photo.public_id}"
        except StudioError as error:
            messages.error(request, f"{file.name}: {error}")
    return redirect(url)


@require_POST
@with_actor
def retry_cutout(request: HttpRequest, actor: Actor, photo: UUID) -> HttpResponse:
    """Try to find the product in a photo once more."""
    found = selectors.photo_of(actor, photo)
    try:
        services.retry_cutout(actor=actor, photo=found)
    except StudioError as error:
        messages.error(request, str(error))
    product_url = reverse("renders:studio", args=[found.product.public_id])
    return redirect(f"{product_url}?photo={found.public_id}")


@cache_control(private=True, max_age=3600)
@require_safe
@with_actor
def photo_view(request: HttpRequest, actor: Actor, photo: UUID) -> HttpResponse:
    """The photo, upright and at most as large as a screen; the editor draws on it."""
    key = services.photo_view_key(selectors.photo_of(actor, photo))
    return redirect(file_url(key))


def _sentence(form: UploadForm) -> str:
    return " ".join(str(error) for error in form.errors["files"])


def _check_size(file: "UploadedFile[bytes]") -> None:
    if (file.size or 0) > settings.MAX_UPLOAD_BYTES:
        megabytes = settings.CONFIGURATION.max_upload_mb
        raise TooLarge(f"This file is too large: photos may have up to {megabytes} MB.")


def _card(product: Product) -> ProductCard:
    # `products_of` adds these to each product.
    photo = product.newest_photo  # type: ignore[attr-defined]
    cutout = photo.current_cutout if photo else None
    found = cutout if cutout and cutout.state == State.FINISHED else None
    key = found.preview_key if found else photo.thumb_key if photo else ""
    return ProductCard(
        product=product,
        url=reverse("renders:studio", args=[product.public_id]),
        photo_id=str(photo.public_id) if photo else "",
        photo_count=product.photo_count,  # type: ignore[attr-defined]
        picture_url=file_url(key),
        view_box=_view_box(found) if found else "",
        width=photo.width if photo else 0,
        height=photo.height if photo else 0,
        is_cut_out=found is not None,
        is_under_way=bool(cutout and cutout.state in _UNDER_WAY),
        badges=_badges(product, cutout.state if cutout else ""),
    )


def _view_box(cutout: Cutout) -> str:
    """The product's box in photo pixels."""
    box = cutout.measured.subject
    return f"{box.left} {box.top} {box.width} {box.height}" if box.width and box.height else ""


def _badges(product: Product, cutout_state: str) -> tuple[tuple[str, str], ...]:
    """The words and shapes under a product's picture."""
    if cutout_state in _UNDER_WAY:
        return (("running", "Cutting out"),)
    counted = (
        ("returned", product.returned_count, "returned"),  # type: ignore[attr-defined]
        ("submitted", product.awaiting_count, "in review"),  # type: ignore[attr-defined]
        ("approved", product.approved_count, "approved"),  # type: ignore[attr-defined]
    )
    badges = tuple((state, f"{count} {words}") for state, count, words in counted if count)
    if cutout_state == State.FAILED:
        return (("failed", "Not cut out"), *badges)
    if not cutout_state:
        return (("draft", "No photo yet"),)
    return badges or (("ready", "Ready"),)
