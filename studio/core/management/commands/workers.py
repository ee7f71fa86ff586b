"""`manage.py workers`: one worker process for every GPU of this host."""

import signal
import sys
from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from studio.celery import QUEUES
from studio.core.workers import NoDevices, Workers, visible_devices


class Command(BaseCommand):
    help = "Start one worker for each GPU, and again when one ends; Ctrl-C ends them all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queues", default=",".join(QUEUES))
        parser.add_argument(
            "--device",
            action="append",
            dest="devices",
            metavar="cuda:N",
            help="only these; may be repeated",
        )

    def handle(self, *, queues: str, devices: list[str] | None, **options: object) -> None:
        if not settings.CONFIGURATION.is_cluster:
            raise CommandError("Workers need REDIS_URL; without it, `manage.py up` does it all.")
        try:
            chosen = tuple(devices or visible_devices())
        except NoDevices as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"One worker each on {', '.join(chosen)}.")
        self.stdout.flush()
        command = [sys.executable, sys.argv[0], "worker", "--queues", queues]
        workers = Workers(chosen, command, {"SOFTBOX_ENGINE": "local"})
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: workers.stop())
        workers.run()
