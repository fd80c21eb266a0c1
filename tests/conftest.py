"""A straight line on the equator under a clear sky, and scenarios written on it as text."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from sim.dice import Dice
from sim.engine.run import play
from sim.scenario import loads
from sim.scene import Scene, Stage, Targets
from sim.sky import Environment, Sky, draw_sky
from sim.story import Play
from sim.units import DAY
from sim.weather import Weather
from sim.world import World, build, set_stage

DEGREE_M = 111_319.4908
"""One degree of longitude on the equator."""

NEVER: Any = [0.0] * 12


def plain() -> dict[str, Any]:
    """100 km of the equator for ten days; no cloud, no fog, one analyst who needs a minute for everything."""
    minute = {"law": "fixed", "value": "1 min"}
    return {
        "truceline": 1,
        "name": "story",
        "start": "2026-03-01T00:00:00Z",
        "length": "10 days",
        "follow_up": "1 day",
        "line": {"points": [[30.0, 0.0], [30.0 + 100_000.0 / DEGREE_M, 0.0]]},
        "environment": {"weather": {"cloud": NEVER, "murk": NEVER}},
        "bases": {"base": {"at": [30.45, 0.02]}},
        "desk": {"analysts": {"day": 1, "night": 1}, "triage": minute, "verify": minute, "attribute": minute, "p_open_true": 1.0},
        "response": {"kind": "bulletin"},
        "experiment": {"seed": 1},
    }


def laid_over(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return one block with another laid over it, name by name; a spread, a line and a response are replaced whole."""
    mixed = dict(under)
    for name, value in over.items():
        below: Any = mixed.get(name)
        blocks = isinstance(value, dict) and isinstance(below, dict) and not {"law", "median", "kind", "points", "bundled"} & value.keys()
        mixed[name] = laid_over(below, value) if blocks else value
    return mixed


@pytest.fixture(scope="session")
def told() -> Callable[..., World]:
    """Return the world of a scenario: the plain one with a text laid over it."""

    def told(text: str, replication: int = 0) -> World:
        loaded = loads(json.dumps(laid_over(plain(), yaml.safe_load(text) or {})))
        return build(loaded.scenario, set_stage(loaded.scenario, Path()), replication)

    return told


@pytest.fixture(scope="session")
def played(told: Callable[..., World]) -> Callable[..., Play]:
    """Play a scenario: the plain one with a text laid over it."""

    def played(text: str, replication: int = 0) -> Play:
        return play(told(text, replication))

    return played


@pytest.fixture(scope="session")
def stage() -> Stage:
    """Thirty days on 100 km of the equator, west to east: side A is north."""
    text = json.dumps(plain() | {"length": "30 days", "follow_up": "0 s", "bases": {}})
    return set_stage(loads(text).scenario, Path())


@pytest.fixture(scope="session")
def sky_over(stage: Stage) -> Callable[..., Sky]:
    """Return the sky of a replication; clear unless shares of cloud or murk, interference, or closed stretches are given."""

    def sky_over(replication: int = 0, cloud: Any = NEVER, murk: Any = NEVER, jams: Any = (), closures: Any = (), **other: Any) -> Sky:
        weather = Weather(cloud=tuple(cloud), murk=tuple(murk), **other)
        dice = Dice(1, replication)
        return draw_sky(Environment(weather=weather), stage.line, stage.start, stage.horizon_s, jams, dice, closures)

    return sky_over


@pytest.fixture
def scene(stage: Stage, sky_over: Callable[..., Sky]) -> Scene:
    """The line under a clear sky; what sensors keep on its stage lasts for one test."""
    return Scene(replace(stage, memo={}), sky_over())


@pytest.fixture(scope="session")
def standing(stage: Stage) -> Callable[..., Targets]:
    """Return vehicles of 2.3 m that stand at places along the line and beside it; other columns as given."""

    def standing(chainage_m: Any, offset_m: Any = 0.0, start_s: Any = 0.0, end_s: Any = 30 * DAY, **columns: Any) -> Targets:
        chainage_m = np.atleast_1d(np.asarray(chainage_m, dtype=np.float64))
        offset_m = np.broadcast_to(np.asarray(offset_m, dtype=np.float64), chainage_m.shape)
        x_m, y_m = stage.line.at(chainage_m, offset_m)
        given = {"start_s": start_s, "end_s": end_s, "size_m": 2.3, **columns}
        full = {name: np.broadcast_to(np.asarray(value), chainage_m.shape) for name, value in given.items()}
        return replace(Targets.blank(len(chainage_m)), x_m=x_m, y_m=y_m, chainage_m=chainage_m, offset_m=offset_m, **full)

    return standing
