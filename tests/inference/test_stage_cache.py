"""The stage cache: computed once, bounded by bytes, safe between threads."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from inference.stage_cache import StageCache, cache_key


def never() -> bytes:
    raise AssertionError("the value is in the cache already")


def test_a_value_is_computed_once_and_then_found() -> None:
    cache = StageCache(budget_bytes=100)
    assert cache.get_or_compute("a", lambda: b"first", len) == b"first"
    assert cache.get_or_compute("a", never, len) == b"first"
    assert (cache.hits, cache.misses) == (1, 1)


def test_the_least_recently_used_value_leaves_first() -> None:
    cache = StageCache(budget_bytes=20)
    cache.get_or_compute("old", lambda: b"x" * 10, len)
    cache.get_or_compute("used", lambda: b"y" * 10, len)
    cache.get_or_compute("old", never, len)
    cache.get_or_compute("new", lambda: b"z" * 10, len)

    cache.get_or_compute("old", never, len)
    cache.get_or_compute("new", never, len)
    assert cache.get_or_compute("used", lambda: b"again", len) == b"again"


def test_the_bytes_kept_never_exceed_the_budget() -> None:
    cache = StageCache(budget_bytes=25)
    for number in range(50):
        cache.get_or_compute(str(number), lambda: b"0123456789", len)
        status = cache.status()
        assert status.used_bytes <= status.budget_bytes == 25
    assert cache.status().entries == 2


def test_a_value_larger_than_the_budget_is_returned_and_not_kept() -> None:
    cache = StageCache(budget_bytes=10)
    cache.get_or_compute("small", lambda: b"12345", len)
    assert cache.get_or_compute("large", lambda: b"x" * 11, len) == b"x" * 11
    assert cache.status().entries == 1
    cache.get_or_compute("small", never, len)


def test_two_threads_that_ask_for_one_key_compute_it_once() -> None:
    cache = StageCache(budget_bytes=100)
    began, may_end = threading.Event(), threading.Event()
    computed: list[str] = []

    def slow() -> bytes:
        computed.append("once")
        began.set()
        assert may_end.wait(5)
        return b"value"

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(cache.get_or_compute, "key", slow, len)
        assert began.wait(5)
        others = [pool.submit(cache.get_or_compute, "key", slow, len) for _ in range(3)]
        # Another key does not wait for the slow one.
        assert cache.get_or_compute("other", lambda: b"at once", len) == b"at once"
        may_end.set()
        results = [future.result(5) for future in (first, *others)]
    assert results == [b"value"] * 4
    assert computed == ["once"]
    assert (cache.hits, cache.misses) == (3, 2)


def test_when_one_thread_fails_a_waiting_one_computes_instead() -> None:
    cache = StageCache(budget_bytes=100)
    began, may_fail = threading.Event(), threading.Event()

    def fails() -> bytes:
        began.set()
        assert may_fail.wait(5)
        raise ValueError("cancelled")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cache.get_or_compute, "key", fails, len)
        assert began.wait(5)
        second = pool.submit(cache.get_or_compute, "key", lambda: b"value", len)
        may_fail.set()
        with pytest.raises(ValueError, match="cancelled"):
            first.result(5)
        assert second.result(5) == b"value"


def test_clear_forgets_what_was_kept() -> None:
    cache = StageCache(budget_bytes=100)
    cache.get_or_compute("a", lambda: b"old", len)
    cache.clear()
    assert cache.status().used_bytes == 0
    assert cache.get_or_compute("a", lambda: b"new", len) == b"new"


def test_cache_keys_differ_when_their_parts_are_cut_elsewhere() -> None:
    assert cache_key("ab", "c") != cache_key("a", "bc")
    assert cache_key("a", "b") != cache_key("b", "a")
    assert cache_key("a", "b") == cache_key("a", "b")
    assert len(cache_key()) == 64
