"""`manage.py seed`: styles, and a demo workspace to try Softbox in."""

import secrets
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from studio.accounts.models import Membership, Role, User, Workspace
from studio.accounts.selectors import actor_of
from studio.accounts.services import ensure_membership
from studio.catalog.selectors import sample_products
from studio.catalog.services import add_sample
from studio.styles.services import sync_styles

DEMO_WORKSPACE = "Demo studio"
DEMO_PEOPLE = (
    ("seller@softbox.demo", "Sam", Role.SELLER),
    ("reviewer@softbox.demo", "Robin", Role.REVIEWER),
    ("admin@softbox.demo", "Alex", Role.ADMIN),
)
_PASSWORDS = "demo-passwords.txt"  # a file's name


class Command(BaseCommand):
    help = (
        "Install the styles; with SOFTBOX_DEMO=1 also a demo workspace. Running it twice is fine."
    )

    def handle(self, **options: object) -> None:
        count = sync_styles()
        self.stdout.write(f"{count} styles are installed.")
        if settings.CONFIGURATION.demo:
            self._seed_demo()

    def _seed_demo(self) -> None:
        workspace, _ = Workspace.objects.get_or_create(name=DEMO_WORKSPACE)
        members = [self._member(workspace, *person) for person in DEMO_PEOPLE]
        self._show_passwords(members)
        if workspace.products.exists():
            return
        seller = actor_of(members[0][0])
        # The grid shows the newest first.
        for sample in reversed(sample_products()):
            add_sample(actor=seller, name=sample.file)
        self.stdout.write(f"{workspace.products.count()} sample products are in the demo studio.")

    def _member(
        self, workspace: Workspace, email: str, name: str, role: str
    ) -> tuple[Membership, str]:
        """The membership, and the password if the person is new."""
        user = User.objects.filter(email=email).first()
        password = ""
        if user is None:
            password = secrets.token_urlsafe(9)
            user = User.objects.create_user(email, password, first_name=name)
        if role == Role.ADMIN and not user.is_superuser:
            user.is_staff = user.is_superuser = True
            user.save(update_fields=["is_staff", "is_superuser"])
        return ensure_membership(user=user, workspace=workspace, role=role), password

    def _show_passwords(self, members: list[tuple[Membership, str]]) -> None:
        """Printed at every start, so they are kept beside the database, readable by us alone."""
        path = settings.DATA_DIR / _PASSWORDS
        known = dict(line.split(" ", 1) for line in _lines(path))
        known |= {member.user.email: password for member, password in members if password}
        path.touch(mode=0o600)
        path.write_text("".join(f"{email} {password}\n" for email, password in known.items()))
        self.stdout.write("\n  Demo sign-ins (one click on the sign-in page, or by hand):")
        for member, _ in members:
            password = known.get(member.user.email, "(changed)")
            self.stdout.write(f"    {member.role:9} {member.user.email:24} {password}")


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []
