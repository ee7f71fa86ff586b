"""The operator's pages for styles and looks. What a style looks like is the engine's."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from studio.accounts.admin import KeptAdmin, ReadOnlyAdmin
from studio.styles.models import Look, Style


@admin.register(Style)
class StyleAdmin(KeptAdmin):
    """Styles come from the engine; here they are shown to sellers or hidden from them."""

    list_display = ("title", "slug", "kind", "version", "position", "is_installed", "is_enabled")
    list_editable = ("is_enabled",)
    list_filter = ("kind", "is_enabled", "is_installed")
    search_fields = ("title", "slug", "description")
    fields = (
        "is_enabled",
        "title",
        "slug",
        "kind",
        "description",
        "version",
        "position",
        "is_installed",
        "params_schema",
    )

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> tuple[str, ...]:
        return tuple(name for name in self.fields if name != "is_enabled")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Look)
class LookAdmin(ReadOnlyAdmin):
    workspace_path = "workspace"
    list_display = ("name", "style", "workspace", "created_by", "created_at")
    list_filter = ("style", "workspace", "created_at")
    list_select_related = ("style", "workspace", "created_by")
    search_fields = ("name", "style__title", "public_id")
