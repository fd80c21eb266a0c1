"""Restrictions of access: who may not go where, and when."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sim.access import Closure, Restriction
from sim.scene import Stage
from sim.sky import CLOSED, Sky
from sim.story import Play
from sim.units import DAY, HOUR

SkyOver = Callable[..., Sky]
Played = Callable[..., Play]

WATCHED = """
length: 20 days
line: {sectors: {west: {from: 0 km, to: 50 km, terrain: water}, east: {from: 50 km, to: 100 km, terrain: water}}}
sensors:
  drones:
    kind: drone_fleet
    speed: 100 km/h
    endurance: 20 h
    turnaround: 1 h
    stand_off: 0 km
    detection: {law: definite_range, range: 30 km}
    orbits: {all: {base: base, from: 0 km, to: 100 km, drones: 4}}
  masts: {kind: camera_tower, from: 0 km, to: 100 km, every: 5 km, availability: 1.0}
violations:
  guns: {kind: heavy_weapons, rate: 30 /day, lasts: {median: 4 h, p90: 9 h}, p_side_a: 0.5}
"""


def test_a_closed_stretch_is_closed_to_whom_it_names_in_its_hours(sky_over: SkyOver) -> None:
    """Drones may not look at side B of the first 30 km from 20:00 to 04:00; towers may."""
    rule = Restriction(sensors=("drone_fleet",), side="B", day_from_s=20 * HOUR, day_to_s=4 * HOUR)
    sky = sky_over(closures=(Closure(rule, 0.0, 30_000.0),))
    places = np.array([5_000.0, 5_000.0, 55_000.0]), np.array([-1.0, 1.0, -1.0])
    at_s = np.arange(30.0 * 24) * HOUR + 1800.0
    for kind, hours in (("drone_fleet", [8 * 30, 0, 0]), ("camera_tower", [0, 0, 0])):
        air = sky.air("it", kind)
        closed = [[air.parts(lane, t_s, t_s + 1.0)[0][2] >= CLOSED for t_s in at_s] for lane in air.lane(*places).tolist()]
        assert [sum(one) for one in closed] == hours
        if any(hours):
            assert sorted(set((at_s[closed[0]] % DAY // HOUR).tolist())) == [0, 1, 2, 3, 20, 21, 22, 23]


def found(play: Play, sensor: str) -> list[tuple[float, float, float]]:
    """When each contact of a sensor was, and where along the line and beside it."""
    guns = play.world.incidents
    contacts = [entry for entry in play.log.of("contact") if entry.actor == sensor]
    return [(one.t_s, float(guns.chainage_m[one.incident]), float(guns.offset_m[one.incident])) for one in contacts]


def test_nothing_is_found_where_and_when_a_sensor_has_no_access(played: Played) -> None:
    """Drones may not look at side B of the west from 18:00 to 06:00; elsewhere they find what they find without the rule, as masts do."""
    rule = "{sensors: [drone_fleet], sectors: [west], side: B, day_from: 18 h, day_to: 6 h}"
    free, bound = (played(WATCHED + text) for text in ("", f"environment: {{access: {{nights: {rule}}}}}\n"))

    def ruled(along_m: float, aside_m: float) -> bool:
        return along_m < 50_000.0 and aside_m < 0.0

    hours = [{t_s % DAY // HOUR for t_s, *place in found(play, "drones") if ruled(*place)} for play in (free, bound)]
    assert hours == [set(range(24)), set(range(6, 18))]
    one, other = ([contact for contact in found(play, "drones") if not ruled(*contact[1:])] for play in (free, bound))
    assert len(one) > 100
    assert one == other
    assert found(free, "masts") == found(bound, "masts")


def test_the_last_kilometres_and_short_stretches_are_closed_too(sky_over: SkyOver, played: Played) -> None:
    """Lines end in patches that are not whole; a stretch of 3 km without the middle of a patch closes the patch that it lies in."""
    rule = Restriction(sensors=("camera_tower",))
    story = WATCHED.replace("sensors:", "environment: {access: {quiet: {sensors: [camera_tower]}}}\nsensors:")
    sectors = WATCHED[WATCHED.index("line:") : WATCHED.index("sensors:")]
    for length_km in (4.0, 12.0):
        points = f"line: {{points: [[30.0, 0.0], [{30.0 + length_km / 111.3194908}, 0.0]]}}\n"
        short = story.replace(sectors, points).replace("length: 20 days", "length: 5 days")
        assert not [fact for fact in played(short).log.of("contact") if fact.actor == "masts"]
    sky = sky_over(closures=(Closure(rule, 11_000.0, 14_000.0),))
    assert [sky.covered(closure) for closure in sky.closures] == [range(1, 2)]
    assert sky.covered(Closure(rule, 0.0, 100_000.0)) == range(10)
    assert sky.covered(Closure(rule, 30_000.0, 50_000.0)) == range(3, 5)


def test_nobody_is_sent_into_closed_ground_and_nothing_is_reported_from_there(played: Played) -> None:
    fleet = WATCHED.replace("kind: drone_fleet\n", "kind: drone_fleet\n    cued_by: [masts]\n    false_alarms: 1 /h\n")
    closed = fleet.replace("sensors:", "environment: {access: {quiet: {sensors: [drone_fleet], side: B}}}\nsensors:")
    for text, few in ((fleet, 30), (closed, 0)):
        play = played(text)
        stands = [stand.xy_m[1, 1] for stand in play.plans["drones"].stands]
        assert (np.array(stands) < 0.0).sum() >= few
        assert few or not (np.array(stands) < 0.0).any()
    reports = {text: sum(fact.incident < 0 and fact.actor == "drones" for fact in played(text).log.of("alarm")) for text in (fleet, closed)}
    assert reports[closed] < 0.65 * reports[fleet]


def test_distance_and_notice_hold_on_the_ground_that_is_meant(sky_over: SkyOver, stage: Stage) -> None:
    rule = Restriction(sensors=("drone_fleet",), side="B", closed=False, keep_off_m=9_000.0, notice_s=600.0)
    there = replace(stage, closures=(Closure(rule, 0.0, 100_000.0),), memo={})
    assert [there.keep_off_m("it", "drone_fleet", side, 0.0, 1.0) for side in (1, -1)] == [0.0, 9_000.0]
    assert [there.notice_s("it", "drone_fleet", 5.0, offset_m) for offset_m in (100.0, -100.0)] == [0.0, 600.0]
