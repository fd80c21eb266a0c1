"""How often satellites come back, against published repeat cycles and a propagation by others."""

from datetime import UTC, datetime

import numpy as np
import pytest

from sim.kinds import Floats
from sim.physics.orbit import circular, sun_synchronous
from sim.physics.search import mean_wait_s
from sim.physics.windows import Windows, passes, radar_passes
from sim.units import DAY, HOUR

EQUINOX = datetime(2026, 3, 1, tzinfo=UTC).timestamp()


def gaps_s(found: Windows) -> Floats:
    """Times between looks at the same place."""
    order = np.lexsort((found.closest_s, found.point))
    same = np.diff(found.point[order]) == 0
    return np.asarray(np.diff(found.closest_s[order])[same])


@pytest.mark.parametrize(("satellites", "days"), [(1, 16.0), (2, 8.0)])
def test_orb_05_one_landsat_returns_in_16_days_and_two_in_8(satellites: int, days: float) -> None:
    """233 orbits in 16 days (USGS) lie 172 km apart at the equator, and the swath of 185 km leaves none of it out."""
    longitudes = np.arange(0.0, 360.0, 14.3)
    records = sun_synchronous(699.5e3, [22.2], satellites, EQUINOX)
    found = passes(records, longitudes, np.zeros(len(longitudes)), EQUINOX, EQUINOX + 56 * DAY, max_off_nadir_deg=7.5)
    by_day = found.where(found.sun_deg >= 10.0)
    assert gaps_s(by_day).max() / DAY == pytest.approx(days, abs=0.1)
    assert len(by_day.point) / len(longitudes) / 56 == pytest.approx(185 / 172 / days, rel=0.08)


def test_orb_07_terrasar_x_returns_between_its_two_published_figures() -> None:
    """Two and a half days for 95 % of places and four and a half for all, looking to both sides; three days on the mean to one."""
    longitudes = np.arange(0.0, 360.0, 20.0)
    records = sun_synchronous(514e3, [18.0], 1, EQUINOX)
    found = radar_passes(records, longitudes, np.full(18, 48.0), EQUINOX, EQUINOX + 40 * DAY, incidence_deg=(20.0, 45.0), side=-1)
    assert 40 * 18 / len(found.point) == pytest.approx(2.99, rel=0.1)


@pytest.mark.parametrize(("satellites", "draws", "looks", "wait_h"), [(25, 4, 18.4, 1.21), (50, 2, 36.7, 0.61)])
def test_orb_09_many_radars_at_random_are_waited_for_as_if_they_came_at_random(
    satellites: int, draws: int, looks: float, wait_h: float
) -> None:
    rates, waits_h = by_draw(satellites, draws)
    assert rates.mean() == pytest.approx(looks, rel=0.08)
    assert waits_h.mean() == pytest.approx(wait_h, rel=0.35)
    assert waits_h.mean() == pytest.approx(24.0 / looks, rel=0.15)


def test_orb_09_few_radars_leave_longer_waits_than_looks_at_random() -> None:
    rates, waits_h = by_draw(5, 24)
    assert rates.mean() == pytest.approx(3.8, rel=0.08)
    assert waits_h.mean() > 1.1 * 24.0 / 3.8


def by_draw(satellites: int, draws: int) -> tuple[Floats, Floats]:
    """Looks a day and mean waits in hours at 48 N of fleets in random planes, one of each for a draw."""
    dice = np.random.default_rng(3)
    rates, waits_h = np.zeros(draws), np.zeros(draws)
    for draw in range(draws):
        angles = dice.uniform(0.0, 360.0, (satellites, 2)).tolist()
        records = [circular(570e3, 97.7, node, phase, EQUINOX, number) for number, (node, phase) in enumerate(angles)]
        found = radar_passes(records, np.array([36.0]), np.array([48.0]), EQUINOX, EQUINOX + 20 * DAY, incidence_deg=(20.0, 45.0))
        rates[draw], waits_h[draw] = len(found.point) / 20.0, mean_wait_s(gaps_s(found)) / HOUR
    return rates, waits_h
