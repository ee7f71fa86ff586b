"""Reading backdrops: only what the asking person's workspace owns."""

from studio.accounts.models import Workspace
from studio.accounts.selectors import Actor
from studio.backdrops.models import Backdrop
from studio.catalog.models import Photo
from studio.catalog.selectors import as_uuid, photo_of
from studio.core.errors import Invalid, NotFound
from studio.core.work import State


def backdrops_of(actor: Actor) -> list[Backdrop]:
    """The workspace's backdrops, newest first."""
    return list(Backdrop.objects.filter(workspace=actor.workspace, deleted_at=None).order_by("-pk"))


def backdrop_of(actor: Actor, public_id: object, *, is_deleted: bool = False) -> Backdrop:
    """Raise `NotFound` unless it is one of the actor's workspace, deleted or not as asked."""
    found = Backdrop.objects.filter(
        workspace=actor.workspace,
        public_id=as_uuid(public_id, "backdrop"),
        deleted_at__isnull=not is_deleted,
    ).first()
    if found is None:
        raise NotFound("There is no such backdrop.")
    return found


def backdrop_named(workspace: Workspace, public_id: object) -> Backdrop:
    """The backdrop that a picture's parameters name.

    Raises:
        Invalid: none is named, or it is another workspace's, or it was deleted.
    """
    field = "params.place_id"
    if not public_id:
        raise Invalid("Choose one of your backdrops first.", field=field)
    try:
        wanted = as_uuid(public_id, "backdrop")
    except NotFound as error:
        raise Invalid("A backdrop is named by its id.", field=field) from error
    found = Backdrop.objects.filter(workspace=workspace, public_id=wanted, deleted_at=None).first()
    if found is None:
        raise Invalid("This backdrop is not there any more. Choose another one.", field=field)
    return found


def product_to_try(actor: Actor, wanted: str) -> Photo | None:
    """The photo that an editor shows in the place: the one asked for, else the newest cut out."""
    if wanted:
        try:
            return photo_of(actor, wanted)
        except NotFound:
            pass
    newest = (
        Photo.objects.filter(workspace=actor.workspace, cutouts__state=State.FINISHED)
        .order_by("-pk")
        .first()
    )
    return photo_of(actor, newest.public_id) if newest else None
