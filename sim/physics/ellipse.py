"""Ellipses in which reported places scatter."""

import numpy as np

from sim.kinds import Floats


def ellipse_m(along_m: Floats | float, across_m: Floats | float, east_m: Floats, north_m: Floats) -> Floats:
    """Return the error ellipses of places seen from afar: so much along the sight, so much across.

    Args:
        along_m: Standard deviation along the sight, above 0. Shape (N,) or one.
        across_m: The same across it. Shape (N,) or one.
        east_m: Of the places, from who sees them; only the direction counts, and on the spot it is taken as east. Shape (N,).
        north_m: Shape (N,).

    Returns:
        Lower triangles that turn two standard normals into errors east and north. Shape (N, 2, 2).

    Derived: Cholesky's factor of the covariance, in closed form.

    >>> ellipse_m(500.0, 10.0, np.array([1000.0, 0.0]), np.array([0.0, 1000.0])).round(9).tolist()
    [[[500.0, 0.0], [0.0, 10.0]], [[10.0, 0.0], [0.0, 500.0]]]
    """
    away_m = np.hypot(east_m, north_m)
    some = away_m > 0.0
    east, north = np.where(some, east_m, 1.0) / np.where(some, away_m, 1.0), north_m / np.where(some, away_m, 1.0)
    spread_m = np.zeros((len(away_m), 2, 2))
    spread_m[:, 0, 0] = np.maximum(np.sqrt((along_m * east) ** 2 + (across_m * north) ** 2), 1e-9)
    spread_m[:, 1, 0] = (along_m**2 - across_m**2) * east * north / spread_m[:, 0, 0]
    spread_m[:, 1, 1] = along_m * across_m / spread_m[:, 0, 0]
    return spread_m
