"""Products and photos over HTTP."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile

from studio.accounts.authentication import actor_of_request
from studio.catalog import selectors, services
from studio.catalog.models import Photo, Product
from studio.catalog.schemas import PhotoOut, ProductIn, ProductOut, ProductPage, UploadOut
from studio.catalog.wire import Json, photo_json
from studio.core.errors import TooLarge
from studio.core.limits import check_rate

router = Router(tags=["products"])


@router.post("/products", response={201: ProductOut})
def create_product(request: HttpRequest, payload: ProductIn) -> Status[Product]:
    """Add a product."""
    product = services.create_product(
        actor=actor_of_request(request), title=payload.title, sku=payload.sku
    )
    return Status(201, product)


@router.get("/products", response=ProductPage)
def list_products(request: HttpRequest, cursor: str = "", q: str = "") -> Json:
    """Products, most recently touched first."""
    page = selectors.products_of(actor_of_request(request), query=q, cursor=cursor)
    return {"items": list(page.items), "next_cursor": page.next_cursor}


@router.get("/products/{product_id}", response=ProductOut)
def get_product(request: HttpRequest, product_id: UUID) -> Product:
    """One product."""
    return selectors.product_of(actor_of_request(request), product_id)


@router.patch("/products/{product_id}", response=ProductOut)
def rename_product(request: HttpRequest, product_id: UUID, payload: ProductIn) -> Product:
    """Change a product's title and SKU."""
    actor = actor_of_request(request)
    product = selectors.product_of(actor, product_id)
    return services.rename_product(
        actor=actor, product=product, title=payload.title, sku=payload.sku
    )


@router.post("/products/{product_id}/photos", response={201: PhotoOut})
def add_photo(request: HttpRequest, product_id: UUID, file: File[UploadedFile]) -> Status[Json]:
    """Upload a photo; its cutout starts at once."""
    actor = actor_of_request(request)
    _check_upload(request, file)
    product = selectors.product_of(actor, product_id)
    return Status(201, _photo(services.add_photo(actor=actor, product=product, file=file)))


@router.post("/uploads", response={201: UploadOut})
def upload(request: HttpRequest, file: File[UploadedFile], title: Form[str] = "") -> Status[Json]:
    """A new product from one photo, named after the file unless a title is given."""
    actor = actor_of_request(request)
    _check_upload(request, file)
    photo = services.product_from_upload(actor=actor, file=file, title=title)
    return Status(201, {"product": photo.product, "photo": _photo(photo)})


@router.get("/photos/{photo_id}", response=PhotoOut)
def get_photo(request: HttpRequest, photo_id: UUID) -> Json:
    """A photo's facts and the state of its cutout."""
    return _photo(selectors.photo_of(actor_of_request(request), photo_id))


@router.post("/photos/{photo_id}/cutout", response={202: PhotoOut})
def retry_cutout(request: HttpRequest, photo_id: UUID) -> Status[Json]:
    """Try a failed cutout again."""
    actor = actor_of_request(request)
    services.retry_cutout(actor=actor, photo=selectors.photo_of(actor, photo_id))
    return Status(202, _photo(selectors.photo_of(actor, photo_id)))


def _photo(photo: Photo) -> Json:
    return photo_json(photo, photo.current_cutout)  # type: ignore[attr-defined]


def _check_upload(request: HttpRequest, file: UploadedFile) -> None:
    check_rate(
        what="uploads",
        who=actor_of_request(request).workspace.pk,
        per_minute=settings.CONFIGURATION.uploads_per_minute,
    )
    if (file.size or 0) > settings.MAX_UPLOAD_BYTES:
        megabytes = settings.CONFIGURATION.max_upload_mb
        raise TooLarge(f"This file is too large: photos may have up to {megabytes} MB.")
