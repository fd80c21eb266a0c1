"""A small scenario, and results by hand: ten days, three more of follow-up, times in hours."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pytest

from sim.scenario import Scenario, loads
from sim.scene import Stage
from sim.story import NEVER, Results
from sim.units import HOUR
from sim.world import set_stage

Told: TypeAlias = Callable[..., Results]

TEXT = """
truceline: 1
name: by hand
start: 2026-06-01T00:00:00Z
length: 10 d
follow_up: 3 d
line: {points: [[30, 50], [31, 50]]}
sensors:
  masts: {kind: camera_tower, from: 0 km, to: 50 km, every: 10 km, cost: 100 EUR}
violations:
  shelling: {kind: shelling, rate: 1 /day}
  incursion: {kind: armoured_incursion, rate: 1 /day}
desk:
  analysts: {day: 4, night: 2}
  triage: {law: fixed, value: 5 min}
  verify: {law: fixed, value: 30 min}
  attribute: {law: fixed, value: 1 h}
costs: {analyst: 250 EUR}
response:
  kind: ladder
  states: {ukraine: {decides: {law: fixed, value: 2 h}}}
  bodies: {kyiv: {kind: sole, members: [ukraine]}}
  rungs:
    warning: {body: kyiv, clock: act, within: 24 h}
    force: {body: kyiv, clock: detection, within: 72 h, trigger: expanded}
    summit: {body: kyiv, trigger: expanded}
"""
IN_HOURS = (
    "start",
    "end",
    "last",
    "seen",
    "detected",
    "reported",
    "corroborated",
    "verified",
    "attributed",
    "rejected",
    "expired",
    "accused",
)


@pytest.fixture(scope="session")
def scenario() -> Scenario:
    return loads(TEXT).scenario


@pytest.fixture(scope="session")
def stage(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return set_stage(scenario, tmp_path_factory.mktemp("scenario"))


@pytest.fixture(scope="session")
def told(scenario: Scenario, stage: Stage) -> Told:
    """Return a function from stories of incidents, and tallies, to results."""

    def results(*stories: dict[str, Any], replications: int = 2, **tallies: list[float]) -> Results:
        everything = [row(story, scenario) for story in stories]
        names = row({}, scenario)
        types = {name: object if isinstance(value, str) else np.array([value]).dtype for name, value in names.items()}
        columns = {name: np.array([line[name] for line in everything], dtype=types[name]) for name in names}
        numbers = {name.replace("__", "."): np.array(values) for name, values in tallies.items()}
        return Results(scenario, stage, "B", {"replication": np.arange(float(replications)), **numbers}, columns, {})

    return results


def row(story: dict[str, Any], scenario: Scenario) -> dict[str, Any]:
    """Return the columns of one incident: a shelling of one hour by side B at the start, which nobody saw, unless the story differs."""
    line: dict[str, Any] = {
        "replication": 0,
        "incident": 0,
        "kind": "shelling",
        "seen_by": "",
        "side": -1,
        "benign": False,
        "notified": False,
    }
    line |= {"countable": 1, "chainage_m": 0.0, "offset_m": 0.0, "finding": 9, "sources": 0}
    line |= {name: story[name] for name in line if name in story}
    start_h = story.get("start", 0.0)
    hours = {name: story.get(name, NEVER) for name in IN_HOURS} | {"start": start_h, "end": story.get("end", start_h + 1.0)}
    hours["last"] = story.get("last", hours["end"])
    for rung in scenario.rungs():
        hours |= {f"decided.{rung}": story.get(f"decided_{rung}", NEVER), f"arrived.{rung}": story.get(f"arrived_{rung}", NEVER)}
    return line | {f"{name}_s": hour * HOUR for name, hour in hours.items()}
