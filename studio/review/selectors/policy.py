"""Reading how a workspace reviews."""

from studio.accounts.models import User, Workspace
from studio.review.models import ReviewKeys, ReviewPolicy

# What each key does on the review page, in the order of its list.
DEFAULT_KEYS: dict[str, tuple[str, str]] = {
    "approve": ("a", "Approve"),
    "return": ("r", "Return to the seller"),
    "reject": ("x", "Reject"),
    "skip": ("s", "Skip"),
    "undo": ("z", "Undo your last decision"),
    "difference": ("d", "Difference on or off"),
    "cutout": ("c", "Cut-out on or off"),
    "ground": ("g", "Next ground under the cut-out"),
    "boxes": ("b", "Boxes of the checks on or off"),
    "mark": ("m", "Mark the place that is wrong"),
    "fit": ("0", "Fit the picture"),
    "zoom1": ("1", "100 %"),
    "zoom2": ("2", "200 %"),
    "zoom4": ("4", "400 %"),
}


def policy_of(workspace: Workspace) -> ReviewPolicy:
    """The workspace's rules, or the defaults, not saved."""
    found = ReviewPolicy.objects.filter(workspace=workspace).first()
    return found or ReviewPolicy(workspace=workspace)


def keys_of(user: User) -> ReviewKeys:
    """A reviewer's keys: every action, with their own key where they chose one."""
    found = ReviewKeys.objects.filter(owner=user).first() or ReviewKeys(owner=user)
    defaults = {action: key for action, (key, _) in DEFAULT_KEYS.items()}
    found.keys = {**defaults, **found.keys}
    return found
