"""What an image from above shows: geometry, interpretability, cloud."""

from typing import NamedTuple

import numpy as np

from sim.kinds import Floats

EARTH_RADIUS_M = 6_371_000.0
"""Mean radius of the Earth (IUGG)."""
INCH_M = 0.0254
VEHICLE_SEEN = ((0.5, 0.85), (1.0, 0.7), (3.0, 0.3), (10.0, 0.0))
"""Resolution in m and chance that an interpreter finds a vehicle in a radar image of it.

Assumption, anchored on the target-to-clutter ratio: a vehicle of 10 dBsm on ground of -10 dB stands 26, 20, 10.5 and 0 dB above a cell of
0.5, 1, 3 and 5 x 20 m (`target_to_clutter_db`)."""
FIELDWORKS_SEEN = ((1.0, 0.8), (3.0, 0.6), (10.0, 0.3))
"""The same for new fieldworks, by comparison of two images. Assumption; worse than 10 m is not covered and keeps the last value."""


class OffNadir(NamedTuple):
    """How a place lies under a satellite: incidence at the place, distance to it, and arc on the ground from the nadir."""

    incidence_deg: Floats
    slant_m: Floats
    reach_m: Floats


def off_nadir_geometry(altitude_m: Floats | float, off_nadir_deg: Floats | float) -> OffNadir:
    """Return incidence, slant range and ground reach of a look, `nan` past the horizon.

    Args:
        altitude_m: Height of the satellite.
        off_nadir_deg: Angle of the look from the nadir, 0 or more. The two arguments are broadcast.

    Source: law of sines; Wertz, Mission Geometry (2001), section 9.1. Assumption: spherical Earth of 6,371 km.

    >>> [round(float(value), 1) for value in off_nadir_geometry(620_000.0, 30.0)]
    [33.3, 727928.8, 364162.7]
    """
    height, eta = np.broadcast_arrays(np.asarray(altitude_m, dtype=np.float64), np.radians(off_nadir_deg))
    sine = (1.0 + height / EARTH_RADIUS_M) * np.sin(eta)
    incidence = np.arcsin(np.where(sine <= 1.0, sine, np.nan))
    arc = incidence - eta
    # The cosine law written with the half angle, exact at the nadir too.
    slant = np.sqrt(height**2 + 4.0 * EARTH_RADIUS_M * (EARTH_RADIUS_M + height) * np.sin(arc / 2.0) ** 2)
    return OffNadir(np.degrees(incidence), slant, EARTH_RADIUS_M * arc)


def reach_deg(altitude_m: Floats | float, off_nadir_deg: Floats | float) -> Floats:
    """Return the angle at the Earth's centre between the nadir and the place looked at.

    An orbit of inclination i below 90 deg images up to the latitude i plus this angle.

    Source and assumption: as `off_nadir_geometry`.
    """
    return np.degrees(off_nadir_geometry(altitude_m, off_nadir_deg).reach_m / EARTH_RADIUS_M)


def giqe5(gsd_m: Floats | float, rer: Floats | float, snr: Floats | float, elevation_deg: Floats | float = 90.0) -> Floats:
    """Return the interpretability of a panchromatic image on the NIIRS scale.

    Args:
        gsd_m: Ground sample distance across the line of sight (at the nadir times slant range over height).
        rer: Relative edge response of the unenhanced image, about 0.4.
        snr: Signal to noise ratio, 5 or more.
        elevation_deg: Height of the sensor above the horizon of the target, 8.5 to 90.

    Returns:
        NIIRS, standard error 0.28 to 0.40; the arguments are broadcast.

    Source: NGA, General Image Quality Equation (GIQE) Version 5.0, 16 Sep 2015.
    """
    gsd_inch = np.asarray(gsd_m) / INCH_M / np.sin(np.radians(elevation_deg)) ** 0.25
    edge, noise = np.log10(rer), np.asarray(snr, dtype=np.float64)
    niirs: Floats = 9.57 - 3.32 * np.log10(gsd_inch) + 3.32 * (1.0 - np.exp(-1.9 / noise)) * edge - 2.0 * edge**4 - 1.8 / noise
    return niirs


def p_task(niirs: Floats | float, required: Floats | float, spread: float = 0.5) -> Floats:
    """Return the chance that an analyst can do a task with an image.

    Args:
        niirs: Interpretability of the image.
        required: NIIRS at which half of the analysts succeed.
        spread: Standard deviation; 0.5 joins 0.35 of the equation and 0.35 of the raters.

    Source: error figures of NGA, GIQE 5 (2015). Assumption: their sum is normal.
    """
    from scipy.special import ndtr

    return np.asarray(ndtr((np.asarray(niirs) - required) / spread), dtype=np.float64)


def target_to_clutter_db(target_dbsm: Floats | float, ground_db: Floats | float, cell_m2: Floats | float) -> Floats:
    """Return how far a target stands above the ground of one radar cell.

    Args:
        target_dbsm: Radar cross-section of the target, dB of 1 m2.
        ground_db: Backscatter of the ground, dB (m2 per m2).
        cell_m2: Area of a cell.

    Source: definition; Ulaby and Long, Microwave Radar and Radiometric Remote Sensing (2014).
    """
    ratio: Floats = np.asarray(target_dbsm) - ground_db - 10.0 * np.log10(cell_m2)
    return ratio


def sar_p_detect(resolution_m: Floats | float, table: tuple[tuple[float, float], ...] = VEHICLE_SEEN) -> Floats:
    """Return the chance that something is found in a radar image, from a table over resolution.

    Args:
        resolution_m: Side of a square cell; for others the root of the area.
        table: Resolutions in m, ascending, with the chance at each; between them the chance is linear in log resolution.

    Assumption: the tables, see `VEHICLE_SEEN` and `FIELDWORKS_SEEN`.

    >>> sar_p_detect(np.array([0.25, 1.0, 20.0])).tolist()
    [0.85, 0.7, 0.0]
    """
    resolutions, chances = zip(*table, strict=True)
    return np.asarray(np.interp(np.log(resolution_m), np.log(resolutions), chances), dtype=np.float64)


def cloud_free(cloud_fraction: Floats | float, elevation_deg: Floats | float, aspect: float = 0.3) -> Floats:
    """Return the chance of a line of sight free of cloud.

    Args:
        cloud_fraction: Part of the sky covered, 0 to 1.
        elevation_deg: Height of the line above the horizon, above 0.
        aspect: Height of the clouds' sides relative to their gaps.

    Source: form after Kauth and Penquite 1967; measured tables in Lund and Shanklin 1973, J. Appl. Meteorol. 12, 28.
    Assumption: aspect 0.3.
    """
    chance: Floats = (1.0 - np.asarray(cloud_fraction)) ** (1.0 + aspect / np.tan(np.radians(elevation_deg)))
    return chance
