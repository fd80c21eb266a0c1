"""The flat map of a line: geodesics, and the conformal projection that is truest beside them."""

from functools import lru_cache
from itertools import pairwise

import numpy as np
import pyproj

from sim.kinds import Floats

WGS84 = pyproj.Geod(ellps="WGS84")
LONGEST_SEGMENT_M = 25_000.0
"""Longer geodesics get points; 25 km at 1,000 km from the projection's centre bends by 2 m."""


def steps_m(lonlat: Floats) -> Floats:
    """Return the geodesic lengths between neighbours. Shape (V, 2) gives (V - 1,)."""
    _, _, step_m = WGS84.inv(lonlat[:-1, 0], lonlat[:-1, 1], lonlat[1:, 0], lonlat[1:, 1])
    return np.asarray(step_m, dtype=np.float64)


def densified(lonlat: Floats) -> Floats:
    """Return the vertices with points added along long geodesics. Shape (V, 2) gives (W, 2)."""
    pieces = np.ceil(steps_m(lonlat) / LONGEST_SEGMENT_M).astype(int)
    if np.all(pieces <= 1):
        return lonlat.copy()
    parts = []
    for (start, end), count in zip(pairwise(lonlat), pieces, strict=True):
        between = WGS84.npts(start[0], start[1], end[0], end[1], int(count) - 1) if count > 1 else []
        parts.append(np.array([tuple(start), *between]))
    return np.vstack([*parts, lonlat[-1:]])


@lru_cache(maxsize=64)
def projector(projection: str) -> pyproj.Proj:
    """Return the map of a PROJ text."""
    return pyproj.Proj(projection)


def best_projection(lonlat: Floats, corridor_m: float) -> tuple[str, float]:
    """Return the conformal map that is truest to scale on the line and beside it, and its worst relative error there.

    Tried are the oblique Mercator along the line, the Lambert cone, the transverse and the plain Mercator, and the oblique stereographic
    map (at a pole: the polar one), each with the scale that balances its errors. The azimuthal equidistant map is never truer: its error
    grows as c^2/6 from the centre, that of the balanced stereographic as c^2/8 to either sign (Snyder 1987, sections 21 and 25).
    """
    sample = np.unique(np.linspace(0, len(lonlat) - 1, min(len(lonlat), 300)).astype(int))
    lon, lat = lonlat[sample].T
    along, _, _ = WGS84.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
    azimuth = np.append(along, along[-1])
    beside = [WGS84.fwd(lon, lat, azimuth + turn, np.full(lon.shape, corridor_m))[:2] for turn in (-90.0, 90.0)]
    lons, lats = np.concatenate([lon, *(b[0] for b in beside)]), np.concatenate([lat, *(b[1] for b in beside)])
    tried = [balanced(text, lons, lats) for text in candidates(lon, lat)]
    worst, best = min((error, text) for text, error in tried)
    return best, worst


def candidates(lon: Floats, lat: Floats) -> list[str]:
    """Return the maps to be tried, without their scale, centred on the places given. Shapes (N,)."""
    radians = np.radians([lon, lat])
    towards = np.array([np.cos(radians[1]) * np.cos(radians[0]), np.cos(radians[1]) * np.sin(radians[0]), np.sin(radians[1])]).mean(axis=1)
    lon_0, lat_0 = np.degrees(np.arctan2(towards[1], towards[0])), np.degrees(np.arctan2(towards[2], np.hypot(towards[0], towards[1])))
    azimuth, _, distance_m = WGS84.inv(np.full(lon.shape, lon_0), np.full(lon.shape, lat_0), lon, lat)
    east, north = distance_m * np.sin(np.radians(azimuth)), distance_m * np.cos(np.radians(azimuth))
    axis = np.degrees(0.5 * np.arctan2(2 * np.sum(east * north), np.sum(north**2) - np.sum(east**2)))
    centre = f"+lat_0={lat_0:.6f} +lon_0={lon_0:.6f}"
    found = [f"+proj=tmerc {centre}", f"+proj=stere {centre}", f"+proj=merc +lon_0={lon_0:.6f}"]
    if 1.0 < abs(lat_0) < 85.0:  # a cone needs a latitude that is neither the equator nor a pole
        found.append(f"+proj=lcc +lat_1={lat_0:.6f} {centre}")
    if 1.0 < abs(axis) < 89.0 and abs(lat_0) < 85.0:  # due north and due east are the other Mercators
        found.append(f"+proj=omerc +lat_0={lat_0:.6f} +lonc={lon_0:.6f} +alpha={axis:.6f}")
    return [f"{text} +ellps=WGS84 +units=m" for text in found]


def balanced(projection: str, lon: Floats, lat: Floats) -> tuple[str, float]:
    """Return a conformal map with the scale that balances its errors at the places given, and the worst of them, infinite if it fails."""
    factors = projector(projection).get_factors(lon, lat)
    scales = np.concatenate([factors.tissot_semimajor, factors.tissot_semiminor])
    if not np.isfinite(scales).all() or scales.max() > 1e3:
        return projection, np.inf
    low, high = float(scales.min()), float(scales.max())
    return f"{projection} +k_0={2 / (low + high):.9f}", (high - low) / (high + low)
