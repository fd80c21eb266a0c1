"""The closed form against SGP4 itself: no pass is lost, and polynomials lie on the orbit."""

from datetime import UTC, datetime

import numpy as np
import pytest
from sgp4.api import WGS72, Satrec

from sim.physics.arcs import approaches, arcs_over, cap, closed_form, groups, reach_rad, secular
from sim.physics.orbit import circular, earth_fixed, ground_m

START = datetime(2026, 2, 1, tzinfo=UTC).timestamp()
DAY = 86400.0
UKRAINE = ground_m(np.array([36.3, 38.0, 37.5, 32.0]), np.array([50.3, 49.0, 47.8, 46.5])).T
UNIT = UKRAINE / np.linalg.norm(UKRAINE, axis=0)


def dragged(motion: float, eccentricity: float, drag: float, late_days: float = 0.0) -> Satrec:
    record = Satrec()
    epoch = START / DAY + 7306.0 + late_days
    record.sgp4init(WGS72, "i", 1, epoch, drag, 0.0, 0.0, eccentricity, 0.7, 1.1, 0.3, motion * 2.0 * np.pi / 1440.0, 2.0)
    return record


@pytest.mark.parametrize(
    "record",
    [
        circular(550e3, 53.0, 200.0, 40.0, START),
        circular(450e3, 0.0, 0.0, 0.0, START),
        circular(800e3, 180.0, 0.0, 0.0, START),
        circular(1400e3, 90.0, 100.0, 0.0, START),
        dragged(15.5, 0.001, 5e-4),
        dragged(15.6, 0.002, 1e-3, late_days=3.0),
        dragged(14.0, 0.02, 1e-5, late_days=-20.0),
    ],
)
@pytest.mark.parametrize(("off_nadir", "elevation"), [(45.0, 0.0), (90.0, 5.0)])
def test_whoever_is_in_reach_is_in_an_arc(record: Satrec, off_nadir: float, elevation: float) -> None:
    for unit in (UNIT, -UNIT, np.array([[0.0], [-1.0], [0.0]])):
        arcs = arcs_over([record], [0], unit, START, 10 * DAY, off_nadir, elevation)
        seconds = np.arange(0.0, 10 * DAY, 30.0)
        at = earth_fixed([record], START + seconds)[0][0]
        radius = np.linalg.norm(at, axis=1)
        angle = np.arccos(np.clip(at @ unit / radius[:, None], -1.0, 1.0)).min(axis=1)
        near = seconds[angle <= reach_rad(radius, off_nadir, elevation)]
        assert (np.abs(near[:, None] - arcs.middle_s) <= arcs.half_s).any(axis=1).all()


def test_no_revolution_is_skipped() -> None:
    # One guess a revolution skipped some where the phase wraps; two never do.
    records = [circular(altitude_m, 53.0, 13.0 * at, 7.0 * at, START) for at, altitude_m in enumerate(np.linspace(400e3, 1500e3, 40))]
    mean = secular(records, range(40), START, -DAY, 61 * DAY)
    which, time_s, angle = approaches(records, mean, START, 60 * DAY, UNIT[:, 0])
    for number, record in enumerate(records):
        apart = np.diff(time_s[which == number]) * record.no_kozai / 60.0 / (2.0 * np.pi)
        assert apart.min() > 0.8
        assert apart.max() < 1.2
    assert angle.min() >= 0.0


def test_the_nearest_instant_is_that_of_sgp4() -> None:
    record = dragged(15.2, 0.01, 1e-4)
    mean = secular([record], [0], START, -DAY, 21 * DAY)
    _, time_s, angle = approaches([record], mean, START, 20 * DAY, UNIT[:, 0])
    near = angle < np.radians(20.0)
    for nudge_s in (-30.0, 30.0):
        here, there = (earth_fixed([record], START + time_s[near] + shift)[0][0] for shift in (0.0, nudge_s))
        far = [np.degrees(np.arccos(at @ UNIT[:, 0] / np.linalg.norm(at, axis=1))) for at in (here, there)]
        assert (far[0] < far[1]).all()
        assert far[0] == pytest.approx(np.degrees(angle[near]), abs=0.3)


@pytest.mark.parametrize(("altitude_m", "elevation"), [(550e3, 40.0), (550e3, 0.0), (1500e3, 0.0)])
def test_polynomials_lie_on_the_orbit_between_the_nodes(altitude_m: float, elevation: float) -> None:
    record = circular(altitude_m, 75.0, 200.0, 40.0, START)
    arcs = arcs_over([record], [0], UNIT, START, 3 * DAY, 90.0, elevation)
    powers = arcs.powers(arcs.at)
    for part in (-1.0, -0.93, -0.4, 0.05, 0.71, 1.0):
        at = earth_fixed([record], START + arcs.middle_s + part * arcs.half_s)[0][0]
        assert np.tensordot(part ** np.arange(arcs.node.size), powers, axes=1) == pytest.approx(at, abs=0.01)


def test_a_front_line_is_one_group_and_the_world_is_many() -> None:
    assert len(groups(UNIT)) == 1
    lon, lat = (grid.ravel() for grid in np.meshgrid(np.arange(-180.0, 180.0, 10.0), np.arange(-80.0, 81.0, 10.0)))
    places = ground_m(lon, lat).T
    unit = places / np.linalg.norm(places, axis=0)
    found = groups(unit)
    assert sorted(np.concatenate(found).tolist()) == list(range(lon.size))
    assert max(cap(unit[:, group])[1] for group in found) <= np.radians(8.0)


def test_the_closed_form_knows_its_limits() -> None:
    low = circular(550e3, 53.0, 0.0, 0.0, START)
    assert closed_form(low, 45.0, 0.0)
    assert closed_form(low, 90.0, 0.0)
    assert not closed_form(low, 66.8, 0.0)  # asin(6378 / 6928) = 67.0 deg is the horizon
    assert not closed_form(circular(6000e3, 53.0, 0.0, 0.0, START), 90.0, 0.0)
    assert not closed_form(dragged(14.0, 0.03, 0.0), 45.0, 0.0)
    assert not closed_form(dragged(1.0, 0.0, 0.0), 45.0, 0.0)
