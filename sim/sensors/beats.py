"""Beats: where the aircraft of an orbit fly, how they get there, and how many it takes to keep one there."""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from pydantic import model_validator

from sim.kinds import Floats
from sim.line import Line
from sim.model import Count, Stretch
from sim.units import Metres, fault
from sim.watch import Track, stretches

NARROWEST_LANE_M = 500.0
"""Lanes are never laid nearer to one another. Assumption: a turning circle of a small aircraft; sweep width of a multirotor."""


class Orbit(Stretch):
    """A stretch of the line that some drones of the fleet keep under watch."""

    base: str
    """Where they start and land."""
    drones: Count
    """How many share it."""
    depth_to_m: Metres | None = None
    """The zone to search reaches so far from the line, on the own side; negative is beyond the line. Without it one beat is flown."""
    depth_from_m: Metres | None = None
    """Where that zone begins; at the stand-off of the fleet without it."""
    relay: str | None = None
    """Base at which the relay of its link stands, instead of its own."""

    @model_validator(mode="after")
    def deep(self) -> Self:
        """Refuse a zone without depth."""
        if self.depth_from_m is not None and (self.depth_to_m is None or self.depth_to_m <= self.depth_from_m):
            raise fault("depth", "a deep zone needs 'depth_to', beyond 'depth_from'", at="depth_from_m")
        return self


@dataclass(frozen=True, slots=True, eq=False)
class Beat:
    """The way that the aircraft of an orbit fly, out and back."""

    xy_m: Floats
    """Corners on the map. Shape (W, 2)."""
    depths_m: Floats
    """Of its lanes: distance from the line, positive on the own side. Shape (L,)."""
    link: tuple[float, float] | None
    """Where their link ends on the ground."""
    entry_m: float
    """Where along the way they come on station."""
    away_m: float
    """From base to there; infinite where nobody can go."""
    steps_m: list[float] = field(init=False)
    """Way to each corner."""
    x_m: list[float] = field(init=False)
    y_m: list[float] = field(init=False)

    def __post_init__(self) -> None:
        steps_m = Track(self.xy_m, 0.0, 0).steps_m
        for name, column in (("steps_m", steps_m), ("x_m", self.xy_m[:, 0]), ("y_m", self.xy_m[:, 1])):
            object.__setattr__(self, name, column.tolist())

    def at(self, arc_m: float) -> tuple[float, float]:
        """Return the place of a unit on its out-and-back lap, as `Track.at` does, in plain floats."""
        length_m = self.steps_m[-1]
        lap_m = arc_m % (2.0 * length_m)
        along_m = min(lap_m, 2.0 * length_m - lap_m)
        leg = min(bisect_right(self.steps_m, along_m), len(self.steps_m) - 1)
        before_m = self.steps_m[leg - 1]
        part = (along_m - before_m) / (self.steps_m[leg] - before_m)
        x_m, y_m = self.x_m[leg - 1], self.y_m[leg - 1]
        return x_m + part * (self.x_m[leg] - x_m), y_m + part * (self.y_m[leg] - y_m)

    def in_fire(self, reach_m: float) -> float:
        """Return the share of the fire at the line that it meets on average: all of it at the line and beyond, none from its reach on."""
        return float(np.clip(1.0 - self.depths_m / reach_m, 0.0, 1.0).mean())


def lanes_m(from_m: float, to_m: float, spacing_m: float) -> Floats:
    """Return the depths of parallel lanes over a zone: equal strips, at most `spacing_m` wide, a lane in the middle of each.

    >>> lanes_m(0.0, 20_000.0, 4_000.0).tolist()
    [2000.0, 6000.0, 10000.0, 14000.0, 18000.0]
    >>> lanes_m(3_000.0, 3_000.0, 4_000.0).tolist()
    [3000.0]
    """
    count = max(1, int(np.ceil((to_m - from_m) / max(spacing_m, NARROWEST_LANE_M))))
    return np.asarray(from_m + (np.arange(count) + 0.5) * (max(to_m, from_m) - from_m) / count)


def path(line: Line, from_m: float, to_m: float, offsets_m: Floats) -> Floats:
    """Return one way over parallel lanes beside a stretch of the line, every second one flown backwards. Shape (W, 2)."""
    lanes = [line.track(from_m, to_m, float(offset_m)) for offset_m in offsets_m]
    return np.concatenate([lane[::-1] if number % 2 else lane for number, lane in enumerate(lanes)])


def within_link(xy_m: Floats, link: tuple[float, float], range_m: float) -> Floats:
    """Return a way without its parts out of reach of a place; what is left of it is joined by straight flights.

    Args:
        xy_m: Corners. Shape (W, 2).
        link: The place.
        range_m: How far its radio reaches.

    Returns:
        Corners, shape (V, 2); none where the way never comes within reach.
    """
    track = Track(xy_m, 0.0, 0)
    _, entry_m, exit_m = stretches(track, np.array([link[0]]), np.array([link[1]]), np.array([range_m]))
    if (exit_m - entry_m).sum() >= track.length_m - 1e-3:
        return xy_m
    kept = []
    for begin_m, end_m in zip(entry_m.tolist(), exit_m.tolist(), strict=True):
        inner_m = track.steps_m[(track.steps_m > begin_m + 1.0) & (track.steps_m < end_m - 1.0)]
        if end_m - begin_m > 1.0:
            kept.append(np.concatenate([[begin_m], inner_m, [end_m]]))
    along_m = np.concatenate(kept) if kept else np.zeros(0)
    return np.stack([np.interp(along_m, track.steps_m, xy_m[:, axis]) for axis in (0, 1)], axis=1)


def way_out(base: tuple[float, float], xy_m: Floats) -> tuple[float, float]:
    """Return where along its way a drone from a base comes on station, and how far off that is."""
    steps_m = Track(xy_m, 0.0, 0).steps_m
    fine_m = np.linspace(0.0, steps_m[-1], 201)
    x_m, y_m = (np.interp(fine_m, steps_m, xy_m[:, axis]) for axis in (0, 1))
    distance_m = np.hypot(x_m - base[0], y_m - base[1])
    nearest = int(distance_m.argmin())
    return float(fine_m[nearest]), float(distance_m[nearest])


def tails(endurance_s: float, transit_s: float, ground_s: float, availability: float) -> float:
    """Return how many aircraft keep one always on station: (endurance + time on the ground) / (endurance - 2 transit) / availability.

    Derived: shares of a cycle; weather, losses and whole numbers apart.

    >>> round(tails(6.0, 0.5, 1.5, 1.0), 3), round(tails(6.0, 0.5, 1.5, 0.8), 3)
    (1.5, 1.875)
    """
    watch_s = endurance_s - 2.0 * transit_s
    return (endurance_s + ground_s) / watch_s / availability if watch_s > 0.0 else float("inf")


def nearest_on(track: Track, x_m: Floats, y_m: Floats) -> tuple[Floats, Floats]:
    """Return the point of a track that lies nearest to each place. Shapes (N,)."""
    import shapely

    path = shapely.linestrings(track.xy_m)
    along = shapely.line_locate_point(path, shapely.points(x_m, y_m))
    near_x_m, near_y_m = shapely.get_coordinates(shapely.line_interpolate_point(path, along)).T
    return near_x_m, near_y_m
