"""Figures of merit of coverage: from the looks that assets take of cells to gaps, revisits, responses, ages and meetings.

Times are worked on for all cells at once: the clock of each cell is set apart from that of the one before, so that one sorted array holds
them all. What the ends of a run cut is never taken for whole: a gap whose beginning was not seen is no revisit, a gap whose end was not
seen is one that lasts at least so long, and an instant after which nobody comes any more has a response that is not known.

Long sums of products are made by NumPy alone: `@` leaves them to the linear algebra library, which adds in another order in another
process, and a replication must give the same numbers wherever it is played.

Source: the names are those that coverage analysis has made common, see J. R. Wertz, Mission Geometry; Orbit and Constellation Design and
Management (2001), section 9.5; E. L. Kaplan and P. Meier, JASA 53 (1958) 457-481.
"""

from typing import NamedTuple

import numpy as np

from sim.kinds import Bools, Floats, Ints
from sim.units import DAY, HOUR
from sim.watch import Windows

NONE = float("nan")
NEVER = float("inf")
SURE = 1e-9
"""Shares that differ by less are the same."""
TINY_S = 0.001
"""Times that differ by less are the same: a clock that is set far apart costs digits."""


def sums(cell: Ints, values: Floats, cells: int) -> Floats:
    """Return the sum of the values of each cell. Shape (C,)."""
    return np.asarray(np.bincount(cell, values, cells), dtype=np.float64)


class Spans(NamedTuple):
    """Stretches of time at cells, or at other numbered things, in order of number and time. Shapes (S,)."""

    cell: Ints
    start_s: Floats
    end_s: Floats

    def seconds(self, cells: int, weight: Floats | None = None) -> Floats:
        """Return how long the stretches of each cell are together, each times its weight. Shape (C,)."""
        length_s = self.end_s - self.start_s
        return sums(self.cell, length_s if weight is None else weight * length_s, cells)

    def take(self, rows: Ints | Bools) -> "Spans":
        """Return some of the rows."""
        return Spans(self.cell[rows], self.start_s[rows], self.end_s[rows])

    @staticmethod
    def join(parts: "list[Spans]") -> "Spans":
        """Return the rows of several tables, one after the other, so not in order; of none, a table without rows."""
        if not parts:
            return Spans(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
        edges_s = (np.concatenate([part[column] for part in parts]) for column in (1, 2))
        return Spans(np.concatenate([part.cell for part in parts]), *edges_s)


class Edges(NamedTuple):
    """Begins and ends of stretches, which may overlap, each sorted on clocks that are set apart by cell. Shapes (S,)."""

    began_s: Floats
    ended_s: Floats
    clock_s: float
    """By how much the clock of a cell is ahead of that of the cell before."""


def apart_s(*times_s: Floats) -> float:
    """Return how far clocks are set apart for these times: four times the last, as a power of two, which keeps their digits.

    >>> apart_s(np.array([3.0, 100.0]))
    512.0
    """
    return float(2.0 ** np.ceil(np.log2(4.0 * max(1.0, *(float(times.max(initial=0.0)) for times in times_s)))))


def edges_of(spans: Spans) -> Edges:
    """Return begins and ends, sorted; the rows may come in any order."""
    clock_s = apart_s(spans.end_s)
    base_s = clock_s * spans.cell
    return Edges(in_order(base_s + spans.start_s), in_order(base_s + spans.end_s), clock_s)


def in_order(keys_s: Floats) -> Floats:
    """Return times sorted; a stable sort makes use of the runs that looks of one unit come in, and takes a fifth of the time."""
    return np.sort(keys_s, kind="stable")


def at_least(edges: Edges, least: int = 1) -> Spans:
    """Return the stretches of time in which at least so many of the stretches of a cell hold at once.

    Between the end of stretch j and of stretch j + 1, j of them are over; then `least` more hold from the begin of the one that is
    counted j + `least` on. Both lists are sorted by themselves, so which begin belongs to which end does not matter.

    >>> edges = edges_of(Spans(np.zeros(3, np.int64), np.array([0.0, 2.0, 9.0]), np.array([5.0, 7.0, 10.0])))
    >>> [(one.start_s.tolist(), one.end_s.tolist()) for one in (at_least(edges, 1), at_least(edges, 2))]
    [([0.0, 9.0], [7.0, 10.0]), ([2.0], [5.0])]
    """
    began_s, ended_s, clock_s = edges
    count = len(began_s)
    later_s = np.full(count, np.inf)
    later_s[: max(0, count - least + 1)] = began_s[least - 1 :]
    later_s[1:] = np.maximum(later_s[1:], ended_s[:-1])
    some = later_s < ended_s
    begin_s, end_s = later_s[some], ended_s[some]
    fresh = np.flatnonzero(np.append(True, begin_s[1:] != end_s[:-1])[: len(begin_s)])
    last = np.append(fresh[1:], len(begin_s))[: len(fresh)] - 1
    begin_s, end_s = begin_s[fresh], end_s[last]
    cell = cell_at(begin_s, clock_s)
    return Spans(cell, begin_s - cell * clock_s, end_s - cell * clock_s)


def cell_at(keys_s: Floats, clock_s: float) -> Ints:
    """Return on whose clock times are; a division by a power of two is exact, and takes a fifth of the time of `//`."""
    return np.floor(keys_s * (1.0 / clock_s)).astype(np.int64)


def most(edges: Edges, cells: int) -> Ints:
    """Return how many stretches of each cell hold at once at most; one that begins as another ends is not beside it. Shape (C,)."""
    together = np.arange(1, len(edges.began_s) + 1) - np.searchsorted(edges.ended_s, edges.began_s, side="right")
    found = np.zeros(cells, dtype=np.int64)
    np.maximum.at(found, cell_at(edges.began_s, edges.clock_s), together)
    return found


def joined(spans: Spans, pause_s: float = 0.0) -> Spans:
    """Return the stretches of each cell as one where they overlap or follow one another within a pause."""
    found = at_least(edges_of(spans._replace(end_s=spans.end_s + pause_s)))
    return found._replace(end_s=found.end_s - pause_s)


def in_view(seen: Windows, pause_s: float = 0.0) -> Spans:
    """Return each stretch of each lap in which a window has its target in view; `cell` is the row of the window.

    A window whose look fills the lap, or whose laps are shorter than the pause, is one stretch.
    """
    row = np.arange(len(seen.row))
    length_m = seen.arcs_m[:, :, 1] - seen.arcs_m[:, :, 0]
    steady = (length_m.sum(axis=1) >= seen.lap_m) | (seen.lap_m <= pause_s * seen.speed_mps)
    parts = [Spans(row[steady], seen.from_s[steady], seen.to_s[steady])]
    row = row[~steady]
    start_m, speed_mps, lap_m = seen.start_m[row], seen.speed_mps[row], seen.lap_m[row]
    end_m = start_m + speed_mps * (seen.to_s[row] - seen.from_s[row])
    first = np.floor(start_m / lap_m)
    laps = (np.floor(end_m / lap_m) - first).astype(np.int64) + 1
    window = np.repeat(np.arange(len(row)), laps)
    lap = first[window] + np.arange(laps.sum()) - np.repeat(np.cumsum(laps) - laps, laps)
    base_m = lap * lap_m[window]
    for arc in range(seen.arcs_m.shape[1]):
        enter_m, leave_m = (base_m + seen.arcs_m[row, arc, end][window] for end in (0, 1))
        enter_m, leave_m = np.maximum(enter_m, start_m[window]), np.minimum(leave_m, end_m[window])
        some = np.flatnonzero(leave_m > enter_m)
        here = window[some]
        from_s, begin_m = seen.from_s[row[here]], start_m[here]
        times_s = (from_s + (place_m[some] - begin_m) / speed_mps[here] for place_m in (enter_m, leave_m))
        parts.append(Spans(row[here], *times_s))
    return Spans.join(parts)


def looks(seen: Windows, pause_s: float = 0.0) -> tuple[Spans, Ints]:
    """Return the looks that units take of targets, by target, unit and time, and the unit of each, shape (S,).

    Args:
        seen: Windows.
        pause_s: A target that is back in view of the same unit within this time was never out of it: turns of the sky, scans, turns of a
            patrol are no new look.
    """
    unit, eye = np.unique(seen.unit, return_inverse=True)
    found = in_view(seen, pause_s)
    pair = seen.target[found.cell] * max(1, len(unit)) + eye[found.cell]
    merged = joined(found._replace(cell=pair), pause_s)
    target, eye = np.divmod(merged.cell, max(1, len(unit)))
    return merged._replace(cell=target), unit[eye]


def gaps(spans: Spans, cells: int, horizon_s: float) -> Spans:
    """Return the time between disjoint stretches of each cell, from 0 to the horizon; a cell without any has one gap that is all."""
    clock_s, all_cells = apart_s(np.array([horizon_s])), np.arange(cells)
    begin_s = in_order(clock_s * np.concatenate([spans.cell, all_cells]) + np.concatenate([spans.end_s, np.zeros(cells)]))
    end_s = in_order(clock_s * np.concatenate([spans.cell, all_cells]) + np.concatenate([spans.start_s, np.full(cells, horizon_s)]))
    some = end_s - begin_s > TINY_S
    cell = cell_at(begin_s[some], clock_s)
    begin_s, end_s = begin_s[some] - clock_s * cell, end_s[some] - clock_s * cell
    return Spans(cell, np.where(begin_s < TINY_S, 0.0, begin_s), np.where(end_s > horizon_s - TINY_S, horizon_s, end_s))


class Lasting(NamedTuple):
    """Durations by cell and length, with the share that lasts longer by Kaplan and Meier. Shapes (S,)."""

    cell: Ints
    length_s: Floats
    whole: Bools
    """False for what lasted at least so long."""
    longer: Floats
    """Share of the cell's durations that last longer than this row's."""
    cells: int

    def counts(self) -> Ints:
        """Return how many rows each cell has. Shape (C,)."""
        return np.bincount(self.cell, minlength=self.cells)

    def quantile_s(self, level: float) -> Floats:
        """Return what a share `level` of a cell's durations does not exceed: infinite if not seen to, `nan` without rows. Shape (C,)."""
        count = self.counts()
        first = np.cumsum(count) - count
        before = np.bincount(self.cell, self.longer > 1.0 - level + SURE, self.cells).astype(np.int64)
        found = np.append(self.length_s, NEVER)[np.minimum(first + before, len(self.length_s))]
        return np.where(count == 0, NONE, np.where(before < count, found, NEVER))

    def mean_s(self) -> Floats:
        """Return the area below each cell's curve, up to its longest duration; `nan` without rows. Shape (C,)."""
        fresh = np.append(True, self.cell[1:] != self.cell[:-1])[: len(self.cell)]
        step_s = self.length_s - np.where(fresh, 0.0, np.roll(self.length_s, 1))
        area_s = np.bincount(self.cell, step_s * np.where(fresh, 1.0, np.roll(self.longer, 1)), self.cells)
        return np.where(self.counts() == 0, NONE, area_s)


def lasting(spans: Spans, cells: int, horizon_s: float) -> Lasting:
    """Return the durations of stretches that began after 0; those that the horizon cuts last at least so long.

    What was under way at 0 is left out: its beginning is not known, and a long stretch is caught there more often than a short one.
    """
    began = spans.take(spans.start_s > TINY_S)
    length_s, whole = began.end_s - began.start_s, began.end_s < horizon_s - TINY_S
    later_s = np.where(whole, 0.0, TINY_S / 2)  # At equal lengths, what ended comes before what was cut.
    order = np.argsort(apart_s(length_s) * began.cell + length_s + later_s, kind="stable")
    cell, length_s, whole = began.cell[order], length_s[order], whole[order]
    count = np.bincount(cell, minlength=cells)
    left = (np.cumsum(count))[cell] - np.arange(len(cell))
    logs = np.where(whole & (left > 1), np.log1p(-1.0 / np.maximum(left, 2)), 0.0)
    total = np.append(0.0, np.cumsum(logs))
    longer = np.exp(total[1:] - total[np.cumsum(count) - count][cell])
    return Lasting(cell, length_s, whole, np.where(whole & (left == 1), 0.0, longer), cells)


class Ramps(NamedTuple):
    """Waits from the instants of gaps: for w seconds, those of the time `sum(weight * max(reach_s - w, 0))` wait longer than w."""

    cell: Ints
    """Shape (S,), in order; within a cell by reach."""
    reach_s: Floats
    weight: Floats
    asked_s: Floats
    """Time of which it is asked, in view or not. Shape (C,)."""
    unknown_s: Floats
    """Part of that time whose wait is not known, for the run begins or ends within it. Shape (C,)."""

    @property
    def in_gap_s(self) -> Floats:
        """Time in gaps whose wait is known. Shape (C,)."""
        return sums(self.cell, self.weight * self.reach_s, len(self.asked_s))

    @property
    def unknown(self) -> Floats:
        """Share of the time whose wait is not known. Shape (C,)."""
        return self.unknown_s / self.asked_s

    def mean_s(self, in_gap: bool = False) -> Floats:
        """Return the mean wait over the instants whose wait is known, infinite where none is; or over those in a gap. Shape (C,)."""
        area_s2 = np.bincount(self.cell, 0.5 * self.weight * self.reach_s**2, len(self.asked_s))
        known_s = self.in_gap_s if in_gap else self.asked_s - self.unknown_s
        nothing = np.where(self.unknown_s > 0.0, NEVER, NONE if in_gap else 0.0)
        return np.where(known_s > 0.0, area_s2 / np.maximum(known_s, SURE), nothing)

    def quantile_s(self, level: float, in_gap: bool = False) -> Floats:
        """Return what a share `level` of the waits does not exceed; those that are not known count as longer. Shape (C,).

        Exact for all waits that are shorter than those unknown; infinite where too many are unknown; `nan` for a cell that has no gap, if
        it is asked of those in a gap.
        """
        cells = len(self.asked_s)
        whole_s = self.in_gap_s + self.unknown_s if in_gap else self.asked_s
        allowed_s = (1.0 - level) * whole_s - self.unknown_s
        count = np.bincount(self.cell, minlength=cells)
        first = np.cumsum(count) - count
        suffix = [np.append(np.cumsum(column[::-1])[::-1], 0.0) for column in (self.weight * self.reach_s, self.weight)]
        area_s, slope = (column[:-1] - column[first + count][self.cell] for column in suffix)
        before = np.bincount(self.cell, area_s - slope * self.reach_s > allowed_s[self.cell] + SURE * whole_s[self.cell], cells)
        row = np.minimum(first + before.astype(np.int64), len(self.cell) - 1) if len(self.cell) else np.zeros(cells, np.int64)
        found_s = (np.append(area_s, 0.0)[row] - allowed_s) / np.maximum(np.append(slope, 0.0)[row], 0.5)
        none = (self.in_gap_s <= allowed_s + SURE * whole_s) | (count == 0)
        known = np.where(none, 0.0, np.maximum(found_s, 0.0))
        return np.where(whole_s <= 0.0, NONE, np.where(allowed_s < -SURE * whole_s, NEVER, known))


def ramps(cell: Ints, reach_s: Floats, weight: Floats, asked_s: Floats, unknown_s: Floats) -> Ramps:
    """Return ramps in order of cell and reach."""
    order = np.argsort(apart_s(reach_s) * cell + reach_s, kind="stable")
    return Ramps(cell[order], reach_s[order], weight[order], asked_s, unknown_s)


def responses(blind: Spans, cells: int, asked_s: float, horizon_s: float) -> Ramps:
    """Return the waits from each instant before `asked_s` to the next look; not known where none comes before the horizon.

    Args:
        blind: Gaps.
        cells: How many there are.
        asked_s: Instants lie before this.
        horizon_s: Looks are known until here.
    """
    here = blind.take(blind.start_s < asked_s)
    until_s = np.minimum(here.end_s, asked_s)
    known = here.end_s < horizon_s
    unknown_s = sums(here.cell[~known], (until_s - here.start_s)[~known], cells)
    cut = known & (here.end_s > asked_s)
    cell = np.concatenate([here.cell[known], here.cell[cut]])
    reach_s = np.concatenate([(here.end_s - here.start_s)[known], here.end_s[cut] - asked_s])
    weight = np.concatenate([np.ones(known.sum()), -np.ones(cut.sum())])
    return ramps(cell, reach_s, weight, np.full(cells, asked_s), unknown_s)


def ages(blind: Spans, cells: int, asked_s: float, horizon_s: float) -> Ramps:
    """Return the time from the last look to each instant of the last `asked_s` of the run; not known where none came before it.

    It is the response with time turned round, so that what comes before the instants is to ages what the follow-up is to responses.
    """
    back = np.arange(len(blind.cell))[::-1]
    turned = Spans(blind.cell[back], horizon_s - blind.end_s[back], horizon_s - blind.start_s[back])
    return responses(turned, cells, asked_s, horizon_s)


def gap_fallen_into_s(blind: Spans, cells: int, horizon_s: float) -> Floats:
    """Return the expected length of the gap that an instant in a gap falls into, over gaps that no end of the run cuts. Shape (C,)."""
    whole = blind.take((blind.start_s > 0.0) & (blind.end_s < horizon_s))
    time_s = whole.seconds(cells)
    return np.where(time_s > 0.0, whole.seconds(cells, whole.end_s - whole.start_s) / np.maximum(time_s, SURE), NONE)


def longest_s(spans: Spans, cells: int) -> Floats:
    """Return the longest stretch of each cell, 0 for none; one that an end of the run cuts is at least so long. Shape (C,)."""
    found = np.zeros(cells)
    np.maximum.at(found, spans.cell, spans.end_s - spans.start_s)
    return found


def longer_than(blind: Spans, weight: Floats, waits_s: Floats, asked_s: float, horizon_s: float) -> Floats:
    """Return the share of instants from which the next look is further off than each wait, all cells together. Shape (W,).

    For each wait all instants count after which the run goes on for that long, so nothing is unknown; `nan` where there are none.

    Args:
        blind: Gaps.
        weight: Of each cell. Shape (C,).
        waits_s: In order, shape (W,).
        asked_s: Instants lie before this.
        horizon_s: Looks are known until here.
    """
    found = np.full(len(waits_s), NONE)
    start_s, share = blind.start_s, weight[blind.cell] / weight.sum()
    end_s = np.where(blind.end_s < horizon_s, blind.end_s, NEVER)
    for number, wait_s in enumerate(waits_s):
        some = end_s - start_s > wait_s  # Shorter gaps count for no longer wait either.
        start_s, end_s, share = start_s[some], end_s[some], share[some]
        until_s = min(asked_s, horizon_s - wait_s)
        if until_s > 0.0:
            found[number] = (share * np.maximum(np.minimum(end_s - wait_s, until_s) - start_s, 0.0)).sum() / until_s
    return found


def met(looked: Spans, asset: Ints, offset_s: float) -> Bools:
    """Return which looks have a look of another asset at the same cell within an offset: between them lies no more than that. Shape (S,).

    Args:
        looked: Looks.
        asset: Number of the asset of each, or of its type. Shape (S,).
        offset_s: Time between the end of one and the begin of the other; 0 asks for both at once.
    """
    numbers, asset = np.unique(asset, return_inverse=True)  # small ones: clocks of cells times assets must keep their digits
    count = max(1, len(numbers))
    wide = looked._replace(start_s=looked.start_s + offset_s, end_s=looked.end_s + 2.0 * offset_s + TINY_S)  # both moved on, by 1.5 offsets
    each = joined(wide._replace(cell=looked.cell * count + asset))
    both = edges_of(each._replace(cell=each.cell // count))
    twice = at_least(both, 2)
    clock_s = both.clock_s
    after = np.searchsorted(twice.cell * clock_s + twice.end_s, looked.cell * clock_s + wide.start_s, side="right")
    begin_s = np.append(twice.cell * clock_s + twice.start_s, np.inf)[after]
    return np.asarray(begin_s < looked.cell * clock_s + wide.end_s)


def next_s(spans: Spans, instants_s: Floats) -> Floats:
    """Return from each instant the time to the next look, 0 within one, infinite for never; looks are disjoint. Shape (C, T)."""
    clock_s, cell, keys_s = on_clocks(spans, instants_s)
    row = np.searchsorted(clock_s * spans.cell + spans.end_s, keys_s)
    here = np.append(spans.cell, -1)[row] == cell
    return np.where(here, np.maximum(np.append(spans.start_s, 0.0)[row] - instants_s, 0.0), NEVER)


def last_s(spans: Spans, instants_s: Floats) -> Floats:
    """Return how long before each instant the last look was, 0 within one, infinite for never yet. Shape (C, T)."""
    clock_s, cell, keys_s = on_clocks(spans, instants_s)
    row = np.searchsorted(clock_s * spans.cell + spans.start_s, keys_s, side="right") - 1
    here = np.append(spans.cell, -1)[row] == cell
    return np.where(here, np.maximum(instants_s - np.append(spans.end_s, 0.0)[row], 0.0), NEVER)


def on_clocks(spans: Spans, instants_s: Floats) -> tuple[float, Ints, Floats]:
    """Return how far clocks are apart, the cells as a column, shape (C, 1), and instants on their clocks, shape (C, T)."""
    clock_s = apart_s(spans.end_s, np.abs(instants_s))
    cell = np.arange(len(instants_s))[:, None]
    return clock_s, cell, clock_s * cell + instants_s


def within_s(spans: Spans, cell: Ints, from_s: Floats, to_s: Floats) -> Floats:
    """Return how long disjoint stretches of a cell hold between two instants. Shapes (N,)."""
    clock_s = apart_s(spans.end_s, to_s)
    begin_s, end_s = (clock_s * spans.cell + edge_s for edge_s in (spans.start_s, spans.end_s))
    total_s = np.append(0.0, np.cumsum(end_s - begin_s))
    ends_s = np.append(-np.inf, end_s)

    def until(t_s: Floats) -> Floats:
        """Return how long stretches of this cell and all before it hold until an instant."""
        key_s = clock_s * cell + t_s
        row = np.searchsorted(begin_s, key_s)
        return np.asarray(total_s[row] - np.maximum(ends_s[row] - key_s, 0.0))

    return until(to_s) - until(from_s)


def by_hour_s(spans: Spans, weight: Floats, clock_s: Floats) -> Floats:
    """Return how long stretches hold in each hour of the day, all cells together by weight. Shape (24,).

    Args:
        spans: Stretches.
        weight: Of each cell. Shape (C,).
        clock_s: Time of day at each cell when the run begins, 0 or more. Shape (C,).
    """
    hours = [hours_until(edge_s + clock_s[spans.cell], weight[spans.cell]) for edge_s in (spans.start_s, spans.end_s)]
    return HOUR * (hours[1] - hours[0])


def hours_until(t_s: Floats, weight: Floats) -> Floats:
    """Return how much of each hour of the day passes until instants, in hours, summed by weight. Shape (24,).

    >>> hours_until(np.array([25.5 * HOUR]), np.ones(1))[:3].tolist()
    [2.0, 1.5, 1.0]
    """
    day, rest_s = np.divmod(t_s, DAY)
    hour = np.minimum((rest_s // HOUR).astype(np.int64), 23)
    reached = np.bincount(hour, weight, 24)
    part = np.bincount(hour, weight * (rest_s / HOUR - hour), 24)
    return np.asarray((day * weight).sum() + (reached.sum() - np.cumsum(reached)) + part)


def weighted_quantile(values: Floats, weight: Floats, level: float) -> float:
    """Return the value that a share of the weight does not exceed, `nan` of none; values that are `nan`, or weigh nothing, do not count.

    >>> weighted_quantile(np.array([3.0, 1.0, np.nan, 2.0]), np.ones(4), 0.5)
    2.0
    """
    told = ~np.isnan(values) & (weight > 0.0)
    if not told.any():
        return NONE
    order = np.argsort(values[told], kind="stable")
    reached = np.cumsum(weight[told][order])
    row = int(np.searchsorted(reached, (level - SURE) * reached[-1]))
    return float(values[told][order][min(row, len(order) - 1)])
