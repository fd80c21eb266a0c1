"""Drones: how many aircraft make one station, what weather and losses take, and what a crew sees."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from simpy import Environment

from sim.access import Closure, Restriction
from sim.authoring import TUTORIAL, check
from sim.dice import Dice
from sim.kinds import Floats
from sim.ops import Cue, Ops, Plan, rehearse
from sim.physics.imaging import p_johnson
from sim.physics.terrain import Relief
from sim.scene import Scene, Stage, Targets
from sim.sensors.aircraft import TURN, code_of
from sim.sensors.beats import Beat
from sim.sensors.drone_fleet import RADAR, DroneFleet
from sim.sky import Sky
from sim.units import DAY, HOUR, KM
from sim.watch import Stint, Track
from sim.weather import JamWindow, Limits

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
    way = beat(fleet(), field)
    assert way.away_m == pytest.approx(50_000.0, rel=0.001)
    assert way.entry_m == pytest.approx(50_000.0, rel=0.01)


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


def placed(field: Scene, **restriction: Any) -> Scene:
    """The field under a restriction of access for drones."""
    rule = Restriction(sensors=("drone_fleet",), closed=False, **restriction)
    return Scene(replace(field.stage, closures=(Closure(rule, 0.0, 100_000.0),), memo={}), field.sky)


def beat(one: DroneFleet, field: Scene) -> Beat:
    (orbit,) = one.orbits.values()
    return one.beat(orbit, field.stage)


def deep(to: str, **written: Any) -> DroneFleet:
    orbit = {"base": "base", "from": "0 km", "to": "100 km", "drones": 1, "depth_to": to} | written.pop("orbit", {})
    return fleet(orbits={"all": orbit}, **written)


def test_lanes_cover_a_deep_zone_in_equal_strips(field: Scene) -> None:
    """3 to 23 km deep, strips of 4 km: five lanes of 100 km and four turns of 4 km."""
    way = beat(deep("23 km", lane_spacing="4 km"), field)
    assert way.depths_m.tolist() == [5000.0, 9000.0, 13_000.0, 17_000.0, 21_000.0]
    assert way.steps_m[-1] == pytest.approx(5 * 100 * KM + 4 * 4 * KM, rel=0.002)


def test_lanes_lie_a_sweep_width_apart_unless_told_otherwise(field: Scene) -> None:
    assert len(beat(deep("23 km"), field).depths_m) == 2  # a definite range of 5 km sweeps 10 km
    video = deep("23 km", speed="250 km/h", detection={"law": "video", "range": "12 km"})
    assert len(beat(video, field).depths_m) == 19  # 20 km by 1.08 km
    assert "19 lanes" in " ".join(video.notes(field.stage))


def test_a_zone_may_lie_beyond_the_line(field: Scene) -> None:
    across = deep("5 km", lane_spacing="5 km", orbit={"depth_from": "-5 km"})
    assert beat(across, field).depths_m.tolist() == [-2500.0, 2500.0]
    first_m, last_m = across.tracks(field)[0].xy_m[[0, -1], 1] - field.line.at(np.zeros(2), np.zeros(2))[1]
    assert first_m < 0.0
    assert last_m > 0.0


def test_srch_04_parallel_lanes_one_sweep_width_apart_find_four_in_five(field: Scene, standing: Standing) -> None:
    """Ordered search by the inverse-cube law: erf(sqrt(pi) / 2) = 0.7899 of what stands anywhere in the zone."""
    eye = {"law": "inverse_cube", "range": "40 km", "sweep_width": "2 km", "speed": "100 km/h"}
    one = deep("63 km", detection=eye, altitude="0 m")
    targets = standing(np.full(81, 50_000.0), np.linspace(32_000.0, 34_000.0, 81))
    sight = one.sight(targets, field)
    once_m = (sight.arcs_m[:, :, 1] - sight.arcs_m[:, :, 0]).sum(axis=1) / 2
    p_found = -np.expm1(-sight.rate_per_s[:, 0] * once_m / one.speed_mps)
    assert len(beat(one, field).depths_m) == 30
    assert np.trapezoid(p_found, dx=1 / 80) == pytest.approx(0.7899, abs=0.005)


def test_false_alarms_over_lanes_lie_along_the_stretch(field: Scene) -> None:
    assert deep("23 km").spans_m(field) == pytest.approx([100_000.0])
    field.stage.memo.clear()
    assert list(fleet().spans_m(field)) == pytest.approx([100_000.0], rel=0.001)


def test_who_must_keep_off_flies_and_stands_further_away(field: Scene) -> None:
    far, cue = placed(field, keep_off_m=8000.0), Cue(0.0, *field.stage.bases["base"], 50_000.0, -1000.0, "desk", "tower", 0)
    assert beat(fleet(), far).depths_m.tolist() == [8000.0]
    assert beat(fleet(stand_off="12 km"), far).depths_m.tolist() == [12_000.0]
    assert beat(deep("16 km", lane_spacing="4 km", orbit={"depth_from": "0 km"}), far).depths_m.tolist() == [10_000.0, 14_000.0]
    y_m = [fleet().stand_for(cue, where)[1] for where in (field, far)]
    assert y_m[1] - y_m[0] == pytest.approx(5000.0, rel=0.01)


def test_wind_and_ice_ground_those_who_cannot_bear_them() -> None:
    assert fleet().limits == Limits((0.0,) * 12)
    assert fleet(wind_limit="10 m/s", icing=False).limits == Limits((0.0,) * 12, 10.0, False)


def aloft(plan: Plan, away_s: float, at_s: Floats) -> Floats:
    """How many are between launch and landing at each instant."""
    return on_station(
        plan._replace(stints=[each._replace(on_s=each.on_s - away_s, off_s=each.off_s + away_s) for each in plan.stints]), at_s
    )


def test_there_are_never_more_in_the_air_than_crews(field: Scene) -> None:
    """Ten aircraft and three crews: three in the air, of 6 h 5 h on station, all the time."""
    plan = flown(fleet(drones=10, crews=3), field)
    transit_s = beat(fleet(), field).away_m / fleet().speed_mps
    assert aloft(plan, transit_s - 1.0, HOURLY).max() == 3.0
    assert on_station(plan, HOURLY[96:]).mean() == pytest.approx(3 * 5 / 6, rel=0.01)
    assert flown(fleet(drones=10, crews=10), field).stints == flown(fleet(drones=10), field).stints


def test_few_mechanics_bound_the_sorties_of_a_fleet(field: Scene) -> None:
    """One team that needs 1.5 h a landing lets 16 sorties go a day, whoever else stands ready."""
    plan = flown(fleet(drones=10, mechanics=1), field)
    assert len([each for each in plan.stints if each.on_s > 2 * DAY]) == pytest.approx(28 * 16, abs=3)
    many = flown(fleet(drones=10, mechanics=10), field)
    assert sorted(many.stints) == sorted(flown(fleet(drones=10), field).stints)


def test_maintenance_takes_its_share_of_the_hours(field: Scene) -> None:
    """17 sorties of 6 h make 100 h and more; then five days: 5 h on station of 7.5 h and 120 h / 17."""
    count = on_station(flown(fleet(drones=300, maintenance_every="100 h", maintenance="5 d"), field), HOURLY) / 300
    assert count.mean() == pytest.approx(5 / (7.5 + 120 / 17), rel=0.03)
    assert count[:4].mean() == pytest.approx(5 / (7.5 + 120 / 17), rel=0.2)


def test_fire_falls_evenly_with_the_distance_from_the_line(field: Scene) -> None:
    """Reach 10 km: all of it at the line and beyond, 0.7 at 3 km, the mean of 0.75 and 0.25 over two lanes, none at 12 km."""
    met = [beat(fleet(stand_off=each), field).in_fire(10_000.0) for each in ("-2 km", "0 km", "3 km", "12 km")]
    assert met == pytest.approx([1.0, 1.0, 0.7, 0.0])
    field.stage.memo.clear()
    lanes = deep("10 km", lane_spacing="5 km", orbit={"depth_from": "0 km"})
    assert beat(lanes, field).in_fire(10_000.0) == pytest.approx(0.5)
    assert fleet(loss="0.01 /h").lost_s(0.05, 0.0, 5 * HOUR, 0, field, 0.04 / HOUR) == pytest.approx(1 * HOUR)


def test_fire_takes_the_drones_that_fly_near(field: Scene) -> None:
    """0.01 an hour at the line: at 3 km 0.007 on each of some 20 x 30 x 16 hours on station."""
    losses = [len(flown(fleet(drones=20, fire_loss="0.01 /h", replace="0 s", stand_off=each), field).losses) for each in ("3 km", "11 km")]
    assert losses[0] == pytest.approx(0.007 * 20 * 720 * 5 / 7.5, abs=4 * 67**0.5)
    assert losses[1] == 0


def test_interference_is_met_where_it_lies_in_time(field: Scene, sky_over: SkyOver) -> None:
    jammed = Scene(field.stage, sky_over(jams=[JamWindow(0.0, 100_000.0, 2 * HOUR, 3 * HOUR)]))
    one = fleet(loss="0.01 /h", jammed_loss="0.1 /h")
    assert one.lost_s(0.02 + 0.055, HOUR, 5 * HOUR, 0, jammed) == pytest.approx(2.5 * HOUR + 0.01 / 0.11 * HOUR, rel=0.001)
    assert one.lost_s(0.04 + 0.101, HOUR, 5 * HOUR, 0, jammed) == np.inf


def test_a_beat_ends_where_the_link_does(field: Scene) -> None:
    """50 km off, a link of 58.3 km reaches 30 km to either side; one of 40 km nothing."""
    way = beat(fleet(link_range="58.31 km"), field)
    assert way.steps_m[-1] == pytest.approx(60 * KM, rel=0.002)
    field.stage.memo.clear()
    lost = fleet(link_range="40 km")
    assert not flown(lost, field).stints
    assert "link" in " ".join(lost.concerns(field.stage))
    assert flown(fleet(link_range="58.31 km"), field).stints


def test_lanes_are_joined_within_the_link(field: Scene) -> None:
    inside = beat(deep("43 km", lane_spacing="10 km", link_range="47 km"), field).xy_m
    x_m, y_m = field.stage.bases["base"]
    assert np.hypot(inside[:, 0] - x_m, inside[:, 1] - y_m).max() <= 47_000.1
    assert len(np.unique(inside[:, 1].round(-3))) == 4


def test_a_relay_carries_the_link_on(field: Scene) -> None:
    relayed = Scene(replace(field.stage, bases=dict(field.stage.bases) | {"mast": field.line.xy_m[0]}, memo={}), field.sky)
    orbit = {"base": "base", "from": "0 km", "to": "100 km", "drones": 1, "relay": "mast"}
    way = beat(fleet(orbits={"all": orbit}, link_range="40 km"), relayed)
    assert way.steps_m[-1] == pytest.approx(np.sqrt(40**2 - 3**2) * KM, rel=0.01)


def test_nobody_takes_off_while_the_programme_is_suspended(field: Scene) -> None:
    """After two losses within five days for four days; who is in the air comes home."""
    rule = {"losses": 2, "within": "5 d", "for": "4 d"}
    plan = flown(fleet(drones=20, loss="0.005 /h", suspend=[rule], replace="1 d"), field)
    transit_s = beat(fleet(), field).away_m / fleet().speed_mps
    losses_s = sorted(t_s for _, t_s in plan.losses)
    stops_s = [last_s for first_s, last_s in pairwise(losses_s) if last_s - first_s <= 5 * DAY]
    launches_s = np.array([each.on_s - transit_s for each in plan.stints])
    assert len(stops_s) > 1
    assert not any(((launches_s > stop_s) & (launches_s < stop_s + 4 * DAY - 1.0)).any() for stop_s in stops_s)
    assert (launches_s > stops_s[0] + 4 * DAY).any()


def test_a_radar_on_board_follows_what_moves(field: Scene, standing: Standing) -> None:
    moving = standing(50_000.0, -15_000.0, speed_mps=np.array([15.0]), rcs_m2=10.0)
    parked = standing(50_000.0, -15_000.0, rcs_m2=10.0)
    one = fleet(radar={"range": "30 km"})
    sight = one.sight(moving, field)
    assert sight.senses.tolist() == [RADAR]
    assert sight.delay_s.tolist() == [120.0]
    assert len(one.sight(parked, field)) == 0
    assert len(fleet().sight(moving, field)) == 0
    place = Track(np.array([[moving.x_m[0], moving.y_m[0] + 18_000.0], [moving.x_m[0], moving.y_m[0]]]), 50_000.0, 0)
    assert one.look_at(moving, 9, place, field).senses.tolist() == [RADAR]


def test_johnson_tells_more_from_nearby(field: Scene, standing: Standing) -> None:
    """Half are told at 4 km: at 3 km aside and 3 km up, and with some way in view, fewer; from a stand above it, more."""
    eye = {"law": "video", "range": "12 km", "recognise": "4 km"}
    one, targets = fleet(detection=eye, altitude="3 km"), standing([50_000.0, 50_000.0], [0.0, -6000.0])
    near, far = one.sight(targets, field).p_classify
    assert 0.5 > near > far
    above = Track(np.array([[targets.x_m[0], targets.y_m[0]]] * 2), 50_000.0, 0)
    assert one.look_at(targets, 5, above, field).p_classify.tolist() == pytest.approx([float(p_johnson(4 / 3))])


class Room:
    """An ops room in which two drones of one orbit are on their beats: the first at km 20, the second at km 80, until 4 h from now."""

    def __init__(self, one: DroneFleet, field: Scene) -> None:
        self.one, self.env, self.line = one, Environment(), field.line
        field.stage.memo.clear()
        self.ops = Ops(self.env, field, Dice(1, 0), one.tracks(field), lambda _: None, lambda *_: None, lambda *_: None)
        for unit, arc_m in ((0, 20_000.0), (1, 80_000.0)):
            self.ops.post(Stint(unit, 0, 0.0, 4 * HOUR, arc_m, one.speed_mps))

    def call(self, chainage_m: float, giver: str = "desk", at_s: float = 0.0) -> float | None:
        """Ask for a look at a place 5 km beyond the line."""
        if at_s > self.env.now:
            self.env.run(until=at_s)
        x_m, y_m = self.line.at(np.array([chainage_m]), np.array([-5000.0]))
        return self.one.heed(Cue(at_s, float(x_m[0]), float(y_m[0]), chainage_m, -5000.0, giver, giver, -1), self.ops)

    def sent(self, unit: int) -> list[tuple[int, float, float]]:
        """Where a unit is when, in hours."""
        return [(each.track, round(each.on_s / HOUR, 2), round(each.off_s / HOUR, 2)) for each in self.ops.roster[unit]]


def test_the_nearest_free_drone_goes_looks_and_comes_back(field: Scene) -> None:
    """30 km at 100 km/h, half an hour over the place, 18 minutes back; the next call takes the other one, and then nobody is free."""
    room = Room(fleet(), field)
    assert room.call(50_000.0) == pytest.approx(0.8 * HOUR, rel=0.01)
    assert room.sent(0) == [(1, 0.3, 0.8), (0, 1.1, 4.0)]
    assert room.call(60_000.0) == pytest.approx(0.7 * HOUR, rel=0.01)
    assert room.sent(1) == [(2, 0.2, 0.7), (0, 0.9, 4.0)]
    assert room.call(60_000.0) is None


def test_nobody_is_sent_who_would_come_too_late_or_out_of_the_link(field: Scene) -> None:
    assert Room(fleet(reach_within="10 min"), field).call(50_000.0) is None
    assert Room(fleet(reach_within="20 min"), field).call(50_000.0) is not None
    assert Room(fleet(link_range="70 km"), field).call(2000.0) is not None
    field.stage.memo.clear()
    assert Room(fleet(link_range="62 km"), field).call(2000.0) is None


def test_a_flight_that_must_be_announced_leaves_later_and_is_spoken_for_until_then(field: Scene) -> None:
    """An hour of notice: the first is at km 80 by the end of it, where the place is, and keeps to its beat until then."""
    room = Room(fleet(), placed(field, notice_s=HOUR))
    assert room.call(85_000.0) is not None
    (unit,) = room.ops.errands
    assert room.sent(unit)[0] == (0, 0.0, 1.0)
    assert room.call(85_000.0, at_s=0.5 * HOUR) is not None
    assert len(room.ops.errands) == 2
    assert room.call(85_000.0, at_s=0.6 * HOUR) is None
    assert Room(fleet(reach_within="50 min"), placed(field, notice_s=HOUR)).call(85_000.0) is None


@pytest.mark.parametrize(("preempt", "giver", "goes"), [("never", "desk", False), ("desk", "tower", False), ("desk", "desk", True)])
def test_the_desk_may_call_off_who_holds_for_a_sensor(field: Scene, preempt: str, giver: str, goes: bool) -> None:
    """Both hold at km 50 for a tower when a call comes from km 55."""
    room = Room(fleet(preempt=preempt, hold="2 h"), field)
    assert room.call(50_000.0, "tower")
    assert room.call(50_000.0, "tower")
    over_s = room.call(55_000.0, giver, at_s=HOUR)
    assert (over_s is not None) == goes
    assert room.sent(0) == ([(1, 0.3, 1.0), (3, 1.05, 3.05), (0, 3.4, 4.0)] if goes else [(1, 0.3, 2.3), (0, 2.6, 4.0)])


def test_who_holds_for_the_desk_is_called_off_only_where_the_nearer_goes(field: Scene) -> None:
    for preempt, whom in (("desk", 1), ("nearer", 0)):
        room = Room(fleet(preempt=preempt, hold="2 h"), field)
        room.call(40_000.0)
        room.call(41_000.0, at_s=0.25 * HOUR)  # the first holds at km 40 from 0.2 h on, the second flies on its beat
        assert [track for track, _, _ in room.sent(whom)][-2] == 2


def test_flt_01_a_station_needs_one_and_a_half_aircraft_and_check_says_so(field: Scene) -> None:
    stage = field.stage
    (orbit,) = fleet().orbits.values()
    assert fleet().tails(orbit, stage) == pytest.approx(1.5, rel=0.001)
    assert fleet(availability=0.8).tails(orbit, stage) == pytest.approx(1.875, rel=0.001)
    assert fleet(availability=0.8, grounded=(0.25,) * 12).notes(stage) == [
        "aircraft that keep one always on station, by orbit: all 1.9 (has 1); weather takes 25 % of the time besides"
    ]
    assert fleet(endurance="50 min").notes(stage) == []


def test_a_zone_without_depth_is_refused() -> None:
    with pytest.raises(ValidationError, match="deep zone"):
        deep("2 km", orbit={"depth_from": "3 km"})
    with pytest.raises(ValidationError, match="deep zone"):
        fleet(orbits={"all": {"base": "base", "from": "0 km", "to": "9 km", "drones": 1, "depth_from": "3 km"}})


def test_check_tells_how_many_aircraft_the_tutorial_would_need() -> None:
    """14 h of 18 h in the air, one of its two always on station but for the way out."""
    (note,) = check(TUTORIAL).notes
    assert note.startswith("drones: aircraft that keep one always on station, by orbit: whole line 1.")
    assert "(has 2)" in note


def behind_a_ridge(scene: Scene, ridge_m: float) -> Scene:
    """The line with a ridge of 200 m width along it, 1 km to the south."""
    (west_m, south_m), _ = scene.line.xy_m[[0, -1]]
    heights_m = np.zeros((201, 1201))
    heights_m[90] = ridge_m
    relief = Relief.of_grid(heights_m, west_m - 10_000.0, south_m - 10_000.0, 100.0)
    return Scene(replace(scene.stage, relief=relief, memo={}), scene.sky)


def test_ground_hides_what_lies_behind_it_from_a_beat_and_from_a_stand(scene: Scene, standing: Standing) -> None:
    """From 400 m high and 3 km north, a ridge of 150 m that is 4 km away hides the foot of its far side, 500 m behind it: the sight
    falls 250 m in 4 km and 31 m more in the next half a kilometre."""
    guns = standing([50_000.0] * 2, [-500.0, -1_500.0])
    one = fleet(altitude="400 m", detection={"law": "video", "range": "6 km"})
    for ground, shown in ((scene, [0, 1]), (behind_a_ridge(scene, 0.0), [0, 1]), (behind_a_ridge(scene, 150.0), [0])):
        assert sorted(set(one.sight(guns, ground).target.tolist())) == shown
        stand = Track(np.array([[guns.x_m[0], guns.y_m[0] + 3_500.0], [guns.x_m[0], guns.y_m[0]]]), 50_000.0, 5)
        assert sorted(set(one.look_at(guns, 7, stand, ground).target.tolist())) == shown


def test_a_camera_that_does_not_reach_the_ground_is_told(field: Scene) -> None:
    law = {"law": "video", "range": "6 km"}
    assert "its camera does not reach the ground from 9,000 m" in fleet(altitude="9 km", detection=law).concerns(field.stage)
    assert not any("camera" in concern for concern in fleet(altitude="3 km", detection=law).concerns(field.stage))
