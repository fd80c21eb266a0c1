"""What stands on a map: the line and its kilometre posts, towns, bases, scale bar and north arrow."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.borders import City, cities
from sim.kinds import Floats
from sim.maps.sheet import GREY, INK, Box, Sheet, halo
from sim.projection import WGS84

if TYPE_CHECKING:
    pass


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


def draw_bases(sheet: Sheet, bases: Mapping[str, tuple[float, float]], numbers: Mapping[str, int]) -> None:
    """Draw bases as triangles, each with the number of its aircraft; those that lie off the map are left out."""
    for name, (x_m, y_m) in bases.items():
        if not sheet.shows(x_m, y_m):
            continue
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
                clip_on=True,
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
