"""What lies below a map: land, sea and borders, their names, the graticule, and where in the world it is."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.borders import City, Country, basemap
from sim.kinds import Floats
from sim.maps.sheet import BORDER, HOME, INK, LAND, SEA, Sheet, halo
from sim.projection import projector

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from shapely.geometry.base import BaseGeometry

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
