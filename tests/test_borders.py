"""Borders and base maps, against lengths measured on Natural Earth and places that everybody knows."""

import numpy as np
import pyproj
import pytest
import shapely

from sim.borders import Country, basemap, border, cities, neighbours, pairs
from sim.errors import TrucelineError
from sim.line import border_line

GEOD = pyproj.Geod(ellps="WGS84")
EAST_OF_EUROPE = (22.0, 43.0, 42.0, 54.0)


def km(pair: str, part: int = 0) -> float:
    lonlat, _ = border(pair, part)
    return float(GEOD.line_length(lonlat[:, 0], lonlat[:, 1])) / 1000.0


def covers(countries: list[Country], code: str, lon: float, lat: float) -> bool:
    rings = next(c.rings for c in countries if c.code == code)
    outer = shapely.union_all([shapely.Polygon(ring) for ring in rings if shapely.LinearRing(ring).is_ccw])
    return bool(outer.contains(shapely.Point(lon, lat)))


@pytest.mark.parametrize(
    ("pair", "expected_km"),
    [
        ("KP-KR", 204),
        ("IN-PK", 2_659),
        ("RU-UA", 1_524),
        ("AM-AZ", 495),
        ("IL-SY", 89),
        ("IL-LB", 99),
        ("EG-IL", 204),
        ("GE-RU", 705),
        ("RS-Kosovo", 271),
        ("SD-SS", 1_893),
        ("ET-ER", 892),
        ("MA-EH", 1_332),
        ("TH-KH", 665),
        ("FI-RU", 1_226),
        ("PL-UA", 412),
        ("MD-UA", 899),
        ("BY-UA", 863),
    ],
)
def test_borders_have_the_lengths_of_natural_earth(pair: str, expected_km: float) -> None:
    assert km(pair) == pytest.approx(expected_km, rel=0.01)


def test_other_parts_are_kept() -> None:
    assert [km("AM-AZ", part) for part in (0, 1)] == pytest.approx([495, 208], rel=0.01)  # the main border, then Nakhchivan
    with pytest.raises(TrucelineError, match="has 5 parts; write a part from 0 to 4, not 5"):
        border("AM-AZ", 5)


def test_the_first_country_lies_on_side_a() -> None:
    pyongyang, seoul = (125.75, 39.03), (126.98, 37.57)
    for pair, a, b in (("KP-KR", pyongyang, seoul), ("KR-KP", seoul, pyongyang)):
        line = border_line(pair)
        assert line.locate(*line.to_xy(*a))[1] > 0
        assert line.locate(*line.to_xy(*b))[1] < 0


def test_the_other_order_runs_the_other_way() -> None:
    assert np.array_equal(border("RU-UA")[0], border("UA-RU")[0][::-1])


def test_every_shipped_border_is_long_enough_and_simple() -> None:
    every = pairs()
    assert len(every) == 333
    simple = [shapely.LineString(border(pair)[0]).is_simple for pair in every]
    assert all(simple)
    assert min(map(km, every)) >= 4.99


def test_the_border_of_russia_and_ukraine_is_the_land_border_alone() -> None:
    lonlat, caption = border("UA-RU")
    assert lonlat[:, 1].min() > 47.0  # Perekop and Syvash lie at 46 N
    assert "68/262" in caption
    assert "1,524 km as drawn by Natural Earth 4.1, 1:10m" in caption


def test_a_parallel_stays_a_parallel() -> None:
    lonlat, _ = border("US-CA")
    prairie = lonlat[(lonlat[:, 0] > -120.0) & (lonlat[:, 0] < -97.0)]
    assert prairie[:, 1] == pytest.approx(49.0, abs=0.02)
    assert np.abs(np.diff(prairie[:, 0])).max() < 0.2


@pytest.mark.parametrize(
    ("pair", "text"),
    [
        ("KP-KX", "no country is called 'KX' in 'KP-KX'; write ISO 3166 codes"),
        ("Ukraina-Russia", "did you mean 'Ukraine'"),
        ("KPKR", "write two ISO codes with a hyphen"),
        ("KP-JP", r"North Korea and Japan share no land border; neighbours of KP: CN \(China\), KR \(South Korea\), RU \(Russia\)"),
        ("UA-UA", "share no land border"),
        ("IS-UA", "neighbours of IS: none"),
    ],
)
def test_what_is_no_border_is_told_what_to_write(pair: str, text: str) -> None:
    with pytest.raises(TrucelineError, match=text):
        border(pair)


@pytest.mark.parametrize(("pair", "same"), [("north korea-South Korea", "KP-KR"), ("kp-kr", "KP-KR"), ("Guinea-Bissau-Senegal", "GW-SN")])
def test_names_are_understood_as_codes_are(pair: str, same: str) -> None:
    assert np.array_equal(border(pair)[0], border(same)[0])


def test_neighbours_are_both_ways() -> None:
    assert neighbours("UA") == ["BY", "HU", "MD", "PL", "RO", "RU", "SK"]
    assert "UA" in neighbours("SK")


def test_crimea_is_ukraine_on_both_maps() -> None:
    for countries in (basemap(), basemap(EAST_OF_EUROPE)):
        assert covers(countries, "UA", 34.1, 45.2)
        assert not covers(countries, "RU", 34.1, 45.2)
        assert covers(countries, "RU", 37.6, 55.7) or countries is not basemap()


def test_the_finest_map_that_covers_the_bounds_is_taken() -> None:
    def points(countries: list[Country]) -> int:
        return sum(len(ring) for c in countries if c.code == "UA" for ring in c.rings)

    assert points(basemap(EAST_OF_EUROPE)) > 3 * points(basemap())
    assert points(basemap((10.0, 43.0, 42.0, 54.0))) < 2 * points(basemap())


def test_only_countries_that_meet_the_bounds_are_returned() -> None:
    korea = {c.code for c in basemap((125.0, 37.0, 129.0, 39.5))}
    assert {"KP", "KR"} <= korea
    assert "UA" not in korea
    across = {c.code for c in basemap((178.0, -20.0, -178.0, -15.0))}
    assert "FJ" in across
    assert "DE" not in across


def test_towns_lie_in_their_countries() -> None:
    world = basemap()
    towns = {city.name: city for city in cities()}
    assert len(towns) >= 45
    for name, code in {"Kyiv": "UA", "Donetsk": "UA", "Simferopol": "UA", "Belgorod": "RU", "Seoul": "KR", "Pyongyang": "KP"}.items():
        assert covers(world, code, towns[name].lon, towns[name].lat)
