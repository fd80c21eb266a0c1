"""The exposure kernel: laps of equal length, each with the same few looks.

A unit moves round a closed lap at constant speed, or holds. A target is in view on a few stretches (arcs) of the lap. Exposure grows by
staircase, so "in view for how long until t" and "when in view for x seconds" are closed: a division by the lap, then clips.
Each function stands twice, for arrays and for plain floats; a test holds the two together.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from sim.kinds import Floats

PlainArcs: TypeAlias = Sequence[tuple[float, float]]
SUREST = 1.0 - 1e-9
"""A chance counts as no higher: keeps exposures finite."""


def exposure_of(p_found: Floats | float, surest: float = SUREST) -> Floats:
    """Return the exposure that finds with a chance: -ln(1 - P). Shape as given.

    >>> exposure_of(1.0 - np.exp(-2.0)).round(9).tolist()
    2.0
    """
    return np.asarray(-np.log1p(-np.minimum(p_found, surest)))


def seen_m(from_m: Floats, to_m: Floats, lap_m: Floats, arcs_m: Floats) -> Floats:
    """Return how far a unit moves in view between two places of its unrolled lap.

    Args:
        from_m: Where it starts, counted on along the laps. Shape (N,).
        to_m: Where it ends, not before `from_m`. Shape (N,).
        lap_m: Length of a lap. Shape (N,).
        arcs_m: Stretches in view, sorted, disjoint, within the lap, padded by stretches of no length. Shape (N, K, 2).

    Returns:
        Distance in view, shape (N,).
    """
    first, start_m = np.divmod(from_m, lap_m)
    last, end_m = np.divmod(to_m, lap_m)
    total_m = within(lap_m, arcs_m)
    return np.asarray((last - first) * total_m + (within(end_m, arcs_m) - within(start_m, arcs_m)))


def within(place_m: Floats, arcs_m: Floats) -> Floats:
    """Return the distance in view from the start of the lap to a place on it. Shape (N,).

    Arc by arc, so that it adds from left to right as the plain form does; rows have few arcs and there are many rows.
    """
    total_m = np.zeros(len(place_m))
    for arc in range(arcs_m.shape[1]):
        enter_m, leave_m = arcs_m[:, arc, 0], arcs_m[:, arc, 1]
        total_m += np.minimum(np.maximum(place_m - enter_m, 0.0), leave_m - enter_m)
    return total_m


def reached_m(from_m: Floats, need_m: Floats, lap_m: Floats, arcs_m: Floats) -> Floats:
    """Return the place of the unrolled lap where a unit has moved a distance in view; with no need, where it next comes in view.

    Args:
        from_m: Where it starts. Shape (N,).
        need_m: Distance in view that is needed, 0 or more. Shape (N,).
        lap_m: Length of a lap. Shape (N,).
        arcs_m: Stretches in view, at least one of some length. Shape (N, K, 2).

    Returns:
        Place on the unrolled lap, shape (N,).
    """
    first, start_m = np.divmod(from_m, lap_m)
    lengths_m = arcs_m[:, :, 1] - arcs_m[:, :, 0]
    ends_m = np.cumsum(lengths_m, axis=1)
    laps, rest_m = np.divmod(within(start_m, arcs_m) + need_m, ends_m[:, -1])
    arc = np.minimum((ends_m <= rest_m[:, None]).sum(axis=1), arcs_m.shape[1] - 1)
    row = np.arange(len(arc))
    before_m = np.where(arc > 0, ends_m[row, arc - 1], 0.0)
    return np.asarray(np.maximum((first + laps) * lap_m + arcs_m[row, arc, 0] + (rest_m - before_m), from_m))


def within_plain(place_m: float, arcs_m: PlainArcs) -> float:
    """Return the distance in view from the start of the lap to a place on it."""
    total_m = 0.0
    for begin_m, end_m in arcs_m:
        total_m += min(max(place_m - begin_m, 0.0), end_m - begin_m)
    return total_m


def seen_plain_m(from_m: float, to_m: float, lap_m: float, arcs_m: PlainArcs) -> float:
    """Return how far a unit moves in view between two places; as `seen_m`."""
    first, start_m = divmod(from_m, lap_m)
    last, end_m = divmod(to_m, lap_m)
    return (last - first) * within_plain(lap_m, arcs_m) + (within_plain(end_m, arcs_m) - within_plain(start_m, arcs_m))


def reached_plain_m(from_m: float, need_m: float, lap_m: float, arcs_m: PlainArcs) -> float:
    """Return the place where a unit has moved a distance in view; as `reached_m`."""
    first, start_m = divmod(from_m, lap_m)
    laps, rest_m = divmod(within_plain(start_m, arcs_m) + need_m, within_plain(lap_m, arcs_m))
    before_m = 0.0
    for begin_m, end_m in arcs_m:
        after_m = before_m + (end_m - begin_m)
        if after_m > rest_m:
            return max((first + laps) * lap_m + begin_m + (rest_m - before_m), from_m)
        before_m = after_m
    return max((first + laps + 1) * lap_m + arcs_m[0][0], from_m)
