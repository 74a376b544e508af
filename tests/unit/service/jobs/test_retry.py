"""Waits between attempts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from videoannotator.service.jobs.retry import RetryPolicy


def test_waits_double_up_to_the_limit() -> None:
    policy = RetryPolicy(base_delay=2, max_delay=10, jitter=0)
    assert [policy.delay(failures) for failures in range(1, 6)] == [2, 4, 8, 10, 10]


@given(base=st.floats(0, 60), limit=st.floats(60, 3600), jitter=st.floats(0, 60), failures=st.integers(1, 10_000))
def test_a_wait_is_never_negative_nor_beyond_limit_and_jitter(
    base: float, limit: float, jitter: float, failures: int
) -> None:
    assert 0 <= RetryPolicy(base, limit, jitter).delay(failures) <= limit + jitter
