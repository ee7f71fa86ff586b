"""Signing in and up, the settings page, keys and the demo."""

import re
from collections.abc import Callable
from io import StringIO

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.core import mail
from django.core.management import CommandError, call_command
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from studio.accounts.models import ApiKey, Membership, Role, User, Workspace
from studio.accounts.selectors import actor_of_api_key
from studio.accounts.services import ensure_membership
from tests.factories import PASSWORD

SignIn = Callable[[Membership | User], Client]


@pytest.fixture
def demo_studio(db: None, settings: object) -> None:
    """The demo switched on, with its three people."""
    settings.CONFIGURATION = settings.CONFIGURATION.model_copy(update={"demo": True})  # type: ignore[attr-defined]
    workspace = Workspace.objects.create(name="Demo studio")
    for role in Role:
        user = User.objects.create_user(f"{role.value}@softbox.demo", PASSWORD)
        ensure_membership(user=user, workspace=workspace, role=role)


# --- signing in ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "name",
    [
        "account_login",
        "account_signup",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key_done",
        "account_inactive",
        "account_email_verification_sent",
    ],
)
def test_a_page_before_signing_in_is_in_the_studios_dress(
    name: str, client: Client, db: None
) -> None:
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert "accounts/_entrance.html" in [template.name for template in response.templates]


@pytest.mark.parametrize(
    "name", ["account_change_password", "account_logout", "account_email", "account_reauthenticate"]
)
def test_a_page_about_ones_account_is_in_the_studios_dress(
    name: str, ann: Membership, client: Client
) -> None:
    client.post(reverse("account_login"), {"login": ann.user.email, "password": PASSWORD})
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert "accounts/_entrance.html" in [template.name for template in response.templates]


def test_a_person_signs_in_with_address_and_password(ann: Membership, client: Client) -> None:
    response = client.post(
        reverse("account_login"),
        {"login": ann.user.email, "password": PASSWORD, "next": reverse("accounts:settings")},
    )
    assert response.status_code == 302
    assert response["Location"] == reverse("accounts:settings")


def test_a_wrong_password_is_told_in_a_sentence(ann: Membership, client: Client) -> None:
    response = client.post(reverse("account_login"), {"login": ann.user.email, "password": "no"})
    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()


def test_signing_out_takes_a_post(ann: Membership, signed_in: SignIn) -> None:
    browser = signed_in(ann)
    assert "Sign out?" in browser.get(reverse("account_logout")).content.decode()
    browser.post(reverse("account_logout"))
    assert browser.get(reverse("accounts:settings")).status_code == 302


def test_signing_up_gives_a_workspace_with_oneself_as_admin(client: Client, db: None) -> None:
    client.post(reverse("account_signup"), {"email": "new@example.com", "password1": PASSWORD})
    membership = Membership.objects.get(user__email="new@example.com")
    assert membership.role == Role.ADMIN


@pytest.mark.parametrize(
    ("email", "password", "sentence"),
    [
        ("ann@example.com", PASSWORD, "already registered"),
        ("ANN@example.com", PASSWORD, "already registered"),
        ("new@example.com", "12345678", "entirely numeric"),
        ("new@example.com", "short", "too short"),
        ("not an address", PASSWORD, "valid email"),
    ],
)
def test_a_refused_sign_up_says_why(
    email: str, password: str, sentence: str, ann: Membership, client: Client
) -> None:
    people = User.objects.count()
    response = client.post(reverse("account_signup"), {"email": email, "password1": password})
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert User.objects.count() == people


def test_sign_up_can_be_closed(client: Client, db: None, settings: object) -> None:
    settings.CONFIGURATION = settings.CONFIGURATION.model_copy(  # type: ignore[attr-defined]
        update={"allow_sign_up": False}
    )
    assert "Sign-up is closed" in client.get(reverse("account_signup")).content.decode()


def test_a_forgotten_password_is_replaced_by_mail(ann: Membership, client: Client) -> None:
    client.post(reverse("account_reset_password"), {"email": ann.user.email})
    link = re.search(r"https?://testserver(\S+)", str(mail.outbox[0].body))
    assert link
    page = client.get(link.group(1), follow=True)
    assert "New password" in page.content.decode()
    form_url = page.redirect_chain[-1][0]
    done = client.post(
        form_url,
        {"password1": "another quiet evening", "password2": "another quiet evening"},
        follow=True,
    )
    assert "The password is saved" in done.content.decode()
    ann.user.refresh_from_db()
    assert ann.user.check_password("another quiet evening")


def test_an_old_reset_link_says_so(client: Client, db: None) -> None:
    url = reverse("account_reset_password_from_key", kwargs={"uidb36": "1", "key": "abc-def"})
    assert "no longer works" in client.get(url).content.decode()


def test_a_confirmation_link_asks_before_it_confirms(ann: Membership, client: Client) -> None:
    address = EmailAddress.objects.create(user=ann.user, email=ann.user.email, primary=True)
    key = EmailConfirmationHMAC(address).key
    url = reverse("account_confirm_email", args=[key])
    assert "Yes, confirm it" in client.get(url).content.decode()
    client.post(url)
    address.refresh_from_db()
    assert address.verified


def test_a_broken_confirmation_link_says_so(client: Client, db: None) -> None:
    response = client.get(reverse("account_confirm_email", args=["nonsense"]))
    assert "no longer works" in response.content.decode()


# --- pages for what went wrong -----------------------------------------------------------------
def test_an_unknown_address_is_told_in_the_studios_dress(client: Client, db: None) -> None:
    response = client.get("/nothing/here/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_the_page_for_our_own_failures_needs_no_database() -> None:
    page = render_to_string("500.html")
    assert "Something went wrong on our side" in page


def test_too_many_tries_are_told_when_to_come_back(client: Client, db: None) -> None:
    form = {"login": "nobody@example.com", "password": "guess"}
    pages = [client.post(reverse("account_login"), form) for _ in range(40)]
    assert pages[0].status_code == 200
    refused = pages[-1]
    told = refused.content.decode()
    assert "Too many" in told


# --- the demo --------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ["seller", "reviewer", "admin"])
def test_one_click_signs_in_to_the_demo(role: str, demo_studio: None, client: Client) -> None:
    assert reverse("accounts:demo") in client.get(reverse("account_login")).content.decode()
    response = client.post(reverse("accounts:demo"), {"role": role})
    assert response.status_code == 302
    page = client.get(reverse("accounts:settings")).content.decode()
    assert f"Signed in as {role}@softbox.demo" in page


def test_the_demo_never_sends_people_to_another_site(demo_studio: None, client: Client) -> None:
    response = client.post(
        reverse("accounts:demo"), {"role": "seller", "next": "https://elsewhere.example/"}
    )
    assert response["Location"] == reverse("home")


def test_there_is_no_demo_unless_it_is_switched_on(
    demo_studio: None, client: Client, settings: object
) -> None:
    settings.CONFIGURATION = settings.CONFIGURATION.model_copy(update={"demo": False})  # type: ignore[attr-defined]
    assert reverse("accounts:demo") not in client.get(reverse("account_login")).content.decode()
    assert client.post(reverse("accounts:demo"), {"role": "admin"}).status_code == 404


@pytest.mark.parametrize("role", ["", "superuser", "ann"])
def test_the_demo_has_three_people_only(role: str, demo_studio: None, client: Client) -> None:
    assert client.post(reverse("accounts:demo"), {"role": role}).status_code == 404


def test_the_demo_takes_a_post(demo_studio: None, client: Client) -> None:
    assert client.get(reverse("accounts:demo"), {"role": "admin"}).status_code == 404


# --- settings --------------------------------------------------------------------------------
def test_settings_ask_strangers_to_sign_in(client: Client, db: None) -> None:
    response = client.get(reverse("accounts:settings"))
    assert response["Location"].startswith(reverse("account_login"))


def test_settings_list_the_own_team_only(
    ann: Membership, bob: Membership, dan: Membership, signed_in: SignIn
) -> None:
    page = signed_in(ann).get(reverse("accounts:settings")).content.decode()
    assert bob.user.email in page
    assert dan.user.email not in page


def test_settings_lead_staff_to_the_admin(
    ann: Membership, bob: Membership, signed_in: SignIn
) -> None:
    bob.user.is_staff = True
    bob.user.save()
    admin_button = f'class="button" href="{reverse("admin:index")}"'
    assert admin_button in signed_in(bob).get(reverse("accounts:settings")).content.decode()
    assert admin_button not in signed_in(ann).get(reverse("accounts:settings")).content.decode()


def test_a_key_is_shown_once_and_works(ann: Membership, signed_in: SignIn) -> None:
    browser = signed_in(ann)
    response = browser.post(reverse("accounts:create_key"), {"name": "Shop import"})
    assert response.status_code == 201
    assert "no-store" in response["Cache-Control"]
    secret = response.context["secret"]
    assert secret in response.content.decode()
    actor = actor_of_api_key(secret)
    assert actor is not None
    assert actor.user == ann.user
    later = browser.get(reverse("accounts:settings")).content.decode()
    assert secret not in later
    assert "Shop import" in later


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_key_needs_a_name(name: str, ann: Membership, signed_in: SignIn) -> None:
    response = signed_in(ann).post(reverse("accounts:create_key"), {"name": name})
    assert response.status_code == 422
    assert "field__error" in response.content.decode()
    assert not ApiKey.objects.exists()


def test_a_revoked_key_stops_working(ann: Membership, signed_in: SignIn) -> None:
    browser = signed_in(ann)
    secret = browser.post(reverse("accounts:create_key"), {"name": "old"}).context["secret"]
    key = ApiKey.objects.get()
    browser.post(reverse("accounts:revoke_key", args=[key.public_id]))
    assert actor_of_api_key(secret) is None


@pytest.mark.parametrize("who", ["bob", "carol", "dan"])
def test_only_its_owner_revokes_a_key(
    who: str, ann: Membership, signed_in: SignIn, request: pytest.FixtureRequest
) -> None:
    signed_in(ann).post(reverse("accounts:create_key"), {"name": "Ann’s"})
    key = ApiKey.objects.get()
    other: Membership = request.getfixturevalue(who)
    signed_in(other).post(reverse("accounts:revoke_key", args=[key.public_id]))
    key.refresh_from_db()
    assert key.revoked_at is None


def test_a_person_switches_between_own_workspaces_only(
    ann: Membership, dan: Membership, signed_in: SignIn
) -> None:
    browser = signed_in(ann)
    url = reverse("accounts:switch")
    foreign = str(dan.workspace.public_id)
    assert browser.post(url, {"workspace": foreign}).status_code == 404
    ensure_membership(user=ann.user, workspace=dan.workspace, role=Role.REVIEWER)
    assert browser.post(url, {"workspace": foreign}).status_code == 302
    page = browser.get(reverse("accounts:settings"))
    assert page.context["actor"].workspace == dan.workspace
    assert page.context["actor"].role == Role.REVIEWER


def test_somebody_without_a_workspace_is_told_what_to_do(db: None, signed_in: SignIn) -> None:
    lonely = User.objects.create_user("lonely@example.com", PASSWORD)
    response = signed_in(lonely).get(reverse("accounts:settings"))
    assert response.status_code == 403
    assert "ask an admin to add you" in response.content.decode()


# --- the command -----------------------------------------------------------------------------
def test_the_command_prints_a_working_key_and_nothing_else(ann: Membership) -> None:
    out = StringIO()
    call_command("create_api_key", "Ann@example.com", "--name", "cron", stdout=out)
    secret = out.getvalue().strip()
    assert out.getvalue() == f"{secret}\n"
    actor = actor_of_api_key(secret)
    assert actor is not None
    assert actor.user == ann.user
    assert ApiKey.objects.get().name == "cron"


def test_the_command_says_when_nobody_has_the_address(db: None) -> None:
    with pytest.raises(CommandError, match="Nobody here has the e-mail address"):
        call_command("create_api_key", "nobody@example.com")
