"""A line as GeoJSON draws it."""

import json
from typing import Any, NamedTuple

import numpy as np
import shapely

from sim.errors import TrucelineError
from sim.kinds import Floats


class Drawn(NamedTuple):
    """A line in a file."""

    lonlat: Floats
    """Vertices in degrees. Shape (V, 2)."""
    name: str
    official_length_m: float | None


def read_geojson(text: str, file: str) -> Drawn:
    """Return the first line of a GeoJSON text; parts that join end to end count as one.

    Args:
        text: A feature collection, a feature or a geometry. Its property `official_length_km` is read if present.
        file: What messages call it.
    """
    try:
        document = json.loads(text)
    except json.JSONDecodeError as fault:
        raise TrucelineError(
            f"{file}:{fault.lineno}:{fault.colno}: this is not JSON: {fault.msg}; write a GeoJSON file with one LineString"
        ) from None
    properties, parts = first_line(document, file)
    length_km = properties.get("official_length_km")
    if length_km is not None and (isinstance(length_km, bool) or not isinstance(length_km, (int, float))):
        raise TrucelineError(f"{file}: official_length_km must be a number of kilometres, not {length_km!r}")
    name = str(properties.get("name") or properties.get("title") or "")
    return Drawn(joined(parts, file), name, None if length_km is None else 1000.0 * length_km)


def first_line(document: Any, file: str) -> tuple[dict[str, Any], list[Floats]]:
    """Return the properties and the parts, each (V, 2), of the first line of a GeoJSON document."""
    crs = json.dumps(document.get("crs")) if isinstance(document, dict) else "null"
    if crs != "null" and "CRS84" not in crs and "4326" not in crs:
        raise TrucelineError(f"{file}: its 'crs' is {crs}; write longitude and latitude in degrees (WGS 84) and leave 'crs' out")
    shapes = geometries(document, {})
    found = next((pair for pair in shapes if pair[0].get("type") in ("LineString", "MultiLineString")), None)
    if found is None:
        kinds = ", ".join(sorted({str(shape.get("type")) for shape, _ in shapes})) or "nothing"
        raise TrucelineError(f"{file}: no line but {kinds}; write one LineString (of a polygon, the part of its outline that is watched)")
    shape, properties = found
    parts: Any = shape.get("coordinates")
    try:
        parts = parts if shape["type"] == "MultiLineString" else [parts]
        return properties, [np.array([position[:2] for position in part], dtype=np.float64) for part in parts]
    except (TypeError, ValueError, KeyError):
        raise TrucelineError(f"{file}: its coordinates are not lists of [longitude, latitude] numbers") from None


def geometries(document: Any, properties: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return the geometries of a GeoJSON document in their order, each with the properties of its feature."""
    if not isinstance(document, dict):
        return []
    inner = document.get("features", document.get("geometries"))
    if isinstance(inner, list):
        return [found for member in inner for found in geometries(member, properties)]
    if document.get("type") == "Feature":
        own = document.get("properties")
        return geometries(document.get("geometry"), own if isinstance(own, dict) else {})
    return [(document, properties)]


def joined(parts: list[Floats], file: str) -> Floats:
    """Return parts that join end to end as one line that runs as its first part does. Shape (V, 2)."""
    if len(parts) == 1:
        return parts[0]
    if not parts or not all(part.ndim == 2 and len(part) >= 2 and np.isfinite(part).all() for part in parts):
        raise TrucelineError(f"{file}: each part of a line needs at least two points, each as longitude and latitude in degrees")
    for part in parts:
        part[part[:, 0] == -180.0, 0] = 180.0  # files cut lines at the antimeridian
    merged = shapely.line_merge(shapely.MultiLineString(parts))
    if merged.geom_type != "LineString":
        raise TrucelineError(
            f"{file}: the line has {len(shapely.get_parts(merged))} parts that do not join; keep one of them, or join them"
        )
    whole = np.asarray(merged.coords)
    first, last = (int(np.argmax((whole == parts[0][index]).all(axis=1))) for index in (0, -1))
    return whole if first < last else whole[::-1]
