"""Backdrops over HTTP: `/api/v1/backdrops`."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile

from studio.accounts.authentication import actor_of_request
from studio.backdrops import selectors, services
from studio.backdrops.schemas import BackdropIn, BackdropOut
from studio.backdrops.wire import Json, backdrop_json
from studio.core.errors import TooLarge
from studio.core.limits import check_rate

router = Router(tags=["backdrops"])


@router.get("/backdrops", response=list[BackdropOut])
def list_backdrops(request: HttpRequest) -> list[Json]:
    """The workspace's own photos of places, newest first."""
    return [backdrop_json(each) for each in selectors.backdrops_of(actor_of_request(request))]


@router.post("/backdrops", response={201: BackdropOut})
def add_backdrop(
    request: HttpRequest, file: File[UploadedFile], name: Form[str] = ""
) -> Status[Json]:
    """Upload a photo of a place; where its ground and its light are is guessed."""
    actor = actor_of_request(request)
    check_rate(
        what="uploads",
        who=actor.workspace.pk,
        per_minute=settings.CONFIGURATION.uploads_per_minute,
    )
    if (file.size or 0) > settings.MAX_UPLOAD_BYTES:
        megabytes = settings.CONFIGURATION.max_upload_mb
        raise TooLarge(f"This file is too large: photos may have up to {megabytes} MB.")
    return Status(201, backdrop_json(services.add_backdrop(actor=actor, file=file, name=name)))


@router.get("/backdrops/{backdrop_id}", response=BackdropOut)
def get_backdrop(request: HttpRequest, backdrop_id: UUID) -> Json:
    """One backdrop."""
    return backdrop_json(selectors.backdrop_of(actor_of_request(request), backdrop_id))


@router.patch("/backdrops/{backdrop_id}", response=BackdropOut)
def change_backdrop(request: HttpRequest, backdrop_id: UUID, payload: BackdropIn) -> Json:
    """Rename it, or set where its ground and its light are; what is left out stays."""
    actor = actor_of_request(request)
    said = payload.dict(exclude_unset=True)
    backdrop = services.change_backdrop(
        actor=actor,
        backdrop=selectors.backdrop_of(actor, backdrop_id),
        name=said.get("name"),
        setup=said.get("setup"),
    )
    return backdrop_json(backdrop)


@router.delete("/backdrops/{backdrop_id}", response={204: None})
def delete_backdrop(request: HttpRequest, backdrop_id: UUID) -> Status[None]:
    """Delete it; its files go after a day."""
    actor = actor_of_request(request)
    services.delete_backdrop(actor=actor, backdrop=selectors.backdrop_of(actor, backdrop_id))
    return Status(204, None)


@router.post("/backdrops/{backdrop_id}/restore", response=BackdropOut)
def restore_backdrop(request: HttpRequest, backdrop_id: UUID) -> Json:
    """Bring a deleted one back; 404 after a day."""
    actor = actor_of_request(request)
    return backdrop_json(services.restore_backdrop(actor=actor, public_id=backdrop_id))
