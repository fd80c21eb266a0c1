"""Maps of the line: base map, the line and its kilometre posts, towns, scale bar, north arrow, locator; drawn on axes that are given."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.borders import City, Country, basemap, cities
from sim.kinds import Floats
from sim.line import Line
from sim.projection import WGS84, projector

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from shapely.geometry.base import BaseGeometry

SEA, LAND, HOME, BORDER, INK, GREY = "#dbe7ef", "#f3f0e8", "#fdfcf9", "#aca89c", "#23211d", "#6d6a62"
"""Colours of the base map, nearly white so that what lies on it carries the picture."""
SEAS = (
    City("Black Sea", 32.0, 45.6), City("Black Sea", 31.0, 44.4), City("Black Sea", 37.5, 44.0), City("Sea of Azov", 36.6, 46.1),
    City("Sea of Azov", 37.7, 46.55), City("Sea of Azov", 36.0, 45.7), City("Baltic Sea", 19.5, 56.0),
    City("Gulf of Finland", 26.5, 59.8), City("Yellow Sea", 124.6, 37.2), City("Yellow Sea", 124.2, 38.4),
    City("Sea of Japan (East Sea)", 130.4, 38.2), City("Aegean Sea", 25.2, 39.2), City("Mediterranean Sea", 33.5, 34.2),
    City("Caspian Sea", 50.6, 41.5), City("Arabian Sea", 67.0, 23.5), City("Red Sea", 38.0, 21.5), City("Persian Gulf", 50.5, 28.0),
)  # fmt: skip
"""Where names of seas may stand: general knowledge, rounded, for labels only."""
MAPS = {
    "omerc": "oblique Mercator",
    "lcc": "Lambert conformal conic",
    "tmerc": "transverse Mercator",
    "merc": "Mercator",
    "stere": "stereographic",
}


class Box(NamedTuple):
    """A rectangle that a label takes, on the map."""

    left_m: float
    bottom_m: float
    right_m: float
    top_m: float

    def meets(self, other: "Box", gap_m: float = 0.0) -> bool:
        """Return whether two boxes overlap, or come nearer than a gap."""
        apart = self.left_m > other.right_m + gap_m or other.left_m > self.right_m + gap_m
        return not (apart or self.bottom_m > other.top_m + gap_m or other.bottom_m > self.top_m + gap_m)


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A map on axes: its frame in the line's projection, what must stay free, and the labels that it has."""

    axes: "Axes"
    line: Line
    corridor: "BaseGeometry"
    """What labels keep clear of."""
    frame: Box
    point_m: float
    """Metres on the map to a point (1/72 inch) on paper."""
    taken: list[Box] = field(default_factory=list)

    @classmethod
    def on(cls, axes: "Axes", line: Line, reach_m: float, margin_m: float = 30_000.0) -> "Sheet":
        """Set the limits of axes so that the line with a corridor of this reach fits, at equal scale.

        Args:
            axes: Its place on the figure is used, so it must not be moved later.
            line: What the map shows.
            reach_m: Half the width of the corridor.
            margin_m: Least distance from the corridor to the frame.
        """
        from shapely import buffer

        width_in, height_in = axes.get_position().size * axes.figure.get_figure(root=True).get_size_inches()
        low, high = line.xy_m.min(axis=0) - reach_m - margin_m, line.xy_m.max(axis=0) + reach_m + margin_m
        point_m = max((high - low) / (np.array([width_in, height_in]) * 72.0))
        half_m = np.array([width_in, height_in]) * 36.0 * point_m
        left, bottom = (low + high) / 2 - half_m
        right, top = (low + high) / 2 + half_m
        axes.set_xlim(left, right)
        axes.set_ylim(bottom, top)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_facecolor(SEA)
        for spine in axes.spines.values():
            spine.set(edgecolor="#8f8b80", linewidth=0.8, zorder=30)
        corridor = buffer(line.curve, reach_m, cap_style="flat")
        return cls(axes, line, corridor, Box(float(left), float(bottom), float(right), float(top)), float(point_m))

    def rim(self) -> tuple[Floats, Floats]:
        """Return degrees along the frame. Shapes (240,)."""
        t = np.linspace(0.0, 1.0, 60, endpoint=False)
        left, bottom, right, top = self.frame
        x = np.concatenate([left + t * (right - left), np.full(60, right), right - t * (right - left), np.full(60, left)])
        y = np.concatenate([np.full(60, bottom), bottom + t * (top - bottom), np.full(60, top), top - t * (top - bottom)])
        return self.line.to_lonlat(x, y)

    def box(self, x_m: float, y_m: float, text: str, size: float, align: str = "center") -> Box:
        """Return the rectangle that a label takes; letters are counted as 0.6 of their height (DejaVu Sans, mean)."""
        rows = text.split("\n")
        width_m = (0.6 * max(map(len, rows)) * size + 2.0) * self.point_m
        height_m = 1.25 * len(rows) * size * self.point_m
        left_m = {"center": x_m - width_m / 2, "left": x_m, "right": x_m - width_m}[align]
        return Box(left_m, y_m - height_m / 2, left_m + width_m, y_m + height_m / 2)

    def free(self, box: Box, gap_pt: float = 1.5, clear_pt: float = 2.0) -> bool:
        """Return whether a label fits: inside the frame, on no other, clear of the corridor."""
        from shapely import box as rectangle

        gap_m, clear_m = gap_pt * self.point_m, clear_pt * self.point_m
        left, bottom, right, top = self.frame
        inside = (
            left + 2 * gap_m < box.left_m
            and box.right_m < right - 2 * gap_m
            and bottom + 2 * gap_m < box.bottom_m
            and box.top_m < top - 2 * gap_m
        )
        return inside and not any(box.meets(other, gap_m) for other in self.taken) and rectangle(*box).distance(self.corridor) >= clear_m


def halo(width: float = 2.2, colour: str = "white") -> list[object]:
    """Return the effect that keeps a label readable on whatever lies below."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=width, foreground=colour)]


def draw_base(sheet: Sheet, home: str = "") -> None:
    """Draw land, sea and borders, clipped to the frame so that files stay small, and the graticule.

    Args:
        sheet: Where.
        home: Code of the country that is drawn lightest.
    """
    for country, shape in countries_on(sheet):
        fill(sheet.axes, shape, HOME if country.code == home else LAND)
    draw_graticule(sheet)


def countries_on(sheet: Sheet) -> "list[tuple[Country, BaseGeometry]]":
    """Return the countries of the frame, on the map."""
    from shapely import box

    lon, lat = sheet.rim()
    frame = box(*sheet.frame)
    return shapes(lon, lat, sheet.line.projection, frame)


def shapes(lon: Floats, lat: Floats, projection: str, frame: "BaseGeometry") -> "list[tuple[Country, BaseGeometry]]":
    """Return the countries around some places, projected and clipped. The rim of the frame has shapes (N,)."""
    from shapely import LinearRing, Polygon, box, make_valid, segmentize, transform, union_all

    wraps = bool(np.ptp(lon) > 180.0)
    lon = np.where(wraps & (lon < 0.0), lon + 360.0, lon)
    west, south, east, north = lon.min() - 1.0, max(lat.min() - 1.0, -90.0), lon.max() + 1.0, min(lat.max() + 1.0, 90.0)
    around = box(west, south, east, north)
    proj = projector(projection)
    found = []
    bounds = (float(west), float(south), float(east - 360.0 if wraps else east), float(north))
    for country in basemap(bounds):
        rings = [
            np.column_stack([np.where(wraps & (ring[:, 0] < 0.0), ring[:, 0] + 360.0, ring[:, 0]), ring[:, 1]]) for ring in country.rings
        ]
        outer = [make_valid(Polygon(ring)) for ring in rings if len(ring) > 3 and LinearRing(ring).is_ccw]
        holes = [make_valid(Polygon(ring)) for ring in rings if len(ring) > 3 and not LinearRing(ring).is_ccw]
        land = union_all(outer).difference(union_all(holes)).intersection(around)
        if land.is_empty:
            continue
        flat = transform(segmentize(land, 0.25), lambda degrees: np.column_stack(proj(degrees[:, 0], degrees[:, 1])))
        seen = make_valid(flat).intersection(frame)
        if not seen.is_empty:
            found.append((country, seen))
    return found


def fill(axes: "Axes", shape: "BaseGeometry", colour: str, width: float = 0.6) -> None:
    """Draw a shape of any number of polygons as one patch."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path
    from shapely import get_parts

    rings = [ring for part in get_parts(shape) if part.geom_type == "Polygon" for ring in (part.exterior, *part.interiors)]
    if rings:
        path = Path.make_compound_path(*(Path(np.asarray(ring.coords), closed=True) for ring in rings))
        axes.add_patch(PathPatch(path, facecolor=colour, edgecolor=BORDER, linewidth=width, zorder=1))


def draw_graticule(sheet: Sheet) -> None:
    """Draw meridians and parallels, and write their degrees at the lower and the left edge."""
    lon, lat = sheet.rim()
    lon = np.where((np.ptp(lon) > 180.0) & (lon < 0.0), lon + 360.0, lon)
    left, bottom, right, top = sheet.frame
    step = next(step for step in (0.5, 1.0, 2.0, 5.0, 10.0, 20.0) if np.ptp(lat) / step <= 6.0 or step == 20.0)
    meridians, parallels = (np.arange(np.ceil(v.min() / step), np.floor(v.max() / step) + 1) * step for v in (lon, lat))
    fine_lat, fine_lon = (
        np.linspace(max(lat.min() - 1, -89.9), min(lat.max() + 1, 89.9), 200),
        np.linspace(lon.min() - 1, lon.max() + 1, 200),
    )
    style: dict[str, Any] = {"color": "#8b8f92", "linewidth": 0.5, "alpha": 0.35, "zorder": 2}
    for degree in meridians:
        x, y = sheet.line.to_xy(np.full(200, degree), fine_lat)
        sheet.axes.plot(x, y, scalex=False, scaley=False, **style)
        at = float(np.interp(bottom, y, x))
        if left + 25 * sheet.point_m < at < right - 25 * sheet.point_m:
            edge_label(sheet, at, bottom + 5.5 * sheet.point_m, degrees((degree + 180.0) % 360.0 - 180.0, "EW"))
    for degree in parallels:
        x, y = sheet.line.to_xy(fine_lon, np.full(200, degree))
        sheet.axes.plot(x, y, scalex=False, scaley=False, **style)
        at = float(np.interp(left, x, y))
        if bottom + 25 * sheet.point_m < at < top - 12 * sheet.point_m:
            edge_label(sheet, left + 14 * sheet.point_m, at, degrees(degree, "NS"))


def edge_label(sheet: Sheet, x_m: float, y_m: float, text: str) -> None:
    """Write a degree at the frame."""
    sheet.axes.text(x_m, y_m, text, size=6, color="#8b8f92", ha="center", va="center", zorder=3, path_effects=halo(1.6, LAND))
    sheet.taken.append(sheet.box(x_m, y_m, text, 6))


def degrees(value: float, letters: str) -> str:
    """Return degrees as maps write them.

    >>> degrees(-5.0, "EW"), degrees(48.5, "NS")
    ('5° W', '48.5° N')
    """
    return f"{abs(value):g}° {letters[0] if value >= 0 else letters[1]}"


def draw_line(sheet: Sheet, width: float = 2.0) -> None:
    """Draw the line dark on a white casing, so that it reads on pale and on dark ground."""
    x_m, y_m = sheet.line.xy_m.T
    sheet.axes.plot(
        x_m, y_m, color="white", lw=width + 2.0, solid_capstyle="round", solid_joinstyle="round", zorder=12, scalex=False, scaley=False
    )
    sheet.axes.plot(x_m, y_m, color=INK, lw=width, solid_capstyle="round", solid_joinstyle="round", zorder=13, scalex=False, scaley=False)


def draw_posts(sheet: Sheet, every_m: float) -> None:
    """Write kilometres outside of the corridor, each joined to its place on the line by a hairline."""
    ends = np.arange(0.0, sheet.line.length_m + 1.0, every_m)
    places = sheet.line.on_line(ends)
    normals = sheet.line.mean_normal(ends, np.full(ends.shape, 0.5 * every_m))
    for chainage_m, place, normal in zip(ends, places, normals, strict=True):
        text = f"{chainage_m / 1000:.0f}"
        spot = post_spot(sheet, place, normal, text)
        sheet.axes.plot(*place, marker="o", ms=3.6, mfc="white", mec=INK, mew=0.9, zorder=15)
        if spot is None:
            continue
        draw_leader(sheet, place, spot, sheet.box(*spot, text, 9))
        frame = {"boxstyle": "round,pad=0.22", "fc": "white", "ec": "#8f8b80", "lw": 0.6}
        sheet.axes.text(*spot, text, size=7, color=INK, ha="center", va="center", bbox=frame, zorder=20)
        sheet.taken.append(sheet.box(*spot, text, 9))


def draw_leader(sheet: Sheet, place: Floats, spot: tuple[float, float], label: Box) -> None:
    """Draw a hairline from a place to the edge of the label at a spot, and keep later labels off it."""
    way = np.array(spot) - place
    half = np.array([label.right_m - label.left_m, label.top_m - label.bottom_m]) / 2
    outside = max(0.0, 1.0 - float((half / np.maximum(np.abs(way), 1e-9)).min()))
    end = place + outside * way
    sheet.axes.plot([place[0], end[0]], [place[1], end[1]], color=INK, lw=0.55, zorder=11, scalex=False, scaley=False)
    for share in np.linspace(0.0, 1.0, max(2, int(np.hypot(*(end - place)) / (4.0 * sheet.point_m)))):
        x_m, y_m = (float(value) for value in place + share * (end - place))
        sheet.taken.append(Box(x_m, y_m, x_m, y_m))


def post_spot(sheet: Sheet, place: Floats, normal: Floats, text: str, sides: tuple[float, ...] = (1.0, -1.0)) -> tuple[float, float] | None:
    """Return the nearest free spot for a post, out of the corridor, or None.

    The hairline to it must neither run along the line nor cross a label; it leaves on one of the sides, +1 being that of the normal.
    """
    from shapely import LineString, box, union_all

    near = sheet.line.curve.buffer(sheet.point_m)
    labels = union_all([box(*taken) for taken in sheet.taken])
    tries = []
    for turn, side, far_pt in product((0.0, 20.0, -20.0, 40.0, -40.0, 60.0, -60.0), sides, range(20, 160, 6)):
        radians = np.radians(turn)
        turned = np.array(
            [normal[0] * np.cos(radians) - normal[1] * np.sin(radians), normal[0] * np.sin(radians) + normal[1] * np.cos(radians)]
        )
        x_m, y_m = place + side * far_pt * sheet.point_m * turned
        tries.append((far_pt + 0.25 * abs(turn), float(x_m), float(y_m)))
    for _, x_m, y_m in sorted(tries):
        hairline = LineString(np.array([place, (x_m, y_m)]))
        clear = hairline.intersection(near).length < 5.0 * sheet.point_m and not hairline.intersects(labels)
        if clear and sheet.free(sheet.box(x_m, y_m, text, 9), 2.0, 3.0):
            return x_m, y_m
    return None


def draw_towns(sheet: Sheet, most: int = 14, within: int = 6) -> None:
    """Write towns where there is room, those listed first before others.

    Args:
        sheet: Where.
        most: How many outside of the corridor.
        within: How many in it; their labels keep clear of the line.
    """
    inner = replace(sheet, corridor=sheet.line.curve)
    for ground, number in ((sheet, most), (inner, within)):
        shown = 0
        for city in cities():
            shown += shown < number and draw_town(ground, city)


def draw_town(sheet: Sheet, city: City) -> bool:
    """Write a town beside its dot, and return whether there was room."""
    x, y = sheet.line.to_xy(city.lon, city.lat)
    x_m, y_m, away_m = float(x), float(y), 4.0 * sheet.point_m
    dot = Box(x_m - away_m / 2, y_m - away_m / 2, x_m + away_m / 2, y_m + away_m / 2)
    if not sheet.free(dot):
        return False
    for align, dx, dy in (("left", away_m, 0.0), ("right", -away_m, 0.0), ("center", 0.0, 2.2 * away_m), ("center", 0.0, -2.2 * away_m)):
        box = sheet.box(x_m + dx, y_m + dy, city.name, 7.5, align)
        if sheet.free(box):
            sheet.axes.plot(x_m, y_m, "o", ms=2.6, mfc=GREY, mec="white", mew=0.5, zorder=16)
            style: dict[str, Any] = {"size": 7.5, "color": "#4b4943", "va": "center_baseline", "zorder": 17, "path_effects": halo()}
            sheet.axes.text(x_m + dx, y_m + dy, city.name, ha=align, **style)
            sheet.taken.extend((dot, box))
            return True
    return False


def draw_seas(sheet: Sheet) -> None:
    """Write the names of seas where they lie in the frame and off the land."""
    from shapely import Point, box, union_all

    lands = countries_on(sheet)
    land = union_all([shape for _, shape in lands]) if lands else Point()
    written: set[str] = set()
    for sea in SEAS:
        x, y = sheet.line.to_xy(sea.lon, sea.lat)
        label = sheet.box(float(x), float(y), sea.name, 8)
        if sea.name not in written and sheet.free(label) and not box(*label).intersects(land):
            sheet.axes.text(float(x), float(y), sea.name, size=8, style="italic", color="#6d8ba3", ha="center", va="center", zorder=4)
            sheet.taken.append(label)
            written.add(sea.name)


def draw_names(sheet: Sheet) -> None:
    """Write the names of countries into the room that they have left."""
    from shapely import MultiPoint, box, buffer, get_parts, union_all

    lands = countries_on(sheet)
    blocked = union_all([buffer(sheet.corridor, 4 * sheet.point_m), *(box(*taken) for taken in sheet.taken)])
    for country, shape in lands:
        room = shape.difference(blocked)
        for part in sorted(get_parts(room), key=lambda part: -part.area)[:1]:
            left, bottom, right, top = part.bounds
            x, y = (v.ravel() for v in np.meshgrid(np.linspace(left, right, 40), np.linspace(bottom, top, 40)))
            inside = [point for point in get_parts(MultiPoint(np.column_stack([x, y]))) if part.contains(point)]
            text = " ".join(country.name.upper())
            fits = [point for point in inside if part.contains(box(*sheet.box(point.x, point.y, text, 9.5)))]
            if fits:
                best = max(fits, key=lambda point: part.boundary.distance(point))
                spaced(sheet, best.x, best.y, text)


def spaced(sheet: Sheet, x_m: float, y_m: float, text: str) -> None:
    """Write the name of a country in spaced capitals."""
    sheet.axes.text(x_m, y_m, text, size=9.5, color="#8d897c", ha="center", va="center", zorder=4)
    sheet.taken.append(sheet.box(x_m, y_m, text, 9.5))


def draw_bases(sheet: Sheet, bases: Mapping[str, tuple[float, float]], numbers: Mapping[str, int]) -> None:
    """Draw bases as triangles, each with the number of its aircraft."""
    for name, (x_m, y_m) in bases.items():
        sheet.axes.plot(x_m, y_m, "^", ms=6.5, mfc=INK, mec="white", mew=0.8, zorder=18)
        sheet.taken.append(sheet.box(x_m, y_m, "m", 9))
        if numbers.get(name):
            sheet.axes.text(
                x_m - 5.5 * sheet.point_m,
                y_m,
                str(numbers[name]),
                size=8,
                weight="bold",
                color=INK,
                ha="right",
                va="center",
                zorder=19,
                path_effects=halo(),
            )
            sheet.taken.append(sheet.box(x_m - 5.5 * sheet.point_m, y_m, str(numbers[name]), 8, "right"))


def draw_scale(sheet: Sheet) -> None:
    """Draw scale bar and north arrow in the corner that is farthest from the corridor; both are true at their place.

    A kilometre on the bar is a geodesic kilometre there, for maps vary; north is the meridian there.
    """
    from shapely import box

    room = Box(0.0, 0.0, 130.0 * sheet.point_m, 62.0 * sheet.point_m)
    left, bottom, right, top = sheet.frame
    inset = 16.0 * sheet.point_m
    corners = [(x, y) for y in (bottom + inset, top - inset - room.top_m) for x in (left + 2 * inset, right - inset - room.right_m)]
    boxes = [Box(x, y, x + room.right_m, y + room.top_m) for x, y in corners]
    clear = [found for found in boxes if sheet.free(found)] or boxes
    place = max(clear, key=lambda found: box(*found).distance(sheet.corridor))
    (lon_1, lon_2), (lat_1, lat_2) = sheet.line.to_lonlat(
        np.array([place.left_m, place.right_m]), np.array([place.bottom_m, place.bottom_m])
    )
    true_m = WGS84.inv(lon_1, lat_1, lon_2, lat_2)[2] / room.right_m
    length_m = max(n * 10**power for n, power in product((1, 2, 5), range(7)) if n * 10**power / true_m <= 0.75 * room.right_m)
    for part, colour in ((0, INK), (1, "white")):
        start_m = place.left_m + part * length_m / true_m / 2
        sheet.axes.fill_between(
            [start_m, start_m + length_m / true_m / 2], place.bottom_m + 4 * sheet.point_m, place.bottom_m + 8 * sheet.point_m,
            facecolor=colour, edgecolor=INK, linewidth=0.7, zorder=21,
        )  # fmt: skip
    for share in (0.0, 0.5, 1.0):
        unit = " km" if share == 1.0 else ""
        x_m = place.left_m + share * length_m / true_m
        sheet.axes.text(
            x_m,
            place.bottom_m + 15 * sheet.point_m,
            f"{share * length_m / 1000:g}{unit}",
            size=7.5,
            color=INK,
            ha="center",
            va="center",
            zorder=21,
            path_effects=halo(),
        )
    draw_north(sheet, place.left_m + 5 * sheet.point_m, place.bottom_m + 28 * sheet.point_m)
    sheet.taken.append(place)


def draw_north(sheet: Sheet, x_m: float, y_m: float) -> None:
    """Draw an arrow along the meridian of its place."""
    lon, lat = sheet.line.to_lonlat(x_m, y_m)
    ahead = np.array(sheet.line.to_xy(lon, lat + 0.1)) - np.array([x_m, y_m])
    tip = np.array([x_m, y_m]) + ahead / np.hypot(*ahead) * 20 * sheet.point_m
    arrow = {"arrowstyle": "-|>,head_width=0.28,head_length=0.6", "color": INK, "lw": 1.3, "shrinkA": 0, "shrinkB": 0}
    sheet.axes.annotate("", xy=tuple(tip), xytext=(x_m, y_m), arrowprops=arrow, zorder=21)
    name = tip + ahead / np.hypot(*ahead) * 7 * sheet.point_m
    sheet.axes.text(
        float(name[0]), float(name[1]), "N", size=8.5, weight="bold", color=INK, ha="center", va="center", zorder=21, path_effects=halo()
    )


def draw_locator(axes: "Axes", sheet: Sheet, home: str = "", across_m: float = 4_000_000.0) -> None:
    """Draw where in the world the map lies, on an equal-area map of this width."""
    from shapely import box

    left, bottom, right, top = sheet.frame
    lon_0, lat_0 = sheet.line.to_lonlat((left + right) / 2, (bottom + top) / 2)
    projection = f"+proj=laea +lat_0={float(lat_0):.4f} +lon_0={float(lon_0):.4f} +ellps=WGS84 +units=m"
    width_in, height_in = axes.get_position().size * axes.figure.get_figure(root=True).get_size_inches()
    half_m = np.array([across_m, across_m * height_in / width_in]) / 2
    t = np.linspace(-1.0, 1.0, 30)
    rim_x, rim_y = np.concatenate([t, t, np.full(30, -1.0), np.full(30, 1.0)]), np.concatenate([np.full(30, -1.0), np.full(30, 1.0), t, t])
    lon, lat = projector(projection)(rim_x * half_m[0], rim_y * half_m[1], inverse=True)
    for country, shape in shapes(np.asarray(lon), np.asarray(lat), projection, box(*-half_m, *half_m)):
        fill(axes, shape, HOME if country.code == home else "#e9e6da", 0.4)
    proj = projector(projection)
    axes.fill(*proj(*sheet.rim()), facecolor="none", edgecolor=INK, linewidth=1.0, zorder=5)
    axes.plot(*proj(*sheet.line.lonlat.T), color="#a8321f", lw=1.8, zorder=6)
    axes.set(xlim=(-half_m[0], half_m[0]), ylim=(-half_m[1], half_m[1]), xticks=[], yticks=[], facecolor=SEA)
    for spine in axes.spines.values():
        spine.set(edgecolor="#8f8b80", linewidth=0.8)


def home_of(sheet: Sheet, places: Iterable[tuple[float, float]]) -> str:
    """Return the code of the country in which most of some places lie; empty for none."""
    from shapely import Point

    shapes_on, spots = countries_on(sheet), [Point(*place) for place in places]
    counts = {country.code: sum(shape.contains(spot) for spot in spots) for country, shape in shapes_on}
    best = max(counts, key=lambda code: counts[code], default="")
    return best if counts.get(best) else ""


def described(projection: str) -> str:
    """Return what a projection is called.

    >>> described("+proj=omerc +lat_0=48 +lonc=36 +ellps=WGS84")
    'oblique Mercator'
    """
    kind = projection.split("+proj=")[-1].split()[0]
    return MAPS.get(kind, kind)
