"""Changing what is decided, who has what in hand, and the rules."""

from studio.review.services.claims import HELD_AT_MOST, LEASE_S, claim, hold_items, release
from studio.review.services.decide import approve_in_bulk, decide
from studio.review.services.decisions import undo_decision
from studio.review.services.inspections import record_inspection
from studio.review.services.own import delete_view, save_keys, save_view
from studio.review.services.rules import approve_by_rule, require_approval, save_policy
from studio.review.services.sampling import draw_lot

__all__ = [
    "HELD_AT_MOST",
    "LEASE_S",
    "approve_by_rule",
    "approve_in_bulk",
    "claim",
    "decide",
    "delete_view",
    "draw_lot",
    "hold_items",
    "record_inspection",
    "release",
    "require_approval",
    "save_keys",
    "save_policy",
    "save_view",
    "undo_decision",
]
