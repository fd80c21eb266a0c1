"""Analysts as queueing theory knows them, and shifts, and urgency."""

import math
from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest
from simpy import Environment

from sim.clock import up
from sim.dice import Dice
from sim.engine.staff import Staff
from sim.kinds import Floats
from sim.live import Steps, follow, until
from sim.scenario import Shift
from sim.units import DAY, HOUR, MINUTE

FOR_EVER = 1e12


def round_the_clock(analysts: int) -> Shift:
    return Shift(day=analysts, night=analysts)


def waits_min(analysts: int, per_h: float, work_s: Floats, replication: int = 0) -> Floats:
    """Minutes that each job waits that arrives at random, the first tenth left out."""
    env, waits = Environment(), list[float]()
    staff = Staff(env, round_the_clock(analysts), 0.0, 0.0)
    count = len(work_s)
    at_s = up(np.cumsum(Dice(1, replication)("arrivals").exponential(np.arange(count))) * HOUR / per_h)

    def arrive() -> Steps:
        for when_s, job_s in zip(at_s.tolist(), work_s.tolist(), strict=True):
            yield until(env, when_s)
            staff.ask(0, job_s, waits.append)

    follow(arrive())
    env.run()
    assert (staff.busy, len(staff.waiting), len(waits)) == (0, 0, count)
    return np.array(waits[count // 10 :]) / MINUTE


def by_chance(count: int, per_h: float, replication: int = 0) -> Floats:
    return np.asarray(Dice(1, replication)("work").exponential(np.arange(count))) * HOUR / per_h


def erlang_wait_min(analysts: int, per_h: float, served_per_h: float) -> tuple[float, float]:
    """Chance to wait, and mean wait, by Erlang's C formula."""
    load = per_h / served_per_h
    last = load**analysts / math.factorial(analysts) / (1 - load / analysts)
    p_wait = last / (sum(load**n / math.factorial(n) for n in range(analysts)) + last)
    return p_wait, 60 * p_wait / (analysts * served_per_h - per_h)


def test_que_01_three_analysts_under_ten_alarms_an_hour() -> None:
    assert erlang_wait_min(3, 10.0, 4.0) == pytest.approx((0.702247, 21.0674), abs=1e-4)
    waits = np.concatenate([waits_min(3, 10.0, by_chance(40_000, 4.0, number), number) for number in range(3)])
    assert waits.mean() == pytest.approx(21.067, rel=0.05)
    assert (waits > 0.0).mean() == pytest.approx(0.7022, abs=0.02)


@pytest.mark.parametrize(("analysts", "expected_min"), [(4, 3.199), (5, 0.782), (6, 0.203)])
def test_que_02_each_analyst_more_takes_most_of_the_wait_away(analysts: int, expected_min: float) -> None:
    assert erlang_wait_min(analysts, 10.0, 4.0)[1] == pytest.approx(expected_min, abs=0.001)
    waits = np.concatenate([waits_min(analysts, 10.0, by_chance(40_000, 4.0, number), number) for number in range(4)])
    assert waits.mean() == pytest.approx(expected_min, rel=0.08)


def test_que_03_even_work_halves_the_wait() -> None:
    chance, even = (
        np.concatenate([waits_min(1, 3.0, work_s, number) for number, work_s in jobs]).mean()
        for jobs in (
            [(number, by_chance(30_000, 4.0, number)) for number in range(3)],
            [(number, np.full(30_000, 900.0)) for number in range(3)],
        )
    )
    assert chance == pytest.approx(45.0, rel=0.07)
    assert even == pytest.approx(22.5, rel=0.05)


def served(shift: Shift, jobs: list[tuple[float, int, float, str]], until_s: float = FOR_EVER) -> Iterator[tuple[str, float]]:
    """Names and hours at which jobs are done: each arrives at an hour, with an urgency and hours of work."""
    env, done = Environment(), list[tuple[str, float]]()
    staff = Staff(env, shift, 0.0, min(until_s, 10 * DAY))

    def finish(name: str, wait_s: float) -> None:
        done.append((name, env.now / HOUR))

    def arrive() -> Steps:
        for at_h, urgency, work_h, name in jobs:
            yield until(env, at_h * HOUR)
            staff.ask(urgency, work_h * HOUR, partial(finish, name))

    follow(arrive())
    env.run()
    return iter(done)


def test_the_urgent_goes_first_but_nobody_is_called_off() -> None:
    jobs = [(0.0, 2, 2.0, "triage"), (0.5, 2, 1.0, "next"), (1.0, 0, 1.0, "attribute"), (1.0, 1, 1.0, "verify"), (1.0, 1, 1.0, "later")]
    order = [("triage", 2.0), ("attribute", 3.0), ("verify", 4.0), ("later", 5.0), ("next", 6.0)]
    assert list(served(round_the_clock(1), jobs)) == order


def test_at_the_change_of_shift_work_is_finished_and_none_begun() -> None:
    """Two by day, from 6 to 18 h, and one by night."""
    shift = Shift(day=2, night=1)
    jobs = [(17.0, 0, 2.0, "a"), (17.5, 0, 2.0, "b"), (18.2, 0, 1.0, "c"), (18.3, 0, 1.0, "d")]
    assert list(served(shift, jobs)) == [("a", 19.0), ("b", 19.5), ("c", 20.5), ("d", 21.5)]


def test_in_the_morning_waiting_work_begins_without_a_new_alarm() -> None:
    assert list(served(Shift(day=2, night=0), [(3.0, 0, 1.0, "a"), (4.0, 0, 1.0, "b"), (4.0, 0, 1.0, "c")])) == [
        ("a", 7.0), ("b", 7.0), ("c", 8.0),
    ]  # fmt: skip


def test_nothing_is_lost_and_nobody_does_two_things_at_once() -> None:
    """Asked = done + waiting + busy, at every minute of a day."""
    env, done = Environment(), list[float]()
    staff = Staff(env, Shift(day=3, night=1), 0.0, DAY)
    work = Dice(1, 0)("work")
    for asked in range(24 * 60):
        env.run(until=(asked + 1) * 60.0)
        staff.ask(asked % 3, 900.0 * work.exponential(asked), done.append)
        assert len(done) + len(staff.waiting) + staff.busy == asked + 1
        assert staff.busy <= 3
