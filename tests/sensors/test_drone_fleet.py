"""Drones: how many aircraft make one station, what weather and losses take, and what a crew sees."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.dice import Dice
from sim.kinds import Floats
from sim.ops import Plan, rehearse
from sim.scene import Scene, Stage, Targets
from sim.sensors.drone_fleet import TURN, DroneFleet, code_of
from sim.sky import Sky
from sim.units import DAY, HOUR, KM
from sim.watch import Track

Standing = Callable[..., Targets]
SkyOver = Callable[..., Sky]


def fleet(**written: Any) -> DroneFleet:
    """6 h of endurance, half an hour each way, an hour and a half on the ground: FLT-01."""
    given: dict[str, Any] = {
        "kind": "drone_fleet", "name": "it", "speed": "100 km/h", "endurance": "6 h", "turnaround": "1.5 h", "stand_off": "3 km",
        "detection": {"law": "definite_range", "range": "5 km"},
        "orbits": {"all": {"base": "base", "from": "0 km", "to": "100 km", "drones": written.pop("drones", 1)}},
    }  # fmt: skip
    one = DroneFleet.choose(given | written)
    assert isinstance(one, DroneFleet)
    return one


@pytest.fixture
def field(stage: Stage, scene: Scene) -> Scene:
    """The line with a base 50 km behind the patrol track."""
    x_m, y_m = stage.line.at(np.array([50_000.0]), np.array([53_000.0]))
    return Scene(replace(stage, bases={"base": (float(x_m[0]), float(y_m[0]))}, memo={}), scene.sky)


def flown(one: DroneFleet, field: Scene, replication: int = 0) -> Plan:
    field.stage.memo.clear()
    return rehearse(one, field, Dice(1, replication))


def on_station(plan: Plan, at_s: Floats) -> Floats:
    """How many are on station at each instant."""
    on_s, off_s = (np.sort([stint[column] for stint in plan.stints]) for column in (2, 3))
    return np.asarray(np.searchsorted(on_s, at_s, side="right") - np.searchsorted(off_s, at_s, side="right"), dtype=np.float64)


HOURLY = np.arange(0.0, 30 * DAY, 900.0)


def test_it_takes_half_an_hour_to_the_track(field: Scene) -> None:
    one = fleet()
    entry_m, transit_s = one.way_out(field.stage.bases["base"], one.tracks(field)[0])
    assert transit_s == pytest.approx(0.5 * HOUR, rel=0.001)
    assert entry_m == pytest.approx(50_000.0, rel=0.01)


def test_flt_01_one_continuous_station_takes_one_and_a_half_aircraft(field: Scene) -> None:
    """Of 6 h + 1.5 h, 5 h are on station: three aircraft make exactly two stations, at every instant."""
    count = on_station(flown(fleet(drones=3, phase="staggered"), field), HOURLY)
    assert set(count.tolist()) == {2.0}


def test_flt_01_with_four_in_five_serviceable_it_takes_more(field: Scene) -> None:
    count = on_station(flown(fleet(drones=100, availability=0.8), field), HOURLY)
    assert count.mean() / 100 == pytest.approx(1 / 1.875, rel=0.03)


def test_a_fleet_starts_as_it_goes_on(field: Scene) -> None:
    count = on_station(flown(fleet(drones=900, availability=0.8), field), HOURLY) / 900
    assert count[:4].mean() == pytest.approx(1 / 1.875, abs=0.05)
    assert count[48:96].mean() == pytest.approx(1 / 1.875, abs=0.03)


def test_flying_all_at_once_leaves_the_station_empty_for_a_third_of_the_time(field: Scene) -> None:
    watched = {
        phase: (on_station(flown(fleet(drones=3, phase=phase), field), HOURLY) > 0).mean() for phase in ("synchronised", "staggered")
    }
    assert watched["synchronised"] == pytest.approx(2 / 3, abs=0.01)
    assert watched["staggered"] == 1.0
    by_chance = [(on_station(flown(fleet(drones=3), field, number), HOURLY) > 0).mean() for number in range(40)]
    assert np.mean(by_chance) == pytest.approx(1 - (1 / 3) ** 3, abs=0.02)


def test_flt_02_a_life_ends_with_the_hazard_of_a_sortie(field: Scene) -> None:
    """3.17 losses in 100,000 h and 20 h of flight: one sortie in 1,578; a life of that hazard ends within it, a longer one does not."""
    one = fleet(loss=f"{3.17e-5} /h")
    hazard = 3.17e-5 * 20.0
    assert -np.expm1(-hazard) == pytest.approx(0.000633799)
    assert one.lost_s(0.5 * hazard, 0.0, 20 * HOUR, 0, field) == pytest.approx(10 * HOUR)
    assert one.lost_s(1.001 * hazard, 0.0, 20 * HOUR, 0, field) == np.inf


def test_flt_03_losses_are_sorties_times_their_chance(field: Scene) -> None:
    """One sortie of 5 h on station in a hundred: expect N / 100, give or take."""
    plan = flown(fleet(drones=400, loss=f"{-np.log(0.99) / 5} /h", replace="0 s"), field)
    whole = [stint for stint in plan.stints if stint.on_s >= 0.0 and stint.off_s < 29 * DAY]
    losses = [t_s for _, t_s in plan.losses if HOUR < t_s < 29 * DAY]
    expected = 0.01 * len(whole)
    assert expected > 300
    assert len(losses) == pytest.approx(expected, abs=4 * expected**0.5)


def test_a_lost_drone_comes_back_when_it_is_replaced(field: Scene) -> None:
    plan = flown(fleet(drones=20, loss="0.02 /h", replace="5 d"), field)
    assert plan.losses
    for unit, t_s in plan.losses:
        after = [stint.on_s for stint in plan.stints if stint.unit == unit and stint.on_s > t_s]
        assert not after or min(after) == pytest.approx(t_s + 5 * DAY + 0.5 * HOUR, abs=1.0)


def test_nobody_flies_while_weather_grounds_the_type(field: Scene, sky_over: SkyOver) -> None:
    stormy = Scene(field.stage, sky_over(region_m=200_000.0))
    one = fleet(drones=20, grounded=(0.3,) * 12)
    plan = flown(one, stormy)
    begins_s, ends_s = stormy.sky.rules(0, one.limits)
    assert (ends_s - begins_s).sum() / (30 * DAY) == pytest.approx(0.3, abs=0.2)
    for stint in plan.stints:
        assert not ((begins_s < stint.off_s) & (ends_s > max(stint.on_s, 0.0))).any()
    assert 0.25 < on_station(plan, HOURLY).mean() / 20 < 0.6


def test_no_drone_is_longer_in_the_air_than_its_endurance(field: Scene) -> None:
    longest_s = max(stint.off_s - stint.on_s for stint in flown(fleet(drones=5), field).stints)
    assert longest_s == pytest.approx(5 * HOUR, abs=5.0)


def test_a_base_out_of_reach_launches_nobody(field: Scene) -> None:
    one = fleet(endurance="50 min")
    assert not flown(one, field).stints
    assert "no drone ever gets there" in " ".join(one.concerns(field.stage))


def test_an_orbit_more_and_its_second_drones_are_numbered_without_renaming_the_first(field: Scene) -> None:
    orbits = {name: {"base": "base", "from": "0 km", "to": "50 km", "drones": 2} for name in ("a", "b")}
    first, both = set(fleet(orbits={"a": orbits["a"]}).units(field.stage)), set(fleet(orbits=orbits).units(field.stage))
    assert first == {code_of("a") * TURN, code_of("a") * TURN + 1}
    assert first < both
    assert len(both) == 4


def test_a_target_is_seen_on_the_way_out_and_on_the_way_back(field: Scene, standing: Standing) -> None:
    """3 km beside the track, range 5 km: from 4 km before it to 4 km after it."""
    sight = fleet().sight(standing(30_000.0), field)
    arcs_km = sight.arcs_m[0] / KM
    assert arcs_km.tolist() == pytest.approx(np.array([[26.0, 34.0], [166.0, 174.0]]), abs=0.2)
    assert sight.lap_m[0] == pytest.approx(200_000.0, rel=0.002)


def test_a_target_beyond_the_range_is_not_in_sight(field: Scene, standing: Standing) -> None:
    assert len(fleet().sight(standing([30_000.0, 30_000.0], [-2_500.0, -1_500.0]), field)) == 1


def test_a_jammer_is_felt_from_far_and_hardly_attributed(field: Scene, standing: Standing) -> None:
    silent = standing([50_000.0], -15_000.0, size_m=np.nan, emitter_w=100.0)
    sight = fleet().sight(silent, field)
    assert np.isinf(sight.rate_per_s).all()
    assert sight.p_attribute.tolist() == [0.05]


def test_video_looks_less_often_at_night_in_fog_and_under_interference(field: Scene, standing: Standing) -> None:
    one = fleet(detection={"law": "video", "range": "12 km"})
    warm, cold = (one.sight(standing(50_000.0, heat_k=heat), field).rate_per_s[0] for heat in (10.0, np.nan))
    assert (warm / warm[0]).tolist() == pytest.approx([1.0, 0.8, 0.2, 0.16, 0.5, 0.4, 0.1, 0.08])
    assert cold[1] / cold[0] == pytest.approx(0.15)


def test_a_crew_that_is_sent_searches_a_small_circle_thoroughly(field: Scene, standing: Standing) -> None:
    one = fleet(detection={"law": "video", "range": "12 km"}, altitude="3 km")
    targets = standing([50_000.0, 53_000.0], 0.0)
    place = Track(np.array([[targets.x_m[0], targets.y_m[0] + 3000.0], [targets.x_m[0], targets.y_m[0]]]), 50_000.0, 0)
    stare, sweep = one.look_at(targets, 7, place, field), one.sight(targets, field)
    assert (stare.target.tolist(), stare.track.tolist()) == ([0], [7])  # the second lies outside of the circle
    reach_m = np.sqrt(12_000.0**2 - 3_000.0**2)
    assert stare.rate_per_s[0, 0] / sweep.rate_per_s[0, 0] == pytest.approx((reach_m / 2000.0) ** 2)


def test_planners_are_told_of_slips_of_the_pen(field: Scene) -> None:
    stage = field.stage
    assert "faster than sound" in " ".join(fleet(speed="2000 km/h").concerns(stage))
    assert "far side" in " ".join(fleet(own_side="B").concerns(stage))
    assert fleet().concerns(stage) == []
