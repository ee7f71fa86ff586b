"""Styles and looks over HTTP."""

from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from studio.accounts.authentication import actor_of_request
from studio.styles import selectors, services
from studio.styles.models import Look, Style
from studio.styles.schemas import LookIn, LookOut, StyleOut

router = Router(tags=["styles"])


@router.get("/styles", response=list[StyleOut])
def list_styles(
    request: HttpRequest, kind: Literal["", "background", "mockup", "model"] = ""
) -> list[Style]:
    """Every style that can be rendered, with its parameters' schema."""
    return selectors.available_styles(kind=kind, shows_places=True)


@router.get("/looks", response=list[LookOut])
def list_looks(request: HttpRequest) -> list[Look]:
    """The workspace's saved looks."""
    return selectors.looks_of(actor_of_request(request))


@router.post("/looks", response={201: LookOut})
def save_look(request: HttpRequest, payload: LookIn) -> Status[Look]:
    """Save a style with its parameters under a name."""
    look = services.save_look(
        actor=actor_of_request(request),
        style=selectors.available_style(payload.style),
        name=payload.name,
        params=payload.params,
    )
    return Status(201, look)


@router.delete("/looks/{look_id}", response={204: None})
def delete_look(request: HttpRequest, look_id: UUID) -> Status[None]:
    """Forget a look."""
    services.delete_look(actor=actor_of_request(request), public_id=str(look_id))
    return Status(204, None)
