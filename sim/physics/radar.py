"""What a radar on the ground or in the air finds: horizon, range, moving targets, tracks, false alarms."""

import numpy as np

from sim.kinds import Floats
from sim.physics.imaging import EARTH_RADIUS_M
from sim.physics.search import p_by_range

BENDING = 4.0 / 3.0
"""Radius of an Earth over which radar beams run straight, in radii of ours. Source: ITU-R P.834, median atmosphere (k = 4/3)."""
EDGE = 0.1
"""Width of the logistic edge of a radar's range, as a share of it. Assumption, range 0.05 to 0.2."""


def horizon_m(antenna_m: Floats | float, target_m: Floats | float) -> Floats:
    """Return how far a radar sees over smooth ground: sqrt(2 (4/3) R h), for either end.

    Args:
        antenna_m: Height of the antenna above the ground.
        target_m: Height of the target. The two are broadcast.

    Source: geometry over an Earth of 4/3 of its radius, see `BENDING`.

    >>> horizon_m(np.array([10.0, 30.0]), 2.0).round(-1).tolist()
    [18860.0, 28410.0]
    """
    return np.asarray(np.sqrt(2.0 * BENDING * EARTH_RADIUS_M) * (np.sqrt(antenna_m) + np.sqrt(target_m)))


def scaled_range_m(range_m: Floats | float, rcs_m2: Floats | float, reference_m2: Floats | float = 1.0) -> Floats:
    """Return the range for another cross-section: with its fourth root.

    Args:
        range_m: Range for the reference.
        rcs_m2: Radar cross-section of the target, `nan` for none.
        reference_m2: Cross-section for which the range is given. All are broadcast.

    Returns:
        Range, 0 for what has no cross-section.

    Source: radar equation (Skolnik, Radar Handbook). Assumption: noise limits, not clutter.

    >>> scaled_range_m(12_000.0, np.array([10.0, 100.0, np.nan])).round(1).tolist()
    [21339.4, 37947.3, 0.0]
    """
    return np.asarray(range_m * (np.nan_to_num(rcs_m2) / np.asarray(reference_m2)) ** 0.25)


def p_detect(range_m: Floats | float, half_m: Floats | float) -> Floats:
    """Return the chance that a radar detects a target in one scan by its distance; `half_m` is where half are detected.

    Assumption: the logistic form and its width, see `EDGE`.
    """
    return p_by_range(range_m, half_m, EDGE)


def p_heading(least_mps: Floats | float, speed_mps: Floats | float) -> Floats:
    """Return the share of headings that move fast enough towards or away from a radar: (2 / pi) arccos(MDV / speed).

    Args:
        least_mps: Minimum detectable velocity along the sight (MDV).
        speed_mps: Of the target over ground. The two are broadcast.

    Returns:
        Share, 0 up to the minimum.

    Derived: headings evenly spread over the circle. A usual MDV is 6 knots, that of Lynx for 10 dBsm (Tsunoda et al. 1999).

    >>> p_heading(6 * 1852 / 3600, np.array([10.0, 20.0, 30.0, 60.0]) / 3.6).round(4).tolist()
    [0.0, 0.625, 0.7584, 0.8814]
    """
    least, speed = np.broadcast_arrays(np.asarray(least_mps, dtype=np.float64), speed_mps)
    ratio = np.divide(least, speed, out=np.ones(speed.shape), where=speed > least)
    return np.asarray(2.0 / np.pi * np.arccos(ratio))


def p_track(p_scan: Floats | float, scans: int, hits: int = 3, window: int = 5) -> Floats:
    """Return the chance that a track has started: that some scan completed a number of hits within a window of scans.

    The chain remembers the hits of the last scans as bits, so overlapping windows are counted as they are, not as independent.

    Args:
        p_scan: Chance of a hit in one scan, any shape.
        scans: How many scans there were.
        hits: Needed within the window, 1 or more.
        window: Length of the window in scans.

    Returns:
        Chance, of the shape of `p_scan`.

    Source: M-of-N track initiation (Bar-Shalom and Li, Multitarget-Multisensor Tracking, 1995). Assumption: 3 of 5, independent scans.

    >>> p_track(np.array([0.5, 0.9]), 5).round(4).tolist()
    [0.5, 0.9914]
    """
    p = np.asarray(p_scan, dtype=np.float64)
    histories = 2 ** (window - 1)
    waiting = np.zeros((histories, *p.shape))
    waiting[0] = 1.0
    for _ in range(scans):
        after = np.zeros_like(waiting)
        for seen in range(2 * histories):
            if seen.bit_count() < hits:
                after[seen % histories] += waiting[seen // 2] * (p if seen % 2 else 1.0 - p)
        waiting = after
    return np.asarray(np.maximum(1.0 - waiting.sum(axis=0), 0.0))


def false_alarms_per_km2(p_cell: Floats | float, cell_m2: Floats | float) -> Floats:
    """Return how many false alarms a radar image gives in a square kilometre.

    Args:
        p_cell: Chance of a false alarm in one cell.
        cell_m2: Area of a cell. The two are broadcast.

    Source: definition.

    >>> false_alarms_per_km2(np.array([1e-6, 1e-8]), 1.0).tolist()
    [1.0, 0.01]
    """
    return np.asarray(np.asarray(p_cell) * 1e6 / cell_m2)
