"""Ground that hides: heights on a grid, the skyline seen from a place, and free sight between two places.

How: a profile of the ground is sampled between the places, every half cell, on an Earth whose radius is four thirds of the true one, and
the steepest slope up to it is kept. It is followed outward only as far as the highest ground of all could still rise above what was found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim.kinds import Bools, Floats, Ints

Heights: TypeAlias = NDArray[np.float32]
"""Heights as they are stored: float32 holds 0.001 m at 8,000 m."""
Place: TypeAlias = "tuple[Floats | float, Floats | float, Floats | float]"
"""Columns x, y on the map and height above the ground, in metres; each of shape (N,) or one number for all."""

BENT_RADIUS_M = 6_371_000.0 * 4.0 / 3.0
"""Radius of an Earth on which rays are straight. Source: ITU-R P.834, standard atmosphere, for radio; light bends less (7/6 of the true
radius, geodetic practice), so that an eye's horizon lies 6 % nearer."""
SIDE = 128
"""Cells along the side of a block. A block has one row and one column of its neighbours, so that no cell spans two."""
RUN = 32
"""Samples of a profile that are taken before it is asked whether the rest can matter."""
BATCH = 4096
"""Profiles that are followed together: with `RUN` samples each they stay near the cache."""
STRAIGHT_DOWN_DEG = -90.0
"""The skyline where no ground lies between."""
LOWEST_EYE_M = 0.1
"""An eye on the ground counts as this high, so that an angle can hide something from it. Assumption."""
OVERHEAD_DEG = 89.9
"""What hides an eye that is below its target: all but the zenith."""


@dataclass(frozen=True, slots=True, eq=False)
class Relief:
    """Heights of the ground on a square grid of the map, bilinear between its nodes.

    Unknown ground is `nan` and hides nothing; where the ground below a target or an eye is unknown, all count as on flat ground.
    """

    west_m: float
    south_m: float
    """Place of the first node."""
    cell_m: float
    """Distance from node to node."""
    index: Ints
    """Number of the block, by row from the south and column from the west; 0 where nothing is known. Shape (I, J)."""
    blocks: Heights
    """Heights in blocks, the first of which is all `nan`. Shape (B, SIDE + 1, SIDE + 1)."""
    highest_m: float
    """Of all nodes."""
    with_plants: bool = False
    """Whether the heights are those of canopies and roofs, so that no angle need be thrown for them."""

    @classmethod
    def of_blocks(
        cls, west_m: float, south_m: float, cell_m: float, known: dict[tuple[int, int], Heights], with_plants: bool = False
    ) -> Relief:
        """Build a relief from the blocks that are known, by row and column, each of shape (SIDE + 1, SIDE + 1)."""
        rows, columns = (1 + max((place[axis] for place in known), default=0) for axis in (0, 1))
        index = np.zeros((rows, columns), dtype=np.int64)
        blocks = np.full((len(known) + 1, SIDE + 1, SIDE + 1), np.nan, dtype=np.float32)
        for number, (place, heights_m) in enumerate(known.items(), start=1):
            index[place], blocks[number] = number, heights_m
        highest_m = float(np.fmax.reduce(blocks, axis=None))
        for array in (index, blocks):
            array.flags.writeable = False
        return cls(west_m, south_m, cell_m, index, blocks, highest_m, with_plants)

    @classmethod
    def of_grid(cls, heights_m: Floats, west_m: float, south_m: float, cell_m: float, with_plants: bool = False) -> Relief:
        """Build a relief from heights at nodes, rows from south to north, columns from west to east. Shape (R, C)."""
        rows, columns = ((count - 1) // SIDE + 1 for count in heights_m.shape)
        whole = np.full((rows * SIDE + 1, columns * SIDE + 1), np.nan, dtype=np.float32)
        whole[: heights_m.shape[0], : heights_m.shape[1]] = heights_m
        known = {
            (row, column): whole[row * SIDE : (row + 1) * SIDE + 1, column * SIDE : (column + 1) * SIDE + 1]
            for row in range(rows)
            for column in range(columns)
        }
        return cls.of_blocks(west_m, south_m, cell_m, known, with_plants)

    @property
    def step_m(self) -> float:
        """Distance between samples of a profile, at most: a ridge one cell wide keeps three quarters of its height at the worst."""
        return self.cell_m / 2

    def height_m(self, x_m: Floats | float, y_m: Floats | float) -> Floats:
        """Return the height of the ground, `nan` where unknown; known from the first node up to, not on, the last. Shapes as given."""
        u, v = (np.asarray(x_m) - self.west_m) / self.cell_m, (np.asarray(y_m) - self.south_m) / self.cell_m
        left, below = np.floor(u), np.floor(v)
        u, v = u - left, v - below
        column, row = left.astype(np.int64), below.astype(np.int64)
        high, wide = self.index.shape
        inside = (row >= 0) & (row < high * SIDE) & (column >= 0) & (column < wide * SIDE)
        row, column = np.where(inside, row, 0), np.where(inside, column, 0)
        block = np.where(inside, self.index.ravel().take(row // SIDE * wide + column // SIDE), 0)
        node = (block * (SIDE + 1) + row % SIDE) * (SIDE + 1) + column % SIDE
        nodes = self.blocks.ravel()
        south = nodes.take(node) * (1.0 - u) + nodes.take(node + 1) * u
        north = nodes.take(node + SIDE + 1) * (1.0 - u) + nodes.take(node + SIDE + 2) * u
        return np.asarray(south * (1.0 - v) + north * v)

    def horizon_deg(
        self,
        x_m: Floats | float,
        y_m: Floats | float,
        height_m: Floats | float,
        azimuth_deg: Floats | float,
        reach_m: Floats | float,
    ) -> Floats:
        """Return the elevation angle of the skyline seen from a place, `nan` where no ground is known.

        Args:
            x_m: Place on the map. Shape (N,).
            y_m: Place on the map. Shape (N,).
            height_m: Above the ground. Shape (N,) or one.
            azimuth_deg: Direction from the map's y axis, clockwise; not from true north. Shape (N,) or one.
            reach_m: How far the ground is looked at. Shape (N,) or one.

        Returns:
            Angle above the level of the place, below 0 for a horizon that drops. Shape (N,).
        """
        x, y, height, azimuth, reach = columns(x_m, y_m, height_m, np.radians(azimuth_deg), reach_m)
        count = np.ceil(reach / self.step_m).astype(np.int64)
        step_m = reach / np.maximum(count, 1)
        eye_m = self.height_m(x, y) + height
        slope = self.skyline(x, y, eye_m, np.sin(azimuth), np.cos(azimuth), step_m, count)
        return angles_deg(slope, eye_m, count)

    def mask_towards_deg(
        self,
        x_m: Floats | float,
        y_m: Floats | float,
        height_m: Floats | float,
        to_x_m: Floats | float,
        to_y_m: Floats | float,
    ) -> Floats:
        """Return the elevation angle that the ground hides at targets, looked at from the direction of eyes, up to these.

        Args:
            x_m: Place of the target. Shape (N,).
            y_m: Place of the target. Shape (N,).
            height_m: Of the target above the ground. Shape (N,) or one.
            to_x_m: Place of the eye. Shape (N,) or one.
            to_y_m: Place of the eye. Shape (N,) or one.

        Returns:
            Angle, `nan` where no ground is known, -90 where none lies between. Shape (N,).
        """
        x, y, height, to_x, to_y = columns(x_m, y_m, height_m, to_x_m, to_y_m)
        eye_m = self.height_m(x, y) + height
        towards_x, towards_y, step_m, count, _ = self.way(x, y, to_x, to_y)
        return angles_deg(self.skyline(x, y, eye_m, towards_x, towards_y, step_m, count), eye_m, count)

    def visible(self, from_xyh: Place, to_xyh: Place) -> Bools:
        """Say which pairs of places see each other over the ground; true where the ground below one of them is unknown.

        Args:
            from_xyh: One place of each pair.
            to_xyh: The other.

        Returns:
            Shape (N,); the same if the two are exchanged.
        """
        x, y, height, to_x, to_y, to_height = columns(*from_xyh, *to_xyh)
        eye_m = self.height_m(x, y) + height
        towards_x, towards_y, step_m, count, distance_m = self.way(x, y, to_x, to_y)
        slope = (self.height_m(to_x, to_y) + to_height - eye_m) / np.maximum(distance_m, 1e-9) - distance_m / (2 * BENT_RADIUS_M)
        return np.asarray(~(self.skyline(x, y, eye_m, towards_x, towards_y, step_m, count, slope, once=True) > slope))

    def free(self, target_xyh: Place, mask_deg: Floats, eye_xyh: Place) -> Bools:
        """Say which targets are in free sight: over the ground, and above the angle that was thrown for what it does not hold.

        Args:
            target_xyh: Where the targets are.
            mask_deg: Angle that plants hide at each; not asked where the relief holds them. Shape (N,).
            eye_xyh: Where the eyes are.

        Returns:
            Shape (N,).
        """
        x, y, height, to_x, to_y, to_height = columns(*target_xyh, *eye_xyh)
        rise_m, distance_m = self.rise_m(target_xyh, eye_xyh), np.hypot(to_x - x, to_y - y)
        known = ~np.isnan(rise_m)
        high_m = np.where(known, rise_m + 2 * height, to_height + height)  # above what grows, a target's height is as good as an eye's
        above = distance_m * np.tan(np.radians(mask_deg)) <= high_m
        above |= (known & self.with_plants) | (np.asarray(mask_deg) <= 0.0)
        return np.asarray(above & self.visible(target_xyh, eye_xyh))

    def flat_mask_deg(self, target_xyh: Place, mask_deg: Floats, eye_xyh: Place, range_m: Floats | float = np.inf) -> Floats:
        """Return the angles that hide as much on flat ground as the ground does that lies between, and what grows there.

        Laws that know flat ground only take them instead of `mask_deg`: an eye of this height above flat ground loses sight of the
        target at the distance at which the true eye's line falls below what hides it. For one eye that stands it is exact, for one that
        flies by it holds near the point given, which should be the nearest of its track.

        Args:
            target_xyh: Where the targets are.
            mask_deg: Angle that plants hide at each; not asked where the relief holds them. Shape (N,).
            eye_xyh: Where the eyes are, with their height above the ground.
            range_m: How far they see at all; ground that would hide only what is farther off is not looked for. Shape (N,) or one.

        Returns:
            Shape (N,); `mask_deg` itself where the ground below target or eye is unknown.
        """
        x, y, height, to_x, to_y, to_height, mask, furthest_m = columns(*target_xyh, *eye_xyh, mask_deg, range_m)
        rise_m, tall_m = self.rise_m(target_xyh, eye_xyh), np.maximum(to_height, LOWEST_EYE_M)
        towards_x, towards_y, step_m, count, distance_m = self.way(x, y, to_x, to_y)
        eye_slope = rise_m / np.maximum(distance_m, 1e-9)
        floor = np.minimum(rise_m / furthest_m, eye_slope)
        slope = self.skyline(x, y, self.height_m(x, y) + height, towards_x, towards_y, step_m, count, floor)
        flat_deg = np.where(slope > eye_slope, OVERHEAD_DEG, as_flat_deg(slope, rise_m, tall_m))
        if not self.with_plants:
            flat_deg = np.maximum(flat_deg, as_flat_deg(np.tan(np.radians(mask)), rise_m + 2 * height, tall_m))
        return np.where(np.isnan(rise_m), mask, flat_deg)

    def rise_m(self, from_xyh: Place, to_xyh: Place) -> Floats:
        """Return how high the second place lies above the level of the first, `nan` where the ground is unknown. Shape (N,)."""
        x, y, height, to_x, to_y, to_height = columns(*from_xyh, *to_xyh)
        drop_m = ((to_x - x) ** 2 + (to_y - y) ** 2) / (2 * BENT_RADIUS_M)
        return np.asarray(self.height_m(to_x, to_y) + to_height - drop_m - self.height_m(x, y) - height)

    def way(self, x_m: Floats, y_m: Floats, to_x_m: Floats, to_y_m: Floats) -> tuple[Floats, Floats, Floats, Ints, Floats]:
        """Return the directions between places, the step and the number of samples strictly between them, and the distance.

        The samples lie alike from both ends, so that sight is mutual. Shapes (N,).
        """
        across, up = to_x_m - x_m, to_y_m - y_m
        distance_m = np.hypot(across, up)
        parts = np.maximum(np.ceil(distance_m / self.step_m), 1.0)
        whole = np.maximum(distance_m, 1e-9)
        return across / whole, up / whole, distance_m / parts, parts.astype(np.int64) - 1, distance_m

    def skyline(
        self,
        x_m: Floats,
        y_m: Floats,
        eye_m: Floats,
        towards_x: Floats,
        towards_y: Floats,
        step_m: Floats,
        count: Ints,
        floor: Floats | float = -np.inf,
        once: bool = False,
    ) -> Floats:
        """Return the steepest slope from each eye up to the ground along its profile.

        Args:
            x_m: Place of the eye. Shape (N,).
            y_m: Place of the eye. Shape (N,).
            eye_m: Its height, in the relief's own zero. Shape (N,).
            towards_x: Direction, of length 1. Shape (N,).
            towards_y: Direction. Shape (N,).
            step_m: Distance of the samples. Shape (N,).
            count: How many of them. Shape (N,).
            floor: Slopes up to this do not matter. Shape (N,) or one.
            once: Whether it is enough to know that some slope exceeds the floor.

        Returns:
            Slope, the floor where none is steeper. Shape (N,).
        """
        best, floor = np.full(len(x_m), floor), np.full(len(x_m), floor)
        for first in range(0, len(x_m), BATCH):
            rows = np.arange(first, min(first + BATCH, len(x_m)))
            rows = rows[count[rows] > 0]
            done = 0
            while rows.size:
                number = done + 1 + np.arange(RUN)
                away_m = step_m[rows, None] * number
                ground_m = self.height_m(x_m[rows, None] + towards_x[rows, None] * away_m, y_m[rows, None] + towards_y[rows, None] * away_m)
                slope = (ground_m - eye_m[rows, None]) / away_m - away_m / (2 * BENT_RADIUS_M)
                slope[number > count[rows, None]] = -np.inf
                best[rows] = np.fmax(best[rows], np.fmax.reduce(slope, axis=1))
                done += RUN
                rows = rows[(count[rows] > done) & (self.steepest(eye_m[rows], step_m[rows] * (done + 1)) > best[rows])]
                if once:
                    rows = rows[best[rows] <= floor[rows]]
        return best

    def steepest(self, eye_m: Floats, beyond_m: Floats) -> Floats:
        """Return the steepest slope that ground beyond a distance can have if it is nowhere higher than the highest. Shape (N,)."""
        above_m = self.highest_m - eye_m
        away_m = np.maximum(beyond_m, np.sqrt(2 * BENT_RADIUS_M * np.maximum(-above_m, 0.0)))  # seen from above, the far ground is steepest
        return np.asarray(above_m / away_m - away_m / (2 * BENT_RADIUS_M))


def columns(*values: Floats | float) -> tuple[Floats, ...]:
    """Return numbers and columns as columns of one length. Shapes (N,)."""
    return tuple(np.ascontiguousarray(column) for column in np.broadcast_arrays(*(np.atleast_1d(np.float64(value)) for value in values)))


def as_flat_deg(slope: Floats, rise_m: Floats, height_m: Floats) -> Floats:
    """Return the angle that hides an eye of some height above flat ground where a slope hides one that is higher, or lower.

    Args:
        slope: What hides the target; nothing if it is not above 0. Shape (N,).
        rise_m: How high the true eye lies above the target. Shape (N,).
        height_m: Of the eye above flat ground. Shape (N,).

    Returns:
        Shape (N,).

    >>> as_flat_deg(np.array([1.0, 0.5, 0.0]), np.array([100.0, 100.0, -5.0]), np.array([100.0, 200.0, 20.0])).round(6).tolist()
    [45.0, 45.0, 0.0]
    """
    flat_deg = np.degrees(np.arctan2(np.maximum(slope, 0.0) * height_m, np.maximum(rise_m, 0.0)))
    return np.asarray(np.minimum(flat_deg, OVERHEAD_DEG))


def angles_deg(slope: Floats, eye_m: Floats, count: Ints) -> Floats:
    """Return slopes as angles, `nan` where the eye's ground or all of the profile is unknown. Shapes (N,)."""
    angle_deg = np.where(np.isfinite(slope), np.degrees(np.arctan(slope)), np.nan)
    return np.where((count == 0) & ~np.isnan(eye_m), STRAIGHT_DOWN_DEG, angle_deg)
