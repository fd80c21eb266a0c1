"""What limits a look: places, limits, and the directions from which angles count."""

from typing import NamedTuple

import numpy as np

from sim.kinds import Bools, Floats, Ints
from sim.physics.orbit import ECCENTRICITY_SQUARED, EQUATOR_M, ground_m, vertical
from sim.physics.sun import equatorial_deg, sidereal_deg

POLE_M = 6_356_752.0
"""Polar radius, WGS 84."""
HIGHEST_PLACE_M = 10_000.0
SWING_M = 15_000.0
"""How far SGP4's short-period terms lift a satellite above the apogee of its mean elements, at most (10 km for low orbits)."""


class Places(NamedTuple):
    """Places on the ground as columns (3, P): where they are, what is up there, and longitude and latitude (P,)."""

    at: Floats
    up: Floats
    lon_deg: Floats
    lat_deg: Floats

    def take(self, which: Ints) -> "Places":
        """Return some of the places."""
        return Places(*(column.take(which, axis=-1) for column in self))


class Limits(NamedTuple):
    """What must hold while a place is seen: angles in deg, the least and the largest.

    `squint_deg` is the largest angle before and behind abeam, `side` +1 left, -1 right, 0 both, `sun_deg` the least height of the sun.
    `abeam` asks for radar windows: around the instant abeam, with the other limits judged then.
    """

    off_nadir_deg: tuple[float, float]
    elevation_deg: tuple[float, float]
    squint_deg: float
    side: int
    sun_deg: float
    geodetic: bool
    abeam: bool = False


def deciding(limits: Limits, lowest_m: Floats, highest_m: Floats) -> tuple[Bools, Bools]:
    """Say whether the limit off the nadir and the limit of height can decide; one is idle if the other is much the tighter.

    `lowest_m` and `highest_m` are distances of satellites from the Earth's centre, known to `SWING_M`, of any shape.
    """
    off_nadir_deg, elevation_deg = limits.off_nadir_deg[1], limits.elevation_deg[0]
    incidence_sine = (highest_m + SWING_M) / POLE_M * np.sin(np.radians(min(off_nadir_deg, 90.0)))
    idle = np.degrees(np.arccos(np.minimum(incidence_sine, 1.0))) > elevation_deg + 1.0
    idle &= incidence_sine < 1.0
    return idle | (widest_deg(lowest_m - SWING_M, elevation_deg) > off_nadir_deg - 1.0), ~idle


def widest_deg(radius_m: Floats, elevation_deg: float) -> Floats:
    """Return the largest angle off the nadir at which a place sees a satellite at a height above its horizon; never too small."""
    sine = (EQUATOR_M + HIGHEST_PLACE_M) / radius_m * np.cos(np.radians(elevation_deg))
    widest: Floats = np.degrees(np.arcsin(np.minimum(1.0, sine)))
    return widest


def places_of(lon_deg: Floats, lat_deg: Floats, height_m: Floats | float) -> Places:
    """Return places as columns."""
    lon, lat, height = np.broadcast_arrays(np.atleast_1d(np.asarray(lon_deg, dtype=np.float64)), lat_deg, height_m)
    return Places(ground_m(lon, lat, height).T.copy(), vertical(lon, lat).T.copy(), lon, np.asarray(lat, dtype=np.float64))


def dot(a: Floats, b: Floats) -> Floats:
    """Return the scalar products of columns (3, ...)."""
    product: Floats = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    return product


def plumb(at: Floats, geodetic: bool) -> Floats:
    """Return the direction away from the nadir at positions (3, ...): unit vectors along the geodetic vertical, or from the Earth's centre.

    At (x, y, z) the geodetic vertical points along (x, y, s z) with s = 1 / (1 - e^2 N / (N + h)), radius of curvature N, height h. Here
    both are taken to first order in the flattening f = e^2 / 2, which turns the vertical by less than 1e-7 rad.
    """
    square = dot(at, at)
    if not geodetic:
        central: Floats = at / np.sqrt(square)
        return central
    bulge = 0.5 * ECCENTRICITY_SQUARED * EQUATOR_M * at[2] * at[2] / square
    stretch = 1.0 / (1.0 - ECCENTRICITY_SQUARED * (EQUATOR_M + bulge) / (np.sqrt(square) + 2.0 * bulge))
    along = np.stack([at[0], at[1], stretch * at[2]])
    normal: Floats = along / np.sqrt(dot(along, along))
    return normal


def sunward(utc_s: Floats) -> Floats:
    """Return the direction of the sun over the turning Earth at times of any shape (...): unit vectors (3, ...).

    Source: The Astronomical Almanac, page C5, and the sidereal time of 1982, as in `sun`.
    """
    ascension, declination = equatorial_deg(utc_s)
    east, north = np.radians(ascension - sidereal_deg(utc_s)), np.radians(declination)
    return np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)])
