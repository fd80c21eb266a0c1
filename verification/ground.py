"""What the checks stand on: a straight line under a clear sky, targets that stand beside it, and means against what theory says."""

import json
from pathlib import Path
from typing import Any

from sim.kinds import Floats
from sim.scenario import loads
from sim.scene import Scene, Targets
from sim.units import KM
from sim.world import World, build, set_stage
from verification.board import Row

ERRORS = 3.5
"""A right figure strays further than so many standard errors once in 2,000 times."""
DEGREE_KM = 111.3194908
"""Of longitude on the equator, WGS 84."""
NORTH_KM = 110.5743
"""Of latitude there."""
BEFORE_THE_END_S = 1e9
"""Later than any run."""


def close(name: str, what: str, values: Floats, expected: float, unit: str = "") -> Row:
    """Return whether the mean of independent values is what theory says. Shape (R,)."""
    mean, error = float(values.mean()), float(values.std(ddof=1)) / len(values) ** 0.5
    held = abs(mean - expected) <= ERRORS * error
    figure = f"{mean:.4f} ± {error:.4f}{unit and ' ' + unit}"
    return Row(name, what, figure, f"{expected:.4f} within {ERRORS} standard errors", held)


def told(sensors: dict[str, Any], length_km: float = 100.0, replication: int = 0, **other: Any) -> World:
    """Return the world of a scenario on a stretch of the equator: no cloud, no fog; blocks are laid over it by name."""
    never, minute = [0.0] * 12, {"law": "fixed", "value": "1 min"}
    scenario = {
        "truceline": 1,
        "name": "straight",
        "start": "2026-03-01T00:00:00Z",
        "length": "30 days",
        "follow_up": "0 s",
        "line": {"points": [[30.0, 0.0], [30.0 + length_km / DEGREE_KM, 0.0]]},
        "environment": {"weather": {"cloud": never, "murk": never, "icing": never}},
        "bases": {"base": {"at": [30.0 + length_km / 2.0 / DEGREE_KM, 0.0]}},
        "sensors": sensors,
        "desk": {"analysts": {"day": 1, "night": 1}, "triage": minute, "verify": minute, "attribute": minute, "p_open_true": 1.0},
        "response": {"kind": "bulletin"},
        "experiment": {"seed": 1},
    } | other
    loaded = loads(json.dumps(scenario))
    return build(loaded.scenario, set_stage(loaded.scenario, Path()), replication)


def fleet(law: dict[str, Any], length_km: float = 100.0, **other: Any) -> dict[str, Any]:
    """Return a drone that flies up and down over the line, as it is written in a scenario."""
    orbit = {"base": "base", "from": "0 km", "to": f"{length_km} km", "drones": 1}
    return {
        "kind": "drone_fleet", "speed": "100 km/h", "endurance": "5000 d", "turnaround": "1 h", "stand_off": "0 km", "altitude": "1 m",
        "detection": law, "orbits": {"all": orbit},
    } | other  # fmt: skip


def guns(rate: str, lasts: dict[str, str], **other: Any) -> dict[str, Any]:
    """Return weapons that stand on the line for some time, as they are written in a scenario."""
    return {"guns": {"kind": "heavy_weapons", "rate": rate, "lasts": lasts, "depth_from": "0 km", "depth_to": "0 km"} | other}


def standing(scene: Scene, chainage_m: Floats, offset_m: Floats, **columns: Any) -> Targets:
    """Return vehicles of 2.3 m that stand at places (N,) from the begin of the run, for ever; other columns as given."""
    targets = Targets.blank(len(chainage_m))
    x_m, y_m = scene.line.at(chainage_m, offset_m)
    given = {"x_m": x_m, "y_m": y_m, "chainage_m": chainage_m, "offset_m": offset_m, "size_m": 2.3, "end_s": BEFORE_THE_END_S}
    for name, value in (given | columns).items():
        getattr(targets, name)[:] = value
    return targets


def kilometres(metres: float) -> str:
    """Return a length as it is written in a scenario."""
    return f"{metres / KM:.9f} km"
