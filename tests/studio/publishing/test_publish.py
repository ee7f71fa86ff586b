"""Publishing: exactly what was approved, in every size, for good."""

import io
from collections.abc import Callable

import pytest
from asgiref.sync import async_to_sync
from django.core.files.storage import default_storage
from django.test import AsyncClient, Client
from PIL import Image

from studio.accounts.selectors import Actor
from studio.core.errors import Conflict, Invalid
from studio.core.storage import read_bytes
from studio.publishing.addresses import variant_path
from studio.publishing.models import Publication, Variant
from studio.publishing.services import publish, withdraw
from studio.renders.models import Render
from studio.renders.services import submit_for_review
from studio.review.services import decide
from tests import factories

RunWork = Callable[[], int]


@pytest.fixture
def approved(seller: Actor, reviewer: Actor, run_work: RunWork) -> Render:
    return factories.make_approved_render(seller, reviewer, run_work)


def test_an_approved_picture_gets_every_format(seller: Actor, approved: Render) -> None:
    publication = publish(actor=seller, render=approved)
    made = {(variant.format, variant.width) for variant in publication.variants.all()}
    # The picture is 256 px: nothing is enlarged.
    assert made == {("webp", 256), ("avif", 256), ("jpeg", 256)}
    for variant in publication.variants.all():
        with Image.open(io.BytesIO(read_bytes(variant.key))) as image:
            assert (image.format or "").lower() == variant.format
            assert image.size == (variant.width, variant.height)
            assert not image.getexif()


def test_a_large_picture_comes_in_three_sizes(
    seller: Actor, reviewer: Actor, run_work: RunWork
) -> None:
    photo = factories.make_photo(seller)
    render = factories.make_finished_render(seller, run_work, photo=photo, size=2048)
    render = submit_for_review(actor=seller, render=render)
    sha256 = render.result_sha256
    decide(actor=reviewer, render=render, verdict="approve", seen_sha256=sha256)
    publication = publish(actor=seller, render=Render.objects.get(pk=render.pk))
    widths = {variant.width for variant in publication.variants.all()}
    assert widths == {2048, 1024, 512}
    assert publication.variants.count() == 9


def test_what_is_not_approved_is_not_published(seller: Actor, run_work: RunWork) -> None:
    render = factories.make_submitted_render(seller, run_work)
    with pytest.raises(Conflict, match="approved"):
        publish(actor=seller, render=render)
    assert not Publication.objects.exists()


def test_what_was_sent_back_is_not_published(
    seller: Actor, reviewer: Actor, run_work: RunWork
) -> None:
    render = factories.make_submitted_render(seller, run_work)
    sha256 = render.result_sha256
    decide(actor=reviewer, render=render, verdict="return", reasons=["halo"], seen_sha256=sha256)
    with pytest.raises(Conflict, match="approved"):
        publish(actor=seller, render=Render.objects.get(pk=render.pk))


def test_bytes_that_changed_after_approval_stay_unpublished(
    seller: Actor, approved: Render
) -> None:
    default_storage.delete(approved.result_key)
    default_storage.save(approved.result_key, factories.upload_of(b"somebody else's picture"))
    with pytest.raises(Conflict, match="not the one that was approved"):
        publish(actor=seller, render=approved)


def test_a_picture_is_published_once_until_it_is_withdrawn(seller: Actor, approved: Render) -> None:
    publication = publish(actor=seller, render=approved)
    with pytest.raises(Conflict, match="already"):
        publish(actor=seller, render=approved)
    withdraw(actor=seller, publication=publication)
    assert publish(actor=seller, render=approved).pk != publication.pk


def test_an_unknown_channel_is_refused(seller: Actor, approved: Render) -> None:
    with pytest.raises(Invalid, match="moon"):
        publish(actor=seller, render=approved, channels=["moon"])


async def fetch(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    answer = await AsyncClient().get(url, headers=headers)
    streamed = getattr(answer, "streaming_content", None)
    body = b"".join([part async for part in streamed]) if streamed else answer.content
    return answer.status_code, dict(answer.items()), body


@pytest.mark.django_db(transaction=True)
def test_anybody_may_fetch_a_published_file_and_keep_it_for_good(
    seller: Actor, approved: Render
) -> None:
    publication = publish(actor=seller, render=approved)
    variant = publication.variants.get(format="avif")
    status, headers, body = async_to_sync(fetch)(variant_path(variant))
    assert (status, headers["Content-Type"]) == (200, "image/avif")
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert len(body) == variant.size_bytes
    again = async_to_sync(fetch)(variant_path(variant), **{"if-none-match": headers["ETag"]})
    assert again[0] == 304
    withdraw(actor=seller, publication=publication)
    assert async_to_sync(fetch)(variant_path(variant))[0] == 404


def test_a_name_that_is_no_variant_is_not_found(
    client: Client, seller: Actor, approved: Render
) -> None:
    publication = publish(actor=seller, render=approved)
    variant = Variant.objects.get(publication=publication, format="webp")
    url = variant_path(variant).replace(variant.sha256[:16], "0" * 16)
    assert client.get(url).status_code == 404
