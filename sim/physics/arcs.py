"""Where near-circular orbits pass by a group of places: found in closed form, and kept as polynomials of time.

SGP4's own secular rates tell for each revolution when the satellite is nearest to the middle of the group, and how near. Around those that
come near enough SGP4 runs at a handful of Chebyshev nodes, and a polynomial through them stands for the orbit: to millimetres, where the
cubics between nodes a minute apart that most finders use are good to half a metre. Sums of products with a fixed place are then polynomials
as well, so nothing else is ever propagated.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.kinds import Floats, Ints
from sim.physics.looks import POLE_M, SWING_M, widest_deg
from sim.physics.orbit import (
    EARTH_TURN_PER_S,
    SGP4_RADIUS_M,
    UNIX_JULIAN_DAY,
    complaint,
    earth_fixed,
)
from sim.physics.sun import sidereal_deg

if TYPE_CHECKING:
    from sgp4.api import Satrec

WIDEST_ECCENTRICITY = 0.02
"""Up to here the equation of the centre is good to 0.03 deg in its first term."""
WIDEST_RAD = np.radians(60.0)
"""Up to here from the middle of the places a pass has one nearest instant a revolution, and the fixed point converges."""
GROUP_DEG = 8.0
"""Radius of the caps into which places are grouped; a line of 1,400 km fits."""
MARGIN_RAD = np.radians(1.0)
"""Added to the reach of the closed form: short-period terms (0.3 deg at most for low orbits), the square of the eccentricity, drag within a
day. Generous: random orbits lose no half minute without it either."""
FIT_M = 0.002
"""Error of a polynomial allowed by the estimate of its last term: edges then move by 0.2 ms at most, and an angle off the nadir by
0.002 deg where the place lies below (measured on 39,152 windows); ten times as much saves no time worth having."""
RIPPLE_M = 10_000.0
"""Size of the terms with twice the frequency of the orbit in the same estimate: J2 in the orbit, flattening in the vertical."""
GRAZING_DEG = 3.0
"""Below this height a radial velocity of 150 m/s (eccentricity 0.02) can turn the angle off the nadir around."""
DAY_S = 86400.0


class Secular(NamedTuple):
    """Mean elements of satellites at knots a day apart or less, each (S, J), without jumps of a turn.

    `latitude` is the argument of mean latitude in rad, `rate` its change in rad/s; then the argument of perigee and the right ascension of
    the ascending node in rad, the semi-major axis in m, and the eccentricity.
    """

    knot_s: Floats
    latitude: Floats
    rate: Floats
    perigee: Floats
    node: Floats
    axis_m: Floats
    eccentricity: Floats


class Arcs(NamedTuple):
    """Stretches of orbits by satellite and time.

    `satellite` (A,) numbers the records; `middle_s` and `half_s` (A,) tell when, in seconds from the start; `turn_rad` (A,) how far the
    satellite turns in a half; `at` and `velocity` (n, A, 3) are its states, over the turning Earth, at the Chebyshev nodes of the stretch,
    and `node` (n,) where these lie between -1 and 1.
    """

    satellite: Ints
    middle_s: Floats
    half_s: Floats
    turn_rad: Floats
    at: Floats
    velocity: Floats
    node: Floats

    def powers(self, values: Floats) -> Floats:
        """Return polynomials through values (n, ...) at the nodes: coefficients of the powers 0 to n - 1 of the part of the half."""
        to_powers = np.linalg.inv(np.vander(self.node, increasing=True))
        coefficients: Floats = (to_powers @ values.reshape(self.node.size, -1)).reshape(values.shape)
        return coefficients


def groups(unit: Floats) -> list[Ints]:
    """Return places (3, P), given by their directions, in groups that a cap of `GROUP_DEG` can hold.

    A group is halved across its longest extent until it fits, so each is compact; the places of a front line are one group.
    """
    waiting, done = [np.arange(unit.shape[1], dtype=np.int64)], []
    while waiting:
        group = waiting.pop()
        some = unit[:, group]
        if cap(some)[1] <= np.radians(GROUP_DEG):
            done.append(group)
            continue
        longest = some[np.ptp(some, axis=1).argmax()]
        beyond = longest > 0.5 * (longest.min() + longest.max())
        waiting += [group[beyond], group[~beyond]]
    return done


def cap(unit: Floats) -> tuple[Floats, float]:
    """Return the middle of directions (3, P) as a direction (3,), and the angle from there to the farthest."""
    middle: Floats = 0.5 * (unit.min(axis=1) + unit.max(axis=1))
    length = float(np.linalg.norm(middle))
    if length < 1e-3:
        return np.array([0.0, 0.0, 1.0]), float(np.pi)
    middle /= length
    return middle, float(np.arccos(np.clip(middle @ unit, -1.0, 1.0).min()))


def reach_rad(radius_m: Floats, off_nadir_deg: float, elevation_deg: float) -> Floats:
    """Return how far from the point below, as an angle at the Earth's centre, a place can lie that keeps both limits; never too small.

    The half degree covers the lean of the vertical (0.2 deg) twice. Radii from the Earth's centre and answers have the same shape.
    """
    least, eta = np.radians(elevation_deg - 0.5), np.radians(min(off_nadir_deg + 0.5, 90.0))
    by_height = np.arccos(np.minimum(1.0, POLE_M * np.cos(least) / radius_m)) - least
    sine = radius_m / POLE_M * np.sin(eta)
    reach: Floats = np.where(sine < 1.0, np.minimum(by_height, np.arcsin(np.minimum(sine, 1.0)) - eta), by_height)
    return reach


def closed_form(record: Satrec, off_nadir_deg: float, elevation_deg: float) -> bool:
    """Say whether the closed form holds: a period below 225 min, hardly eccentric, no view too wide, no limits that meet at the horizon."""
    if record.method != "n" or record.ecco > WIDEST_ECCENTRICITY or grazing(record, off_nadir_deg, elevation_deg):
        return False
    apogee_m = np.array(record.a * (1.0 + record.ecco) * SGP4_RADIUS_M + SWING_M)
    return bool(reach_rad(apogee_m, off_nadir_deg, elevation_deg) + np.radians(GROUP_DEG) + MARGIN_RAD <= WIDEST_RAD)


def grazing(record: Satrec, off_nadir_deg: float, elevation_deg: float) -> bool:
    """Say whether a limit off the nadir can decide near the horizon: there that angle turns around, and a pass has more than two edges."""
    highest = record.a * (1.0 + record.ecco) * SGP4_RADIUS_M + SWING_M
    lowest = record.a * (1.0 - record.ecco) * SGP4_RADIUS_M - SWING_M
    if elevation_deg >= GRAZING_DEG or np.sin(np.radians(min(off_nadir_deg, 90.0))) * highest / POLE_M < np.cos(np.radians(GRAZING_DEG)):
        return False
    return bool(widest_deg(np.array(lowest), elevation_deg) > off_nadir_deg - 1.0)


def secular(records: Sequence[Satrec], numbers: Sequence[int], start_utc_s: float, from_s: float, to_s: float) -> Secular:
    """Return the mean elements of satellites as SGP4 carries them, drag included, from one time to another after the start.

    `numbers` are those by which a fault tells the satellites.

    Raises:
        ValueError: A satellite has decayed, or its elements fail, at one of the knots.
    """
    knots = np.linspace(from_s, to_s, 2 + int((to_s - from_s) / DAY_S))
    days = np.floor((start_utc_s + knots) / DAY_S)
    parts = ((start_utc_s + knots) / DAY_S - days).tolist()
    julian = (UNIX_JULIAN_DAY + days).tolist()
    read = np.empty((len(records), knots.size, 6))
    excess = np.empty(len(records))
    for at, (number, record) in enumerate(zip(numbers, records, strict=True)):
        for knot, (day, part) in enumerate(zip(julian, parts, strict=True)):
            error = record.sgp4(day, part)[0]
            if error:
                raise ValueError(complaint(number, record, float(start_utc_s + knots[knot]), error))
            read[at, knot] = record.mm, record.om, record.Om, record.nm, record.am, record.em
        excess[at] = record.mdot + record.argpdot - record.xke * record.a**-1.5
    anomaly, perigee, node, motion, axis, eccentricity = np.moveaxis(read, 2, 0)
    rate = (motion + excess[:, None]) / 60.0
    expected = 0.5 * (rate[:, 1:] + rate[:, :-1]) * np.diff(knots)
    latitude = anomaly + perigee
    moved = expected + _wrapped(np.diff(latitude) - expected)
    latitude = latitude[:, :1] + np.concatenate([np.zeros((len(records), 1)), moved.cumsum(axis=1)], axis=1)
    return Secular(knots, latitude, rate, np.unwrap(perigee), np.unwrap(node), axis * SGP4_RADIUS_M, eccentricity)


def _wrapped(angle: Floats) -> Floats:
    """Return angles within half a turn of zero."""
    wrapped: Floats = (angle + np.pi) % (2.0 * np.pi) - np.pi
    return wrapped


def approaches(
    records: Sequence[Satrec], mean: Secular, start_utc_s: float, length_s: float, middle: Floats
) -> tuple[Ints, Floats, Floats]:
    """Return when satellites are nearest to a direction (3,), once a revolution, from their mean elements.

    Two guesses a revolution move to the nearest instant each: with one, a pass is lost where the phase wraps between two guesses. They
    begin before the search and end after it, so that no pass over either end is missed.

    Returns:
        Each (N,), by satellite and time: the number of the satellite, seconds from the start, and the angle then in rad.
    """
    period_s = 2.0 * np.pi / mean.rate.min(axis=1)
    guesses = [np.arange(-0.75 * period, length_s + 0.75 * period, 0.5 * period) for period in period_s.tolist()]
    which = np.repeat(np.arange(len(records)), [guess.size for guess in guesses])
    time_s = np.concatenate(guesses)
    inclination = np.array([record.inclo for record in records])
    tilt_cosine, tilt_sine = np.cos(inclination)[which], np.sin(inclination)[which]
    ascension, flat = np.arctan2(middle[1], middle[0]), float(np.hypot(middle[0], middle[1]))
    step_s, count = mean.knot_s[1] - mean.knot_s[0], mean.knot_s.size
    toward, across = np.empty(time_s.size), np.empty(time_s.size)
    for _ in range(6):  # the Earth turns 15 times slower than the satellite: each round leaves a tenth of the error, or less
        place = (time_s - mean.knot_s[0]) / step_s
        knot = np.clip(place.astype(np.int64), 0, count - 2)
        part = place - knot
        row = which * count + knot

        def between(column: Floats, row: Ints = row, part: Floats = part) -> Floats:
            old = column.take(row)
            return old + part * (column.take(row + 1) - old)

        rate = between(mean.rate)
        bend = 0.5 * step_s * part * (1.0 - part) * (mean.rate.take(row + 1) - mean.rate.take(row))
        latitude = between(mean.latitude) - bend
        latitude += 2.0 * between(mean.eccentricity) * np.sin(latitude - between(mean.perigee))
        east = ascension + np.radians(sidereal_deg(start_utc_s + time_s)) - between(mean.node)
        toward = flat * np.cos(east)
        across = flat * np.sin(east) * tilt_cosine + middle[2] * tilt_sine
        time_s = time_s + _wrapped(np.arctan2(across, toward) - latitude) / rate
    order = np.lexsort((time_s, which))
    which, time_s, angle = which[order], time_s[order], np.arccos(np.minimum(np.hypot(toward, across)[order], 1.0))
    again = (np.diff(which, prepend=-1) == 0) & (np.diff(time_s, prepend=-np.inf) < 0.25 * period_s[which])
    return which[~again], time_s[~again], angle[~again]


def spread_rad(mean: Secular, off_nadir_deg: float, elevation_deg: float, cap_rad: float) -> Floats:
    """Return how far from the middle of a cap of places each satellite may be while it sees one of them, shape (S,)."""
    apogee_m: Floats = (mean.axis_m * (1.0 + mean.eccentricity)).max(axis=1) + SWING_M
    return reach_rad(apogee_m, off_nadir_deg, elevation_deg) + (cap_rad + float(MARGIN_RAD))


def half_lengths_s(mean: Secular, spread: Floats) -> Floats:
    """Return for how long before and after its nearest instant a satellite can be within an angle (S,) of a place; never too short.

    Near a place the satellite turns about it at its own rate, less what the Earth turns the place along: at most its turn over the cosine.
    """
    slowest = mean.rate.min(axis=1) * (1.0 - 2.0 * mean.eccentricity.max(axis=1))
    halves: Floats = spread / (slowest - EARTH_TURN_PER_S / np.cos(np.minimum(spread, WIDEST_RAD)))
    return halves


def arcs_over(
    records: Sequence[Satrec],
    numbers: Sequence[int],
    unit: Floats,
    start_utc_s: float,
    length_s: float,
    off_nadir_deg: float,
    elevation_deg: float,
) -> Arcs:
    """Return the stretches in which satellites may see one of a group of places.

    Args:
        records: Orbits for which the closed form holds.
        numbers: What they are called in faults.
        unit: Directions of the places from the Earth's centre, shape (3, P), close together.
        start_utc_s: Begin of the search, seconds since 1970-01-01 UTC.
        length_s: How long it lasts.
        off_nadir_deg: Largest angle off the nadir.
        elevation_deg: Least height above the horizon.

    Raises:
        ValueError: A satellite has decayed, or its elements fail, within the search or half a revolution of it.
    """
    middle, cap_rad = cap(unit)
    slack_s = 0.75 * max(2.0 * np.pi / record.no_kozai for record in records) * 60.0
    mean = secular(records, numbers, start_utc_s, -slack_s, length_s + slack_s)
    spread = spread_rad(mean, off_nadir_deg, elevation_deg, cap_rad)
    half_s = half_lengths_s(mean, spread)
    which, middle_s, angle = approaches(records, mean, start_utc_s, length_s, middle)
    kept = (angle <= spread[which]) & (middle_s + half_s[which] > 0.0) & (middle_s - half_s[which] < length_s)
    which, middle_s = which[kept], middle_s[kept]
    turn = half_s * mean.rate.max(axis=1)
    node = chebyshev(order_for(float(turn.max()), float(mean.axis_m.max())))
    at, velocity = np.empty((2, node.size, which.size, 3))
    bounds = np.searchsorted(which, np.arange(len(records) + 1))
    for number, record in enumerate(records):
        own = slice(bounds[number], bounds[number + 1])
        if own.start < own.stop:
            times = start_utc_s + middle_s[own] + half_s[number] * node[:, None]
            for target, state in zip((at, velocity), earth_fixed([record], times.ravel(), numbers[number]), strict=True):
                target[:, own] = state[0].reshape(*times.shape, 3)
    return Arcs(which, middle_s, half_s[which], turn[which], at, velocity, node)


def chebyshev(count: int) -> Floats:
    """Return the nodes between -1 and 1 at which interpolation by a polynomial errs least."""
    nodes: Floats = np.cos(np.pi * (np.arange(count) + 0.5) / count)
    return nodes


def order_for(turn_rad: float, axis_m: float) -> int:
    """Return how many nodes a stretch needs that reaches so far to either side of its middle.

    Source: the remainder of Chebyshev interpolation, f^(n) / (2^(n-1) n!), for sines of the orbit and of twice its frequency.

    >>> order_for(0.2, 6.9e6), order_for(0.7, 7.5e6)
    (7, 10)
    """

    def remainder_m(count: int) -> float:
        size_m = axis_m * turn_rad**count + RIPPLE_M * (2.0 * turn_rad) ** count
        return float(size_m / (2.0 ** (count - 1) * factorial(count)))

    return next(count for count in range(5, 30) if remainder_m(count) <= FIT_M)
