"""Many pictures at once, the rules of a workspace, and a reviewer's own views and keys."""

import json
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_page
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from studio.accounts.access import with_actor
from studio.accounts.selectors import Actor
from studio.core.errors import Invalid, NotFound, StudioError
from studio.core.storage import file_url
from studio.renders.selectors import batch_of
from studio.review import selectors, services
from studio.review.forms import PolicyForm
from studio.review.selectors import QueueFilter
from studio.styles.selectors import available_styles


@with_actor
def bulk(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Approve what passed every check, all that is ticked at once."""
    actor.require_reviewer()
    if request.method == "POST":
        return _approve_ticked(request, actor)
    items = [
        (render, file_url(render.display_key), f"{render.public_id} {render.result_sha256}")
        for render in selectors.passed_everything(actor)
    ]
    context = {
        "section": "review",
        "tab": "bulk",
        "items": items,
        "lots": selectors.open_lots(actor),
        "sampled_batches": selectors.batches_to_sample(actor),
        "aql": selectors.policy_of(actor.workspace).aql,
    }
    return render_page(request, "review/bulk.html", context)


def _approve_ticked(request: HttpRequest, actor: Actor) -> HttpResponse:
    seen, refused = [], []
    for ticked in request.POST.getlist("seen"):
        public_id, _, sha256 = ticked.partition(" ")
        try:
            seen.append((selectors.review_item(actor, public_id), sha256))
        except NotFound as error:
            refused.append(str(error))
    done, others = services.approve_in_bulk(actor=actor, seen=seen)
    if done:
        messages.success(request, f"{len(done)} approved.")
    for sentence in [*refused, *others]:
        messages.error(request, sentence)
    return redirect("review:bulk")


@require_POST
@with_actor
def draw_sample(request: HttpRequest, actor: Actor, batch: UUID) -> HttpResponse:
    """Draw a batch's sample and begin to look at it."""
    actor.require_reviewer()
    found = batch_of(actor, batch)
    try:
        lot = services.draw_lot(actor=actor, batch=found)
    except StudioError as error:
        messages.error(request, str(error))
        return redirect("review:bulk")
    drawn = lot.items.filter(is_drawn=True).count()
    messages.success(
        request,
        f"{drawn} of {lot.items.count()} were drawn. {lot.accept} may be bad; "
        f"{lot.reject} send the rest to be looked at.",
    )
    return redirect(_queue_url(QueueFilter(batch=str(found.public_id))))


def _queue_url(wanted: QueueFilter) -> str:
    return f"{reverse('review:queue')}?{urlencode(wanted.as_query())}"


@with_actor
def policy(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The workspace's rules; only admins change them."""
    actor.require_reviewer()
    current = selectors.policy_of(actor.workspace)
    styles = [(style.slug, style.title) for style in available_styles()]
    form = PolicyForm(request.POST or None, styles=styles, policy=current)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_policy(actor=actor, **form.cleaned_data)
        except Invalid as error:
            form.add_error(error.field or None, str(error))
        else:
            messages.success(request, "The rules are saved; they hold from the next decision on.")
            return redirect("review:policy")
    context = {
        "section": "review",
        "tab": "policy",
        "form": form,
        "policy": current,
        "can_change": actor.can_administer,
    }
    return render_page(request, "review/policy.html", context)


@require_POST
@with_actor
def save_view(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Keep the filter under a name."""
    wanted = QueueFilter.from_query(request.POST.dict())
    try:
        services.save_view(actor=actor, name=request.POST.get("name", ""), wanted=wanted)
    except StudioError as error:
        messages.error(request, str(error))
    return redirect(_queue_url(wanted))


@require_POST
@with_actor
def delete_view(request: HttpRequest, actor: Actor, view: UUID) -> HttpResponse:
    """Forget a view."""
    services.delete_view(actor=actor, public_id=view)
    return redirect("review:queue")


@require_POST
@with_actor
def keys(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Change the keys of the review page."""
    try:
        asked = json.loads(request.body)
        changed, are_on = dict(asked.get("keys", {})), bool(asked.get("are_on", True))
    except (ValueError, AttributeError, TypeError):
        return JsonResponse({"detail": "Send keys by action."}, status=422)
    try:
        saved = services.save_keys(actor=actor, keys=changed, are_on=are_on)
    except Invalid as error:
        return JsonResponse({"detail": str(error)}, status=422)
    return JsonResponse({"keys": saved.keys, "are_on": saved.are_on})
