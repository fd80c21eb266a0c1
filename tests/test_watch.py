"""The join of space and time, held against counting second by second."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.dice import Dice
from sim.model import Fixed
from sim.scene import Targets
from sim.sky import JAMMED, MURK, NIGHT, STATES, Sky
from sim.units import DAY, HOUR
from sim.watch import Link, Sight, Stint, Throws, Windows, contacts, given_before, pairs, windows
from sim.weather import JamWindow

DICE = Dice(1, 0)
THROWS = Throws(DICE("detect", "it"), DICE("place", "it"), Link(None, DICE("deliver")))
FOR_EVER = 1e9


def sight(
    arcs_m: Sequence[Sequence[tuple[float, float]]], lap_m: float = 100.0, rate_per_s: float = 1.0, target: Any = None, track: Any = None
) -> Sight:
    """A sight of as many targets as there are lists of arcs, all on track 0 unless told."""
    rows = np.arange(len(arcs_m))
    ones = np.ones(len(rows))
    wide = max(map(len, arcs_m))
    arcs = np.array([[*row, *[(lap_m, lap_m)] * (wide - len(row))] for row in arcs_m], dtype=np.float64)
    targets = rows if target is None else np.asarray(target)
    tracks = 0 * rows if track is None else np.asarray(track)
    return Sight(targets, tracks, lap_m * ones, arcs, np.full((len(rows), STATES), rate_per_s), 0 * ones, ones, ones)


def lasting(start_s: Sequence[float], end_s: Sequence[float]) -> Targets:
    return replace(Targets.blank(len(start_s)), start_s=np.array(start_s, dtype=np.float64), end_s=np.array(end_s, dtype=np.float64))


def found(sights: Sight, stints: Sequence[Stint], targets: Targets) -> list[Any]:
    return contacts(sights, windows(sights, stints, targets), targets, THROWS, FOR_EVER)


@st.composite
def small_worlds(draw: st.DrawFn) -> tuple[Sight, list[Stint], Targets]:
    """Three targets, two tracks, two units, all in whole seconds and half metres."""
    targets, rows = 3, []
    for _ in range(targets):
        cuts = sorted(draw(st.sets(st.integers(0, 40), min_size=4, max_size=4)))
        rows.append([(cuts[0] + 0.5, cuts[1] + 0.5), (cuts[2] + 0.5, cuts[3] + 0.5)])
    start = draw(st.lists(st.integers(0, 300), min_size=targets, max_size=targets))
    lasts = draw(st.lists(st.integers(1, 300), min_size=targets, max_size=targets))
    stints, unit_free = [], [0, 0]
    for _ in range(draw(st.integers(1, 6))):
        unit, track = draw(st.integers(0, 1)), draw(st.integers(0, 1))
        on = unit_free[unit] + draw(st.integers(0, 60))
        unit_free[unit] = off = on + draw(st.integers(1, 150))
        stints.append(Stint(unit, track, float(on), float(off), float(draw(st.integers(0, 90))), float(draw(st.integers(0, 3)))))
    places = sight(rows, 42.0, 0.01, track=draw(st.lists(st.integers(0, 1), min_size=targets, max_size=targets)))
    return places, stints, lasting(start, [a + b for a, b in zip(start, lasts, strict=True)])


def counted_s(sights: Sight, row: int, stint: Stint, start_s: float, end_s: float) -> float:
    """Count twelfths of seconds in view at their middles; whole speeds up to 3 m/s meet edges on half metres only between two of them."""
    begin_s, stop_s = max(stint.on_s, start_s), min(stint.off_s, end_s)
    at_s = np.arange(begin_s + 1 / 24, stop_s, 1 / 12)
    place_m = (stint.arc_m + stint.speed_mps * (at_s - stint.on_s)) % sights.lap_m[row]
    inside = [(begin_m <= place_m) & (place_m <= end_m) for begin_m, end_m in sights.arcs_m[row]]
    return float(np.logical_or.reduce(inside).sum()) / 12


@given(small_worlds())
@settings(max_examples=60, deadline=None)
def test_windows_are_what_counting_finds(world: tuple[Sight, list[Stint], Targets]) -> None:
    sights, stints, targets = world
    seen = windows(sights, stints, targets)
    joined = {(int(row), int(stint)): float(s) for row, stint, s in zip(seen.row, seen.stint, seen.seen_s, strict=True)}
    for row in range(len(sights)):
        for number, stint in enumerate(stints):
            counted = counted_s(sights, row, stint, targets.start_s[row], targets.end_s[row]) if stint.track == sights.track[row] else 0.0
            assert joined.get((row, number), 0.0) == pytest.approx(counted)


@given(small_worlds())
@settings(max_examples=60, deadline=None)
def test_pairs_are_those_of_two_nested_loops(world: tuple[Sight, list[Stint], Targets]) -> None:
    sights, stints, targets = world
    track, on_s, off_s = (np.array([stint[column] for stint in stints]) for column in (1, 2, 3))
    row, stint = pairs(sights, targets, track, on_s, off_s)
    expected = {
        (r, s)
        for r in range(len(sights))
        for s, one in enumerate(stints)
        if one.track == sights.track[r] and one.on_s < targets.end_s[r] and one.off_s > targets.start_s[r]
    }
    assert len(row) == len(expected)
    assert set(zip(row.tolist(), stint.tolist(), strict=True)) == expected


@given(small_worlds(), st.floats(1.0, 5.0))
@settings(max_examples=60, deadline=None)
def test_a_higher_rate_never_finds_later_under_the_same_dice(world: tuple[Sight, list[Stint], Targets], times: float) -> None:
    sights, stints, targets = world
    first = {(one.target, one.unit): one.seen_s for one in found(sights, stints, targets)}
    better = {(one.target, one.unit): one.seen_s for one in found(replace(sights, rate_per_s=times * sights.rate_per_s), stints, targets)}
    assert all(better[pair] <= seen_s for pair, seen_s in first.items())


@given(small_worlds(), st.floats(0.0, 0.4))
@settings(max_examples=60, deadline=None)
def test_a_wider_view_never_finds_later_under_the_same_dice(world: tuple[Sight, list[Stint], Targets], by_m: float) -> None:
    sights, stints, targets = world
    wider = replace(sights, arcs_m=sights.arcs_m + np.array([-by_m, by_m]))
    first = {(one.target, one.unit): one.seen_s for one in found(sights, stints, targets)}
    better = {(one.target, one.unit): one.seen_s for one in found(wider, stints, targets)}
    assert all(better[pair] <= seen_s + 1 / 1024 for pair, seen_s in first.items())


@given(small_worlds(), st.floats(1.0, 149.0))
@settings(max_examples=60, deadline=None)
def test_a_stint_in_two_legs_sees_what_the_whole_sees(world: tuple[Sight, list[Stint], Targets], after_s: float) -> None:
    sights, stints, targets = world
    legs = []
    for stint in stints:
        at_s = round(stint.on_s + after_s)
        if stint.on_s < at_s < stint.off_s:
            second = stint._replace(on_s=float(at_s), arc_m=stint.arc_m + stint.speed_mps * (at_s - stint.on_s))
            legs += [stint._replace(off_s=float(at_s)), second]
        else:
            legs.append(stint)
    whole, split = found(sights, stints, targets), found(sights, legs, targets)
    assert [one[2:] for one in sorted(whole, key=lambda one: one[2:4])] == [one[2:] for one in sorted(split, key=lambda one: one[2:4])]
    for one, two in zip(sorted(whole, key=lambda one: one[2:4]), sorted(split, key=lambda one: one[2:4]), strict=True):
        assert two.seen_s == pytest.approx(one.seen_s, abs=2 / 1024)


def test_a_unit_that_holds_sees_what_its_place_sees() -> None:
    sights, always = sight([[(20.0, 30.0)]]), lasting([0.0], [1000.0])
    assert windows(sights, [Stint(0, 0, 0.0, 100.0, 25.0)], always).seen_s.tolist() == [100.0]
    assert windows(sights, [Stint(0, 0, 0.0, 100.0, 225.0)], always).seen_s.tolist() == [100.0]
    assert not len(windows(sights, [Stint(0, 0, 0.0, 100.0, 35.0)], always).row)


def test_who_cannot_miss_sees_at_once_when_it_comes_in_view() -> None:
    sights, always = sight([[(20.0, 30.0), (70.0, 80.0)]], rate_per_s=np.inf), lasting([0.0], [1000.0])
    for at_m, seen_s in ((0.0, 20.0), (25.0, 0.0), (30.0, 40.0), (80.0, 40.0), (81.0, 39.0)):
        assert [one.seen_s for one in found(sights, [Stint(0, 0, 0.0, 500.0, at_m, 1.0)], always)] == [seen_s]


def test_a_unit_sees_a_target_for_the_first_time_once_only() -> None:
    sights = sight([[(20.0, 30.0)]], rate_per_s=10.0)
    stints = [Stint(0, 0, 500.0 * n, 500.0 * n + 400, 0.0, 1.0) for n in range(4)]
    assert len(found(sights, stints, lasting([0.0], [2000.0]))) == 1


def test_senses_of_a_unit_have_throws_of_their_own() -> None:
    arcs_m = [[(0.0, 100.0)]] * 2
    eyes = sight(arcs_m, rate_per_s=0.01, target=[0, 0])
    both = replace(eyes, sense=np.array([0, 1]))
    target, stint = lasting([0.0], [1e6]), [Stint(0, 0, 0.0, 1e6, 0.0, 1.0)]
    seen_s = [one.seen_s for one in found(both, stint, target)]
    assert len(seen_s) == 2
    by_eye = found(sight(arcs_m[:1], rate_per_s=0.01), stint, target)
    assert by_eye[0].seen_s in seen_s


def test_the_first_of_two_senses_comes_as_soon_as_their_rates_add_up_to() -> None:
    units = range(4000)
    both = replace(sight([[(0.0, 100.0)]] * 2, rate_per_s=0.01, target=[0, 0]), sense=np.array([0, 1]))
    stints = [Stint(unit, 0, 0.0, 1e6, 0.0, 1.0) for unit in units]
    first: dict[int, float] = {}
    for one in found(both, stints, lasting([0.0], [1e6])):
        first.setdefault(one.unit, one.seen_s)
    assert np.mean(list(first.values())) == pytest.approx(50.0, rel=0.05)  # 1 / (0.01 + 0.01)


def test_delays_come_after_the_sight() -> None:
    sights = replace(sight([[(0.0, 100.0)]], rate_per_s=np.inf), delay_s=np.array([7.0]))
    targets = lasting([3.0], [50.0])
    throws = THROWS._replace(link=Link(Fixed(law="fixed", value_s=60.0), DICE("deliver")))
    seen = windows(sights, [Stint(0, 0, 0.0, 100.0, 0.0, 1.0)], targets)
    (one,) = contacts(sights, seen, targets, throws, FOR_EVER)
    assert (one.seen_s, one.known_s) == (3.0, 70.0)
    assert not contacts(sights, seen, targets, throws, horizon_s=69.0)


def test_exposure_given_before_is_summed_by_target_and_eye() -> None:
    whole, some = np.zeros(6, dtype=np.int64), np.zeros(6)
    target, eye = np.array([0, 0, 0, 0, 1, 1]), np.array([0, 0, 0, 1, 1, 1])
    seen = Windows(whole, whole, some, some, some, some, some, some, some, some, target, whole, eye)
    assert given_before(seen, np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])).tolist() == [0.0, 1.0, 3.0, 0.0, 0.0, 16.0]


def test_chances_are_those_of_the_exposure() -> None:
    """5,000 units pass once with 0.7 of exposure: 1 - exp(-0.7) = 0.503 of them see it."""
    stints = [Stint(unit, 0, 0.0, 100.0, 0.0, 1.0) for unit in range(5000)]
    share = len(found(sight([[(10.0, 80.0)]], rate_per_s=0.01), stints, lasting([0.0], [100.0]))) / 5000
    assert share == pytest.approx(1 - np.exp(-0.7), abs=0.02)


def test_windows_turn_with_the_sky_over_the_target(stage: Any, sky_over: Callable[..., Sky]) -> None:
    """A unit that looks for ever at one target has one window a state of the sky, from the start of the run to its end."""
    sky, rates = sky_over(murk=[0.3] * 12), 1.0 + np.arange(STATES, dtype=np.float64)
    sights = replace(sight([[(0.0, 100.0)]]), rate_per_s=rates[None, :])
    seen = windows(sights, [Stint(3, 0, -HOUR, 40 * DAY, 17.0, 2.0)], lasting([-5.0], [1e9]), sky.air())
    turns_s, states = sky.timeline(0)
    assert (seen.from_s[0], seen.to_s[-1]) == (0.0, stage.horizon_s)
    assert seen.from_s.tolist() == turns_s
    assert seen.from_s[1:].tolist() == seen.to_s[:-1].tolist()
    assert seen.rate_per_s.tolist() == rates[states].tolist()
    assert {0, NIGHT, MURK, NIGHT | MURK} == set(states)
    assert seen.start_m[0] == 17.0 + 2.0 * HOUR


def test_each_target_lies_under_its_own_sky(sky_over: Callable[..., Sky]) -> None:
    """Two targets a hundred kilometres apart, one track between them: a jammer over the first does not blind who looks at the second."""
    jams = [JamWindow(-1.0, 20_000.0, 0.0, 1 * HOUR)]
    rates = np.where(np.arange(STATES) & JAMMED, 0.0, 1.0)
    sights = replace(sight([[(0.0, 100.0)]] * 2), rate_per_s=np.tile(rates, (2, 1)))
    targets = replace(lasting([0.0, 0.0], [2 * HOUR] * 2), chainage_m=np.array([5_000.0, 95_000.0]))
    seen = windows(sights, [Stint(0, 0, 0.0, 2 * HOUR)], targets, sky_over(jams=jams).air())
    assert [seen.seen_s[seen.target == one].sum() for one in (0, 1)] == [1 * HOUR, 2 * HOUR]


def test_a_stint_outside_of_the_run_sees_nothing(sky_over: Callable[..., Sky]) -> None:
    stints = [Stint(0, 0, -20.0, -10.0), Stint(0, 0, 31 * DAY, 32 * DAY)]
    assert not len(windows(sight([[(0.0, 100.0)]]), stints, lasting([-1e9], [1e9]), sky_over().air()).row)


def test_a_place_is_told_within_its_ellipse() -> None:
    """5,000 units each report a place with an error of 300 m east, and 400 m north that goes with it half of the way."""
    ellipse_m = np.array([[[300.0, 0.0], [200.0, 400.0]]])
    sights = replace(sight([[(0.0, 100.0)]], rate_per_s=np.inf), spread_m=ellipse_m)
    told = found(sights, [Stint(unit, 0, 0.0, 100.0, 0.0, 1.0) for unit in range(5000)], lasting([0.0], [100.0]))
    errors_m = np.array([[one.east_m, one.north_m] for one in told])
    assert np.cov(errors_m.T) == pytest.approx(ellipse_m[0] @ ellipse_m[0].T, rel=0.05)
    assert np.abs(errors_m.mean(axis=0)).max() < 20.0
