"""The sun against published figures."""

from datetime import UTC, datetime

import numpy as np
import pytest

from sim.physics.sun import CIVIL_DEG, SUNRISE_DEG, crossings, day_length_h, elevation_deg, equatorial_deg, mean_sun_deg, sidereal_deg


def utc(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_the_sun_stands_where_the_solar_position_algorithm_puts_it() -> None:
    # NREL/TP-560-34302, appendix A.5: 2003-10-17 12:30:30 at UTC - 7 h, 39.742476 N 105.1786 W; height without refraction 39.872046 deg.
    assert elevation_deg(utc("2003-10-17T19:30:30"), -105.1786, 39.742476) == pytest.approx(39.872, abs=0.01)
    ascension, declination = equatorial_deg(utc("2003-10-17T19:30:30"))
    assert float(ascension) == pytest.approx(202.22741, abs=0.01)
    assert float(declination) == pytest.approx(-9.31434, abs=0.01)


def test_the_equinox_and_the_solstice_fall_on_their_dates() -> None:
    # Published by the US Naval Observatory: equinox 2026-03-20 14:46 UTC, solstice 2026-06-21 08:24 UTC.
    assert equatorial_deg(utc("2026-03-20T14:46"))[1] == pytest.approx(0.0, abs=0.01)
    assert equatorial_deg(utc("2026-06-21T08:24"))[1] == pytest.approx(23.436, abs=0.01)


def test_sidereal_time_agrees_with_the_almanac() -> None:
    # Meeus, Astronomical Algorithms, example 12.b: 1987-04-10 19:21:00 UT, 128.7378734 deg.
    assert sidereal_deg(utc("1987-04-10T19:21:00")) == pytest.approx(128.7378734, abs=1e-6)


def test_the_mean_sun_is_opposite_to_the_meridian_at_midnight() -> None:
    midnights = utc("2026-01-01") + 86400.0 * np.arange(0.0, 3650.0, 7.0)
    apart = (sidereal_deg(midnights) - mean_sun_deg(midnights) - 180.0 + 180.0) % 360.0 - 180.0
    assert np.abs(apart).max() < 0.001


def test_days_at_48_north_last_8_12_and_16_hours() -> None:
    declination = np.array([-23.44, 0.0, 23.44])
    assert day_length_h(48.0, declination) == pytest.approx([8.162, 12.0, 15.838], abs=0.001)
    assert 90.0 - 48.0 + declination == pytest.approx([18.56, 42.0, 65.44])
    assert day_length_h(80.0, declination).tolist() == [0.0, 12.0, 24.0]


def test_days_and_civil_light_at_48_5_north_agree_with_the_table_of_months() -> None:
    # Day length and civil light by month at 48.5 N, to 0.1 h; in March and September a few days' choice of the middle moves it by 0.2 h.
    days = [8.7, 10.1, 11.7, 13.6, 15.2, 16.1, 15.7, 14.3, 12.5, 10.7, 9.1, 8.3]
    light = [9.9, 11.2, 12.8, 14.7, 16.5, 17.5, 17.1, 15.5, 13.6, 11.8, 10.3, 9.5]
    noons = np.array([utc(f"2025-{month:02}-15T12:00") for month in range(1, 13)])
    declination = equatorial_deg(noons)[1]
    assert day_length_h(48.5, declination, SUNRISE_DEG) == pytest.approx(days, abs=0.2)
    assert day_length_h(48.5, declination, CIVIL_DEG) == pytest.approx(light, abs=0.2)


def test_the_sun_is_highest_at_noon_at_ninety_less_latitude_plus_declination() -> None:
    day = utc("2026-06-21") + np.arange(0.0, 86400.0, 30.0)
    assert elevation_deg(day, 36.0, 48.0).max() == pytest.approx(65.44, abs=0.01)


def test_crossings_alternate_and_stand_at_the_height() -> None:
    start = utc("2026-01-01")
    times, signs = crossings(36.0, 48.5, 10.0, start, start + 365 * 86400.0)
    assert times.size == 2 * 365
    assert (np.diff(times) > 0).all()
    assert signs.tolist() == [1, -1] * 365
    assert elevation_deg(times, 36.0, 48.5) == pytest.approx(10.0, abs=1e-5)


def test_crossings_find_what_a_fine_grid_finds() -> None:
    start = utc("2026-03-01T05:00")
    for lon, lat, height in ((36.0, 47.0, -6.0), (-170.0, 66.0, 0.0), (10.0, -75.0, 5.0)):
        grid = start + np.arange(0.0, 100 * 86400.0, 60.0)
        above = elevation_deg(grid, lon, lat) >= height
        changed = np.flatnonzero(above[1:] != above[:-1])
        times, signs = crossings(lon, lat, height, start, float(grid[-1]))
        assert times.size == changed.size
        assert ((times >= grid[changed]) & (times <= grid[changed + 1])).all()
        assert (signs > 0).tolist() == above[changed + 1].tolist()


def test_the_polar_day_has_no_crossings() -> None:
    times, signs = crossings(20.0, 80.0, 0.0, utc("2026-06-01"), utc("2026-07-01"))
    assert times.size == signs.size == 0


def test_times_and_places_broadcast() -> None:
    times = utc("2026-03-20") + np.arange(4.0)[:, None] * 3600.0
    assert elevation_deg(times, np.array([30.0, 33.0, 36.0]), 48.0).shape == (4, 3)
