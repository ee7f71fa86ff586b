"""The cast and their things, made through the real services."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from django.core.files.base import ContentFile
from PIL import Image

from studio.accounts.models import Membership, Role, User, Workspace
from studio.accounts.selectors import Actor, actor_of
from studio.catalog.models import Photo, Product
from studio.catalog.services import add_photo, create_product
from studio.renders.models import Render
from studio.renders.services import RenderOrder, order_render, submit_for_review
from studio.review.models import Decision
from studio.review.services import decide

PASSWORD = "a long and quiet evening"

CAST: dict[str, tuple[str, str]] = {
    "ann": ("Moss & Fern", Role.SELLER),
    "bob": ("Moss & Fern", Role.SELLER),
    "carol": ("Moss & Fern", Role.REVIEWER),
    "dan": ("Strangers", Role.ADMIN),
}


def make_member(name: str) -> Membership:
    """One of the cast, with their workspace and role."""
    workspace_name, role = CAST[name]
    workspace, _ = Workspace.objects.get_or_create(name=workspace_name)
    user = User.objects.create_user(f"{name}@example.com", PASSWORD, first_name=name.title())
    return Membership.objects.create(user=user, workspace=workspace, role=role)


def make_actor(name: str) -> Actor:
    return actor_of(make_member(name))


def photo_bytes(
    *, size: tuple[int, int] = (240, 180), colour: str = "#b0402a", format: str = "PNG"
) -> bytes:
    """A plain photo: one coloured box with a lighter top on a pale, slightly uneven ground."""
    width, height = size
    ground = np.linspace(225, 240, width, dtype=np.float32)[None, :, None]
    pixels = np.broadcast_to(ground, (height, width, 3)).astype(np.uint8).copy()
    image = Image.fromarray(pixels)
    left, top, right, bottom = width // 4, height // 4, width * 3 // 4, height * 7 // 8
    image.paste(Image.new("RGB", (right - left, bottom - top), colour), (left, top))
    buffer = io.BytesIO()
    image.save(buffer, format)
    return buffer.getvalue()


def upload_of(data: bytes, name: str = "mug.png") -> "ContentFile[bytes]":
    return ContentFile(data, name=name)


def make_product(actor: Actor, *, title: str = "Red mug", sku: str = "") -> Product:
    return create_product(actor=actor, title=title, sku=sku)


def make_photo(actor: Actor, *, product: Product | None = None, colour: str = "#b0402a") -> Photo:
    product = product or make_product(actor)
    return add_photo(actor=actor, product=product, file=upload_of(photo_bytes(colour=colour)))


def make_finished_render(
    actor: Actor, run_work: Callable[[], object], *, photo: Photo | None = None, size: int = 256
) -> Render:
    """A full-quality picture, made by the fake engine through the real queue."""
    photo = photo or make_photo(actor)
    order = RenderOrder(photo=photo, style="pure-white", longest_side_px=size)
    render, _ = order_render(actor=actor, order=order)
    run_work()
    return Render.objects.get(pk=render.pk)


def make_submitted_render(actor: Actor, run_work: Callable[[], object]) -> Render:
    render = make_finished_render(actor, run_work)
    return submit_for_review(actor=actor, render=render)


def make_approved_render(actor: Actor, reviewer: Actor, run_work: Callable[[], object]) -> Render:
    render = make_submitted_render(actor, run_work)
    decide(
        actor=reviewer,
        render=render,
        verdict=Decision.Verdict.APPROVE,
        seen_sha256=render.result_sha256,
    )
    return Render.objects.get(pk=render.pk)


def make_colleague(name: str, role: str) -> Actor:
    """One more person in Ann's workspace."""
    user = User.objects.create_user(f"{name}@example.com", PASSWORD, first_name=name.title())
    workspace = Workspace.objects.get(name=CAST["ann"][0])
    return actor_of(Membership.objects.create(user=user, workspace=workspace, role=role))


def make_waiting(actor: Actor, run_work: Callable[[], object], *, count: int) -> list[Render]:
    """Different pictures that wait for review, called “Product 0” and so on, oldest first."""
    photos = [
        make_photo(
            actor,
            product=make_product(actor, title=f"Product {number}"),
            colour=f"#{40 + 3 * number:02x}8060",
        )
        for number in range(count)
    ]
    renders = [make_finished_render(actor, run_work, photo=photo) for photo in photos]
    return [submit_for_review(actor=actor, render=render) for render in renders]


def make_finding(verdict: str = "pass", *, item: str = "edges") -> dict[str, object]:
    """One automatic check's finding, in the form that `record_inspection` takes."""
    return {
        "check": "clean-edges",
        "item": item,
        "score": 0.98 if verdict == "pass" else 0.2,
        "verdict": verdict,
        "sentence": "The old background shows along 3 % of the edge.",
        "region": None if verdict == "pass" else [40, 60, 120, 140],
    }


SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def noisy_jpeg(*, side: int) -> bytes:
    """A picture that compresses as badly as a photograph of gravel."""
    pixels = np.random.default_rng(7).integers(0, 255, (side, side, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
