"""`manage.py create_api_key EMAIL`: a key for a program, printed alone on stdout."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from studio.accounts.services import create_api_key_for
from studio.core.errors import StudioError


class Command(BaseCommand):
    help = "Make an API key for a person and print it, alone, on standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address the person signs in with")
        parser.add_argument("--name", default="command line", help="what will use the key")

    def handle(self, *, email: str, name: str, **options: object) -> None:
        try:
            _, secret = create_api_key_for(email=email, name=name)
        except StudioError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(secret)
