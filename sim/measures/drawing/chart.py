"""What the pictures of waits share: the corridor with its places, its gaps in words, and how classes are painted."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.kinds import Floats, Ints
from sim.line import Line
from sim.measures.assets import unit_word
from sim.measures.corridor import GRADES, Corridor
from sim.story import Results
from sim.units import DAY
from sim.waits import quantile_s

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIDES = {1: "A", -1: "B"}
CLOCK = "#0b4f8a"
"""Colour of the response clock."""
RIM = "#55524a"
"""Colour of edges and of hatching."""
OUTSIDE = -2
"""Class of what is not in the corridor."""


class Gap(NamedTuple):
    """A stretch of the line that goes unwatched for long on one side of it."""

    side: int
    """+1 for A, -1 for B."""
    from_m: float
    to_m: float
    who: str
    """On which side, and who looks there, in words."""

    @property
    def where(self) -> str:
        """The stretch in kilometres."""
        return f"km {self.from_m / 1000:.0f} – {self.to_m / 1000:.0f}"


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """The waits of a corridor, with what a picture of them needs to know."""

    corridor: Corridor
    results: Results
    depths_m: tuple[float, ...]
    """Where the bands of cells end, on both sides of the line."""
    near_m: float
    """The strips, and the gaps, are of the cells within this distance of the line."""

    @property
    def line(self) -> Line:
        """The line that is watched."""
        return self.results.stage.line

    def grade_at(self, chainage_m: Floats, offset_m: Floats) -> Ints:
        """Return the class of each place, `OUTSIDE` beyond the corridor and beyond the ends of the line. Shape (N,)."""
        along, bands = self.corridor.along(), len(self.depths_m)
        step = np.minimum((chainage_m / self.line.length_m * along).astype(np.int64), along - 1)
        band = np.searchsorted(self.depths_m, np.abs(offset_m))
        across = np.where(offset_m < 0.0, bands - 1 - band, bands + band)
        ends = ((chainage_m <= 0.0) | (chainage_m >= self.line.length_m)) & (not self.line.closed)
        return np.where(ends | (band == bands), OUTSIDE, self.corridor.grade()[np.where(band == bands, 0, step * 2 * bands + across)])

    def gaps(self) -> list[Gap]:
        """Return the stretches near the line, by side, where one wait in ten is longer than a day, the longest first, in words."""
        corridor, step_m = self.corridor, self.line.length_m / self.corridor.along()
        found = []
        for side in (1, -1):
            long = quantile_s(corridor.near(self.near_m, side=side), 0.9) > DAY
            edge = np.flatnonzero(np.diff(np.concatenate([[False], long, [False]]).astype(np.int8)))
            for first, last in zip(edge[::2], edge[1::2], strict=True):
                who = self.reason(side, first * step_m, last * step_m)
                found.append(Gap(side, float(first * step_m), float(last * step_m), who))
        return sorted((gap for gap in found if gap.to_m - gap.from_m > 1.5 * step_m), key=lambda gap: gap.from_m - gap.to_m)

    def reason(self, side: int, from_m: float, to_m: float) -> str:
        """Return why a stretch goes unwatched for long on one side: from how far off the line on, and who looks at the cells that do."""
        corridor, sensors = self.corridor, self.results.scenario.sensors.values()
        here = (corridor.chainage_m > from_m) & (corridor.chainage_m < to_m)
        here &= (side * corridor.offset_m > 0.0) & (np.abs(corridor.offset_m) <= self.near_m)
        slow = here & (corridor.wait_s(0.9) > DAY)
        nearest_m = float(np.abs(corridor.offset_m[slow]).min())
        edges_m = [depth_m for depth_m in self.depths_m if depth_m < nearest_m]
        beyond = f" beyond {edges_m[-1] / 1000:g} km" if edges_m else ""
        reaches_m = [reach for sensor in sensors for reach in sensor.reach_m(self.results.stage)]
        somebody = any(first_m < to_m and last_m > from_m for first_m, last_m in reaches_m)
        never = float((corridor.grade()[slow] == -1).mean())
        if 0.5 < never < 1.0:
            return f"side {SIDES[side]}{beyond}: mostly {said(set(), set(), somebody)}"
        return f"side {SIDES[side]}{beyond}: {said(kinds_in(corridor.kinds[slow]), kinds_in(corridor.kinds), somebody)}"


def kinds_in(texts: np.ndarray) -> set[str]:
    """Return the kinds of sensors that cells list, joined by commas."""
    return set(",".join(texts).split(",")) - {""}


def said(here: set[str], everywhere: set[str], somebody: bool = False) -> str:
    """Return in words who looks at a gap.

    Args:
        here: Kinds that have it in view.
        everywhere: Kinds that have anything in view.
        somebody: Whether a sensor works along that stretch of line, though the probe is hidden from it or out of its range.

    >>> said({"satellite"}, {"satellite", "tower"}), said(set(), {"tower"}), said({"tower"}, {"tower"})
    ('satellites only', 'nobody looks', 'looks too far apart')
    >>> said(set(), {"tower"}, somebody=True)
    'no vehicle in the open is seen'
    """
    if not here:
        return "no vehicle in the open is seen" if somebody else "nobody looks"
    return f"{' and '.join(unit_word(kind) + 's' for kind in sorted(here))} only" if here < everywhere else "looks too far apart"


def paint(axes: "Axes", grade: Ints, extent: tuple[float, float, float, float], zorder: float) -> None:
    """Paint a picture of classes: colours, hatching where mostly nobody looks, nothing outside. The first row lies at the bottom."""
    from matplotlib.colors import to_rgba

    colours = np.array([to_rgba(colour) for _, _, colour in GRADES] + [to_rgba("white", 0.0), to_rgba("white")])
    axes.imshow(colours[grade], extent=extent, origin="lower", interpolation="nearest", aspect="auto", zorder=zorder)
    if (grade == -1).any():
        rows, columns = grade.shape
        x, y = (low + (np.arange(count) + 0.5) / count * (high - low) for low, high, count in ((*extent[:2], columns), (*extent[2:], rows)))
        axes.contourf(x, y, grade == -1, levels=[0.5, 1.5], colors="none", hatches=["/////"], zorder=zorder + 0.1)
