"""When which satellite can look at which place.

How: SGP4 runs at coarse nodes, finely only near the places, and a cubic joins the nodes (below 0.5 m for near-Earth orbits). For each pass
and place the best instant is solved for, not sampled, so a window shorter than any step is found; from there both edges follow by the
secant of a function that is nearly linear in time. Angles at the satellite count from the geodetic nadir, those at the place from the
geodetic vertical (WGS 84); there is no refraction and no terrain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from sim.kinds import Bools, Floats, Ints
from sim.physics.orbit import ECCENTRICITY_SQUARED, EQUATOR_M, earth_fixed, ground_m, vertical
from sim.physics.sun import elevation_deg

if TYPE_CHECKING:
    from sgp4.api import Satrec

NODE_S = 60.0
"""Step of the nodes: against SGP4 itself an edge moves by 0.0001 s (median) to 0.009 s (worst); 120 s would give 0.12 s."""
SKIP = 5
"""Nodes to one coarse node."""
BLOCK = 200_000
"""Places times nodes in one block, so that the work stays near the cache and far from a gigabyte."""
POLE_M = 6_356_752.0
"""Polar radius, WGS 84."""
EDGE_S = 2e-3
"""Last correction of an edge; the secant converges so fast that what is left is 1e-5 s at most (measured on 39,152 windows)."""


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """A table of windows by columns of equal length, ordered by satellite, place and time."""

    satellite: Ints
    """Number in the list of records."""
    point: Ints
    """Number in the list of places."""
    start_s: Floats
    """When it opens, seconds since the start of the search."""
    end_s: Floats
    closest_s: Floats
    """When the place is seen best: least off nadir, or highest above the horizon if that alone limits; for a radar, abeam."""
    off_nadir_deg: Floats
    """Angle at the satellite from the geodetic nadir, then."""
    elevation_deg: Floats
    """Height of the satellite above the horizon of the place, then; the incidence is 90 deg less this."""
    slant_m: Floats
    """Distance, then."""
    side: Ints
    """+1 if the place lies left of the track, -1 if right."""
    sun_deg: Floats
    """Height of the sun at the place, then."""

    def __len__(self) -> int:
        return int(self.start_s.size)

    def where(self, chosen: Bools | Ints) -> Windows:
        """Return the rows chosen by a mask (N,) or by their numbers."""
        return Windows(*(getattr(self, column.name)[chosen] for column in fields(self)))


class Places(NamedTuple):
    """Places on the ground as columns (3, P): where they are, what is up there, and longitude and latitude (P,)."""

    at: Floats
    up: Floats
    lon_deg: Floats
    lat_deg: Floats

    def take(self, which: Ints) -> Places:
        """Return some of the places."""
        if which.size == self.lon_deg.size and (which[1:] > which[:-1]).all():
            return self
        return Places(*(column.take(which, axis=-1) for column in self))


class Arcs(NamedTuple):
    """Nodes of one satellite in reach of the places, run after run.

    `node` (K,) are their numbers from the start; `first` and `last` (K,) the rows at which each one's run begins and ends; `unit` (3, K)
    their directions from the Earth's centre; `cubic` (4, 3, K) the position up to the next node as a polynomial in the part of the step.
    """

    node: Ints
    first: Ints
    last: Ints
    unit: Floats
    cubic: Floats


class Passes(NamedTuple):
    """Closest approaches: (N,) the row of a node near each, the place, and about how many seconds after that node."""

    row: Ints
    point: Ints
    after_s: Floats


class Spans(NamedTuple):
    """The best instant of each pass, and when it begins and ends to be good enough, seconds after the pass's node; `nan` if never."""

    best_s: Floats
    first_s: Floats
    last_s: Floats


Merit: TypeAlias = Callable[[Floats, Callable[[], Floats], Places], Floats]
"""What a pass is judged by, from positions (3, N), velocities (3, N) if asked for, and N places: smooth, with one maximum a pass."""
Judge: TypeAlias = Callable[[Arcs, Passes, Places], Spans]


def passes(
    records: Sequence[Satrec],
    lon_deg: Floats,
    lat_deg: Floats,
    start_utc_s: float,
    end_utc_s: float,
    *,
    height_m: Floats | float = 0.0,
    max_off_nadir_deg: float = 90.0,
    min_elevation_deg: float = 0.0,
) -> Windows:
    """Return every window in which a place lies close enough to the nadir and sees the satellite high enough.

    Args:
        records: SGP4 records of near-Earth orbits (period below 225 min, eccentricity below 0.1).
        lon_deg: Longitudes of the places, shape (P,).
        lat_deg: Geodetic latitudes, shape (P,).
        start_utc_s: Begin of the search, seconds since 1970-01-01 UTC.
        end_utc_s: End, likewise; windows are cut there.
        height_m: Heights above the ellipsoid, one or (P,).
        max_off_nadir_deg: Largest angle at the satellite from the geodetic nadir.
        min_elevation_deg: Least height of the satellite above the horizon of the place, -5 or more.

    Raises:
        ValueError: An orbit is not near-Earth, or decays within the search.
    """

    def judge(arcs: Arcs, near: Passes, places: Places) -> Spans:
        by_nadir, by_height = _binding(arcs, max_off_nadir_deg, min_elevation_deg)
        spans = [_span(arcs, near, places, nadir_cosine, np.cos(np.radians(max_off_nadir_deg)))] if by_nadir else []
        spans += [_span(arcs, near, places, height_sine, np.sin(np.radians(min_elevation_deg)))] if by_height else []
        first = np.maximum.reduce([span.first_s for span in spans])
        last = np.minimum.reduce([span.last_s for span in spans])
        return Spans(np.clip(spans[0].best_s, first, last), first, last)

    places = _places(lon_deg, lat_deg, height_m)
    return _search(records, places, start_utc_s, end_utc_s, max_off_nadir_deg, min_elevation_deg, judge)


def radar_passes(
    records: Sequence[Satrec],
    lon_deg: Floats,
    lat_deg: Floats,
    start_utc_s: float,
    end_utc_s: float,
    *,
    height_m: Floats | float = 0.0,
    look_deg: tuple[float, float] = (0.0, 90.0),
    incidence_deg: tuple[float, float] = (0.0, 90.0),
    side: int = 0,
    squint_deg: float = 0.0,
) -> Windows:
    """Return every window in which a side-looking radar can image a place: around the instant at which it lies abeam, at zero Doppler.

    Args:
        records: SGP4 records, as for `passes`.
        lon_deg: Longitudes of the places, shape (P,).
        lat_deg: Geodetic latitudes, shape (P,).
        start_utc_s: Begin of the search, seconds since 1970-01-01 UTC.
        end_utc_s: End, likewise.
        height_m: Heights above the ellipsoid, one or (P,).
        look_deg: Least and largest angle at the satellite from the geodetic nadir when abeam.
        incidence_deg: Least and largest angle at the place from the geodetic vertical when abeam.
        side: +1 looks left of the track only, -1 right only, 0 both.
        squint_deg: How far before and behind the beam can be steered; a window lasts 1 s at least.

    Raises:
        ValueError: An orbit is not near-Earth, or decays within the search.
    """

    def judge(arcs: Arcs, near: Passes, places: Places) -> Spans:
        best, first, last = _span(arcs, near, places, squint_merit, -(np.sin(np.radians(squint_deg)) ** 2))
        return Spans(best, np.fmin(first, best - 0.5), np.fmax(last, best + 0.5))

    places = _places(lon_deg, lat_deg, height_m)
    found = _search(records, places, start_utc_s, end_utc_s, look_deg[1], 90.0 - incidence_deg[1], judge)
    incidence = 90.0 - found.elevation_deg
    chosen = (found.off_nadir_deg >= look_deg[0]) & (found.off_nadir_deg <= look_deg[1]) & (side * found.side >= 0)
    return found.where(chosen & (incidence >= incidence_deg[0]) & (incidence <= incidence_deg[1]))


def nadir_cosine(at: Floats, velocity: Callable[[], Floats], places: Places) -> Floats:
    """Return the cosine of the angle at the satellite between the geodetic nadir and the place."""
    sight, square = at - places.at, _dot(at, at)
    stretch, z = _stretch(at[2], square), at[2]
    along = _dot(sight, at) + (stretch - 1.0) * z * sight[2]
    cosine: Floats = along / np.sqrt(_dot(sight, sight) * (square + (stretch**2 - 1.0) * z**2))
    return cosine


def height_sine(at: Floats, velocity: Callable[[], Floats], places: Places) -> Floats:
    """Return the sine of the satellite's height above the horizon of the place."""
    sight = at - places.at
    sine: Floats = _dot(sight, places.up) / np.sqrt(_dot(sight, sight))
    return sine


def squint_merit(at: Floats, velocity: Callable[[], Floats], places: Places) -> Floats:
    """Return minus the squared sine of the angle by which the place lies before or behind abeam."""
    sight, speed = at - places.at, velocity()
    return -(_dot(sight, speed) ** 2) / (_dot(sight, sight) * _dot(speed, speed))


def _dot(a: Floats, b: Floats) -> Floats:
    """Return the scalar products of columns."""
    product: Floats = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    return product


def _stretch(z: Floats, square: Floats) -> Floats:
    """Return the factor s for which (x, y, s z) points along the geodetic vertical at a height.

    Exactly s = 1 / (1 - e^2 N / (N + h)) with the radius of curvature N and the height h. Here both are taken to first order in the
    flattening f = e^2 / 2, which turns the vertical by less than 1e-7 rad.
    """
    bulge = 0.5 * ECCENTRICITY_SQUARED * EQUATOR_M * z * z / square
    factor: Floats = 1.0 / (1.0 - ECCENTRICITY_SQUARED * (EQUATOR_M + bulge) / (np.sqrt(square) + 2.0 * bulge))
    return factor


def _places(lon_deg: Floats, lat_deg: Floats, height_m: Floats | float) -> Places:
    """Return places as columns."""
    lon, lat, height = np.broadcast_arrays(np.atleast_1d(np.asarray(lon_deg, dtype=np.float64)), lat_deg, height_m)
    return Places(ground_m(lon, lat, height).T.copy(), vertical(lon, lat).T.copy(), lon, np.asarray(lat, dtype=np.float64))


def _search(
    records: Sequence[Satrec],
    places: Places,
    start_utc_s: float,
    end_utc_s: float,
    off_nadir_deg: float,
    elevation_deg: float,
    judge: Judge,
) -> Windows:
    """Return the windows of all satellites, one after the other, blocks of places at a time."""
    nothing: Any = [np.empty(0, dtype=np.int64 if column.type == "Ints" else np.float64) for column in fields(Windows)]
    tables = [Windows(*nothing)]
    unit = places.at / np.linalg.norm(places.at, axis=0)
    for number, record in enumerate(records if unit.size and end_utc_s > start_utc_s else ()):
        arcs, reach_rad = _arcs(record, number, unit, start_utc_s, end_utc_s, off_nadir_deg, elevation_deg)
        size = max(1, BLOCK // max(1, arcs.node.size))
        for begin in range(0, unit.shape[1] if arcs.node.size else 0, size):
            block = slice(begin, begin + size)
            near = _closest(arcs, unit[:, block], reach_rad)
            near = near._replace(point=near.point + begin)
            tables.append(_table(number, arcs, near, judge(arcs, near, places), places, start_utc_s, end_utc_s - start_utc_s))
    return Windows(*(np.concatenate([getattr(table, column.name) for table in tables]) for column in fields(Windows)))


def _arcs(
    record: Satrec, number: int, unit: Floats, start_utc_s: float, end_utc_s: float, off_nadir_deg: float, elevation_deg: float
) -> tuple[Arcs, float]:
    """Return the nodes at which a satellite is near one of the places (3, P), and its reach as an angle at the Earth's centre."""
    if record.method != "n" or record.ecco >= 0.1:
        who = f"satellite {number + 1} (catalogue number {record.satnum})"
        raise ValueError(f"{who} is not near the Earth: windows need a period below 225 min and an eccentricity below 0.1")
    spare = int(np.ceil(np.pi / record.no_kozai))  # half a revolution: no pass over either end is cut in two
    nodes = np.arange(-spare, int((end_utc_s - start_utc_s) / NODE_S) + spare + SKIP, dtype=np.int64)
    centre = unit.mean(axis=1)
    centre = centre / np.linalg.norm(centre) if np.linalg.norm(centre) > 1e-3 else np.array([0.0, 0.0, 1.0])
    cap = float(np.arccos(np.clip(centre @ unit, -1.0, 1.0).min()))

    def fly(which: Ints) -> tuple[Floats, Floats, Floats, Floats]:
        at, velocity = (state[0] for state in earth_fixed([record], start_utc_s + NODE_S * which.astype(np.float64)))
        radius = np.linalg.norm(at, axis=1)
        return at, velocity, radius, np.arccos(np.clip(at @ centre / radius, -1.0, 1.0))

    coarse = nodes[SKIP // 2 :: SKIP]
    _, velocity, radius, angle = fly(coarse)
    reach = _reach_rad(float(radius.max()) + 10e3, off_nadir_deg, elevation_deg)  # 10 km: the highest point may lie between the nodes
    step = 1.1 * NODE_S * float((np.linalg.norm(velocity, axis=1) / radius).max())
    close = coarse[angle <= cap + reach + (2 + SKIP // 2) * step]
    fine = np.unique(close[:, None] + np.arange(-(SKIP // 2), SKIP // 2 + 1))
    at, velocity, radius, angle = fly(fine)
    kept = angle <= cap + reach + 2 * step
    return _joined(fine[kept], at[kept].T, velocity[kept].T * NODE_S, radius[kept]), reach


def _joined(node: Ints, at: Floats, move: Floats, radius: Floats) -> Arcs:
    """Return nodes in runs, joined by cubics through positions (3, K) with moves per step (3, K)."""
    ends = np.flatnonzero(np.diff(node, append=node[-1:] + 2) != 1)
    lengths = np.diff(ends, prepend=-1)
    last = np.repeat(ends, lengths)
    after, leap = np.roll(move, -1, axis=1), np.roll(at, -1, axis=1) - at
    cubic = np.stack([at, move, 3.0 * leap - 2.0 * move - after, move + after - 2.0 * leap])
    return Arcs(node, np.repeat(ends - lengths + 1, lengths), last, at / radius, cubic)


def _reach_rad(radius_m: float, off_nadir_deg: float, elevation_deg: float) -> float:
    """Return how far from the point below, as an angle at the Earth's centre, a place can lie that keeps both limits; never too small.

    The half degree covers the lean of the vertical (0.2 deg) twice.
    """
    least, eta = np.radians(elevation_deg - 0.5), np.radians(off_nadir_deg + 0.5)
    by_height = np.arccos(min(1.0, POLE_M * np.cos(least) / radius_m)) - least
    sine = radius_m / POLE_M * np.sin(min(eta, np.pi / 2.0))
    by_nadir = np.arcsin(sine) - eta if sine < 1.0 else np.inf
    return float(min(by_height, by_nadir))


def _binding(arcs: Arcs, off_nadir_deg: float, elevation_deg: float) -> tuple[bool, bool]:
    """Say whether the limit off the nadir and the limit of height can decide; one is idle if the other is much the tighter."""
    radius = np.sqrt(_dot(arcs.cubic[0], arcs.cubic[0]))
    incidence_sine = (radius.max() + 10e3) / POLE_M * np.sin(np.radians(min(off_nadir_deg, 90.0)))
    lowest_deg = 90.0 - np.degrees(np.arcsin(incidence_sine)) if incidence_sine < 1.0 else -90.0
    widest_deg = np.degrees(np.arcsin(min(1.0, (EQUATOR_M + 10e3) / (radius.min() - 10e3) * np.cos(np.radians(elevation_deg)))))
    if lowest_deg > elevation_deg + 1.0:
        return True, False
    return bool(widest_deg > off_nadir_deg - 1.0), True


def _closest(arcs: Arcs, unit: Floats, reach_rad: float) -> Passes:
    """Return the closest approaches of a satellite to places (3, P), place by place, from a parabola through three nodes."""
    cosine = unit.T @ arcs.unit
    row = np.arange(1, arcs.node.size - 1)
    inner = (arcs.first[1:-1] < row) & (row < arcs.last[1:-1])
    before, middle, after = cosine[:, :-2], cosine[:, 1:-1], cosine[:, 2:]
    point, at = np.nonzero((middle > before) & (middle >= after) & inner)
    left, top, right = before[point, at], middle[point, at], after[point, at]
    part = 0.5 * (left - right) / (left - 2.0 * top + right)
    near = top - 0.25 * (left - right) * part >= np.cos(reach_rad + 0.005)
    return Passes(at[near] + 1, point[near], part[near] * NODE_S)


def _state(arcs: Arcs, row: Ints, after_s: Floats) -> tuple[Floats, Callable[[], Floats]]:
    """Return positions (3, N) of a satellite some seconds after nodes (N,), and a way to ask for its velocities (3, N)."""
    part = after_s / NODE_S
    piece = np.clip(row + np.floor(part).astype(np.int64), arcs.first.take(row), arcs.last.take(row) - 1)
    part -= piece - row
    c0, c1, c2, c3 = arcs.cubic.take(piece, axis=2)
    at = c3 * part
    for term in (c2, c1):
        at += term
        at *= part
    at += c0
    return at, lambda: ((3.0 * c3 * part + 2.0 * c2) * part + c1) / NODE_S


def _span(arcs: Arcs, near: Passes, places: Places, merit: Merit, limit: float) -> Spans:
    """Return when passes are best by a merit, and from when to when its value exceeds a limit."""
    local = Places(*(column.take(near.point, axis=-1) for column in places))

    def value(which: Ints, after_s: Floats) -> Floats:
        return merit(*_state(arcs, near.row.take(which), after_s), local.take(which))

    best, top, bend = _summit(value, near.after_s)
    first, last = np.full(best.size, np.nan), np.full(best.size, np.nan)
    good = np.flatnonzero(top > limit)
    node = near.row[good]
    guess = np.sqrt(_lead(top[good], limit) / bend[good])
    for sign, edge, end in ((-1.0, first, arcs.first), (1.0, last, arcs.last)):
        bound = sign * ((end[node] - node) * NODE_S - best[good])

        def drop(which: Ints, off_s: Floats, sign: float = sign) -> Floats:
            chosen = good.take(which)
            return np.sqrt(np.maximum(top.take(chosen) - value(chosen, best.take(chosen) + sign * off_s), 0.0))

        edge[good] = best[good] + sign * _foot(drop, np.sqrt(top[good] - limit), guess, bound)
    return Spans(best, first, last)


def _lead(top: Floats, limit: float) -> Floats:
    """Return the fall from a summit to a limit as its parabola would have it if the value goes as 1 / sqrt(1 + t^2): flat ground."""
    return top - limit if limit < 0.1 else 0.5 * top * ((top / limit) ** 2 - 1.0)


def _summit(value: Callable[[Ints, Floats], Floats], guess_s: Floats) -> tuple[Floats, Floats, Floats]:
    """Return when a smooth function is largest, its value then, and by how much it falls per square second, each (N,)."""
    best, top, bend = guess_s.copy(), np.empty(guess_s.size), np.empty(guess_s.size)
    todo = np.arange(best.size)
    for step in (10.0, *[1.0] * 12):
        now = best[todo]
        left, middle, right = value(todo, now - step), value(todo, now), value(todo, now + step)
        fall = np.maximum(middle - 0.5 * (left + right), 1e-14) / step**2
        shift = np.clip(0.25 * (right - left) / (step * fall), -30.0, 30.0)
        best[todo], bend[todo], top[todo] = now + shift, fall, middle + fall * shift**2
        todo = todo[(np.abs(shift) > 0.02) | (step > 1.0)]
        if not todo.size:
            break
    return best, top, bend


def _foot(drop: Callable[[Ints, Floats], Floats], rise: Floats, guess_s: Floats, bound_s: Floats) -> Floats:
    """Return how far from a summit a function has fallen by the square of `rise`.

    The root of the fall, `drop(which, seconds)`, is nearly linear in time, even for a window of a second, so its secant is soon there.

    Args:
        drop: Root of the fall of chosen rows, some seconds from their summits.
        rise: What it is to reach, shape (N,).
        guess_s: About where, shape (N,).
        bound_s: A distance at which it is larger, shape (N,).
    """
    low, high = np.zeros(rise.size), bound_s.copy()
    old, at_old = np.zeros(rise.size), np.zeros(rise.size)
    off = np.minimum(guess_s, 0.999 * bound_s)
    todo = np.arange(rise.size)
    for _ in range(40):
        here, goal = off[todo], rise[todo]
        at_here = drop(todo, here)
        low[todo], high[todo] = np.where(at_here < goal, here, low[todo]), np.where(at_here < goal, high[todo], here)
        run = at_here - at_old[todo]
        ahead = here + (goal - at_here) * (here - old[todo]) / np.where(run == 0.0, 1.0, run)
        inside = (ahead >= low[todo]) & (ahead <= high[todo])
        off[todo] = np.where(inside, ahead, 0.5 * (low[todo] + high[todo]))
        old[todo], at_old[todo] = here, at_here
        todo = todo[np.abs(off[todo] - here) > EDGE_S]
        if not todo.size:
            break
    return off


def _table(number: int, arcs: Arcs, near: Passes, spans: Spans, places: Places, start_utc_s: float, length_s: float) -> Windows:
    """Return the windows that lie within the search, cut at its ends, with what is seen at their best instant."""
    node_s = arcs.node[near.row] * NODE_S
    start, end = np.maximum(node_s + spans.first_s, 0.0), np.minimum(node_s + spans.last_s, length_s)
    kept = end > start
    start, end, row, point = start[kept], end[kept], near.row[kept], near.point[kept]
    best = np.clip((node_s + spans.best_s)[kept], start, end)
    local = Places(*(column.take(point, axis=-1) for column in places))
    at, velocity = _state(arcs, row, best - node_s[kept])
    sight = local.at - at
    leftward = _dot(sight, np.cross(at, velocity(), axis=0))
    return Windows(
        satellite=np.full(point.size, number, dtype=np.int64),
        point=point,
        start_s=start,
        end_s=end,
        closest_s=best,
        off_nadir_deg=np.degrees(np.arccos(np.minimum(nadir_cosine(at, velocity, local), 1.0))),
        elevation_deg=np.degrees(np.arcsin(np.clip(height_sine(at, velocity, local), -1.0, 1.0))),
        slant_m=np.sqrt(_dot(sight, sight)),
        side=np.where(leftward >= 0.0, 1, -1).astype(np.int64),
        sun_deg=elevation_deg(start_utc_s + best, local.lon_deg, local.lat_deg),
    )
