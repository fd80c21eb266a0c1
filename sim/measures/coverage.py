"""How long the line goes unwatched: the wait for the next look at each place, and until something there is detected."""

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple, TypeAlias

import numpy as np
from pydantic import Field

from sim.dice import Dice
from sim.kinds import Bools, Floats, Ints
from sim.line import Cells, Line
from sim.maps import (
    Sheet,
    described,
    draw_base,
    draw_bases,
    draw_leader,
    draw_line,
    draw_locator,
    draw_names,
    draw_posts,
    draw_scale,
    draw_seas,
    draw_towns,
    halo,
    home_of,
    post_spot,
)
from sim.measures.base import GREY, INK, Measure, Reading, heading, percent, plain, runs, spoken
from sim.model import NonNegative, Positive
from sim.scene import Stage, Targets
from sim.story import Columns, Play, Results
from sim.units import DAY, HOUR, MINUTE, PositiveMetres, duration
from sim.waits import NAMES, WAITS_S, after, by_arcs, exceedance, listed, quantile_s
from sim.watch import windows

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GOLDEN = 0.6180339887498949
PLASTIC = 0.7548776662466927
"""Steps of the additive recurrences that place the starts in their strata: evenly, and differently in each cell and replication.
Source: Roberts, The unreasonable effectiveness of quasirandom sequences, 2018."""

Statistic: TypeAlias = Callable[[Floats, Floats], float]
METHOD = "curves averaged over replications, jackknife"


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
        scene = play.world.scene
        grid = scene.stage.once(("coverage", self), lambda: self.grid(scene.stage))
        probes = self.probes(grid, scene.stage, play.world.dice)
        starts_s = self.starts_s(len(probes), scene.stage.length_s, play.replication)
        looked_s, detected_s = np.full((2, *starts_s.shape), np.inf)
        kinds = np.full(len(probes), "", dtype=object)
        for name, sensor in play.world.scenario.sensors.items():
            stints, air = play.plans[name].stints, scene.sky.air(name, sensor.kind_name)
            for sight in by_arcs(sensor.sight(probes, scene)):
                seen = windows(sight, stints, probes, air)
                if len(seen.row):
                    found = after(seen, starts_s, play.world.dice("coverage", name))
                    np.minimum(looked_s, found.looked_s, out=looked_s)
                    np.minimum(detected_s, found.detected_s, out=detected_s)
                    listed(kinds, np.unique(seen.target), sensor.kind_name)
        columns: Columns = {"replication": np.full(len(probes), play.replication, dtype=np.int64)}
        columns |= {name: np.round(getattr(grid, name), 3) for name in ("chainage_m", "offset_m", "x_m", "y_m")}
        columns |= {"share": self.shares(grid), "kinds": kinds}
        for letter, next_s in (("w", looked_s), ("d", detected_s)):
            longer = exceedance(next_s - starts_s, scene.stage.length_s, scene.horizon_s)
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
                found.append(
                    Reading(f"coverage.{name}", label, part, values, unit, int(rows.sum()), not part and name in HEADLINES, METHOD)
                )
        return found

    def draw(self, results: Results, figure: "Figure") -> None:
        """Draw the map of waits, the same along the line below it, and a legend that is the table."""
        from matplotlib import rc_context

        with rc_context({"hatch.linewidth": 0.5, "hatch.color": "#55524a"}):
            self.fitted(results.stage).compose(Corridor.of(results), results, figure)

    def compose(self, corridor: "Corridor", results: Results, figure: "Figure") -> None:
        """Lay out map, legend, locator, strip and notes."""
        figure.set_size_inches(11.0, 8.9)
        within = share_within(DAY)(corridor.longer["w"], corridor.share)
        watched = f"Mix {results.mix}: {fleet(results)}. {percent(within)} of the corridor is seen within 24 h."
        heading(figure, self.title, f"{self.measured(corridor, results)}. {watched}")
        sheet = Sheet.on(figure.add_axes((0.035, 0.391, 0.70, 0.516)), results.stage.line, self.depths_m[-1])
        gaps = self.gaps(corridor, results)
        draw_map(self, corridor, results, sheet, gaps)
        draw_legend(figure.add_axes((0.752, 0.594, 0.213, 0.313)), corridor, results)
        draw_locator(figure.add_axes((0.752, 0.391, 0.213, 0.187)), sheet, home_of(sheet, results.stage.bases.values()))
        unrolled = figure.add_axes((0.075, 0.284, 0.66, 0.043))
        strips = {side: figure.add_axes((0.075, bottom, 0.66, 0.105)) for side, bottom in ((-1, 0.065), (1, 0.170))}
        draw_unrolled(unrolled, self, corridor, results)
        for side, strip in strips.items():
            draw_strip(strip, side, self, corridor, results)
            name_gaps(strip, [gap for gap in gaps if gap.side == side], results.stage.line.length_m)
        name_sectors(unrolled, list(strips.values()), results)
        below = f"The same along the line: unrolled, and cells within {self.near_m / 1000:g} km of it on each side"
        figure.text(0.075, 0.359, below, size=9.5, weight="bold", color=INK)
        draw_notes(figure, self, corridor, results)

    def measured(self, corridor: "Corridor", results: Results) -> str:
        """Return what the picture shows, in words."""
        width_m = self.widths_m()
        across = f"{width_m.min() / 1000:g}" + (f" to {width_m.max() / 1000:g}" if width_m.max() > width_m.min() else "")
        return f"p90 wait for the next look, cells of {corridor.step_km(results)} by {across} km"

    def gaps(self, corridor: "Corridor", results: Results) -> "list[Gap]":
        """Return the stretches near the line, by side, where one wait in ten is longer than a day, the longest first, in words."""
        step_m = results.stage.line.length_m / corridor.along()
        found = []
        for side in (1, -1):
            long = quantile_s(corridor.near(self.near_m, side=side), 0.9) > DAY
            edge = np.flatnonzero(np.diff(np.concatenate([[False], long, [False]]).astype(np.int8)))
            for first, last in zip(edge[::2], edge[1::2], strict=True):
                who = self.reason(corridor, results, side, first * step_m, last * step_m)
                found.append(Gap(side, float(first * step_m), float(last * step_m), who))
        return sorted((gap for gap in found if gap.to_m - gap.from_m > 1.5 * step_m), key=lambda gap: gap.from_m - gap.to_m)

    def reason(self, corridor: "Corridor", results: Results, side: int, from_m: float, to_m: float) -> str:
        """Return why a stretch goes unwatched for long on one side: from how far off the line on, and who looks at the cells that do."""
        here = (corridor.chainage_m > from_m) & (corridor.chainage_m < to_m)
        here &= (side * corridor.offset_m > 0.0) & (np.abs(corridor.offset_m) <= self.near_m)
        slow = here & (corridor.wait_s(0.9) > DAY)
        nearest_m = float(np.abs(corridor.offset_m[slow]).min())
        edges_m = [depth_m for depth_m in self.depths_m if depth_m < nearest_m]
        beyond = f" beyond {edges_m[-1] / 1000:g} km" if edges_m else ""
        reaches_m = [reach for sensor in results.scenario.sensors.values() for reach in sensor.reach_m(results.stage)]
        somebody = any(first_m < to_m and last_m > from_m for first_m, last_m in reaches_m)
        never = float((corridor.grade()[slow] == -1).mean())
        if 0.5 < never < 1.0:
            return f"side {SIDES[side]}{beyond}: mostly {said(set(), set(), somebody)}"
        return f"side {SIDES[side]}{beyond}: {said(kinds_in(corridor.kinds[slow]), kinds_in(corridor.kinds), somebody)}"


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
            statistic: Of the shares of starts with a longer wait, (R, C, W), and of the cells' shares, (C,).
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


SIDES = {1: "A", -1: "B"}


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


def pooled_quantile(level: float) -> Statistic:
    """Return the wait that a share of all starts in all cells does not exceed."""
    return lambda longer, share: float(quantile_s(share @ longer.mean(axis=0), level))


def share_within(wait_s: float) -> Statistic:
    """Return the share of the corridor in which nine waits in ten are no longer than this."""
    return lambda longer, share: min(1.0, float(share @ (quantile_s(longer.mean(axis=0), 0.9) <= wait_s)))


def share_never(longer: Floats, share: Floats) -> float:
    """Return the share of the corridor at which nobody ever looks in a replication, on average: more replications do not lessen it."""
    return min(1.0, float((longer[:, :, -1] >= 1.0).mean(axis=0) @ share))


def share_watched(longer: Floats, share: Floats) -> float:
    """Return the share of places and instants at which somebody looks."""
    return min(1.0, float(share @ (1.0 - longer[:, :, 0].mean(axis=0))))


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
CLOCK = "#0b4f8a"
"""Colour of the response clock."""


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
    return (
        f"{' and '.join(UNITS.get(kind, spoken(kind)) + 's' for kind in sorted(here))} only" if here < everywhere else "looks too far apart"
    )


def fleet(results: Results) -> str:
    """Return what watches, in words: units by kind."""
    counts: dict[str, int] = {}
    for sensor in results.scenario.sensors.values():
        counts[sensor.kind_name] = counts.get(sensor.kind_name, 0) + len(sensor.units(results.stage))
    if len(counts) > 4:
        return f"{sum(counts.values())} units of {len(counts)} kinds"
    words = [UNITS.get(kind, spoken(kind)) for kind in counts]
    return (
        ", ".join(f"{count} {word}{'s' if count != 1 else ''}" for word, count in zip(words, counts.values(), strict=True)) or "no sensors"
    )


UNITS = {
    "drone_fleet": "drone",
    "satellite_constellation": "satellite",
    "camera_tower": "tower",
    "thermal_satellite": "thermal satellite",
    "rf_satellite": "radio cluster",
    "overhead_infrared": "infrared constellation",
}
"""What a unit is called where the kind is named after many, or at length."""


def aircraft(values: object, found: dict[str, int]) -> dict[str, int]:
    """Return the drones at each base: every record of the sensors that names a `base` and a number of `drones`."""
    if isinstance(values, dict):
        if isinstance(values.get("base"), str):
            found[values["base"]] = found.get(values["base"], 0) + int(values.get("drones", 0))
        for value in values.values():
            aircraft(value, found)
    return found


def based(results: Results) -> dict[str, int]:
    """Return the drones at each base that any sensor uses."""
    return aircraft({name: sensor.model_dump() for name, sensor in results.scenario.sensors.items()}, {})


def grade_names(horizon_s: float) -> list[str]:
    """Return the names of the classes; the last begins where the run can still tell waits apart."""
    return [*(name for _, name, _ in GRADES[:-1]), f"over {duration(horizon_s / 2)}" if horizon_s < 6 * DAY else GRADES[-1][1]]


def draw_map(coverage: Coverage, corridor: Corridor, results: Results, sheet: Sheet, gaps: list[Gap]) -> None:
    """Draw the corridor in the colours of its classes on the base map."""
    from shapely import buffer, contains_xy

    line, numbers = results.stage.line, based(results)
    used = {name: place for name, place in results.stage.bases.items() if name in numbers}
    draw_base(sheet, home_of(sheet, results.stage.bases.values()))
    left, bottom, right, top = sheet.frame
    x_m, y_m = np.meshgrid(np.linspace(left, right, 560), np.linspace(bottom, top, round(560 * (top - bottom) / (right - left))))
    grade = np.full(x_m.shape, OUTSIDE)
    around = np.asarray(contains_xy(buffer(line.curve, coverage.depths_m[-1]), x_m, y_m))
    cell = cell_of(coverage, corridor, line, *line.locate(x_m[around], y_m[around]))
    grade[around] = np.where(cell < 0, OUTSIDE, corridor.grade()[cell])
    paint(sheet.axes, grade, (left, right, bottom, top), 5)
    sheet.axes.contour(x_m, y_m, grade > OUTSIDE, levels=[0.5], colors="#55524a", linewidths=0.5, zorder=6)
    draw_line(sheet)
    draw_bases(sheet, used, numbers)
    draw_posts(sheet, 100_000.0 if line.length_m > 500_000.0 else 50_000.0 if line.length_m > 200_000.0 else 20_000.0)
    named = 0
    for gap in gaps[:CALLOUTS_TRIED]:
        named += named < CALLOUTS and draw_callout(sheet, gap, coverage.near_m)
    draw_scale(sheet)
    draw_seas(sheet)
    draw_towns(sheet)
    draw_names(sheet)


CALLOUTS, CALLOUTS_TRIED = 2, 6
"""How many gaps are named on the map, and among how many of the longest room for them is looked for."""
OUTSIDE = -2
"""Class of what is not in the corridor."""


def cell_of(coverage: Coverage, corridor: Corridor, line: Line, chainage_m: Floats, offset_m: Floats) -> Ints:
    """Return the cell of each place, -1 outside of the corridor and beyond the ends of the line. Shape (N,)."""
    along, bands = corridor.along(), len(coverage.depths_m)
    step = np.minimum((chainage_m / line.length_m * along).astype(np.int64), along - 1)
    band = np.searchsorted(coverage.depths_m, np.abs(offset_m))
    across = np.where(offset_m < 0.0, bands - 1 - band, bands + band)
    ends = ((chainage_m <= 0.0) | (chainage_m >= line.length_m)) & (not line.closed)
    return np.where(ends | (band == bands), -1, step * 2 * bands + across)


def paint(axes: "Axes", grade: Ints, extent: tuple[float, float, float, float], zorder: float) -> None:
    """Paint a picture of classes: colours, hatching where mostly nobody looks, nothing outside. The first row lies at the bottom."""
    from matplotlib.colors import to_rgba

    colours = np.array([to_rgba(colour) for _, _, colour in GRADES] + [to_rgba("white", 0.0), to_rgba("white")])
    axes.imshow(colours[grade], extent=extent, origin="lower", interpolation="nearest", aspect="auto", zorder=zorder)
    if (grade == -1).any():
        rows, columns = grade.shape
        x, y = (low + (np.arange(count) + 0.5) / count * (high - low) for low, high, count in ((*extent[:2], columns), (*extent[2:], rows)))
        axes.contourf(x, y, grade == -1, levels=[0.5, 1.5], colors="none", hatches=["/////"], zorder=zorder + 0.1)


def draw_callout(sheet: Sheet, gap: Gap, near_m: float) -> bool:
    """Name a gap on the map, outside of the corridor, and return whether there was room."""
    chainage_m, text = (gap.from_m + gap.to_m) / 2, f"{gap.where}\n{gap.who}"
    place = np.concatenate(sheet.line.at(np.array([chainage_m]), np.array([gap.side * near_m / 2])))
    normal = sheet.line.mean_normal(np.array([chainage_m]), np.array([60_000.0]))[0]
    spot = post_spot(sheet, place, normal, text, (float(gap.side),))
    if spot is not None:
        draw_leader(sheet, place, spot, sheet.box(*spot, text, 7.5))
        sheet.axes.plot(*place, "o", ms=2.6, mfc=INK, mec="white", mew=0.6, zorder=15)
        sheet.axes.text(*spot, text, size=8, color=INK, ha="center", va="center", zorder=20, path_effects=halo(3.0), linespacing=1.25)
        sheet.taken.append(sheet.box(*spot, text, 9))
    return spot is not None


def draw_legend(axes: "Axes", corridor: Corridor, results: Results) -> None:
    """Draw the legend as a histogram: each class with its share of the corridor; and the signs of the map."""
    from matplotlib.patches import Rectangle

    grade = corridor.grade()
    rows = [
        (name, colour, float(corridor.share @ (grade == index)))
        for index, (name, (_, _, colour)) in enumerate(zip(grade_names(results.stage.horizon_s), GRADES, strict=True))
    ]
    rows.append(("mostly never", "white", float(corridor.share @ (grade == -1))))
    longest = max(share for _, _, share in rows)
    axes.set(xlim=(0, 1), ylim=(-12.6, 1.4))
    axes.axis("off")
    axes.text(0, 1.15, "Wait for the next look (p90)", size=9.5, weight="bold", color=INK, va="center")
    axes.text(1, 0.2, "share of the corridor", size=7.5, color=GREY, ha="right", va="center")
    for row, (name, colour, share) in enumerate(rows):
        y = -0.8 - row
        axes.add_patch(
            Rectangle(
                (0, y - 0.36), 0.13, 0.72, facecolor=colour, edgecolor="#55524a", lw=0.6, hatch="/////" if colour == "white" else None
            )
        )
        axes.add_patch(Rectangle((0.60, y - 0.22), 0.20 * share / longest, 0.44, facecolor="#b9b5a6", lw=0))
        axes.text(0.17, y, name, size=8.5, color=INK, va="center")
        axes.text(1, y, percent(share), size=8.5, color=INK, ha="right", va="center")
    axes.plot([0, 0.13], [-9.2, -9.2], color=INK, lw=2.0)
    axes.text(0.17, -9.2, "the line", size=8.5, color=INK, va="center")
    axes.text(
        0.065,
        -10.2,
        "300",
        size=7,
        color=INK,
        ha="center",
        va="center",
        bbox={"boxstyle": "round,pad=0.22", "fc": "white", "ec": "#8f8b80", "lw": 0.6},
    )
    axes.text(0.17, -10.2, "kilometre along the line", size=8.5, color=INK, va="center")
    if based(results):
        axes.text(0.03, -11.2, "3", size=8, weight="bold", color=INK, ha="center", va="center")
        axes.plot(0.095, -11.2, "^", ms=6.5, mfc=INK, mec="white")
        axes.text(0.17, -11.2, "base, number of drones", size=8.5, color=INK, va="center")


def draw_unrolled(axes: "Axes", coverage: Coverage, corridor: Corridor, results: Results) -> None:
    """Draw the corridor pulled straight: chainage across, side A above, side B below, true to depth."""
    line = results.stage.line
    depth_m = coverage.depths_m[-1]
    chainage_m, offset_m = np.meshgrid((np.arange(1000) + 0.5) / 1000 * line.length_m, (np.arange(61) - 30) / 30.5 * depth_m)
    grade = corridor.grade()[cell_of(coverage, corridor, line, chainage_m.ravel(), offset_m.ravel())].reshape(chainage_m.shape)
    paint(axes, grade, (0.0, line.length_m / 1000, -depth_m / 1000, depth_m / 1000), 2)
    axes.axhline(0.0, color="white", lw=2.2, zorder=3)
    axes.axhline(0.0, color=INK, lw=1.1, zorder=4)
    axes.set(xlim=(0.0, line.length_m / 1000), ylim=(-depth_m / 1000, depth_m / 1000), xticks=[])
    axes.set_yticks([depth_m / 2000, -depth_m / 2000], ["side A", "side B"], size=7, color=GREY)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set(edgecolor="#55524a", linewidth=0.5)


def draw_strip(axes: "Axes", side: int, coverage: Coverage, corridor: Corridor, results: Results) -> None:
    """Draw the wait along one side of the line, A upward, B downward: bars to p90 in the colours of the classes, ticks at the median."""
    line = results.stage.line
    curves = corridor.near(coverage.near_m, side=side)
    p90_s, p50_s = quantile_s(curves, 0.9), quantile_s(curves, 0.5)
    never = corridor.beside(corridor.unseen()[:, None], coverage.near_m, side)[:, 0] > 0.5
    edges_km = np.linspace(0.0, line.length_m / 1000, corridor.along() + 1)
    colours = [GRADES[index][2] for index in np.searchsorted([edge_s for edge_s, _, _ in GRADES], p90_s)]
    width_km = edges_km[1] - edges_km[0]
    height_s = np.clip(p90_s, SHORTEST_S * 1.12, LONGEST_S)
    bars = axes.bar(edges_km[:-1], height_s - SHORTEST_S, width_km, SHORTEST_S, align="edge", color=colours, linewidth=0, zorder=2)
    for bar, unseen in zip(bars, never, strict=True):
        if unseen:
            bar.set(facecolor="white", hatch="/////", edgecolor="#55524a")
    axes.stairs(height_s, edges_km, baseline=SHORTEST_S, color="#3b3832", lw=0.7, zorder=3)
    detected_s = np.clip(quantile_s(corridor.near(coverage.near_m, "d", side), 0.9), SHORTEST_S, LONGEST_S)
    axes.stairs(detected_s, edges_km, baseline=None, color="#3b3832", lw=0.9, ls=(0, (1, 1.2)), zorder=3)
    middle_km, told = (edges_km[1:] + edges_km[:-1]) / 2, np.isfinite(p50_s) & ~never
    marks_s = np.clip(p50_s, SHORTEST_S * 1.06, LONGEST_S)[told]
    for colour, thick in (("white", 2.6), ("black", 1.0)):
        axes.hlines(marks_s, middle_km[told] - 0.32 * width_km, middle_km[told] + 0.32 * width_km, color=colour, lw=thick, zorder=4)
    axes.axhline(DAY, color=CLOCK, lw=1.1, ls=(0, (5, 2.5)), zorder=5)
    axes.text(1.006, 0.45, f"side {SIDES[side]}", transform=axes.transAxes, size=7.5, color=GREY, va="center", rotation=270)
    axes.set_yscale("log")
    ends_s = (SHORTEST_S, LONGEST_S * 4.0)
    axes.set(xlim=(0.0, edges_km[-1]), ylim=ends_s[::side])
    axes.set_yticks([tick_s for tick_s, _ in TICKS], [name for _, name in TICKS], size=7.5, color=INK)
    axes.set_xticks(np.arange(0.0, edges_km[-1], 100.0 if edges_km[-1] > 500.0 else 50.0 if edges_km[-1] > 200.0 else 20.0))
    axes.minorticks_off()
    axes.tick_params(length=2.5, labelsize=7.5, colors=INK)
    axes.spines[["top", "right"]].set_visible(False)
    if side < 0:
        axes.set_xlabel("km along the line", size=8, color=INK, labelpad=2)
        return
    axes.set(zorder=2, facecolor="none")  # Its bases stand on the line between the two sides.
    axes.tick_params(bottom=False, labelbottom=False)
    clock: dict[str, Any] = {"size": 7.5, "color": CLOCK, "va": "bottom", "zorder": 6, "path_effects": halo()}
    axes.text(0.003, DAY * 1.12, "24-h response clock", transform=axes.get_yaxis_transform(), **clock)
    for x_m, y_m in (results.stage.bases[name] for name in based(results) if name in results.stage.bases):
        base_km = float(line.locate(x_m, y_m)[0]) / 1000
        axes.plot(base_km, SHORTEST_S, "^", ms=6.5, mfc=INK, mec="white", mew=0.7, zorder=7, clip_on=False)


SHORTEST_S, LONGEST_S = 15 * MINUTE, 7 * DAY
"""Range of the strip; what is beyond is drawn at its end."""
TICKS = (
    (HOUR, "1 h"),
    (6 * HOUR, "6 h"),
    (DAY, "1 day"),
    (7 * DAY, "7 days"),
)


def name_sectors(unrolled: "Axes", strips: "list[Axes]", results: Results) -> None:
    """Rule where sectors begin and write their names above, the longest first, on two lines if need be, where they meet no other."""
    length_m = results.stage.line.length_m
    letter_m = 0.58 * 6.5 * length_m / width_pt(unrolled)
    written: list[tuple[float, float]] = []
    for name, sector in sorted(results.stage.sectors.items(), key=lambda named: named[1].from_m - named[1].to_m):
        if sector.from_m > 0.0:
            for axes in (unrolled, *strips):
                axes.axvline(sector.from_m / 1000, color="#6d6a62", lw=0.7, ls=(0, (1, 2)), zorder=5 if axes is unrolled else 1.5)
        to_m = min(sector.to_m, length_m)
        middle_m, most = (sector.from_m + to_m) / 2, SPILL * (to_m - sector.from_m) / letter_m
        text = wrapped(spoken(name), int(most))
        half_m = (max(map(len, text.split("\n"))) + 1) / 2 * letter_m
        if text and all(abs(middle_m - other_m) > half_m + wide_m for other_m, wide_m in written):
            style: dict[str, Any] = {"size": 6.5, "color": GREY, "ha": "center", "va": "bottom", "linespacing": 1.0}
            unrolled.text(middle_m / 1000, 1.08, text, transform=unrolled.get_xaxis_transform(), **style)
            written.append((middle_m, half_m))


SPILL = 1.8
"""How many times wider than its sector a name may be where its neighbours leave room."""


def width_pt(axes: "Axes") -> float:
    """Return the width of axes on paper, in points."""
    return float(axes.get_position().width * axes.figure.get_figure(root=True).get_size_inches()[0] * 72)


def wrapped(text: str, letters: int) -> str:
    r"""Return a name on one line or two of so many letters, or nothing where it does not fit.

    >>> wrapped("Kharkiv north", 13), wrapped("Kharkiv north", 8), wrapped("Kharkiv north", 5)
    ('Kharkiv north', 'Kharkiv\nnorth', '')
    """
    rows = textwrap.wrap(text, letters, break_long_words=False) if letters > 0 else []
    return plain("\n".join(rows)) if 0 < len(rows) <= 2 and max(map(len, rows)) <= letters else ""


def name_gaps(axes: "Axes", gaps: list[Gap], length_m: float) -> None:
    """Write the longest gaps of a side beyond the ends of its bars, as long as the words do not meet."""
    written: list[tuple[float, float]] = []
    for gap in gaps:
        text = f"{gap.where}{gap.who.removeprefix(f'side {SIDES[gap.side]}')}"
        half_m = 0.28 * 7 * len(text) / width_pt(axes) * length_m
        middle_m = float(np.clip((gap.from_m + gap.to_m) / 2, half_m, length_m - half_m))
        if all(abs(middle_m - other_m) > half_m + wide_m for other_m, wide_m in written):
            style: dict[str, Any] = {"size": 7, "color": INK, "ha": "center", "va": "bottom" if gap.side > 0 else "top", "zorder": 8}
            axes.text(middle_m / 1000, LONGEST_S * 1.25, text, path_effects=halo(), **style)
            written.append((middle_m, half_m))


def draw_notes(figure: "Figure", coverage: Coverage, corridor: Corridor, results: Results) -> None:
    """Write how to read the picture, and where what it shows comes from."""
    stage = results.stage
    left, top = 0.762, 0.359
    figure.text(left, top, "Reading the chart", size=9.5, weight="bold", color=INK)
    reading = (
        f"Bar: p90 wait in each {corridor.step_km(results)} km, side A\nupward, side B downward, colours as\nabove. "
        "Short line in it: median wait.\n"
        "Dotted: p90 until a vehicle in the open is\ndetected. Nine in ten waits that begin at\na random time are no longer than p90."
    )
    figure.text(left, top - 0.014, reading, size=7.5, color=INK, va="top", linespacing=1.4)
    home = " Crimea is Ukraine's (UN General Assembly resolution 68/262)." if "Ukrain" in stage.line.name or home_is_near(results) else ""
    drawn = plain(stage.line.name) or "that of the scenario"
    sources = " ".join(
        (
            f"{duration(stage.length_s)}, {runs(len(corridor.replications))}, sensors as flown.",
            "A look is a stretch in view of a unit that can detect a vehicle in the open under the sky of that hour.",
            "Hatched: in most replications no such look ever comes. No wait is cut by the run's end.",
            f"Base map: Natural Earth 4.1, public domain; {described(stage.line.projection)}, WGS 84.{home}",
            f"The line is {drawn}: approximate, and no statement on sovereignty.",
        )
    )
    figure.text(left, top - 0.132, textwrap.fill(sources, 54), size=6.3, color=GREY, va="top", linespacing=1.4)


def home_is_near(results: Results) -> bool:
    """Return whether the line lies in the region where the base map draws Crimea."""
    x_m, y_m = results.stage.line.to_xy(34.1, 45.3)
    return bool(np.hypot(*(results.stage.line.xy_m - np.array([x_m, y_m])).T).min() < 400_000.0)
