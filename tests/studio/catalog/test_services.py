"""Products, photos and cutouts."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from inference.errors import PhotoUnreadable
from inference.testing import FakeEngine
from studio.accounts.selectors import Actor
from studio.catalog.models import Cutout, Photo, Product
from studio.catalog.selectors import photo_of, products_of, sample_products
from studio.catalog.services import (
    add_photo,
    add_sample,
    create_product,
    cutouts,
    product_from_upload,
    rename_product,
    retry_cutout,
)
from studio.catalog.services.products import title_from_file
from studio.core.errors import Conflict, Invalid, NotAllowed, NotFound
from studio.core.storage import read_bytes
from studio.core.work import State
from tests import factories

RunWork = Callable[[], int]


def test_an_upload_keeps_the_original_and_queues_its_cutout(
    seller: Actor,
    styles: int,
    sent_tasks: list[str],
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]],
) -> None:
    data = factories.photo_bytes()
    with django_capture_on_commit_callbacks(execute=True):
        photo = product_from_upload(actor=seller, file=factories.upload_of(data, "red_mug-2.png"))
    assert photo.product.title == "Red mug 2"
    assert read_bytes(photo.original_key) == data
    assert (photo.width, photo.height, photo.format) == (240, 180, "PNG")
    assert Cutout.objects.get(photo=photo).state == State.QUEUED
    assert sent_tasks == ["renders.run_waiting_work"]


def test_the_thumbnail_is_upright_and_small(seller: Actor) -> None:
    image = Image.new("RGB", (900, 300), "white")
    exif = image.getexif()
    exif[0x0112] = 6  # turned by 90°
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", exif=exif)
    photo = product_from_upload(actor=seller, file=factories.upload_of(buffer.getvalue(), "a.jpg"))
    assert (photo.width, photo.height) == (300, 900)
    with Image.open(io.BytesIO(read_bytes(photo.thumb_key))) as thumb:
        assert thumb.height > thumb.width
        assert max(thumb.size) <= 640


def test_the_same_file_twice_is_one_photo(seller: Actor) -> None:
    product = factories.make_product(seller)
    first = factories.make_photo(seller, product=product)
    assert factories.make_photo(seller, product=product).pk == first.pk
    assert Photo.objects.count() == 1


def test_a_bad_file_leaves_neither_product_nor_file(seller: Actor) -> None:
    with pytest.raises(Invalid, match="not a photo"):
        product_from_upload(actor=seller, file=factories.upload_of(b"no picture", "mug.jpg"))
    assert not Product.objects.exists()
    assert not default_storage.exists("w")


def test_a_reviewer_cannot_upload(reviewer: Actor) -> None:
    with pytest.raises(NotAllowed):
        create_product(actor=reviewer, title="Mug")


def test_a_sample_is_added_once(seller: Actor) -> None:
    sample = sample_products()[0]
    first = add_sample(actor=seller, name=sample.file)
    assert add_sample(actor=seller, name=sample.file).pk == first.pk
    assert first.photos.count() == 1
    with pytest.raises(NotFound):
        add_sample(actor=seller, name="../../../etc/passwd")


def test_a_failed_cutout_can_be_tried_again(
    seller: Actor, run_work: RunWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = factories.make_photo(seller)
    broken = FakeEngine(fail_with={"segment": PhotoUnreadable("It is torn.")})
    with monkeypatch.context() as patched:
        patched.setattr(cutouts, "engine", lambda: broken)
        run_work()
    failed = Cutout.objects.get(photo=photo)
    assert (failed.state, failed.error_message) == (State.FAILED, "It is torn.")
    retried = retry_cutout(actor=seller, photo=photo_of(seller, photo.public_id))
    assert retried.fence > failed.fence, "watchers must see that this is newer"
    run_work()
    assert Cutout.objects.get(photo=photo).state == State.FINISHED
    with pytest.raises(Conflict):
        retry_cutout(actor=seller, photo=photo)


def test_a_photo_without_a_product_in_it_is_flagged_and_not_blank(
    seller: Actor, run_work: RunWork
) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (200, 200), (120, 120, 120)).save(buffer, "PNG")
    photo = product_from_upload(actor=seller, file=factories.upload_of(buffer.getvalue()))
    run_work()
    cutout = Cutout.objects.get(photo=photo)
    assert cutout.state == State.FINISHED
    assert cutout.confidence < 0.5
    assert cutout.notice.endswith(".")


def test_a_product_can_be_renamed_but_not_to_a_taken_sku(seller: Actor) -> None:
    factories.make_product(seller, sku="A")
    product = factories.make_product(seller, title="Old", sku="B")
    assert rename_product(actor=seller, product=product, title=" New  name ", sku="C").title == (
        "New name"
    )
    with pytest.raises(Conflict):
        rename_product(actor=seller, product=product, title="New", sku="A")
    with pytest.raises(Invalid):
        rename_product(actor=seller, product=product, title="  ", sku="")


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("IMG_2025-red.mug.jpg", "IMG 2025 red mug"),
        ("teapot.PNG", "Teapot"),
        ("___.jpg", "Untitled product"),
        (None, "Untitled product"),
    ],
)
def test_a_title_is_read_from_the_file_name(name: str | None, title: str) -> None:
    assert title_from_file(name) == title


def test_the_grid_counts_what_became_of_each_product(
    seller: Actor, reviewer: Actor, run_work: RunWork
) -> None:
    render = factories.make_approved_render(seller, reviewer, run_work)
    factories.make_finished_render(seller, run_work, photo=render.photo, size=128)
    (product,) = products_of(seller).items
    counts = {
        name: getattr(product, name)
        for name in ("photo_count", "final_count", "awaiting_count", "approved_count")
    }
    assert counts == {"photo_count": 1, "final_count": 2, "awaiting_count": 0, "approved_count": 1}


def test_more_photos_can_be_added_to_a_product(seller: Actor) -> None:
    product = factories.make_product(seller)
    for colour in ("#111111", "#222222"):
        data = factories.photo_bytes(colour=colour)
        add_photo(actor=seller, product=product, file=factories.upload_of(data))
    assert product.photos.count() == 2
