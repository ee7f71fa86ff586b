"""How reviewing goes: by reviewer, by style, and how far reviewers agree."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from django.db.models import QuerySet
from django.utils import timezone

from studio.accounts.selectors import Actor
from studio.review.models import Decision, DefectReason


@dataclass(frozen=True, slots=True)
class ReviewerFigures:
    """One reviewer's work; times are None where the page measured none."""

    name: str
    decided: int
    per_day: float
    sent_back_percent: float
    median_look_s: float | None
    undone: int


@dataclass(frozen=True, slots=True)
class StyleFigures:
    """How the pictures of one style fared; the most sent back come first."""

    title: str
    decided: int
    sent_back: int
    sent_back_percent: float
    critical: int
    major: int
    minor: int
    commonest: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """How second opinions compare with first ones."""

    compared: int
    agreed: int
    percent: float | None
    disagreements: list[Decision]


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything the page of figures shows."""

    days: int
    reviewers: list[ReviewerFigures]
    styles: list[StyleFigures]
    agreement: Agreement
    by_basis: list[tuple[str, int]]


def figures_of(actor: Actor, *, days: int = 30) -> Figures:
    """The last days' figures: decisions by people, undone ones counted apart."""
    since = timezone.now() - timedelta(days=days)
    made = (
        Decision.objects.filter(workspace=actor.workspace, created_at__gt=since)
        .exclude(verdict=Decision.Verdict.UNDO)
        .select_related("reviewer", "render__style", "render__photo__product", "voided_by")
    )
    valid = [each for each in made if not each.is_voided]
    by_people = [each for each in valid if each.basis in ("looked", "bulk")]
    basis = Counter(each.get_basis_display() for each in valid)
    return Figures(
        days=days,
        reviewers=_by_reviewer(made),
        styles=_by_style([each for each in by_people if not each.is_second_opinion]),
        agreement=_agreement(valid),
        by_basis=basis.most_common(),
    )


def _by_reviewer(made: QuerySet[Decision]) -> list[ReviewerFigures]:
    grouped: dict[int, list[Decision]] = {}
    for each in made:
        if each.basis in ("looked", "bulk"):
            grouped.setdefault(each.reviewer_id, []).append(each)
    figures = [_reviewer(decisions) for decisions in grouped.values()]
    return sorted(figures, key=lambda each: -each.decided)


def _reviewer(decisions: list[Decision]) -> ReviewerFigures:
    days = {timezone.localdate(each.created_at) for each in decisions}
    looks = [each.looked_ms / 1000 for each in decisions if each.looked_ms is not None]
    kept = [each for each in decisions if not each.is_voided]
    return ReviewerFigures(
        name=str(decisions[0].reviewer),
        decided=len(kept),
        per_day=len(kept) / len(days),
        sent_back_percent=_percent(_sent_back(kept), len(kept)),
        median_look_s=median(looks) if looks else None,
        undone=len(decisions) - len(kept),
    )


def _by_style(decisions: list[Decision]) -> list[StyleFigures]:
    severities = dict(DefectReason.objects.values_list("code", "severity"))
    labels = dict(DefectReason.objects.values_list("code", "label"))
    grouped: dict[str, list[Decision]] = {}
    for each in decisions:
        grouped.setdefault(each.render.style.title, []).append(each)
    figures = [_style(title, group, severities, labels) for title, group in grouped.items()]
    return sorted(figures, key=lambda each: (-each.sent_back_percent, -each.decided, each.title))


def _style(
    title: str, group: list[Decision], severities: dict[str, str], labels: dict[str, str]
) -> StyleFigures:
    codes = Counter(code for each in group for code in each.reasons)
    by_severity: Counter[str] = Counter()
    for code, count in codes.items():
        by_severity[severities.get(code, "")] += count
    commonest = codes.most_common(1)
    return StyleFigures(
        title=title,
        decided=len(group),
        sent_back=_sent_back(group),
        sent_back_percent=_percent(_sent_back(group), len(group)),
        critical=by_severity["critical"],
        major=by_severity["major"],
        minor=by_severity["minor"],
        commonest=labels.get(commonest[0][0], commonest[0][0]) if commonest else "",
    )


def _agreement(decisions: list[Decision]) -> Agreement:
    """Agreed is: both let it pass, or both sent it back."""
    firsts = {each.render_id: each for each in decisions if not each.is_second_opinion}
    pairs = [
        (firsts[each.render_id], each)
        for each in decisions
        if each.is_second_opinion and each.render_id in firsts
    ]
    apart = [second for first, second in pairs if _passes(first) != _passes(second)]
    agreed = len(pairs) - len(apart)
    return Agreement(
        compared=len(pairs),
        agreed=agreed,
        percent=_percent(agreed, len(pairs)) if pairs else None,
        disagreements=apart,
    )


def _passes(decision: Decision) -> bool:
    return decision.verdict == Decision.Verdict.APPROVE


def _sent_back(decisions: Iterable[Decision]) -> int:
    return sum(not _passes(each) for each in decisions)


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0
