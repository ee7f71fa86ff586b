"""What a reviewer sets for themselves: views of the queue and keys."""

from collections.abc import Mapping
from uuid import UUID

from studio.accounts.selectors import Actor
from studio.core.errors import Conflict, Invalid, NotFound
from studio.review.models import ReviewKeys, SavedView
from studio.review.selectors import DEFAULT_KEYS, QueueFilter, keys_of

MAX_VIEWS = 20
# They move, cancel, confirm and ask for this list, whatever the other keys are.
_RESERVED = {"?", "enter", "escape", "tab", " ", "+", "-"}


def save_view(*, actor: Actor, name: str, wanted: QueueFilter) -> SavedView:
    """Keep a filter under a name; the same name again replaces it.

    Raises:
        Invalid: no name, a long one, or nothing that filters.
        Conflict: too many views.
    """
    actor.require_reviewer()
    name = name.strip()
    if not 1 <= len(name) <= 60:
        raise Invalid("Give the view a name of up to 60 characters.", field="name")
    if not wanted.as_query():
        raise Invalid("Choose a filter first, then save it.", field="name")
    mine = SavedView.objects.filter(workspace=actor.workspace, owner=actor.user)
    if mine.exclude(name=name).count() >= MAX_VIEWS:
        raise Conflict(f"You have {MAX_VIEWS} views; delete one first.")
    view, _ = SavedView.objects.update_or_create(
        workspace=actor.workspace,
        owner=actor.user,
        name=name,
        defaults={"query": wanted.as_query()},
    )
    return view


def delete_view(*, actor: Actor, public_id: UUID) -> None:
    """Raise `NotFound` unless it is the actor's own view."""
    mine = SavedView.objects.filter(workspace=actor.workspace, owner=actor.user)
    if not mine.filter(public_id=public_id).delete()[0]:
        raise NotFound("There is no such view.")


def save_keys(*, actor: Actor, keys: Mapping[str, object], are_on: bool) -> ReviewKeys:
    """Change the keys of the review page; an empty mapping gives the page's own back.

    Raises:
        Invalid: an unknown action, no single key, a reserved one, or one key for two actions.
    """
    actor.require_reviewer()
    changed: dict[str, str] = {}
    for action, key in keys.items():
        if action not in DEFAULT_KEYS:
            raise Invalid(f"There is no action called “{action}”.", field="keys")
        if not isinstance(key, str) or len(key) != 1 or not key.isprintable():
            raise Invalid("A key is one letter, digit or sign.", field="keys")
        if key.lower() in _RESERVED:
            raise Invalid(f"“{key}” has its own meaning on this page.", field="keys")
        changed[action] = key.lower()
    all_keys = {action: key for action, (key, _) in DEFAULT_KEYS.items()} | changed
    _require_distinct(all_keys)
    ReviewKeys.objects.update_or_create(
        owner=actor.user, defaults={"keys": changed, "are_on": are_on}
    )
    return keys_of(actor.user)


def _require_distinct(keys: Mapping[str, str]) -> None:
    by_key: dict[str, str] = {}
    for action, key in keys.items():
        if key in by_key:
            first, second = DEFAULT_KEYS[by_key[key]][1], DEFAULT_KEYS[action][1]
            raise Invalid(f"“{key}” cannot be both: {first}; {second}.", field="keys")
        by_key[key] = action
