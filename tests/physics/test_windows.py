"""Windows against SGP4 at every second, counts by an independent finder, and published rates."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from sgp4.api import WGS72, Satrec

from sim.kinds import Bools, Floats, Ints
from sim.physics.orbit import circular, compiled, earth_fixed, from_tle, ground_m, sun_synchronous, vertical, walker
from sim.physics.sun import crossings, elevation_deg
from sim.physics.windows import Windows, passes, radar_passes

START = datetime(2026, 2, 1, tzinfo=UTC).timestamp()
DAY = 86400.0


def drawn_line(number: int) -> tuple[Floats, Floats]:
    """Places at even distances along a line of 769 km between 46.5 and 50.3 N."""
    lon, lat = np.array([36.3, 38.0, 37.5, 32.0]), np.array([50.3, 49.0, 47.8, 46.5])
    east = np.diff(lon) * np.cos(np.radians((lat[1:] + lat[:-1]) / 2.0))
    along = np.concatenate([[0.0], np.cumsum(np.hypot(east, np.diff(lat)))])
    where = np.linspace(0.0, along[-1], number)
    return np.interp(where, along, lon).round(6), np.interp(where, along, lat).round(6)


def oracle_angles(record: Any, utc_s: Floats, lon: float, lat: float) -> tuple[Floats, Floats]:
    """Angle off the geodetic nadir and height above the horizon, the vertical at the satellite by PROJ."""
    at = earth_fixed([record], utc_s)[0][0]
    below_lon, below_lat, _ = Transformer.from_crs("EPSG:4978", "EPSG:4979", always_xy=True).transform(*at.T)
    sight = at - ground_m(lon, lat)
    sight /= np.linalg.norm(sight, axis=1)[:, None]
    nadir = np.degrees(np.arccos(np.clip((sight * vertical(below_lon, below_lat)).sum(axis=1), -1.0, 1.0)))
    return nadir, np.degrees(np.arcsin(sight @ vertical(lon, lat)))


def oracle(record: Any, lon: float, lat: float, days: float, off_nadir: float, elevation: float) -> tuple[Floats, Floats]:
    """Begin and end of each window, from SGP4 at every second and bisection."""

    def holds(utc_s: Floats) -> Bools:
        nadir, height = oracle_angles(record, utc_s, lon, lat)
        return (nadir <= off_nadir) & (height >= elevation)

    seconds = np.arange(0.0, days * DAY + 1.0)
    inside = holds(START + seconds)
    changed = np.flatnonzero(inside[1:] != inside[:-1])
    low, high, opens = seconds[changed], seconds[changed + 1], inside[changed + 1]
    for _ in range(14):
        middle = 0.5 * (low + high)
        before = holds(START + middle) != opens
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    edges = 0.5 * (low + high)
    return np.concatenate([[0.0] if inside[0] else [], edges[opens]]), np.concatenate([edges[~opens], [days * DAY] if inside[-1] else []])


@pytest.mark.parametrize(
    ("altitude_m", "inclination_deg", "off_nadir", "elevation"),
    [
        (550e3, 53.0, 45.0, 0.0),  # grazes the line from the north
        (450e3, 42.0, 50.0, 0.0),  # just reaches it from the south
        (786e3, 98.57, 10.4, 0.0),  # a swath
        (520e3, 97.5, 90.0, 10.0),  # a radio receiver
        (520e3, 51.0, 90.0, 0.0),  # down to the horizon
        (620e3, 97.9, 30.0, 56.6),  # both limits bind
        (1400e3, 66.0, 2.0, 0.0),  # hardly ever
    ],
)
def test_no_window_of_a_second_is_lost_none_is_extra_and_edges_are_right(
    altitude_m: float, inclination_deg: float, off_nadir: float, elevation: float
) -> None:
    record = circular(altitude_m, inclination_deg, 200.0, 40.0, START)
    lon, lat = np.array([36.0, 38.0, 32.0, -150.0]), np.array([50.3, 48.1, 46.5, 2.0])
    found = passes([record], lon, lat, START, START + 3 * DAY, max_off_nadir_deg=off_nadir, min_elevation_deg=elevation)
    for point in range(lon.size):
        start, end = oracle(record, lon[point], lat[point], 3.0, off_nadir, elevation)
        ours = found.where((found.point == point) & (found.end_s - found.start_s > 1.5))
        assert (np.diff(ours.start_s) > 0.0).all()
        theirs = end - start > 1.5
        assert len(ours) == theirs.sum()
        assert np.abs(ours.start_s - start[theirs]).max(initial=0.0) < 0.01
        assert np.abs(ours.end_s - end[theirs]).max(initial=0.0) < 0.01
        short = found.where((found.point == point) & (found.end_s - found.start_s <= 1.5))
        assert len(short) >= (~theirs).sum()  # the second hand of the oracle may miss some of those


def test_windows_of_a_second_are_found() -> None:
    record = circular(550e3, 53.0, 200.0, 40.0, START)
    lat = np.linspace(58.3, 58.8, 2000)  # where the northernmost looks end
    found = passes([record], np.full(2000, 36.0), lat, START, START + 2 * DAY, max_off_nadir_deg=45.0)
    short = found.where(found.end_s - found.start_s < 3.0)
    assert len(short) >= 3
    for row in range(len(short)):
        times = (
            START
            + short.closest_s[row]
            + np.array([0.0, short.start_s[row] - short.closest_s[row], short.end_s[row] - short.closest_s[row]])
        )
        nadir, _ = oracle_angles(record, times, 36.0, lat[short.point[row]])
        assert nadir[0] < 45.0
        assert nadir[1:] == pytest.approx([45.0, 45.0], abs=2e-4)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    altitude_m=st.floats(350e3, 1500e3),
    inclination=st.floats(30.0, 150.0),
    node=st.floats(0.0, 360.0),
    eccentricity=st.sampled_from([0.0, 0.001, 0.02]),
    off_nadir=st.floats(1.0, 55.0),
)
def test_any_near_earth_orbit_agrees_with_every_fifth_second(
    altitude_m: float, inclination: float, node: float, eccentricity: float, off_nadir: float
) -> None:
    base = circular(altitude_m + 7e6 * eccentricity, inclination, node, 0.0, START)
    record = Satrec()
    epoch = START / DAY + 7306.0
    record.sgp4init(WGS72, "i", 1, epoch, 0.0, 0.0, 0.0, eccentricity, 1.0, base.inclo, 0.5, base.no_kozai, base.nodeo)
    found = passes([record], np.array([36.0]), np.array([48.0]), START, START + 2 * DAY, max_off_nadir_deg=off_nadir)
    times = np.arange(0.0, 2 * DAY, 5.0)
    nadir, height = oracle_angles(record, START + times, 36.0, 48.0)
    inside = (times[:, None] >= found.start_s) & (times[:, None] <= found.end_s)
    clear = (np.abs(nadir - off_nadir) > 0.001) & (np.abs(height) > 0.001)
    assert (inside.any(axis=1) == ((nadir <= off_nadir) & (height >= 0.0)))[clear].all()


def test_a_month_of_one_satellite_has_the_1940_windows_of_an_independent_finder() -> None:
    lines = (
        "1 90001U 26001A   26032.00000000  .00000000  00000-0  00000+0 0    15\n"
        "2 90001  98.6000 108.7159 0001000  90.0000 270.0000 14.30858273    17"
    )
    lon, lat = drawn_line(100)
    assert len(passes(list(from_tle(lines).values()), lon, lat, START, START + 30 * DAY, max_off_nadir_deg=20.6)) == 1940


def test_a_week_of_24_satellites_has_the_39152_windows_of_an_independent_finder() -> None:
    planes = [(97.4260, 273.7159, 15.20929138), (97.8123, 108.7159, 14.88386488), (97.6173, 333.7159, 15.04511191)]
    elements = [(*plane, 17.0 * at + 90.0 * step) for at, plane in enumerate(planes) for step in range(4)]
    elements += [(53.0, 10.0 + 90.0 * plane, 15.05580994, 30.0 * plane + 120.0 * step) for plane in range(4) for step in range(3)]
    records = []
    for inclination, node, revolutions, anomaly in elements:
        record = Satrec()
        angles = np.radians([0.0, inclination, anomaly]).tolist()
        record.sgp4init(
            WGS72, "i", 1, START / DAY + 7306.0, 5e-5, 0.0, 0.0, 1e-4, *angles, revolutions * 2.0 * np.pi / 1440.0, np.radians(node)
        )  # fmt: skip
        records.append(record)
    lon, lat = drawn_line(100)
    found = passes(records, lon, lat, START, START + 7 * DAY, max_off_nadir_deg=45.0)
    assert len(found) == 39152
    order = np.lexsort((found.start_s, found.point, found.satellite))
    assert (order == np.arange(len(found))).all()
    same = (np.diff(found.satellite) == 0) & (np.diff(found.point) == 0)
    assert (found.start_s[1:] > found.end_s[:-1])[same].all()


def test_what_is_seen_at_the_best_instant_is_right() -> None:
    record = circular(620e3, 97.9, 120.0, 10.0, START)
    found = passes([record], np.array([37.0]), np.array([48.0]), START, START + 5 * DAY, max_off_nadir_deg=50.0)
    at, velocity = (state[0] for state in earth_fixed([record], START + found.closest_s))
    nadir, height = oracle_angles(record, START + found.closest_s, 37.0, 48.0)
    assert found.off_nadir_deg == pytest.approx(nadir, abs=5e-5)
    assert found.elevation_deg == pytest.approx(height, abs=5e-5)
    sight = ground_m(37.0, 48.0) - at
    assert found.slant_m == pytest.approx(np.linalg.norm(sight, axis=1), abs=1.0)
    assert found.side == pytest.approx(np.sign((sight * np.cross(at, velocity)).sum(axis=1)))
    assert found.sun_deg == pytest.approx(elevation_deg(START + found.closest_s, 37.0, 48.0))
    for nudge in (-0.5, 0.5):
        assert (oracle_angles(record, START + found.closest_s + nudge, 37.0, 48.0)[0] > nadir - 1e-6).all()


def test_a_place_east_of_a_northbound_track_lies_right_of_it() -> None:
    record = circular(600e3, 90.0, 0.0, 0.0, START)
    above = earth_fixed([record], np.array([START + 300.0]))[0][0, 0]
    lon, lat = np.degrees(np.arctan2(above[1], above[0])), np.degrees(np.arcsin(above[2] / np.linalg.norm(above)))
    found = passes([record], np.array([lon + 2.0, lon - 2.0]), np.array([lat, lat]), START, START + 900.0, max_off_nadir_deg=45.0)
    assert found.side.tolist() == [-1, 1]


def test_windows_are_cut_at_the_ends_of_the_search() -> None:
    record = circular(620e3, 97.9, 120.0, 10.0, START)
    lon, lat = np.array([37.0]), np.array([48.0])
    whole = passes([record], lon, lat, START, START + DAY, max_off_nadir_deg=60.0)
    middle = START + 0.5 * (whole.start_s[0] + whole.end_s[0])
    first = passes([record], lon, lat, START, middle, max_off_nadir_deg=60.0)
    second = passes([record], lon, lat, middle, START + DAY, max_off_nadir_deg=60.0)
    assert len(first) + len(second) == len(whole) + 1
    assert START + first.end_s[-1] == pytest.approx(middle)
    assert second.start_s[0] == 0.0
    assert first.closest_s[-1] <= first.end_s[-1]
    assert second.closest_s[0] >= 0.0


def test_blocks_and_company_do_not_change_a_window() -> None:
    lon, lat = drawn_line(60)
    records = walker(550e3, 53.0, 3, 1, 1.0, START)
    together = passes(records, lon, lat, START, START + 10 * DAY, max_off_nadir_deg=40.0)
    alone = passes(records[1:2], lon[17:18], lat[17:18], START, START + 10 * DAY, max_off_nadir_deg=40.0)
    part = together.where((together.satellite == 1) & (together.point == 17))
    assert part.start_s == pytest.approx(alone.start_s, abs=1e-3)
    assert part.end_s == pytest.approx(alone.end_s, abs=1e-3)


def test_a_wider_limit_holds_every_narrower_window() -> None:
    lon, lat = drawn_line(20)
    records = walker(550e3, 53.0, 2, 1, 1.0, START)
    wide, narrow = (passes(records, lon, lat, START, START + 5 * DAY, max_off_nadir_deg=limit) for limit in (45.0, 25.0))
    assert 0 < len(narrow) < len(wide)
    for row in range(len(narrow)):
        same = (wide.satellite == narrow.satellite[row]) & (wide.point == narrow.point[row])
        assert (same & (wide.start_s < narrow.start_s[row]) & (wide.end_s > narrow.end_s[row])).sum() == 1


def test_nothing_asked_is_nothing_found() -> None:
    record = circular(550e3, 53.0, 0.0, 0.0, START)
    assert len(passes([], np.array([36.0]), np.array([48.0]), START, START + DAY)) == 0
    assert len(passes([record], np.array([]), np.array([]), START, START + DAY)) == 0
    assert len(passes([record], np.array([36.0]), np.array([48.0]), START, START)) == 0
    assert len(passes([record], np.array([36.0]), np.array([89.0]), START, START + DAY, max_off_nadir_deg=45.0)) == 0


def test_sgp4_runs_as_compiled_code_here() -> None:
    assert compiled()


def test_a_window_ends_with_the_day_and_begins_with_it() -> None:
    records, lon, lat = walker(550e3, 53.0, 6, 4, 1.0, START), np.array([37.0]), np.array([48.0])
    whole, by_day = (passes(records, lon, lat, START, START + 5 * DAY, min_elevation_deg=5.0, min_sun_deg=least) for least in (-90.0, 10.0))
    times, rising = crossings(37.0, 48.0, 10.0, START, START + 5 * DAY)
    rise, sink = (times[rising == way][:, None] - START for way in (1, -1))
    lit = np.minimum(whole.end_s, sink) - np.maximum(whole.start_s, rise)
    assert len(by_day) == (lit > 0.0).sum()
    assert (by_day.end_s - by_day.start_s).sum() == pytest.approx(lit[lit > 0.0].sum(), abs=0.05)
    for cut, turns in ((by_day.start_s, rise), (by_day.end_s, sink)):
        assert (np.abs(cut - turns) < 0.02).any()  # some begin with the day, some end with it
    assert (by_day.sun_deg >= 10.0 - 1e-4).all()


def test_a_sun_that_dips_at_midnight_leaves_two_windows() -> None:
    midsummer = datetime(2026, 6, 20, tzinfo=UTC).timestamp()
    lon, lat = np.linspace(-180.0, 180.0, 721), np.full(721, 66.6)  # the sun sinks to +0.04 deg in the north
    records = [circular(1400e3, 75.0, node, 90.0, midsummer) for node in (0.0, 90.0, 180.0, 270.0)]
    whole = passes(records, lon, lat, midsummer, midsummer + DAY, min_elevation_deg=5.0)
    split = passes(records, lon, lat, midsummer, midsummer + DAY, min_elevation_deg=5.0, min_sun_deg=0.045)
    same = (np.diff(split.satellite) == 0) & (np.diff(split.point) == 0)
    gap = (split.start_s[1:] - split.end_s[:-1])[same]
    twice = np.flatnonzero(same)[gap < 1500.0]
    assert twice.size > 0
    assert (gap > 0.0).all()
    for row in twice[:5]:
        edges = np.array([split.end_s[row], split.start_s[row + 1]])
        assert elevation_deg(midsummer + edges, lon[split.point[row]], 66.6) == pytest.approx([0.045, 0.045], abs=1e-4)
    assert len(split) < len(whole) + twice.size


def test_the_geocentric_nadir_lies_a_fifth_of_a_degree_off() -> None:
    record = circular(620e3, 97.9, 120.0, 10.0, START)
    lon, lat = np.array([37.0]), np.array([48.0])
    geodetic = passes([record], lon, lat, START, START + 10 * DAY, max_off_nadir_deg=45.0)
    geocentric = passes([record], lon, lat, START, START + 10 * DAY, max_off_nadir_deg=45.0, nadir="geocentric")
    at = earth_fixed([record], START + geocentric.start_s)[0][0]
    sight = at - ground_m(37.0, 48.0)
    cosine = (sight * at).sum(axis=1) / np.linalg.norm(sight, axis=1) / np.linalg.norm(at, axis=1)
    assert np.degrees(np.arccos(cosine)) == pytest.approx(np.full(len(geocentric), 45.0), abs=1e-4)
    moved = np.abs(geocentric.start_s[: len(geodetic)] - geodetic.start_s[: len(geocentric)])
    assert 0.05 < np.median(moved) < 5.0


def test_a_ring_leaves_out_what_lies_below() -> None:
    record = circular(620e3, 97.9, 120.0, 10.0, START)
    lon, lat = np.array([37.0]), np.array([48.0])
    disc, hole, ring = (
        passes([record], lon, lat, START, START + 20 * DAY, max_off_nadir_deg=high, min_off_nadir_deg=low)
        for low, high in ((0.0, 45.0), (0.0, 20.0), (20.0, 45.0))
    )
    assert len(hole) > 0
    assert len(ring) == len(disc) + len(hole)
    lengths = [(table.end_s - table.start_s).sum() for table in (disc, hole, ring)]
    assert lengths[2] == pytest.approx(lengths[0] - lengths[1], abs=1e-3)
    assert (ring.off_nadir_deg >= 20.0 - 1e-4).all()


def test_a_squint_shortens_windows_around_abeam() -> None:
    record = circular(620e3, 97.9, 120.0, 10.0, START)
    found = passes([record], np.array([37.0]), np.array([48.0]), START, START + 10 * DAY, max_off_nadir_deg=45.0, max_squint_deg=5.0)
    for edges in (found.start_s, found.end_s):
        at, velocity = (state[0] for state in earth_fixed([record], START + edges))
        sight = ground_m(37.0, 48.0) - at
        sine = (sight * velocity).sum(axis=1) / np.linalg.norm(sight, axis=1) / np.linalg.norm(velocity, axis=1)
        nadir, _ = oracle_angles(record, START + edges, 37.0, 48.0)
        assert np.maximum(np.degrees(np.arcsin(np.abs(sine))) - 5.0, nadir - 45.0) == pytest.approx(np.zeros(len(found)), abs=1e-3)


def test_places_all_over_the_world_and_orbits_of_all_kinds_share_one_table() -> None:
    slow = Satrec()
    slow.sgp4init(WGS72, "i", 7, START / DAY + 7306.0, 0.0, 0.0, 0.0, 0.1, 0.0, 0.9, 0.0, 12.0 * 2.0 * np.pi / 1440.0, 0.0)
    records = [circular(550e3, 53.0, 200.0, 40.0, START), slow, circular(700e3, 98.0, 20.0, 40.0, START)]
    lon, lat = np.tile([-150.0, 20.0, 36.0], 2), np.repeat([-40.0, 48.0], 3)
    found = passes(records, lon, lat, START, START + 2 * DAY, min_elevation_deg=20.0)
    assert (np.lexsort((found.start_s, found.point, found.satellite)) == np.arange(len(found))).all()
    assert set(zip(found.satellite.tolist(), found.point.tolist(), strict=True)) == {(s, p) for s in range(3) for p in range(6)}
    alone = passes(records[2:], lon[4:5], lat[4:5], START, START + 2 * DAY, min_elevation_deg=20.0)
    part = found.where((found.satellite == 2) & (found.point == 4))
    assert part.start_s == pytest.approx(alone.start_s, abs=1e-3)


def test_an_orbit_that_decays_is_named() -> None:
    record = Satrec()
    record.sgp4init(WGS72, "i", 9, START / DAY + 7306.0, 0.05, 0.0, 0.0, 1e-4, 0.0, 0.9, 0.0, 16.2 * 2.0 * np.pi / 1440.0, 0.0)
    fine = circular(550e3, 53.0, 200.0, 40.0, START)
    with pytest.raises(ValueError, match=r"satellite 2 \(catalogue number 9\) cannot be propagated to 2026-"):
        passes([fine, record], np.array([36.0]), np.array([48.0]), START, START + 90 * DAY)


def test_a_radar_sees_what_lies_abeam_within_its_ring_and_on_its_side() -> None:
    record = circular(570e3, 97.7, 120.0, 10.0, START)
    lon, lat = np.array([34.0, 37.0]), np.array([47.0, 48.0])
    both = radar_passes([record], lon, lat, START, START + 20 * DAY, look_deg=(15.0, 45.0))
    assert both.end_s - both.start_s == pytest.approx(1.0, abs=1e-6)
    for row in range(len(both)):
        at, velocity = (state[0, 0] for state in earth_fixed([record], np.array([START + both.closest_s[row]])))
        sight = ground_m(lon[both.point[row]], lat[both.point[row]]) - at
        assert sight @ velocity / np.linalg.norm(sight) / np.linalg.norm(velocity) == pytest.approx(0.0, abs=1e-5)
    assert ((both.off_nadir_deg >= 15.0) & (both.off_nadir_deg <= 45.0)).all()
    left, right = (radar_passes([record], lon, lat, START, START + 20 * DAY, look_deg=(15.0, 45.0), side=side) for side in (1, -1))
    assert len(left) + len(right) == len(both)
    assert (left.side == 1).all()
    assert (right.side == -1).all()


def test_a_radar_that_squints_sees_longer() -> None:
    record = circular(570e3, 97.7, 120.0, 10.0, START)
    lon, lat = np.array([37.0]), np.array([48.0])
    abeam, squinted = (
        radar_passes([record], lon, lat, START, START + 10 * DAY, incidence_deg=(20.0, 45.0), squint_deg=angle) for angle in (0.0, 5.0)
    )
    assert len(abeam) == len(squinted) > 0
    for row in range(len(squinted)):
        for edge in (squinted.start_s[row], squinted.end_s[row]):
            at, velocity = (state[0, 0] for state in earth_fixed([record], np.array([START + edge])))
            sight = ground_m(37.0, 48.0) - at
            squint = np.degrees(np.arcsin(sight @ velocity / np.linalg.norm(sight) / np.linalg.norm(velocity)))
            assert abs(squint) == pytest.approx(5.0, abs=1e-3)


def looks_per_day(found: Windows, satellites: int, days: float, chosen: Bools | None = None) -> Floats:
    """Looks a day for one satellite and a place at 46.6, 48 and 50 N, the mean of 18 longitudes."""
    points: Ints = found.point if chosen is None else found.point[chosen]
    counts: Floats = np.bincount(points // 18, minlength=3) / (18.0 * days * satellites)
    return counts


RING_LON, RING_LAT = np.tile(np.arange(0.0, 360.0, 20.0), 3), np.repeat([46.6, 48.0, 50.0], 18)
EQUINOX = datetime(2026, 3, 1, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("altitude_m", "ltan_h", "incidence", "side", "expected"),
    [
        (570e3, 6.0, (15.0, 45.0), 0, (0.836, 0.858, 0.892)),
        (693e3, 18.0, (29.0, 46.0), -1, (0.301, 0.311, 0.317)),
        (619.6e3, 6.0, (20.0, 50.0), -1, (0.481, 0.488, 0.508)),
        (514e3, 18.0, (20.0, 45.0), -1, (0.329, 0.335, 0.351)),
    ],
)
def test_radar_looks_a_day_agree_with_a_propagation_by_others(
    altitude_m: float, ltan_h: float, incidence: tuple[float, float], side: int, expected: tuple[float, ...]
) -> None:
    records = sun_synchronous(altitude_m, [ltan_h], 1, EQUINOX)
    found = radar_passes(records, RING_LON, RING_LAT, EQUINOX, EQUINOX + 40 * DAY, incidence_deg=incidence, side=side)
    assert looks_per_day(found, 1, 40.0) == pytest.approx(np.array(expected), rel=0.08)


@pytest.mark.parametrize(("inclination_deg", "expected"), [(53.0, (2.365, 3.129, 2.540)), (45.0, (2.456, 1.992, 0.949))])
def test_inclined_radars_look_more_often(inclination_deg: float, expected: tuple[float, ...]) -> None:
    records = walker(575e3, inclination_deg, 1, 1, 0.0, EQUINOX)
    found = radar_passes(records, RING_LON, RING_LAT, EQUINOX, EQUINOX + 40 * DAY, look_deg=(15.0, 45.0))
    assert looks_per_day(found, 1, 40.0) == pytest.approx(np.array(expected), rel=0.08)


@pytest.mark.parametrize(("off_nadir", "expected"), [(30.0, (0.414, 0.424, 0.447)), (45.0, (0.743, 0.768, 0.797))])
def test_a_camera_in_the_morning_orbit_looks_by_day(off_nadir: float, expected: tuple[float, ...]) -> None:
    records = sun_synchronous(620e3, [22.5], 1, EQUINOX)
    found = passes(records, RING_LON, RING_LAT, EQUINOX, EQUINOX + 40 * DAY, max_off_nadir_deg=off_nadir)
    assert looks_per_day(found, 1, 40.0, found.sun_deg >= 10.0) == pytest.approx(np.array(expected), rel=0.08)


def test_inclined_cameras_see_as_far_north_as_inclination_and_reach_allow() -> None:
    # 42 deg and 430 km reach 46.01 N at 45 deg; 45 deg and 520 km reach 47.74 N at 30 deg: geocentric, 0.19 deg less than geodetic.
    for altitude_m, inclination_deg, off_nadir, reach_deg in ((430e3, 42.0, 45.0, 46.01), (520e3, 45.0, 30.0, 47.74)):
        lat = reach_deg + 0.19 + np.array([-0.3, 0.1])
        found = passes(
            walker(altitude_m, inclination_deg, 2, 1, 0.0, EQUINOX),
            np.full(2, 36.0),
            lat,
            EQUINOX,
            EQUINOX + 40 * DAY,
            max_off_nadir_deg=off_nadir,
        )
        assert set(found.point.tolist()) == {0}


def test_an_inclined_camera_looks_as_often_as_its_swath_covers_the_circle_of_latitude() -> None:
    # At 48 N (47.81 geocentric) the track of 53 deg runs at asin(cos 53 / cos 47.81) = 63.6 deg from north, so its crossings share
    # 40,030 km x cos 47.81 x cos 63.6 = 11,940 km; 2 x 15.17 a day of 2 x 306 km give 1.56 looks. The sun is 10 deg high for 10.0 h of 24.
    found = passes(walker(520e3, 53.0, 6, 1, 0.0, EQUINOX), RING_LON, RING_LAT, EQUINOX, EQUINOX + 40 * DAY, max_off_nadir_deg=30.0)
    looks = looks_per_day(found, 6, 40.0)[1]
    assert looks == pytest.approx(1.56, rel=0.02)
    assert looks_per_day(found, 6, 40.0, found.sun_deg >= 10.0)[1] / looks == pytest.approx(10.0 / 24.0, rel=0.02)


def test_a_receiver_hears_from_ten_degrees_up() -> None:
    records = walker(525e3, 97.5, 1, 1, 0.0, EQUINOX)
    found = passes(records, RING_LON, RING_LAT, EQUINOX, EQUINOX + 40 * DAY, min_elevation_deg=10.0)
    assert looks_per_day(found, 1, 40.0) == pytest.approx([3.758, 3.871, 4.056], rel=0.08)


def test_two_sentinels_return_to_the_equator_in_five_days_and_oftener_to_48_north() -> None:
    lon, lat = np.tile(np.arange(0.0, 360.0, 20.0), 2), np.repeat([0.0, 48.0], 18)
    records = sun_synchronous(786e3, [22.5], 2, EQUINOX)
    found = passes(records, lon, lat, EQUINOX, EQUINOX + 60 * DAY, max_off_nadir_deg=10.4)
    by_day = np.bincount(found.point[found.sun_deg >= 10.0] // 18, minlength=2) / (18.0 * 60.0)
    assert 1.0 / by_day[0] == pytest.approx(5.0, rel=0.08)
    assert by_day[1] == pytest.approx(2 * 0.161, rel=0.08)
