"""Where the sun stands, and when it crosses a height."""

import numpy as np

from sim.kinds import Floats, Ints

J2000_UTC_S = 946_728_000.0
"""2000-01-01 12:00 UTC in seconds since 1970-01-01 UTC; UT1 and TT are taken equal to UTC (a minute moves the sun by 0.001 deg)."""
MEAN_SUN_DEG_PER_DAY = 0.985_647_366_29
SUNRISE_DEG = -0.833
"""Height of the sun's centre when its upper rim appears: 34' of refraction and 16' of radius (convention of the almanacs)."""
CIVIL_DEG = -6.0
"""Height of the sun at which civil twilight begins or ends (convention of the almanacs)."""


def sidereal_deg(utc_s: Floats | float) -> Floats:
    """Return the angle from the equinox to the meridian of Greenwich, in [0, 360).

    Args:
        utc_s: Seconds since 1970-01-01 UTC, any shape.

    Returns:
        Greenwich mean sidereal time as an angle, same shape.

    Source: IAU 1982 model (Aoki et al. 1982, Astron. Astrophys. 105, 359), which is also that of SGP4.
    Assumption: UT1 equals UTC, at most 0.9 s wrong by definition (0.004 deg).
    """
    days = (np.asarray(utc_s, dtype=np.float64) - J2000_UTC_S) / 86400.0
    centuries = days / 36525.0
    return (280.460_618_375 + 360.985_647_366_286_34 * days + (3.879_333e-4 - 2.583e-8 * centuries) * centuries**2) % 360.0


def mean_sun_deg(utc_s: Floats | float) -> Floats:
    """Return the right ascension of the mean sun, which rules local mean time, in [0, 360).

    Source: IAU 1982 sidereal time less the hour angle of the mean sun (Explanatory Supplement to the Astronomical Almanac).
    """
    days = (np.asarray(utc_s, dtype=np.float64) - J2000_UTC_S) / 86400.0
    return (280.460_62 + MEAN_SUN_DEG_PER_DAY * days) % 360.0


def equatorial_deg(utc_s: Floats | float) -> tuple[Floats, Floats]:
    """Return the right ascension and the declination of the sun, each of the shape of the times.

    Source: "Low precision formulas for the Sun", The Astronomical Almanac, page C5: 0.01 deg between 1950 and 2050.
    """
    days = (np.asarray(utc_s, dtype=np.float64) - J2000_UTC_S) / 86400.0
    anomaly = np.radians(357.528 + 0.985_600_3 * days)
    longitude = np.radians(280.460 + 0.985_647_4 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2.0 * anomaly))
    obliquity = np.radians(23.439 - 4.0e-7 * days)
    ascension = np.arctan2(np.cos(obliquity) * np.sin(longitude), np.cos(longitude))
    return np.degrees(ascension) % 360.0, np.degrees(np.arcsin(np.sin(obliquity) * np.sin(longitude)))


def hour_angle_deg(utc_s: Floats | float, lon_deg: Floats | float) -> Floats:
    """Return how far the sun stands west of the meridian of a place, in [-180, 180)."""
    ascension, _ = equatorial_deg(utc_s)
    return (sidereal_deg(utc_s) + lon_deg - ascension + 180.0) % 360.0 - 180.0


def elevation_deg(utc_s: Floats | float, lon_deg: Floats | float, lat_deg: Floats | float) -> Floats:
    """Return the height of the sun's centre above the horizon, without refraction.

    Args:
        utc_s: Seconds since 1970-01-01 UTC.
        lon_deg: Longitude of the place, east positive.
        lat_deg: Geodetic latitude of the place.

    Returns:
        Height, negative at night, good to 0.01 deg; the arguments' shapes are broadcast.

    Source: The Astronomical Almanac, page C5. Assumption: no parallax (0.002 deg), flat horizon.
    """
    ascension, declination = equatorial_deg(utc_s)
    hour, lat, dec = np.radians(sidereal_deg(utc_s) + lon_deg - ascension), np.radians(lat_deg), np.radians(declination)
    height: Floats = np.degrees(np.arcsin(np.sin(lat) * np.sin(dec) + np.cos(lat) * np.cos(dec) * np.cos(hour)))
    return height


def day_length_h(lat_deg: Floats | float, declination_deg: Floats | float, above_deg: float = 0.0) -> Floats:
    """Return how long the sun stays above a height in a day of fixed declination, in hours.

    Args:
        lat_deg: Latitude.
        declination_deg: Declination of the sun.
        above_deg: Height of the sun's centre; `SUNRISE_DEG` for sunrise to sunset, `CIVIL_DEG` with civil twilight.

    Source: spherical astronomy; 0 and 24 where the sun does not set or rise.

    >>> round(float(day_length_h(48.0, 23.44)), 3)
    15.838
    """
    lat, dec = np.radians(lat_deg), np.radians(declination_deg)
    cosine = (np.sin(np.radians(above_deg)) - np.sin(lat) * np.sin(dec)) / (np.cos(lat) * np.cos(dec))
    hours: Floats = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))) / 7.5
    return hours


def crossings(lon_deg: float, lat_deg: float, height_deg: float, start_utc_s: float, end_utc_s: float) -> tuple[Floats, Ints]:
    """Return when the sun passes a height at a place.

    The sun climbs from midnight to noon and sinks from noon to midnight, so each half day holds one crossing or none.

    Args:
        lon_deg: Longitude of the place.
        lat_deg: Latitude of the place.
        height_deg: Height of the sun's centre, such as 10.0, `SUNRISE_DEG` or `CIVIL_DEG`.
        start_utc_s: Begin, seconds since 1970-01-01 UTC.
        end_utc_s: End, likewise.

    Returns:
        The times (K,) in seconds since 1970-01-01 UTC, ascending and good to 1 ms of this almanac, and (K,) +1 where the sun
        rises through the height, -1 where it sinks.

    Assumption: near the polar circles, where noon differs from the highest sun, days shorter than about a minute can be missed.
    """
    half_days = np.arange(np.floor(start_utc_s / 43200.0) - 2.0, np.ceil(end_utc_s / 43200.0) + 3.0) * 43200.0
    turns = half_days - lon_deg * 240.0
    for _ in range(3):
        turns = turns - ((hour_angle_deg(turns, lon_deg) + 90.0) % 180.0 - 90.0) * 240.0
    knots = np.concatenate([[start_utc_s], turns[(turns > start_utc_s) & (turns < end_utc_s)], [end_utc_s]])
    above = elevation_deg(knots, lon_deg, lat_deg) >= height_deg
    changed = np.flatnonzero(above[1:] != above[:-1])
    low, high, rising = knots[changed], knots[changed + 1], above[changed + 1]
    for _ in range(28):  # 43,200 s / 2^28 < 1 ms
        middle = 0.5 * (low + high)
        before = (elevation_deg(middle, lon_deg, lat_deg) >= height_deg) != rising
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return 0.5 * (low + high), np.where(rising, 1, -1).astype(np.int64)
