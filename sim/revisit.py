"""When satellites could look, and how long a place waits for them: windows without simulation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim import store
from sim.errors import TrucelineError, did_you_mean
from sim.kinds import Floats, Ints
from sim.line import Line
from sim.orbits import Overhead, satellites
from sim.physics.windows import Windows
from sim.report import Table, figures_of, many
from sim.scenario import Loaded, load
from sim.units import DAY, duration
from sim.world import set_stage

EVERY_M = 25_000.0
"""Places along the line, without others, are so far apart: the largest tile that a constellation images."""
TOGETHER = "all together"
SLOW = (
    "the compiled part of sgp4 is not installed, so orbits take many times as long; "
    "install a wheel of sgp4 for this platform, or a C++ compiler and then sgp4 again"
)
CUT = (
    "gaps that the start or the end of the run cuts count for no mean, and as 'at least' where they are the longest; "
    "a wait counts from every instant after which the run goes on for that long"
)


class Places(NamedTuple):
    """Where somebody wants to be looked at. Shapes (P,)."""

    lon_deg: Floats
    lat_deg: Floats
    chainage_m: Floats
    offset_m: Floats


class Revisit(NamedTuple):
    """How often a constellation could look at a place, on average over the places."""

    constellation: str
    satellites: int
    windows: int
    windows_per_day: float
    """At a place."""
    mean_gap_s: float
    """Between the end of a window and the next, of whichever satellite; only gaps that the run does not cut."""
    gaps: int
    """Number of these."""
    median_wait_s: float
    """From an instant to the next window, 0 within one; infinite if it is more than half of the run."""
    p95_wait_s: float
    longest_gap_s: float
    """Of all gaps, those that the run cuts included."""
    longest_is_cut: bool
    places_seen: int


@dataclass(frozen=True, slots=True, eq=False)
class Passes:
    """Windows of satellites over places, as one table."""

    start: datetime
    span_s: float
    names: tuple[str, ...]
    """Of the constellations."""
    satellites: tuple[tuple[str, ...], ...]
    """Their satellites' names."""
    places: Places
    constellation: Ints
    """Number of each window's constellation. Shape (N,)."""
    windows: Windows
    notes: tuple[str, ...] = (CUT,)

    def __len__(self) -> int:
        return len(self.windows)

    def columns(self) -> dict[str, Any]:
        """Return the table by columns of equal length: times in seconds since the start, and as UTC in the manner of ISO 8601."""
        found = self.windows
        labels = [np.array(names, dtype=object) for names in self.satellites]
        satellite = np.empty(len(found), dtype=object)
        for number, names in enumerate(labels):
            mine = self.constellation == number
            satellite[mine] = names[found.satellite[mine]]
        times = {name: getattr(found, f"{name}_s") for name in ("start", "end", "closest")}
        return {
            "constellation": np.array([*self.names, ""], dtype=object)[self.constellation],
            "satellite": satellite,
            "point": found.point,
            **{name: np.round(column[found.point], 6) for name, column in self.places._asdict().items()},
            **{f"{name}_utc": self.utc(seconds) for name, seconds in times.items()},
            **{f"{name}_s": np.round(seconds, 3) for name, seconds in times.items()},
            **{name: np.round(getattr(found, name), 3) for name in ("off_nadir_deg", "elevation_deg")},
            "slant_m": np.round(found.slant_m, 0),
            "side": np.where(found.side > 0, "left", "right").astype(object),
            "sun_deg": np.round(found.sun_deg, 3),
        }

    def utc(self, seconds: Floats) -> Any:
        """Return times in words, to the millisecond. Shape as given."""
        first = np.datetime64(self.start.astimezone(UTC).replace(tzinfo=None), "ms")
        stamps = first + np.round(seconds * 1000.0).astype("timedelta64[ms]")
        return np.datetime_as_string(stamps, unit="ms", timezone="UTC").astype(object)

    def summary(self) -> list[Revisit]:
        """Return how often each constellation could look, and all of them together if there are several."""
        rows = [
            self.revisit(name, len(self.satellites[number]), self.windows.where(self.constellation == number))
            for number, name in enumerate(self.names)
        ]
        if len(rows) > 1:
            rows.append(self.revisit(TOGETHER, sum(map(len, self.satellites)), self.windows))
        return rows

    def revisit(self, name: str, satellites: int, found: Windows) -> Revisit:
        """Return how often some satellites could look."""
        places = len(self.places.lon_deg)
        whole_s, cut_s = gaps(found.point, found.start_s, found.end_s, places, self.span_s)
        both_s = np.concatenate([whole_s, cut_s])
        longest_s = float(both_s.max(initial=0.0))
        return Revisit(
            name,
            satellites,
            len(found),
            len(found) / places / (self.span_s / DAY),
            float(whole_s.mean()) if len(whole_s) else float("nan"),
            len(whole_s),
            wait_s(both_s, places, self.span_s, 0.5),
            wait_s(both_s, places, self.span_s, 0.95),
            longest_s,
            bool(longest_s > whole_s.max(initial=0.0)),
            len(np.unique(found.point)),
        )

    def table(self) -> Table:
        """Return the summary for people."""
        head = ("constellation", "satellites", "passes a day", "mean gap", "median wait", "95 % wait", "longest gap", "places seen")
        places = len(self.places.lon_deg)
        beyond = f"over {duration(self.span_s / 2)}"
        rows = tuple(
            (
                row.constellation,
                str(row.satellites),
                figures_of(row.windows_per_day),
                duration(row.mean_gap_s),
                *(duration(wait) if np.isfinite(wait) else beyond for wait in (row.median_wait_s, row.p95_wait_s)),
                ("at least " if row.longest_is_cut else "") + duration(row.longest_gap_s),
                f"{row.places_seen} of {places}",
            )
            for row in self.summary()
        )
        return Table(head, rows, f"{many(len(self), 'window')} over {many(places, 'place')} in {duration(self.span_s)}")

    def plain(self) -> dict[str, Any]:
        """Return everything as values for JSON; what is not finite is null."""
        return {
            "start": self.start.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "span_s": self.span_s,
            "notes": list(self.notes),
            "points": [dict(zip(Places._fields, map(float, place), strict=True)) for place in zip(*self.places, strict=True)],
            "summary": [{name: finite(value) for name, value in row._asdict().items()} for row in self.summary()],
            "windows": {name: column.tolist() for name, column in self.columns().items()},
        }

    def write(self, path: Path | str) -> Path:
        """Write the windows into a new file, CSV or Parquet by its name."""
        path = Path(path)
        form = {".csv": "csv, HEADER", ".parquet": "parquet, COMPRESSION zstd"}.get(path.suffix.lower())
        if form is None:
            raise TrucelineError(f"{path}: name a file that ends in .csv or .parquet")
        if path.exists():
            raise TrucelineError(f"{path} is there already; name another file")
        with store.explained(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
            with store.unfinished(path.parent) as place:
                copied(self.columns(), place, form)
                store.settle(place, path)
        return path


def finite(value: Any) -> Any:
    """Return a value for JSON, null where it is a number that is not finite."""
    return None if isinstance(value, float) and not np.isfinite(value) else value


def copied(columns: Mapping[str, Any], place: Path, form: str) -> None:
    """Write columns as a file."""
    connection = store.database()
    try:
        connection.register("windows", dict(columns))
        connection.execute(f"COPY windows TO {store.quoted(str(place))} (FORMAT {form})")
    finally:
        connection.close()


def gaps(point: Ints, start_s: Floats, end_s: Floats, places: int, span_s: float) -> tuple[Floats, Floats]:
    """Return the stretches without any window at the places.

    Args:
        point: Place of each window. Shape (N,).
        start_s: When it opens. Shape (N,).
        end_s: When it closes. Shape (N,).
        places: Their number.
        span_s: Length of the search.

    Returns:
        Gaps between windows, shape (G,), and those that the start or the end of the search cuts, shape (C,); a place without windows has
        one of the latter.

    >>> gaps(np.array([0, 0]), np.array([10.0, 40.0]), np.array([20.0, 50.0]), 2, 100.0)
    (array([20.]), array([ 10.,  50., 100.]))
    """
    order = np.lexsort((start_s, point))
    point, base_s = point[order], 2.0 * span_s * point[order]
    closed_s = np.maximum.accumulate(end_s[order] + base_s) - base_s  # of all windows so far at this place
    fresh = np.diff(point, prepend=-1) != 0
    last = np.append(fresh[1:], True)[: len(point)]
    between_s = start_s[order][1:] - closed_s[:-1]
    whole_s = between_s[~fresh[1:] & (between_s > 0.0)]
    unseen = places - int(fresh.sum())
    cut_s = np.concatenate([start_s[order][fresh], span_s - closed_s[last], np.full(unseen, span_s)])
    return whole_s, cut_s[cut_s > 0.0]


def wait_s(gaps_s: Floats, places: int, span_s: float, level: float) -> float:
    """Return the wait that a share of all instants does not exceed; infinite beyond half of the search.

    The wait from an instant is longer than w if the instant lies in a gap, more than w before its end; only instants count after which the
    search goes on for w, so that a gap that its end cuts is as good as any other.

    Args:
        gaps_s: All gaps of all places. Shape (G,).
        places: Their number.
        span_s: Length of the search.
        level: The share.

    Assumption: the share of longer waits falls with w, as it does but for odd patterns near the end.

    >>> round(wait_s(np.full(240, 3500.0), 1, 864_000.0, 0.5), -1)  # windows of 100 s every hour: half wait less than 1,700 s
    1700.0
    """

    def longer(wait: float) -> float:
        return float(np.maximum(gaps_s - wait, 0.0).sum()) / (places * (span_s - wait))

    low, high = 0.0, span_s / 2.0
    if longer(low) <= 1.0 - level:
        return 0.0
    if longer(high) > 1.0 - level:
        return float("inf")
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (low, middle) if longer(middle) <= 1.0 - level else (middle, high)
    return high


def passes(
    scenario: Loaded | Path | str,
    at: Sequence[tuple[float, float]] = (),
    every_m: float = EVERY_M,
    sensors: Sequence[str] = (),
    cache: Path | None = None,
) -> Passes:
    """Return the windows in which the satellites of a scenario could look, over the whole run and without simulating it.

    Windows say what orbits, angles and daylight allow; capacity, tasking and cloud come on top of them.

    Args:
        scenario: Loaded, or its file.
        at: Longitudes and latitudes of places; without them places along the line.
        every_m: How far apart these are.
        sensors: Names of constellations; all without them.
        cache: Folder in which tables are kept and looked for.
    """
    from sgp4.api import accelerated

    loaded = load(scenario) if isinstance(scenario, (str, Path)) else scenario
    stage = set_stage(loaded.scenario, loaded.folder, cache)
    flying = {name: sensor for name, sensor in loaded.scenario.sensors.items() if isinstance(sensor, Overhead)}
    for name in sensors:
        if name not in flying:
            raise TrucelineError(
                f"no satellites are called {name!r}; {did_you_mean(name, flying) or 'known: ' + (', '.join(flying) or 'none')}"
            )
    chosen = {name: sensor for name, sensor in flying.items() if name in sensors or not sensors}
    if not chosen:
        raise TrucelineError(f"{loaded.document.file} has no satellites; write a sensor of kind satellite_constellation")
    places = places_at(stage.line, at) if at else places_along(stage.line, every_m)
    tables = [sensor.windows_over(stage, places.lon_deg, places.lat_deg) for sensor in chosen.values()]
    return Passes(
        stage.start,
        stage.horizon_s,
        tuple(chosen),
        tuple(tuple(satellites(stage, name, sensor.orbit)) for name, sensor in chosen.items()),
        places,
        np.repeat(np.arange(len(tables)), [len(table) for table in tables]),
        Windows(*(np.concatenate([getattr(table, column.name) for table in tables]) for column in fields(Windows))),
        (CUT,) if accelerated else (CUT, SLOW),
    )


def places_at(line: Line, at: Sequence[tuple[float, float]]) -> Places:
    """Return places by longitude and latitude, or say which one is none."""
    for lon, lat in at:
        if not (-180.0 <= lon <= 360.0 and -90.0 <= lat <= 90.0):
            raise TrucelineError(f"{lon:g},{lat:g} is no place: write longitude and then latitude in degrees, such as 37.5,48.3")
    lon_deg, lat_deg = (np.array(column, dtype=np.float64) for column in zip(*at, strict=True))
    return Places(lon_deg, lat_deg, *line.locate(*line.to_xy(lon_deg, lat_deg)))


def places_along(line: Line, every_m: float) -> Places:
    """Return places in the middle of equal parts of the line, about so long."""
    cells = max(1, round(line.length_m / every_m))
    chainage_m: Floats = np.asarray((np.arange(cells, dtype=np.float64) + 0.5) * (line.length_m / cells))
    offset_m = np.zeros(cells)
    return Places(*line.to_lonlat(*line.at(chainage_m, offset_m)), chainage_m, offset_m)
