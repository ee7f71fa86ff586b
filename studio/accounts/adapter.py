"""How sign-up behaves."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.forms import Form
from django.http import HttpRequest

from studio.accounts.models import User
from studio.accounts.services import open_workspace


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Everyone who signs up gets a workspace of their own."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.CONFIGURATION.allow_sign_up)

    def save_user(self, request: HttpRequest, user: User, form: Form, commit: bool = True) -> User:
        saved: User = super().save_user(request, user, form, commit=commit)
        if commit:
            owner = saved.email.split("@")[0]
            open_workspace(owner=saved, name=f"{owner}’s studio")
        return saved
