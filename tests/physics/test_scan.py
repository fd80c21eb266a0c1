"""The scan against the closed form where both hold, and where only it does against what is known of such orbits."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from sgp4.api import WGS72, Satrec

from sim.physics import windows
from sim.physics.orbit import circular, sun_synchronous
from sim.physics.scan import golden
from sim.physics.sun import crossings
from sim.physics.windows import Windows, passes, radar_passes

START = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
DAY = 86400.0
LON, LAT = np.array([36.0, 38.0, 32.0]), np.array([50.3, 48.1, 46.5])


def orbit(motion: float, inclination: float, node: float, perigee: float, anomaly: float, eccentricity: float) -> Satrec:
    record = Satrec()
    angles = np.radians([perigee, inclination, anomaly]).tolist()
    rate = motion * 2.0 * np.pi / 1440.0
    record.sgp4init(WGS72, "i", 1, START / DAY + 7306.0, 0.0, 0.0, 0.0, eccentricity, *angles, rate, float(np.radians(node)))
    return record


@pytest.mark.parametrize(
    ("finder", "limits"),
    [
        (passes, {"max_off_nadir_deg": 45.0}),
        (passes, {"min_elevation_deg": 5.0, "max_elevation_deg": 50.0}),
        (passes, {"max_off_nadir_deg": 50.0, "min_elevation_deg": 33.0, "min_off_nadir_deg": 10.0}),
        (passes, {"max_off_nadir_deg": 45.0, "max_squint_deg": 10.0, "side": 1, "nadir": "geocentric"}),
        (passes, {"max_off_nadir_deg": 50.0, "min_sun_deg": 10.0}),
        (radar_passes, {"look_deg": (15.0, 45.0), "side": -1}),
        (radar_passes, {"incidence_deg": (20.0, 50.0), "squint_deg": 5.0}),
        (radar_passes, {"look_deg": (20.0, 50.0), "min_sun_deg": 0.0}),
    ],
)
def test_the_scan_finds_what_the_closed_form_finds(finder: Any, limits: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    records = [*sun_synchronous(570e3, [18.0, 22.5], 1, START), orbit(14.6, 60.0, 20.0, 100.0, 0.0, 0.012)]
    swift: Windows = finder(records, LON, LAT, START, START + 6 * DAY, **limits)
    monkeypatch.setattr(windows, "closed_form", lambda *_: False)
    slow: Windows = finder(records, LON, LAT, START, START + 6 * DAY, **limits)
    swift, slow = (table.where(table.end_s - table.start_s > 0.9) for table in (swift, slow))
    assert len(swift) == len(slow) > 5
    assert (swift.satellite == slow.satellite).all()
    assert (swift.point == slow.point).all()
    assert (swift.side == slow.side).all()
    for column, within in (("start_s", 0.02), ("end_s", 0.02), ("closest_s", 0.02), ("slant_m", 100.0), ("off_nadir_deg", 0.01)):
        assert getattr(swift, column) == pytest.approx(getattr(slow, column), abs=within)
    assert swift.sun_deg == pytest.approx(slow.sun_deg, abs=1e-3)


def test_they_agree_at_the_pole_which_lies_lower(monkeypatch: pytest.MonkeyPatch) -> None:
    record, lat = orbit(15.4, 90.0, 30.0, 90.0, 0.0, 0.01), np.array([89.9, 87.5, -89.0])
    swift = passes([record], LON, lat, START, START + DAY, max_off_nadir_deg=2.0)
    monkeypatch.setattr(windows, "closed_form", lambda *_: False)
    slow = passes([record], LON, lat, START, START + DAY, max_off_nadir_deg=2.0)
    assert len(swift) == len(slow) > 15  # once a revolution over 89.9 N
    assert swift.start_s == pytest.approx(slow.start_s, abs=0.02)


def test_what_lies_beyond_the_horizon_is_not_seen_though_the_nadir_is_near() -> None:
    # From 550 km the horizon is 67 deg off the nadir; a place 30 deg further round lies at 55 deg again, behind the Earth.
    record = circular(550e3, 70.0, 0.0, 0.0, START)
    lon, lat = np.linspace(-180.0, 175.0, 72), np.zeros(72)
    found = passes([record], lon, lat, START, START + DAY, max_off_nadir_deg=64.2)
    assert found.elevation_deg.min() > 10.0  # acos(sin 64.2 x 6928 / 6378) = 12.0 deg
    assert (found.end_s - found.start_s).max() < 600.0


def test_a_geostationary_satellite_is_always_there() -> None:
    record = orbit(1.002738, 0.01, 0.0, 0.0, 190.0, 1e-5)
    found = passes([record], np.array([36.0, 216.0]), np.array([48.0, 48.0]), START, START + 3 * DAY, min_elevation_deg=20.0)
    assert found.point.size == 1
    assert (found.start_s[0], found.end_s[0]) == (0.0, 3 * DAY)
    assert 35.7e6 < found.slant_m[0] < 40e6


def test_what_stares_by_day_sees_from_sunrise_to_sunset() -> None:
    record = orbit(1.002738, 0.01, 0.0, 0.0, 190.0, 1e-5)
    found = passes([record], np.array([36.0]), np.array([48.0]), START, START + 3 * DAY, min_elevation_deg=20.0, min_sun_deg=-0.833)
    times, rising = crossings(36.0, 48.0, -0.833, START, START + 3 * DAY)
    assert START + found.start_s == pytest.approx(times[rising > 0], abs=0.01)
    assert START + found.end_s == pytest.approx(times[rising < 0], abs=0.01)


def test_a_molniya_orbit_dwells_for_two_thirds_of_its_period() -> None:
    # Eight of twelve hours are usable from a northern country: the textbook reason for the orbit (Vallado, section 2.3).
    record = orbit(2.0060, 63.4, 130.0, 270.0, 0.0, 0.72)
    found = passes([record], np.array([36.0]), np.array([48.0]), START, START + 4 * DAY, min_elevation_deg=20.0)
    long = found.end_s - found.start_s
    assert (np.sort(long)[-4:] > 7.5 * 3600.0).all()
    assert (long < 12 * 3600.0).all()


def test_a_glimpse_between_two_minutes_is_found() -> None:
    odd = orbit(15.05, 53.0, 200.0, 0.0, 40.0, 0.021)  # just too eccentric for the closed form
    least = passes([odd], LON[:1], LAT[:1], START, START + 3 * DAY, max_off_nadir_deg=45.0).off_nadir_deg.min()
    found = passes([odd], LON[:1], LAT[:1], START, START + 3 * DAY, max_off_nadir_deg=least + 0.001)
    assert len(found) == 1
    assert 0.0 < found.end_s[0] - found.start_s[0] < 5.0


def test_the_largest_value_between_two_times_is_found() -> None:
    low = np.array([0.0, 10.0])
    top = golden(lambda time_s: -((time_s - np.array([7.25, 69.5])) ** 2), low, low + 60.0)
    assert top == pytest.approx([7.25, 69.5], abs=2e-3)
    assert golden(lambda time_s: time_s, np.empty(0), np.empty(0)).size == 0
