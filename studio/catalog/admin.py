"""The operator's pages for products, photos and cutouts. Their rows are written by services."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.decorators import display

from studio.accounts.admin import ReadOnlyAdmin, do_for_each, link_to, operator_of, picture_of
from studio.catalog.models import Correction, Cutout, Enhancement, Garment, Photo, Product
from studio.catalog.services import retry_cutout
from studio.core.work import State

# How unfold colours a state.
STATE_LABELS = {
    State.QUEUED.label: "warning",
    State.RUNNING.label: "info",
    State.FINISHED.label: "success",
    State.FAILED.label: "danger",
    State.CANCELLED.label: "",
}


class PhotoInline(TabularInline):  # type: ignore[misc]
    model = Photo
    fields = readonly_fields = ("picture", "file_name", "width", "height", "created_at")
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        return False

    @display(description="photo")  # type: ignore[untyped-decorator]
    def picture(self, photo: Photo) -> SafeString | str:
        return picture_of(photo.thumb_key, alt=photo.file_name, side_px=64)


@admin.register(Product)
class ProductAdmin(ReadOnlyAdmin):
    workspace_path = "workspace"
    list_display = ("title", "sku", "workspace", "photo_count", "created_by", "touched_at")
    list_filter = ("workspace", "created_at")
    list_select_related = ("workspace", "created_by")
    search_fields = ("title", "sku", "public_id")
    date_hierarchy = "created_at"
    inlines = (PhotoInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        counted: QuerySet[Product] = (
            super().get_queryset(request).annotate(photos_made=Count("photos"))
        )
        return counted

    @display(description="photos", ordering="photos_made")  # type: ignore[untyped-decorator]
    def photo_count(self, product: Product) -> int:
        return int(product.photos_made)  # type: ignore[attr-defined]


@admin.register(Photo)
class PhotoAdmin(ReadOnlyAdmin):
    workspace_path = "workspace"
    list_display = ("picture", "file_name", "product_link", "size", "format", "created_at")
    list_display_links = ("picture", "file_name")
    list_filter = ("workspace", "format", "created_at")
    list_select_related = ("product", "workspace")
    search_fields = ("file_name", "sha256", "product__title", "product__sku", "public_id")
    date_hierarchy = "created_at"
    readonly_fields = ("large_picture", "cutout_links")

    @display(description="photo")  # type: ignore[untyped-decorator]
    def picture(self, photo: Photo) -> SafeString | str:
        return picture_of(photo.thumb_key, alt=photo.file_name)

    @display(description="photo")  # type: ignore[untyped-decorator]
    def large_picture(self, photo: Photo) -> SafeString | str:
        return picture_of(photo.thumb_key, alt=photo.file_name, side_px=480)

    @display(description="cutouts")  # type: ignore[untyped-decorator]
    def cutout_links(self, photo: Photo) -> SafeString | str:
        links = [link_to(cutout, cutout.network) for cutout in photo.cutouts.order_by("-pk")]
        return SafeString(", ".join(links)) if links else "–"

    @display(description="product", ordering="product__title")  # type: ignore[untyped-decorator]
    def product_link(self, photo: Photo) -> SafeString | str:
        return link_to(photo.product)

    @display(description="size", ordering="width")  # type: ignore[untyped-decorator]
    def size(self, photo: Photo) -> str:
        return f"{photo.width} × {photo.height}"


@admin.register(Cutout)
class CutoutAdmin(ReadOnlyAdmin):
    workspace_path = "photo__workspace"
    list_display = (
        "picture",
        "photo_link",
        "state_badge",
        "network",
        "sureness",
        "attempt",
        "error_message",
        "queued_at",
    )
    list_display_links = ("picture", "network")
    list_filter = ("state", "network", "photo__workspace", "queued_at")
    list_select_related = ("photo__workspace", "photo__product")
    search_fields = ("photo__file_name", "photo__product__title", "error_code", "public_id")
    date_hierarchy = "queued_at"
    readonly_fields = ("large_picture",)
    actions = ("try_again",)

    @admin.action(description="Try again", permissions=["act"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Cutout]) -> None:
        def retry(cutout: Cutout) -> None:
            photo = cutout.photo
            retry_cutout(actor=operator_of(request, photo.workspace), photo=photo)

        do_for_each(request, queryset, retry, done="{count} waiting to be cut out again.")

    @display(description="cut-out")  # type: ignore[untyped-decorator]
    def picture(self, cutout: Cutout) -> SafeString | str:
        return picture_of(cutout.preview_key, alt=str(cutout))

    @display(description="cut-out")  # type: ignore[untyped-decorator]
    def large_picture(self, cutout: Cutout) -> SafeString | str:
        return picture_of(cutout.preview_key, alt=str(cutout), side_px=480)

    @display(description="photo", ordering="photo__file_name")  # type: ignore[untyped-decorator]
    def photo_link(self, cutout: Cutout) -> SafeString | str:
        return link_to(cutout.photo)

    @display(description="state", ordering="state", label=STATE_LABELS)  # type: ignore[untyped-decorator]
    def state_badge(self, cutout: Cutout) -> str:
        return cutout.get_state_display()

    @display(description="confidence", ordering="confidence")  # type: ignore[untyped-decorator]
    def sureness(self, cutout: Cutout) -> str:
        return f"{cutout.confidence:.2f}" if cutout.state == State.FINISHED else "–"


@admin.register(Correction)
class CorrectionAdmin(ReadOnlyAdmin):
    workspace_path = "photo__workspace"
    list_display = ("photo_link", "number", "kind", "standing", "made_by", "made_at")
    list_display_links = ("number",)
    list_filter = ("kind", "standing", "photo__workspace", "made_at")
    list_select_related = ("photo__workspace", "photo__product", "made_by")
    search_fields = ("photo__file_name", "photo__product__title")
    date_hierarchy = "made_at"

    @display(description="photo", ordering="photo__file_name")  # type: ignore[untyped-decorator]
    def photo_link(self, correction: Correction) -> SafeString | str:
        return link_to(correction.photo)


@admin.register(Enhancement)
class EnhancementAdmin(ReadOnlyAdmin):
    workspace_path = "photo__workspace"
    list_display = (
        "photo_link",
        "tier",
        "state_badge",
        "kept_link",
        "requested_by",
        "attempt",
        "error_message",
        "queued_at",
    )
    list_display_links = ("tier",)
    list_filter = ("state", "tier", "photo__workspace", "queued_at")
    list_select_related = ("photo__workspace", "photo__product", "requested_by", "kept_as")
    search_fields = ("photo__file_name", "photo__product__title", "error_code", "public_id")
    date_hierarchy = "queued_at"

    @display(description="photo", ordering="photo__file_name")  # type: ignore[untyped-decorator]
    def photo_link(self, enhancement: Enhancement) -> SafeString | str:
        return link_to(enhancement.photo)

    @display(description="kept as")  # type: ignore[untyped-decorator]
    def kept_link(self, enhancement: Enhancement) -> SafeString | str:
        return link_to(enhancement.kept_as) if enhancement.kept_as else "–"

    @display(description="state", ordering="state", label=STATE_LABELS)  # type: ignore[untyped-decorator]
    def state_badge(self, enhancement: Enhancement) -> str:
        return enhancement.get_state_display()


@admin.register(Garment)
class GarmentAdmin(ReadOnlyAdmin):
    workspace_path = "photo__workspace"
    list_display = ("photo_link", "kind", "confidence", "is_placed", "notice", "changed_at")
    list_display_links = ("kind",)
    list_filter = ("kind", "is_placed", "photo__workspace", "changed_at")
    list_select_related = ("photo__workspace", "photo__product")
    search_fields = ("photo__file_name", "photo__product__title")
    date_hierarchy = "changed_at"

    @display(description="photo", ordering="photo__file_name")  # type: ignore[untyped-decorator]
    def photo_link(self, garment: Garment) -> SafeString | str:
        return link_to(garment.photo)
