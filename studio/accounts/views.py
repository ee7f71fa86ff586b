"""The settings page, its forms, and one-click sign-in to the demo."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from studio.accounts.access import with_actor
from studio.accounts.forms import ApiKeyForm
from studio.accounts.models import ApiKey, Role, User
from studio.accounts.selectors import (
    WORKSPACE_SESSION_KEY,
    Actor,
    api_keys_of,
    current_membership,
    memberships_of,
)
from studio.accounts.services import create_api_key, revoke_api_key
from studio.core.errors import NotFound

DEMO_EMAILS = {role.value: f"{role.value}@softbox.demo" for role in Role}


@require_GET
@with_actor
def settings_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Members, workspaces and keys."""
    return _show_settings(request, actor, form=ApiKeyForm())


@require_POST
@never_cache
@with_actor
def create_key(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Make a key and show it in the answer itself: a redirect would have to store the secret."""
    form = ApiKeyForm(request.POST)
    membership = current_membership(user=actor.user, workspace_id=str(actor.workspace.public_id))
    if not form.is_valid() or membership is None:
        return _show_settings(request, actor, form=form, status=422)
    key, secret = create_api_key(membership=membership, name=form.cleaned_data["name"])
    return _show_settings(request, actor, form=ApiKeyForm(), new_key=key, secret=secret, status=201)


@require_POST
@with_actor
def revoke_key(request: HttpRequest, actor: Actor, key: UUID) -> HttpResponse:
    """Switch one of the person's own keys off."""
    try:
        revoke_api_key(actor=actor, public_id=str(key))
    except NotFound as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The key is revoked. Programs that still use it are refused.")
    return redirect("accounts:settings")


@require_POST
@with_actor
def switch(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Go on in another of the person's workspaces."""
    wanted = request.POST.get("workspace", "")
    mine = {str(m.workspace.public_id): m.workspace for m in memberships_of(actor.user)}
    if wanted not in mine:
        raise NotFound("You belong to no such workspace.")
    request.session[WORKSPACE_SESSION_KEY] = wanted
    messages.success(request, f"You are in {mine[wanted].name} now.")
    return redirect("home")


def demo(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demo people; only where the operator switched the demo on."""
    email = DEMO_EMAILS.get(request.POST.get("role", ""), "")
    user = User.objects.filter(email=email, is_active=True).first() if email else None
    if not settings.CONFIGURATION.demo or user is None:
        raise Http404("There is no such demo.")
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(target if is_ours else "home")


def _show_settings(
    request: HttpRequest,
    actor: Actor,
    *,
    form: ApiKeyForm,
    new_key: ApiKey | None = None,
    secret: str = "",
    status: int = 200,
) -> HttpResponse:
    members = actor.workspace.memberships.select_related("user").order_by("pk")
    context = {
        "form": form,
        "keys": api_keys_of(actor),
        "members": members,
        "memberships": memberships_of(actor.user),
        "new_key": new_key,
        "secret": secret,
    }
    return render(request, "accounts/settings.html", context, status=status)
