"""Clusters that hear emitters: which, how often they pass, and how well they tell the place."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.dice import Dice
from sim.ops import rehearse
from sim.orbits import Overhead
from sim.scene import Scene, Stage, Targets
from sim.sensors.overpasses import LOOK_S
from sim.sensors.rf_satellite import RfSatellite
from sim.sky import Sky
from sim.story import Play
from sim.units import DAY
from sim.watch import Link, Throws, contacts, windows
from sim.world import World

Standing = Callable[..., Targets]

POLAR = {"pattern": "walker", "altitude": "525 km", "inclination": "97.5 deg", "planes": 1, "per_plane": 1}
NEAR = {"pattern": "walker", "altitude": "550 km", "inclination": "20 deg", "planes": 3, "per_plane": 2}


def cluster(**written: Any) -> RfSatellite:
    one = RfSatellite.choose({"kind": "rf_satellite", "name": "it", "orbit": NEAR} | written)
    assert isinstance(one, RfSatellite)
    return one


@pytest.fixture
def four_days(stage: Stage) -> Stage:
    return replace(stage, length_s=4 * DAY, horizon_s=4 * DAY, memo={})


def p_look(scene: Scene, standing: Standing, offset_m: float = 5_000.0, one: RfSatellite | None = None, **columns: Any) -> float:
    """Chance that one look finds a target at km 50, from the rate and the second that a look lasts."""
    sight = (one or cluster()).sight(standing(50_000.0, offset_m, **columns), scene)
    return float(1.0 - np.exp(-sight.rate_per_s[0, 0] * LOOK_S)) if len(sight) else 0.0


@pytest.mark.parametrize("emitter_w", [100.0, 1_000.0, 50_000.0])
@pytest.mark.parametrize("offset_m", [-90_000.0, 0.0, 20_000.0])
def test_what_is_strong_is_located_with_the_chance_of_a_passage_near_and_far(
    scene: Scene, standing: Standing, emitter_w: float, offset_m: float
) -> None:
    assert p_look(scene, standing, offset_m, emitter_w=emitter_w) == pytest.approx(0.7)


@pytest.mark.parametrize(
    "columns",
    [
        {"emitter_w": 5.0},
        {"emitter_w": 50.0},
        {"heat_k": 500.0, "sound_db": 180.0, "rcs_m2": 10.0},
        {"size_m": np.nan, "trace_m": 30.0},
    ],
    ids=["a handset", "a set on a vehicle", "a gun that fires", "a crater"],
)
def test_tactical_radios_and_what_is_silent_are_never_heard(scene: Scene, standing: Standing, columns: dict[str, Any]) -> None:
    assert p_look(scene, standing, **columns) == 0.0


def test_beyond_the_ground_that_is_asked_for_nothing_is_heard(scene: Scene, standing: Standing) -> None:
    assert p_look(scene, standing, 100_500.0, emitter_w=100.0) == 0.0


def test_who_is_on_the_air_for_a_third_of_the_time_is_located_a_third_as_often(scene: Scene, standing: Standing) -> None:
    assert p_look(scene, standing, one=cluster(duty=1 / 3), emitter_w=1_000.0) == pytest.approx(0.7 / 3)


def test_all_states_of_the_sky_and_nets_are_alike(scene: Scene, standing: Standing) -> None:
    rate = cluster().sight(standing([20_000.0, 60_000.0], 0.0, emitter_w=100.0, hidden=[False, True]), scene).rate_per_s
    assert rate.shape == (2, 8)
    assert (rate == rate[0, 0]).all()


def test_a_polar_cluster_passes_48_north_3_9_times_a_day(stage: Stage) -> None:
    """An independent propagator, mean over 18 longitudes and 40 days: 3.871 at 10 deg of elevation and more."""
    month = replace(stage, memo={})
    found = cluster(orbit=POLAR).windows_over(month, np.linspace(0.0, 340.0, 18), np.full(18, 48.0))
    assert len(found) / 18 / 30 == pytest.approx(3.871, rel=0.02)
    assert found.elevation_deg.min() >= 10.0 - 1e-6
    assert 5 * 60 < np.median(found.end_s - found.start_s) < 8 * 60  # windows of 5 to 8 min


def test_each_passage_is_one_look_at_each_tile_one_after_the_other(four_days: Stage, sky_over: Callable[..., Sky]) -> None:
    one, scene = cluster(), Scene(four_days, sky_over(cloud=[1.0] * 12))
    stints, looks = rehearse(one, scene, Dice(1, 0)).stints, one.looks(four_days)
    assert len(one.tracks(scene)) == 2
    assert len(stints) == len(looks) > 100  # cloud does not matter
    assert sorted({stint.unit for stint in stints}) == list(one.units(four_days)) == list(range(6))
    for unit in one.units(four_days):
        mine = [stint for stint in stints if stint.unit == unit]
        begins, ends = np.array([stint.on_s for stint in mine]), np.array([stint.off_s for stint in mine])
        assert (ends - begins == 1.0).all()
        assert (begins[1:] >= ends[:-1]).all()
        assert np.abs(begins - looks.closest_s[looks.satellite == unit]).max() < 2.0


def test_who_transmits_for_a_part_of_the_passage_is_met_with_that_share(
    four_days: Stage, sky_over: Callable[..., Sky], standing: Standing
) -> None:
    """Bursts of 2 min, begun at any instant, are located with 0.7 of the share of time that they fill in all passages together."""
    one, scene = cluster(), Scene(four_days, sky_over())
    begins_s = np.linspace(0.0, 4 * DAY - 120.0, 20_000)
    targets = standing(np.full(20_000, 10_000.0), 5_000.0, begins_s, begins_s + 120.0, emitter_w=100.0)
    seen = windows(one.sight(targets, scene), rehearse(one, scene, Dice(1, 0)).stints, targets)
    located = float(-np.expm1(-seen.rate_per_s * seen.seen_s).sum()) / 20_000
    looks = int((one.looks(four_days).point == 0).sum())
    assert located == pytest.approx(0.7 * looks * 120.0 / (4 * DAY), rel=0.02)


def test_the_place_is_told_to_three_kilometres(four_days: Stage, sky_over: Callable[..., Sky], standing: Standing) -> None:
    one, scene = cluster(), Scene(four_days, sky_over())
    targets = standing(np.linspace(1_000.0, 99_000.0, 400), 5_000.0, emitter_w=100.0)
    targets = replace(targets, key=np.arange(400).astype(np.uint64), end_s=np.full(400, 4 * DAY))
    sight = one.sight(targets, scene)
    dice = Dice(1, 0)
    throws = Throws(dice("detect", "it"), dice("place", "it"), Link(one.deliver, dice("deliver", "it")))
    found = contacts(sight, windows(sight, rehearse(one, scene, dice).stints, targets), targets, throws, 4 * DAY)
    assert len(found) > 1_500  # 400 emitters and 6 clusters, with passage after passage
    east_m, north_m, late_s = (np.array([getattr(each, name) for each in found]) for name in ("east_m", "north_m", "known_s"))
    assert (east_m.std(), north_m.std()) == pytest.approx((3_000.0, 3_000.0), rel=0.05)
    assert np.median(late_s - np.array([each.seen_s for each in found])) == pytest.approx(4 * 3600.0, rel=0.1)


def test_jammers_are_found_and_guns_are_not(played: Callable[..., Play]) -> None:
    play = played("""
violations:
  jam: {kind: jamming, rate: 4 /day, lasts: {law: fixed, value: 24 h}}
  trench: {kind: jamming, rate: 4 /day, emitter: 10 W}
  fire: {kind: shelling, rate: 10 /day}
  guns: {kind: heavy_weapons, rate: 10 /day}
sensors:
  it:
    kind: rf_satellite
    orbit: {pattern: walker, altitude: 550 km, inclination: 20 deg, planes: 3, per_plane: 2}
    false_alarms_per_look: 0
""")
    share = found_by_kind(play)
    assert share["jam"] > 0.8
    assert (share["trench"], share["fire"], share["guns"]) == (0.0, 0.0, 0.0)


def found_by_kind(play: Play) -> dict[str, float]:
    """Share of the incidents of each entry that the sensor has found."""
    world: World = play.world
    seen = {entry.incident for entry in play.log.of("contact")}
    return {
        kind: float(np.isin(np.flatnonzero(world.incidents.kind == number), list(seen)).mean())
        for number, kind in enumerate(world.incidents.kinds)
    }


def test_false_alarms_are_few(played: Callable[..., Play]) -> None:
    """Six clusters, two tiles and some 9 passages a day for 11 days, a thousandth each: about one."""
    play = played("""
sensors: {it: {kind: rf_satellite, orbit: {pattern: walker, altitude: 550 km, inclination: 20 deg, planes: 3, per_plane: 2}}}
""")
    assert sum(1 for _ in play.log.of("alarm")) <= 6


def test_orbits_that_never_come_near_and_orbits_in_the_air_are_pointed_out(stage: Stage) -> None:
    north = replace(stage, memo={})
    steep = cluster(elevation="70 deg")
    assert steep.concerns(north) == ["listens only above 70 deg of elevation; 10 deg is customary"]
    assert cluster().concerns(north) == []
    assert cluster().reach_m(north) == [(0.0, stage.line.length_m)]
    assert "no satellite stays up" in cluster(orbit=NEAR | {"altitude": "100 km"}).concerns(north)[0]
    assert isinstance(cluster(), Overhead)


def test_an_orbit_that_stays_south_reaches_nothing(told: Callable[..., World]) -> None:
    """From 550 km one hears 16 deg of arc at 10 deg of elevation: from 5 deg of inclination not up to 48 N."""
    world = told("""
line: {points: [[30.0, 48.0], [31.0, 48.0]]}
bases: {base: {at: [30.4, 48.0]}}
length: 2 days
sensors: {it: {kind: rf_satellite, orbit: {pattern: walker, altitude: 550 km, inclination: 5 deg, planes: 1, per_plane: 1}}}
""")
    one = world.scenario.sensors["it"]
    assert one.reach_m(world.stage) == []
    assert "no satellite ever passes" in one.concerns(world.stage)[0]
    assert one.notes(world.stage) == ["a place of the line is passed 0.0 times a day by all its satellites together"]
