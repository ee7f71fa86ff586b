"""Who is asking."""

from dataclasses import dataclass

from django.utils import timezone

from studio.accounts.models import ApiKey, Membership, Role, User, Workspace
from studio.core.errors import NotAllowed

WORKSPACE_SESSION_KEY = "workspace"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person acting in one workspace. Every selector and service takes one."""

    user: User
    workspace: Workspace
    role: str

    @property
    def can_sell(self) -> bool:
        return self.role in (Role.SELLER, Role.ADMIN)

    @property
    def can_review(self) -> bool:
        return self.role in (Role.REVIEWER, Role.ADMIN)

    @property
    def can_administer(self) -> bool:
        return self.role == Role.ADMIN

    def require_seller(self) -> None:
        """Raise `NotAllowed` unless this is a seller or an admin."""
        if not self.can_sell:
            raise NotAllowed("Only sellers and admins of this workspace can do this.")

    def require_reviewer(self) -> None:
        """Raise `NotAllowed` unless this is a reviewer or an admin."""
        if not self.can_review:
            raise NotAllowed("Only reviewers and admins of this workspace can do this.")


def actor_of(membership: Membership) -> Actor:
    return Actor(user=membership.user, workspace=membership.workspace, role=membership.role)


def memberships_of(user: User) -> list[Membership]:
    """The workspaces a person belongs to, oldest first."""
    return list(
        Membership.objects.filter(user=user).select_related("workspace", "user").order_by("pk")
    )


def current_membership(*, user: User, workspace_id: str = "") -> Membership | None:
    """The membership for a chosen workspace, or the oldest one; None for a person without any."""
    memberships = memberships_of(user)
    chosen = [m for m in memberships if str(m.workspace.public_id) == workspace_id]
    return next(iter(chosen or memberships), None)


def actor_of_api_key(secret: str) -> Actor | None:
    """Who a key acts as; None when it is unknown, revoked, or its owner is switched off."""
    key = (
        ApiKey.objects.select_related("membership__user", "membership__workspace")
        .filter(key_hash=ApiKey.hash_of(secret), revoked_at=None, membership__user__is_active=True)
        .first()
    )
    if key is None:
        return None
    now = timezone.now()
    # Once a minute is often enough to know that a key is in use, and spares a write per request.
    if key.last_used_at is None or (now - key.last_used_at).total_seconds() > 60:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return actor_of(key.membership)


def api_keys_of(actor: Actor) -> list[ApiKey]:
    """The actor's own keys in this workspace, newest first."""
    return list(
        ApiKey.objects.filter(
            membership__user=actor.user, membership__workspace=actor.workspace
        ).order_by("-pk")
    )
