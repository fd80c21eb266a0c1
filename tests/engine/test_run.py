"""One replication as a whole: the same again, the same under another name, and nothing before its cause."""

import gc
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import yaml

from sim.engine.run import play
from sim.ops import by_unit
from sim.scenario import loads, mixed
from sim.story import Play, outcomes
from sim.units import DAY
from sim.world import World, build, set_stage

Told = Callable[..., World]
Played = Callable[..., Play]

CAMPAIGN = """
length: LENGTH
desk: {analysts: {day: 6, night: 3}, triage: {median: 5 min, p90: 20 min}, attribute: {median: 1 h, p90: 4 h}}
environment: {weather: {murk: [.2,.2,.2,.2,.2,.2,.2,.2,.2,.2,.2,.2], spell: 6 h}}
violations:
  guns: {kind: heavy_weapons, rate: 8 /day}
  fire: {kind: shelling, rate: 12 /day}
  drill: {kind: exercise, rate: 2 /day}
sensors:
  masts: {kind: camera_tower, from: 0 km, to: 100 km, every: 10 km, false_alarms: 2 /day}
  drones:
    kind: drone_fleet
    cued_by: [desk, masts]
    false_alarms: 0.3 /h
    speed: 120 km/h
    endurance: 9 h
    turnaround: 3 h
    loss: 0.01 /h
    detection: {law: video, range: 12 km}
    orbits: {all: {base: base, from: 0 km, to: 100 km, drones: 4}}
"""


def campaign(length: str = "4 days") -> str:
    return CAMPAIGN.replace("LENGTH", length)


def test_the_same_replication_has_the_same_digest_and_another_has_not(played: Played) -> None:
    once, again, other = played(campaign()), played(campaign()), played(campaign(), 1)
    assert once.log.digest() == again.log.digest()
    assert once.log.digest() != other.log.digest()


def test_a_mix_by_another_name_is_the_same(told: Told) -> None:
    values = told(campaign()).scenario  # checks that the plain text is sound
    assert not values.experiment.mixes
    digests = []
    for name in ("one", "two"):
        text = MIXED.replace("NAME", name)
        loaded = mixed(loads(json.dumps(yaml.safe_load(text))), name)
        digests.append(play(build(loaded.scenario, set_stage(loaded.scenario, Path()), 0)).log.digest())
    assert digests[0] == digests[1]


MIXED = """
truceline: 1
name: two names
start: 2026-03-01T00:00:00Z
length: 2 days
line: {points: [[30.0, 0.0], [30.9, 0.0]]}
violations: {guns: {kind: heavy_weapons, rate: 20 /day}}
sensors: {masts: {kind: camera_tower, from: 0 km, to: 100 km, every: 20 km, false_alarms: 2 /day}}
desk: {analysts: {day: 1, night: 1}, triage: {median: 5 min, p90: 9 min}, verify: {median: 5 min, p90: 9 min},
       attribute: {median: 5 min, p90: 9 min}}
response: {kind: bulletin}
experiment: {mixes: {NAME: {sensors.masts.every: 10 km}}}
"""
MIXED = MIXED.replace("start: 2026-03-01T00:00:00Z", "start: '2026-03-01T00:00:00Z'")


def test_a_longer_run_begins_with_the_shorter(played: Played) -> None:
    """Until the shorter one ends; the order of what happens at one instant is the same too."""
    short, long = played(campaign("3 days")), played(campaign("6 days"))
    end_s = 3 * DAY

    def until_end(play: Play) -> list[tuple[float, str, str, str, float]]:
        return [(one.t_s, one.verb, one.actor, one.detail, one.value) for one in play.log.entries if one.t_s < end_s]

    assert len(until_end(short)) > 300
    assert until_end(short) == until_end(long)


@pytest.fixture(scope="module")
def story(played: Played) -> Play:
    return played(campaign())


def test_nothing_comes_before_its_cause(story: Play) -> None:
    found = outcomes(story)
    order = ["start_s", "seen_s", "detected_s", "reported_s", "verified_s", "attributed_s", "accused_s"]
    for before, after in pairwise(order):
        known = np.isfinite(found[after])
        assert known.any()
        assert (found[before][known] <= found[after][known]).all()
    assert (found["seen_s"][np.isfinite(found["seen_s"])] <= found["last_s"][np.isfinite(found["seen_s"])]).all()


def test_times_lie_on_the_grid_and_in_order(story: Play) -> None:
    times = np.array([entry.t_s for entry in story.log.entries])
    assert (times * 1024 == np.round(times * 1024)).all()
    assert (np.diff(times) >= 0.0).all()
    assert (times < story.world.scene.horizon_s).all()


def test_every_alarm_is_a_contact_or_a_false_one(story: Play) -> None:
    entries = story.log.entries
    true = sum(entry.verb == "alarm" and entry.incident >= 0 for entry in entries)
    false = sum(entry.verb == "alarm" and entry.incident < 0 for entry in entries)
    assert true == sum(entry.verb == "contact" for entry in entries)
    assert false > 20
    alarms = sum(entry.verb == "alarm" for entry in entries)
    assert alarms == true + false


def test_false_alarms_come_at_the_rate_of_the_hours_on_watch(played: Played) -> None:
    text = campaign("10 days").replace("cued_by: [desk, masts]", "cued_by: []").replace("0.3 /h", "3 /h")
    calm = played(text)
    hours = sum(min(one.off_s, calm.world.scene.horizon_s) - max(one.on_s, 0.0) for one in calm.plans["drones"].stints) / 3600
    count = sum(entry.verb == "alarm" and entry.incident < 0 and entry.actor == "drones" for entry in calm.log.entries)
    assert count == pytest.approx(3 * hours, abs=4 * (3 * hours) ** 0.5)


def test_no_unit_has_two_stints_at_once_and_none_flies_after_its_loss(story: Play) -> None:
    plan = story.plans["drones"]
    lost = dict(reversed(plan.losses))
    assert lost
    for one, two in pairwise(sorted(plan.stints, key=by_unit)):
        assert one.unit != two.unit or one.off_s <= two.on_s
    assert all(one.off_s <= lost[one.unit] or one.on_s >= lost[one.unit] + 10 * DAY for one in plan.stints if one.unit in lost)


def test_an_empty_world_is_quiet(played: Played) -> None:
    assert not played("length: 1 day").log.entries
    assert not played("length: 1 day\nviolations: {guns: {kind: heavy_weapons, rate: 9 /day}}").log.entries
    alone = played("length: 1 day\nsensors: {masts: {kind: camera_tower, from: 0 km, to: 100 km, every: 10 km}}")
    assert not alone.log.entries


def test_a_replication_leaves_no_circles_behind(told: Told, played: Played) -> None:
    """Memory of a long run is freed by counting references; the collector finds only crumbs."""
    played(campaign())  # what is kept on the stage is made now
    world = told(campaign())
    gc.collect()
    gc.disable()
    try:
        facts = len(play(world).log.facts)
        del world
        assert facts > 1000
        assert gc.collect() < facts / 10
    finally:
        gc.enable()
