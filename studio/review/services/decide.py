"""Deciding about pictures, and what follows from it."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from studio.accounts.selectors import Actor
from studio.core.errors import StudioError
from studio.renders.models import Render
from studio.review.models import Decision
from studio.review.selectors import CHECKLIST
from studio.review.services.decisions import Region, write_decision
from studio.review.services.sampling import judge_lots_of


@transaction.atomic
def decide(
    *,
    actor: Actor,
    render: Render,
    verdict: str,
    reasons: Sequence[str] = (),
    checklist: Mapping[str, bool] | None = None,
    note: str = "",
    seen_sha256: str = "",
    region: Region | None = None,
    looked_ms: int | None = None,
    basis: str = Decision.Basis.LOOKED,
) -> Decision:
    """Record a reviewer's verdict and close the samples that it settles; see `write_decision`."""
    decision = write_decision(
        actor=actor,
        render=render,
        verdict=verdict,
        reasons=reasons,
        checklist=checklist,
        note=note,
        seen_sha256=seen_sha256,
        region=region,
        looked_ms=looked_ms,
        basis=basis,
    )
    judge_lots_of(actor=actor, render=render)
    return decision


def approve_in_bulk(
    *, actor: Actor, seen: Sequence[tuple[Render, str]]
) -> tuple[list[Decision], list[str]]:
    """Approve pictures whose every check passed: what was approved, and why others were not.

    `seen` has each picture with the sha256 that the reviewer's page showed.
    """
    actor.require_reviewer()
    done, refused = [], []
    for render, sha256 in seen:
        inspection = getattr(render, "inspection", None)
        title = render.photo.product.title
        if inspection is None or not inspection.has_passed_everything:
            refused.append(f"{title}: only pictures whose every check passed go in bulk.")
            continue
        try:
            done.append(
                decide(
                    actor=actor,
                    render=render,
                    verdict=Decision.Verdict.APPROVE,
                    checklist={code: True for code, _ in CHECKLIST},
                    seen_sha256=sha256,
                    basis=Decision.Basis.BULK,
                )
            )
        except StudioError as error:
            refused.append(f"{title}: {error}")
    return done, refused
