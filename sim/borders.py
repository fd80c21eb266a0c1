"""Borders of any two neighbours, and base maps, from Natural Earth; what is shipped, and why Crimea is Ukraine's, stands in sim/data."""

import gzip
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from sim.errors import TrucelineError, did_you_mean
from sim.kinds import Floats

BASEMAPS = ("basemap_10m_europe_east.json.gz", "basemap.json.gz")
"""The finest first."""

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees; west lies right of east where the antimeridian is crossed."""


@dataclass(frozen=True, slots=True, eq=False)
class Country:
    """A country on the base map."""

    name: str
    code: str
    """ISO 3166-1 alpha-2, or the name where there is none."""
    rings: tuple[Floats, ...]
    """Longitude and latitude, each (N, 2) and closed: outer rings anticlockwise, holes clockwise."""


@dataclass(frozen=True, slots=True)
class City:
    """A label on a map."""

    name: str
    lon: float
    lat: float


def border(pair: str, part: int = 0) -> tuple[Floats, str]:
    """Return the land border of two countries.

    Args:
        pair: Two ISO codes or names, such as `KP-KR`; the first lies left of the line, on side A.
        part: Which part, where a border has several; 0 is the longest.

    Returns:
        Longitude and latitude, shape (V, 2), and a caption that states source, length and detail.
    """
    first, second = countries_of(pair)
    atlas = borders_file()
    parts = atlas["borders"].get("-".join(sorted((first, second))))
    names = atlas["names"]
    if parts is None:
        around = neighbours(first)
        listed = ", ".join(f"{code} ({names[code]})" if code != names[code] else code for code in around) or "none"
        raise TrucelineError(f"{names[first]} and {names[second]} share no land border; neighbours of {first}: {listed}")
    if not 0 <= part < len(parts):
        raise TrucelineError(
            f"the border {pair} has {len(parts)} part{'s' if len(parts) > 1 else ''}; write a part from 0 to {len(parts) - 1}, not {part}"
        )
    lonlat = np.array(parts[part]["lonlat"])
    several = f", part {part + 1} of {len(parts)}" if len(parts) > 1 else ""
    crimea = "; Crimea is Ukraine's (UN General Assembly resolution 68/262)" if {first, second} == {"RU", "UA"} else ""
    drawn = f"{parts[part]['km']:,.0f} km as drawn by {atlas['source']}, generalised, no legal line"
    caption = f"Border of {names[first]} and {names[second]}{several}: {drawn}{crimea}"
    return (lonlat if first < second else lonlat[::-1].copy()), caption


def countries_of(pair: str) -> tuple[str, str]:
    """Return the two codes of a pair of codes or names joined by a hyphen; a name may hold hyphens of its own."""
    known = {word.casefold(): code for code, name in borders_file()["names"].items() for word in (name, code)}
    words = pair.split("-")
    splits = [("-".join(words[:n]).strip(), "-".join(words[n:]).strip()) for n in range(1, len(words))]
    if not splits:
        raise TrucelineError(f"{pair!r} is no pair of countries; write two ISO codes with a hyphen, for example KP-KR")
    for first, second in splits:
        if first.casefold() in known and second.casefold() in known:
            return known[first.casefold()], known[second.casefold()]
    unknown = next(word for word in splits[0] if word.casefold() not in known)
    near = did_you_mean(
        unknown.upper() if len(unknown) <= 3 else unknown.title(), [w for item in borders_file()["names"].items() for w in item]
    )
    raise TrucelineError(
        f"no country is called {unknown!r} in {pair!r}; {near or 'write ISO 3166 codes of two letters, for example KP-KR'}"
    )


def neighbours(code: str) -> list[str]:
    """Return the codes of the countries that share a land border with one."""
    atlas = borders_file()
    return [other for other in atlas["names"] if "-".join(sorted((code, other))) in atlas["borders"]]


def pairs() -> list[str]:
    """Return every pair of neighbours, as codes."""
    return list(borders_file()["borders"])


def basemap(bounds: Bounds | None = None) -> list[Country]:
    """Return the countries that meet the bounds, from the finest file that covers them; without bounds, the world."""
    west, south, east, north = bounds or (-180.0, -90.0, 180.0, 90.0)
    for name in BASEMAPS:
        content = read(name)
        left, low, right, high = content["bounds"]
        if left <= west <= east <= right and low <= south and north <= high:
            break
    found = []
    for country in content["countries"]:
        rings = tuple(ring for ring in map(np.array, country["rings"]) if meets(ring, (west, south, east, north)))
        if rings:
            found.append(Country(country["name"], country["code"], rings))
    return found


def meets(ring: Floats, bounds: Bounds) -> bool:
    """Return whether the box around a ring meets the bounds."""
    west, south, east, north = bounds
    left, low = ring.min(axis=0)
    right, high = ring.max(axis=0)
    beside = (right < west) & (left > east) if west > east else (right < west) | (left > east)
    return not (beside or high < south or low > north)


def cities() -> list[City]:
    """Return towns for labels."""
    return [City(*row) for row in json.loads((files("sim") / "data" / "cities.json").read_text(encoding="utf-8"))["cities"]]


def borders_file() -> Any:
    """Return the shipped borders: `source`, `names` by code, and `borders` by pair."""
    return read("borders.json.gz")


@lru_cache(maxsize=4)
def read(name: str) -> Any:
    """Return a shipped file."""
    return json.loads(gzip.decompress((files("sim") / "data" / name).read_bytes()))
