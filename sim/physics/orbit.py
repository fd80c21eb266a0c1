"""Orbits as SGP4 records, and where they put a satellite over the turning Earth.

"Altitude" means the mean semi-major axis less 6,378,137 m. The mean distance of a near-polar orbit from the Earth's centre lies 4 to 5 km
above its mean semi-major axis (J2), and agencies publish means over the ellipsoid: some kilometres of doubt in any published altitude.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.kinds import Floats
from sim.physics.sun import MEAN_SUN_DEG_PER_DAY, mean_sun_deg, sidereal_deg

if TYPE_CHECKING:
    from sgp4.api import Satrec

EQUATOR_M = 6_378_137.0
"""Equatorial radius, WGS 84."""
ECCENTRICITY_SQUARED = 6.694_379_990_14e-3
"""Of the ellipsoid, WGS 84."""
SGP4_RADIUS_M = 6_378_135.0
"""Unit of length of SGP4, WGS 72 (Hoots and Roehrich 1980, Spacetrack Report No. 3)."""
SGP4_RATE_PER_MIN = 0.074_366_916_133_2
"""Mean motion at one such radius, rad/min (WGS 72)."""
EARTH_TURN_PER_S = 7.292_115_146_706_98e-5
"""Turn of the Earth, rad/s (IAU 1982)."""
EPOCH_1949_DAYS = 7306.0
"""Days from SGP4's own origin, 1949-12-31, to 1970-01-01."""
UNIX_JULIAN_DAY = 2_440_587.5


def compiled() -> bool:
    """Say whether SGP4 runs as compiled code; the same formulas in Python take some hundred times as long."""
    from sgp4.api import accelerated

    return bool(accelerated)


def circular(altitude_m: float, inclination_deg: float, node_deg: float, phase_deg: float, epoch_utc_s: float, number: int = 0) -> Satrec:
    """Return the SGP4 record of a circular orbit whose mean semi-major axis is the Earth's radius plus the altitude.

    A record stores the Kozai mean motion, from which SGP4 derives the semi-major axis; putting sqrt(mu/a^3) there would miss by 3 km. So
    the motion is corrected until SGP4's own axis is right.

    Args:
        altitude_m: Mean semi-major axis less 6,378,137 m.
        inclination_deg: Inclination.
        node_deg: Right ascension of the ascending node.
        phase_deg: Argument of latitude, counted from the node in the sense of flight.
        epoch_utc_s: When these hold, seconds since 1970-01-01 UTC.
        number: Catalogue number.

    Source: SGP4 as in Vallado et al. 2006, AIAA 2006-6753. Assumption: no drag, as if the altitude were held by thrusters.
    """
    from sgp4.api import WGS72, Satrec

    axis = (EQUATOR_M + altitude_m) / SGP4_RADIUS_M
    motion = SGP4_RATE_PER_MIN * axis**-1.5
    record = Satrec()
    for _ in range(4):
        record.sgp4init(
            WGS72, "i", number, epoch_utc_s / 86400.0 + EPOCH_1949_DAYS, 0.0, 0.0, 0.0, 0.0,
            0.0, np.radians(inclination_deg), np.radians(phase_deg % 360.0), motion, np.radians(node_deg % 360.0),
        )  # fmt: skip
        motion *= (record.a / axis) ** 1.5
    return record


def sun_synchronous_inclination_deg(altitude_m: float) -> float:
    """Return the inclination at which SGP4 turns the node of a circular orbit once a year, so that its local time stays.

    The J2 formula alone lies 0.025 deg lower and lets the local time drift by 4.5 min a year.

    Source: the formula is in any textbook (Vallado, Fundamentals of Astrodynamics, section 11.4.1); the rate is SGP4's own.

    >>> round(sun_synchronous_inclination_deg(693_000.0), 2)
    98.18
    """
    wanted = np.radians(MEAN_SUN_DEG_PER_DAY) / 1440.0
    cosine = -0.1
    for _ in range(6):  # the rate is nearly proportional to cos i
        cosine *= wanted / circular(altitude_m, float(np.degrees(np.arccos(cosine))), 0.0, 0.0, 0.0).nodedot
    return float(np.degrees(np.arccos(cosine)))


def sun_synchronous(
    altitude_m: float, ltan_h: Sequence[float], per_plane: int, epoch_utc_s: float, phasing: float = 0.0, phase_deg: float = 0.0
) -> list[Satrec]:
    """Return sun-synchronous satellites, plane by plane.

    Args:
        altitude_m: Mean semi-major axis less 6,378,137 m.
        ltan_h: Local mean solar time of the ascending node of each plane, hours; a descending node at 10:30 is 22.5.
        per_plane: Satellites of each plane, evenly spread.
        epoch_utc_s: When they stand so, seconds since 1970-01-01 UTC.
        phasing: Steps of 360 deg / number of satellites by which the next plane is ahead.
        phase_deg: Argument of latitude of the first satellite.

    Source: node = right ascension of the mean sun + 15 deg x (local time - 12 h).
    """
    nodes = [float(mean_sun_deg(epoch_utc_s)) + 15.0 * (hours - 12.0) for hours in ltan_h]
    return _planes(altitude_m, sun_synchronous_inclination_deg(altitude_m), nodes, per_plane, phasing, phase_deg, epoch_utc_s)


def walker(
    altitude_m: float,
    inclination_deg: float,
    planes: int,
    per_plane: int,
    phasing: float,
    epoch_utc_s: float,
    node_deg: float = 0.0,
    *,
    star: bool = False,
) -> list[Satrec]:
    """Return a Walker pattern, plane by plane.

    Args:
        altitude_m: Mean semi-major axis less 6,378,137 m.
        inclination_deg: Inclination of all planes.
        planes: Number of planes P.
        per_plane: Satellites in each, S; the total is T = P S.
        phasing: Walker's F: a satellite of the next plane is ahead by 360 deg F / T.
        epoch_utc_s: When they stand so, seconds since 1970-01-01 UTC.
        node_deg: Right ascension of the first node.
        star: Spread the nodes over 180 deg instead of 360.

    Source: Walker 1984, J. Brit. Interplanetary Soc. 37, 559.
    """
    step_deg = (180.0 if star else 360.0) / planes
    nodes = [node_deg + step_deg * plane for plane in range(planes)]
    return _planes(altitude_m, inclination_deg, nodes, per_plane, phasing, 0.0, epoch_utc_s)


def _planes(
    altitude_m: float, inclination_deg: float, nodes_deg: list[float], per_plane: int, phasing: float, phase_deg: float, epoch_utc_s: float
) -> list[Satrec]:
    """Return evenly spread satellites in planes of given nodes."""
    lead_deg = 360.0 * phasing / (len(nodes_deg) * per_plane)
    return [
        circular(
            altitude_m,
            inclination_deg,
            node,
            phase_deg + lead_deg * plane + 360.0 * place / per_plane,
            epoch_utc_s,
            1 + plane * per_plane + place,
        )
        for plane, node in enumerate(nodes_deg)
        for place in range(per_plane)
    ]


def from_tle(text: str) -> dict[str, Satrec]:
    """Return the satellites of a text of two-line elements by name, or by catalogue number where no name line stands above.

    Raises:
        ValueError: A line is missing, damaged or fails its check sum, or the elements are of no orbit.
    """
    from sgp4.api import Satrec
    from sgp4.io import verify_checksum

    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    found: list[tuple[str, str, Satrec]] = []
    name = ""
    at = 0
    while at < len(lines):
        number, first = lines[at]
        second = lines[at + 1][1] if at + 1 < len(lines) else ""
        if not _is_element_line(first, "1"):
            if name or not _is_element_line(second, "1"):
                raise ValueError(
                    f"line {number}: expected a name or the first of two element lines ('1 ...', 69 characters), found {first!r}"
                )
            name, at = first.removeprefix("0 ").strip(), at + 1
            continue
        if not _is_element_line(second, "2") or first[2:7] != second[2:7]:
            raise ValueError(f"line {number}: the second element line ('2 {first[2:7]} ...', 69 characters) does not follow")
        try:
            verify_checksum(first, second)
        except ValueError:
            raise ValueError(f"line {number}: the check sum of these two element lines is wrong; copy them again") from None
        found.append((name, first[2:7].strip(), _sound(Satrec.twoline2rv(first, second), f"line {number}")))
        name, at = "", at + 2
    if not found:
        raise ValueError("no two-line elements found")
    return _by_name(found)


def _is_element_line(line: str, which: str) -> bool:
    """Say whether a text has the shape of an element line."""
    return line.startswith(which + " ") and len(line) == 69 and line.isascii()


def from_omm(text: str) -> dict[str, Satrec]:
    """Return the satellites of orbit mean-elements messages by name, or by catalogue number where there is no name.

    Read are JSON, XML and CSV (CCSDS 502.0-B, as Space-Track and CelesTrak write them); catalogue numbers may have any number of digits.

    Raises:
        ValueError: The text is none of these, a field is missing or no number, or the elements are of no orbit.
    """
    found = []
    for place, fields in enumerate(_messages(text), start=1):
        number, name = str(fields.get("NORAD_CAT_ID") or "").strip(), str(fields.get("OBJECT_NAME") or "").strip()
        found.append((name, number, _from_fields(fields, f"message {place} ({name or number or 'without a name'})")))
    if not found:
        raise ValueError("no orbit mean-elements message found")
    return _by_name(found)


def _messages(text: str) -> list[Mapping[str, Any]]:
    """Return the fields of each message, whichever of the three forms the text has."""
    from xml.etree.ElementTree import ParseError

    from sgp4 import omm

    head = text.lstrip("\ufeff \t\r\n")
    if head[:1] in ("[", "{"):
        try:
            data = json.loads(head)
        except json.JSONDecodeError as fault:
            raise ValueError(f"this is no JSON: {fault}") from None
        messages = data if isinstance(data, list) else [data]
        if not all(isinstance(message, dict) for message in messages):
            raise ValueError("the JSON text must hold one message {...} or a list of them [{...}, ...]")
        return messages
    if head[:1] == "<":
        try:
            return list(omm.parse_xml(io.StringIO(head)))
        except (ParseError, TypeError, AttributeError) as fault:  # the latter two: a block of the message is missing
            raise ValueError(f"this is no orbit mean-elements message in XML: {fault}") from None
    return list(omm.parse_csv(io.StringIO(head)))


def _from_fields(fields: Mapping[str, Any], place: str) -> Satrec:
    """Return the record of one message; fields that do not move the satellite may be absent."""
    from sgp4 import omm
    from sgp4.api import Satrec

    idle = {
        "CLASSIFICATION_TYPE": "U",
        "OBJECT_ID": "",
        "EPHEMERIS_TYPE": 0,
        "ELEMENT_SET_NO": 0,
        "REV_AT_EPOCH": 0,
        "MEAN_MOTION_DOT": 0,
        "MEAN_MOTION_DDOT": 0,
    }
    given = {name: value for name, value in fields.items() if value not in (None, "")}
    full = {**idle, **given, "NORAD_CAT_ID": 0, "OBJECT_ID": str(given.get("OBJECT_ID", ""))}  # a record holds no number above 339,999
    try:
        epoch = str(full["EPOCH"]).removesuffix("Z")
        record = Satrec()
        omm.initialize(record, {**full, "EPOCH": epoch if "." in epoch else epoch + ".0"})
    except KeyError as fault:
        raise ValueError(f"{place}: the field {fault.args[0]} is missing") from None
    except (TypeError, ValueError) as fault:
        raise ValueError(f"{place}: {fault}") from None
    return _sound(record, place)


def _sound(record: Satrec, place: str) -> Satrec:
    """Return a record that SGP4 can carry at its own epoch."""
    from sgp4.api import SGP4_ERRORS

    error, position, _ = record.sgp4(record.jdsatepoch, record.jdsatepochF)
    if error or not np.all(np.isfinite(position)):
        raise ValueError(f"{place}: these elements are of no orbit: {SGP4_ERRORS.get(error, 'a number is missing')}")
    return record


def _by_name(found: list[tuple[str, str, Satrec]]) -> dict[str, Satrec]:
    """Return records by name, with the catalogue number behind a name that several bear."""
    often = Counter(name for name, _, _ in found)
    keys = [number if not name else name if often[name] == 1 else f"{name} {number}" for name, number, _ in found]
    for key, times in Counter(keys).items():
        if times > 1:
            raise ValueError(f"{key!r} appears {times} times; keep its newest elements only")
    return dict(zip(keys, (record for _, _, record in found), strict=True))


def earth_fixed(records: Sequence[Satrec], utc_s: Floats, first: int = 0) -> tuple[Floats, Floats]:
    """Return where satellites are over the turning Earth.

    Args:
        records: Satellites, S of them.
        utc_s: Seconds since 1970-01-01 UTC, shape (T,).
        first: Number of the first satellite, by which a fault tells them.

    Returns:
        Positions in m and velocities in m/s relative to the Earth's surface, each (S, T, 3): x to longitude 0, z to the north pole.

    Raises:
        ValueError: A satellite has decayed, or its elements fail, at one of the times.

    Source: SGP4 (Vallado et al. 2006), its equinox of date turned by the sidereal time of 1982. Assumption: no polar motion (15 m).
    """
    positions, velocities = np.empty((len(records), utc_s.size, 3)), np.empty((len(records), utc_s.size, 3))
    turn: Callable[[Floats], Floats] = _turned(np.radians(sidereal_deg(utc_s)))
    days = np.floor(utc_s / 86400.0)
    for at, record in enumerate(records):
        errors, position, velocity = record.sgp4_array(UNIX_JULIAN_DAY + days, utc_s / 86400.0 - days)
        if errors.any():
            when = int(np.flatnonzero(errors)[0])
            raise ValueError(complaint(first + at, record, float(utc_s[when]), int(errors[when])))
        positions[at] = turn(position) * 1000.0
        velocities[at] = turn(velocity) * 1000.0
        velocities[at, :, 0] += EARTH_TURN_PER_S * positions[at, :, 1]
        velocities[at, :, 1] -= EARTH_TURN_PER_S * positions[at, :, 0]
    return positions, velocities


def _turned(angle_rad: Floats) -> Callable[[Floats], Floats]:
    """Return the change of axes by an angle about the pole, for vectors (T, 3)."""
    cosine, sine = np.cos(angle_rad), np.sin(angle_rad)

    def turn(vectors: Floats) -> Floats:
        x, y, z = vectors.T
        return np.stack([cosine * x + sine * y, cosine * y - sine * x, z], axis=-1)

    return turn


def complaint(at: int, record: Satrec, utc_s: float, error: int) -> str:
    """Say which satellite fails when, and why; `error` is SGP4's own number."""
    from sgp4.api import SGP4_ERRORS

    day = str(np.datetime64(int(utc_s), "s"))
    return f"satellite {at + 1} (catalogue number {record.satnum}) cannot be propagated to {day}: {SGP4_ERRORS[error]}"


def ground_m(lon_deg: Floats | float, lat_deg: Floats | float, height_m: Floats | float = 0.0) -> Floats:
    """Return the Earth-fixed position of places above the WGS 84 ellipsoid, shape (..., 3) in m."""
    up = vertical(lon_deg, lat_deg)
    across = EQUATOR_M / np.sqrt(1.0 - ECCENTRICITY_SQUARED * up[..., 2] ** 2)
    flat = np.array([1.0, 1.0, 1.0 - ECCENTRICITY_SQUARED])
    places: Floats = (across[..., None] * flat + np.asarray(height_m, dtype=np.float64)[..., None]) * up
    return places


def vertical(lon_deg: Floats | float, lat_deg: Floats | float) -> Floats:
    """Return the geodetic vertical of places as unit vectors, shape (..., 3)."""
    lon, lat = np.broadcast_arrays(np.radians(lon_deg), np.radians(lat_deg))
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)
