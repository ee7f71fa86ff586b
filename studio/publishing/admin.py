"""The operator's pages for publications: looked at, withdrawn, never changed."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.decorators import display

from studio.accounts.admin import ReadOnlyAdmin, do_for_each, link_to, operator_of, picture_of
from studio.publishing.addresses import variant_path
from studio.publishing.models import Publication, Variant
from studio.publishing.services import publish, withdraw
from studio.renders.admin import RenderAdmin
from studio.renders.models import Render


@RenderAdmin.offer
@admin.action(description="Publish", permissions=["act"])
def publish_results(
    model_admin: RenderAdmin, request: HttpRequest, queryset: QuerySet[Render]
) -> None:
    """Publish approved pictures to the seller's own shop."""
    do_for_each(
        request,
        queryset,
        lambda render: publish(
            actor=operator_of(request, render.workspace), render=render, channels=["web"]
        ),
        done="{count} published.",
    )


class VariantInline(TabularInline):  # type: ignore[misc]
    model = Variant
    fields = readonly_fields = ("channel", "format", "width", "height", "size_bytes", "public_link")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Publication | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Publication | None = None) -> bool:
        return False

    @display(description="address")  # type: ignore[untyped-decorator]
    def public_link(self, variant: Variant) -> SafeString:
        return format_html('<a href="{}">open</a>', variant_path(variant))


@admin.register(Publication)
class PublicationAdmin(ReadOnlyAdmin):
    workspace_path = "workspace"
    list_display = (
        "picture",
        "product",
        "style",
        "state_badge",
        "workspace",
        "published_by",
        "created_at",
    )
    list_display_links = ("picture", "product")
    list_filter = (("withdrawn_at", admin.EmptyFieldListFilter), "workspace", "created_at")
    list_select_related = ("render__photo__product", "render__style", "workspace", "published_by")
    search_fields = ("public_id", "render__photo__product__title", "source_sha256")
    date_hierarchy = "created_at"
    fields = (
        "large_picture",
        "render_link",
        "workspace",
        "channels",
        "source_sha256",
        ("published_by", "created_at", "withdrawn_at"),
        "public_id",
    )
    readonly_fields = ("large_picture", "render_link")
    inlines = (VariantInline,)
    actions = ("withdraw_publications",)

    @admin.action(description="Withdraw", permissions=["act"])
    def withdraw_publications(self, request: HttpRequest, queryset: QuerySet[Publication]) -> None:
        do_for_each(
            request,
            queryset,
            lambda publication: withdraw(
                actor=operator_of(request, publication.workspace), publication=publication
            ),
            done="{count} withdrawn.",
        )

    @display(description="picture")  # type: ignore[untyped-decorator]
    def picture(self, publication: Publication) -> SafeString | str:
        return picture_of(publication.render.display_key, alt=str(publication))

    @display(description="picture")  # type: ignore[untyped-decorator]
    def large_picture(self, publication: Publication) -> SafeString | str:
        return picture_of(publication.render.display_key, alt=str(publication), side_px=560)

    @display(description="product", ordering="render__photo__product__title")  # type: ignore[untyped-decorator]
    def product(self, publication: Publication) -> str:
        return publication.render.photo.product.title

    @display(description="style", ordering="render__style__title")  # type: ignore[untyped-decorator]
    def style(self, publication: Publication) -> str:
        return publication.render.style.title

    @display(description="render")  # type: ignore[untyped-decorator]
    def render_link(self, publication: Publication) -> SafeString | str:
        return link_to(publication.render)

    @display(description="state", label={"Public": "success", "Withdrawn": "danger"})  # type: ignore[untyped-decorator]
    def state_badge(self, publication: Publication) -> str:
        return "Withdrawn" if publication.withdrawn_at else "Public"


@admin.register(Variant)
class VariantAdmin(ReadOnlyAdmin):
    workspace_path = "publication__workspace"
    list_display = ("__str__", "channel", "publication", "size_bytes")
    list_filter = ("format", "channel", "publication__workspace")
    list_select_related = (
        "publication__render__photo__product",
        "publication__render__style",
        "publication__render__photo",
    )
    search_fields = ("sha256", "publication__public_id")
