"""Ellipses of error: their axes, whatever the direction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.physics.ellipse import ellipse_m


def test_an_ellipse_to_the_north_east_has_its_long_axis_there() -> None:
    """At 1,414 m half of the distance along the sight, and one degree across it."""
    spread_m = ellipse_m(707.1, 1414.2 * np.radians(1.0), np.array([1000.0]), np.array([1000.0]))[0]
    assert spread_m[0, 1] == 0.0
    value, axis = np.linalg.eigh(spread_m @ spread_m.T)
    assert np.sqrt(value) == pytest.approx([24.68, 707.1], rel=1e-3)
    assert abs(axis[:, 1] @ np.array([1.0, 1.0])) == pytest.approx(np.sqrt(2.0))


def test_on_the_spot_there_is_an_ellipse_too() -> None:
    assert ellipse_m(15.0, 3.0, np.zeros(1), np.zeros(1))[0].tolist() == [[15.0, 0.0], [0.0, 3.0]]


@given(st.floats(0.1, 1e4), st.floats(0.1, 1e4), st.floats(-180.0, 180.0))
def test_its_product_with_its_transpose_is_the_covariance(along_m: float, across_m: float, angle_deg: float) -> None:
    sight = np.array([np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))])
    aside = np.array([-sight[1], sight[0]])
    spread_m = ellipse_m(along_m, across_m, 7e3 * sight[:1], 7e3 * sight[1:])[0]
    covariance = along_m**2 * np.outer(sight, sight) + across_m**2 * np.outer(aside, aside)
    assert spread_m @ spread_m.T == pytest.approx(covariance, rel=1e-9, abs=1e-9 * max(along_m, across_m) ** 2)
