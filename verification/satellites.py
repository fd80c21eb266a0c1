"""Satellite windows against brute force: SGP4 at every second, every limit by code of its own, and edges by bisection.

The frames, the geodetic vertical and the angles are written anew here; SGP4 is shared, and the height of the sun.
The seeds are fixed, so the table is the same on every machine. Run alone with `python -m verification.satellites`.
"""

import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np
from sgp4.api import WGS72, Satrec

from sim.kinds import Bools, Floats, Ints
from sim.physics import windows
from sim.physics.arcs import arcs_over
from sim.physics.sun import elevation_deg
from sim.physics.windows import Windows, passes
from verification.board import Row, publish

START = datetime(2026, 2, 1, tzinfo=UTC).timestamp()
DAY = 86400.0
EDGE_S = 0.02
"""Largest difference allowed for edges of windows of more than 30 s."""
SEMI_AXIS_M, SQUARED_ECCENTRICITY = 6_378_137.0, 0.006_694_379_990_14
"""WGS 84."""
AT_ONCE = 200_000
"""Seconds times places in one block."""


class Work(NamedTuple):
    """Satellites over places for some days."""

    name: str
    records: list[Satrec]
    lon: Floats
    lat: Floats
    days: float
    limits: Mapping[str, Any]

    def found(self) -> Windows:
        return passes(self.records, self.lon, self.lat, START, START + self.days * DAY, **self.limits)


class Truth(NamedTuple):
    """Windows by satellite, place and time."""

    satellite: Ints
    point: Ints
    start_s: Floats
    end_s: Floats


def rows() -> Iterator[Row]:
    """Yield every figure."""
    for work in (w1(), w2(), w3_cut()):
        yield from judged(f"windows {work.name}", work)
    for name, works in (("limits", varied()), ("far orbits", far())):
        yield from together(name, works)
    yield cull()
    yield both_ways()


def judged(name: str, work: Work) -> Iterator[Row]:
    """Compare one workload."""
    truth = brute(work)
    missed, extra, worst = differences(work, truth)
    yield lost(name, truth.start_s.size, missed, extra)
    yield Row(f"{name}, edges", "worst edge of windows over 30 s", f"{worst:.5f} s", f"{EDGE_S} s", worst <= EDGE_S)


def together(name: str, works: list[Work]) -> Iterator[Row]:
    """Compare several small workloads and tell the sums."""
    counts, worst = np.zeros(3, dtype=np.int64), 0.0
    for work in works:
        truth = brute(work)
        missed, extra, edge = differences(work, truth)
        counts += [truth.start_s.size, missed, extra]
        worst = max(worst, edge)
    yield lost(f"windows, {name}", *counts.tolist())
    yield Row(f"windows, {name}, edges", f"worst of {len(works)} cases", f"{worst:.5f} s", f"{EDGE_S} s", worst <= EDGE_S)


def lost(name: str, count: int, missed: int, extra: int) -> Row:
    """Tell what is missing or too much."""
    return Row(name, f"windows of 1 s or more missed, extra, of {count}", f"{missed}, {extra}", "0, 0", missed == extra == 0)


def differences(work: Work, truth: Truth) -> tuple[int, int, float]:
    """Return how many windows of 1 s or more are missed, how many are extra, and the worst edge of those above 30 s."""
    ours = work.found()
    span = work.days * DAY + 1.0
    known = (truth.satellite * work.lon.size + truth.point) * span
    key = (ours.satellite * work.lon.size + ours.point) * span
    order = np.argsort(key + ours.start_s, kind="stable")
    opens, closes = (key + ours.start_s)[order], (key + ours.end_s)[order]
    row = np.searchsorted(opens, known + 0.5 * (truth.start_s + truth.end_s)) - 1
    hit = (row >= 0) & (closes[np.maximum(row, 0)] >= known + 0.5 * (truth.start_s + truth.end_s))
    long = hit & (truth.end_s - truth.start_s > 30.0)
    rows = order[row[long]]
    worst = np.maximum(np.abs(ours.start_s[rows] - truth.start_s[long]), np.abs(ours.end_s[rows] - truth.end_s[long]))
    alone = np.ones(len(ours), dtype=np.bool_)
    alone[order[row[hit]]] = False
    missed = ~hit & (truth.end_s - truth.start_s >= 1.0)
    return int(missed.sum()), int((alone & (ours.end_s - ours.start_s >= 1.0)).sum()), float(worst.max(initial=0.0))


def brute(work: Work) -> Truth:
    """Return the windows of a workload: each second that a satellite is over the horizon of the region is looked at."""
    seconds = np.arange(0.0, work.days * DAY + 1.0)
    found = [alone(record, number, work, seconds) for number, record in enumerate(work.records)]
    return Truth(*(np.concatenate(column) for column in zip(*found, strict=True)))


def alone(record: Satrec, number: int, work: Work, seconds: Floats) -> Truth:
    """Return the windows of one satellite."""
    ground = ground_of(work.lon, work.lat)
    middle = ground.mean(axis=1)
    middle /= np.linalg.norm(middle)
    widest = np.arccos((middle @ (ground / np.linalg.norm(ground, axis=0))).min())
    place, opening, closing = [], [], []
    size = max(100, AT_ONCE // work.lon.size)
    for near in above(record, seconds, middle, float(widest)):
        for begin in range(0, near.size, size):
            part = near[begin : begin + size + 1]  # one second more, with which the next part begins
            holds = slack(work, state(record, seconds[part]), START + seconds[part][:, None], np.arange(work.lon.size)) >= 0.0
            at, which = np.nonzero(holds[1:] != holds[:-1])
            edge = bisected(record, work, which, seconds[part][at], holds[1:][at, which])
            opens = holds[1:][at, which]
            at_first, at_last = np.flatnonzero(holds[0] & (part[0] == 0)), np.flatnonzero(holds[-1] & (part[-1] == seconds.size - 1))
            opening += [np.stack([which[opens], edge[opens]]), np.stack([at_first, 0.0 * at_first])]
            closing += [np.stack([which[~opens], edge[~opens]]), np.stack([at_last, 0.0 * at_last + seconds[-1]])]
    starts, ends = (np.concatenate(edges, axis=1) if edges else np.empty((2, 0)) for edges in (opening, closing))
    starts, ends = (edges[:, np.lexsort((edges[1], edges[0]))] for edges in (starts, ends))
    place = starts[0].astype(np.int64)
    return Truth(np.full(place.size, number, dtype=np.int64), place, starts[1], ends[1])


def above(record: Satrec, seconds: Floats, middle: Floats, widest: float) -> Iterator[Ints]:
    """Yield runs of seconds in which a satellite may be above the horizon of a place, with five degrees to spare."""
    chosen = []
    for begin in range(0, seconds.size, 500_000):
        at = inertial(record, seconds[begin : begin + 500_000])[0]
        turn = greenwich(START + seconds[begin : begin + 500_000])
        radius = np.sqrt((at * at).sum(axis=0))
        along = middle[0] * (np.cos(turn) * at[0] + np.sin(turn) * at[1]) + middle[1] * (np.cos(turn) * at[1] - np.sin(turn) * at[0])
        far = np.arccos(np.clip((along + middle[2] * at[2]) / radius, -1.0, 1.0))
        chosen.append(begin + np.flatnonzero(far < np.arccos(6_350e3 / radius) + widest + np.radians(5.0)))
    near = np.concatenate(chosen)
    yield from (run for run in np.split(near, np.flatnonzero(np.diff(near) > 1) + 1) if run.size > 1)


def bisected(record: Satrec, work: Work, place: Ints, low: Floats, opens: Bools) -> Floats:
    """Return when limits begin or cease to hold within a second (N,), to 0.03 ms."""
    high = low + 1.0
    for _ in range(14 if place.size else 0):
        half = 0.5 * (low + high)
        beyond = (slack(work, state(record, half), START + half, place) >= 0.0) == opens
        low, high = np.where(beyond, low, half), np.where(beyond, half, high)
    return 0.5 * (low + high)


def slack(work: Work, states: tuple[Floats, Floats], utc: Floats, place: Ints) -> Floats:
    """Return by how many degrees the tightest limit is kept: at each time for each place (T, P), or pair by pair (N,)."""
    limits = work.limits
    at, velocity = (part[..., None] if utc.ndim == 2 else part for part in states)
    ground = ground_of(work.lon, work.lat)[:, place]
    x, y, z = (at[axis] - ground[axis] for axis in range(3))
    distance = np.sqrt(x * x + y * y + z * z)
    up = zenith(work.lon, work.lat)[:, place]
    kept = []
    height = np.degrees(np.arcsin((x * up[0] + y * up[1] + z * up[2]) / distance))
    kept += [height - float(limits.get("min_elevation_deg", 0.0)), float(limits.get("max_elevation_deg", 90.0)) - height]
    plumb = at / np.sqrt((at * at).sum(axis=0)) if limits.get("nadir") == "geocentric" else normal(at)
    nadir = np.degrees(np.arccos(np.clip((x * plumb[0] + y * plumb[1] + z * plumb[2]) / distance, -1.0, 1.0)))
    kept += [float(limits.get("max_off_nadir_deg", 90.0)) - nadir, nadir - float(limits.get("min_off_nadir_deg", 0.0))]
    if "max_squint_deg" in limits:
        speed = np.sqrt((velocity * velocity).sum(axis=0))
        ahead = np.degrees(np.arcsin((x * velocity[0] + y * velocity[1] + z * velocity[2]) / distance / speed))
        kept.append(float(limits["max_squint_deg"]) - np.abs(ahead))
    if "min_sun_deg" in limits:
        kept.append(elevation_deg(utc, work.lon[place], work.lat[place]) - float(limits["min_sun_deg"]))
    tightest: Floats = np.minimum.reduce(kept)
    return tightest


def inertial(record: Satrec, seconds: Floats) -> tuple[Floats, Floats]:
    """Return SGP4's positions and velocities (3, T) in m and m/s, over the equinox of date."""
    julian = 2_440_587.5 + (START + seconds) / DAY
    whole = np.floor(julian)
    error, at, velocity = record.sgp4_array(whole, (2_440_587.5 - whole) + (START + seconds) / DAY)
    assert not error.any()
    return 1000.0 * at.T, 1000.0 * velocity.T


def state(record: Satrec, seconds: Floats) -> tuple[Floats, Floats]:
    """Return positions and velocities (3, T) over the turning Earth."""
    (x, y, z), (u, v, w) = inertial(record, seconds)
    turn = greenwich(START + seconds)
    cosine, sine = np.cos(turn), np.sin(turn)
    east, north = cosine * x + sine * y, cosine * y - sine * x
    spin = 7.292_115_146_7e-5
    return np.stack([east, north, z]), np.stack([cosine * u + sine * v + spin * north, cosine * v - sine * u - spin * east, w])


def greenwich(utc: Floats) -> Floats:
    """Return the sidereal time of Greenwich in rad, in seconds of time as first published (Aoki et al. 1982)."""
    days = (utc - 946_728_000.0) / DAY
    centuries = days / 36525.0
    of_day = (days + 0.5) % 1.0
    midnight = (np.floor(days + 0.5) - 0.5) / 36525.0
    at_midnight = 24110.54841 + 8_640_184.812866 * midnight + 0.093104 * midnight**2 - 6.2e-6 * midnight**3
    ratio = 1.002737909350795 + 5.9006e-11 * centuries - 5.9e-15 * centuries**2
    turn: Floats = 2.0 * np.pi * ((at_midnight / DAY + ratio * of_day) % 1.0)
    return turn


def zenith(lon: Floats, lat: Floats) -> Floats:
    """Return the vertical of places, (3, P)."""
    east, north = np.radians(lon), np.radians(lat)
    return np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)])


def ground_of(lon: Floats, lat: Floats) -> Floats:
    """Return where places at height 0 are, (3, P) in m."""
    east, north = np.radians(lon), np.radians(lat)
    reduced = np.arctan(np.sqrt(1.0 - SQUARED_ECCENTRICITY) * np.tan(north))
    pole = SEMI_AXIS_M * np.sqrt(1.0 - SQUARED_ECCENTRICITY)
    across = SEMI_AXIS_M * np.cos(reduced)
    return np.stack([across * np.cos(east), across * np.sin(east), pole * np.sin(reduced)])


def normal(at: Floats) -> Floats:
    """Return the geodetic vertical at positions (3, ...), by iterating the latitude."""
    across, north = np.hypot(at[0], at[1]), np.arctan2(at[2], np.hypot(at[0], at[1]))
    for _ in range(5):
        curve = SEMI_AXIS_M / np.sqrt(1.0 - SQUARED_ECCENTRICITY * np.sin(north) ** 2)
        north = np.arctan2(at[2] + SQUARED_ECCENTRICITY * curve * np.sin(north), across)
    return np.stack([np.cos(north) * at[0] / across, np.cos(north) * at[1] / across, np.sin(north)])


def cull(cases: int = 300) -> Row:
    """Look at each half minute of random near-circular orbits: in reach of a place means in an arc."""
    rng = np.random.default_rng(7)
    outside = inside = 0
    for _ in range(cases):
        eccentricity = float(rng.choice([0.0, 0.001, 0.01, 0.02]))
        motion = 16.6667 * (1.0 + (rng.uniform(230e3, 1900e3) / (1.0 - eccentricity)) / 6.378e6) ** -1.5
        inclination, (node, anomaly, perigee) = rng.uniform(0.0, 180.0), rng.uniform(0.0, 360.0, 3)
        drag, late_days = 10.0 ** rng.uniform(-7.0, -4.0), rng.uniform(-5.0, 5.0)
        record = satellite(motion, inclination, node, anomaly, perigee, eccentricity, drag, late_days)
        lon = rng.uniform(-180.0, 180.0) + rng.uniform(-5.0, 5.0, 8)
        lat = rng.uniform(-75.0, 75.0) + rng.uniform(-3.0, 3.0, 8)
        limits = {"max_off_nadir_deg": rng.uniform(2.0, 60.0)} if rng.random() < 0.6 else {"min_elevation_deg": rng.uniform(0.0, 40.0)}
        seconds = np.arange(0.0, 5.0 * DAY, 30.0)
        work = Work("cull", [record], lon, lat, 5.0, limits)
        seen = seconds[(slack(work, state(record, seconds), START + seconds[:, None], np.arange(8)) >= 0.0).any(axis=1)]
        ground = ground_of(lon, lat)
        asked = float(limits.get("max_off_nadir_deg", 90.0)), float(limits.get("min_elevation_deg", 0.0))
        arcs = arcs_over([record], [0], ground / np.linalg.norm(ground, axis=0), START, 5.0 * DAY, *asked)
        covered = np.abs(seen[:, None] - arcs.middle_s) <= arcs.half_s
        inside, outside = inside + int(covered.any(axis=1).sum()), outside + int((~covered.any(axis=1)).sum())
    return Row(
        "cull", f"half minutes in reach, of {inside + outside} in {cases} random orbits, outside every arc", str(outside), "0", outside == 0
    )


def both_ways(cases: int = 1000) -> Row:
    """Find the windows of random near-circular orbits under random limits by the closed form and by the scan."""
    rng = np.random.default_rng(3)
    count = unmatched = 0
    for _ in range(cases):
        eccentricity = float(rng.choice([0.0, 0.001, 0.01, 0.02]))
        inclination, (node, anomaly, perigee) = float(rng.choice([rng.uniform(0.0, 180.0), 0.0, 90.0])), rng.uniform(0.0, 360.0, 3)
        record = satellite(rng.uniform(11.5, 15.6) * (1.0 - eccentricity), inclination, node, anomaly, perigee, eccentricity)
        middle = float(rng.choice([rng.uniform(-80.0, 80.0), min(inclination, 180.0 - inclination)]))
        lon, lat = rng.uniform(-180.0, 180.0) + rng.uniform(-6.0, 6.0, 5), np.clip(middle + rng.uniform(-6.0, 6.0, 5), -89.9, 89.9)
        limits = {
            "max_off_nadir_deg": rng.uniform(1.0, 68.0),
            "min_elevation_deg": rng.uniform(-5.0, 60.0),
            "min_off_nadir_deg": rng.uniform(0.0, 20.0),
            "max_elevation_deg": rng.uniform(40.0, 89.0),
            "max_squint_deg": rng.uniform(1.0, 40.0),
            "min_sun_deg": rng.uniform(-10.0, 30.0),
        }
        asked = {name: limit for (name, limit), p in zip(limits.items(), (0.7, 0.6, 0.3, 0.2, 0.2, 0.3), strict=True) if rng.random() < p}
        work = Work("both ways", [record], lon, lat, 2.0, asked)
        with patch.object(windows, "closed_form", lambda *_: False):
            slow = work.found()
        missed, extra, _ = differences(work, Truth(slow.satellite, slow.point, slow.start_s, slow.end_s))
        count, unmatched = count + len(slow), unmatched + missed + extra
    return Row("both ways", f"windows of 1 s or more, of {count}, that closed form or scan has alone", str(unmatched), "0", unmatched == 0)


def line(number: int) -> tuple[Floats, Floats]:
    """Return places at even distances along a line of 768 km between 46.5 and 50.3 N."""
    lon, lat = np.array([36.3, 38.0, 37.5, 32.0]), np.array([50.3, 49.0, 47.8, 46.5])
    east = np.diff(lon) * np.cos(np.radians((lat[1:] + lat[:-1]) / 2.0))
    along = np.concatenate([[0.0], np.cumsum(np.hypot(east, np.diff(lat)))])
    where = np.linspace(0.0, along[-1], number)
    return np.interp(where, along, lon).round(6), np.interp(where, along, lat).round(6)


def satellite(
    motion: float, inclination: float, node: float, anomaly: float, perigee: float = 0.0, eccentricity: float = 1e-4, drag: float = 0.0,
    late_days: float = 0.0,
) -> Satrec:  # fmt: skip
    """Return a record: revolutions a day and angles in deg, at the start or some days later."""
    record = Satrec()
    angles = np.radians([perigee, inclination, anomaly]).tolist()
    epoch = START / DAY + 7306.0 + late_days
    rate = motion * 2.0 * np.pi / 1440.0
    record.sgp4init(WGS72, "i", 1, epoch, drag, 0.0, 0.0, eccentricity, *angles, rate, float(np.radians(node % 360.0)))
    return record


def w1() -> Work:
    """Return one satellite at 786 km for a month over 100 places."""
    return Work("W1", [satellite(14.30858273, 98.6, 108.7159, 270.0, 90.0)], *line(100), 30.0, {"max_off_nadir_deg": 20.6})


def w2() -> Work:
    """Return 24 satellites, half sun-synchronous and half at 53 deg, for a week over 100 places."""
    planes = [(97.4260, 273.7159, 15.20929138), (97.8123, 108.7159, 14.88386488), (97.6173, 333.7159, 15.04511191)]
    records = [satellite(n, i, node, 17.0 * at + 90.0 * k, drag=5e-5) for at, (i, node, n) in enumerate(planes) for k in range(4)]
    records += [satellite(15.05580994, 53.0, 10.0 + 90.0 * at, 30.0 * at + 120.0 * k, drag=5e-5) for at in range(4) for k in range(3)]
    return Work("W2", records, *line(100), 7.0, {"max_off_nadir_deg": 45.0})


def w3() -> Work:
    """Return 100 satellites (40 cameras and 30 radars, sun-synchronous, 30 at 53 deg) for a month over 500 places."""
    planes = [
        (97.3316, 273.7159, 15.29250417),
        (97.3881, 293.2159, 15.24248573),
        (97.4450, 312.7159, 15.19273935),
        (97.5021, 332.2159, 15.14326294),
    ]
    records = [satellite(n, i, node, 11.0 * at + 36.0 * k, drag=8e-5) for at, (i, node, n) in enumerate(planes) for k in range(10)]
    records += [satellite(14.98026533, 97.6949, 131.2159 + 60.0 * at, 29.0 * at + 72.0 * k, drag=5e-5) for at in range(6) for k in range(5)]
    records += [satellite(15.02326898, 53.0, 5.0 + 60.0 * at, 12.0 * at + 72.0 * k, drag=5e-5) for at in range(6) for k in range(5)]
    return Work("W3", records, *line(500), 30.0, {"max_off_nadir_deg": 45.0})


def w3_cut() -> Work:
    """Return every tenth satellite and every fiftieth place of W3."""
    whole = w3()
    return whole._replace(name="W3 cut", records=whole.records[::10], lon=whole.lon[::50], lat=whole.lat[::50])


def varied() -> list[Work]:
    """Return near-circular orbits under limits of every kind."""
    lon, lat = np.array([36.0, 38.0, 32.0, -150.0, 20.0]), np.array([50.3, 48.1, 46.5, 2.0, 69.0])
    limits: list[Mapping[str, float | str]] = [
        {"max_off_nadir_deg": 45.0, "nadir": "geocentric"},
        {"max_off_nadir_deg": 45.0, "min_off_nadir_deg": 20.0},
        {"max_off_nadir_deg": 50.0, "max_squint_deg": 12.0},
        {"max_off_nadir_deg": 50.0, "min_elevation_deg": 30.0},
        {"min_elevation_deg": 0.0},
        {"min_elevation_deg": 10.0, "max_elevation_deg": 60.0},
        {"max_off_nadir_deg": 60.0, "min_sun_deg": 10.0},
        {"min_elevation_deg": 5.0, "min_sun_deg": -0.833},
        {"max_off_nadir_deg": 30.0, "min_elevation_deg": 56.6},
        {"max_off_nadir_deg": 64.0, "min_elevation_deg": 0.0},
        {"max_off_nadir_deg": 45.0, "min_off_nadir_deg": 15.0, "max_squint_deg": 20.0, "min_sun_deg": 0.0},
    ]
    rng = np.random.default_rng(11)
    works = []
    for limit in limits:
        for eccentricity in (1e-3, 0.015):
            motion, inclination, (node, anomaly, perigee) = rng.uniform(13.0, 15.6), rng.uniform(48.0, 132.0), rng.uniform(0.0, 360.0, 3)
            record = satellite(motion, inclination, node, anomaly, perigee, eccentricity)
            works.append(Work("varied", [record], lon, lat, 4.0, limit))
    works.append(Work("varied", [satellite(15.4, 90.0, 30.0, 0.0, 90.0, 0.01)], lon, lat * 0.04 + 87.2, 2.0, {"max_off_nadir_deg": 2.0}))
    return works


def far() -> list[Work]:
    """Return orbits that are scanned: eccentric, of half a day, of a day."""
    lon, lat = np.array([36.0, 32.0]), np.array([50.3, 46.5])
    orbits = [
        satellite(2.006, 63.4, 40.0, 10.0, 270.0, 0.72),
        satellite(1.0027, 0.05, 0.0, 60.0, 0.0, 2e-4),
        satellite(1.0027, 60.0, 30.0, 60.0, 270.0, 0.25),
        satellite(2.0056, 55.0, 100.0, 0.0, 0.0, 0.01),
        satellite(4.5, 45.0, 200.0, 20.0, 30.0, 0.5),
        satellite(12.0, 75.0, 80.0, 20.0, 30.0, 0.15),
        satellite(14.5, 60.0, 20.0, 200.0, 130.0, 0.04),
    ]
    limits: list[Mapping[str, float | str]] = [
        {"min_elevation_deg": 10.0},
        {"min_elevation_deg": 25.0, "min_sun_deg": 5.0},
        {"max_off_nadir_deg": 40.0, "min_off_nadir_deg": 5.0},
    ]
    return [Work("far", [orbit], lon, lat, 3.0, limit) for orbit in orbits for limit in limits]


if __name__ == "__main__":
    sys.exit(0 if publish("satellites", "Satellite windows against brute force", rows()) else 1)
