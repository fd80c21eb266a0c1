"""When which satellite can look at which place.

How: a closed form tells where satellites pass by the places, SGP4 runs there at a few nodes only, and polynomials of time join these to
millimetres (`arcs`). Every angle that limits a look is then a polynomial over the root of another. For each pass and place the best instant
is solved for, not sampled, so a window shorter than any step is found; from there both edges follow by Newton's rule. Orbits for which the
closed form does not hold are scanned instead (`scan`): the same table, later.

Angles at the satellite count from the geodetic nadir, or from the geocentric one if asked for; those at the place from the geodetic
vertical (WGS 84). There is no refraction and no terrain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np

from sim.kinds import Bools, Floats, Ints
from sim.physics.arcs import Arcs, arcs_over, closed_form, groups, reach_rad
from sim.physics.looks import Limits, Places, deciding, dot, places_of, plumb, sunward
from sim.physics.scan import scanned

if TYPE_CHECKING:
    from sgp4.api import Satrec

BLOCK = 8_000
"""Arcs times places in one block, so that its polynomials stay in the cache; measured between 4,000 and 20,000. Compiling
the loops that solve for instants (numba) gained nothing over arrays of this size."""
SETTLED_S = 1e-4
"""Error of an edge after its last correction, by the estimate of Newton's rule."""
SUN_POWERS = 4
"""The sun turns so little in an arc that its direction needs no more (1e-6 rad)."""


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
    """Angle at the satellite from the nadir, then."""
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


class Forms(NamedTuple):
    """What polynomials tell of a satellite and any place, each (n, 4, A): multiply by the place's (x, y, z, 1), or by its vertical.

    `square` is the square of the distance less that of the place from the Earth's centre; `fall` the distance along the plumb line, `rise`
    along the vertical of the place, `ahead` along the way, `left` to the left of it (of any length), `sun` the sine of the sun's height.
    """

    square: Floats
    fall: Floats
    rise: Floats
    ahead: Floats
    left: Floats
    sun: Floats


class Spans(NamedTuple):
    """The best instants (N,), and when what is asked begins and ends to hold around them (N,), in parts of a half arc; `nan` if never."""

    best: Floats
    first: Floats
    last: Floats


Slant: TypeAlias = Callable[[Floats, Floats, Floats | float], Floats]
"""The distance at which a sphere has a cosine, from the radii of the satellite and of the place."""


class Pieces(NamedTuple):
    """Pieces of passes: (M,) the row of the pass, in order, and begin and end in parts of a half arc."""

    row: Ints
    first: Floats
    last: Floats

    def take(self, which: Bools | Ints) -> Pieces:
        """Return the pieces chosen by a mask (M,) or by their numbers."""
        return Pieces(self.row[which], self.first[which], self.last[which])

    def within(self, first: Floats, last: Floats) -> Pieces:
        """Return what lies between two instants of each pass (N,)."""
        return Pieces(self.row, np.maximum(self.first, first[self.row]), np.minimum(self.last, last[self.row])).sound()

    def without(self, first: Floats, last: Floats) -> Pieces:
        """Return what lies before the first or after the last of two instants of each pass (N,); all, where they are `nan`."""
        first, last = first[self.row], last[self.row]
        before = self._replace(last=np.fmin(self.last, first)).sound()
        after = self._replace(first=np.maximum(self.first, last)).sound()
        row = np.concatenate([before.row, after.row])
        both = Pieces(row, np.concatenate([before.first, after.first]), np.concatenate([before.last, after.last]))
        return both.take(np.argsort(row, kind="stable"))

    def sound(self) -> Pieces:
        """Return the pieces that have a length."""
        kept = self.last > self.first
        return self if kept.all() else self.take(kept)


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
    min_off_nadir_deg: float = 0.0,
    max_elevation_deg: float = 90.0,
    max_squint_deg: float = 90.0,
    side: int = 0,
    min_sun_deg: float = -90.0,
    nadir: Literal["geodetic", "geocentric"] = "geodetic",
) -> Windows:
    """Return every window in which a place lies close enough to the nadir and sees the satellite high enough.

    All limits hold at every instant of a window, except the side, which is that of its best instant. Limits of the incidence are those of
    the elevation, taken from 90 deg.

    Args:
        records: SGP4 records of any orbits; those for which `arcs.closed_form` does not hold (225 min and more, an eccentricity above
            0.02, a limit off the nadir that ends at the horizon) take far longer.
        lon_deg: Longitudes of the places, shape (P,).
        lat_deg: Geodetic latitudes, shape (P,).
        start_utc_s: Begin of the search, seconds since 1970-01-01 UTC.
        end_utc_s: End, likewise; windows are cut there.
        height_m: Heights above the ellipsoid, one or (P,).
        max_off_nadir_deg: Largest angle at the satellite from the nadir.
        min_elevation_deg: Least height of the satellite above the horizon of the place, -5 or more.
        min_off_nadir_deg: Least angle at the satellite from the nadir.
        max_elevation_deg: Largest height of the satellite above the horizon.
        max_squint_deg: Largest angle before and behind abeam; 90 does not limit.
        side: +1 left of the track only, -1 right only, 0 both.
        min_sun_deg: Least height of the sun at the place; -90 does not limit.
        nadir: Along the vertical of the ellipsoid, or to the Earth's centre: the two differ by 0.2 deg at most.

    Raises:
        ValueError: An orbit decays within the search.
    """
    limits = Limits(
        (min_off_nadir_deg, max_off_nadir_deg),
        (min_elevation_deg, max_elevation_deg),
        max_squint_deg,
        side,
        min_sun_deg,
        nadir == "geodetic",
    )
    return _search(records, places_of(lon_deg, lat_deg, height_m), start_utc_s, end_utc_s, limits)


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
    min_sun_deg: float = -90.0,
    nadir: Literal["geodetic", "geocentric"] = "geodetic",
) -> Windows:
    """Return every window in which a side-looking radar can image a place: around the instant at which it lies abeam, at zero Doppler.

    Args:
        records: SGP4 records, as for `passes`.
        lon_deg: Longitudes of the places, shape (P,).
        lat_deg: Geodetic latitudes, shape (P,).
        start_utc_s: Begin of the search, seconds since 1970-01-01 UTC.
        end_utc_s: End, likewise.
        height_m: Heights above the ellipsoid, one or (P,).
        look_deg: Least and largest angle at the satellite from the nadir when abeam.
        incidence_deg: Least and largest angle at the place from the geodetic vertical when abeam.
        side: +1 looks left of the track only, -1 right only, 0 both.
        squint_deg: How far before and behind the beam can be steered; a window lasts 1 s at least.
        min_sun_deg: Least height of the sun at the place; -90 does not limit.
        nadir: As for `passes`.

    Raises:
        ValueError: An orbit decays within the search.
    """
    heights = (90.0 - incidence_deg[1], 90.0 - incidence_deg[0])
    limits = Limits(look_deg, heights, squint_deg, side, min_sun_deg, nadir == "geodetic", abeam=True)
    return _search(records, places_of(lon_deg, lat_deg, height_m), start_utc_s, end_utc_s, limits)


def _search(records: Sequence[Satrec], places: Places, start_utc_s: float, end_utc_s: float, limits: Limits) -> Windows:
    """Return the windows of all satellites: the closed form where it holds, group of places by group, a scan elsewhere."""
    length_s = end_utc_s - start_utc_s
    if not records or not places.lon_deg.size or length_s <= 0.0:
        return _joined([])
    farthest = limits.off_nadir_deg[1], limits.elevation_deg[0]
    swift = [number for number, record in enumerate(records) if closed_form(record, *farthest)]
    numbers, chosen = np.array(swift, dtype=np.int64), [records[number] for number in swift]
    tables: list[Windows] = []
    unit = places.at / np.sqrt(dot(places.at, places.at))
    clusters = groups(unit) if swift else []
    for cluster in clusters:
        arcs = arcs_over(chosen, swift, unit[:, cluster], start_utc_s, length_s, *farthest)
        arcs = arcs._replace(satellite=numbers[arcs.satellite])
        tables += _sweep(arcs, places.take(cluster), cluster, start_utc_s, length_s, limits)
    slow = sorted(set(range(len(records))).difference(swift))
    for number in slow:
        tables += [
            _allowed(Windows(*columns), limits) for columns in scanned(records[number], number, places, start_utc_s, length_s, limits)
        ]
    table = _joined(tables)
    return table if len(clusters) + bool(slow) == 1 else table.where(np.lexsort((table.start_s, table.point, table.satellite)))


def _joined(tables: list[Windows]) -> Windows:
    """Return tables one below the other."""
    nothing: Any = [np.empty(0, dtype=np.int64 if column.type == "Ints" else np.float64) for column in fields(Windows)]
    parts = [Windows(*nothing), *tables]
    return Windows(*(np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(Windows)))


def _forms(arcs: Arcs, start_utc_s: float, geodetic: bool) -> Forms:
    """Return what the polynomials of arcs tell of any place."""
    at, way = arcs.at, arcs.velocity / np.linalg.norm(arcs.velocity, axis=2, keepdims=True)
    down = plumb(np.moveaxis(at, 2, 0), geodetic)
    down = np.moveaxis(down, 0, 2)
    none, one = np.zeros(at.shape[:2]), np.ones(at.shape[:2])
    times = start_utc_s + arcs.middle_s + arcs.half_s * arcs.node[:, None]

    def form(vector: Floats, constant: Floats) -> Floats:
        return np.ascontiguousarray(np.moveaxis(arcs.powers(np.concatenate([vector, constant[..., None]], axis=2)), 1, 2))

    return Forms(
        square=form(-2.0 * at, (at * at).sum(axis=2)),
        fall=form(-down, (at * down).sum(axis=2)),
        rise=form(at, -one),
        ahead=form(way, -(at * way).sum(axis=2)),
        left=form(np.cross(at, way), none),
        sun=form(np.moveaxis(sunward(times), 0, 2), none)[:SUN_POWERS],
    )


class Block:
    """Passes of some arcs over some places, and the polynomials of each: the coefficients (n, N) of the N passes that may be windows."""

    def __init__(self, arcs: Arcs, forms: Forms, farthest_m2: Floats, places: Places, some: slice, spots: slice) -> None:
        self.forms = Forms(*(form[:, :, some] for form in forms))
        self.ground = np.concatenate([places.at[:, spots], np.ones((1, places.lon_deg[spots].size))]).T
        up, at = places.up[:, spots], places.at[:, spots]
        self.vertical = np.concatenate([up, dot(at, up)[None]]).T
        below = dot(at, at)
        square = np.matmul(self.ground, self.forms.square)
        square[0] += below[:, None]
        near = square[0] - 0.25 * square[1] ** 2 / square[2]
        chosen = np.flatnonzero(near < farthest_m2[some])
        count = near.shape[1]
        satellite = arcs.satellite[some]
        if satellite.size and satellite[0] != satellite[-1]:  # by satellite, place and time; a radix sort, for few satellites in a block
            key = (satellite - satellite[0]).astype(np.uint16)
            chosen = chosen[np.argsort(key.take(chosen % count), kind="stable")]
        self.chosen = chosen
        self.place, self.arc = np.divmod(chosen, count)
        self.square = self.taken(square)
        self.half_s, self.turn_rad = arcs.half_s[some].take(self.arc), arcs.turn_rad[some].take(self.arc)
        self.guess = -0.5 * self.square[1] / self.square[2]
        self.radius_m = np.sqrt(self.forms.square[0, 3].take(self.arc))
        self.below_m = np.sqrt(below).take(self.place)

    def taken(self, all_pairs: Floats) -> Floats:
        """Return the coefficients of the chosen passes from those of all pairs (n, P, A)."""
        return all_pairs.reshape(all_pairs.shape[0], -1).take(self.chosen, axis=1)

    def of(self, name: Literal["fall", "rise", "ahead", "left", "sun"]) -> Floats:
        """Return the polynomials of a quantity, (n, N)."""
        return self.taken(np.matmul(self.vertical if name in ("rise", "sun") else self.ground, getattr(self.forms, name)))


def _sweep(arcs: Arcs, places: Places, numbers: Ints, start_utc_s: float, length_s: float, limits: Limits) -> Iterator[Windows]:
    """Return the windows of a group of places, whose numbers are given, block by block."""
    forms = _forms(arcs, start_utc_s, limits.geodetic)
    radius = np.sqrt(np.maximum.reduce((arcs.at**2).sum(axis=2))) + 10e3  # 10 km: the highest point may lie between the nodes
    reach = reach_rad(radius, limits.off_nadir_deg[1], limits.elevation_deg[0]) + 0.005
    lowest = np.sqrt(dot(places.at, places.at).min())  # the place farthest below the satellites: poles lie 21 km lower than the equator
    farthest_m2 = radius**2 + lowest**2 - 2.0 * radius * lowest * np.cos(reach)
    for some, spots in _blocks(arcs.satellite, places.lon_deg.size):
        block = Block(arcs, forms, farthest_m2, places, some, spots)
        if block.chosen.size:
            yield _table(block, arcs, some, numbers[spots], length_s, limits)


def _blocks(satellite: Ints, places: int) -> Iterator[tuple[slice, slice]]:
    """Return arcs and places in blocks: whole satellites with all places, or all arcs of one satellite with some places."""
    ends = np.append(np.flatnonzero(np.diff(satellite)) + 1, satellite.size).tolist() if satellite.size else []
    begin = 0
    for at, end in enumerate(ends):
        following = ends[at + 1] if at + 1 < len(ends) else None
        if following and (following - begin) * places <= BLOCK:
            continue
        size = max(1, BLOCK // (end - begin))
        for spot in range(0, places, size):
            yield slice(begin, end), slice(spot, min(spot + size, places))
        begin = end


def _table(block: Block, arcs: Arcs, some: slice, numbers: Ints, length_s: float, limits: Limits) -> Windows:
    """Return the windows of a block, cut at the ends of the search, with what is seen at their best instant."""
    best, pieces = (_abeam if limits.abeam else _spans)(block, limits)
    middle_s, half_s = arcs.middle_s[some].take(block.arc), block.half_s
    pieces = pieces.within(-middle_s / half_s, (length_s - middle_s) / half_s)
    sun = block.of("sun")
    if limits.sun_deg > -90.0:
        pieces = _by_day(pieces, sun, limits.sun_deg)
    row = pieces.row
    now = np.clip(best[row], pieces.first, pieces.last)
    slant = np.sqrt(_value(block.square.take(row, axis=1), now))
    fall, rise, left, light = (_value(part.take(row, axis=1), now) for part in (block.of("fall"), block.of("rise"), block.of("left"), sun))
    middle_s, half_s = middle_s[row], half_s[row]
    table = Windows(
        satellite=arcs.satellite[some].take(block.arc[row]),
        point=numbers.take(block.place[row]),
        start_s=np.maximum(middle_s + half_s * pieces.first, 0.0),
        end_s=np.minimum(middle_s + half_s * pieces.last, length_s),
        closest_s=np.clip(middle_s + half_s * now, 0.0, length_s),
        off_nadir_deg=np.degrees(np.arccos(np.clip(fall / slant, -1.0, 1.0))),
        elevation_deg=np.degrees(np.arcsin(np.clip(rise / slant, -1.0, 1.0))),
        slant_m=slant,
        side=np.where(left >= 0.0, 1, -1).astype(np.int64),
        sun_deg=np.degrees(np.arcsin(np.clip(light, -1.0, 1.0))),
    )
    return _allowed(table, limits)


def _value(powers: Floats, at: Floats) -> Floats:
    """Return polynomials (n, N) at instants (..., N)."""
    total: Floats = powers[-1] * at
    for power in powers[-2:0:-1]:
        total += power
        total *= at
    total += powers[0]
    return total


def _jet(powers: Floats, at: Floats) -> tuple[Floats, Floats]:
    """Return polynomials (n, N) at instants (..., N), and their derivatives."""
    total, slope = powers[-1] * at + powers[-2], np.broadcast_to(powers[-1], at.shape).copy()
    for power in powers[-3::-1]:
        slope *= at
        slope += total
        total *= at
        total += power
    return total, slope


def _bend(powers: Floats, at: Floats) -> tuple[Floats, Floats, Floats]:
    """Return polynomials (n, N) at instants (N,), their derivatives, and halves of their second derivatives."""
    bend = powers[-1].copy()
    slope = powers[-1] * at + powers[-2]
    slope += bend * at
    total = (powers[-1] * at + powers[-2]) * at + powers[-3]
    for power in powers[-4::-1]:
        bend *= at
        bend += slope
        slope *= at
        slope += total
        total *= at
        total += power
    return total, slope, bend


def _spans(block: Block, limits: Limits) -> tuple[Floats, Pieces]:
    """Return when passes are best, and the pieces of them in which every limit holds except those of the sun and the side."""
    by_nadir, by_height = deciding(limits, block.radius_m, block.radius_m)
    found, beside = [], None
    if by_height.any():
        high = _span(block, block.of("rise"), np.sin(np.radians(limits.elevation_deg[0])), _slant_by_height)
        found, beside = [high], np.stack([high.first, high.last])
    if by_nadir.any():
        down = _span(block, block.of("fall"), np.cos(np.radians(limits.off_nadir_deg[1])), _slant_by_nadir, beside)
        found.insert(0, down._replace(first=np.where(by_height | _over_horizon(block, down.best), down.first, np.nan)))
    best = np.where(by_nadir, found[0].best, found[-1].best)
    if limits.squint_deg < 90.0:
        found.append(_squinted(block, limits.squint_deg))
    first, last = np.maximum.reduce([span.first for span in found]), np.minimum.reduce([span.last for span in found])
    pieces = Pieces(np.arange(best.size, dtype=np.int64), first, last).sound()
    if limits.off_nadir_deg[0] > 0.0:
        hole = _span(block, block.of("fall"), np.cos(np.radians(limits.off_nadir_deg[0])), _slant_by_nadir)
        pieces = pieces.without(hole.first, hole.last)
    if limits.elevation_deg[1] < 90.0:
        hole = _span(block, block.of("rise"), np.sin(np.radians(limits.elevation_deg[1])), _slant_by_height)
        pieces = pieces.without(hole.first, hole.last)
    return best, pieces


def _over_horizon(block: Block, best: Floats) -> Bools:
    """Say whether places lie nearer than the horizon, good to a degree: beyond, the angle off the nadir shrinks again."""
    over: Bools = _value(block.square, best) < block.radius_m**2 - block.below_m**2
    return over


def _abeam(block: Block, limits: Limits) -> tuple[Floats, Pieces]:
    """Return when places lie abeam, and from when to when a radar reaches them: half a second before and after at least."""
    best, first, last = _squinted(block, limits.squint_deg)
    half = 0.5 / block.half_s
    return best, Pieces(np.arange(best.size, dtype=np.int64), np.fmin(first, best - half), np.fmax(last, best + half))


def _squinted(block: Block, squint_deg: float) -> Spans:
    """Return when places lie abeam, and from when to when they lie within an angle of it."""
    ahead, best = block.of("ahead"), block.guess
    for _ in range(3):  # nearly linear in time
        value, slope = _jet(ahead, best)
        best = best - value / slope
    sine = np.array([[1.0], [-1.0]]) * np.sin(np.radians(squint_deg))
    off = np.sqrt(_value(block.square, best)) * np.tan(np.radians(squint_deg)) / -slope
    return Spans(best, *_edges(block, ahead, sine, best, off, np.array([[-1.0], [1.0]])))


def _slant_by_nadir(radius_m: Floats, below_m: Floats, cosine: Floats | float) -> Floats:
    """Return the distance to a place on a sphere seen under an angle from the nadir, or to the horizon if it lies beyond."""
    slant: Floats = radius_m * cosine - np.sqrt(np.maximum(below_m**2 - radius_m**2 * (1.0 - cosine * cosine), 0.0))
    return slant


def _slant_by_height(radius_m: Floats, below_m: Floats, sine: Floats | float) -> Floats:
    """Return the distance of a satellite that a place on a sphere sees at a height above its horizon."""
    slant: Floats = np.sqrt(np.maximum(radius_m**2 - below_m**2 * (1.0 - sine * sine), 0.0)) - below_m * sine
    return slant


def _span(block: Block, along: Floats, limit: float, slant: Slant, beside: Floats | None = None) -> Spans:
    """Return when the cosine `along / distance` is largest in each pass, and from when to when it exceeds a limit.

    The guess of the edges is that of a sphere and a circle, made exact for windows that hardly open: there the parabola at the best instant
    decides. `beside` (2, N) may tell instants beyond which the edges do not matter.
    """
    best, top, bend = _summit(block, along)
    open_ = top > limit
    gain = slant(block.radius_m, block.below_m, limit) ** 2 - slant(block.radius_m, block.below_m, top) ** 2
    off = np.maximum(gain / bend, 0.0)
    off = np.sqrt(off * (1.0 + off * block.turn_rad**2 / 12.0))
    first, last = _edges(block, along, limit, best, np.where(open_, off, np.nan), np.ones((2, 1)), beside)
    return Spans(best, first, last)


def _summit(block: Block, along: Floats) -> tuple[Floats, Floats, Floats]:
    """Return when the cosine `along / distance` is largest, its value, and by how much the squared distance grows per squared time."""
    best = block.guess.copy()
    top, growth = np.empty(best.size), np.empty(best.size)
    todo: Ints | slice = slice(None)
    for _ in range(20):
        now = best[todo]
        near, near_slope, near_bend = _bend(along[:, todo], now)
        far, far_slope, far_bend = _bend(block.square[:, todo], now)
        rise = 2.0 * near_slope * far - near * far_slope
        bend = 4.0 * near_bend * far + near_slope * far_slope - 2.0 * near * far_bend
        farthest = 30.0 / block.half_s[todo]
        step = np.clip(rise / np.maximum(-bend, 1e-9 * far), -farthest, farthest)
        best[todo], growth[todo] = now + step, far_bend
        top[todo] = (near + step * (near_slope + step * near_bend)) / np.sqrt(far + step * (far_slope + step * far_bend))
        far_off = np.flatnonzero(np.abs(step) * block.half_s[todo] > 1.0)  # from a second off, the cube of the error is gone at once
        if not far_off.size:
            break
        todo = far_off if isinstance(todo, slice) else todo[far_off]
    return best, top, growth


def _edges(
    block: Block, along: Floats, limit: Floats | float, best: Floats, off: Floats, inside: Floats, beside: Floats | None = None
) -> Floats:
    """Return when `along` equals `limit` times the distance, before and after the best instants (N,): shape (2, N).

    Args:
        block: Passes.
        along: Polynomials, (n, N).
        limit: One, or before and after (2, 1).
        best: Instants between the edges.
        off: About how far the edges are from there, `nan` where there are none.
        inside: +1 where `along` is larger between the edges, -1 where it is smaller, (2, 1).
        beside: Edges beyond these (2, N) do not matter, and come out as these.
    """
    sign = np.array([[-1.0], [1.0]])
    ends = best + sign * off
    for _ in range(2):
        near, near_slope = _jet(along, ends)
        far, far_slope = _jet(block.square, ends)
        root = np.sqrt(np.abs(far))  # a stray guess may lie where the polynomial means nothing
        step = (near - limit * root) / (near_slope - 0.5 * limit * far_slope / root)
        ends -= step
    apart = sign * (ends - best)
    settled = step * step * block.half_s <= SETTLED_S * apart
    if beside is not None:
        settled &= sign * (beside - ends) > 0.0
    for side in (0, 1):
        rows = np.flatnonzero(~(settled[side] | np.isnan(off)))
        if rows.size:
            bound = None if beside is None else beside[side, rows]
            side_limit = limit if isinstance(limit, float) else float(limit[side, 0])
            ends[side, rows] = _stubborn(block, along, rows, side_limit, best, off, bound, float(sign[side, 0]), float(inside[side, 0]))
    return ends


def _stubborn(
    block: Block, along: Floats, rows: Ints, limit: float, best: Floats, off: Floats, bound: Floats | None, sign: float, inside: float
) -> Floats:
    """Return edges of the passes in which Newton's rule has not settled, by the same rule kept within a bracket: shape (R,)."""
    near_powers, far_powers = along[:, rows], block.square[:, rows]
    low, half_s = best[rows], block.half_s[rows]

    def excess(at: Floats) -> tuple[Floats, Floats]:
        (near, near_slope), (far, far_slope) = _jet(near_powers, at), _jet(far_powers, at)
        root = np.sqrt(np.maximum(far, 1.0))
        return inside * (near - limit * root), inside * (near_slope - 0.5 * limit * far_slope / root)

    if bound is None:
        reach = np.maximum(off[rows], 0.1 / half_s)
        for _ in range(12):
            reach = np.where((excess(low + sign * reach)[0] > 0.0) & (reach < 2.0), 1.5 * reach, reach)
        high = low + sign * reach
    else:
        high = bound.copy()
    endless = ~(excess(high)[0] < 0.0)
    final = high.copy() if bound is not None else np.full(rows.size, sign * np.inf)
    now = np.clip(low + sign * off[rows], np.minimum(low, high), np.maximum(low, high))
    for _ in range(60):
        value, slope = excess(now)
        low, high = np.where(value > 0.0, now, low), np.where(value > 0.0, high, now)
        ahead = now - value / np.where(slope == 0.0, 1.0, slope)
        held = (ahead - low) * (ahead - high) < 0.0
        ahead = np.where(held, ahead, 0.5 * (low + high))
        done = np.abs(ahead - now) * half_s < 0.01 * SETTLED_S
        now = ahead
        if done.all():
            break
    return np.where(endless, final, now)


def _by_day(pieces: Pieces, sun: Floats, least_deg: float) -> Pieces:
    """Return what lies between sunrise and sunset over a height, from the sine of the sun's height as polynomials (n, N)."""
    sine = np.sin(np.radians(least_deg))
    low, slope, bend = sun[0] - sine, sun[1], sun[2]
    root = np.sqrt(np.maximum(slope**2 - 4.0 * bend * low, 0.0))
    sum_ = -0.5 * (slope + np.copysign(root, slope))
    with np.errstate(divide="ignore", invalid="ignore"):
        roots = np.sort(np.stack([sum_ / bend, low / sum_]), axis=0)
        value, change = _jet(sun, np.clip(roots, -2.0, 2.0))
        roots = np.where(np.abs(roots) < 2.0, roots - (value - sine) / change, roots)
    crossed = slope**2 > 4.0 * bend * low
    first, last = np.where(crossed, roots[0], np.where(bend < 0.0, np.inf, np.nan)), np.where(crossed, roots[1], np.nan)
    arched = bend < 0.0
    day = pieces.within(np.where(arched, first, -np.inf), np.where(arched & crossed, last, np.inf))
    return day.without(np.where(arched, np.nan, first), np.where(arched, np.nan, last))


def _allowed(table: Windows, limits: Limits) -> Windows:
    """Return the windows whose best instant lies on the right side, and for a radar within its rings."""
    chosen = limits.side * table.side >= 0
    if limits.abeam:
        for angle, (least, largest) in ((table.off_nadir_deg, limits.off_nadir_deg), (table.elevation_deg, limits.elevation_deg)):
            chosen &= (angle >= least) & (angle <= largest)
    return table if chosen.all() else table.where(chosen)
