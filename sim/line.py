"""The monitored line: chainage along it, offset from it, its two sides, and the flat map on which both are measured."""

from bisect import bisect_right
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Literal, NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from sim.borders import border
from sim.errors import TrucelineError, did_you_mean
from sim.geojson import read_geojson
from sim.kinds import Floats, Ints
from sim.projection import WGS84, best_projection, densified, projector, steps_m

CORRIDOR_M = 75_000.0
"""How far beside the line the projection must be good: the widest withdrawal zone of Minsk II is 70 km a side."""
LEAST_SMOOTHING_M = 1_000.0
"""Half the stretch over which the mean direction is taken, at least (assumption)."""
PUSHES = (1.0, 1.25, 1.5, 2.0, 3.0)
"""How far out a place is pushed when the plain one lies across a bend (assumption; the last resort does not depend on it)."""

SHORTEST_TRACK_M = 1_000.0
"""A track in a narrow pocket is lengthened to this, so that it can be flown (assumption)."""

SIDE_A: Literal[1] = 1
"""Left of increasing chainage."""
SIDE_B: Literal[-1] = -1
"""Right of increasing chainage."""

BUNDLED = {"line_of_contact_2025": "line_of_contact_2025.geojson", "ru_ua_border": "ru_ua_border.geojson"}


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """An analysis grid in columns of shape (N,), `across` neighbours in a row, row after row along the line."""

    chainage_m: Floats
    offset_m: Floats
    x_m: Floats
    y_m: Floats
    along: int
    across: int


class Plain(NamedTuple):
    """Vertices in lists, and the unit normals of the segments, to side A."""

    steps_m: list[float]
    x_m: list[float]
    y_m: list[float]
    east: list[float]
    north: list[float]


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A simple curve on the WGS-84 ellipsoid, and a flat map chosen for it; arrays are read-only."""

    name: str
    lonlat: Floats
    """Vertices in degrees, shape (V, 2); neighbours are joined by geodesics, long ones with points added."""
    chainage_m: Floats
    """Geodesic distance of each vertex from the start, shape (V,)."""
    xy_m: Floats
    """Vertices on the map, shape (V, 2)."""
    projection: str
    """The map, as PROJ text."""
    worst_scale_error: float
    """Largest relative error of a length on the map, on the line and `corridor_m` beside it."""
    official_length_m: float | None
    segments: shapely.STRtree = field(repr=False)
    plain: "Plain" = field(init=False, repr=False)
    """The same in lists, for one place at a time."""

    def __post_init__(self) -> None:
        normal = left_of(np.diff(self.xy_m, axis=0))
        columns = (self.chainage_m, self.xy_m[:, 0], self.xy_m[:, 1], normal[:, 0], normal[:, 1])
        object.__setattr__(self, "plain", Plain(*(column.tolist() for column in columns)))

    @classmethod
    def from_lonlat(cls, lonlat: Floats, name: str = "", official_length_m: float | None = None, corridor_m: float = CORRIDOR_M) -> "Line":
        """Build a line from its vertices.

        Args:
            lonlat: Longitude and latitude in degrees, shape (V, 2); chainage grows in their order.
            name: What messages call it.
            official_length_m: Its length in official statements, if that differs by detail.
            corridor_m: How far beside the line the map must be good.

        Raises:
            TrucelineError: The vertices are no simple line on Earth.
        """
        label = f"line {name!r}" if name else "the line"
        vertices = densified(checked(np.asarray(lonlat, dtype=np.float64), label))
        chainage_m = np.concatenate([[0.0], np.cumsum(steps_m(vertices))])
        projection, worst = best_projection(vertices, corridor_m)
        xy_m = np.column_stack(projector(projection)(vertices[:, 0], vertices[:, 1]))
        segments = shapely.STRtree(np.asarray(shapely.linestrings(np.stack([xy_m[:-1], xy_m[1:]], axis=1))))
        if official_length_m is not None and not 0.0 < official_length_m < np.inf:
            raise TrucelineError(f"{label}: its official length must be a positive length, not {official_length_m!r} m")
        for array in (vertices, chainage_m, xy_m):
            array.flags.writeable = False
        line = cls(name, vertices, chainage_m, xy_m, projection, worst, official_length_m, segments)
        line.refuse_crossings(label)
        return line

    @property
    def length_m(self) -> float:
        """Geodesic length as drawn."""
        return float(self.chainage_m[-1])

    @property
    def length_factor(self) -> float:
        """Official length over the length as drawn, 1 where none is stated."""
        return self.official_length_m / self.length_m if self.official_length_m else 1.0

    @property
    def closed(self) -> bool:
        """Whether it ends where it starts, as the border of an enclave does."""
        return bool(np.array_equal(self.xy_m[0], self.xy_m[-1]))

    @property
    def curve(self) -> BaseGeometry:
        """The line on the map, for shapely."""
        return shapely.LineString(self.xy_m)

    def to_xy(self, lon: Floats | float, lat: Floats | float) -> tuple[Floats, Floats]:
        """Return places on the map from degrees. Shapes as given."""
        x, y = projector(self.projection)(lon, lat)
        return np.asarray(x), np.asarray(y)

    def to_lonlat(self, x_m: Floats | float, y_m: Floats | float) -> tuple[Floats, Floats]:
        """Return degrees from places on the map. Shapes as given."""
        lon, lat = projector(self.projection)(x_m, y_m, inverse=True)
        return np.asarray(lon), np.asarray(lat)

    def locate(self, x_m: Floats | float, y_m: Floats | float) -> tuple[Floats, Floats]:
        """Return chainage and offset of places on the map: the nearest point of the line, and the distance to it, positive on side A.

        Beyond an end, the side is that of the last segment made longer. Shapes as given.
        """
        x, y = np.broadcast_arrays(np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64))
        places = np.column_stack([x.ravel(), y.ravel()])
        nearest = np.asarray(self.segments.nearest(np.asarray(shapely.points(places))), dtype=np.int64)
        start, along = self.xy_m[nearest], np.diff(self.xy_m, axis=0)[nearest]
        t = np.clip(np.sum((places - start) * along, axis=1) / np.sum(along**2, axis=1), 0.0, 1.0)
        away = places - (start + t[:, None] * along)
        left = left_of(along)
        at_vertex = (t == 0.0) | (t == 1.0)  # there the side is that of both neighbours' normals together
        left[at_vertex] = self.vertex_normals()[nearest[at_vertex] + (t[at_vertex] == 1.0)]
        side = np.where(np.sum(away * left, axis=1) < 0.0, -1.0, 1.0)
        chainage_m = self.chainage_m[nearest] + t * np.diff(self.chainage_m)[nearest]
        return chainage_m.reshape(x.shape), (side * np.hypot(away[:, 0], away[:, 1])).reshape(x.shape)

    def vertex_normals(self) -> Floats:
        """Return the sum of the unit normals of the segments that meet at each vertex, to side A. Shape (V, 2)."""
        normal = left_of(np.diff(self.xy_m, axis=0))
        before, after = np.vstack([normal[:1] * 0.0, normal]), np.vstack([normal, normal[:1] * 0.0])
        if self.closed:
            before[0], after[-1] = normal[-1], normal[0]
        return before + after

    def segment(self, chainage_m: Floats) -> Ints:
        """Return the segment on which each chainage lies. Shape as given."""
        return np.clip(np.searchsorted(self.chainage_m, chainage_m, side="right") - 1, 0, len(self.chainage_m) - 2)

    def on_line(self, chainage_m: Floats) -> Floats:
        """Return the points of the line at the chainages; beyond an end, the end. Shape (N,) gives (N, 2)."""
        return np.column_stack([np.interp(chainage_m, self.chainage_m, self.xy_m[:, axis]) for axis in (0, 1)])

    def at(self, chainage_m: Floats | float, offset_m: Floats | float = 0.0) -> tuple[Floats, Floats]:
        """Return the places at the chainages, moved square to their segments, to side A where the offset is positive. Shapes as given."""
        chainage, offset = np.broadcast_arrays(np.asarray(chainage_m, dtype=np.float64), np.asarray(offset_m, dtype=np.float64))
        normal = left_of(np.diff(self.xy_m, axis=0))[self.segment(chainage.ravel())]
        places = self.on_line(chainage.ravel()) + offset.ravel()[:, None] * normal
        return places[:, 0].reshape(chainage.shape), places[:, 1].reshape(chainage.shape)

    def place(self, chainage_m: float, offset_m: float) -> tuple[float, float]:
        """Return one place on the map; the same numbers as `at` gives, much sooner."""
        steps, x_m, y_m, east, north = self.plain
        last = len(steps) - 2
        index = min(max(bisect_right(steps, chainage_m) - 1, 0), last)
        if chainage_m >= steps[-1]:
            on_x_m, on_y_m = x_m[-1], y_m[-1]
        elif chainage_m <= steps[0]:
            on_x_m, on_y_m = x_m[0], y_m[0]
        else:
            run_m, along_m = steps[index + 1] - steps[index], chainage_m - steps[index]
            on_x_m = (x_m[index + 1] - x_m[index]) / run_m * along_m + x_m[index]
            on_y_m = (y_m[index + 1] - y_m[index]) / run_m * along_m + y_m[index]
        return on_x_m + offset_m * east[index], on_y_m + offset_m * north[index]

    def heading(self, chainage_m: Floats | float) -> Floats:
        """Return the direction of increasing chainage in degrees clockwise from true north. Shape as given."""
        chainage = np.asarray(chainage_m, dtype=np.float64)
        here = np.column_stack(self.to_lonlat(*self.on_line(chainage.ravel()).T))
        index = self.segment(chainage.ravel())
        first, last = self.lonlat[index], self.lonlat[index + 1]
        early = chainage.ravel() < (self.chainage_m[index] + self.chainage_m[index + 1]) / 2  # look to the far end, for accuracy
        ahead, _, _ = WGS84.inv(here[:, 0], here[:, 1], last[:, 0], last[:, 1])
        behind, _, _ = WGS84.inv(here[:, 0], here[:, 1], first[:, 0], first[:, 1])
        return np.asarray(np.where(early, ahead, np.add(behind, 180.0)) % 360.0).reshape(chainage.shape)

    def settle(self, chainage_m: Floats | float, offset_m: Floats | float) -> tuple[Floats, Floats, Floats, Floats]:
        """Return places near the chainages and offsets asked for, on the side asked for, and what they truly are.

        A place is moved from the line square to the mean direction over one offset to either side, so that a bend does not throw it across.
        If it still lies across, it is pushed further out; if that fails, it lies square to its own segment, as deep as that side allows.
        No place is further from the line than asked for.

        Args:
            chainage_m: Wanted chainage, shape (N,) or a number.
            offset_m: Wanted offset, positive on side A, shape (N,) or a number.

        Returns:
            x, y, chainage, offset of each place, shape (N,); the last two are measured and may differ from the wanted ones near bends.
        """
        wanted, offset = np.broadcast_arrays(
            np.atleast_1d(np.asarray(chainage_m, dtype=np.float64)), np.atleast_1d(np.asarray(offset_m, dtype=np.float64))
        )
        wanted = np.clip(wanted, 0.0, self.length_m)
        base, own, mean = (
            self.on_line(wanted),
            left_of(np.diff(self.xy_m, axis=0))[self.segment(wanted)],
            self.mean_normal(wanted, np.abs(offset)),
        )
        places, chainage, true = base.copy(), wanted.copy(), np.zeros_like(wanted)
        unsettled = np.flatnonzero(offset)
        halvings = 0.5 ** np.arange(40.0)
        for normal, factor in [*((mean, push) for push in PUSHES), *((own, halving) for halving in halvings)]:
            if unsettled.size == 0:
                break
            tried = base[unsettled] + (factor * offset[unsettled])[:, None] * normal[unsettled]
            s, d = self.locate(tried[:, 0], tried[:, 1])
            good = (d * offset[unsettled] > 0.0) & (np.abs(d) <= np.abs(offset[unsettled]) * (1 + 1e-9))
            kept = unsettled[good]
            places[kept], chainage[kept], true[kept] = tried[good], s[good], d[good]
            unsettled = unsettled[~good]
        return places[:, 0], places[:, 1], chainage, true

    def mean_normal(self, chainage_m: Floats, reach_m: Floats) -> Floats:
        """Return the unit normals, to side A, of the mean directions over `reach_m` to either side. Shapes (N,) give (N, 2)."""
        reach = np.maximum(reach_m, LEAST_SMOOTHING_M)
        chord = self.on_line(chainage_m + reach) - self.on_line(chainage_m - reach)
        closing = np.hypot(chord[:, 0], chord[:, 1]) < 1.0  # the line comes back to the same place
        chord[closing] = np.diff(self.xy_m, axis=0)[self.segment(chainage_m[closing])]
        return left_of(chord)

    def cut(self, from_m: float, to_m: float) -> Floats:
        """Return the stretch of the line between two chainages, on the map. Shape (W, 2)."""
        start, end = max(0.0, from_m), min(self.length_m, to_m)
        if not start < end:
            asked = f"km {from_m / 1000:g} to km {to_m / 1000:g}"
            raise TrucelineError(f"{asked} is no stretch of the line, which runs from km 0 to km {self.length_m / 1000:.1f}")
        inner = self.xy_m[(self.chainage_m > start) & (self.chainage_m < end)]
        return np.vstack([self.on_line(np.array([start])), inner, self.on_line(np.array([end]))])

    def track(self, from_m: float, to_m: float, stand_off_m: float, simplify_m: float = 3_000.0) -> Floats:
        """Return a patrol track beside a stretch of the line, simple enough to fly.

        It is a piece of one curve beside the whole simplified line, so it keeps off the line's other stretches too, and the tracks of
        neighbouring stretches meet. In a pocket narrower than twice the stand-off it runs past the mouth, and may be short.

        Args:
            from_m: Chainage of its start.
            to_m: Chainage of its end.
            stand_off_m: Distance from the simplified line, positive on side A.
            simplify_m: Bends smaller than this are flown straight (assumption: a few turning radii of a fixed-wing drone).

        Returns:
            Corners on the map in the direction of increasing chainage, shape (W, 2), without loops.
        """
        stretch = self.cut(from_m, to_m)
        smooth = shapely.simplify(shapely.LineString(stretch if self.closed else self.xy_m), simplify_m)
        beside = shapely.get_parts(
            shapely.offset_curve(smooth, stand_off_m, join_style="mitre", mitre_limit=1.5) if stand_off_m else smooth
        )
        if len(beside) == 0:
            raise TrucelineError(
                f"no track fits {stand_off_m / 1000:g} km beside km {from_m / 1000:g} to km {to_m / 1000:g}; stand off less"
            )
        longest = beside[np.argmax(shapely.length(beside))]
        start, end = sorted(shapely.line_locate_point(longest, shapely.Point(stretch[corner])) for corner in (0, -1))
        short = max(0.0, SHORTEST_TRACK_M - (end - start)) / 2
        corners = np.asarray(substring(longest, max(0.0, start - short), min(longest.length, end + short)).coords)
        first, last = self.locate(corners[[0, -1], 0], corners[[0, -1], 1])[0]
        return corners if first <= last else corners[::-1]

    def zone(self, side: int, from_depth_m: float, to_depth_m: float) -> BaseGeometry:
        """Return the band of one side between two distances from the line, as a polygon on the map, cut square at the line's ends.

        Args:
            side: `SIDE_A` or `SIDE_B`.
            from_depth_m: Where the band begins, 0 for the line itself.
            to_depth_m: Where it ends.
        """
        if side not in (SIDE_A, SIDE_B) or not 0.0 <= from_depth_m < to_depth_m:
            raise TrucelineError(f"a zone needs side 1 or -1 and 0 <= from < to, not side {side}, {from_depth_m:g} m to {to_depth_m:g} m")
        band: BaseGeometry = shapely.buffer(self.curve, to_depth_m, cap_style="flat")
        if from_depth_m > 0.0:
            band = band.difference(shapely.buffer(self.curve, from_depth_m, cap_style="flat"))
        knife = shapely.LineString(self.xy_m if self.closed else self.lengthened(to_depth_m))
        pieces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all([shapely.boundary(band), knife]))))
        inner = shapely.point_on_surface(pieces)
        _, offset_m = self.locate(shapely.get_x(inner), shapely.get_y(inner))
        return shapely.union_all(pieces[(np.sign(offset_m) == side) & shapely.contains(band, inner)])

    def lengthened(self, by_m: float) -> Floats:
        """Return the vertices with the first and last segment made longer. Shape (V + 2, 2)."""
        first, last = self.xy_m[0] - self.xy_m[1], self.xy_m[-1] - self.xy_m[-2]
        return np.vstack([self.xy_m[0] + by_m * first / np.hypot(*first), self.xy_m, self.xy_m[-1] + by_m * last / np.hypot(*last)])

    def cells(self, step_m: float, offsets_m: Floats) -> Cells:
        """Return the centres of a grid of equal steps along the line, at the given offsets across it.

        Args:
            step_m: Largest length of a cell along the line.
            offsets_m: Offsets of the centres, positive on side A, shape (K,).

        Returns:
            Columns of shape (N,); chainage and offset are the grid's, the places are settled near bends.
        """
        along = max(1, int(np.ceil(self.length_m / step_m - 1e-9)))
        offsets = np.asarray(offsets_m, dtype=np.float64)
        chainage_m = np.repeat((np.arange(along) + 0.5) * self.length_m / along, offsets.size)
        offset_m = np.tile(offsets, along)
        x_m, y_m, _, _ = self.settle(chainage_m, offset_m)
        return Cells(chainage_m, offset_m, x_m, y_m, along, offsets.size)

    def refuse_crossings(self, label: str) -> None:
        """Refuse a line that crosses, touches or retraces itself, and say where."""
        if self.curve.is_simple:
            return
        pairs = np.sort(self.segments.query(self.segments.geometries, predicate="intersects"), axis=0)
        first, second = np.unique(pairs[:, pairs[0] < pairs[1]], axis=1)
        meeting = shapely.intersection(self.segments.geometries[first], self.segments.geometries[second])
        apart = (second > first + 1) & ~(self.closed & (first == 0) & (second == len(self.xy_m) - 2))
        faults = np.flatnonzero(apart | (shapely.length(meeting) > 0.0))
        if faults.size == 0:
            return
        place = shapely.get_coordinates(shapely.centroid(meeting[faults[0]]))[0]
        lon, lat = self.to_lonlat(place[0], place[1])
        here, there = (self.chainage_along(int(index[faults[0]]), place) / 1000 for index in (first, second))
        where = f"longitude {lon:.4f}, latitude {lat:.4f}: km {here:.1f} meets km {there:.1f}"
        raise TrucelineError(f"{label} crosses or touches itself at {where}; draw one simple line, without the loop")

    def chainage_along(self, index: int, place: Floats) -> float:
        """Return the chainage of a place, shape (2,), on one segment."""
        start, end = self.xy_m[index], self.xy_m[index + 1]
        share = np.hypot(*(place - start)) / np.hypot(*(end - start))
        return float(self.chainage_m[index] + share * (self.chainage_m[index + 1] - self.chainage_m[index]))


def left_of(along: Floats) -> Floats:
    """Return unit vectors square to the given ones, to the left. Shape (N, 2).

    >>> left_of(np.array([[2.0, 0.0]])).tolist()
    [[0.0, 1.0]]
    """
    return np.column_stack([0.0 - along[:, 1], along[:, 0]]) / np.hypot(along[:, 0], along[:, 1])[:, None]


def checked(lonlat: Floats, label: str) -> Floats:
    """Return the vertices without repeated neighbours, or say what is wrong with them. Shape (V, 2)."""
    if lonlat.ndim != 2 or lonlat.shape[1] != 2 or len(lonlat) < 2:
        raise TrucelineError(f"{label} needs at least two points, each as longitude and latitude in degrees")
    if not np.isfinite(lonlat).all():
        raise TrucelineError(
            f"{label}: point {1 + int(np.argmax(~np.isfinite(lonlat).all(axis=1)))} is not finite; write longitude and latitude as numbers"
        )
    wrong = (np.abs(lonlat[:, 0]) > 180.0) | (np.abs(lonlat[:, 1]) > 90.0)
    if wrong.any():
        lon, lat = lonlat[np.argmax(wrong)]
        remedy = (
            "are longitude and latitude swapped? longitude comes first"
            if abs(lon) <= 90.0
            else "write longitude -180 to 180 first, then latitude -90 to 90"
        )
        raise TrucelineError(f"{label}: point {1 + int(np.argmax(wrong))} (longitude {lon:g}, latitude {lat:g}) is not on Earth; {remedy}")
    vertices: Floats = lonlat[np.concatenate([[True], (np.diff(lonlat, axis=0) != 0.0).any(axis=1)])]
    if len(vertices) > 1:
        vertices = vertices[np.concatenate([[True], steps_m(vertices) > 0.0])]  # 180 and -180 are one place, and so is the pole
    if len(vertices) < 2:
        raise TrucelineError(f"{label} is one point, repeated; it needs at least two different points")
    return vertices


def line_from_geojson(text: str, file: str) -> Line:
    """Return the first line of a GeoJSON text; `file` is what messages call it."""
    drawn = read_geojson(text, file)
    try:
        return Line.from_lonlat(*drawn)
    except TrucelineError as fault:
        raise TrucelineError(f"{file}: {fault}") from None


def border_line(pair: str, part: int = 0) -> Line:
    """Return the border of two countries, such as `KP-KR`; the first named lies on side A."""
    lonlat, _ = border(pair, part)
    return Line.from_lonlat(lonlat, pair)


def bundled(name: str) -> Line:
    """Return a line that comes with the program: `line_of_contact_2025` or `ru_ua_border`."""
    if name not in BUNDLED:
        raise TrucelineError(f"no line is called {name!r}; there are {', '.join(sorted(BUNDLED))} {did_you_mean(name, BUNDLED)}".rstrip())
    file = files("sim") / "data" / "lines" / BUNDLED[name]
    return line_from_geojson(file.read_text(encoding="utf-8"), BUNDLED[name])
