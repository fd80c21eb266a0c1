from typing import Any

import numpy as np
import pytest

from sim.kinds import Floats
from sim.merits import (
    Spans,
    ages,
    at_least,
    by_hour_s,
    edges_of,
    gap_fallen_into_s,
    gaps,
    in_view,
    joined,
    last_s,
    lasting,
    longer_than,
    longest_s,
    looks,
    met,
    most,
    next_s,
    responses,
    within_s,
)
from sim.scene import Targets
from sim.units import DAY, HOUR
from sim.watch import Sight, Stint, windows

YEAR = 365 * DAY


def spans_of(*rows: tuple[int, float, float]) -> Spans:
    cell, start_s, end_s = np.array(rows, dtype=np.float64).reshape(-1, 3).T
    return Spans(cell.astype(np.int64), start_s, end_s)


def told(spans: Spans) -> list[tuple[int, float, float]]:
    return list(zip(spans.cell.tolist(), spans.start_s.tolist(), spans.end_s.tolist(), strict=True))


def periodic(period_s: float, horizon_s: float, first_s: float = 0.0, look_s: float = 0.001) -> Spans:
    start_s = np.arange(first_s, horizon_s - look_s, period_s)
    return Spans(np.zeros(len(start_s), np.int64), start_s, start_s + look_s)


def test_how_many_assets_see_a_place_at_once_is_counted_by_hand() -> None:
    """Three assets see cell 0 for hours 0 to 4, 2 to 6 and 3 to 5; one sees cell 2 for an hour."""
    edges = edges_of(spans_of((0, 0, 4), (0, 2, 6), (0, 3, 5), (2, 8, 9)))
    assert told(at_least(edges, 1)) == [(0, 0, 6), (2, 8, 9)]
    assert told(at_least(edges, 2)) == [(0, 2, 5)]
    assert told(at_least(edges, 3)) == [(0, 3, 4)]
    assert told(at_least(edges, 4)) == []
    assert most(edges, 3).tolist() == [3, 0, 1]


def test_a_look_that_begins_as_another_ends_is_one_stretch_but_not_two_assets() -> None:
    edges = edges_of(spans_of((0, 0, 4), (0, 4, 6)))
    assert told(at_least(edges, 1)) == [(0, 0, 6)]
    assert told(at_least(edges, 2)) == []
    assert most(edges, 1).tolist() == [1]


@pytest.mark.parametrize("least", [1, 2, 3, 5])
def test_coverage_by_several_agrees_with_counting_on_a_fine_grid(least: int) -> None:
    rng = np.random.default_rng(least)
    cell, start_s = rng.integers(0, 4, 200), rng.integers(0, 900, 200).astype(np.float64)
    spans = Spans(cell, start_s, start_s + rng.integers(1, 60, 200))
    middle_s = np.arange(1000) + 0.5
    for number in range(4):
        rows = cell == number
        count = ((start_s[rows, None] <= middle_s) & (middle_s < spans.end_s[rows, None])).sum(axis=0)
        assert at_least(edges_of(spans), least).seconds(4)[number] == (count >= least).sum()
        assert most(edges_of(spans), 4)[number] == count.max()


def test_periodic_looks_come_back_after_t_and_make_one_wait_for_half_of_it() -> None:
    """Momentary looks every 6 h: revisit T, response and age T/2, and every instant falls into a gap of T."""
    period_s, horizon_s = 6 * HOUR, 33 * DAY
    blind = gaps(periodic(period_s, horizon_s), 1, horizon_s)
    revisit, response, age = lasting(blind, 1, horizon_s), responses(blind, 1, 30 * DAY, horizon_s), ages(blind, 1, 30 * DAY, horizon_s)
    assert [revisit.quantile_s(level)[0] for level in (0.5, 0.9)] == pytest.approx([period_s, period_s], abs=0.01)
    assert revisit.mean_s()[0] == pytest.approx(period_s, abs=0.01)
    assert gap_fallen_into_s(blind, 1, horizon_s)[0] == pytest.approx(period_s, abs=0.01)
    for waits in (response, age):
        assert waits.mean_s()[0] == pytest.approx(period_s / 2, abs=0.01)
        assert waits.quantile_s(0.9)[0] == pytest.approx(0.9 * period_s, abs=0.01)
        assert waits.unknown[0] == 0.0
    longer = longer_than(blind, np.ones(1), np.array([0.0, 1.5 * HOUR, 6 * HOUR]), 30 * DAY, horizon_s)
    assert longer == pytest.approx([1.0, 0.75, 0.0], abs=1e-6)


def test_looks_at_random_make_one_fall_into_gaps_twice_as_long_as_they_are() -> None:
    """Poisson looks, one in 2 h: revisit 2 h, response 2 h as well, the gap that one falls into 4 h (the inspection paradox)."""
    mean_s, cells, horizon_s = 2 * HOUR, 20, YEAR
    gap_s = np.random.default_rng(7).exponential(mean_s, (cells, 6000))
    start_s = np.cumsum(gap_s, axis=1)
    cell = np.repeat(np.arange(cells), 6000)[start_s.ravel() < horizon_s]
    start_s = start_s.ravel()[start_s.ravel() < horizon_s]
    blind = gaps(Spans(cell, start_s, start_s), cells, horizon_s)
    revisit, response = lasting(blind, cells, horizon_s), responses(blind, cells, horizon_s - DAY, horizon_s)
    assert revisit.mean_s().mean() == pytest.approx(mean_s, rel=0.01)
    assert revisit.quantile_s(0.9).mean() == pytest.approx(mean_s * np.log(10), rel=0.02)
    assert response.mean_s().mean() == pytest.approx(mean_s, rel=0.02)
    assert response.quantile_s(0.5).mean() == pytest.approx(mean_s * np.log(2), rel=0.02)
    assert response.quantile_s(0.9).mean() == pytest.approx(mean_s * np.log(10), rel=0.03)
    assert gap_fallen_into_s(blind, cells, horizon_s).mean() == pytest.approx(2 * mean_s, rel=0.02)


def test_two_assets_out_of_phase_halve_the_revisit_and_in_phase_do_not() -> None:
    horizon_s = 30 * DAY
    one = periodic(12 * HOUR, horizon_s)
    for phase_s, revisit_s in ((6 * HOUR, 6 * HOUR), (0.0, 12 * HOUR)):
        both = at_least(edges_of(Spans.join([one, periodic(12 * HOUR, horizon_s, phase_s)])))
        assert lasting(gaps(both, 1, horizon_s), 1, horizon_s).quantile_s(0.5)[0] == pytest.approx(revisit_s, abs=0.01)


def test_sentinel_1_with_two_satellites_comes_back_every_six_days_and_one_alone_every_twelve() -> None:
    """Repeat cycle of 12 days, the second satellite half a cycle behind. Source: ESA, Sentinel-1 mission guide, revisit and coverage."""
    horizon_s, first_s = YEAR, 2 * DAY
    alone = periodic(12 * DAY, horizon_s, first_s)
    pair = at_least(edges_of(Spans.join([alone, periodic(12 * DAY, horizon_s, first_s + 6 * DAY)])))
    revisit_d = [lasting(gaps(spans, 1, horizon_s), 1, horizon_s).quantile_s(0.9)[0] / DAY for spans in (alone, pair)]
    assert revisit_d == pytest.approx([12.0, 6.0], abs=1e-3)
    assert responses(gaps(pair, 1, horizon_s), 1, 300 * DAY, horizon_s).mean_s()[0] / DAY == pytest.approx(3.0, abs=0.01)


def test_gaps_that_the_run_cuts_are_no_revisits() -> None:
    """Looks at hours 10, 12, 14 of 24: the 10 h before are left out, the 9 h after are a gap of at least 9 h, so its median is 1 h."""
    horizon_s = 24.0
    blind = gaps(spans_of((0, 10, 11), (0, 12, 13), (0, 14, 15)), 2, horizon_s)
    assert told(blind) == [(0, 0, 10), (0, 11, 12), (0, 13, 14), (0, 15, 24), (1, 0, 24)]
    revisit = lasting(blind, 2, horizon_s)
    assert revisit.quantile_s(0.5)[0] == 1.0
    assert revisit.quantile_s(0.9)[0] == np.inf
    assert revisit.mean_s()[0] == pytest.approx(2 / 3 * 1.0 + 1 / 3 * 9.0)
    assert np.isnan([revisit.quantile_s(0.5)[1], revisit.mean_s()[1]]).all()
    assert longest_s(blind, 2).tolist() == [10, 24]
    assert gap_fallen_into_s(blind, 2, horizon_s)[0] == 1.0


def test_gaps_cut_at_random_do_not_shorten_the_revisit() -> None:
    """Exponential gaps of 10 days on average, watched for 20 days in each of 4,000 cells: what was seen whole has a mean of 6 days only."""
    gap_s = np.random.default_rng(3).exponential(10.0, (4000, 12))
    start_s = np.cumsum(gap_s, axis=1).ravel()
    cell = np.repeat(np.arange(4000), 12)[start_s < 20.0]
    start_s = start_s[start_s < 20.0]
    blind = gaps(Spans(cell, start_s, start_s), 4000, 20.0)
    pooled = lasting(blind._replace(cell=np.zeros(len(blind.cell), np.int64)), 1, 20.0)
    assert pooled.length_s[pooled.whole].mean() < 6.0
    assert pooled.quantile_s(0.5)[0] == pytest.approx(10.0 * np.log(2), rel=0.05)


def test_a_response_is_asked_of_all_instants_and_those_unanswered_are_told() -> None:
    """One look from hour 2 to 4 of a run of 10 h with 2 h of follow-up: hours 4 to 10 have no answer."""
    response = responses(gaps(spans_of((0, 2, 4)), 1, 12.0), 1, 10.0, 12.0)
    assert response.unknown[0] == pytest.approx(0.6)
    assert response.mean_s()[0] == pytest.approx((2 * 1.0 + 2 * 0.0) / 4)
    assert response.mean_s(in_gap=True)[0] == pytest.approx(1.0)
    assert response.quantile_s(0.3)[0] == pytest.approx(1.0)  # 2 of 10 h are in view, 1 h more waits for up to 1 h
    assert response.quantile_s(0.5)[0] == np.inf


def test_a_look_in_the_follow_up_answers_instants_before_it_and_is_not_asked_itself() -> None:
    """A look at hour 11 of 12: instants of hours 0 to 10 wait for 1 to 11 h, 6 h on average."""
    response = responses(gaps(spans_of((0, 11, 11.5)), 1, 12.0), 1, 10.0, 12.0)
    assert response.unknown[0] == 0.0
    assert response.mean_s()[0] == pytest.approx(6.0)
    assert [response.quantile_s(level)[0] for level in (0.1, 0.5, 1.0)] == pytest.approx([2.0, 6.0, 11.0])


def test_age_is_the_response_of_time_turned_round() -> None:
    """One look from hour 2 to 4 of 12: instants of the last 8 h are 0 to 8 h later than it."""
    age = ages(gaps(spans_of((0, 2, 4)), 1, 12.0), 1, 8.0, 12.0)
    assert age.mean_s()[0] == pytest.approx(4.0)
    assert age.quantile_s(0.25)[0] == pytest.approx(2.0)
    assert age.unknown[0] == 0.0


def test_a_place_in_view_all_the_time_waits_for_nothing_and_one_never_seen_for_ever() -> None:
    blind = gaps(spans_of((0, 0, 12)), 2, 12.0)
    response = responses(blind, 2, 10.0, 12.0)
    assert response.quantile_s(0.9).tolist() == [0.0, np.inf]
    assert response.mean_s().tolist() == [0.0, np.inf]
    assert np.isnan(response.mean_s(in_gap=True)[0])
    assert np.isnan(response.quantile_s(0.9, in_gap=True)[0])
    assert response.unknown.tolist() == [0.0, 1.0]
    assert longer_than(blind, np.ones(2), np.array([0.0, 1.0]), 10.0, 12.0) == pytest.approx([0.5, 0.5])


def test_quantiles_of_waits_agree_with_a_fine_grid_of_instants() -> None:
    rng = np.random.default_rng(5)
    cell, start_s = rng.integers(0, 3, 60), rng.uniform(0, 1000, 60)
    seen = joined(Spans(cell, start_s, start_s + rng.exponential(3.0, 60)))
    instants_s = np.tile((np.arange(40_000) + 0.5) / 40_000 * 800.0, (3, 1))
    response = responses(gaps(seen, 3, 1010.0), 3, 800.0, 1010.0)
    waits_s = next_s(seen, instants_s)
    for level in (0.1, 0.5, 0.9, 0.99):
        assert response.quantile_s(level) == pytest.approx(np.quantile(waits_s, level, axis=1), abs=0.1)
    assert response.mean_s() == pytest.approx(waits_s.mean(axis=1), abs=0.05)
    age = ages(gaps(seen, 3, 1010.0), 3, 800.0, 1010.0)
    since_s = last_s(seen, instants_s + 210.0)
    assert age.quantile_s(0.5) == pytest.approx(np.quantile(since_s, 0.5, axis=1), abs=0.1)


def test_the_next_and_the_last_look_are_those_of_the_same_place() -> None:
    seen = spans_of((0, 2, 4), (2, 1, 2))
    instants_s = np.tile([0.0, 3.0, 5.0], (3, 1))
    never = np.inf
    assert next_s(seen, instants_s).tolist() == [[2, 0, never], [never] * 3, [1, never, never]]
    assert last_s(seen, instants_s).tolist() == [[never, 0, 1], [never] * 3, [never, 1, 3]]
    assert (last_s(seen, instants_s - 10.0) == never).all()


def test_looks_meet_if_no_more_than_the_offset_lies_between_them() -> None:
    """Asset 0 at hours 0 to 1 and 5 to 6, asset 1 at 3 to 4; another place knows nothing of them."""
    looked, asset = spans_of((0, 0, 1), (0, 5, 6), (0, 3, 4), (1, 3, 4)), np.array([0, 0, 1, 0])
    assert met(looked, asset, 0.5).tolist() == [False, False, False, False]
    assert met(looked, asset, 1.0).tolist() == [False, True, True, False]
    assert met(looked, asset, 2.0).tolist() == [True, True, True, False]
    assert not met(looked, np.zeros(4, np.int64), 9.0).any()


def test_time_in_view_is_shared_out_to_the_hours_of_the_day() -> None:
    """From 22:30 to 01:15 of the next day, at a place where the run begins at 01:00; and a whole day."""
    held = by_hour_s(spans_of((0, 21.5 * HOUR, 24.25 * HOUR), (1, 0, DAY)), np.array([1.0, 0.5]), np.array([HOUR, 0.0]))
    wanted: Floats = np.full(24, 0.5)
    wanted[[22, 23, 0, 1]] += [0.5, 1.0, 1.0, 0.25]
    assert held / HOUR == pytest.approx(wanted)


def test_time_in_view_during_a_state_of_the_air_is_the_overlap() -> None:
    seen = spans_of((0, 2, 4), (0, 6, 9), (2, 0, 10))
    cell, from_s, to_s = np.array([0, 0, 1, 2]), np.array([3.0, 0.0, 0.0, 4.0]), np.array([7.0, 20.0, 20.0, 5.0])
    assert within_s(seen, cell, from_s, to_s).tolist() == [2.0, 5.0, 0.0, 1.0]


def out_and_back(lap_m: float, arcs_m: Any, stints: list[Stint]) -> Any:
    targets = Targets.blank(1)
    columns = {name: getattr(targets, name) for name in Targets.__slots__}
    zeros, ones = np.zeros(1, np.int64), np.ones(1)
    sight = Sight(zeros, zeros, np.array([lap_m]), np.array([arcs_m]), np.ones((1, 8)), 0 * ones, ones, ones)
    return windows(sight, stints, Targets(**columns | {"end_s": np.array([DAY])}))


def test_a_patrol_is_seen_out_and_back_on_each_lap() -> None:
    """A lap of 100 m at 1 m/s with the place in view from metre 10 to 20 and 80 to 90, flown for 250 s from metre 15 on."""
    seen = out_and_back(100.0, [[10.0, 20.0], [80.0, 90.0]], [Stint(0, 0, 0.0, 250.0, 15.0, 1.0)])
    looked, unit = looks(seen)
    assert told(looked) == [(0, 0, 5), (0, 65, 75), (0, 95, 105), (0, 165, 175), (0, 195, 205)]
    assert unit.tolist() == [0] * 5
    assert looked.seconds(1)[0] == seen.seen_s.sum()
    assert told(looks(seen, pause_s=20.0)[0]) == [(0, 0, 5), (0, 65, 105), (0, 165, 205)]


def test_a_scan_shorter_than_the_pause_and_a_stare_are_one_look() -> None:
    scan = out_and_back(60.0, [[0.0, 2.0]], [Stint(3, 0, 0.0, 6000.0, 0.0, 1.0)])
    assert len(in_view(scan).cell) == 100
    assert told(looks(scan, pause_s=60.0)[0]) == [(0, 0, 6000)]
    stare = out_and_back(1.0, [[0.0, 1.0]], [Stint(3, 0, 0.0, 100.0), Stint(4, 0, 50.0, 200.0)])
    looked, unit = looks(stare)
    assert told(looked) == [(0, 0, 100), (0, 50, 200)]
    assert unit.tolist() == [3, 4]


def test_nothing_seen_is_one_gap_at_every_place() -> None:
    nothing = Spans.join([])
    assert told(at_least(edges_of(nothing))) == []
    assert most(edges_of(nothing), 2).tolist() == [0, 0]
    assert told(gaps(nothing, 2, 9.0)) == [(0, 0, 9), (1, 0, 9)]
    assert np.isnan(lasting(nothing, 2, 9.0).mean_s()).all()
    assert np.isnan(lasting(nothing, 2, 9.0).quantile_s(0.5)).all()
    assert met(nothing, np.zeros(0, np.int64), 1.0).tolist() == []
    assert within_s(nothing, np.zeros(1, np.int64), np.zeros(1), np.ones(1)).tolist() == [0.0]


def test_large_numbers_of_assets_blur_no_look() -> None:
    """Drones are numbered by the name of their orbit, up to a thousand million: looks of five minutes over half a year stay apart."""
    rng = np.random.default_rng(7)
    start_s = np.sort(rng.uniform(0.0, 180 * DAY, 400))
    looked = Spans(np.zeros(400, dtype=np.int64), start_s, start_s + 300.0)
    small = np.arange(400) % 4
    large = np.array([17_002, 900_000_001, 1_048_575_999, 5])[small]
    assert met(looked, large, 300.0).tolist() == met(looked, small, 300.0).tolist()
    assert 0.0 < met(looked, large, 0.0).mean() < 0.2
