"""The cells of a corridor over all replications: how long waits are in each, and shares of the whole."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from sim.kinds import Bools, Floats, Ints
from sim.scene import Stage
from sim.story import Results
from sim.units import DAY, HOUR
from sim.waits import NAMES, WAITS_S, listed, quantile_s

Statistic: TypeAlias = Callable[[Floats, Floats], float]
"""Of the shares of starts with a longer wait, (R, C, W), and of the cells' shares, (C,)."""
GRADES: list[tuple[float, str, str]] = [
    (HOUR, "under 1 h", "#fdf5bd"),
    (3 * HOUR, "1 – 3 h", "#f5d573"),
    (6 * HOUR, "3 – 6 h", "#eaa954"),
    (12 * HOUR, "6 – 12 h", "#dc7a50"),
    (DAY, "12 – 24 h", "#b84c4b"),
    (3 * DAY, "1 – 3 days", "#78383a"),
    (np.inf, "over 3 days", "#2f1e14"),
]
"""Classes of waits: upper edge, name, colour. The ramp falls evenly in lightness (CIE L* 96, 86, 74, 61, 47, 32, 13), so it reads in grey
and for every eye; its hues follow lajolla (Crameri, Scientific colour maps, 2018)."""


@dataclass(frozen=True, slots=True, eq=False)
class Corridor:
    """The cells of all replications that have them."""

    replications: Ints
    """Shape (R,)."""
    chainage_m: Floats
    """Of each cell, shape (C,)."""
    offset_m: Floats
    share: Floats
    """Of the cell in the area, shape (C,)."""
    kinds: np.ndarray
    """Sensors that had it in view in any replication, joined by commas. Shape (C,)."""
    longer: Mapping[str, Floats]
    """Under `w` for looks and `d` for detections: shares of starts with a longer wait. Shape (R, C, W)."""

    @classmethod
    def of(cls, results: Results) -> "Corridor":
        """Sort the rows of a run by replication and cell."""
        cells = results.cells
        replications = np.unique(cells["replication"])
        order = np.argsort(cells["replication"], kind="stable").reshape(len(replications), -1)
        first = order[0]
        longer = {letter: np.stack([cells[f"{letter}{name}"][order] for name in NAMES], axis=-1) for letter in ("w", "d")}
        kinds = np.full(len(first), "", dtype=object)
        for rows in order:
            for kind in sorted({kind for text in cells["kinds"][rows] for kind in text.split(",") if kind}):
                listed(kinds, np.flatnonzero([kind in text.split(",") for text in cells["kinds"][rows]]), kind)
        columns = (np.asarray(cells[name][first], dtype=np.float64) for name in ("chainage_m", "offset_m", "share"))
        chainage_m, offset_m, share = columns
        return cls(replications, chainage_m, offset_m, share, kinds, longer)

    def along(self) -> int:
        """Return the number of cells along the line."""
        return len(np.unique(self.chainage_m))

    def step_km(self, results: Results) -> str:
        """Return the length of a cell along the line, in kilometres."""
        return f"{round(results.stage.line.length_m / 1000 / self.along(), 1):g}"

    def wait_s(self, level: float) -> Floats:
        """Return the wait for the next look that a share `level` of starts does not exceed, for each cell. Shape (C,)."""
        return quantile_s(self.longer["w"].mean(axis=0), level)

    def grade(self) -> Ints:
        """Return the class of each cell's p90, an index into `GRADES`, -1 where in most replications nobody ever looks. Shape (C,)."""
        return np.where(self.unseen() > 0.5, -1, np.searchsorted([edge_s for edge_s, _, _ in GRADES], self.wait_s(0.9)))

    def unseen(self) -> Floats:
        """Return the share of replications in which nobody ever looks at a cell. Shape (C,)."""
        return np.asarray((self.longer["w"][:, :, -1] >= 1.0).mean(axis=0))

    def near(self, reach_m: float, letter: str = "w", side: int = 0) -> Floats:
        """Return the curve of each step along the line, over the cells within a distance of it; +1 is side A alone. Shape (A, W)."""
        return self.beside(self.longer[letter].mean(axis=0), reach_m, side)

    def beside(self, values: Floats, reach_m: float, side: int = 0) -> Floats:
        """Return the mean of what cells have, (C, W), over those of each step along the line within a distance of it. Shape (A, W)."""
        along = self.along()
        reach_m = max(reach_m, float(np.abs(self.offset_m).min()))
        near = (np.abs(self.offset_m) <= reach_m) & (side * self.offset_m >= 0.0)
        weight = (self.share * near).reshape(along, -1, 1)
        return np.asarray((values.reshape(along, -1, values.shape[-1]) * weight).sum(axis=1) / weight.sum(axis=1))

    def sectors(self, stage: Stage) -> list[tuple[str, Bools]]:
        """Return the named stretches of the line with their cells, those that have none left out."""
        number = stage.sector_of(self.chainage_m)
        return [(name, number == index) for index, name in enumerate(stage.sectors) if (number == index).any()]

    def by_replication(self, letter: str, statistic: Statistic, rows: Bools, results: Results) -> Floats:
        """Return the jackknife's pseudo-values of a statistic, moved so that their mean is its value from all replications together.

        Args:
            letter: `w` for looks, `d` for detections.
            statistic: What is asked for.
            rows: Cells that count. Shape (C,).
            results: Says how many replications there are.

        Returns:
            Shape (R,), `nan` for replications without cells.
        """
        longer, share = self.longer[letter][:, rows], self.share[rows] / self.share[rows].sum()
        count = len(longer)
        whole = statistic(longer, share)
        values = np.full(results.replications, np.nan)
        here = np.searchsorted(results.tallies["replication"], self.replications)
        values[here] = whole
        if count > 1 and np.isfinite(whole):
            without = np.array([statistic(np.delete(longer, left_out, axis=0), share) for left_out in range(count)])
            without = np.minimum(without, max(whole, WAITS_S[-1]))  # Beyond the last wait that is kept nothing is known but that.
            values[here] = whole - (count - 1) * (without - without.mean())
        return values


def pooled_quantile(level: float) -> Statistic:
    """Return the wait that a share of all starts in all cells does not exceed."""
    return lambda longer, share: float(quantile_s((share[:, None] * longer.mean(axis=0)).sum(axis=0), level))


def share_within(wait_s: float) -> Statistic:
    """Return the share of the corridor in which nine waits in ten are no longer than this."""
    return lambda longer, share: min(1.0, float((share * (quantile_s(longer.mean(axis=0), 0.9) <= wait_s)).sum()))


def share_never(longer: Floats, share: Floats) -> float:
    """Return the share of the corridor at which nobody ever looks in a replication, on average: more replications do not lessen it."""
    return min(1.0, float((share * (longer[:, :, -1] >= 1.0).mean(axis=0)).sum()))


def share_watched(longer: Floats, share: Floats) -> float:
    """Return the share of places and instants at which somebody looks."""
    return min(1.0, float((share * (1.0 - longer[:, :, 0].mean(axis=0))).sum()))
