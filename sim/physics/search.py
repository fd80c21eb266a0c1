"""Search theory: what a searcher finds who covers ground in one order or another, or guards a line."""

import numpy as np

from sim.kinds import Floats


def coverage(sweep_m: Floats | float, speed_mps: Floats | float, time_s: Floats | float, area_m2: Floats | float) -> Floats:
    """Return how many times over an area could be swept: z = W v t / A. The arguments are broadcast.

    Source: B. O. Koopman, Search and screening, 1946, as in M. J. F. Braga, An introduction to search theory, Naval Postgraduate
    School 1974 (AD-777878); so for all of this module that names nothing else.
    """
    return np.asarray(np.asarray(sweep_m) * speed_mps * time_s / area_m2)


def p_random(coverage: Floats | float) -> Floats:
    """Return the chance that search at random finds a target: 1 - exp(-z), of the shape of the coverage.

    The least that any order of search gives.

    >>> p_random(1.0).round(4).tolist()
    0.6321
    """
    return np.asarray(-np.expm1(-np.asarray(coverage)))


def p_parallel(coverage: Floats | float) -> Floats:
    """Return the chance that parallel sweeps find a target by the inverse-cube law: erf(sqrt(pi) / 2 z).

    Args:
        coverage: Sweep width over the spacing of the sweeps, any shape.

    >>> p_parallel(np.array([0.5, 1.0])).round(4).tolist()
    [0.4691, 0.7899]
    """
    from scipy.special import erf

    return np.asarray(erf(np.sqrt(np.pi) / 2.0 * np.asarray(coverage)), dtype=np.float64)


def p_exhaustive(coverage: Floats | float) -> Floats:
    """Return the chance that search without overlap finds a target within a definite range: min(1, z).

    The most that any order of search gives.
    """
    return np.asarray(np.minimum(1.0, coverage))


def random_search_s(sweep_m: Floats | float, speed_mps: Floats | float, area_m2: Floats | float) -> Floats:
    """Return the mean time until search at random finds a target that stays: A / (W v); the median is ln 2 of it."""
    return np.asarray(area_m2 / (np.asarray(sweep_m) * speed_mps))


def p_glimpses(p_glimpse: Floats | float, number: Floats | float) -> Floats:
    """Return the chance that one of some independent glimpses finds a target: 1 - (1 - g)^n.

    >>> p_glimpses(0.1, 20).round(4).tolist()
    0.8784
    """
    return np.asarray(1.0 - (1.0 - np.asarray(p_glimpse)) ** number)


def mean_wait_s(gaps_s: Floats) -> Floats:
    """Return the mean wait from any instant to the next look: E[g^2] / (2 E[g]), for an instant falls more often into a long gap.

    Args:
        gaps_s: Times between looks that follow one another. Shape (..., K), K at least 1.

    Returns:
        Mean wait, shape (...): half a gap for even ones, a whole mean gap for looks at random.

    Source: renewal theory (inspection paradox); Cox, Renewal theory, 1962.

    >>> mean_wait_s(np.array([[2.0, 2.0], [1.0, 3.0]])).tolist()
    [1.0, 1.25]
    """
    gaps = np.asarray(gaps_s)
    return np.asarray((gaps**2).mean(axis=-1) / (2.0 * gaps.mean(axis=-1)))


def p_by_range(range_m: Floats | float, half_m: Floats | float, edge: float) -> Floats:
    """Return the chance of detection by range with a logistic edge: 1 / (1 + exp((R - R50) / s)).

    Args:
        range_m: Distance of the target, R.
        half_m: Distance at which half are detected, R50; 0 for what is never detected. The two are broadcast.
        edge: Width of the edge s as a share of R50.

    Assumption: the form; it is a smooth definite range.

    >>> p_by_range(np.array([900.0, 1000.0, 1100.0]), 1000.0, 0.1).round(3).tolist()
    [0.731, 0.5, 0.269]
    """
    distance, half = np.broadcast_arrays(np.asarray(range_m, dtype=np.float64), half_m)
    some = half > 0.0
    steps = np.clip((distance / np.where(some, half, 1.0) - 1.0) / edge, -500.0, 500.0)
    return np.where(some, 1.0 / (1.0 + np.exp(steps)), 0.0)


def p_inverse_cube(lateral_m: Floats | float, strength_m2: Floats | float) -> Floats:
    """Return the chance that a straight pass finds a target by its lateral range: 1 - exp(-2 (k h / v) / x^2).

    Args:
        lateral_m: Distance x of the target from the track; 0 is found for sure.
        strength_m2: k h / v, with the searcher's height h and speed v and the constant k of eye and target. Broadcast.
    """
    lateral = np.asarray(lateral_m, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.asarray(-np.expm1(-2.0 * np.asarray(strength_m2) / lateral**2))


def inverse_cube_sweep_m(strength_m2: Floats | float) -> Floats:
    """Return the sweep width of the inverse-cube law: 2 sqrt(2 pi k h / v).

    >>> inverse_cube_sweep_m(1e6).round(2).tolist()
    5013.26
    """
    return np.asarray(2.0 * np.sqrt(2.0 * np.pi * np.asarray(strength_m2)))


def sweep_width_m(lateral_m: Floats, p_pass: Floats) -> Floats:
    """Return the sweep width of a lateral range curve: the integral of its chances.

    Args:
        lateral_m: Distances from the track, signed (left and right), ascending. Shape (K,).
        p_pass: Chance that a straight pass finds a target there; taken as 0 beyond the ends. Shape (..., K).

    Returns:
        Width of the strip in which a definite range would find as many. Shape (...).

    Source: definition. The rule of trapezoids is exact for curves made of straight pieces that bend at the distances given.

    >>> sweep_width_m(np.array([-3.0, 0.0, 3.0]), np.array([[1.0, 1.0, 1.0], [0.0, 1.0, 0.0]])).tolist()
    [6.0, 3.0]
    """
    return np.asarray(np.trapezoid(p_pass, lateral_m, axis=-1))


def operator_sweep_m(
    half_m: Floats | float, p_look: Floats | float, footprint_m2: Floats | float, dwell_s: float, speed_mps: Floats | float
) -> Floats:
    """Return the sweep width of a camera that steps and stares: min(2 R50, p A / (t v)).

    Args:
        half_m: Range at which half are detected, R50.
        p_look: Chance p to find a target that is in the picture during one stare.
        footprint_m2: Ground in the picture, A.
        dwell_s: Length t of a stare.
        speed_mps: Of the aircraft, v. All are broadcast.

    Derived: in a second the operator looks over A / t of ground, and the aircraft uncovers v times the sweep width of it. A search that
    is limited so depends on the eye, not on the optics.

    >>> operator_sweep_m(3000.0, 1.0, 0.75e6, 10.0, 250 / 3.6).round(1).tolist()
    1080.0
    """
    looked_at_m = np.asarray(p_look) * footprint_m2 / (dwell_s * np.asarray(speed_mps))
    return np.asarray(np.minimum(2.0 * np.asarray(half_m), looked_at_m))


def barrier_share(sweep_m: Floats | float, length_m: Floats | float, speed_mps: Floats | float, target_mps: Floats | float) -> Floats:
    """Return how many times over a barrier is swept while a target crosses it: (W / L) sqrt(1 + (v / u)^2).

    Args:
        sweep_m: Sweep width W of the searcher, a definite range of W / 2.
        length_m: Length L of the barrier.
        speed_mps: Of the searcher, v, along the barrier.
        target_mps: Of targets, u > 0, that cross the barrier squarely anywhere at any time. All are broadcast.

    `p_exhaustive` of it is the bound that no patrol exceeds, `p_random` what a patrol without a plan gives.

    >>> share = barrier_share(4e3, 50e3, 100.0, 20.0)
    >>> p_exhaustive(share).round(4).tolist(), p_random(share).round(4).tolist()
    (0.4079, 0.335)
    """
    return np.asarray(np.asarray(sweep_m) / length_m * np.sqrt(1.0 + (np.asarray(speed_mps) / target_mps) ** 2))


def p_back_and_forth(sweep_m: Floats | float, length_m: Floats | float, speed_mps: Floats | float, target_mps: Floats | float) -> Floats:
    """Return the chance that a patrol to and fro along a barrier meets a crossing target, by exact geometry.

    The patrol turns W / 2 inside each end. Drawn over place and the way that a target goes in the time, its own way is a zigzag, and a
    target is met if its point of crossing lies within r = W / 2 of the zigzag. What is missed of half a period, L wide and H high, are
    two equal corners; each is bounded by the line that runs at r beside a leg, and by the circle round the turn where that leg ends.

    Args:
        sweep_m: Sweep width W > 0, a definite range of W / 2.
        length_m: Length L of the barrier; at most W is met for sure.
        speed_mps: Of the patrol, v > 0.
        target_mps: Of targets, u > 0, that cross squarely anywhere at any time. All are broadcast.

    Derived: plane geometry.

    >>> p_back_and_forth(4e3, 50e3, 100.0, 20.0).round(4).tolist()
    0.3764
    """
    slope = np.asarray(target_mps, dtype=np.float64) / speed_mps
    leg_m = np.asarray(length_m, dtype=np.float64) - sweep_m
    r, leg, slope = np.broadcast_arrays(np.asarray(sweep_m) / 2.0, np.where(leg_m > 0.0, leg_m, np.nan), slope)
    height, lean = slope * leg, np.arctan(slope)
    beside = np.maximum(height - r * np.cos(lean), 0.0) ** 2 / (2.0 * slope)
    begin = np.maximum(np.sin(lean), np.sqrt(np.maximum(1.0 - (height / r) ** 2, 0.0)))
    beyond = height * r * (1.0 - begin) - r**2 / 2.0 * (np.arccos(begin) - begin * np.sqrt(1.0 - begin**2))
    missed = 2.0 * (beside + beyond) / (height * (leg + 2.0 * r))
    return np.where(np.isnan(leg), 1.0, 1.0 - missed)
