"""Orbits of the textbook cases by SGP4 and the simulator's own windows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from sim.kinds import Bools, Floats
from sim.physics.imaging import reach_deg
from sim.physics.orbit import circular, sun_synchronous, sun_synchronous_inclination_deg, walker
from sim.physics.search import mean_wait_s
from sim.physics.windows import Windows, passes, radar_passes
from sim.units import DAY, HOUR, KM, MINUTE
from verification.formulas import Figures, Given, solved

if TYPE_CHECKING:
    from sgp4.api import Satrec

EQUINOX = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
DAYS = 40.0
AROUND = np.arange(0.0, 360.0, 20.0)
LIT_DEG = 10.0
"""Height of the sun from which it is day for a camera."""
Ring = tuple[float, float]
Told = list[tuple[Figures, str]]
"""Figures, and why they are not judged; nothing where they are."""


def ring(latitudes: list[float]) -> tuple[Floats, Floats]:
    """Return 18 places on each circle of latitude."""
    return np.tile(AROUND, len(latitudes)), np.repeat(np.array(latitudes, dtype=np.float64), len(AROUND))


def daily(found: Windows, circles: int, satellites: int, days: float, chosen: Bools | None = None) -> Floats:
    """Return looks a day of one satellite at a place, the mean of a circle. Shape (circles,)."""
    points = found.point if chosen is None else found.point[chosen]
    return np.asarray(np.bincount(points // len(AROUND), minlength=circles) / (len(AROUND) * days * satellites))


def gaps_s(found: Windows) -> Floats:
    """Return the times between looks at the same place."""
    order = np.lexsort((found.closest_s, found.point))
    same = np.diff(found.point[order]) == 0
    return np.asarray(np.diff(found.closest_s[order])[same])


PUBLISHED_KM = {"S1": 693.0, "S2": 786.0, "Landsat": 705.0, "CSG": 619.6, "TSX": 514.0}


def periods(given: Given) -> Told:
    """Fly at the published altitudes; where these are no mean semi-major axis, ask for the altitude that the period has."""
    sure, doubtful, altitudes = Figures(), Figures(), []
    for name, altitude_km in PUBLISHED_KM.items():
        (sure if name in ("S1", "S2", "CSG") else doubtful)[name] = nodal_min(altitude_km)
        if name not in sure:
            days, orbits = given[name]
            altitudes.append(f"{name} {solved(nodal_min, days * DAY / MINUTE / orbits, 400.0, 900.0):.1f} km for {altitude_km:g} km")
    why = f"these published altitudes are no mean semi-major axes; the repeat asks for {', '.join(altitudes)}"
    return [(sure, ""), (doubtful, why)]


def nodal_min(altitude_km: float) -> float:
    """Return the period from node to node of a sun-synchronous orbit."""
    record = circular(altitude_km * KM, sun_synchronous_inclination_deg(altitude_km * KM), 0.0, 0.0, EQUINOX)
    return float(2.0 * np.pi / (record.mdot + record.argpdot))


def sentinel_2(given: Given) -> Told:
    """Two satellites over the equator and 48 N, by day; a swath of 290 km ends 10.4 deg off nadir."""
    lon, lat = ring(given["lat_deg"])
    found = passes(sun_synchronous(786e3, [22.5], 2, EQUINOX), lon, lat, EQUINOX, EQUINOX + 60 * DAY, max_off_nadir_deg=10.4)
    by_day = found.where(found.sun_deg >= LIT_DEG)
    repeat_days = float(np.quantile(gaps_s(by_day.where(by_day.point < len(AROUND))), 0.999)) / DAY
    rate = daily(by_day, 2, 2, 60.0)[1]
    return [
        (
            {
                "equator_two_sats_days": repeat_days,
                "mean_accesses_per_day_per_sat_48N": rate,
                "mean_revisit_two_sats_48N_days": 1.0 / (2.0 * rate),
            },
            "",
        )
    ]


def landsat(given: Given) -> Told:
    """The longest gap of one satellite and of two, by day; at 699.5 km the orbit has the published repeat."""
    lon, lat = np.arange(0.0, 360.0, 14.3), np.zeros(26)
    found: Figures = {}
    for satellites, name in ((1, "one_sat_days"), (2, "two_sats_days")):
        records = sun_synchronous(699.5e3, [22.2], satellites, EQUINOX)
        seen = passes(records, lon, lat, EQUINOX, EQUINOX + 56 * DAY, max_off_nadir_deg=7.5)
        found[name] = gaps_s(seen.where(seen.sun_deg >= LIT_DEG)).max() / DAY
    return [(found, "")]


def looks_a_day(given: Given) -> Told:
    """Thirteen orbits and instruments over three circles of latitude."""
    places = ring(given["lat_deg"])
    span = EQUINOX, EQUINOX + DAYS * DAY

    def radar(
        altitude_km: float, inclination: float | None = None, side: int = 0, look_deg: Ring = (0.0, 90.0), incidence_deg: Ring = (0.0, 90.0)
    ) -> Floats:
        records = orbit(altitude_km, inclination, 6.0)
        found = radar_passes(records, *places, *span, side=side, look_deg=look_deg, incidence_deg=incidence_deg)
        return daily(found, 3, len(records), DAYS)

    def camera(altitude_km: float, off_nadir: float, inclination: float | None = None, least: float = -90.0) -> Floats:
        records = orbit(altitude_km, inclination, 22.5)
        found = passes(records, *places, *span, max_off_nadir_deg=off_nadir)
        return daily(found, 3, len(records), DAYS, found.sun_deg >= least)

    edge_deg = solved(lambda angle: float(reach_deg(834e3, angle)), float(np.degrees(1530.0 / 6371.0)), 10.0, 62.0)
    receivers = orbit(525.0, 97.5, 0.0)
    heard = passes(receivers, *places, *span, min_elevation_deg=10.0)
    sure: list[Figures] = [
        {"SAR SSO inc 15-45 both, 570 km": radar(570.0, incidence_deg=(15.0, 45.0))},
        {"SAR i=53 look 15-45 both, 575 km": radar(575.0, 53.0, look_deg=(15.0, 45.0))},
        {"SAR i=45 look 15-45 both, 575 km": radar(575.0, 45.0, look_deg=(15.0, 45.0))},
        {"PNEO off-nadir<=30 day, 620 km": camera(620.0, 30.0, least=LIT_DEG)},
        {"PNEO off-nadir<=45 day": camera(620.0, 45.0, least=LIT_DEG)},
        {"VHR i=42 off<=45 day, 430 km": camera(430.0, 45.0, 42.0, LIT_DEG)},
        {"Sentinel-1 IW, inc 29-46 right, 693 km": radar(693.0, side=-1, incidence_deg=(29.0, 46.0))},
        {"VIIRS swath 3060 km day+night, 834 km": camera(834.0, edge_deg)},
        {"RF LEO elev>=10, i=97.5, 525 km": daily(heard, 3, len(receivers), DAYS)},
        {"COSMO-SkyMed inc 20-50 right, 619.6 km": radar(619.6, side=-1, incidence_deg=(20.0, 50.0))},
        {"TerraSAR-X inc 20-45 right, 514 km": radar(514.0, side=-1, incidence_deg=(20.0, 45.0))},
    ]
    drifting: list[Figures] = [
        {"VHR i=45 off<=45 day, 520 km": camera(520.0, 45.0, 45.0, LIT_DEG)},
        {"VHR i=53 off<=30 day, 520 km": camera(520.0, 30.0, 53.0, LIT_DEG)},
    ]
    why = "the case has the share by day of drifting orbits wrong; swath over circle of latitude times daylight is 0.65 at 48 N, 53 deg"
    return [(figures, "") for figures in sure] + [(figures, why) for figures in drifting]


def orbit(altitude_km: float, inclination: float | None, ltan_h: float) -> list[Satrec]:
    """Return a sun-synchronous satellite, or one in each of twelve planes."""
    if inclination is None:
        return sun_synchronous(altitude_km * KM, [ltan_h], 1, EQUINOX)
    return walker(altitude_km * KM, inclination, 12, 1, 0.0, EQUINOX)


def terrasar(given: Given) -> Told:
    """Mean gap over a circle of latitude, to the right only."""
    lon, lat = ring([48.0])
    ring_deg: Ring = tuple(given["incidence_deg"])
    records = sun_synchronous(given["h_km"] * KM, [18.0], 1, EQUINOX)
    found = radar_passes(records, lon, lat, EQUINOX, EQUINOX + DAYS * DAY, incidence_deg=ring_deg, side=-1)
    return [({"mean_gap_days_one_sided_48N": 1.0 / daily(found, 1, 1, DAYS)[0]}, "")]


DRAWS = {5: 96, 25: 16, 50: 8}


def random_planes(given: Given) -> Told:
    """Draw fleets: rates and, from 25 satellites on, waits are judged."""
    rate, wait_h, longest_h, spread_h = (np.zeros(len(given["n"])) for _ in range(4))
    for at, satellites in enumerate(given["n"]):
        rates, waits_h, most_h = drawn(satellites, DRAWS[satellites])
        rate[at], wait_h[at], longest_h[at], spread_h[at] = rates.mean(), waits_h.mean(), most_h.mean(), waits_h.std(ddof=1)
    noise = f"a draw of 5 strays by {spread_h[0]:.1f} h, and the case has the mean of 8; here it is that of {DRAWS[5]}"
    return [
        ({"rate_per_day": rate, "poisson_wait_h": 24.0 / rate}, ""),
        ({"mean_wait_many_h": wait_h[1:]}, ""),
        ({"mean_wait_few_h": wait_h[0], "max_gap_h": longest_h}, noise),
    ]


def drawn(satellites: int, draws: int) -> tuple[Floats, Floats, Floats]:
    """Return looks a day, mean waits and longest gaps in hours at 48 N of fleets in random planes, one of each for a draw."""
    dice = np.random.default_rng(3)
    rates, waits_h, longest_h = np.zeros(draws), np.zeros(draws), np.zeros(draws)
    for draw in range(draws):
        angles = dice.uniform(0.0, 360.0, (satellites, 2)).tolist()
        records = [circular(570e3, 97.7, node, phase, EQUINOX, number) for number, (node, phase) in enumerate(angles)]
        found = radar_passes(records, np.array([36.0]), np.array([48.0]), EQUINOX, EQUINOX + 20 * DAY, incidence_deg=(20.0, 45.0))
        gaps = gaps_s(found)
        rates[draw], waits_h[draw], longest_h[draw] = len(found.point) / 20.0, mean_wait_s(gaps) / HOUR, gaps.max() / HOUR
    return rates, waits_h, longest_h


PROPAGATED: dict[str, Callable[[Given], Told]] = {
    "ORB-01": periods, "ORB-04": sentinel_2, "ORB-05": landsat, "ORB-06": looks_a_day, "ORB-07": terrasar, "ORB-09": random_planes,
}  # fmt: skip
