"""Products and photos over HTTP."""

from functools import partial
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile

from inference.enhance.recipe import recipe_schema
from inference.requests import Box, Stroke, StrokeKind, Tier, Translucency
from studio.accounts.authentication import actor_of_request
from studio.accounts.selectors import Actor
from studio.catalog import selectors, services
from studio.catalog.models import Photo, Product
from studio.catalog.schemas import (
    CorrectionsOut,
    CutoutChoicesIn,
    EnhancementIn,
    EnhancementOut,
    EnhancingOut,
    FactsIn,
    GarmentIn,
    GarmentOut,
    PhotoOut,
    ProductIn,
    ProductOut,
    ProductPage,
    StrokesIn,
    Subject,
    SubjectsIn,
    UploadOut,
)
from studio.catalog.wire import (
    Json,
    corrections_json,
    enhancement_json,
    enlarging_json,
    garment_json,
    photo_json,
)
from studio.core.errors import Invalid, NotFound, TooLarge
from studio.core.limits import check_rate

router = Router(tags=["products"])
_CORRECTING = ["correcting cut-outs"]
_ENHANCING = ["enhancing photos"]
_GARMENTS = ["garments"]


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


@router.patch("/photos/{photo_id}/facts", response=PhotoOut)
def say_of_product(request: HttpRequest, photo_id: UUID, payload: FactsIn) -> Json:
    """Say how the product is shown, how high it is, and whether it is furniture."""
    actor = actor_of_request(request)
    photo = selectors.photo_of(actor, photo_id)
    said = payload.dict(exclude_unset=True)
    return _photo(services.say_of_product(actor=actor, photo=photo, said=said))


@router.get("/photos/{photo_id}/corrections", response=CorrectionsOut, tags=_CORRECTING)
def get_corrections(request: HttpRequest, photo_id: UUID) -> Json:
    """What was corrected in a photo's cutout by hand."""
    return _corrections(selectors.photo_of(actor_of_request(request), photo_id))


@router.post("/photos/{photo_id}/corrections", response={202: CorrectionsOut}, tags=_CORRECTING)
def add_strokes(request: HttpRequest, photo_id: UUID, payload: StrokesIn) -> Status[Json]:
    """Paint over the cutout with keep and erase strokes; one request is one step to undo."""
    strokes = [
        Stroke(StrokeKind(each.kind), each.radius_px, tuple(each.points), each.is_exact)
        for each in payload.strokes
    ]
    return _corrected(request, photo_id, partial(services.add_strokes, strokes=strokes))


@router.delete("/photos/{photo_id}/corrections", response={202: CorrectionsOut}, tags=_CORRECTING)
def start_over(request: HttpRequest, photo_id: UUID) -> Status[Json]:
    """Back to what the network made; this can be undone too."""
    return _corrected(request, photo_id, services.start_over)


@router.post(
    "/photos/{photo_id}/corrections/undo", response={202: CorrectionsOut}, tags=_CORRECTING
)
def undo_correction(request: HttpRequest, photo_id: UUID) -> Status[Json]:
    """Take the last step back; 409 when there is none."""
    return _corrected(request, photo_id, services.undo_correction)


@router.post(
    "/photos/{photo_id}/corrections/redo", response={202: CorrectionsOut}, tags=_CORRECTING
)
def redo_correction(request: HttpRequest, photo_id: UUID) -> Status[Json]:
    """Do the last undone step again; 409 when there is none."""
    return _corrected(request, photo_id, services.redo_correction)


@router.put("/photos/{photo_id}/box", response={202: CorrectionsOut}, tags=_CORRECTING)
def set_box(request: HttpRequest, photo_id: UUID, payload: Subject) -> Status[Json]:
    """Say where the product is, in upright photo pixels; nothing outside the box is product."""
    box = Box(payload.left, payload.top, payload.right, payload.bottom)
    return _corrected(request, photo_id, partial(services.set_box, box=box))


@router.delete("/photos/{photo_id}/box", response={202: CorrectionsOut}, tags=_CORRECTING)
def remove_box(request: HttpRequest, photo_id: UUID) -> Status[Json]:
    """Look for the product in the whole photo again."""
    return _corrected(request, photo_id, partial(services.set_box, box=None))


@router.put("/photos/{photo_id}/subjects", response={202: CorrectionsOut}, tags=_CORRECTING)
def keep_subjects(request: HttpRequest, photo_id: UUID, payload: SubjectsIn) -> Status[Json]:
    """Of several products in the photo keep some; 409 when there is only one."""
    return _corrected(request, photo_id, partial(services.keep_subjects, kept=payload.kept))


@router.post("/photos/{photo_id}/mask", response={202: CorrectionsOut}, tags=_CORRECTING)
def import_mask(request: HttpRequest, photo_id: UUID, file: File[UploadedFile]) -> Status[Json]:
    """Use a mask of your own (white is product) instead of the network's cutout."""
    _check_upload(request, file)
    return _corrected(request, photo_id, partial(services.set_mask, file=file))


@router.delete("/photos/{photo_id}/mask", response={202: CorrectionsOut}, tags=_CORRECTING)
def remove_mask(request: HttpRequest, photo_id: UUID) -> Status[Json]:
    """Back from your own mask to the network's cutout."""
    return _corrected(request, photo_id, partial(services.set_mask, file=None))


@router.patch("/photos/{photo_id}/cutout", response={202: CorrectionsOut}, tags=_CORRECTING)
def choose_cutout(request: HttpRequest, photo_id: UUID, payload: CutoutChoicesIn) -> Status[Json]:
    """Say whether the product is glass, and whether its own shadow is kept."""
    if payload.translucency is None and payload.keeps_shadow is None:
        raise Invalid("Send translucency, keeps_shadow, or both.")
    actor = actor_of_request(request)
    photo = selectors.photo_of(actor, photo_id)
    with transaction.atomic():
        if payload.translucency is not None:
            value = Translucency(payload.translucency)
            services.set_translucency(actor=actor, photo=photo, value=value)
        if payload.keeps_shadow is not None:
            services.keep_shadow(actor=actor, photo=photo, keeps=payload.keeps_shadow)
    return Status(202, _corrections(selectors.photo_of(actor, photo_id)))


@router.get("/photos/{photo_id}/garment", response=GarmentOut, tags=_GARMENTS)
def get_garment(request: HttpRequest, photo_id: UUID) -> Json:
    """The garment and its landmarks, as read for a model style or as placed; 404 before that."""
    photo = selectors.photo_of(actor_of_request(request), photo_id)
    garment = selectors.garment_of(photo)
    if garment is None:
        raise NotFound("No garment was read in this photo yet.")
    return garment_json(garment)


@router.put("/photos/{photo_id}/garment", response=GarmentOut, tags=_GARMENTS)
def place_points(request: HttpRequest, photo_id: UUID, payload: GarmentIn) -> Json:
    """Say what the garment is and where its landmarks are."""
    actor = actor_of_request(request)
    garment = services.place_points(
        actor=actor,
        photo=selectors.photo_of(actor, photo_id),
        kind=payload.kind,
        points=payload.points,
    )
    return garment_json(garment)


@router.delete("/photos/{photo_id}/garment", response={204: None}, tags=_GARMENTS)
def forget_points(request: HttpRequest, photo_id: UUID) -> Status[None]:
    """Read the photo anew instead of using placed landmarks."""
    actor = actor_of_request(request)
    services.forget_points(actor=actor, photo=selectors.photo_of(actor, photo_id))
    return Status(204, None)


@router.get("/enhancing", response=EnhancingOut, tags=_ENHANCING)
def get_enhancing(request: HttpRequest) -> Json:
    """What can be done to a photo, and which enlarging networks this studio has."""
    actor_of_request(request)
    return {"recipe_schema": recipe_schema(), "enlarging": enlarging_json()}


@router.post(
    "/photos/{photo_id}/enhancements",
    response={200: EnhancementOut, 202: EnhancementOut},
    tags=_ENHANCING,
)
def enhance_photo(request: HttpRequest, photo_id: UUID, payload: EnhancementIn) -> Status[Json]:
    """Try a recipe; the photo is not changed. 202 when it is being made, 200 when it exists."""
    actor = actor_of_request(request)
    check_rate(
        what="enhancements",
        who=actor.workspace.pk,
        per_minute=settings.CONFIGURATION.renders_per_minute,
    )
    order = services.EnhancementOrder(
        recipe=payload.recipe,
        tier=Tier[payload.tier.upper()],
        window_x=payload.window.x,
        window_y=payload.window.y,
        supersedes=str(payload.supersedes or ""),
    )
    photo = selectors.photo_of(actor, photo_id)
    enhancement = services.order_enhancement(actor=actor, photo=photo, order=order)
    return Status(200 if enhancement.is_ended else 202, enhancement_json(enhancement))


@router.get("/enhancements/{enhancement_id}", response=EnhancementOut, tags=_ENHANCING)
def get_enhancement(request: HttpRequest, enhancement_id: UUID) -> Json:
    """How far it is, and what came of it."""
    return enhancement_json(selectors.enhancement_of(actor_of_request(request), enhancement_id))


@router.post(
    "/enhancements/{enhancement_id}/cancel", response={202: EnhancementOut}, tags=_ENHANCING
)
def cancel_enhancement(request: HttpRequest, enhancement_id: UUID) -> Status[Json]:
    """Stop one that is waiting or under way."""
    actor = actor_of_request(request)
    found = selectors.enhancement_of(actor, enhancement_id)
    stopped = services.cancel_enhancement(actor=actor, enhancement=found)
    return Status(202, enhancement_json(stopped))


@router.post("/enhancements/{enhancement_id}/keep", response={201: PhotoOut}, tags=_ENHANCING)
def keep_enhancement(request: HttpRequest, enhancement_id: UUID) -> Status[Json]:
    """Add it to the product as a version of the photo; the photo itself stays as it is."""
    actor = actor_of_request(request)
    found = selectors.enhancement_of(actor, enhancement_id)
    return Status(201, _photo(services.keep_enhancement(actor=actor, enhancement=found)))


@router.delete("/enhancements/{enhancement_id}", response=EnhancementOut, tags=_ENHANCING)
def drop_enhancement(request: HttpRequest, enhancement_id: UUID) -> Json:
    """Throw it away; 409 when it was kept."""
    actor = actor_of_request(request)
    found = selectors.enhancement_of(actor, enhancement_id)
    return enhancement_json(services.drop_enhancement(actor=actor, enhancement=found))


@router.delete("/photos/{photo_id}/version", response=PhotoOut, tags=_ENHANCING)
def take_out_version(request: HttpRequest, photo_id: UUID) -> Json:
    """Take an enhanced version out of its product again; 409 for an original."""
    actor = actor_of_request(request)
    found = selectors.photo_of(actor, photo_id)
    return _photo(services.take_out_version(actor=actor, photo=found))


@router.post("/photos/{photo_id}/version", response=PhotoOut, tags=_ENHANCING)
def put_back_version(request: HttpRequest, photo_id: UUID) -> Json:
    """Put a version back that was taken out; 409 when it was not."""
    actor = actor_of_request(request)
    found = selectors.photo_of(actor, photo_id)
    return _photo(services.put_back_version(actor=actor, photo=found))


class _Change(Protocol):
    """A service that changes a photo's cutout."""

    def __call__(self, *, actor: Actor, photo: Photo) -> Photo: ...


def _corrected(request: HttpRequest, photo_id: UUID, change: _Change) -> Status[Json]:
    actor = actor_of_request(request)
    change(actor=actor, photo=selectors.photo_of(actor, photo_id))
    return Status(202, _corrections(selectors.photo_of(actor, photo_id)))


def _corrections(photo: Photo) -> Json:
    return corrections_json(photo, photo.current_cutout)  # type: ignore[attr-defined]


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
