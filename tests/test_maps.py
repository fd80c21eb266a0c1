from itertools import combinations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from shapely import Point, box

from sim.line import Line, bundled
from sim.maps import (
    Sheet,
    countries_on,
    draw_base,
    draw_bases,
    draw_leader,
    draw_line,
    draw_locator,
    draw_names,
    draw_posts,
    draw_scale,
    draw_seas,
    draw_towns,
    home_of,
)
from sim.projection import WGS84

REACH_M = 30_000.0


def sheet_of(line: Line) -> Sheet:
    figure = Figure(figsize=(8.0, 5.0))
    FigureCanvasAgg(figure)
    return Sheet.on(figure.add_axes((0.05, 0.05, 0.9, 0.9)), line, REACH_M)


@pytest.fixture
def sheet() -> Sheet:
    return sheet_of(bundled("line_of_contact_2025"))


def labels(sheet: Sheet) -> list[str]:
    return [text.get_text() for text in sheet.axes.texts]


def test_the_corridor_fits_the_frame_at_equal_scale(sheet: Sheet) -> None:
    left, bottom, right, top = sheet.frame
    assert box(left, bottom, right, top).contains(sheet.corridor)
    assert (right - left) / (top - bottom) == pytest.approx(7.2 / 4.5)


def test_kilometre_posts_stand_outside_of_the_corridor_and_apart(sheet: Sheet) -> None:
    draw_posts(sheet, 100_000.0)
    assert labels(sheet) == [str(100 * number) for number in range(13)]
    taken = [one for one in sheet.taken if one.right_m > one.left_m]  # the others are beads of the hairlines
    assert not any(box(*one).intersects(sheet.corridor) for one in taken)
    assert not any(one.meets(other) for one, other in combinations(taken, 2))


def test_a_full_sheet_has_no_label_on_another(sheet: Sheet) -> None:
    draw_base(sheet, "UA")
    draw_posts(sheet, 100_000.0)
    posts = len(sheet.taken)
    draw_scale(sheet)
    draw_seas(sheet)
    draw_towns(sheet)
    draw_names(sheet)
    assert {"Poltava", "U K R A I N E", "R U S S I A", "N"} <= set(labels(sheet))
    fresh = sheet.taken[posts:]
    edges = [pair for pair in combinations(fresh, 2) if pair[0].meets(pair[1], -sheet.point_m)]
    assert all(one.right_m - one.left_m < 5 * sheet.point_m for one, _ in edges)  # a town's dot touches its own name only


def test_a_leader_ends_at_the_edge_of_its_label_and_keeps_others_off(sheet: Sheet) -> None:
    label = sheet.box(0.0, 90_000.0, "far", 9)
    draw_leader(sheet, np.array([0.0, 0.0]), (0.0, 90_000.0), label)
    assert np.asarray(sheet.axes.lines[-1].get_ydata())[-1] == pytest.approx(label.bottom_m)
    assert not sheet.free(sheet.box(0.0, 60_000.0, "on the way", 9))


def test_the_scale_bar_is_true_where_it_stands(sheet: Sheet) -> None:
    draw_scale(sheet)
    ends = np.vstack([path.vertices for part in sheet.axes.collections for path in part.get_paths()])
    (left, bottom), (right, _) = ends.min(axis=0), ends.max(axis=0)
    lon, lat = sheet.line.to_lonlat(np.array([left, right]), np.array([bottom, bottom]))
    stated_km = next(float(text.removesuffix(" km")) for text in labels(sheet) if text.endswith(" km"))
    assert WGS84.inv(lon[0], lat[0], lon[1], lat[1])[2] / 1000 == pytest.approx(stated_km, rel=0.002)


def test_the_base_map_holds_the_countries_of_the_frame_and_crimea_is_in_ukraine(sheet: Sheet) -> None:
    shapes = {country.code: shape for country, shape in countries_on(sheet)}
    assert {"UA", "RU"} <= set(shapes)
    poltava = sheet.line.to_xy(34.55, 49.59)
    assert shapes["UA"].contains(Point(*map(float, poltava)))
    assert box(*sheet.frame).buffer(1.0).contains(shapes["RU"])
    south = sheet_of(Line.from_lonlat(np.array([[33.0, 45.2], [36.0, 45.2]])))
    simferopol = Point(*map(float, south.line.to_xy(34.1, 44.95)))
    assert [country.code for country, shape in countries_on(south) if shape.contains(simferopol)] == ["UA"]


def test_home_is_where_most_bases_are(sheet: Sheet) -> None:
    poltava, dnipro, rostov = (tuple(map(float, sheet.line.to_xy(*place))) for place in ((34.55, 49.59), (35.05, 48.46), (39.7, 47.24)))
    assert home_of(sheet, [(x, y) for x, y in (poltava, dnipro, rostov)]) == "UA"
    assert home_of(sheet, []) == ""


def test_bases_carry_the_numbers_of_their_aircraft(sheet: Sheet) -> None:
    draw_bases(sheet, {"poltava": (0.0, 0.0), "empty": (5e4, 5e4)}, {"poltava": 4})
    assert labels(sheet) == ["4"]


def test_a_base_off_the_map_is_not_drawn(sheet: Sheet) -> None:
    left, bottom, right, top = sheet.frame
    above = ((left + right) / 2, top + 20_000.0)
    draw_bases(sheet, {"far": above, "at the edge": (right, bottom)}, {"far": 3, "at the edge": 2})
    assert not sheet.axes.lines
    assert not labels(sheet)
    assert not sheet.taken


@pytest.mark.parametrize("lonlat", [[[178.0, 66.0], [-178.0, 66.5]], [[126.6, 37.9], [128.3, 38.6]], [[-60.0, -3.0], [-59.0, -3.5]]])
def test_a_map_can_be_drawn_anywhere(lonlat: list[list[float]]) -> None:
    sheet = sheet_of(Line.from_lonlat(np.array(lonlat)))
    draw_base(sheet)
    draw_line(sheet)
    draw_posts(sheet, 20_000.0)
    draw_scale(sheet)
    draw_towns(sheet)
    draw_names(sheet)
    draw_locator(sheet.axes.figure.get_figure(root=True).add_axes((0.8, 0.1, 0.15, 0.2)), sheet)
    assert len(labels(sheet)) > 6
