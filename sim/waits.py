"""Waits at places: from any instant until somebody looks there next, and until something there is detected."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from sim.clock import TICKS_PER_S
from sim.dice import Die
from sim.kinds import Floats, Ints
from sim.units import HOUR, MINUTE
from sim.watch import Sight, Stint, Windows

WAITS_S: Floats = np.concatenate(
    [np.array([0, 5, 10, 15, 30, 45]) * MINUTE, np.array([1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 36, 48, 72, 96, 168]) * HOUR]
)
"""Waits at which the curves of a cell are kept: `w00` to `w23` for the next look, `d00` to `d23` until detected."""
NAMES = [f"{wait:02d}" for wait in range(len(WAITS_S))]
TURN_H = 5.0
"""Hours between two turns of the sky over a place, about: night, weather, jamming."""
PIECE = 25_000
"""Windows that are found at once, about: their columns, 200 kB each, stay in the cache of a core."""
BLOCK = 8192
"""Rows that are worked on at once: their columns, 64 kB each, stay in the processor's cache."""


class Next(NamedTuple):
    """What comes next after each start, infinite for never in this run. Shapes (C, T)."""

    looked_s: Floats
    detected_s: Floats

    @classmethod
    def never(cls, shape: tuple[int, ...]) -> "Next":
        """Return that nothing comes, which `bring_forward` then changes."""
        return cls(*np.full((2, *shape), np.inf))


def after(seen: Windows, starts_s: Floats, die: Die) -> Next:
    """Return when one sensor looks next, and when it detects next, after each start; see `bring_forward`."""
    found = Next.never(starts_s.shape)
    bring_forward(found, seen, starts_s, die)
    return found


def bring_forward(found: Next, seen: Windows, starts_s: Floats, die: Die) -> None:
    """Lower what is known to come next to when one sensor looks, and when it detects, if that is sooner.

    A detection needs an exposure thrown for each window on its own; the first of them is the time at which the summed exposure reaches
    one exponential throw, for the least of exponential times adds their rates. A window that lies ahead of several starts is thrown once
    for all of them: their waits hang together, and the mean stays true.

    Args:
        found: What other sensors, or other windows, gave so far; it is changed.
        seen: Windows of the sensor on the probes, whose rows are the cells.
        starts_s: Instants in order, shape (C, T).
        die: Throws the exposure that is needed, named by cell, eye and window, and for a start within the window by that.
    """
    clock = Clock.of(seen, starts_s)
    ahead = np.argsort(clock.begin_s, kind="stable")
    inside, start = clock.under_way()
    window = np.concatenate([ahead, inside])
    begin_s = np.concatenate([seen.from_s[ahead], starts_s.ravel()[start]])
    named = np.concatenate([np.zeros(len(ahead), np.int64), start + 1])
    throw = die.exponential(seen.target[window], seen.eye[window], (seen.from_s[window] * TICKS_PER_S).astype(np.int64), named)
    for next_s, reached_s in zip(found, reached(seen, window, begin_s, throw), strict=True):
        next_s[clock.cells] = np.minimum(next_s[clock.cells], clock.first_ahead(ahead, reached_s[: len(ahead)]))
        np.minimum.at(next_s.reshape(-1), start, reached_s[len(ahead) :])


class Clock(NamedTuple):
    """Windows and starts of all cells that have windows, on one clock: that of each cell is set apart from that of the one before.

    So all cells are searched at once. Windows are looked up among the starts and not the other way round, for a sensor has some
    thousand windows, and a run a quarter of a million starts.
    """

    seen: Windows
    cells: Ints
    """In order. Shape (K,)."""
    shift_s: float
    """How far clocks are apart."""
    starts: int
    """How many each cell has, T."""
    begin_s: Floats
    """Of each window. Shape (P,)."""
    first: Ints
    """The first start after the begin of each window, counted on over the cells. Shape (P,)."""
    last: Ints
    """The first start that is not before its end."""

    @classmethod
    def of(cls, seen: Windows, starts_s: Floats) -> "Clock":
        """Set the clocks apart by a time well beyond all of a run, and look up the windows among starts of shape (C, T)."""
        shift_s = 4.0 * max(float(seen.to_s.max()), float(starts_s.max()), 1.0)
        cells = np.flatnonzero(np.bincount(seen.target))
        keys_s = (starts_s[cells] + shift_s * cells[:, None]).ravel()
        base_s = shift_s * seen.target
        begin_s, end_s = base_s + seen.from_s, base_s + seen.to_s
        first, last = np.searchsorted(keys_s, begin_s, side="right"), np.searchsorted(keys_s, end_s)
        return cls(seen, cells, shift_s, starts_s.shape[1], begin_s, first, last)

    def under_way(self) -> tuple[Ints, Ints]:
        """Return the pairs (window, start) of one cell with the start within the window; starts are counted on over all C cells."""
        count = self.last - self.first
        window = np.repeat(np.arange(len(count)), count)
        place = np.repeat(self.first - np.cumsum(count) + count, count) + np.arange(count.sum())
        return window, self.seen.target[window] * self.starts + place % self.starts

    def first_ahead(self, order: Ints, reached_s: Floats) -> Floats:
        """Return for each start the first time that is reached by a window that begins at it or later. Shape (K, T).

        Args:
            order: Of the windows by begin. Shape (P,).
            reached_s: When each, in that order, reaches what it needs; infinite for never. Shape (P,).
        """
        never_s = 0.9 * self.shift_s
        bounded_s = self.shift_s * self.seen.target[order] + np.minimum(reached_s, never_s)
        soonest_s = np.append(np.minimum.accumulate(bounded_s[::-1])[::-1], np.inf)
        starts_before = np.concatenate([[0], self.first[order], [self.starts * len(self.cells)]])
        found_s = np.repeat(soonest_s, np.diff(starts_before)).reshape(-1, self.starts) - self.shift_s * self.cells[:, None]
        return np.where(found_s < never_s, found_s, np.inf)


def reached(seen: Windows, window: Ints, begin_s: Floats, throw: Floats) -> Next:
    """Return when windows, entered at an instant, first have the cell in view, and when they have given an exposure.

    The same staircase as `sim.physics.exposure.reached_m`, for both questions at once and arc by arc; a test holds the two together.

    Args:
        seen: Windows.
        window: Rows. Shape (P,).
        begin_s: When each is entered. Shape (P,).
        throw: Exposure that is needed. Shape (P,).

    Returns:
        Times, infinite where the window ends before. Shapes (P,).
    """
    found = np.empty((2, len(window)))
    for first in range(0, len(window), BLOCK):
        rows = slice(first, first + BLOCK)
        found[:, rows] = reached_in_block(seen, window[rows], begin_s[rows], throw[rows])
    return Next(*found)


def reached_in_block(seen: Windows, window: Ints, begin_s: Floats, throw: Floats) -> Next:
    """Return what `reached` does, for as many rows as the processor keeps at hand."""
    speed_mps, lap_m = seen.speed_mps[window], seen.lap_m[window]
    from_m = seen.start_m[window] + speed_mps * (begin_s - seen.from_s[window])
    place_m = from_m - np.floor(from_m / lap_m) * lap_m
    arcs = seen.arcs_m[window]
    arcs_m = [(arcs[:, arc, 0], arcs[:, arc, 1]) for arc in range(arcs.shape[1])]
    given_m = [np.zeros(len(window))]
    used_m = np.zeros(len(window))
    for enter_m, leave_m in arcs_m:
        length_m = leave_m - enter_m
        given_m.append(given_m[-1] + length_m)
        used_m += np.minimum(np.maximum(place_m - enter_m, 0.0), length_m)
    found = []
    for need_m in (0.0, throw * speed_mps / seen.rate_per_s[window]):
        total_m = used_m + need_m
        laps = np.floor(total_m / given_m[-1])
        rest_m = total_m - laps * given_m[-1]
        then_m = arcs_m[0][0] + rest_m
        for (enter_m, leave_m), before_m in zip(arcs_m[1:], given_m[1:-1], strict=True):
            then_m = np.where((rest_m >= before_m) & (leave_m > enter_m), enter_m + (rest_m - before_m), then_m)
        then_s = begin_s + np.maximum(laps * lap_m + then_m - place_m, 0.0) / speed_mps
        found.append(np.where(then_s <= seen.to_s[window], then_s, np.inf))
    return Next(*found)


def pieces(sight: Sight, stints: Sequence[Stint]) -> Iterator[Sight]:
    """Iterate over parts of a sight without padding, each with some ten thousand windows, so that their columns stay in the cache.

    How many windows a row has is guessed from the stints on its track: one each, and one more for every few hours, when the sky turns.
    """
    track, hours = np.array([stint.track for stint in stints], np.int64), np.array([stint.off_s - stint.on_s for stint in stints]) / HOUR
    for part in by_arcs(sight):
        most = max(int(part.track.max(initial=0)), int(track.max(initial=0))) + 1
        guess = np.cumsum(np.bincount(track, 1.0 + hours / TURN_H, most)[part.track])
        for number in np.unique(guess // PIECE):
            yield part.take(np.flatnonzero(guess // PIECE == number))


def by_arcs(sight: Sight) -> Iterator[Sight]:
    """Iterate over the parts of a sight with one arc, with two, with four or fewer, and so on, each without padding for the others."""
    count = (sight.arcs_m[:, :, 1] > sight.arcs_m[:, :, 0]).sum(axis=1)
    least, most = 0, 1
    while least < count.max(initial=0):
        rows = np.flatnonzero((count > least) & (count <= most))
        part = sight.take(rows)
        empty_last = np.argsort(part.arcs_m[:, :, 1] <= part.arcs_m[:, :, 0], axis=1, kind="stable")[:, :most]
        yield replace(part, arcs_m=np.take_along_axis(part.arcs_m, empty_last[:, :, None], axis=1))
        least, most = most, 2 * most


def exceedance(waits_s: Floats, length_s: float, horizon_s: float) -> Floats:
    """Return the share of starts after which the wait is longer than each of `WAITS_S`, never rising along them. Shape (C, W).

    A start counts for a wait only if the run goes on for that long after it. Waits beyond half of the run are not told apart: too few
    starts have them whole.

    Args:
        waits_s: Waits, infinite for none in this run; starts in order, one in each equal part of the length. Shape (C, T).
        length_s: Starts lie within this.
        horizon_s: The end of the run.
    """
    cells, starts = waits_s.shape
    longer = np.ones((cells, len(WAITS_S)))
    for number, wait_s in enumerate(WAITS_S):
        whole = int(min(1.0, (horizon_s - wait_s) / length_s) * starts)
        if wait_s <= horizon_s / 2 and whole > 0:
            longer[:, number] = np.count_nonzero(waits_s[:, :whole] > wait_s, axis=1) / whole
        elif number:
            longer[:, number] = longer[:, number - 1]
    return np.minimum.accumulate(longer, axis=1)


def listed(kinds: np.ndarray, rows: Ints, kind: str) -> None:
    """Add a kind to the lists of some cells, once."""
    for row in rows:
        if kind not in kinds[row].split(","):
            kinds[row] = f"{kinds[row]},{kind}" if kinds[row] else kind


def quantile_s(longer: Floats, level: float) -> Floats:
    """Return the wait that a share `level` of starts does not exceed, infinite beyond the last of `WAITS_S`.

    Args:
        longer: Shares of starts with a longer wait, never rising. Shape (..., W).
        level: 0.5 for the median, 0.9 for what nine in ten do not exceed.

    Returns:
        Waits, linear between the waits that are kept. Shape (...).

    >>> float(np.round(quantile_s(np.where(WAITS_S < 3 * HOUR, 1.0, 0.0), 0.9) / HOUR, 6))
    2.9
    """
    allowed = 1.0 - level + 1e-12
    later = (longer > allowed).sum(axis=-1)
    upper = np.minimum(later, len(WAITS_S) - 1)
    lower = np.maximum(upper - 1, 0)
    high, low = (np.take_along_axis(longer, index[..., None], axis=-1)[..., 0] for index in (lower, upper))
    part = np.where(high > low, (high - allowed) / np.where(high > low, high - low, 1.0), 0.0)
    between_s = WAITS_S[lower] + np.clip(part, 0.0, 1.0) * (WAITS_S[upper] - WAITS_S[lower])
    return np.asarray(np.where(later == 0, 0.0, np.where(later == len(WAITS_S), np.inf, between_s)))
