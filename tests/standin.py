"""A scenario small enough for tests, and players that go wrong; processes import them by name."""

import os
import time
from pathlib import Path

from sim.engine.run import play
from sim.errors import TrucelineError
from sim.story import Play
from sim.world import World

SMALL = """\
truceline: 1
name: small
start: 2026-03-01T00:00:00Z
length: 2 d
follow_up: 1 d
line:
  points: [[30.0, 49.0], [30.5, 49.0]]
  sectors:
    all: {from: 0 km, to: 36 km, terrain: open}
bases:
  field: {at: [30.2, 49.2]}
sensors:
  towers: {kind: camera_tower, from: 0 km, to: 36 km, every: 6 km, false_alarms: 1 /day}
violations:
  shelling: {kind: shelling, rate: 6 /day}
desk:
  analysts: {day: 2, night: 1}
  triage: {median: 10 min, p90: 30 min}
  verify: {median: 1 h, p90: 4 h}
  attribute: {median: 2 h, p90: 8 h}
response:
  kind: ladder
  states: {one: {decides: {median: 6 h, p90: 20 h}}}
  bodies: {council: {kind: sole, members: [one]}}
  rungs:
    protest: {trigger: any, body: council, clock: detection, within: 24 h}
experiment:
  replications: 4
  seed: 7
  mixes:
    few: {}
    many: {sensors.towers.every: 3 km}
"""


def small(folder: Path) -> Path:
    """Write the scenario and return its file."""
    path = folder / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def dies_on_two(world: World) -> Play:
    """Replication 2 takes its process with it, always."""
    if world.dice.replication == 2:
        os._exit(9)
    return play(world)


def dies_once(world: World) -> Play:
    """Replication 1 takes its process with it, the first time."""
    mark = Path(os.environ["TRUCELINE_TEST_MARK"])
    if world.dice.replication == 1 and not mark.exists():
        mark.touch()
        os._exit(9)
    return play(world)


def faulty_on_two(world: World) -> Play:
    """Replication 2 meets a fault of the program."""
    if world.dice.replication == 2:
        raise ZeroDivisionError("a fault of ours")
    return play(world)


def refuses(world: World) -> Play:
    """The scenario turns out to be wrong when it is played."""
    raise TrucelineError("no water here; name a sector with water")


def interrupted_on_two(world: World) -> Play:
    """The user interrupts during replication 2."""
    if world.dice.replication == 2:
        time.sleep(0.1)
        raise KeyboardInterrupt
    return play(world)
