"""The operator's pages for people, workspaces and keys, and what every app's admin builds on."""

from collections.abc import Callable, Iterable
from typing import ClassVar, TypeVar

from allauth.account.admin import EmailAddressAdmin as BaseEmailAddressAdmin
from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Count, QuerySet
from django.forms import BaseModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from studio.accounts.models import ApiKey, Membership, Role, User, Workspace
from studio.accounts.selectors import Actor, actor_of
from studio.accounts.services import create_api_key, revoke_api_key
from studio.core.errors import NotAllowed, StudioError
from studio.core.storage import file_url

Row = TypeVar("Row", bound=models.Model)

_LINK = "text-primary-600 dark:text-primary-500"


def operator_of(request: HttpRequest, workspace: Workspace) -> Actor:
    """Who acts when an operator uses an action: with their own role, or, as superuser, as admin.

    Raises:
        NotAllowed: staff without a membership in this workspace.
    """
    user = request.user
    assert isinstance(user, User)
    membership = Membership.objects.filter(user=user, workspace=workspace).first()
    if user.is_superuser:
        return Actor(user=user, workspace=workspace, role=Role.ADMIN)
    if membership is None:
        raise NotAllowed(f"You are no member of {workspace}.")
    return actor_of(membership)


def do_for_each(
    request: HttpRequest, rows: Iterable[Row], do: Callable[[Row], object], *, done: str
) -> None:
    """Call one service per row; say how many worked and, for each that did not, why.

    Args:
        request: the operator's request, which gets the messages.
        rows: what was selected.
        do: calls the service; one row's `StudioError` never stops the others.
        done: what to say, with `{count}`, such as "{count} cancelled."
    """
    count = 0
    for row in rows:
        try:
            do(row)
        except StudioError as error:
            messages.error(request, f"{row}: {error}")
        else:
            count += 1
    if count:
        messages.success(request, done.format(count=count))


def link_to(row: models.Model | None, text: str = "") -> SafeString | str:
    """A link to a row's own admin page."""
    if row is None:
        return "–"
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return format_html(
        '<a class="{}" href="{}">{}</a>', _LINK, reverse(name, args=[row.pk]), text or str(row)
    )


def picture_of(key: str, *, alt: str, side_px: int = 40) -> SafeString | str:
    """A stored picture, small."""
    if not key:
        return "–"
    return format_html(
        '<img src="{}" alt="{}" loading="lazy" style="max-width: {}px; max-height: {}px;'
        ' border-radius: 4px; object-fit: contain">',
        file_url(key),
        alt,
        side_px,
        side_px,
    )


class StudioAdmin(ModelAdmin):  # type: ignore[misc]
    """Staff see the rows of their own workspaces; only superusers see everybody's."""

    compressed_fields = True
    list_filter_submit = False
    list_per_page = 50
    # The lookup that leads from a row to its workspace; empty for rows that belong to none.
    workspace_path: ClassVar[str] = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.Model]:
        rows: QuerySet[models.Model] = super().get_queryset(request)
        if not self.workspace_path or getattr(request.user, "is_superuser", False):
            return rows
        mine = Membership.objects.filter(user=request.user.pk).values("workspace")
        return rows.filter(**{f"{self.workspace_path}__in": mine})


class KeptAdmin(StudioAdmin):
    """Rows that are changed here but never deleted: history points at them."""

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(KeptAdmin):
    """Rows that only services write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whether the actions, which call services, are offered."""
        opts = self.opts
        return request.user.has_perm(f"{opts.app_label}.change_{opts.model_name}")


class MembershipInline(TabularInline):  # type: ignore[misc]
    model = Membership
    fields = ("user", "role")
    autocomplete_fields = ("user",)
    extra = 0
    tab = True


class UserMembershipInline(MembershipInline):
    fields = ("workspace", "role")
    autocomplete_fields = ("workspace",)


admin.site.unregister(Group)
admin.site.unregister(EmailAddress)


@admin.register(Group)
class GroupAdmin(BaseGroupAdmin, StudioAdmin):
    pass


@admin.register(EmailAddress)
class EmailAddressAdmin(BaseEmailAddressAdmin, StudioAdmin):  # type: ignore[misc]
    pass


@admin.register(User)
class UserAdmin(BaseUserAdmin, KeptAdmin):  # type: ignore[type-arg]
    """People sign in by e-mail address; switch them off rather than delete them."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    ordering = ("email",)
    list_display = ("email", "full_name", "is_active", "is_staff", "is_superuser", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", "memberships__role")
    search_fields = ("email", "first_name", "last_name")
    readonly_fields = ("last_login", "date_joined")
    inlines = (UserMembershipInline,)
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        ("Person", {"fields": (("first_name", "last_name"),)}),
        (
            "Rights",
            {"fields": (("is_active", "is_staff", "is_superuser"), "groups", "user_permissions")},
        ),
        ("Dates", {"fields": (("last_login", "date_joined"),)}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("email", "usable_password", "password1", "password2"),
            },
        ),
    )

    @display(description="name")  # type: ignore[untyped-decorator]
    def full_name(self, user: User) -> str:
        return user.get_full_name() or "–"


@admin.register(Workspace)
class WorkspaceAdmin(KeptAdmin):
    workspace_path = "pk"
    list_display = ("name", "member_count", "product_count", "created_at")
    search_fields = ("name",)
    readonly_fields = ("public_id", "created_at")
    fields = ("name", "public_id", "created_at")
    inlines = (MembershipInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.Model]:
        rows: QuerySet[models.Model] = super().get_queryset(request)
        counted: QuerySet[models.Model] = rows.annotate(
            members=Count("memberships", distinct=True),
            products_made=Count("products", distinct=True),
        )
        return counted

    @display(description="members", ordering="members")  # type: ignore[untyped-decorator]
    def member_count(self, workspace: Workspace) -> int:
        return int(workspace.members)  # type: ignore[attr-defined]

    @display(description="products", ordering="products_made")  # type: ignore[untyped-decorator]
    def product_count(self, workspace: Workspace) -> int:
        return int(workspace.products_made)  # type: ignore[attr-defined]


@admin.register(Membership)
class MembershipAdmin(StudioAdmin):
    workspace_path = "workspace"
    list_display = ("user", "workspace", "role_badge", "created_at")
    list_filter = ("role", "workspace")
    list_select_related = ("user", "workspace")
    search_fields = ("user__email", "workspace__name")
    autocomplete_fields = ("user", "workspace")

    @display(  # type: ignore[untyped-decorator]
        description="role",
        ordering="role",
        label={"Seller": "info", "Reviewer": "warning", "Admin": "success"},
    )
    def role_badge(self, membership: Membership) -> str:
        return membership.get_role_display()


@admin.register(ApiKey)
class ApiKeyAdmin(KeptAdmin):
    """A key's secret is shown once, after it was made; a key is revoked, never changed."""

    workspace_path = "membership__workspace"
    list_display = ("name", "start", "membership", "state_badge", "created_at", "last_used_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "membership__workspace")
    list_select_related = ("membership__user", "membership__workspace")
    search_fields = ("name", "start", "membership__user__email")
    autocomplete_fields = ("membership",)
    actions = ("revoke",)

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("membership", "name")
        return ("membership", "name", "start", "created_at", "last_used_at", "revoked_at")

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_apikey")

    def save_model(
        self, request: HttpRequest, obj: ApiKey, form: BaseModelForm[ApiKey], change: bool
    ) -> None:
        key, secret = create_api_key(membership=obj.membership, name=obj.name)
        obj.pk = key.pk
        obj.refresh_from_db()
        messages.warning(
            request, f"Copy the key now, it is never shown again: {secret}", extra_tags="api-key"
        )

    @admin.action(description="Revoke", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        def revoke_one(key: ApiKey) -> None:
            operator_of(request, key.membership.workspace)
            owner = actor_of(key.membership)
            revoke_api_key(actor=owner, public_id=str(key.public_id))

        do_for_each(request, queryset, revoke_one, done="{count} revoked.")

    @display(description="state", label={"In use": "success", "Revoked": "danger"})  # type: ignore[untyped-decorator]
    def state_badge(self, key: ApiKey) -> str:
        return "Revoked" if key.revoked_at else "In use"
