"""Keeping what the automatic checks found."""

import math
from collections.abc import Mapping, Sequence
from typing import cast

from django.db import transaction

from inference.events import PhotoPlacement
from inference.inspect import findings as found
from inference.inspect.resolution import Sizes, check_resolution
from inference.requests import Box
from studio.core.channels import channels_named
from studio.core.errors import Conflict, Invalid
from studio.core.queue import Task, ring_on_commit
from studio.core.work import State
from studio.renders.models import Render
from studio.review.models import Inspection
from studio.review.selectors import CHECKLIST
from studio.review.services.decisions import clean_region

_VERDICTS = Inspection.Outcome.values
# Enough for a median that one odd picture does not move.
_MOST_SIBLINGS = 12
_ITEMS = {code for code, _ in CHECKLIST}


class InspectionKeeper:
    """Keeps what the engine's checks found beside each finished picture."""

    def siblings_of(self, render: Render) -> list[found.Summary]:
        """The latest other products' pictures in exactly this look."""
        rows = (
            Inspection.objects.filter(
                render__workspace=render.workspace,
                render__style=render.style,
                render__params=render.params,
                render__aspect=render.aspect,
            )
            .exclude(render__photo__product=render.photo.product)
            .filter(summary__isnull=False)
            .order_by("-pk")
        )
        # The query leaves out the rows without one, which the field's type cannot say.
        summaries = [cast(Mapping[str, object], row.summary) for row in rows[:_MOST_SIBLINGS]]
        return [found.Summary.from_json(summary) for summary in summaries]

    def judge_for_channels(self, render: Render) -> None:
        """Judge the resolution anew for the channels that its seller has named."""
        with transaction.atomic():
            row = Inspection.objects.select_for_update().filter(render=render).first()
            if row is None:
                # It is held to them when it is inspected.
                return
            known = [_found(each) for each in row.findings]
            findings = held_to_channels(render, known)
            row.findings = [_clean_finding(render, finding.to_json()) for finding in findings]
            row.uncertainty = found.uncertainty_of(findings)
            row.outcome = _worst(row.findings)
            row.save(update_fields=["findings", "uncertainty", "outcome"])

    def keep(self, render: Render, inspection: found.Inspection) -> None:
        """Write it down beside the picture, which may have been sent to review meanwhile."""
        data = inspection.to_json()
        render.refresh_from_db(fields=["channels", "submitted_at", "placement"])
        findings = held_to_channels(render, inspection.findings)
        record_inspection(
            render=render,
            findings=[finding.to_json() for finding in findings],
            uncertainty=found.uncertainty_of(findings),
            summary=data["summary"],  # type: ignore[arg-type]  # plain data, or None
        )


def record_inspection(
    *,
    render: Render,
    findings: Sequence[Mapping[str, object]],
    uncertainty: float,
    summary: Mapping[str, object] | None = None,
) -> Inspection:
    """Keep what the checks found in a finished full-quality picture; a later run replaces it.

    A finding is {check, item, score 0..1, verdict, sentence, region or None}, its `item` one of
    the checklist's points. The uncertainty, 0 (sure) to 1, orders the queue; the summary is what
    later pictures in the same look are compared with.

    Raises:
        Conflict: the picture is not a finished full-quality one.
        Invalid: a finding that is not of that form, or an uncertainty that is no share.
    """
    if not render.is_final or render.state != State.FINISHED:
        raise Conflict("Only a finished full-quality picture is inspected.")
    if not _is_share(uncertainty):
        raise Invalid("The uncertainty goes from 0 to 1.", field="uncertainty")
    clean = [_clean_finding(render, finding) for finding in findings]
    with transaction.atomic():
        inspection, _ = Inspection.objects.update_or_create(
            render=render,
            defaults={
                "findings": clean,
                "uncertainty": uncertainty,
                "outcome": _worst(clean),
                "inspected_sha256": render.result_sha256,
                "summary": summary,
            },
        )
        if render.submitted_at:
            ring_on_commit(Task.APPROVE_BY_RULE, queue="bulk")
    return inspection


def held_to_channels(render: Render, findings: Sequence[found.Finding]) -> Sequence[found.Finding]:
    """The findings with the resolution judged for the channels that a picture is for."""
    if not render.channels:
        return findings
    needs = [channel.need for channel in channels_named(render.channels)]
    judged = check_resolution(_sizes(render), needs)
    # Where nobody said where the photo lies (on a mockup), only the frame can be judged: what was
    # found of the photo's own pixels stays, unless the frame is too small.
    if render.placement is None and judged.verdict is not found.Verdict.FAIL:
        return findings
    return [judged if finding.check == judged.check else finding for finding in findings]


def _sizes(render: Render) -> Sizes:
    frame = (render.width, render.height)
    if render.placement is None:
        return Sizes(frame, Box(0, 0, *frame), 1.0)
    placement = PhotoPlacement.from_json(render.placement)
    left, top, right, bottom = placement.box(render.cutout.measured.subject)
    product = Box(math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom))
    return Sizes(frame, product, placement.scale)


def _worst(findings: Sequence[Mapping[str, object]]) -> str:
    return max(
        (str(finding["verdict"]) for finding in findings),
        key=_VERDICTS.index,
        default=Inspection.Outcome.UNCHECKED,
    )


def _clean_finding(render: Render, finding: Mapping[str, object]) -> dict[str, object]:
    item, verdict = finding.get("item"), finding.get("verdict")
    score, region = finding.get("score"), finding.get("region")
    if item not in _ITEMS:
        raise Invalid(f"There is no checklist point called “{item}”.", field="findings")
    if verdict not in _VERDICTS:
        raise Invalid(f"A finding's verdict is one of: {', '.join(_VERDICTS)}.", field="findings")
    if not _is_share(score):
        raise Invalid("A finding's score goes from 0 to 1.", field="findings")
    return {
        "check": str(finding.get("check", "")),
        "item": item,
        "score": score,
        "verdict": verdict,
        "sentence": str(finding.get("sentence", "")),
        "region": clean_region(render, _edges(region)),
    }


def _found(kept: Mapping[str, object]) -> found.Finding:
    """A finding as it was before it was kept, its region by its edges' names."""
    region = cast("Sequence[float] | None", kept["region"])
    edges = ("left", "top", "right", "bottom")
    named = None if region is None else dict(zip(edges, region, strict=True))
    return found.Finding.from_json({**kept, "region": named})


def _edges(region: object) -> Sequence[float] | None:
    """A region as a list, whether it came as one or by its edges' names."""
    if isinstance(region, Mapping):
        region = [region.get(edge) for edge in ("left", "top", "right", "bottom")]
    return region  # type: ignore[return-value]  # `clean_region` checks it


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and 0 <= value <= 1
