"""Durations in hours, with what was missed counted as never."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest

from sim.intervals import mean, paired
from sim.measures.latency import Latency
from sim.story import NEVER, Estimate, Results
from sim.units import HOUR

Told: TypeAlias = Callable[..., Results]


def rows(results: Results) -> dict[tuple[str, str], Estimate]:
    return {(row.measure, row.slice): row for row in Latency().table(results)}


def test_the_median_is_never_where_more_than_half_are_missed(told: Told) -> None:
    seen, missed = {"detected": 2.0}, {"replication": 1}
    assert rows(told(seen, missed, missed))["latency.median", ""].estimate == NEVER
    assert rows(told(seen, seen, missed))["latency.median", ""].estimate == 2 * HOUR


def test_a_missed_violation_counts_72_hours_in_the_mean(told: Told) -> None:
    table = rows(told({"detected": 2.0}, {"replication": 1}))
    assert table["latency.mean_72h", ""].estimate == pytest.approx((2 + 72) / 2 * HOUR)


def test_what_the_end_of_the_run_cut_off_counts_as_kaplan_and_meier_have_it(told: Told) -> None:
    """Cut off after 12 h, so whoever was still waiting then stands for it: 2 h, and two of 100 h, cut at 72."""
    cut = {"start": 300.0, "last": 400.0, "replication": 1}
    late = {"start": 0.0, "detected": 100.0}
    table = rows(told({"detected": 2.0}, cut, late, late))
    assert table["latency.mean_72h", ""].estimate == pytest.approx((0.25 * 2 + 0.75 * 72) * HOUR)
    assert table["latency.median", ""].estimate == 100 * HOUR


def test_stages_run_from_the_act(told: Told) -> None:
    table = rows(
        told({"start": 5.0, "reported": 6.0, "verified": 15.0}, {"start": 7.0, "reported": 9.0, "verified": 16.0, "replication": 1})
    )
    assert table["latency.to_reported", ""].estimate == 1 * HOUR
    assert table["latency.to_verified", "shelling"].estimate == 9 * HOUR
    assert table["latency.to_attributed", ""].estimate == NEVER


def test_medians_of_two_mixes_are_compared_by_linear_terms(told: Told) -> None:
    rng = np.random.default_rng(5)
    waits = np.repeat(rng.lognormal(0.0, 0.5, 20), 30) * rng.exponential(6.0, 600)
    stories = [{"replication": index // 30, "detected": float(wait), "last": 312.0} for index, wait in enumerate(waits)]
    slower = [{**story, "detected": story["detected"] + 1.0} for story in stories]
    a, b = (told(*told_of, replications=20) for told_of in (slower, stories))
    key = "latency.median"
    terms_a, terms_b = (np.asarray(Latency().by_replication(results)[key]) for results in (a, b))
    assert mean(terms_b).estimate == pytest.approx(rows(b)[key, ""].estimate)
    found = paired(terms_a, terms_b)
    assert found.difference == pytest.approx(HOUR)
    assert found.correlation > 0.99


def test_a_quantile_without_a_finite_interval_is_not_compared(told: Told) -> None:
    assert "latency.median" not in Latency().by_replication(told({}, {"replication": 1}))
