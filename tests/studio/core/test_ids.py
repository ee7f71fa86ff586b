import time

from studio.core.ids import uuid7


def test_ids_made_later_sort_later() -> None:
    first = uuid7()
    time.sleep(0.002)
    assert first.int < uuid7().int


def test_an_id_says_its_version_and_variant() -> None:
    made = [uuid7() for _ in range(200)]
    assert {(one.version, one.variant) for one in made} == {(7, made[0].variant)}
    assert len(set(made)) == 200
