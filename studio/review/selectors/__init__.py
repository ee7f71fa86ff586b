"""Reading what waits, what was decided, and how a workspace reviews."""

from studio.review.selectors.policy import DEFAULT_KEYS, keys_of, policy_of
from studio.review.selectors.queue import (
    CHECKLIST,
    CHECKS_FILTERS,
    FilterChoices,
    QueueFilter,
    awaiting_count,
    defect_reasons,
    due_at,
    filter_choices,
    holder_of,
    passed_everything,
    results_awaiting_review,
    results_in_review,
    review_item,
    saved_views,
    waiting_for,
)
from studio.review.selectors.record import (
    decision_of,
    decision_row,
    decisions_of,
    last_decision_by,
    open_lots,
)

__all__ = [
    "CHECKLIST",
    "CHECKS_FILTERS",
    "DEFAULT_KEYS",
    "FilterChoices",
    "QueueFilter",
    "awaiting_count",
    "decision_of",
    "decision_row",
    "decisions_of",
    "defect_reasons",
    "due_at",
    "filter_choices",
    "holder_of",
    "keys_of",
    "last_decision_by",
    "open_lots",
    "passed_everything",
    "policy_of",
    "results_awaiting_review",
    "results_in_review",
    "review_item",
    "saved_views",
    "waiting_for",
]
