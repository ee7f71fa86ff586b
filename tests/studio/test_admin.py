"""Every page of the admin opens, and its actions go through the services."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from studio.accounts.models import ApiKey, Membership, Role, User
from studio.accounts.selectors import Actor, actor_of_api_key
from studio.accounts.services import create_api_key, ensure_membership
from studio.backdrops.services import add_backdrop
from studio.catalog.models import Cutout
from studio.catalog.services import start_over
from studio.core.work import State
from studio.publishing.models import Publication
from studio.publishing.services import publish
from studio.renders.models import Batch, Render
from studio.renders.services import RenderOrder, order_render, submit_batch
from studio.review.models import Decision, DefectReason, Lot, LotItem, ReviewPolicy
from studio.review.selectors import QueueFilter
from studio.review.services import claim, record_inspection, save_keys, save_view
from studio.styles.models import Style
from studio.styles.services import save_look
from studio.webhooks.models import EventKind
from studio.webhooks.sending import Answer
from studio.webhooks.services import add_endpoint, deliver_due
from tests.factories import (
    PASSWORD,
    make_approved_render,
    make_finding,
    make_finished_render,
    make_photo,
    make_submitted_render,
    photo_bytes,
    upload_of,
)

RunWork = Callable[[], int]
OURS = [model for model in apps.get_models() if model.__module__.startswith("studio.")]


@pytest.fixture
def operator(db: None) -> User:
    return User.objects.create_superuser("operator@example.com", PASSWORD)


@pytest.fixture
def browser(operator: User) -> Client:
    client = Client()
    client.force_login(operator)
    return client


@pytest.fixture
def one_of_each(
    ann: Membership, seller: Actor, reviewer: Actor, run_work: RunWork
) -> dict[type[Model], Model]:
    """A row of every model, made through the services."""
    approved = make_approved_render(seller, reviewer, run_work)
    administrator = replace(seller, role=Role.ADMIN)
    add_endpoint(actor=administrator, url="https://example.com/", kinds=[EventKind.PUBLISHED])
    publish(actor=seller, render=approved, channels=["web"])
    deliver_due(send=lambda message, **options: Answer(200, ""))
    create_api_key(membership=ann, name="cron")
    style = approved.style
    save_look(actor=seller, style=style, name="House look", params={})
    submit_batch(
        actor=seller,
        photos=[approved.photo],
        order=RenderOrder(photo=approved.photo, style=style.slug),
    )
    start_over(actor=seller, photo=approved.photo)
    place = upload_of(photo_bytes(size=(640, 480)), "yard.png")
    add_backdrop(actor=seller, file=place)
    review_rows(reviewer, approved, batch=Batch.objects.get())
    rows = {model: model._default_manager.first() for model in OURS}
    return {model: row for model, row in rows.items() if row is not None}


def review_rows(reviewer: Actor, render: Render, *, batch: Batch) -> None:
    """A row of each of review's own models."""
    record_inspection(render=render, findings=[make_finding()], uncertainty=0.1)
    claim(actor=reviewer, render=render)
    save_keys(actor=reviewer, keys={"approve": "j"}, are_on=True)
    save_view(actor=reviewer, name="Problems", wanted=QueueFilter(checks="problem"))
    ReviewPolicy.objects.create(workspace=reviewer.workspace)
    lot = Lot.objects.create(
        workspace=reviewer.workspace,
        batch=batch,
        drawn_by=reviewer.user,
        aql="2.5",
        letter="A",
        accept=0,
        reject=1,
        seed=7,
    )
    LotItem.objects.create(lot=lot, render=render, is_drawn=True)


def admin_url(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def run_action(browser: Client, row: Model, action: str, **extra: str) -> str:
    """Select one row, run an action, and return the page that comes of it."""
    form = {"action": action, "_selected_action": str(row.pk), **extra}
    return browser.post(admin_url(type(row), "changelist"), form, follow=True).content.decode()


def test_every_model_is_registered() -> None:
    assert len(OURS) >= 14
    assert [model for model in OURS if not admin.site.is_registered(model)] == []


def test_every_list_add_and_change_page_opens(
    browser: Client, one_of_each: dict[type[Model], Model]
) -> None:
    assert set(one_of_each) == set(OURS)
    request = browser.get(reverse("admin:index")).wsgi_request
    for model, row in one_of_each.items():
        model_admin = admin.site.get_model_admin(model)
        assert browser.get(admin_url(model, "changelist")).status_code == 200, model
        assert browser.get(admin_url(model, "change", row.pk)).status_code == 200, model
        wanted = 200 if model_admin.has_add_permission(request) else 403
        assert browser.get(admin_url(model, "add")).status_code == wanted, model


def test_every_list_can_be_searched(browser: Client, one_of_each: dict[type[Model], Model]) -> None:
    for model in one_of_each:
        response = browser.get(admin_url(model, "changelist"), {"q": "mug"})
        assert response.status_code == 200, model


@pytest.mark.parametrize("model", [Decision, Publication, Render, Cutout])
def test_history_cannot_be_changed_or_deleted(
    model: type[Model], browser: Client, one_of_each: dict[type[Model], Model]
) -> None:
    row = one_of_each[model]
    assert browser.post(admin_url(model, "change", row.pk), {}).status_code == 403
    assert browser.post(admin_url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model._default_manager.filter(pk=row.pk).exists()


def test_a_person_is_added_by_address(browser: Client) -> None:
    form = {
        "email": "new@example.com",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "memberships-TOTAL_FORMS": "0",
        "memberships-INITIAL_FORMS": "0",
    }
    response = browser.post(admin_url(User, "add"), form)
    assert response.status_code == 302
    assert User.objects.get(email="new@example.com").check_password(PASSWORD)


def test_a_key_made_here_is_shown_once_and_works(browser: Client, ann: Membership) -> None:
    form = {"membership": str(ann.pk), "name": "cron"}
    page = browser.post(admin_url(ApiKey, "add"), form, follow=True).content.decode()
    key = ApiKey.objects.get()
    secret = page[page.index(key.start) :].split()[0].split("<")[0]
    actor = actor_of_api_key(secret)
    assert actor is not None
    assert actor.user == ann.user
    assert secret not in browser.get(admin_url(ApiKey, "changelist")).content.decode()


def test_a_key_is_revoked(browser: Client, ann: Membership) -> None:
    key, secret = create_api_key(membership=ann, name="cron")
    assert "1 revoked." in run_action(browser, key, "revoke")
    assert actor_of_api_key(secret) is None


def test_a_waiting_render_is_cancelled_and_tried_again(
    browser: Client, seller: Actor, styles: int
) -> None:
    order = RenderOrder(photo=make_photo(seller), style="pure-white")
    render, _ = order_render(actor=seller, order=order)
    assert "1 cancelled." in run_action(browser, render, "cancel")
    render.refresh_from_db()
    assert render.state == State.CANCELLED
    assert "ended already" in run_action(browser, render, "cancel")
    assert "1 waiting to be rendered again." in run_action(browser, render, "try_again")
    render.refresh_from_db()
    assert render.state == State.QUEUED


def test_a_failed_cutout_is_tried_again(browser: Client, seller: Actor, styles: int) -> None:
    cutout = make_photo(seller).cutouts.get()
    assert "not one that failed" in run_action(browser, cutout, "try_again")
    Cutout.objects.filter(pk=cutout.pk).update(state=State.FAILED, error_code="lost")
    assert "1 waiting to be cut out again." in run_action(browser, cutout, "try_again")
    cutout.refresh_from_db()
    assert cutout.state == State.QUEUED


def test_an_operator_approves_and_publishes(
    browser: Client, operator: User, seller: Actor, run_work: RunWork
) -> None:
    render = make_submitted_render(seller, run_work)
    assert "Only an approved picture" in run_action(browser, render, "publish_results")
    assert "1 approved." in run_action(browser, render, "approve_results")
    assert Decision.objects.get().reviewer == operator
    assert "1 published." in run_action(browser, render, "publish_results")
    publication = Publication.objects.get()
    assert "1 withdrawn." in run_action(browser, publication, "withdraw_publications")
    assert "withdrawn before" in run_action(browser, publication, "withdraw_publications")


def test_an_operator_returns_with_a_reason(
    browser: Client, seller: Actor, run_work: RunWork
) -> None:
    render = make_submitted_render(seller, run_work)
    assert "Red mug" in run_action(browser, render, "return_results")
    refused = run_action(browser, render, "return_results", **{"return": "1"})
    assert "Say why" in refused
    assert not Decision.objects.exists()
    halo = DefectReason.objects.get(code="halo")
    extra = {"return": "1", "reasons": str(halo.pk), "note": "Left rim."}
    assert "1 returned." in run_action(browser, render, "return_results", **extra)
    assert Decision.objects.get().reasons == ["halo"]


def test_an_operator_who_is_no_member_cannot_approve_an_unsubmitted_picture(
    browser: Client, seller: Actor, run_work: RunWork
) -> None:
    render = make_finished_render(seller, run_work)
    assert "no such picture in review" in run_action(browser, render, "approve_results")
    assert not Decision.objects.exists()


def test_four_eyes_hold_in_the_admin(ann: Membership, seller: Actor, run_work: RunWork) -> None:
    User.objects.filter(pk=ann.user.pk).update(is_staff=True, is_superuser=True)
    ensure_membership(user=ann.user, workspace=ann.workspace, role=Role.ADMIN)
    browser = Client()
    browser.force_login(User.objects.get(pk=ann.user.pk))
    render = make_submitted_render(seller, run_work)
    assert "Somebody else has to decide" in run_action(browser, render, "approve_results")
    assert not Decision.objects.exists()


def test_staff_see_their_own_workspace_only(
    one_of_each: dict[type[Model], Model], dan: Membership, bob: Membership
) -> None:
    for member in (dan, bob):
        User.objects.filter(pk=member.user.pk).update(is_staff=True)
        member.user.user_permissions.set(Permission.objects.all())
    render = one_of_each[Render]
    for member, status in ((dan, 302), (bob, 200)):
        browser = Client()
        browser.force_login(User.objects.get(pk=member.user.pk))
        assert browser.get(admin_url(Render, "change", render.pk)).status_code == status
        page = browser.get(admin_url(Render, "changelist")).content.decode()
        assert ("Red mug" in page) == (status == 200)


def test_a_style_is_hidden_and_nothing_else_of_it_changes(browser: Client, styles: int) -> None:
    style = Style.objects.get(slug="pure-white")
    browser.post(admin_url(Style, "change", style.pk), {"title": "Mine"})
    style.refresh_from_db()
    assert not style.is_enabled
    assert style.title == "Pure white"


@pytest.mark.parametrize("who", ["ann", "carol", "dan"])
def test_the_admin_is_for_staff(who: str, request: pytest.FixtureRequest) -> None:
    member: Membership = request.getfixturevalue(who)
    browser = Client()
    browser.force_login(member.user)
    response = browser.get(reverse("admin:index"))
    assert response.status_code == 302
    assert reverse("admin:login") in response["Location"]
