"""The line: chainage, offset, sides, tracks and zones, against geodesics and figures that can be checked by hand."""

import json
import pickle
from itertools import pairwise

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.borders import cities
from sim.errors import TrucelineError
from sim.kinds import Floats
from sim.line import SIDE_A, SIDE_B, Line, border_line, bundled, line_from_geojson

GEOD = pyproj.Geod(ellps="WGS84")
CONTACT = bundled("line_of_contact_2025")
BORDER = bundled("ru_ua_border")


def line(*lonlat: tuple[float, float]) -> Line:
    return Line.from_lonlat(np.array(lonlat, dtype=float), "test")


def geojson(kind: str, coordinates: object, **properties: object) -> str:
    return json.dumps({"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}})


EASTWARD = line((30.0, 50.0), (31.0, 50.0))


def side(where: Line, town: str) -> float:
    city = next(c for c in cities() if c.name == town)
    _, offset_m = where.locate(*where.to_xy(city.lon, city.lat))
    return float(np.sign(offset_m))


def test_the_shipped_lines_have_their_published_lengths() -> None:
    assert pytest.approx(1_218_900, abs=50) == CONTACT.length_m
    assert pytest.approx(1_524_100, abs=50) == BORDER.length_m
    assert BORDER.length_factor == pytest.approx(1974.04 / 1524.1, rel=1e-6)
    assert CONTACT.length_factor == 1.0


@pytest.mark.parametrize("where", [CONTACT, BORDER])
def test_a_length_is_the_sum_of_its_geodesics(where: Line) -> None:
    assert where.length_m == pytest.approx(GEOD.line_length(where.lonlat[:, 0], where.lonlat[:, 1]), rel=1e-9)


@pytest.mark.parametrize("where", [CONTACT, BORDER, border_line("CA-US"), line((179.5, 50.0), (-179.5, 50.0))])
def test_each_vertex_is_located_at_its_own_chainage(where: Line) -> None:
    chainage_m, offset_m = where.locate(*where.to_xy(where.lonlat[:, 0], where.lonlat[:, 1]))
    assert chainage_m == pytest.approx(where.chainage_m, rel=1e-6, abs=1e-3)
    assert offset_m == pytest.approx(np.zeros(len(offset_m)), abs=1e-3)


def test_the_map_of_the_line_of_contact_is_true_to_half_a_per_mille() -> None:
    assert CONTACT.worst_scale_error < 0.0005
    assert "omerc" in CONTACT.projection
    x, y = CONTACT.to_xy(np.array([37.0, 37.0]), np.array([49.0, 49.1]))
    true_m = GEOD.inv(37.0, 49.0, 37.0, 49.1)[2]
    assert np.hypot(x[1] - x[0], y[1] - y[0]) == pytest.approx(true_m, rel=CONTACT.worst_scale_error)


@pytest.mark.parametrize("pair", ["KP-KR", "IN-PK", "FI-RU", "AR-CL", "CA-US", "KZ-RU"])
def test_any_border_finds_a_map_within_three_per_mille(pair: str) -> None:
    assert border_line(pair).worst_scale_error < 0.003


def test_a_long_straight_line_keeps_to_its_geodesic() -> None:
    where = line((0.0, 60.0), (20.0, 60.0))
    middle = GEOD.npts(0.0, 60.0, 20.0, 60.0, 1)[0]
    _, offset_m = where.locate(*where.to_xy(*middle))
    assert abs(float(offset_m)) < 3.0


def test_a_line_may_cross_the_antimeridian() -> None:
    # At 50 N one degree of longitude is 71.7 km, not 359 degrees.
    where = line((179.5, 50.0), (-179.5, 50.0))
    assert where.length_m == pytest.approx(71_700, abs=50)
    lon, lat = where.to_lonlat(*where.at(where.length_m / 2))
    assert abs(float(lon)) == pytest.approx(180.0, abs=1e-6)
    assert float(lat) == pytest.approx(50.0, abs=0.01)
    here = line((9.5, 50.0), (10.5, 50.0))
    assert where.zone(SIDE_A, 0.0, 10_000.0).area == pytest.approx(here.zone(SIDE_A, 0.0, 10_000.0).area, rel=1e-6)


def test_a_line_may_pass_near_or_over_a_pole() -> None:
    near = line((0.0, 89.9), (90.0, 89.9), (180.0, 89.9))
    assert near.length_m == pytest.approx(2 * np.sqrt(2) * 0.1 * 111_694, rel=1e-3)  # one degree of latitude there: 111.694 km
    assert near.worst_scale_error < 0.001
    over = line((0.0, 89.0), (180.0, 89.0))
    assert over.length_m == pytest.approx(2 * 111_694, rel=1e-4)


@given(st.floats(0.01, 0.99), st.floats(-70_000.0, 70_000.0))
@settings(max_examples=50, deadline=None)
def test_on_a_straight_line_locate_undoes_at(share: float, offset_m: float) -> None:
    chainage_m, found_m = EASTWARD.locate(*EASTWARD.at(share * EASTWARD.length_m, offset_m))
    assert float(chainage_m) == pytest.approx(share * EASTWARD.length_m, abs=1.0 + 1e-4 * abs(offset_m))
    assert float(found_m) == pytest.approx(offset_m, abs=0.01 + 1e-4 * abs(offset_m))


def test_north_lies_left_of_a_line_that_runs_east() -> None:
    _, offset_m = EASTWARD.locate(*EASTWARD.to_xy(np.array([30.5, 30.5]), np.array([50.1, 49.9])))
    assert np.sign(offset_m).tolist() == [SIDE_A, SIDE_B]
    assert offset_m == pytest.approx([11_100, -11_150], abs=100)


def test_headings_are_degrees_from_true_north() -> None:
    assert EASTWARD.heading(np.array([0.0, EASTWARD.length_m])) == pytest.approx([89.617, 90.383], abs=1e-3)  # half of 1 degree x sin 50
    assert float(line((10.0, 5.0), (10.0, -5.0)).heading(500_000.0)) == pytest.approx(180.0)


def test_at_a_sharp_corner_the_outer_side_stays_one_side() -> None:
    # A hairpin that opens to the west: everything east of its tip is outside, right of a line that comes in above and turns back below.
    hairpin = line((30.0, 50.02), (31.0, 50.0), (30.0, 49.98))
    _, offset_m = hairpin.locate(*hairpin.to_xy(np.full(5, 31.1), np.linspace(49.95, 50.05, 5)))
    assert (offset_m > 0).all()
    _, inside_m = hairpin.locate(*hairpin.to_xy(30.2, 50.0))
    assert inside_m < 0


@pytest.mark.parametrize("town", ["Kyiv", "Kharkiv", "Dnipro", "Zaporizhzhia", "Kherson", "Mykolaiv", "Sumy", "Kramatorsk", "Sloviansk"])
def test_side_a_of_the_line_of_contact_is_held_by_ukraine(town: str) -> None:
    assert side(CONTACT, town) == SIDE_A


@pytest.mark.parametrize("town", ["Donetsk", "Luhansk", "Mariupol", "Melitopol", "Bakhmut", "Belgorod", "Simferopol", "Kursk"])
def test_side_b_of_the_line_of_contact_is_held_by_russia(town: str) -> None:
    assert side(CONTACT, town) == SIDE_B


@pytest.mark.parametrize(("town", "expected"), [("Belgorod", SIDE_A), ("Kursk", SIDE_A), ("Donetsk", SIDE_B), ("Kharkiv", SIDE_B)])
def test_russia_is_side_a_of_its_shipped_border(town: str, expected: int) -> None:
    assert side(BORDER, town) == expected


@pytest.mark.parametrize("reach_m", [200.0, 15_000.0, 75_000.0])
def test_settled_places_keep_their_side_and_are_no_deeper_than_asked(reach_m: float) -> None:
    rng = np.random.default_rng(1)
    chainage_m, offset_m = rng.uniform(0.0, CONTACT.length_m, 5_000), rng.uniform(-reach_m, reach_m, 5_000)
    x, y, s, d = CONTACT.settle(chainage_m, offset_m)
    again_s, again_d = CONTACT.locate(x, y)
    assert (d * offset_m > 0.0).all()
    assert (np.abs(d) <= np.abs(offset_m) * 1.000001).all()
    assert again_s == pytest.approx(s)
    assert again_d == pytest.approx(d)
    assert np.median(np.abs(d) / np.abs(offset_m)) > 0.9


def test_settled_places_on_the_line_stay_there() -> None:
    _, _, s, d = CONTACT.settle(np.array([0.0, 5e5]), 0.0)
    assert s.tolist() == [0.0, 5e5]
    assert d.tolist() == [0.0, 0.0]
    assert all(column.size == 0 for column in CONTACT.settle(np.zeros(0), np.zeros(0)))


def test_a_cut_is_as_long_as_asked() -> None:
    stretch = shapely.LineString(CONTACT.cut(100_000.0, 400_000.0))
    assert stretch.length == pytest.approx(300_000.0, rel=CONTACT.worst_scale_error)
    with pytest.raises(TrucelineError, match=r"km 1300 to km 1400 is no stretch of the line, which runs from km 0 to km 1218\.9"):
        CONTACT.cut(1_300_000.0, 1_400_000.0)


@pytest.mark.parametrize("stand_off_m", [10_000.0, -10_000.0, 30_000.0, 0.0])
def test_a_track_keeps_its_stand_off_its_side_and_its_direction(stand_off_m: float) -> None:
    corners = CONTACT.track(300_000.0, 600_000.0, stand_off_m)
    track = shapely.LineString(corners)
    assert track.is_simple
    chainage_m, offset_m = CONTACT.locate(corners[:, 0], corners[:, 1])
    assert chainage_m[0] < chainage_m[-1]
    if stand_off_m:
        assert (np.sign(offset_m) == np.sign(stand_off_m)).all()
    assert np.abs(offset_m).min() > abs(stand_off_m) - 3_001.0


def test_the_tracks_of_neighbours_meet_and_never_cross_the_line() -> None:
    ends = np.linspace(0.0, CONTACT.length_m, 13)
    tracks = [CONTACT.track(a, b, 10_000.0) for a, b in pairwise(ends)]
    for before, after in pairwise(tracks):
        assert np.hypot(*(before[-1] - after[0])) < 1.0
    assert not any(shapely.LineString(track).intersects(CONTACT.curve) for track in tracks)
    assert min(shapely.LineString(track).length for track in tracks) > 40_000.0


def test_a_zone_beside_a_straight_line_is_a_rectangle() -> None:
    area_m2 = EASTWARD.zone(SIDE_A, 2_000.0, 15_000.0).area
    assert area_m2 == pytest.approx(EASTWARD.length_m * 13_000.0, rel=2e-3)


def test_the_buffer_of_the_line_of_contact_has_the_area_of_its_length_less_its_bends() -> None:
    # 15 km on 1,219 km: 18,300 km2 a side if the line were straight.
    a, b = (CONTACT.zone(s, 0.0, 15_000.0) for s in (SIDE_A, SIDE_B))
    assert 0.9 * 18_300e6 < a.area < 18_300e6
    assert 0.9 * 18_300e6 < b.area < 18_300e6
    assert a.intersection(b).area == pytest.approx(0.0, abs=1.0)
    assert a.contains(shapely.Point(*map(float, CONTACT.to_xy(36.2, 50.28))))  # between Kharkiv and the border


def test_the_zones_around_an_enclave_lie_inside_and_outside() -> None:
    lesotho = border_line("LS-ZA")
    inside, outside = lesotho.zone(SIDE_A, 0.0, 10_000.0), lesotho.zone(SIDE_B, 0.0, 10_000.0)
    assert lesotho.closed
    assert inside.area < outside.area
    maseru = shapely.Point(*map(float, lesotho.to_xy(27.52, -29.33)))  # 5 km inside
    assert inside.contains(maseru)


def test_a_zone_needs_a_side_and_depths_in_order() -> None:
    with pytest.raises(TrucelineError, match="0 <= from < to"):
        CONTACT.zone(SIDE_A, 5_000.0, 2_000.0)
    with pytest.raises(TrucelineError, match="side 1 or -1"):
        CONTACT.zone(0, 0.0, 2_000.0)


def test_cells_tile_the_line_in_equal_steps() -> None:
    cells = CONTACT.cells(5_000.0, np.array([-7_500.0, -2_500.0, 2_500.0, 7_500.0]))
    assert (cells.along, cells.across) == (244, 4)
    assert cells.chainage_m.shape == cells.x_m.shape == (976,)
    assert np.diff(cells.chainage_m[::4]) == pytest.approx(CONTACT.length_m / 244)
    _, offset_m = CONTACT.locate(cells.x_m, cells.y_m)
    assert (np.sign(offset_m) == np.sign(cells.offset_m)).all()


@pytest.mark.parametrize(
    ("lonlat", "text"),
    [
        ([[36.0, 48.0]], "at least two points"),
        ([[36.0, 48.0], [36.0, 48.0]], "one point, repeated"),
        ([[180.0, 48.0], [-180.0, 48.0]], "one point, repeated"),
        ([[36.0, np.nan], [37.0, 48.0]], "point 1 is not finite"),
        ([[38.0, 126.7], [38.6, 128.4]], "swapped"),
        ([[190.0, 48.0], [191.0, 48.0]], "longitude -180 to 180"),
    ],
)
def test_what_is_no_line_on_earth_is_refused(lonlat: list[list[float]], text: str) -> None:
    with pytest.raises(TrucelineError, match=text):
        Line.from_lonlat(np.array(lonlat))


def test_repeated_neighbours_are_one_point() -> None:
    assert len(line((30.0, 50.0), (30.0, 50.0), (30.1, 50.0), (30.1, 50.0)).lonlat) == 2


def test_a_bow_tie_is_refused_with_its_place() -> None:
    # Both diagonals of a square of 0.2 degrees meet in its middle: 13.3 km along the first, 26.6 + 22.2 + 13.3 km along all.
    with pytest.raises(
        TrucelineError, match=r"crosses or touches itself at longitude 30\.1000, latitude 50\.100\d: km 13\.3 meets km 62\.0"
    ):
        line((30.0, 50.0), (30.2, 50.2), (30.2, 50.0), (30.0, 50.2))


def test_a_spike_is_refused() -> None:
    with pytest.raises(TrucelineError, match="touches itself"):
        line((30.0, 50.0), (30.2, 50.1), (30.0, 50.0))


def test_a_line_of_fifty_thousand_vertices_is_built_and_located() -> None:
    lon = np.linspace(20.0, 40.0, 50_000)
    long = Line.from_lonlat(np.column_stack([lon, 48.0 + 0.3 * np.sin(15.0 * lon)]))
    chainage_m = np.linspace(0.0, long.length_m, 1_000)
    found_m, _ = long.locate(*long.at(chainage_m))
    assert found_m == pytest.approx(chainage_m, abs=0.01)


def test_lines_do_not_change_and_can_be_sent_to_workers() -> None:
    with pytest.raises(ValueError, match="read-only"):
        CONTACT.xy_m[0, 0] = 0.0
    sent: Line = pickle.loads(pickle.dumps(CONTACT))  # noqa: S301
    assert sent.locate(0.0, 0.0) == CONTACT.locate(0.0, 0.0)


def test_geojson_gives_the_line_its_name_and_its_official_length() -> None:
    found = line_from_geojson(geojson("LineString", [[30.0, 50.0], [31.0, 50.0, 120.0]], name="north", official_length_km=80), "n.geojson")
    assert found.name == "north"
    assert found.length_factor == pytest.approx(80.0 / 71.7, rel=1e-3)


def test_parts_that_join_are_one_line_in_the_direction_of_the_first() -> None:
    parts: list[Floats] = [np.array([[179.0, 50.0], [180.0, 50.0]]), np.array([[-180.0, 50.0], [-179.0, 50.0]])]
    found = line_from_geojson(geojson("MultiLineString", [p.tolist() for p in parts]), "two.geojson")
    assert found.lonlat[0].tolist() == [179.0, 50.0]
    assert found.lonlat[-1].tolist() == [-179.0, 50.0]
    back = line_from_geojson(geojson("MultiLineString", [p[::-1].tolist() for p in parts]), "two.geojson")
    assert back.lonlat[-1].tolist() == [179.0, 50.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"type": "LineString",', r"x\.geojson:1:\d+: this is not JSON"),
        ("[]", "no line but nothing"),
        (geojson("Polygon", []), "no line but Polygon; write one LineString"),
        (geojson("LineString", 3), "not lists of"),
        (geojson("LineString", [["a", "b"], [1, 2]]), "not lists of"),
        (geojson("LineString", []), "at least two points"),
        (geojson("MultiLineString", None), "not lists of"),
        (geojson("MultiLineString", [[[1, 2], [2, 2]], [[5, 5], [6, 6]]]), "2 parts that do not join"),
        (geojson("LineString", [[1, 2], [2, 2]], official_length_km="far"), "must be a number of kilometres"),
        (geojson("LineString", [[1, 2], [2, 2]], official_length_km=-4), "must be a positive length"),
        (json.dumps({"type": "LineString", "coordinates": [[1, 2], [2, 2]], "crs": {"properties": {"name": "EPSG:3857"}}}), "EPSG:3857"),
    ],
)
def test_a_wrong_file_is_told_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(TrucelineError, match=message) as fault:
        line_from_geojson(text, "x.geojson")
    assert str(fault.value).startswith("x.geojson")


def test_an_unknown_bundled_line_is_told_the_known_ones() -> None:
    with pytest.raises(TrucelineError, match="did you mean 'ru_ua_border'"):
        bundled("ru_ua_boarder")
