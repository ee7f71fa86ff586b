"""Two reviewers at once on PostgreSQL, whose transactions run side by side as SQLite's do not."""

import json
from pathlib import Path

import pytest

from studio.ops.studio_process import StudioProcess
from tests.services.test_cluster import database_url  # noqa: F401  # a fixture

pytestmark = pytest.mark.enable_socket
_MAKE_AND_DECIDE = """
import json
from studio.accounts.models import Role
from studio.renders.services import run_waiting_work
from studio.review.models import Decision
from tests.factories import make_actor, make_colleague, make_waiting
from tests.studio.review.test_queue import decide_at_once, decide_one_at_once
seller, carol = make_actor("ann"), make_actor("carol")
people = [carol, make_colleague("robin", Role.REVIEWER)]
waiting = make_waiting(seller, run_waiting_work, count=16)
decided = decide_at_once(people)
(one,) = make_waiting(seller, run_waiting_work, count=1)
outcomes = decide_one_at_once(people, one)
print(json.dumps({
    "waiting": sorted(each.pk for each in waiting),
    "decided": sorted(decided),
    "outcomes": outcomes,
    "rows": Decision.objects.count(),
    "by": len(set(Decision.objects.values_list("reviewer", flat=True))),
}))
"""


def test_two_reviewers_never_decide_the_same_picture_on_postgresql(
    tmp_path: Path,
    database_url: str,  # noqa: F811  # the fixture
) -> None:
    studio = StudioProcess(tmp_path, DATABASE_URL=database_url, SOFTBOX_ENGINE="fake")
    studio.manage("migrate", "--verbosity", "0")
    studio.manage("seed")
    told = studio.manage("shell", "-v", "0", "-c", _MAKE_AND_DECIDE)
    found = json.loads(told.splitlines()[-1])
    assert found["decided"] == found["waiting"], "each of the sixteen, once"
    assert found["outcomes"] == ["approved", "too late"]
    assert found["rows"] == 17
