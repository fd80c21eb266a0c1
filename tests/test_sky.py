"""The air: shares of time, persistence, daylight, interference; the same for everybody under it."""

from bisect import bisect_right
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.dice import Dice
from sim.line import Line
from sim.physics.acoustics import WEATHER_SHARES, WEATHERS
from sim.physics.imaging import cloud_free
from sim.physics.sun import CIVIL_DEG, elevation_deg
from sim.scene import Stage
from sim.sky import GAP_M, JAMMED, MURK, NIGHT, Air, Environment, Sky, dark_spans, draw_sky, merged
from sim.units import DAY, HOUR
from sim.weather import JamWindow, Limits, Region, Weather, renewals_s

SkyOver = Callable[..., Sky]

MONTHS: Any = tuple(np.linspace(0.2, 0.75, 12).tolist())


def looks(sky: Sky, at_s: Any, place: Any, chainage_m: float = 50_000.0, elevation: float = 90.0) -> np.ndarray:
    at_s, place = np.broadcast_arrays(np.asarray(at_s, dtype=np.float64), np.asarray(place))
    return sky.clear(np.full(at_s.shape, chainage_m), place * GAP_M, at_s, np.full(at_s.shape, elevation))


def test_cld_01_three_daily_looks_at_persistent_cloud(stage: Stage) -> None:
    """Clear for 0.4 of the time, and after a cloudy day with 0.3: one of three daily looks is clear with 0.706, not 0.784.

    A day is in the same spell as the day before with exp(-24 / 17.3) = 1/4, so it turns clear with 3/4 of 0.4.
    """
    horizon_s, dice = 90_000 * DAY, Dice(1, 0)
    spells_s = renewals_s(dice, 0, Weather().spell_s, horizon_s)
    throws = dice("severity", 0).uniform(np.arange(len(spells_s)))
    region = Region(spells_s, throws, throws)
    sky = Sky(Weather(cloud=(0.6,) * 12), stage.start, horizon_s, (region,), (), dice)
    clear = looks(sky, np.arange(90_000) * DAY, 7).reshape(-1, 3)
    assert clear.mean() == pytest.approx(0.4, abs=0.01)
    assert clear.any(axis=1).mean() == pytest.approx(0.706, abs=0.01)


def test_cloud_persists_by_a_quarter_from_day_to_day(sky_over: SkyOver) -> None:
    pairs = [looks(sky_over(replication, cloud=(0.6,) * 12), np.arange(30) * DAY, 7) for replication in range(200)]
    today, tomorrow = (np.concatenate([one[step : 29 + step] for one in pairs]) for step in (0, 1))
    assert np.corrcoef(today, tomorrow)[0, 1] == pytest.approx(0.25, abs=0.05)


@pytest.mark.parametrize("elevation", [90.0, 45.0])
def test_the_chance_of_a_clear_look_is_that_of_the_line_of_sight(sky_over: SkyOver, elevation: float) -> None:
    """Over many places under many spells."""
    shares = [
        looks(sky_over(replication, cloud=(0.5,) * 12), 15 * DAY, np.arange(20), elevation=elevation).mean() for replication in range(500)
    ]
    assert np.mean(shares) == pytest.approx(float(cloud_free(0.5, elevation)), abs=0.06)


def test_overcast_is_the_same_for_all_places_of_a_region(sky_over: SkyOver) -> None:
    for replication in range(50):
        seen = looks(sky_over(replication, cloud=(0.5,) * 12), 15 * DAY, np.arange(20))
        assert seen.all() or not seen.any()


@pytest.mark.parametrize("share", [0.02, 0.3])
def test_murk_rules_its_share_of_the_time_from_the_start(sky_over: SkyOver, share: float) -> None:
    skies = [sky_over(replication, murk=(share,) * 12) for replication in range(400)]
    for at_s in (0.0, 20 * DAY):
        murky = np.mean([sky.state(0, at_s) & MURK > 0 for sky in skies])
        assert murky == pytest.approx(share, abs=4 * (share / 400) ** 0.5)


def test_flying_is_ruled_by_the_share_of_each_month(sky_over: SkyOver) -> None:
    """March has 0.3 here; the run is March."""
    skies = [sky_over(replication) for replication in range(300)]
    shares = []
    for sky in skies:
        begins_s, ends_s = sky.rules(0, Limits(MONTHS))
        shares.append((ends_s - begins_s).sum() / (30 * DAY))
    assert np.mean(shares) == pytest.approx(0.3, abs=0.03)


def test_worse_weather_grounds_whoever_milder_weather_grounds(sky_over: SkyOver) -> None:
    sky = sky_over()
    at_s = np.arange(0.0, 30 * DAY, HOUR)
    mild, bad = (
        np.searchsorted(begins_s, at_s, side="right") > np.searchsorted(ends_s, at_s, side="right")
        for begins_s, ends_s in (sky.rules(0, Limits((share,) * 12)) for share in (0.2, 0.5))
    )
    assert (bad >= mild).all()
    assert bad.sum() > mild.sum() > 0


def test_fit_from_and_fit_until_are_the_edges_of_what_rules(sky_over: SkyOver) -> None:
    sky = sky_over(3)
    grounded, never = Limits((0.4,) * 12), Limits((0.0,) * 12)
    begins_s, ends_s = sky.rules(0, grounded)
    assert len(begins_s) > 5
    for begin_s, end_s in zip(begins_s[1:-1], ends_s[1:-1], strict=True):
        assert sky.fit_from(0, grounded, (begin_s + end_s) / 2) == end_s
        assert sky.fit_from(0, grounded, begin_s) == end_s
        assert sky.fit_from(0, grounded, end_s) == end_s
        assert sky.fit_until(0, grounded, begin_s - 1.0) == begin_s
        assert sky.fit_until(0, grounded, begin_s) > end_s
    assert sky.fit_from(0, never, 5.0) == 5.0
    assert sky.fit_from(0, Limits((1.0,) * 12), 5.0) == np.inf
    assert sky.fit_until(0, never, 5.0) == np.inf


def test_a_longer_run_begins_with_the_shorter(stage: Stage) -> None:
    air = Environment(weather=Weather(murk=(0.3,) * 12), jamming={})
    short, long = (draw_sky(air, stage.line, stage.start, days * DAY, [], Dice(1, 0)) for days in (10, 40))
    for one, two in zip(short.regions, long.regions, strict=True):
        assert two.spells_s[: len(one.spells_s)].tolist() == one.spells_s.tolist()
        assert two.severity[: len(one.severity)].tolist() == one.severity.tolist()
    for few, many in zip(short.patches, long.patches, strict=True):
        assert many.turns_s[: len(few.turns_s)] == few.turns_s
        assert many.states[: len(few.states)] == few.states


def test_night_falls_and_ends_when_the_sun_passes_civil_twilight(stage: Stage) -> None:
    begins_s, ends_s = dark_spans(stage.line, 50_000.0, stage.start, 5 * DAY)
    assert begins_s[0] == 0.0  # midnight in London is before dawn at 30 degrees east
    assert len(ends_s) == 6
    turns_s = np.concatenate([begins_s[1:], ends_s[:-1]])
    lon, lat = stage.line.to_lonlat(*stage.line.at(np.array([50_000.0])))
    assert elevation_deg(stage.start.timestamp() + turns_s, lon[0], lat[0]).tolist() == pytest.approx([CIVIL_DEG] * 10, abs=0.02)
    assert (ends_s[1:5] - begins_s[1:5]).tolist() == pytest.approx([12 * HOUR - 6.7 / 15 * 2 * HOUR + 0.9 * 240 / 15] * 4, abs=600.0)


def test_polar_night_never_ends_and_polar_day_never_begins_to(stage: Stage) -> None:
    line = Line.from_lonlat(np.array([[30.0, 78.0], [34.0, 78.0]]))
    begins_s, ends_s = dark_spans(line, 0.0, stage.start.replace(month=1), 3 * DAY)
    assert (begins_s.tolist(), ends_s.tolist()) == ([0.0], [3 * DAY])
    assert not len(dark_spans(line, 0.0, stage.start.replace(month=6), 3 * DAY)[0])


def test_states_are_laid_over_one_another() -> None:
    layers = [
        (NIGHT, np.array([0.0, 20.0]), np.array([10.0, 30.0])),
        (MURK, np.array([5.0]), np.array([25.0])),
        (JAMMED, np.array([8.0, 9.0]), np.array([12.0, 26.0])),
    ]
    turns_s, states = merged(layers, 40.0)
    expected = {0.0: NIGHT, 5.0: NIGHT | MURK, 8.0: NIGHT | MURK | JAMMED, 10.0: MURK | JAMMED, 20.0: NIGHT | MURK | JAMMED}
    expected |= {25.0: NIGHT | JAMMED, 26.0: NIGHT, 30.0: 0}
    assert dict(zip(turns_s, states, strict=True)) == expected


def test_interference_lies_over_the_patches_that_it_touches(stage: Stage) -> None:
    """Patches are 25 km long."""
    jams = [JamWindow(20_000.0, 40_000.0, HOUR, 2 * HOUR)]
    sky = draw_sky(Environment(weather=Weather(murk=(0.0,) * 12)), stage.line, stage.start, DAY, jams, Dice(1, 0))
    jammed = [sky.state(sky.patch_of(chainage_m), 1.5 * HOUR) & JAMMED > 0 for chainage_m in np.arange(500.0, 100_000.0, 1000.0)]
    assert all(jammed[20:40])
    assert not any(jammed[50:])
    assert not sky.state(sky.patch_of(30_000.0), 2.5 * HOUR) & JAMMED


def test_sound_carries_far_on_half_of_the_nights(sky_over: SkyOver) -> None:
    at_s = np.arange(0.0, 30 * DAY, HOUR)
    told = np.array([sky_over(number).carries(np.full(len(at_s), 5_000.0), at_s) for number in range(60)])
    shares = [float((told == factor).mean()) for factor in WEATHERS]
    assert shares == pytest.approx(list(WEATHER_SHARES), abs=0.04)
    assert sum(shares) == 1.0


Lane: TypeAlias = tuple[list[float], list[int]]


@st.composite
def lanes(draw: st.DrawFn) -> list[Lane]:
    """Two to six timelines of 1,000 s, each from 0 on."""
    found = []
    for _ in range(draw(st.integers(2, 6))):
        turns_s = sorted(draw(st.sets(st.integers(1, 999), max_size=8)))
        states = draw(st.lists(st.integers(0, 15), min_size=len(turns_s) + 1, max_size=len(turns_s) + 1))
        found.append(([0.0, *map(float, turns_s)], states))
    return found


@given(lanes(), st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1_200), st.integers(-50, 1_200)), max_size=12))
def test_parts_of_one_span_are_those_of_many(timelines: list[Lane], asked: list[tuple[int, int, int]]) -> None:
    """Whatever the turns: spans that begin or end on one, that are empty, that reach past the end of the run."""
    air = Air.of(timelines, 1_000.0)
    spans = [(lane % len(timelines), float(from_s), float(from_s + for_s)) for lane, from_s, for_s in asked]
    lane, from_s, to_s = (np.array([span[column] for span in spans], dtype=kind) for column, kind in enumerate((np.int64, float, float)))
    row, begin_s, end_s, state = air.during(lane, from_s, to_s)
    told = list(zip(row.tolist(), begin_s.tolist(), end_s.tolist(), state.tolist(), strict=True))
    assert told == [(number, *part) for number, span in enumerate(spans) for part in air.parts(*span)]
    for number, (index, begin, end) in enumerate(spans):
        held_s = {at: timelines[index][1][bisect_right(timelines[index][0], at) - 1] for at in np.arange(begin + 0.5, min(end, 1_000.0))}
        assert held_s == {at: part[3] for part in told if part[0] == number for at in np.arange(part[1] + 0.5, part[2])}
