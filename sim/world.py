"""Scenario and dice make the world: the line under its sky, and what happens along it; before time starts."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sim.access import Closure
from sim.dice import Dice
from sim.errors import TrucelineError
from sim.kinds import Floats
from sim.law import interference_reach_m
from sim.line import Line, border_line, bundled, line_from_geojson
from sim.relief import BEYOND_M, read_relief
from sim.scenario import MASKING_DEG, LineRecord, Scenario
from sim.scene import Incidents, Scene, Sector, Stage, Targets
from sim.sky import draw_sky
from sim.weather import JamWindow, jam_windows

CORRIDOR_M = 30_000.0
"""Depth of the corridor where the scenario names no zone: wider than any buffer proposed in 2025. Assumption."""
WEAKEST_JAMMER_W = 5.0
"""Emitters below this are links and radios, not jammers. Assumption."""


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """One replication before time starts."""

    scenario: Scenario
    scene: Scene
    incidents: Incidents
    targets: Targets
    dice: Dice

    @property
    def stage(self) -> Stage:
        """What all replications share."""
        return self.scene.stage


def read_line(record: LineRecord, folder: Path) -> Line:
    """Return the line that a scenario names."""
    if record.bundled is not None:
        line = bundled(record.bundled)
    elif record.border is not None:
        line = border_line(record.border)
    elif record.file is not None:
        path = folder / record.file
        try:
            line = line_from_geojson(path.read_text(encoding="utf-8"), str(path))
        except OSError as fault:
            raise TrucelineError(f"{path}: the line cannot be read ({fault.strerror}); 'file' is relative to the scenario") from None
    else:
        line = Line.from_lonlat(np.array(record.points), "points of the scenario")
    return replace(line, official_length_m=record.official_length_m) if record.official_length_m else line


def set_stage(scenario: Scenario, folder: Path, cache: Path | None = None) -> Stage:
    """Return what all replications of a scenario share."""
    line = read_line(scenario.line, folder)
    sectors = {
        name: Sector(name, record.from_m, min(record.to_m, line.length_m), MASKING_DEG[record.terrain], record.terrain == "water")
        for name, record in scenario.line.sectors.items()
    }
    corridor_m = max((zone.to_m for zone in scenario.line.zones.values()), default=CORRIDOR_M)
    bases = {}
    for name, base in scenario.bases.items():
        x_m, y_m = line.to_xy(np.array([base.at[0]]), np.array([base.at[1]]))
        bases[name] = (float(x_m[0]), float(y_m[0]))
    closures = tuple(
        Closure(rule, from_m, to_m)
        for rule in scenario.environment.access.values()
        for from_m, to_m in (sectors[name][1:3] for name in rule.sectors or ())
    ) + tuple(Closure(rule, 0.0, line.length_m) for rule in scenario.environment.access.values() if not rule.sectors)
    terrain = scenario.line.terrain
    relief = read_relief(terrain, folder, line.projection, line.xy_m, corridor_m + BEYOND_M) if terrain else None
    return Stage(line, sectors, bases, scenario.start, scenario.length_s, scenario.horizon_s, corridor_m, folder, cache, closures, relief)


def build(scenario: Scenario, stage: Stage, replication: int) -> World:
    """Throw one replication: what happens along the line, and the sky above it. Nothing here reads the mix."""
    dice = Dice(scenario.experiment.seed, replication)
    drawn = [violation.draw(stage, dice) for violation in scenario.violations.values()]
    incidents = Incidents.join([part for part, _ in drawn]) if drawn else no_incidents()
    shift = np.cumsum([0, *[len(part) for part, _ in drawn]])
    targets = Targets.join([moved(part, int(shift[index])) for index, (_, part) in enumerate(drawn)]) if drawn else Targets.blank(0)
    stretches = {name: (sector.from_m, sector.to_m) for name, sector in stage.sectors.items()}
    jams = jam_windows(scenario.environment.jamming, stretches, stage.horizon_s, dice) + jams_of(targets)
    sky = draw_sky(scenario.environment, stage.line, stage.start, stage.horizon_s, jams, dice, stage.closures)
    return World(scenario, Scene(stage, sky), incidents, targets, dice)


def moved(targets: Targets, by: int) -> Targets:
    """Return targets whose incidents are counted on from a number."""
    return replace(targets, incident=targets.incident + by)


def jams_of(targets: Targets) -> list[JamWindow]:
    """Return the interference that emitters among the targets cause."""
    rows = np.flatnonzero(targets.emitter_w >= WEAKEST_JAMMER_W)
    reach_m: Floats = interference_reach_m(targets.emitter_w[rows])
    columns = (targets.chainage_m[rows] - reach_m, targets.chainage_m[rows] + reach_m, targets.start_s[rows], targets.end_s[rows])
    return [JamWindow(*map(float, window)) for window in zip(*columns, strict=True)]


def no_incidents() -> Incidents:
    """Return an empty table of incidents."""
    none = np.zeros(0)
    whole = np.zeros(0, dtype=np.int64)
    yes = np.zeros(0, dtype=bool)
    return Incidents(whole.astype(np.uint64), whole, none, none, whole, none, none, none, none, whole, yes, yes, ())
