"""The operator's pages for decisions and reasons, and the verdicts offered on renders."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from unfold.decorators import display

from studio.accounts.admin import (
    KeptAdmin,
    ReadOnlyAdmin,
    do_for_each,
    link_to,
    operator_of,
    picture_of,
)
from studio.renders.admin import REVIEW_LABELS, RenderAdmin
from studio.renders.models import Render
from studio.review.forms import ReturnForm
from studio.review.models import (
    Claim,
    Decision,
    DefectReason,
    Inspection,
    Lot,
    LotItem,
    ReviewKeys,
    ReviewPolicy,
    SavedView,
)
from studio.review.services import decide


@RenderAdmin.offer
@admin.action(description="Approve", permissions=["act"])
def approve_results(
    model_admin: RenderAdmin, request: HttpRequest, queryset: QuerySet[Render]
) -> None:
    """Approve pictures as they are stored now."""
    do_for_each(
        request,
        queryset,
        lambda render: decide(
            actor=operator_of(request, render.workspace),
            render=render,
            verdict=Decision.Verdict.APPROVE,
            seen_sha256=render.result_sha256,
        ),
        done="{count} approved.",
    )


@RenderAdmin.offer
@admin.action(description="Return…", permissions=["act"])
def return_results(
    model_admin: RenderAdmin, request: HttpRequest, queryset: QuerySet[Render]
) -> HttpResponse | None:
    """Ask why on a page of its own, then send the pictures back to their sellers."""
    form = ReturnForm(request.POST if "return" in request.POST else None)
    if not form.is_valid():
        context = {
            **model_admin.admin_site.each_context(request),
            "title": "Return to the seller",
            "opts": model_admin.opts,
            "form": form,
            "renders": queryset.select_related("photo__product", "style"),
        }
        return TemplateResponse(request, "review/admin_return.html", context)
    do_for_each(
        request,
        queryset,
        lambda render: decide(
            actor=operator_of(request, render.workspace),
            render=render,
            verdict=Decision.Verdict.RETURN,
            reasons=form.codes(),
            note=form.cleaned_data["note"],
            seen_sha256=render.result_sha256,
        ),
        done="{count} returned.",
    )
    return None


@admin.register(DefectReason)
class DefectReasonAdmin(KeptAdmin):
    """Decisions keep a reason's code, so a reason is switched off, never deleted."""

    list_display = ("label", "code", "severity_badge", "fix", "position", "is_active")
    list_editable = ("fix", "position", "is_active")
    list_filter = ("severity", "is_active")
    search_fields = ("label", "code")

    def get_readonly_fields(
        self, request: HttpRequest, obj: DefectReason | None = None
    ) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: DefectReason | None = None
    ) -> dict[str, tuple[str]]:
        return {} if obj else {"code": ("label",)}

    @display(  # type: ignore[untyped-decorator]
        description="severity",
        ordering="severity",
        label={"Critical": "danger", "Major": "warning", "Minor": "info"},
    )
    def severity_badge(self, reason: DefectReason) -> str:
        return reason.get_severity_display()


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    """Append-only: what was decided, by whom, about which bytes."""

    workspace_path = "workspace"
    list_display = (
        "picture",
        "product",
        "style",
        "verdict_badge",
        "reviewer",
        "workspace",
        "created_at",
    )
    list_display_links = ("picture", "product")
    list_filter = ("verdict", "workspace", "created_at")
    list_select_related = ("render__photo__product", "render__style", "reviewer", "workspace")
    search_fields = (
        "public_id",
        "render__photo__product__title",
        "reviewer__email",
        "seen_sha256",
        "note",
    )
    date_hierarchy = "created_at"
    fields = (
        "large_picture",
        "render_link",
        "verdict_badge",
        "reasons",
        "checklist",
        "note",
        ("reviewer", "created_at"),
        "seen_sha256",
        "workspace",
        "public_id",
    )
    readonly_fields = ("large_picture", "render_link", "verdict_badge")

    @display(description="picture")  # type: ignore[untyped-decorator]
    def picture(self, decision: Decision) -> SafeString | str:
        return picture_of(decision.render.display_key, alt=str(decision.render))

    @display(description="picture")  # type: ignore[untyped-decorator]
    def large_picture(self, decision: Decision) -> SafeString | str:
        return picture_of(decision.render.display_key, alt=str(decision.render), side_px=560)

    @display(description="product", ordering="render__photo__product__title")  # type: ignore[untyped-decorator]
    def product(self, decision: Decision) -> str:
        return decision.render.photo.product.title

    @display(description="style", ordering="render__style__title")  # type: ignore[untyped-decorator]
    def style(self, decision: Decision) -> str:
        return decision.render.style.title

    @display(description="render")  # type: ignore[untyped-decorator]
    def render_link(self, decision: Decision) -> SafeString | str:
        return link_to(decision.render)

    @display(description="verdict", ordering="verdict", label=REVIEW_LABELS)  # type: ignore[untyped-decorator]
    def verdict_badge(self, decision: Decision) -> str:
        return decision.get_verdict_display()


@admin.register(Inspection)
class InspectionAdmin(ReadOnlyAdmin):
    """What the automatic checks found."""

    workspace_path = "render__workspace"
    list_display = ("render", "outcome", "uncertainty", "created_at")
    list_filter = ("outcome", "created_at")
    list_select_related = ("render__style", "render__photo__product")
    search_fields = ("render__photo__product__title", "inspected_sha256")


@admin.register(Claim)
class ClaimAdmin(ReadOnlyAdmin):
    """Who has what in hand now."""

    workspace_path = "render__workspace"
    list_display = ("render", "holder", "lease_until")
    list_select_related = ("render__style", "render__photo__product", "holder")
    search_fields = ("render__photo__product__title", "holder__email")


@admin.register(ReviewPolicy)
class ReviewPolicyAdmin(ReadOnlyAdmin):
    """The rules of each workspace; its admins change them on its own page."""

    workspace_path = "workspace"
    list_display = (
        "workspace",
        "approvals_needed",
        "second_opinion_percent",
        "aql",
        "auto_styles",
        "auto_set_by",
        "changed_at",
    )
    list_select_related = ("workspace", "auto_set_by")
    search_fields = ("workspace__name",)


@admin.register(SavedView)
class SavedViewAdmin(ReadOnlyAdmin):
    """Reviewers' own views of the queue."""

    workspace_path = "workspace"
    list_display = ("name", "owner", "workspace", "query")
    list_select_related = ("owner", "workspace")
    search_fields = ("name", "owner__email")


@admin.register(ReviewKeys)
class ReviewKeysAdmin(ReadOnlyAdmin):
    """Reviewers' own keys."""

    list_display = ("owner", "keys", "are_on")
    list_select_related = ("owner",)
    search_fields = ("owner__email",)


@admin.register(Lot)
class LotAdmin(ReadOnlyAdmin):
    """Batches judged by a sample."""

    workspace_path = "workspace"
    list_display = ("batch", "state", "letter", "aql", "accept", "reject", "seed", "created_at")
    list_filter = ("state", "aql")
    list_select_related = ("batch__style",)
    search_fields = ("public_id", "batch__public_id")


@admin.register(LotItem)
class LotItemAdmin(ReadOnlyAdmin):
    """Which pictures of a batch were drawn."""

    workspace_path = "lot__workspace"
    list_display = ("lot", "render", "is_drawn")
    list_filter = ("is_drawn",)
    list_select_related = ("lot__batch__style", "render__style", "render__photo__product")
    search_fields = ("render__photo__product__title",)
