"""Workspaces, members and keys."""

from django.db import transaction
from django.utils import timezone

from studio.accounts.models import ApiKey, Membership, Role, User, Workspace
from studio.accounts.selectors import Actor, current_membership
from studio.core.errors import Invalid, NotFound


@transaction.atomic
def open_workspace(*, owner: User, name: str) -> Membership:
    """Make a workspace with `owner` as its admin."""
    workspace = Workspace.objects.create(name=name)
    return Membership.objects.create(user=owner, workspace=workspace, role=Role.ADMIN)


def ensure_membership(*, user: User, workspace: Workspace, role: str) -> Membership:
    """Make `user` a member with `role`, or give an existing member that role."""
    membership, _ = Membership.objects.update_or_create(
        user=user, workspace=workspace, defaults={"role": role}
    )
    return membership


def create_api_key(*, membership: Membership, name: str) -> tuple[ApiKey, str]:
    """Make a key; the second value is the secret, which cannot be shown again."""
    name = name.strip()
    if not name:
        raise Invalid("Give the key a name, so that you know later what uses it.", field="name")
    secret = ApiKey.new_secret()
    key = ApiKey.objects.create(
        membership=membership,
        name=name[:80],
        start=secret[:10],
        key_hash=ApiKey.hash_of(secret),
    )
    return key, secret


def create_api_key_for(*, email: str, name: str) -> tuple[ApiKey, str]:
    """Make a key for the person with this address, in their first workspace.

    Raises:
        NotFound: nobody has this address, or the person belongs to no workspace.
    """
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        raise NotFound(f"Nobody here has the e-mail address {email}.")
    membership = current_membership(user=user)
    if membership is None:
        raise NotFound(f"{email} belongs to no workspace yet.")
    return create_api_key(membership=membership, name=name)


def revoke_api_key(*, actor: Actor, public_id: str) -> None:
    """Switch one of the actor's own keys off for good.

    Raises:
        NotFound: no such key of theirs.
    """
    moved = ApiKey.objects.filter(
        public_id=public_id,
        membership__user=actor.user,
        membership__workspace=actor.workspace,
        revoked_at=None,
    ).update(revoked_at=timezone.now())
    if not moved:
        raise NotFound("There is no such key, or it is already revoked.")
