"""Satellites that take in all that they pass: each passage is one look at every tile of the line."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim import orbits
from sim.clock import up
from sim.kinds import Bools, Floats, Ints
from sim.live import Steps
from sim.model import NonNegative, Probability
from sim.ops import Ops
from sim.orbits import Orbit
from sim.physics.exposure import exposure_of
from sim.scene import Scene, Stage, Targets
from sim.sensors.base import Sensor
from sim.sky import STATES
from sim.tiles import LARGEST_TILE_M, Tiles, cut_tiles
from sim.units import DAY, KM, PositiveMetres
from sim.watch import Sight, Stint, Track, stare

if TYPE_CHECKING:
    from sgp4.api import Satrec

    from sim.physics.windows import Windows

LOOK_S = 1.0
"""A satellite stands on a tile for this long, in which a look has its whole chance."""


class Overpasses(Sensor):
    """Satellites that nobody tasks: one look a satellite, passage and tile, at the best instant or a few seconds later.

    A look lasts a second and sees what is there in that second. What is there for a part of the passage is met with that share as its
    chance, so the chance of a look times the share of time is kept in the mean. Units do not fail: a satellite that does is left out.
    """

    orbit: Orbit
    depth_m: PositiveMetres = 40 * KM
    """How far from the line the ground is looked at, on both sides. Assumption: it covers what is told of the deepest acts."""
    error_m: PositiveMetres
    """Standard deviation of the place, east and north."""
    p_classify: Probability
    """Chance that a contact shows what it is."""
    p_attribute: Probability
    """Chance that a contact shows who did it."""
    false_alarms_per_look: NonNegative = 0.0
    """False alarms in one look at one tile; they come beside those of `false_alarms`, which count seconds of looking."""

    @property
    def slips_per_s(self) -> float:
        """False alarms of one unit a second of looking."""
        return self.false_alarms_per_s + self.false_alarms_per_look / LOOK_S

    @abstractmethod
    def limits_deg(self, stage: Stage) -> tuple[float, float]:
        """Return the largest angle off the nadir, and the least height of the satellite above the horizon."""

    @abstractmethod
    def p_look(self, targets: Targets) -> Floats:
        """Return the chance that one look finds each target if nothing lies between. Shape (N,)."""

    def free(self, tile: Ints, at_s: Floats, elevation_deg: Floats, scene: Scene) -> Bools:
        """Say which looks nothing stands in the way of; here all. Shape (L,)."""
        return np.ones(len(tile), dtype=bool)

    def units(self, stage: Stage) -> Sequence[int]:
        """Number the satellites plane by plane."""
        return range(len(self.records(stage)))

    def records(self, stage: Stage) -> "list[Satrec]":
        """Return the satellites as they stand at the start."""
        return orbits.records(stage, self.name, self.orbit)

    def tiles(self, stage: Stage) -> Tiles:
        """Cut the ground beside the line into tiles; a passage is computed for a tile's middle."""
        return stage.once((self, "tiles"), lambda: cut_tiles(stage, LARGEST_TILE_M, self.depth_m))

    def tracks(self, scene: Scene) -> tuple[Track, ...]:
        """Give each tile a track."""
        return scene.stage.once((self, "tracks"), lambda: self.lay_tracks(scene))

    def lay_tracks(self, scene: Scene) -> tuple[Track, ...]:
        """Return the tracks."""
        tiles = self.tiles(scene.stage)
        places = zip(tiles.x_m.tolist(), tiles.y_m.tolist(), tiles.chainage_m.tolist(), strict=True)
        return tuple(Track(np.array([[x, y]]), place_m, scene.sky.patch_of(place_m)) for x, y, place_m in places)

    def spans_m(self, scene: Scene) -> tuple[float, ...]:
        """Return along how much of the line the false alarms of each tile lie."""
        tiles = self.tiles(scene.stage)
        return (tiles.step_m,) * len(tiles.x_m)

    def sight(self, targets: Targets, scene: Scene) -> Sight:
        """Find what lies in a tile in the second in which it is looked at."""
        tile = self.tiles(scene.stage).of(targets.chainage_m, targets.offset_m)
        p_look = np.where(tile >= 0, self.p_look(targets), 0.0)
        rows = np.flatnonzero(p_look > 0.0)
        rate = exposure_of(p_look[rows]) / LOOK_S
        p_classify, p_attribute = np.full(len(rows), self.p_classify), np.full(len(rows), self.p_attribute)
        spread_m = self.error_m * np.eye(2)[None]
        return stare(rows, rate[:, None] * np.ones(STATES), tile[rows], p_classify, p_attribute, np.zeros(len(rows)), spread_m=spread_m)

    def looks(self, stage: Stage) -> "Windows":
        """Return the passages over each tile, in order of satellite and time."""
        tiles = self.tiles(stage)
        return stage.once((self, "looks"), lambda: self.windows_over(stage, *stage.line.to_lonlat(tiles.x_m, tiles.y_m)))

    def windows_over(self, stage: Stage, lon_deg: Floats, lat_deg: Floats) -> "Windows":
        """Return the passages over places, from the disk if they have been computed before."""
        off_nadir_deg, elevation_deg = self.limits_deg(stage)

        def search(satellites: "Sequence[Satrec]", lon: Floats, lat: Floats, begin_s: float, end_s: float) -> "Windows":
            from sim.physics.windows import passes

            return passes(satellites, lon, lat, begin_s, end_s, max_off_nadir_deg=off_nadir_deg, min_elevation_deg=elevation_deg)

        told = f"overpass, {off_nadir_deg}, {elevation_deg}"
        return orbits.kept_windows(stage, self.records(stage), lon_deg, lat_deg, told, search)

    def operate(self, unit: int, ops: Ops) -> Steps:
        """Look at each tile once a passage, one after the other."""
        looks = self.looks(ops.scene.stage)
        mine = slice(*np.searchsorted(looks.satellite, [unit, unit + 1]).tolist())
        tile, on_s = looks.point[mine], in_turn_s(up(looks.closest_s[mine]))
        free = self.free(tile, on_s, looks.elevation_deg[mine], ops.scene)
        for track, begin_s in zip(tile[free].tolist(), on_s[free].tolist(), strict=True):
            ops.post(Stint(unit, track, begin_s, begin_s + LOOK_S))
        return
        yield

    def reach_m(self, stage: Stage) -> list[tuple[float, float]]:
        """Return the whole line, or nothing if no satellite ever passes."""
        return [(0.0, stage.line.length_m)] if len(self.looks(stage)) else []

    def concerns(self, stage: Stage) -> list[str]:
        """Warn of orbits in the air, and of orbits that never come near."""
        if said := orbits.concerns(stage, self.name, self.orbit):
            return said
        return [] if len(self.looks(stage)) else ["no satellite ever passes the line; look at the inclination, and at what limits a look"]

    def notes(self, stage: Stage) -> list[str]:
        """Say how often a place is passed."""
        looks, tiles = self.looks(stage), self.tiles(stage)
        a_day = len(looks) / len(tiles.x_m) / (stage.horizon_s / DAY)
        return [f"a place of the line is passed {a_day:.1f} times a day by all its satellites together"]


def in_turn_s(at_s: Floats) -> Floats:
    """Return when looks are taken that come due at instants, in order, one after the other. Shape (L,).

    >>> in_turn_s(np.array([0.0, 0.0, 0.5, 10.0])).tolist()
    [0.0, 1.0, 2.0, 10.0]
    """
    turn_s = LOOK_S * np.arange(len(at_s))
    return np.asarray(np.maximum.accumulate(at_s - turn_s) + turn_s)
