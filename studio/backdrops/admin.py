"""The operator's page for backdrops. Their rows are written by services."""

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.decorators import display

from studio.accounts.admin import ReadOnlyAdmin, picture_of
from studio.backdrops.models import Backdrop


@admin.register(Backdrop)
class BackdropAdmin(ReadOnlyAdmin):
    workspace_path = "workspace"
    list_display = ("picture", "name", "workspace", "created_by", "created_at", "deleted_at")
    list_filter = ("workspace", "created_at")
    list_select_related = ("workspace", "created_by")
    search_fields = ("name", "file_name", "public_id")

    @display(description="photo")  # type: ignore[untyped-decorator]
    def picture(self, backdrop: Backdrop) -> SafeString | str:
        return picture_of(backdrop.view_key, alt=backdrop.name, side_px=64)
