"""How long the line goes unwatched: the wait for the next look at each place, and until something there is detected."""

from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from sim.dice import Dice
from sim.kinds import Bools, Floats
from sim.line import Cells
from sim.measures.base import Measure, Reading
from sim.measures.corridor import Corridor, Statistic, pooled_quantile, share_never, share_watched, share_within
from sim.measures.drawing.chart import Chart
from sim.model import NonNegative, Positive
from sim.scene import Stage, Targets
from sim.story import Columns, Play, Results
from sim.units import DAY, HOUR, PositiveMetres
from sim.waits import NAMES, Next, bring_forward, exceedance, listed, pieces
from sim.watch import windows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GOLDEN = 0.6180339887498949
PLASTIC = 0.7548776662466927
"""Steps of the additive recurrences that place the starts in their strata: evenly, and differently in each cell and replication.
Source: Roberts, The unreasonable effectiveness of quasirandom sequences, 2018."""
METHOD = "curves averaged over replications, jackknife"
ASKED: list[tuple[str, str, str, str, Statistic]] = [
    ("wait_p50", "wait for the next look, median", "wait", "w", pooled_quantile(0.5)),
    ("wait_p90", "wait for the next look, nine in ten", "wait", "w", pooled_quantile(0.9)),
    ("within_1h", "corridor looked at within 1 h (p90)", "share", "w", share_within(HOUR)),
    ("within_6h", "corridor looked at within 6 h (p90)", "share", "w", share_within(6 * HOUR)),
    ("within_24h", "corridor looked at within 24 h (p90)", "share", "w", share_within(DAY)),
    ("watched", "corridor in view at any instant", "share", "w", share_watched),
    ("never", "corridor never looked at in a run", "share", "w", share_never),
    ("detected_p50", "wait until a vehicle in the open is detected, median", "wait", "d", pooled_quantile(0.5)),
    ("detected_p90", "wait until a vehicle in the open is detected, nine in ten", "wait", "d", pooled_quantile(0.9)),
    ("detected_24h", "corridor where it is detected within 24 h (p90)", "share", "d", share_within(DAY)),
]
"""Name, label, unit, which curve, statistic."""
HEADLINES = ("wait_p50", "wait_p90", "within_24h")


class Coverage(Measure, kind="coverage"):
    """The wait for the next look, on cells along and across the line, through the same windows as the simulation."""

    step_m: PositiveMetres = 10_000.0
    """Length of a cell along the line, at most."""
    depths_m: Annotated[tuple[PositiveMetres, ...], Field(min_length=1)] = (5_000.0, 10_000.0, 20_000.0, 30_000.0)
    """Where the bands of cells end, on both sides of the line; those beyond the scenario's deepest zone are left out. With these a line
    of 1,219 km has 976 cells."""
    replications: Annotated[int, Field(ge=1)] = 5
    """Coverage is worked out in the first replications only."""
    starts: Annotated[int, Field(ge=8)] = 240
    """Instants a cell at which a wait begins, one in each equal part of the run; 240 in 30 days are eight a day."""
    near_m: PositiveMetres = 10_000.0
    """The strip below the map shows the cells within this distance of the line."""
    size_m: PositiveMetres = 2.3
    """Of the standard probe, a vehicle in the open. Source: STANAG 4347, NATO target."""
    heat_k: Positive = 5.0
    """Contrast of the probe by night. Assumption."""
    rcs_m2: Positive = 10.0
    """Radar cross-section of the probe. Assumption, a small vehicle."""
    speed_mps: NonNegative = 0.0
    """Speed of the probe: parked, so that imaging radars count, which blur what moves. Assumption."""

    title: ClassVar[str] = "How long can a violation go unseen?"
    order: ClassVar[int] = 20
    figure_name: ClassVar[str] = "wait_map"

    def fitted(self, stage: Stage) -> "Coverage":
        """Return the measure with its bands cut to the depth of the scenario's corridor."""
        inner = tuple(depth_m for depth_m in self.depths_m if depth_m < stage.corridor_m)
        return self.model_copy(update={"depths_m": (*inner, stage.corridor_m)})

    def cells(self, play: Play) -> Columns:
        """Return the cells of the scenario's corridor; see `cells_of`."""
        return self.fitted(play.world.scene.stage).cells_of(play)

    def cells_of(self, play: Play) -> Columns:
        """Return one row a cell: its place, its share of the corridor, who looks at it, and its two curves of waits.

        Columns: replication, chainage_m, offset_m, x_m, y_m, share, kinds (kinds of sensors that have it in view, joined by commas), and
        for each of `WAITS_S` the share of starts after which the next look (`w00`, ...) or detection (`d00`, ...) takes longer.

        A look is a stretch in view of a unit that can detect the probe under the sky of that hour. Units that were sent to stands off their
        tracks count for nothing there. A start counts for a wait only if the run goes on for that long after it, so no gap is cut.
        """
        if play.replication >= self.replications:
            return {}
        stage = play.world.scene.stage
        grid = stage.once(("coverage", self), lambda: self.grid(stage))
        probes = self.probes(grid, stage, play.world.dice)
        starts_s = self.starts_s(len(probes), stage.length_s, play.replication)
        found, kinds = looked_for(play, probes, starts_s)
        columns: Columns = {"replication": np.full(len(probes), play.replication, dtype=np.int64)}
        columns |= {name: np.round(getattr(grid, name), 3) for name in ("chainage_m", "offset_m", "x_m", "y_m")}
        columns |= {"share": self.shares(grid), "kinds": kinds}
        for letter, next_s in (("w", found.looked_s), ("d", found.detected_s)):
            longer = exceedance(next_s - starts_s, stage.length_s, stage.horizon_s)
            columns |= {f"{letter}{name}": longer[:, wait] for wait, name in enumerate(NAMES)}
        return columns

    def grid(self, stage: Stage) -> Cells:
        """Return the cells: equal steps along the line, bands on both sides of it."""
        edges_m = np.concatenate([[0.0], self.depths_m])
        middle_m = (edges_m[1:] + edges_m[:-1]) / 2
        return stage.line.cells(self.step_m, np.concatenate([-middle_m[::-1], middle_m]))

    def widths_m(self) -> Floats:
        """Return the width of each band, from the far side of B to the far side of A. Shape (K,)."""
        width_m = np.diff(np.concatenate([[0.0], self.depths_m]))
        return np.concatenate([width_m[::-1], width_m])

    def shares(self, grid: Cells) -> Floats:
        """Return the share of each cell in the area of the corridor, bends disregarded. Shape (C,)."""
        width_m = self.widths_m()
        return np.asarray(np.tile(width_m / (width_m.sum() * grid.along), grid.along))

    def probes(self, grid: Cells, stage: Stage, dice: Dice) -> Targets:
        """Return a standard vehicle in the open in each cell, there for the whole run.

        Where it stands in the cell differs between replications, so that their mean is taken over the cell and not at its centre, which
        may lie just within reach of a camera, or just beyond. The angle below which terrain and plants hide it is thrown as that of an
        incident is, so that map and run agree: exponential about the mean of its sector, 0 outside of all sectors, by cell and replication.
        """
        number = np.arange(1, len(grid.x_m) + 1)
        turned = ((GOLDEN, PLASTIC), (PLASTIC, GOLDEN))
        along, across = (np.mod(number * step + dice.replication * turn, 1.0) - 0.5 for step, turn in turned)
        wanted_m = grid.chainage_m + along * stage.line.length_m / grid.along
        x_m, y_m, chainage_m, offset_m = stage.line.settle(wanted_m, grid.offset_m + across * np.tile(self.widths_m(), grid.along))
        probes = Targets.blank(len(grid.x_m))
        mean_deg = np.array([*(sector.masking_deg for sector in stage.sectors.values()), 0.0])  # the last one answers to number -1
        mask_deg = mean_deg[stage.sector_of(chainage_m)] * dice("coverage mask").exponential(number)
        columns = {name: getattr(probes, name) for name in Targets.__slots__}
        columns |= {"x_m": x_m, "y_m": y_m, "chainage_m": chainage_m, "offset_m": offset_m}
        columns |= {name: np.full(len(probes), getattr(self, name)) for name in ("size_m", "heat_k", "rcs_m2", "speed_mps")}
        columns |= {"end_s": np.full(len(probes), stage.horizon_s), "mask_deg": mask_deg}
        return Targets(**columns)

    def starts_s(self, cells: int, length_s: float, replication: int) -> Floats:
        """Return the instants at which waits begin, in order, one in each part of the run. Shape (C, T)."""
        number = np.arange(cells * self.starts, dtype=np.float64).reshape(cells, self.starts)
        within = np.mod(number * GOLDEN + replication * PLASTIC, 1.0)
        return np.asarray((np.arange(self.starts) + within) * (length_s / self.starts))

    def readings(self, results: Results) -> list[Reading]:
        """Return the waits of the whole corridor and of its sectors, and the shares of it that are looked at soon enough."""
        if not len(results.cells.get("share", ())):
            return []
        corridor = Corridor.of(results)
        found = []
        for part, rows in [("", np.ones(len(corridor.share), dtype=bool)), *corridor.sectors(results.stage)]:
            asked = ASKED if not part else [question for question in ASKED if question[0] in ("wait_p90", "within_24h")]
            for name, label, unit, letter, statistic in asked:
                values = corridor.by_replication(letter, statistic, rows, results)
                most = 1.0 if unit == "share" else results.stage.horizon_s  # no wait is told beyond the run
                headline = not part and name in HEADLINES
                found.append(Reading(f"coverage.{name}", label, part, values, unit, int(rows.sum()), headline, METHOD, most))
        return found

    def draw(self, results: Results, figure: "Figure") -> None:
        """Draw the map of waits, the same along the line below it, and a legend that is the table."""
        from sim.measures.drawing.wait_map import draw_waits

        draw_waits(figure, self.title, Chart(Corridor.of(results), results, self.fitted(results.stage).depths_m, self.near_m))


def looked_for(play: Play, probes: Targets, starts_s: Floats) -> tuple[Next, np.ndarray]:
    """Return when somebody looks next and detects next after each start, and which kinds of sensors have each probe in view, in words.

    Args:
        play: Whose sensors look, as their units went.
        probes: One in each cell.
        starts_s: Instants in order, shape (C, T).

    Returns:
        Times, shapes (C, T), and names joined by commas, shape (C,).
    """
    scene, found = play.world.scene, Next.never(starts_s.shape)
    kinds = np.full(len(probes), "", dtype=object)
    known: dict[str, Bools] = {}
    for name, sensor in play.world.scenario.sensors.items():
        stints, air = play.plans[name].stints, scene.sky.air(name, sensor.kind_name)
        told = known.setdefault(sensor.kind_name, np.zeros(len(probes), dtype=bool))
        for sight in pieces(sensor.sight(probes, scene), stints):
            seen = windows(sight, stints, probes, air)
            if len(seen.row):
                bring_forward(found, seen, starts_s, play.world.dice("coverage", name))
                fresh = np.unique(seen.target[~told[seen.target]])
                listed(kinds, fresh, sensor.kind_name)
                told[fresh] = True
    return found, kinds
