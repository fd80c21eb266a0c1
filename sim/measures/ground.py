"""What sensors take of the ground: the looks that each type of asset has of the places that are asked about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.kinds import Floats, Ints
from sim.merits import NONE, Spans, at_least, edges_of, last_s, looks, next_s
from sim.scene import Scene, Targets
from sim.sensors.base import Sensor
from sim.sky import JAMMED, MURK, NIGHT
from sim.story import Play
from sim.waits import by_arcs
from sim.watch import Sight, Track, windows
from sim.weather import ruled, spans

ARC_POINTS = 9
"""Places of each stretch of a track at which the range to the target is taken."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The places that are asked about, and when."""

    probes: Targets
    """One in each cell, there for the whole run."""
    share: Floats
    """Of the cell in the area. Shape (C,)."""
    clock_s: Floats
    """Mean solar time of day at each when the run begins. Shape (C,)."""
    instants_s: Floats
    """When it is asked for the next look on the desk; for the newest one it is asked so long before the end. Shape (C, T)."""
    asked_s: float
    """Instants lie before this, for violations begin before it; those that ask how old a look is lie so long before the end."""
    horizon_s: float
    air: Mapping[str, Spans]
    """When states of the air hold at each."""
    hours_s: Floats
    """How long each hour of the day lasts in the run, over all cells by share. Shape (24,)."""

    @property
    def cells(self) -> int:
        """How many places there are."""
        return len(self.share)


class Take(NamedTuple):
    """What one sensor, or several, take of the ground."""

    looked: Spans
    asset: Ints
    """Number of the unit of each look, across all sensors. Shape (S,)."""
    kind: Ints
    """Number of the type of asset of each. Shape (S,)."""
    response_s: Floats
    """From each instant until the next look is on the desk. Shape (C, T)."""
    age_s: Floats
    """Age of the newest look on the desk, at so long before the end as each instant is after the begin. Shape (C, T)."""
    nearest_m: Floats
    """Range on the ground, `nan` for none. Shape (C,)."""
    furthest_m: Floats

    @staticmethod
    def join(takes: "list[Take]") -> "Take":
        """Return what several take together."""
        asset, kind = (np.concatenate([getattr(take, name) for take in takes]) for name in ("asset", "kind"))
        response_s, age_s = (np.min([getattr(take, name) for take in takes], axis=0) for name in ("response_s", "age_s"))
        nearest_m, furthest_m = (extreme.reduce([getattr(take, name) for take in takes]) for name, extreme in RANGES)
        return Take(Spans.join([take.looked for take in takes]), asset, kind, response_s, age_s, nearest_m, furthest_m)


RANGES = (("nearest_m", np.fmin), ("furthest_m", np.fmax))


def take_of(name: str, sensor: Sensor, play: Play, ground: Ground, pause_s: float) -> Take:
    """Return what one sensor takes of the ground; what is back in view of the same unit within a pause was never out of it."""
    scene = play.world.scene
    tracks, air, stints = sensor.tracks(scene), scene.sky.air(name, sensor.kind_name), play.plans[name].stints
    nearest_m, furthest_m = np.full((2, ground.cells), NONE)
    found = []
    for sight in by_arcs(sensor.sight(ground.probes, scene)):
        seen = windows(sight, stints, ground.probes, air)
        found.append(looks(seen, pause_s))
        if on_the_ground(sensor):
            ranges(sight.take(np.unique(seen.row)), tracks, ground.probes, nearest_m, furthest_m)
    looked = Spans.join([part for part, _ in found])
    unit = np.concatenate([np.zeros(0, np.int64), *(units for _, units in found)])
    once = at_least(edges_of(looked))
    die = play.world.dice("merit", name)
    cell, instant = np.arange(ground.cells)[:, None], np.arange(ground.instants_s.shape[1])
    delay_s = sensor.deliver.quantile_s(die.uniform(cell, instant)) if sensor.deliver else np.zeros(ground.instants_s.shape)
    response_s = next_s(once, ground.instants_s) + delay_s
    age_s = last_s(once, scene.horizon_s - ground.instants_s - delay_s) + delay_s
    return Take(looked, unit, np.zeros(len(unit), np.int64), response_s, age_s, nearest_m, furthest_m)


def on_the_ground(sensor: Sensor) -> bool:
    """Return whether tracks say where units are; those of satellites say which ground they image."""
    return not hasattr(sensor, "orbit")


def ranges(sight: Sight, tracks: tuple[Track, ...], probes: Targets, nearest_m: Floats, furthest_m: Floats) -> None:
    """Lower and raise the ranges on the ground, shapes (C,), at which probes are in view, by those of a sight."""
    for number in np.unique(sight.track[sight.track < len(tracks)]):
        rows = np.flatnonzero(sight.track == number)
        track, target = tracks[number], sight.target[rows]
        enter_m, leave_m = sight.arcs_m[rows, :, :1], sight.arcs_m[rows, :, 1:]
        place_m = enter_m + (leave_m - enter_m) * np.linspace(0.0, 1.0, ARC_POINTS)
        along_m = track.length_m - np.abs(np.mod(place_m, max(2.0 * track.length_m, 1.0)) - track.length_m)
        x_m, y_m = (np.interp(along_m, track.steps_m, track.xy_m[:, axis]) for axis in (0, 1))
        range_m = np.hypot(x_m - probes.x_m[target, None, None], y_m - probes.y_m[target, None, None])
        range_m = np.where(leave_m > enter_m, range_m, NONE).reshape(len(rows), -1)
        np.fmin.at(nearest_m, target, np.fmin.reduce(range_m, axis=1))
        np.fmax.at(furthest_m, target, np.fmax.reduce(range_m, axis=1))


def air_over(probes: Targets, scene: Scene) -> dict[str, Spans]:
    """Return when states of the air hold over each probe."""
    sky, cells = scene.sky, len(probes)
    air = sky.air()
    cell, from_s, to_s, state = air.during(air.lane(probes.chainage_m, probes.offset_m), np.zeros(cells), np.full(cells, scene.horizon_s))
    held = {"night": NIGHT, "murk": MURK, "jammed": JAMMED}
    found = {name: Spans(cell, from_s, to_s).take((state & bit) > 0) for name, bit in held.items()}
    region = np.clip((probes.chainage_m // sky.weather.region_m).astype(np.int64), 0, len(sky.regions) - 1)
    parts = []
    for number in np.unique(region):
        begin_s, end_s = spans(*ruled(sky.regions[number], sky.weather.cloud, sky.start, sky.horizon_s))
        here = np.flatnonzero(region == number)
        parts.append(Spans(np.repeat(here, len(begin_s)), np.tile(begin_s, len(here)), np.tile(end_s, len(here))))
    return found | {"overcast": Spans.join(parts)}
