"""The ground beside the line in tiles, and what those who task satellites know of it."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from sim.kinds import Bools, Floats, Ints
from sim.scene import Stage

LARGEST_TILE_M = 25_000.0
"""The ground is cut into tiles of at most this size; a pass is computed for a tile's middle. At 600 km a point 12 km from it is seen at up
to 1.2 deg other off-nadir, and up to 2 s earlier or later."""


class Tiles(NamedTuple):
    """The ground beside the line, cut into tiles along and across."""

    step_m: float
    along: int
    across: int
    chainage_m: Floats
    offset_m: Floats
    x_m: Floats
    y_m: Floats
    depth_m: float

    def of(self, chainage_m: Floats, offset_m: Floats) -> Ints:
        """Return the tile that each place lies in, -1 outside of all. Shape (N,)."""
        row = np.minimum((chainage_m // self.step_m).astype(np.int64), self.along - 1)
        column = np.floor((offset_m + self.depth_m) / (2 * self.depth_m / self.across)).astype(np.int64)
        return np.where(np.abs(offset_m) < self.depth_m, row * self.across + column, -1)


def cut_tiles(stage: Stage, size_m: float, depth_m: float) -> Tiles:
    """Cut the ground on both sides of the line into tiles, row by row along the line.

    Args:
        stage: Gives the line.
        size_m: Side of a tile, at most `LARGEST_TILE_M`; across the line, as near to it as a whole number of tiles allows.
        depth_m: How far the ground reaches on each side.
    """
    step_m = min(size_m, LARGEST_TILE_M)
    along = max(1, int(np.ceil(stage.line.length_m / step_m)))
    across = max(1, round(2 * depth_m / step_m))
    row, column = np.divmod(np.arange(along * across), across)
    chainage_m = np.minimum((row + 0.5) * step_m, stage.line.length_m)
    offset_m = (column + 0.5) * (2 * depth_m / across) - depth_m
    x_m, y_m = stage.line.at(chainage_m, offset_m)
    return Tiles(step_m, along, across, chainage_m, offset_m, x_m, y_m, depth_m)


@dataclass(slots=True, eq=False)
class Ledger:
    """What those who task a constellation know of the ground."""

    last_s: Floats
    """When each tile was last taken, as planned. Shape (tiles,)."""
    imaged: Bools
    """Which geometries there is an image of. Shape (geometries,)."""
    spoiled: list[tuple[float, int, float]] = field(default_factory=list)
    """Scenes that will turn out to be cloud: when, of which tile, and when that was last taken before."""

    def forget(self, now_s: float) -> None:
        """Take back the scenes that turned out to be cloud by now."""
        scenes = sorted(self.spoiled)
        while scenes and scenes[0][0] <= now_s:
            at_s, tile, before_s = scenes.pop(0)
            if self.last_s[tile] == at_s:
                self.last_s[tile] = before_s
            # a scene that was planned on top of this one falls back as far
            scenes = [(later_s, other, before_s if (other, known_s) == (tile, at_s) else known_s) for later_s, other, known_s in scenes]
        self.spoiled = scenes
