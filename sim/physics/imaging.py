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


def giqe4(
    gsd_m: Floats | float,
    rer: Floats | float,
    snr: Floats | float,
    overshoot: Floats | float = 1.3,
    gain: Floats | float = 7.0,
) -> Floats:
    """Return the interpretability of a sharpened panchromatic image by the older equation, for figures published with it.

    Args:
        gsd_m: Ground sample distance, geometric mean.
        rer: Relative edge response of the sharpened image, about 0.9.
        snr: Signal to noise ratio before sharpening.
        overshoot: Height H of the edge's overshoot.
        gain: Noise gain G of the sharpening.

    Returns:
        NIIRS; the arguments are broadcast.

    Source: coefficients in table 1 of NGA, General Image Quality Equation (GIQE) Version 5.0, 16 Sep 2015.
    Assumption: overshoot 1.3 and gain 7, for usual sharpening.

    >>> giqe4(0.5, 0.9, 30.0).round(4).tolist()
    4.9501
    """
    sharp = np.asarray(rer) >= 0.9
    by_distance, by_edge = np.where(sharp, 3.32, 3.16), np.where(sharp, 1.559, 2.817)
    niirs: Floats = 10.251 - by_distance * np.log10(np.asarray(gsd_m) / INCH_M) + by_edge * np.log10(rer)
    return np.asarray(niirs - 0.656 * np.asarray(overshoot) - 0.344 * np.asarray(gain) / snr)


def gsd_across_m(pitch_m: Floats | float, focal_m: Floats | float, slant_m: Floats | float) -> Floats:
    """Return the sample distance of a camera across its line of sight: pitch of the detector times distance over focal length.

    Source: definition, as in NGA, GIQE 5 (2015). The arguments are broadcast.

    >>> gsd_across_m(15e-6, 0.6, 10e3).round(4).tolist()
    0.25
    """
    return np.asarray(np.asarray(pitch_m) * slant_m / focal_m)


def gsd_along_m(gsd_m: Floats | float, grazing_deg: Floats | float) -> Floats:
    """Return the sample distance on flat ground in the direction of the look, from that across it.

    Args:
        gsd_m: Sample distance across the line of sight.
        grazing_deg: Angle between the line of sight and the ground, above 0. The two are broadcast.

    Source: projection.

    >>> gsd_along_m(0.25, 20.0).round(4).tolist()
    0.731
    """
    return np.asarray(np.asarray(gsd_m) / np.sin(np.radians(grazing_deg)))


def johnson_range_m(size_m: Floats | float, cycles: Floats | float, focal_m: Floats | float, pitch_m: Floats | float) -> Floats:
    """Return how far a camera puts some cycles across a target, two samples to a cycle: d f / (2 N p).

    Args:
        size_m: Critical dimension of the target; 2.3 m for the NATO target of STANAG 4347.
        cycles: Needed for the task: 1 to detect (0.75 in older use), 3 to recognise, 6 to identify.
        focal_m: Focal length.
        pitch_m: Pitch of the detector. All are broadcast.

    Source: Johnson's criteria, as in Chevalier, On the specification of the DRI requirements for a standard NATO target (2015).
    Assumption: no blur, no atmosphere; the most that optics allow.

    >>> johnson_range_m(2.3, np.array([1.0, 3.0, 6.0]), 0.5, 15e-6).round().tolist()
    [38333.0, 12778.0, 6389.0]
    """
    return np.asarray(np.asarray(size_m) * focal_m / (2.0 * np.asarray(cycles) * pitch_m))


def p_johnson(ratio: Floats | float) -> Floats:
    """Return the chance that a trained observer does a task by Johnson's cycles: r^E / (1 + r^E) with E = 2.7 + 0.7 r.

    Args:
        ratio: Cycles across the target over those at which half of the observers succeed, any shape.

    Source: Ratches, Vollmerhausen and Driggers 2001, IEEE Sensors J. 1, 31. Assumption: the customary exponent.

    >>> p_johnson(np.array([0.5, 1.0, 2.0])).round(4).tolist()
    [0.1077, 0.5, 0.9449]
    """
    r = np.asarray(ratio, dtype=np.float64)
    return _transfer(r, 2.7 + 0.7 * r)


def p_ttp(ratio: Floats | float, exponent: Floats | float | None = None) -> Floats:
    """Return the chance that a trained observer does a task by the targeting task performance metric.

    Args:
        ratio: Metric over that at which half of the observers succeed (V / V50), any shape.
        exponent: Of the transfer function; 1.5 is in use too. Without it 1.51 + 0.24 r.

    Source: Vollmerhausen, Jacobs and Driggers 2004, Optical Engineering 43, 2806; exponent 1.5 as in US patent 9152880 B1.
    Assumption: the customary exponent 1.51 + 0.24 r.

    >>> p_ttp(2.0).round(4).tolist(), p_ttp(2.0, 1.5).round(4).tolist()
    (0.7989, 0.7388)
    """
    r = np.asarray(ratio, dtype=np.float64)
    return _transfer(r, 1.51 + 0.24 * r if exponent is None else exponent)


def _transfer(ratio: Floats, exponent: Floats | float) -> Floats:
    """Return r^E / (1 + r^E), the target transform probability function, written as a logistic curve that no ratio overflows."""
    some = ratio > 0.0
    odds = np.clip(exponent * np.log(np.where(some, ratio, 1.0)), -500.0, 500.0)
    return np.where(some, 1.0 / (1.0 + np.exp(-odds)), 0.0)


def p_found_in_view(p_ever: Floats | float, time_s: Floats | float, clutter: float = 1.0) -> Floats:
    """Return the chance that an observer has found a target in the picture after some time: P (1 - exp(-t / tau)).

    Args:
        p_ever: Chance P that it is ever found, as of `p_johnson` or `p_ttp`; 0 is never found.
        time_s: How long the picture stands. The two are broadcast.
        clutter: Factor on tau; 1 for little clutter, 3 for much. Assumption.

    Source: form of time-limited search in US patent 9152880 B1. Assumption: tau = 3.4 s / P, customary for one field of view.

    >>> p_found_in_view(0.8, np.array([3.0, 10.0, 30.0])).round(4).tolist()
    [0.4051, 0.7239, 0.7993]
    """
    p = np.asarray(p_ever, dtype=np.float64)
    return np.asarray(-p * np.expm1(-p * time_s / (3.4 * clutter)))


def contrast_left(range_m: Floats | float, visibility_m: Floats | float, threshold: float = 0.02) -> Floats:
    """Return the share of a target's contrast against the horizon that the air leaves: exp(-sigma R).

    Args:
        range_m: Distance R through the air.
        visibility_m: Distance at which the threshold is left. The two are broadcast.
        threshold: 0.02 for visual range (sigma = 3.912 / V), 0.05 for the meteorological optical range (sigma = 2.996 / V).

    Source: Koschmieder 1924, as in the AMS Glossary of Meteorology (visual range) and the CIE vocabulary (optical range).
    Assumption: even air along the sight; in sunlight up to half of sigma wrong for what is not black.

    >>> contrast_left(5e3, 10e3).round(4).tolist(), contrast_left(5e3, 10e3, 0.05).round(4).tolist()
    (0.1414, 0.2236)
    """
    return np.asarray(threshold ** (np.asarray(range_m) / np.asarray(visibility_m)))
