"""The operator's pages for renders and batches. Apps above add actions by `RenderAdmin.offer`."""

from collections.abc import Callable

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display

from studio.accounts.admin import ReadOnlyAdmin, do_for_each, link_to, operator_of, picture_of
from studio.catalog.admin import STATE_LABELS
from studio.core.work import State
from studio.renders.models import Batch, Render
from studio.renders.services import cancel_render, retry_render
from studio.renders.wire import review_json

RenderAction = Callable[["RenderAdmin", HttpRequest, QuerySet[Render]], HttpResponse | None]

REVIEW_LABELS = {
    "Draft": "",
    "Submitted": "warning",
    "Approved": "success",
    "Returned": "info",
    "Rejected": "danger",
}


class ReviewStateFilter(admin.SimpleListFilter):
    """Where a picture stands with the reviewers."""

    title = "review"
    parameter_name = "review"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Render]
    ) -> list[tuple[str, str]]:
        return [
            ("draft", "Draft"),
            ("submitted", "Waiting for review"),
            ("approve", "Approved"),
            ("return", "Returned"),
            ("reject", "Rejected"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Render]) -> QuerySet[Render]:
        chosen = self.value()
        if chosen == "draft":
            return queryset.filter(submitted_at=None)
        if chosen == "submitted":
            return queryset.filter(submitted_at__isnull=False, decision=None)
        return queryset.filter(decision__verdict=chosen) if chosen else queryset


@admin.register(Render)
class RenderAdmin(ReadOnlyAdmin):
    workspace_path = "workspace"
    list_display = (
        "picture",
        "style_and_product",
        "state_badge",
        "review_badge",
        "tier",
        "priority",
        "duration",
        "requested_by",
        "queued_at",
    )
    list_display_links = ("picture",)
    list_filter = (
        "state",
        "tier",
        ReviewStateFilter,
        "style",
        "priority",
        "workspace",
        "queued_at",
    )
    list_select_related = (
        "photo__product",
        "style",
        "decision",
        "requested_by",
        "workspace",
    )
    search_fields = (
        "public_id",
        "photo__product__title",
        "photo__product__sku",
        "photo__file_name",
        "requested_by__email",
        "error_code",
        "result_sha256",
    )
    date_hierarchy = "queued_at"
    readonly_fields = ("large_picture", "related", "state_badge", "review_badge", "duration")
    fieldsets = (
        (None, {"fields": ("large_picture", "related", ("state_badge", "review_badge"))}),
        (
            "Order",
            {
                "fields": (
                    ("style", "tier", "priority"),
                    ("longest_side_px", "aspect"),
                    "params",
                    ("requested_by", "submitted_by", "submitted_at"),
                )
            },
        ),
        (
            "Result",
            {
                "fields": (
                    ("width", "height", "media_type"),
                    ("result_bytes", "was_cached"),
                    "result_sha256",
                    "result_key",
                )
            },
        ),
        (
            "Work",
            {
                "fields": (
                    ("attempt", "fence", "device"),
                    ("queued_at", "started_at", "finished_at"),
                    ("duration", "lease_until", "cancel_requested_at"),
                    ("error_code", "error_message"),
                    "timings_ms",
                    "public_id",
                    "cache_key",
                    "idempotency_key",
                )
            },
        ),
    )
    actions: tuple[str | RenderAction, ...] = ("cancel", "try_again")

    @classmethod
    def offer(cls, action: RenderAction) -> RenderAction:
        """Add an action of an app above this one, which this module may not import."""
        cls.actions = (*cls.actions, action)
        return action

    @admin.action(description="Cancel", permissions=["act"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Render]) -> None:
        do_for_each(
            request,
            queryset,
            lambda render: cancel_render(
                actor=operator_of(request, render.workspace), render=render
            ),
            done="{count} cancelled.",
        )

    @admin.action(description="Try again", permissions=["act"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Render]) -> None:
        do_for_each(
            request,
            queryset,
            lambda render: retry_render(
                actor=operator_of(request, render.workspace), render=render
            ),
            done="{count} waiting to be rendered again.",
        )

    @display(description="picture")  # type: ignore[untyped-decorator]
    def picture(self, render: Render) -> SafeString | str:
        return picture_of(render.display_key, alt=str(render))

    @display(description="picture")  # type: ignore[untyped-decorator]
    def large_picture(self, render: Render) -> SafeString | str:
        return picture_of(render.display_key, alt=str(render), side_px=560)

    @display(description="render", ordering="style__title", header=True)  # type: ignore[untyped-decorator]
    def style_and_product(self, render: Render) -> tuple[str, SafeString | str]:
        return render.style.title, link_to(render.photo.product)

    @display(description="state", ordering="state", label=STATE_LABELS)  # type: ignore[untyped-decorator]
    def state_badge(self, render: Render) -> str:
        return render.get_state_display()

    @display(description="review", label=REVIEW_LABELS)  # type: ignore[untyped-decorator]
    def review_badge(self, render: Render) -> str:
        return str(review_json(render)["state"]).capitalize()

    @display(description="took")  # type: ignore[untyped-decorator]
    def duration(self, render: Render) -> str:
        if render.was_cached:
            return "found"
        if not render.started_at or not render.finished_at:
            return "–"
        return f"{(render.finished_at - render.started_at).total_seconds():.1f} s"

    @display(description="belongs to")  # type: ignore[untyped-decorator]
    def related(self, render: Render) -> SafeString:
        """Links to the rows around this one, and to the studio's own pages."""
        photo = render.photo
        links = [
            ("Product", link_to(photo.product)),
            ("Photo", link_to(photo)),
            ("Cutout", link_to(render.cutout, render.cutout.network)),
        ]
        links += [("Batch", link_to(batch)) for batch in render.batches.all()]
        decision = getattr(render, "decision", None)
        if decision is not None:
            links.append(("Decision", link_to(decision, decision.get_verdict_display())))
        links += [
            ("Publication", link_to(publication, f"{publication.created_at:%d %b %Y}"))
            for publication in render.publications.all()
        ]
        studio = (
            f"{reverse('renders:studio', args=[photo.product.public_id])}?photo={photo.public_id}"
        )
        links.append(("Studio", format_html('<a href="{}">open</a>', studio)))
        if render.submitted_at:
            review = reverse("review:item", args=[render.public_id])
            links.append(("Review", format_html('<a href="{}">open</a>', review)))
        return format_html_join(SafeString(" · "), "{}: {}", links)


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    workspace_path = "workspace"
    list_display = ("__str__", "workspace", "finished_of_all", "failed", "created_by", "created_at")
    list_filter = ("style", "workspace", "created_at")
    list_select_related = ("style", "workspace", "created_by")
    search_fields = ("public_id", "style__title", "created_by__email")
    date_hierarchy = "created_at"
    fields = (
        "style",
        "params",
        "workspace",
        ("created_by", "created_at"),
        "public_id",
        "render_links",
    )
    readonly_fields = ("render_links",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Batch]:
        counted: QuerySet[Batch] = (
            super()
            .get_queryset(request)
            .annotate(
                all_count=Count("renders"),
                finished_count=Count("renders", filter=Q(renders__state=State.FINISHED)),
                failed_count=Count("renders", filter=Q(renders__state=State.FAILED)),
            )
        )
        return counted

    @display(description="finished", ordering="finished_count")  # type: ignore[untyped-decorator]
    def finished_of_all(self, batch: Batch) -> str:
        return f"{batch.finished_count} of {batch.all_count}"  # type: ignore[attr-defined]

    @display(description="failed", ordering="failed_count")  # type: ignore[untyped-decorator]
    def failed(self, batch: Batch) -> int:
        return int(batch.failed_count)  # type: ignore[attr-defined]

    @display(description="renders")  # type: ignore[untyped-decorator]
    def render_links(self, batch: Batch) -> SafeString:
        renders = batch.renders.select_related("style", "photo").order_by("pk")
        return format_html_join(
            SafeString("<br>"), "{} – {}", ((link_to(r), r.get_state_display()) for r in renders)
        )
