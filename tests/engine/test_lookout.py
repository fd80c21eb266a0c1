"""Two ways through, one kernel: the batch and the play see the same, as planned and as flown."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from simpy import Environment

from sim.clock import TICKS_PER_S
from sim.dice import Dice
from sim.engine.lookout import Lookout
from sim.engine.run import throws_of
from sim.log import Entry
from sim.ops import Ops, by_unit
from sim.scene import Scene, Targets
from sim.sensors.base import Sensor
from sim.sensors.drone_fleet import DroneFleet
from sim.story import Play
from sim.watch import Contact, Link, Sight, Stint, Throws, contacts, windows
from sim.world import World

Told = Callable[..., World]
Played = Callable[..., Play]

HAPPENINGS = """
length: 4 days
environment:
  weather: {cloud: [.5,.5,.5,.5,.5,.5,.5,.5,.5,.5,.5,.5], murk: [.2,.2,.2,.2,.2,.2,.2,.2,.2,.2,.2,.2], spell: 6 h, region: 30 km}
desk: {analysts: {day: 9, night: 5}, triage: {median: 5 min, p90: 20 min}, cue: CUE}
violations:
  guns: {kind: heavy_weapons, rate: 20 /day, p_hidden: 0.2, lasts: {median: 6 h, p90: 2 d}}
  fire: {kind: shelling, rate: 30 /day}
  armour: {kind: armoured_incursion, rate: 6 /day}
  jam: {kind: jamming, rate: 4 /day}
sensors:
  it:
    cued_by: [WHOM]
    false_alarms: 0.5 /h
    deliver: {median: 5 min, p90: 30 min}
"""

KINDS = {
    "drones": """
    kind: drone_fleet
    speed: 120 km/h
    endurance: 9 h
    turnaround: 3 h
    availability: 0.8
    stand_off: 4 km
    loss: 0.01 /h
    grounded: [.1,.1,.1,.1,.1,.1,.1,.1,.1,.1,.1,.1]
    detection: {law: video, range: 12 km, search: 20 km2/h}
    orbits:
      west: {base: base, from: 0 km, to: 50 km, drones: 2}
      east: {base: base, from: 45 km, to: 100 km, drones: 3}
""",
    "whole air force": """
    kind: drone_fleet
    speed: 120 km/h
    endurance: 9 h
    turnaround: 3 h
    availability: 0.8
    stand_off: 4 km
    loss: 0.01 /h
    fire_loss: 0.02 /h
    replace: 1 d
    wind_limit: 12 m/s
    icing: false
    crews: 5
    mechanics: 2
    maintenance_every: 30 h
    maintenance: 5 h
    link_range: 60 km
    reach_within: 40 min
    preempt: nearer
    suspend: [{losses: 2, within: 1 d, for: 6 h}]
    radar: {range: 25 km}
    detection: {law: video, range: 12 km, search: 20 km2/h, recognise: 4 km, identify: 2 km, visibility: 9 km}
    orbits:
      west: {base: base, from: 0 km, to: 50 km, drones: 3}
      east: {base: base, from: 45 km, to: 100 km, drones: 4, depth_to: 15 km}
""",
    "towers": """
    kind: camera_tower
    from: 0 km
    to: 100 km
    every: 8 km
    night_range: 5 km
""",
    "patrols": """
    kind: patrol
    from: 0 km
    to: 100 km
    every: 20 km
    see: 6 km
""",
    "satellites": """
    kind: satellite_constellation
    orbit: {pattern: walker, altitude: 550 km, inclination: 20 deg, planes: 4, per_plane: 3}
    instrument: {instrument: optical, gsd: 0.4 m, swath: 15 km, off_nadir: 40 deg}
    scenes: 4
    p_tasked: 0.7
""",
    "emitters": """
    kind: rf_satellite
    orbit: {pattern: walker, altitude: 550 km, inclination: 20 deg, planes: 3, per_plane: 2}
""",
    "fires": """
    kind: thermal_satellite
    orbit: {pattern: walker, altitude: 834 km, inclination: 30 deg, planes: 4, per_plane: 3}
    p_flash: 0.9
""",
    "flashes": """
    kind: overhead_infrared
    p_shot: 0.6
""",
    "ground radars": """
    kind: ground_radar
    from: 0 km
    to: 100 km
    every: 15 km
    mast: 40 m
""",
    "balloons": """
    kind: aerostat
    from: 0 km
    to: 100 km
    every: 20 km
    wind: 10 m/s
    radar: {range: 20 km}
""",
    "microphones": """
    kind: acoustic_array
    from: 0 km
    to: 100 km
    every: 12 km
    bearings: true
""",
    "geophones": """
    kind: seismic_net
    from: 0 km
    to: 100 km
    every: 1600 m
    offset: 200 m
""",
    "radars": """
    kind: satellite_constellation
    orbit: {pattern: walker, altitude: 550 km, inclination: 20 deg, planes: 4, per_plane: 3}
    scenes: 200
    instrument: {instrument: radar, resolution: 1 m, swath: 15 km}
""",
}


def happenings(kind: str, whom: str, cue: str) -> str:
    return HAPPENINGS.replace("WHOM", whom).replace("CUE", cue) + KINDS[kind]


def facts(play: Play, *verbs: str) -> list[Entry]:
    """Facts in an order that does not depend on who wrote first of two at one instant."""
    return sorted(play.log.of(*verbs))


def as_flown(play: Play, name: str) -> list[Contact]:
    """Give the stints of a sensor as flown to the batch."""
    world, plan = play.world, play.plans[name]
    sensor: Sensor = world.scenario.sensors[name]
    tracks = sensor.tracks(world.scene)
    stands = [sensor.look_at(world.targets, len(tracks) + number, place, world.scene) for number, place in enumerate(plan.stands)]
    sight = Sight.join([sensor.sight(world.targets, world.scene), *stands])
    seen = windows(sight, plan.stints, world.targets, world.scene.sky.air(name, sensor.kind_name))
    return contacts(sight, seen, world.targets, throws_of(sensor, world), world.scene.horizon_s)


def in_log(found: list[Contact], world: World, name: str) -> list[tuple[float, int, str]]:
    return sorted((one.seen_s, int(world.targets.incident[one.target]), str(one.unit)) for one in found)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("replication", [0, 1])
def test_play_sees_what_the_batch_sees_while_nobody_is_cued(played: Played, kind: str, replication: int) -> None:
    batch = played(happenings(kind, "", "false"), replication)
    event = played(happenings(kind, "desk", "false"), replication)
    contacts_of_batch = facts(batch, "contact")
    assert len(contacts_of_batch) > 20
    assert contacts_of_batch == facts(event, "contact")
    assert facts(batch, "alarm", "lost") == facts(event, "alarm", "lost")
    assert sorted(batch.plans["it"].stints) == sorted(event.plans["it"].stints)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("replication", [0, 1, 2])
def test_stints_as_flown_see_what_was_seen_in_flight(played: Played, kind: str, replication: int) -> None:
    flown = played(happenings(kind, "desk", "true"), replication)
    known = [(entry.t_s, entry.incident, entry.detail) for entry in flown.log.of("contact")]
    assert sorted(known) == in_log(as_flown(flown, "it"), flown.world, "it")


def test_some_drones_were_diverted_and_none_was_in_two_places(played: Played) -> None:
    flown = played(happenings("drones", "desk", "true"))
    fleet = flown.world.scenario.sensors["it"]
    assert isinstance(fleet, DroneFleet)
    plan, tracks = flown.plans["it"], fleet.tracks(flown.world.scene)
    assert len(plan.stands) > 10
    for unit in fleet.units(flown.world.stage):
        fixes = []
        for stint in sorted((one for one in plan.stints if one.unit == unit), key=by_unit):
            stand = stint.track - len(tracks)
            for t_s in (stint.on_s, stint.off_s):
                arc_m = stint.arc_m + stint.speed_mps * (t_s - stint.on_s)
                x_m, y_m = plan.stands[stand].xy_m[0].tolist() if stand >= 0 else tracks[stint.track].at(arc_m)
                fixes.append((t_s, x_m, y_m))
        for (before_s, x_m, y_m), (after_s, to_x_m, to_y_m) in pairwise(fixes):
            assert after_s >= before_s
            assert np.hypot(to_x_m - x_m, to_y_m - y_m) <= fleet.speed_mps * (after_s - before_s + 1 / TICKS_PER_S)


def test_crews_that_listen_to_one_another_go_and_look(played: Played) -> None:
    calm = played(happenings("drones", "", "true"))
    cued = played(happenings("drones", "it", "true"))
    assert sum(1 for _ in cued.log.of("cued")) == 0  # only the desk writes down whom it sends
    assert not calm.plans["it"].stands
    assert len(cued.plans["it"].stands) > 10
    assert facts(calm, "contact") != facts(cued, "contact")


def test_a_second_sensor_changes_no_draw_of_the_first(played: Played) -> None:
    text = happenings("drones", "", "false")
    tower = KINDS["towers"].replace("\n    ", ", ").strip(", \n")
    alone, both = played(text), played(f"{text}  more: {{{tower}}}\n")
    assert [entry for entry in facts(both, "alarm", "contact", "lost") if entry.actor == "it"] == facts(alone, "alarm", "contact", "lost")


def test_one_more_drone_on_an_orbit_leaves_the_others_as_they_were(played: Played) -> None:
    text = happenings("drones", "", "false")
    few, more = played(text), played(text.replace("drones: 2", "drones: 3"))
    first = {str(stint.unit) for stint in few.plans["it"].stints}
    assert [entry for entry in facts(more, "alarm", "contact", "lost") if entry.detail in first] == facts(few, "alarm", "contact", "lost")
    assert {stint for stint in more.plans["it"].stints if str(stint.unit) in first} == set(few.plans["it"].stints)
    assert len({stint.unit for stint in more.plans["it"].stints}) > len(first)


@pytest.mark.parametrize("at_s", [0.0, 100.0, 5000.0])
def test_what_a_unit_has_looked_already_counts_when_it_is_sent_elsewhere(
    scene: Scene, standing: Callable[..., Targets], at_s: float
) -> None:
    """It looks all the time, at a rate of one in three hours; on the way to its stand it is blind for a thousand seconds."""
    detection = {"law": "glimpse_rate", "range": "500 km", "rate": "0.3333333333 /h"}
    orbits = {"all": {"base": "base", "from": "0 km", "to": "100 km", "drones": 1}}
    given = {"kind": "drone_fleet", "name": "it", "speed": "100 km/h", "endurance": "9 h", "turnaround": "1 h", "detection": detection}
    fleet = DroneFleet.choose(given | {"orbits": orbits})
    assert isinstance(fleet, DroneFleet)
    env, found, targets, dice = Environment(), list[Contact](), standing(50_000.0), Dice(3, 0)

    def post(stint: Stint) -> None:
        lookout.post(stint)

    def replace(unit: int, stints: list[Stint]) -> None:
        lookout.replace(unit, stints)

    throws = Throws(dice("detect", "it"), dice("place", "it"), Link(None, dice("deliver")))
    ops = Ops(env, scene, dice, fleet.tracks(scene), post, replace, lambda unit, t_s: None)
    lookout = Lookout(env, fleet, scene, targets, throws, ops, found.append)
    lookout.learn(fleet.sight(targets, scene))
    ops.post(Stint(0, 0, 0.0, 9e5, 0.0, 27.0))
    if at_s:
        env.run(until=at_s)
    place = np.array([[targets.x_m[0], targets.y_m[0] + 3000.0], [targets.x_m[0], targets.y_m[0]]])
    ops.replace(0, [Stint(0, ops.stand(place, 50_000.0), at_s + 1000.0, 9e5)])
    env.run()
    need_s = dice("detect", "it").exponential(int(targets.key[0]), 0) * 3 * 3600.0
    assert need_s > 5000.0
    assert [one.seen_s for one in found] == [pytest.approx(need_s + 1000.0, abs=0.01)]


def test_a_finder_that_holds_stays_where_it_found_something(played: Played) -> None:
    text = happenings("drones", "it", "true").replace("stand_off: 4 km", "stand_off: 4 km\n    finder: holds\n    hold: 20 min")
    flown = played(text)
    holds = [stint for stint in flown.plans["it"].stints if stint.speed_mps == 0.0]
    assert len(holds) > 50
    assert max(stint.off_s - stint.on_s for stint in holds) == 20 * 60.0
    assert not flown.plans["it"].stands
    known = [(entry.t_s, entry.incident, entry.detail) for entry in flown.log.of("contact")]
    assert sorted(known) == in_log(as_flown(flown, "it"), flown.world, "it")
