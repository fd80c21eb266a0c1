"""Intervals keep their promise: 95 of 100 contain the truth; and they say so where there is nothing to tell."""

import warnings

import numpy as np
import pytest
from scipy.stats import CensoredData, ecdf

from sim.intervals import (
    Ratio,
    bounded_mean,
    clopper_pearson,
    kaplan_meier,
    mean,
    paired,
    quantile_values,
    rate,
    ratio,
    ratio_mean,
    reached_band,
    restricted_mean,
    restricted_means,
    woodruff,
)
from sim.kinds import Floats, Ints

NO_EVENTS = np.zeros(4)


def overcast(rng: np.random.Generator, replications: int = 20) -> tuple[Floats, Floats, Floats]:
    """Return hits, events, and each replication's true share: 85 % are detected, but all of a replication share its weather."""
    events = rng.poisson(300, replications).astype(float)
    shares = rng.beta(17.0, 3.0, replications)
    return rng.binomial(events.astype(int), shares).astype(float), events, shares


def test_the_interval_of_a_share_covers_and_the_pooled_one_does_not() -> None:
    rng = np.random.default_rng(7)
    ours = pooled = 0
    for _ in range(400):
        hits, events, _ = overcast(rng)
        found = ratio(hits, events)
        ours += found.low <= 0.85 <= found.high
        low, high = clopper_pearson(hits.sum(), int(events.sum()))
        pooled += low <= 0.85 <= high
    assert 0.925 <= ours / 400 <= 0.975
    assert pooled / 400 < 0.7


def test_the_interval_of_a_mean_covers_when_violations_share_their_luck() -> None:
    rng = np.random.default_rng(8)
    covered = 0
    for _ in range(400):
        events = rng.poisson(50, 20).astype(float)
        totals = events * rng.gamma(4.0, 2.5, 20)
        found = ratio_mean(totals, events)
        covered += found.low <= 10.0 <= found.high
    assert 0.925 <= covered / 400 <= 0.975


def waits(rng: np.random.Generator, replications: int = 20) -> tuple[Floats, Ints]:
    """Return exponential waits of mean 10 h whose replications differ in pace, and one in five that never ends."""
    replication = np.repeat(np.arange(replications), rng.poisson(60, replications))
    pace = rng.lognormal(0.0, 0.3, replications)
    time = rng.exponential(10.0, len(replication)) * pace[replication]
    return np.where(rng.random(len(time)) < 0.2, np.inf, time), replication


def test_the_interval_of_a_median_covers_with_waits_that_never_end() -> None:
    truth = np.quantile(waits(np.random.default_rng(1), 20_000)[0], 0.5, method="lower")
    rng = np.random.default_rng(9)
    covered = sum(found.low <= truth <= found.high for found in (woodruff(*waits(rng), 0.5) for _ in range(400)))
    assert 0.925 <= covered / 400 <= 0.975


def test_the_interval_of_a_restricted_mean_covers_where_runs_end_early() -> None:
    rng = np.random.default_rng(10)
    covered = 0
    truth = 0.2 * 24.0 + 0.8 * float(np.minimum(10.0 * np.random.default_rng(2).exponential(1.0, 10**6) * pace(10**6), 24.0).mean())
    for _ in range(400):
        time, replication = waits(rng)
        cut = rng.uniform(5.0, 60.0, len(time))
        found = restricted_mean(np.minimum(time, cut), time <= cut, replication, 24.0)
        covered += found.low <= truth <= found.high
    assert 0.925 <= covered / 400 <= 0.975


def pace(count: int) -> Floats:
    return np.random.default_rng(3).lognormal(0.0, 0.3, count)


def test_kaplan_meier_is_that_of_scipy() -> None:
    rng = np.random.default_rng(11)
    time = np.round(rng.exponential(5.0, 400), 1)
    event = rng.random(400) < 0.7
    curve = ecdf(CensoredData(uncensored=time[event], right=time[~event])).sf
    assert kaplan_meier(time, event, curve.quantiles) == pytest.approx(curve.probabilities)


def test_the_curve_by_hand() -> None:
    time = np.array([1.0, 2.0, 3.0, np.inf])
    event = np.array([True, False, True, False])
    left = kaplan_meier(time, event, np.array([0.5, 1.0, 2.5, 3.0, 99.0]))
    assert left == pytest.approx([1.0, 3 / 4, 3 / 4, 3 / 8, 3 / 8])


def test_missed_is_not_cut_off() -> None:
    time = np.array([1.0, 1.0, np.inf, np.inf])
    detected = np.array([True, True, False, False])
    cut = np.array([1.0, 1.0, 2.0, 2.0])
    assert kaplan_meier(time, detected, np.array([50.0])) == pytest.approx([0.5])
    assert restricted_mean(time, detected, np.array([0, 1, 0, 1]), 10.0).estimate == pytest.approx((1 + 1 + 10 + 10) / 4)
    assert woodruff(time, np.array([0, 1, 0, 1]), 0.75).estimate == np.inf
    assert np.isnan(woodruff(cut, np.array([0, 1, 0, 1]), 0.75, detected).estimate)


def test_without_censoring_the_restricted_mean_is_the_ratio_estimator() -> None:
    time, replication = waits(np.random.default_rng(12))
    ours = restricted_mean(time, np.isfinite(time), replication, 24.0)
    total = np.bincount(replication, np.minimum(time, 24.0)).astype(float)
    events = np.bincount(replication).astype(float)
    theirs = ratio_mean(total, events)
    assert ours.estimate == pytest.approx(theirs.estimate, rel=1e-12)
    assert ours.high - ours.low == pytest.approx(theirs.high - theirs.low, rel=0.02)


def test_pseudo_values_leave_out_replications_without_violations() -> None:
    values = restricted_means(np.array([1.0, 3.0]), np.array([True, True]), np.array([0, 2]), 24.0, 3)
    assert values == pytest.approx([1.0, np.nan, 3.0], nan_ok=True)


def test_the_median_with_censoring_agrees_with_the_one_without_where_nothing_was_cut_off() -> None:
    time, replication = waits(np.random.default_rng(13))
    plain = woodruff(time, replication, 0.5)
    censored = woodruff(time, replication, 0.5, np.isfinite(time))
    assert censored.estimate == plain.estimate
    assert censored.high - censored.low == pytest.approx(plain.high - plain.low, rel=0.1)


def test_a_median_that_may_be_never_has_an_infinite_upper_end() -> None:
    rng = np.random.default_rng(14)
    replication = np.repeat(np.arange(10), 30)
    time = np.where(rng.random(300) < 0.49, np.inf, rng.exponential(1.0, 300))
    found = woodruff(time, replication, 0.5)
    assert np.isfinite(found.low)
    assert found.high == np.inf


def test_the_band_holds_the_curve_and_meets_the_share() -> None:
    time, replication = waits(np.random.default_rng(15))
    band = reached_band(time, np.isfinite(time), replication, np.array([0.0, 5.0, 24.0]))
    hits = np.bincount(replication, time <= 5.0).astype(float)
    share = ratio(hits, np.bincount(replication).astype(float))
    assert band.estimate[0] == band.low[0] == band.high[0] == 0.0
    assert (band.estimate[1], band.low[1], band.high[1]) == pytest.approx(share[:3], rel=0.01)


def test_none_and_all_are_exact_on_replications() -> None:
    none, all_of_them = ratio(np.zeros(20), np.full(20, 50.0)), ratio(np.full(20, 50.0), np.full(20, 50.0))
    assert none[:3] == pytest.approx((0.0, 0.0, 1.0 - 0.025 ** (1 / 20)))
    assert all_of_them[:3] == pytest.approx((1.0, 0.025 ** (1 / 20), 1.0))
    assert none.method == "none: Clopper-Pearson on 20 replications"


def test_single_events_are_independent_trials() -> None:
    found = ratio(np.array([1.0, 0.0, 0.0, 0.0, 0.0]), np.array([1.0, 1.0, 1.0, 1.0, 1.0]))
    assert found[:3] == pytest.approx((0.2, 0.00505, 0.71642), abs=1e-4)  # Clopper-Pearson, 1 of 5


@pytest.mark.parametrize("replications", [0, 1])
def test_one_replication_has_no_interval_and_none_has_no_number(replications: int) -> None:
    one = np.ones(replications)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = np.zeros(replications, dtype=np.int64)
        found = [
            mean(one),
            ratio(one, 2 * one),
            ratio_mean(one, one),
            woodruff(one, rows, 0.5),
            restricted_mean(one, one > 0, rows, 2.0),
        ]
        difference = paired(one, one)
        band = reached_band(one, one > 0, rows, np.array([1.0]))
    assert all(np.isnan(interval.low) and np.isnan(interval.high) for interval in found)
    assert all(np.isnan(interval.estimate) == (replications == 0) for interval in found)
    assert all("one replication, no interval" in interval.method for interval in found if replications)
    assert np.isnan(difference.low)
    assert np.isnan(band.low).all()


def test_no_events_is_not_a_number_and_not_a_crash() -> None:
    assert np.isnan(ratio(NO_EVENTS, NO_EVENTS).estimate)
    assert ratio(NO_EVENTS, NO_EVENTS).method == "no events"
    assert np.isnan(ratio_mean(NO_EVENTS, NO_EVENTS).estimate)
    assert np.isnan(kaplan_meier(np.zeros(0), np.zeros(0, dtype=bool), np.array([1.0]))).all()
    assert woodruff(np.full(4, np.inf), np.arange(4), 0.5).estimate == np.inf


def test_replications_without_events_do_not_count_as_evidence() -> None:
    lonely = ratio(np.array([3.0, 5.0, 0.0, 0.0]), np.array([6.0, 8.0, 0.0, 0.0]))
    assert lonely[:3] == ratio(np.array([3.0, 5.0]), np.array([6.0, 8.0]))[:3]


def test_a_paired_difference_by_hand() -> None:
    a, b = np.array([3.0, 5.0, 7.0, 9.0]), np.array([1.0, 4.0, 5.0, 8.0])
    found = paired(a, b)
    # Differences 2, 1, 2, 1: mean 1.5, standard deviation 0.57735, t(3) = 3.18245.
    assert found[:3] == pytest.approx((1.5, 1.5 - 3.18245 * 0.57735 / 2, 1.5 + 3.18245 * 0.57735 / 2), abs=1e-4)
    assert found.correlation == pytest.approx(float(np.corrcoef(a, b)[0, 1]))
    assert found.variance_ratio == pytest.approx((np.var(a, ddof=1) + np.var(b, ddof=1)) / np.var(a - b, ddof=1))


def test_paired_ratios_differ_by_the_ratios_of_sums() -> None:
    hits, events, _ = overcast(np.random.default_rng(16))
    better = np.minimum(hits + 20.0, events)
    found = paired(Ratio(better, events), Ratio(hits, events))
    assert found.difference == pytest.approx(better.sum() / events.sum() - hits.sum() / events.sum())
    assert found.variance_ratio > 5.0


def test_equal_mixes_differ_by_nothing() -> None:
    values = np.array([1.0, 2.0, 4.0])
    assert paired(values, values)[:4] == pytest.approx((0.0, 0.0, 0.0, 1.0))
    assert paired(values, values).variance_ratio == np.inf


def test_paired_intervals_cover() -> None:
    rng = np.random.default_rng(17)
    covered = 0
    for _ in range(400):
        hits, events, shares = overcast(rng)
        worse = rng.binomial(hits.astype(int), 0.9).astype(float)
        found = paired(Ratio(hits, events), Ratio(worse, events))
        covered += found.low <= 0.085 <= found.high
        assert len(shares) == 20
    assert 0.925 <= covered / 400 <= 0.975


def test_rates_stay_above_zero_and_cover() -> None:
    rng = np.random.default_rng(18)
    covered = 0
    for _ in range(400):
        counts = np.asarray(rng.poisson(rng.gamma(4.0, 0.5, 20)), dtype=np.float64)
        found = rate(counts, np.full(20, 10.0))
        assert found.low > 0.0
        covered += found.low <= 0.2 <= found.high
    assert 0.925 <= covered / 400 <= 0.975


def test_no_count_has_the_exact_poisson_limit() -> None:
    assert rate(NO_EVENTS, np.full(4, 10.0))[:3] == pytest.approx((0.0, 0.0, 3.6889 / 40.0), rel=1e-4)  # Garwood 1936: 3.6889


def test_the_linear_terms_of_a_quantile_have_its_estimate_and_its_width() -> None:
    time, replication = waits(np.random.default_rng(19))
    for event in (None, np.isfinite(time)):
        found, terms = woodruff(time, replication, 0.5, event), mean(quantile_values(time, replication, 0.5, 20, event))
        assert terms.estimate == pytest.approx(found.estimate)
        assert terms.high - terms.low == pytest.approx(found.high - found.low)


def test_the_median_covers_where_runs_end_early() -> None:
    truth = np.quantile(waits(np.random.default_rng(1), 20_000)[0], 0.5, method="lower")
    rng = np.random.default_rng(20)
    covered = 0
    for _ in range(400):
        time, replication = waits(rng)
        cut = rng.uniform(5.0, 60.0, len(time))
        found = woodruff(np.minimum(time, cut), replication, 0.5, time <= cut)
        covered += bool(found.low <= truth <= found.high)
    assert 0.925 <= covered / 400 <= 0.975


def test_bounded_intervals_by_hand() -> None:
    """Mean 10, standard error 1, t(2) = 4.303: 10 times and by exp(0.4303) on the logarithmic scale."""
    values = 10.0 + np.array([-1.0, 0.0, 1.0]) * 3**0.5
    found = bounded_mean(values)
    assert (found.estimate, found.low, found.high) == pytest.approx((10.0, 10.0 / np.exp(0.4303), 10.0 * np.exp(0.4303)), rel=1e-4)
    share = bounded_mean(values / 20.0, 1.0)  # half, standard error 0.05: logit 0 and 4.303 * 0.05 / 0.25
    assert (share.low, share.high) == pytest.approx((1 / (1 + np.exp(0.8606)), 1 / (1 + np.exp(-0.8606))), rel=1e-4)
    assert bounded_mean(values, 20.0).high == pytest.approx(20.0 * share.high)


def test_bounded_intervals_at_the_ends_are_cut_and_infinite_ones_are_none() -> None:
    ends = bounded_mean(np.array([0.9, 1.0, 1.1]), 1.0)
    assert ends.high == 1.0
    assert ends.method.endswith(", cut")
    assert bounded_mean(np.zeros(3))[:3] == (0.0, 0.0, 0.0)
    never = bounded_mean(np.array([1.0, np.inf]))
    assert (never.estimate, never.method) == (np.inf, "infinite in some replication, no interval")
    assert np.isnan(never.low)


def test_a_quantile_of_four_events_has_no_interval() -> None:
    four, five = (woodruff(np.arange(1.0, size + 1.0), np.arange(size) % 2, 0.5) for size in (4, 5))
    assert np.isnan(four.low)
    assert four.estimate == 2.0
    assert four.method.startswith("too few events")
    assert not np.isnan(five.low)
