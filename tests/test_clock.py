"""Time on a grid that binary numbers hold exactly."""

import math
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.clock import TICKS_PER_S, month_starts_s, months, up, up_plain
from sim.units import DAY

TIMES = st.floats(-1e8, 1e9)


@given(TIMES)
def test_one_time_and_many_move_up_alike(seconds: float) -> None:
    assert up(np.array([seconds])).tolist() == [up_plain(seconds)]


@given(TIMES)
def test_a_time_moves_up_by_less_than_a_tick_and_then_stays(seconds: float) -> None:
    moved = up_plain(seconds)
    assert 0.0 <= moved - seconds <= 1 / TICKS_PER_S
    assert up_plain(moved) == moved


@given(st.lists(TIMES, min_size=2, max_size=20))
def test_sums_on_the_grid_are_exact_in_any_order(seconds: list[float]) -> None:
    ticks = [up_plain(one) for one in seconds]
    assert sum(ticks) == sum(reversed(ticks)) == math.fsum(ticks)


def test_for_ever_stays_for_ever() -> None:
    assert up_plain(math.inf) == math.inf
    assert up(np.array([math.inf, 0.0])).tolist() == [math.inf, 0.0]


def test_months_turn_at_midnight_utc() -> None:
    start = datetime(2026, 1, 30, tzinfo=UTC)
    assert months(start, np.array([0.0, 2 * DAY - 1, 2 * DAY, 31 * DAY, 340 * DAY])).tolist() == [0, 0, 1, 2, 0]
    assert month_starts_s(start, 31 * DAY) == [2 * DAY, 30 * DAY]


def test_a_start_in_local_time_is_meant() -> None:
    kyiv = datetime(2026, 2, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))  # still January in UTC
    assert months(kyiv, np.array([0.0, 1800.0])).tolist() == [0, 1]
    assert month_starts_s(kyiv, DAY) == [1800.0]


def test_leap_years_have_a_day_more() -> None:
    for year, days in ((2026, 28), (2028, 29)):
        assert month_starts_s(datetime(year, 2, 1, tzinfo=UTC), 32 * DAY) == pytest.approx([days * DAY])
