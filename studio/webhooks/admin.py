"""The operator's pages for webhooks: looked at, never changed; secrets are not shown."""

from django.contrib import admin

from studio.accounts.admin import ReadOnlyAdmin
from studio.webhooks.models import Attempt, Delivery, Endpoint


@admin.register(Endpoint)
class EndpointAdmin(ReadOnlyAdmin):
    workspace_path = "workspace"
    list_display = ("url", "workspace", "created_by", "created_at", "switched_off_at", "removed_at")
    list_filter = ("workspace",)
    list_select_related = ("workspace", "created_by")
    search_fields = ("url", "public_id")
    fields = (
        "url",
        "workspace",
        "kinds",
        ("created_by", "created_at"),
        ("switched_off_at", "switched_off_why", "removed_at"),
        "public_id",
    )


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    workspace_path = "endpoint__workspace"
    list_display = ("kind", "endpoint", "state", "attempt", "due_at", "created_at")
    list_filter = ("state", "kind", "endpoint__workspace")
    list_select_related = ("endpoint",)
    search_fields = ("message_id", "subject", "endpoint__url")


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    workspace_path = "delivery__endpoint__workspace"
    list_display = ("delivery", "number", "status_code", "error", "elapsed_ms", "at")
    list_filter = ("status_code", "delivery__endpoint__workspace")
    list_select_related = ("delivery__endpoint",)
    search_fields = ("delivery__message_id", "delivery__endpoint__url")
