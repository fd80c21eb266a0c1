"""What helps to write a scenario: a look for mistakes, a first file, the kinds and the schema."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim import scenario as scenarios
from sim.document import override, read
from sim.errors import Problem, ScenarioError, TrucelineError
from sim.family import Member
from sim.line import SIDE_A, SIDE_B, Line
from sim.scenario import Loaded, Scenario, ZoneRecord, check_mixes, checked
from sim.scene import Stage
from sim.units import KM, duration, words
from sim.world import set_stage

TUTORIAL = Path(__file__).parent / "data" / "tutorial.yaml"
FARTHEST_BASE_M = 2_000_000.0
"""A base beyond this is taken for a slip of the pen. Assumption: half a day's flight of a patrol drone."""
SHORTEST_GAP_M = 1000.0
"""Shorter stretches out of reach are not worth a warning. Assumption."""


class Checked(NamedTuple):
    """What a look at a scenario has shown that has no errors."""

    file: str
    facts: tuple[str, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...] = ()


def load(path: Path | str, changes: Mapping[str, str] | None = None) -> Loaded:
    """Read and check a scenario, with changes such as those of `--set` laid over it; a block that it leaves out may be begun by them.

    Raises:
        ScenarioError: All that is wrong; what a change has brought about names that change.
    """
    path = Path(path)
    if not changes:
        return scenarios.load(path)
    document = read(path)
    for where, value in changes.items():
        document = override(document, where, value, f"--set {where}={value}", Scenario)
    try:
        return Loaded(checked(document), document, path.parent)
    except ScenarioError as faults:
        raise ScenarioError(blamed(path, changes, faults)) from None


def blamed(path: Path, changes: Mapping[str, str], faults: ScenarioError) -> list[Problem]:
    """Return problems so that those that the file does not have without the changes name a change as their place."""
    try:
        scenarios.load(path)
    except ScenarioError as own:
        known = {problem.message for problem in own.problems}
    else:
        known = set()
    given = ", ".join(f"--set {where}={value}" for where, value in changes.items())
    return [
        problem if problem.message in known or problem.place.startswith("--set") else replace(problem, place=f"{given} ({problem.place})")
        for problem in faults.problems
    ]


def check(scenario: Loaded | Path | str, changes: Mapping[str, str] | None = None) -> Checked:
    """Check a scenario and all its mixes without simulating.

    Raises:
        ScenarioError: All that is wrong, with places.
    """
    loaded = load(scenario, changes) if isinstance(scenario, (str, Path)) else scenario
    check_mixes(loaded)
    stage = set_stage(loaded.scenario, loaded.folder)
    return Checked(loaded.document.file, tuple(facts(loaded, stage)), tuple(concerns(loaded, stage)), tuple(notes(loaded, stage)))


def notes(loaded: Loaded, stage: Stage) -> list[str]:
    """Return what sensors tell of themselves, and which of them cost nothing or report at once because the file does not say."""
    sensors = loaded.scenario.sensors
    told = [f"{name}: {note}" for name, sensor in sensors.items() for note in sensor.notes(stage)]
    for free, what in (("cost_eur", "count as free, for they have no 'cost'"), ("deliver", "report at once, for they have no 'deliver'")):
        names = [name for name, sensor in sensors.items() if not getattr(sensor, free)]
        if names and len(names) < len(sensors):
            told.append(f"{', '.join(names)}: {what}")
    return told


def facts(loaded: Loaded, stage: Stage) -> list[str]:
    """Return what a planner should know of the scenario at a glance."""
    scenario, line = loaded.scenario, stage.line
    official = line.official_length_m
    stated = f", {words(official, 'length')} in official statements (factor {line.length_factor:.3f})" if official else ""
    entries = f"{len(scenario.sensors)} sensors, {len(scenario.violations)} kinds of event, {len(scenario.experiment.mixes)} mixes"
    return [
        f"line: {line.name}, {words(line.length_m, 'length')}{stated}",
        f"projection: {line.projection}, lengths right within {100.0 * line.worst_scale_error:.2g} %",
        *(f"zone {name}: {area_km2(zone, line):,.0f} km2" for name, zone in scenario.line.zones.items()),
        f"{entries}; {duration(scenario.length_s)} and {duration(scenario.follow_up_s)} to follow up",
    ]


def area_km2(zone: ZoneRecord, line: Line) -> float:
    """Return the area of a zone on the sides that it lies on."""
    sides = {"A": (SIDE_A,), "B": (SIDE_B,), "both": (SIDE_A, SIDE_B)}[zone.side]
    return float(sum(line.zone(side, zone.from_m, zone.to_m).area for side in sides)) / (KM * KM)


def concerns(loaded: Loaded, stage: Stage) -> list[str]:
    """Return what a planner should look at twice: it can be meant, and it is often a slip."""
    scenario = loaded.scenario
    said = [f"{name}: {concern}" for name, sensor in scenario.sensors.items() for concern in sensor.concerns(stage)]
    said += [f"{name}: {concern}" for name, violation in scenario.violations.items() for concern in violation.concerns(stage)]
    return said + beyond_reach(loaded, stage) + far_bases(stage)


def beyond_reach(loaded: Loaded, stage: Stage) -> list[str]:
    """Return the stretches of line that no sensor reaches."""
    if not loaded.scenario.sensors:
        return ["there are no sensors, so nothing will be seen"]
    spans = sorted(span for sensor in loaded.scenario.sensors.values() for span in sensor.reach_m(stage))
    gaps, reached_m = [], 0.0
    for from_m, to_m in (*spans, (stage.line.length_m, stage.line.length_m)):
        if from_m - reached_m > SHORTEST_GAP_M:
            gaps.append((reached_m, from_m))
        reached_m = max(reached_m, to_m)
    return [
        f"km {from_m / 1000:.0f} to {to_m / 1000:.0f} is in reach of no sensor{sectors_in(stage, from_m, to_m)}" for from_m, to_m in gaps
    ]


def sectors_in(stage: Stage, from_m: float, to_m: float) -> str:
    """Return in words which sectors a stretch of line touches."""
    names = [name for name, sector in stage.sectors.items() if sector.from_m < to_m and sector.to_m > from_m]
    return f" ({', '.join(names)})" if names else ""


def far_bases(stage: Stage) -> list[str]:
    """Return the bases that lie nowhere near: a place with longitude and latitude in the wrong order is found like this."""
    if not stage.bases:
        return []
    x_m, y_m = np.array(list(stage.bases.values())).T
    lon, lat = stage.line.to_lonlat(x_m, y_m)
    turned = stage.line.to_xy(lat, np.clip(lon, -89.0, 89.0))
    (_, offset_m), (_, turned_m) = stage.line.locate(x_m, y_m), stage.line.locate(*turned)
    return [
        f"base {name} lies {words(float(abs(off)), 'length')} from the line; are longitude and latitude in this order?"
        for name, off, other in zip(stage.bases, offset_m, turned_m, strict=True)
        if abs(off) > FARTHEST_BASE_M and not abs(other) > abs(off)
    ]


def init(folder: Path | str = ".") -> Path:
    """Write a small scenario to start from, with comments; never over a file that is there."""
    path = Path(folder) / TUTORIAL.name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(TUTORIAL.read_bytes())
    except FileExistsError:
        there = path if path.parent.is_dir() else path.parent
        raise TrucelineError(f"{there} is there already; name another folder, as in 'truceline init FOLDER'") from None
    except OSError as fault:
        raise TrucelineError(f"{path} cannot be written ({fault.strerror}); name another folder, as in 'truceline init FOLDER'") from None
    return path


class Kind(NamedTuple):
    """A kind that a scenario can name, or a measure that is asked of every run."""

    family: str
    kind: str
    about: str
    module: str


def kinds() -> list[Kind]:
    """Return all kinds, by family."""
    from sim.council import Body
    from sim.measures.base import Measure
    from sim.responses.base import Response
    from sim.sensors.base import Sensor
    from sim.violations.base import Violation

    families: dict[str, type[Member]] = {
        "sensors": Sensor,
        "violations": Violation,
        "response": Response,
        "response.bodies": Body,
        "measures": Measure,
    }
    return [
        Kind(family, kind, (member.__doc__ or "").strip().splitlines()[0], member.__module__)
        for family, base in families.items()
        for kind, member in sorted(base.kinds.items())
    ]


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario, for editors."""
    from sim.schema import json_schema

    return json_schema(Scenario)
