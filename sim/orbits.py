"""Orbits as a scenario writes them, and the windows of their satellites, computed once and kept."""

import os
from collections.abc import Callable, Sequence
from dataclasses import fields
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Protocol, TypeAlias, runtime_checkable
from zipfile import BadZipFile

import numpy as np
from pydantic import Discriminator, Field

from sim.errors import TrucelineError, did_you_mean
from sim.kinds import Floats, Ints
from sim.model import Model, NonNegative
from sim.scene import Stage
from sim.units import DAY, Degrees, PositiveMetres

if TYPE_CHECKING:
    from sgp4.api import Satrec

    from sim.physics.windows import Windows

LOWEST_ORBIT_M = 150_000.0
"""Below this no satellite stays up. Assumption: within days the air brings it down."""
STALE_DAYS = 14.0
"""Elements farther from the start are worth a warning: the error along the track grows with the square of their age. Assumption."""
CONTACT_DEG = 5.0
"""Height above the horizon from which a ground station hears a satellite. Assumption, customary."""
GRAVITY_M3PS2 = 3.986_004_418e14
"""Of the Earth (WGS 84)."""
EDITION = 1
"""Goes up when windows of the same orbits and places come out otherwise, so that older tables on disk are left alone."""


class SunSynchronous(Model):
    """Planes that keep their local time."""

    pattern: Literal["sun_synchronous"]
    altitude_m: PositiveMetres
    """Semi-major axis less the equatorial radius."""
    local_times: Annotated[tuple[Annotated[float, Field(ge=0.0, lt=24.0)], ...], Field(min_length=1)]
    """Mean local time of the ascending node of each plane, in hours; a descending node at 10:30 is 22.5."""
    per_plane: Annotated[int, Field(ge=1, le=500)] = 1
    phasing: NonNegative = 1.0

    def named(self, epoch_s: float, folder: Path) -> "dict[str, Satrec]":
        """Return the satellites by number."""
        from sim.physics.orbit import sun_synchronous

        return numbered(sun_synchronous(self.altitude_m, self.local_times, self.per_plane, epoch_s, self.phasing))


class Walker(Model):
    """Evenly spread planes of one inclination."""

    pattern: Literal["walker"]
    altitude_m: PositiveMetres
    inclination_deg: Degrees
    planes: Annotated[int, Field(ge=1, le=200)]
    per_plane: Annotated[int, Field(ge=1, le=500)]
    phasing: NonNegative = 1.0
    node_deg: Degrees = 0.0
    """Right ascension of the first node."""

    def named(self, epoch_s: float, folder: Path) -> "dict[str, Satrec]":
        """Return the satellites by number."""
        from sim.physics.orbit import walker

        return numbered(walker(self.altitude_m, self.inclination_deg, self.planes, self.per_plane, self.phasing, epoch_s, self.node_deg))


class Elements(Model):
    """Orbits from a file of two-line elements or of orbit mean-elements messages (OMM)."""

    pattern: Literal["file"]
    file: str
    """Relative to the scenario; a name that ends in .tle or .txt holds two-line elements, any other OMM."""

    def named(self, epoch_s: float, folder: Path) -> "dict[str, Satrec]":
        """Return the satellites by name."""
        from sim.physics.orbit import from_omm, from_tle

        path = folder / self.file
        try:
            text = path.read_text(encoding="utf-8")
            return from_tle(text) if path.suffix in (".tle", ".txt") else from_omm(text)
        except OSError as fault:
            raise TrucelineError(f"{path}: the elements cannot be read ({fault.strerror}); 'file' is relative to the scenario") from None
        except ValueError as fault:
            raise TrucelineError(f"{path}: {fault}") from None


Orbit: TypeAlias = Annotated[SunSynchronous | Walker | Elements, Discriminator("pattern")]
"""Where satellites fly: `sun_synchronous`, `walker`, or a `file` of elements."""

Search: TypeAlias = "Callable[[Sequence[Satrec], Floats, Floats, float, float], Windows]"
"""Finds windows: satellites, longitudes and latitudes of places, begin and end in seconds since 1970."""


@runtime_checkable
class Overhead(Protocol):
    """A sensor that flies on orbits and can say when it could look at a place."""

    @property
    def name(self) -> str:
        """Its key in the scenario."""

    @property
    def orbit(self) -> Orbit:
        """Where its satellites fly."""

    def windows_over(self, stage: Stage, lon_deg: Floats, lat_deg: Floats) -> "Windows":
        """Return the windows in which each place can be looked at."""


def numbered(records: "Sequence[Satrec]") -> "dict[str, Satrec]":
    """Return satellites without names by their number, counted from 1."""
    return {str(number): record for number, record in enumerate(records, start=1)}


def satellites(stage: Stage, name: str, orbit: Orbit) -> "dict[str, Satrec]":
    """Return the satellites of a sensor as they stand at the start, by name; their order is that of its units."""
    return stage.once((name, orbit, "satellites"), lambda: orbit.named(stage.start.timestamp(), stage.folder))


def records(stage: Stage, name: str, orbit: Orbit) -> "list[Satrec]":
    """Return the satellites of a sensor as they stand at the start, one a unit."""
    return list(satellites(stage, name, orbit).values())


def altitude_m(records: "Sequence[Satrec]") -> float:
    """Return the mean height of orbits above the equatorial radius."""
    from sim.physics.orbit import EQUATOR_M, SGP4_RADIUS_M

    return float(np.mean([record.a for record in records])) * SGP4_RADIUS_M - EQUATOR_M


def concerns(stage: Stage, name: str, orbit: Orbit) -> list[str]:
    """Return what a planner should look at twice: orbits in the air, and elements of another time.

    Raises:
        TrucelineError: A file of elements cannot be read.
    """
    if isinstance(orbit, Elements):
        mine, found = records(stage, name, orbit), []
        days = max(abs(epoch_s(record) - stage.start.timestamp()) for record in mine) / DAY
        if days > STALE_DAYS:
            found.append(f"elements in {orbit.file} are {days:,.0f} days from the start; the times of its passes cannot be trusted")
        if far := [record for record in mine if record.method == "d"]:
            found.append(f"{len(far)} of its satellites fly far out (a revolution in 225 min or more); however long a pass, it is one look")
        return found
    if orbit.altitude_m < LOWEST_ORBIT_M:
        return [f"orbits at {orbit.altitude_m / 1000:,.0f} km; below {LOWEST_ORBIT_M / 1000:.0f} km no satellite stays up"]
    return []


def epoch_s(record: "Satrec") -> float:
    """Return when the elements of a satellite hold, in seconds since 1970."""
    from sim.physics.orbit import UNIX_JULIAN_DAY

    return float(record.jdsatepoch - UNIX_JULIAN_DAY + record.jdsatepochF) * DAY


def cached_windows(
    stage: Stage, name: str, records: "Sequence[Satrec]", lon_deg: Floats, lat_deg: Floats, key: str, compute: Search
) -> "Windows":
    """Return windows over the whole run, from memory or disk if they have been computed before.

    Args:
        stage: Gives the span of time, and the folder in which tables are kept.
        name: Of the sensor.
        records: Its satellites.
        lon_deg: Longitudes of the places. Shape (P,).
        lat_deg: Latitudes. Shape (P,).
        key: Everything else that the windows depend on, such as `repr` of the limits. It must tell two searches apart.
        compute: Called with satellites, places, begin and end; rows that it leaves out are not kept.

    Returns:
        The table, in order of satellite, time of the closest approach and place.
    """
    digest = digested(stage, records, lon_deg, lat_deg, key)
    return stage.once((name, "windows", digest), lambda: kept_windows(stage, records, lon_deg, lat_deg, key, compute))


def kept_windows(stage: Stage, records: "Sequence[Satrec]", lon_deg: Floats, lat_deg: Floats, key: str, compute: Search) -> "Windows":
    """Return windows from the disk, or compute and keep them there; unlike `cached_windows` it does not hold them in memory."""
    path = stage.cache / f"windows-{digested(stage, records, lon_deg, lat_deg, key)}.npz" if stage.cache else None
    found = read(path) if path else None
    if found is None:
        begin_s = stage.start.timestamp()
        try:
            found = compute(records, lon_deg, lat_deg, begin_s, begin_s + stage.horizon_s)
        except ValueError as fault:  # an orbit decays before the end
            raise TrucelineError(f"orbits cannot be carried to the end of the run: {fault}; use elements of about its start") from None
        found = found.where(np.lexsort((found.point, found.closest_s, found.satellite)))
        if path:
            keep(found, path)
    return found


def digested(stage: Stage, records: "Sequence[Satrec]", lon_deg: Floats, lat_deg: Floats, key: str) -> str:
    """Return a digest of all that windows depend on."""
    numbers = (elements(records), lon_deg, lat_deg, np.array([stage.start.timestamp(), stage.horizon_s]))
    return sha256(b"".join(part.tobytes() for part in numbers) + f"{EDITION} {key}".encode()).hexdigest()[:24]


def elements(records: "Sequence[Satrec]") -> Floats:
    """Return the numbers that an orbit follows from. Shape (S, 9)."""
    return np.array([[r.jdsatepoch, r.jdsatepochF, r.bstar, r.no_kozai, r.ecco, r.inclo, r.nodeo, r.argpo, r.mo] for r in records])


def read(path: Path) -> "Windows | None":
    """Return a table from the disk; none if it is not there, or damaged, so that it is computed again."""
    from sim.physics.windows import Windows

    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            return Windows(*(kept[column.name] for column in fields(Windows)))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None


def keep(found: "Windows", path: Path) -> None:
    """Write a table under a temporary name and then put it in place; a disk that takes no more costs time, not the answer."""
    draft = path.with_suffix(f".{os.getpid()}-{id(found)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            np.savez(file, **{column.name: getattr(found, column.name) for column in fields(found)})
        draft.replace(path)
    except OSError:
        if draft.exists():
            draft.unlink()


def below_mps(altitude_m: float) -> float:
    """Return how fast the point below a circular orbit moves over an Earth at rest, whose turn changes it by 5 % at most.

    >>> round(below_mps(620_000.0))
    6878
    """
    from sim.physics.orbit import EQUATOR_M

    axis_m = altitude_m + EQUATOR_M
    return float(np.sqrt(GRAVITY_M3PS2 / axis_m)) * EQUATOR_M / axis_m


def going_north(records: "Sequence[Satrec]", satellite: Ints, utc_s: Floats) -> Ints:
    """Return +1 where a satellite goes north at an instant, else -1.

    Args:
        records: Satellites.
        satellite: Their numbers, one an instant. Shape (N,).
        utc_s: Seconds since 1970. Shape (N,).
    """
    from sim.physics.orbit import earth_fixed

    ahead = np.ones(len(satellite), dtype=np.int64)
    for number in np.unique(satellite).tolist():
        mine = satellite == number
        velocity_mps = earth_fixed([records[number]], utc_s[mine])[1][0]
        ahead[mine] = np.where(velocity_mps[:, 2] > 0.0, 1, -1)
    return ahead


def contacts(stage: Stage, name: str, records: "Sequence[Satrec]", stations: Sequence[str]) -> "Windows":
    """Return the windows in which the satellites of a sensor pass over ground stations.

    Raises:
        TrucelineError: A station is none of the bases.
    """
    for station in stations:
        if station not in stage.bases:
            remedy = did_you_mean(station, stage.bases) or f"known: {', '.join(stage.bases) or 'none'}"
            raise TrucelineError(f"sensors.{name}.stations: unknown base {station!r}; {remedy}")
    x_m, y_m = np.array([stage.bases[station] for station in stations]).T

    def search(satellites: "Sequence[Satrec]", lon: Floats, lat: Floats, begin_s: float, end_s: float) -> "Windows":
        from sim.physics.windows import passes

        return passes(satellites, lon, lat, begin_s, end_s, min_elevation_deg=CONTACT_DEG)

    return cached_windows(stage, name, records, *stage.line.to_lonlat(x_m, y_m), f"contact, {CONTACT_DEG}", search)


def until_contact(at_s: Floats, start_s: Floats, end_s: Floats, horizon_s: float) -> Floats:
    """Return how long it is from instants to the next contact, none during one; to the end of the run if no more comes.

    Args:
        at_s: Instants. Shape (N,).
        start_s: When contacts begin. Shape (C,).
        end_s: When they end. Shape (C,).
        horizon_s: End of the run.

    >>> until_contact(np.array([0.0, 15.0, 25.0]), np.array([10.0]), np.array([20.0]), 100.0).tolist()
    [10.0, 0.0, 75.0]
    """
    order = np.argsort(end_s)
    soonest_s = np.append(np.minimum.accumulate(start_s[order][::-1])[::-1], horizon_s)
    return np.maximum(soonest_s[np.searchsorted(end_s[order], at_s)] - at_s, 0.0)
