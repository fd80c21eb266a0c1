"""Satellite windows: three workloads, against TAT-C and against a grid of 10 s over sgp4's arrays.

W1: 1 satellite, 100 places, 30 days; W2: 24, 100, 7; W3: 100, 500, 30. Orbits and places stand in `workloads/`; the limit is the angle at
the satellite from the geodetic nadir.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.peers import Peers, absent
from benchmarks.timing import alone, at_least, at_most, cpu_s, interleaved_s, medians_s, ms
from sim.kinds import Bools, Floats, Ints
from sim.physics.orbit import earth_fixed, from_tle, ground_m, vertical
from sim.physics.windows import Windows, passes
from sim.units import DAY
from verification.board import Row

FOLDER = Path(__file__).with_name("workloads")
BARS_S = {"W2": 0.12, "W3": 8.0}
W3_BAR_MB = 700.0
GRID_S = 10.0
LEAST_S = 1.0
"""No window of this length may be lost."""


class Workload(NamedTuple):
    """Satellites, places, and for how long."""

    name: str
    records: list[Any]
    lon_deg: Floats
    lat_deg: Floats
    begin_s: float
    days: float
    off_nadir_deg: float
    expected: int
    """Windows that a brute-force search finds."""

    def windows(self) -> Windows:
        """Find them."""
        end_s = self.begin_s + self.days * DAY
        return passes(self.records, self.lon_deg, self.lat_deg, self.begin_s, end_s, max_off_nadir_deg=self.off_nadir_deg)

    @property
    def words(self) -> str:
        """Say how large it is."""
        return f"{len(self.records)} satellites, {len(self.lon_deg)} places, {self.days:.0f} days"


@lru_cache(maxsize=3)
def workload(name: str) -> Workload:
    """Return a workload by name."""
    told = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    records = list(from_tle("\n".join(line for lines in told["satellites"] for line in lines)).values())
    lon_deg, lat_deg = np.array(told["places"], dtype=float).T
    begin_s = datetime.fromisoformat(told["start"]).timestamp()
    return Workload(name, records, lon_deg, lat_deg, begin_s, told["days"], told["max_off_nadir_deg"], told["windows"])


def rows(peers: Peers) -> Iterator[Row]:
    """Find the windows of all workloads, and those of W2 in two other ways."""
    small, middle = workload("W1"), workload("W2")
    small_s, middle_s = interleaved_s(small.windows, middle.windows)
    table = middle.windows()
    yield Row("W1", f"{small.words}, {len(small.windows()):,} windows", ms(small_s), "", None)
    yield at_most("W2", f"{middle.words}, {len(table):,} windows", middle_s, BARS_S["W2"])
    large, words = alone("windows", "W3"), workload("W3").words
    yield at_most("W3", words, large.cpu_s, BARS_S["W3"])
    figure = f"{large.peak_mb:,.0f} MB"
    yield Row("W3-memory", "its peak memory above import, table and all", figure, f"at most {W3_BAR_MB:.0f} MB", large.peak_mb <= W3_BAR_MB)
    for work in (small, middle):
        found = len(work.windows())
        what = f"windows of {work.name} that we find, and that a brute-force search found; only some shorter than 1 s may differ"
        near = abs(found - work.expected) <= 2
        yield Row(f"{work.name}-count", what, f"{found:,} and {work.expected:,}", "within 2", near)
    yield from against_grid(middle, table, middle_s)
    yield from against_tatc(peers, middle, table)


# TAT-C


def against_tatc(peers: Peers, work: Workload, table: Windows) -> Iterator[Row]:
    """Let TAT-C find the windows of a workload, all places of a satellite in one call."""
    what = f"times that TAT-C {peers.versions.get('tatc', '')} takes for {work.name}, all places of a satellite in one call"
    if not peers.has("tatc"):
        yield absent("W2-tatc", what, "at least 50", "tatc")
        return
    given = FOLDER / f"{work.name}.json"
    ours_s, theirs_s = medians_s(lambda: cpu_s(work.windows), lambda: peers.ask("passes", given)[0], repeats=3)
    yield at_least("W2-tatc", what, theirs_s / ours_s, 50, f" ({ms(theirs_s)})")
    theirs = peers.ask("passes", given)[1]
    lost, apart_s = compared(table, theirs)
    what = (
        f"windows over {LEAST_S:.0f} s of TAT-C's {len(theirs['start_s']):,} that we miss; edges of those over 30 s apart, median and most"
    )
    figure = f"{lost}; {np.median(apart_s):.3f} s, {apart_s.max():.3f} s"
    yield Row("W2-tatc-same", what, figure, "0", lost == 0)


def compared(table: Windows, theirs: dict[str, np.ndarray]) -> tuple[int, Floats]:
    """Return how many windows of another finder meet none of ours, and how far apart the edges of the long others are.

    Args:
        table: Ours.
        theirs: Columns satellite, place, start_s, end_s, shapes (N,).

    Returns:
        Number lost, and distances of edges in seconds, shape (M,).
    """
    pairs = int(max(table.point.max(initial=0), theirs["place"].max(initial=0))) + 1
    span_s = 1e9
    order = np.lexsort((table.start_s, table.satellite * pairs + table.point))
    key = (table.satellite * pairs + table.point)[order] * span_s + table.start_s[order]
    begin_s, end_s = table.start_s[order], table.end_s[order]
    their_key: Ints = theirs["satellite"] * pairs + theirs["place"]
    middle_s = (theirs["start_s"] + theirs["end_s"]) / 2
    row = np.searchsorted(key, their_key * span_s + middle_s, side="right") - 1
    long_s = theirs["end_s"] - theirs["start_s"]
    there = (row >= 0) & ((table.satellite * pairs + table.point)[order][row] == their_key) & (end_s[row] >= middle_s)
    kept = there & (long_s > 30.0)
    apart_s = np.concatenate([np.abs(begin_s[row] - theirs["start_s"])[kept], np.abs(end_s[row] - theirs["end_s"])[kept]])
    return int((~there & (long_s > LEAST_S)).sum()), apart_s


# The grid


def against_grid(work: Workload, table: Windows, ours_s: float) -> Iterator[Row]:
    """Find the windows of a workload by looking at every place from every satellite each 10 s: what everybody writes first."""
    counted: list[int] = []
    grid_s, again_s = interleaved_s(
        lambda: counted.append(sum(grid_windows(work, record) for record in work.records)), work.windows, repeats=2
    )
    what = f"times that sgp4's arrays on a grid of {GRID_S:.0f} s take for {work.name}"
    yield at_least(f"{work.name}-grid", what, grid_s / min(again_s, ours_s), 50, f" ({ms(grid_s)})")
    on_grid = int((np.ceil(table.start_s / GRID_S) * GRID_S <= table.end_s).sum())
    told = f"{counted[-1]:,} and {on_grid:,}"
    what = "windows that hold an instant of the grid, by the grid and by us"
    yield Row(f"{work.name}-grid-same", what, told, "equal", counted[-1] == on_grid)


def grid_windows(work: Workload, record: object) -> int:
    """Return how many windows a grid of 10 s shows of one satellite: all places at all instants, by matrix products."""
    at_s = work.begin_s + np.arange(0.0, work.days * DAY + 1.0, GRID_S)
    position_m = earth_fixed([record], at_s)[0][0]
    lon = np.degrees(np.arctan2(position_m[:, 1], position_m[:, 0]))
    down = -vertical(lon, geodetic_lat_deg(position_m))
    place_m, up = ground_m(work.lon_deg, work.lat_deg), vertical(work.lon_deg, work.lat_deg)
    square_m2 = (place_m**2).sum(axis=1)[:, None] + (position_m**2).sum(axis=1) - 2.0 * (place_m @ position_m.T)
    ahead_m = place_m @ down.T - (position_m * down).sum(axis=1)
    near = ahead_m >= np.cos(np.radians(work.off_nadir_deg)) * np.sqrt(square_m2)
    seen: Bools = near & (up @ position_m.T >= (up * place_m).sum(axis=1)[:, None])
    return int((seen[:, 1:] & ~seen[:, :-1]).sum() + seen[:, 0].sum())


def geodetic_lat_deg(position_m: Floats) -> Floats:
    """Return the geodetic latitude under places (N, 3), by four steps of the usual iteration, WGS 84. Shape (N,)."""
    flat2, equator_m = 6.69437999014e-3, 6_378_137.0
    across_m = np.hypot(position_m[:, 0], position_m[:, 1])
    lat = np.arctan2(position_m[:, 2], across_m)
    for _ in range(4):
        bend_m = equator_m / np.sqrt(1.0 - flat2 * np.sin(lat) ** 2)
        lat = np.arctan2(position_m[:, 2] + flat2 * bend_m * np.sin(lat), across_m)
    return np.asarray(np.degrees(lat))
