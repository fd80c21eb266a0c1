"""Rasters of elevation as users have them, laid on the line's map."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import Field, field_validator

from sim.errors import TrucelineError, did_you_mean
from sim.kinds import Floats
from sim.model import Model
from sim.physics.terrain import SIDE, Heights, Relief
from sim.units import PositiveMetres, fault

DEGREES = "EPSG:4326"
"""Longitude and latitude on WGS 84."""
BEYOND_M = 30_000.0
"""How far beyond the corridor the ground is kept: an eye 50 m up looks no farther over a plain (4.12 km by the root of metres)."""
KNOTS = 9
"""Places along the side of a block whose coordinates are computed; between them a map bends by less than 1 m (chord of 10 km: 2 m; of an
eighth of it: 0.03 m)."""
LARGEST_CELLS = 100_000_000
"""Of a relief in memory: 400 MB."""
LARGEST_FILE_CELLS = 200_000_000
"""Of one text raster; ten times a scene of 1 arc second."""
LOWEST_M, HIGHEST_M = -500.0, 9_000.0
"""Heights on land, with a margin: shore of the Dead Sea -430 m, Everest 8,849 m."""
METRES_PER_DEGREE = 111_195.0
"""Of latitude, on a sphere of 6,371 km."""

HGT_SIZES = {2 * 1201**2: 1201, 2 * 3601**2: 3601}
"""Bytes of a file to its nodes along a side: 3 and 1 arc seconds. Source: NASA, SRTM quick start guide."""
HGT_VOID = -32768

ASC_KEYS = ("ncols", "nrows", "xllcorner", "yllcorner", "xllcenter", "yllcenter", "cellsize", "dx", "dy", "nodata_value")
ASC_EXAMPLE = "write ncols, nrows, xllcorner, yllcorner, cellsize and NODATA_value, each on a line with its number, above the heights"
EDGE = 0.51
"""Half a cell round the outer nodes still belongs to a raster; the rest forgives corners that were written with few digits."""


class TerrainRecord(Model):
    """Elevation rasters that hide what lies behind ridges: ESRI ASCII grids (.asc) and SRTM tiles (.hgt), side by side."""

    files: Annotated[tuple[str, ...], Field(min_length=1)]
    """Relative to the scenario. Where two know a place, the first counts. Heights are metres; cells without data hide nothing."""
    projection: str = DEGREES
    """Coordinates of the .asc files, as an EPSG code or PROJ text; .hgt files are in degrees."""
    with_plants: bool = False
    """Whether the heights hold canopies and roofs (a surface model): then the angle thrown by the sector's terrain no longer counts;
    else the greater of the two does."""
    cell_m: PositiveMetres | None = None
    """Distance of the heights that are kept; as fine as the finest file without it. A coarser one keeps single heights, no means."""

    @field_validator("projection")
    @classmethod
    def known(cls, text: str) -> str:
        """Refuse a text that names no map."""
        import pyproj

        try:
            system = pyproj.CRS(text)
        except pyproj.exceptions.CRSError:
            raise fault("projection", "{text} names no map; write for example EPSG:32636", text=repr(text)) from None
        if not (system.is_geographic or system.is_projected):
            raise fault("projection", "{text} is no flat map; write for example EPSG:32636", text=repr(text))
        return text


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """Heights of one file, at nodes of its own map."""

    file: str
    heights_m: Heights
    """Rows from south to north, columns from west to east, `nan` where nothing is known. Shape (R, C)."""
    west: float
    south: float
    """The first node, in units of the map."""
    dx: float
    dy: float
    """From node to node."""
    projection: str

    @property
    def centre(self) -> tuple[float, float]:
        """The middle, in units of the map."""
        rows, columns = self.heights_m.shape
        return self.west + self.dx * (columns - 1) / 2, self.south + self.dy * (rows - 1) / 2

    def nodes_at(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return places of its map as numbers of column and row. Shapes as given."""
        if self.geographic:  # the same meridian may be written as 190 and as -170
            x = (x - self.centre[0] + 180.0) % 360.0 - 180.0 + self.centre[0]
        return (x - self.west) / self.dx, (y - self.south) / self.dy

    @property
    def geographic(self) -> bool:
        """Whether its map is in degrees."""
        import pyproj

        return bool(pyproj.CRS(self.projection).is_geographic)

    def height_m(self, column: Floats, row: Floats) -> Floats:
        """Return bilinear heights, `nan` outside and beside cells without data. Shapes as given."""
        last_row, last_column = (size - 1 for size in self.heights_m.shape)
        inside = (column >= -EDGE) & (column <= last_column + EDGE) & (row >= -EDGE) & (row <= last_row + EDGE)
        column, row = (np.clip(np.where(inside, place, 0.0), 0.0, last) for place, last in ((column, last_column), (row, last_row)))
        left, below = (np.minimum(place.astype(np.int64), last - 1) for place, last in ((column, last_column), (row, last_row)))
        u, v = column - left, row - below
        heights_m, node = self.heights_m.ravel(), below * (last_column + 1) + left
        south = heights_m.take(node) * (1.0 - u) + heights_m.take(node + 1) * u
        north = heights_m.take(node + last_column + 1) * (1.0 - u) + heights_m.take(node + last_column + 2) * u
        return np.where(inside, south * (1.0 - v) + north * v, np.nan)

    def spacing_m(self) -> float:
        """Return the side of a square as large as one cell in the middle of the raster."""
        import pyproj

        _, y = self.centre
        if not self.geographic:
            return float(np.sqrt(self.dx * self.dy) * pyproj.CRS(self.projection).axis_info[0].unit_conversion_factor)
        return float(METRES_PER_DEGREE * np.sqrt(self.dx * self.dy * np.cos(np.radians(y))))


def read_relief(record: TerrainRecord, folder: Path, projection: str, xy_m: Floats, reach_m: float) -> Relief:
    """Return the ground beside a line, from the files that a scenario names.

    Args:
        record: What the scenario says.
        folder: Files are relative to it.
        projection: The line's map, as PROJ text.
        xy_m: Vertices of the line on it. Shape (V, 2).
        reach_m: How far beside the line the ground matters; at least this much is kept.

    Raises:
        TrucelineError: A file is damaged, or none knows the ground at the line.
    """
    rasters = [read_raster(folder / name, record.projection) for name in record.files]
    cell_m = record.cell_m or min(raster.spacing_m() for raster in rasters)
    relief = laid_out(rasters, projection, xy_m, reach_m, cell_m, record.with_plants)
    if np.isnan(relief.height_m(*densified(xy_m, SIDE * cell_m).T)).all():
        extents = "; ".join(f"{raster.file}: {extent(raster)}" for raster in rasters[:3])
        raise TrucelineError(
            f"the terrain files know no height anywhere on the line ({extents}); write files that cover it, with their 'projection'"
        )
    return relief


def extent(raster: Raster) -> str:
    """Return where a raster lies, in words."""
    rows, columns = raster.heights_m.shape
    east, north = raster.west + raster.dx * (columns - 1), raster.south + raster.dy * (rows - 1)
    return f"{raster.west:.6g} to {east:.6g} east, {raster.south:.6g} to {north:.6g} north in {raster.projection}"


def laid_out(rasters: list[Raster], projection: str, xy_m: Floats, reach_m: float, cell_m: float, with_plants: bool) -> Relief:
    """Return rasters as one relief on a map, for the blocks within reach of a line.

    Both grids are bilinear, so that a crest no wider than a cell loses a part of its height, on average a quarter.
    """
    refuse_fine(xy_m, reach_m, cell_m)
    side_m = SIDE * cell_m
    west_m, south_m = (float(np.floor((xy_m[:, axis].min() - reach_m) / side_m) * side_m) for axis in (0, 1))
    places = sorted(blocks_near(densified(xy_m, side_m / 2) - (west_m, south_m), reach_m, side_m))
    block = np.array(places, dtype=np.float64)
    knots_m = np.linspace(0.0, side_m, KNOTS)
    x_m, y_m = np.broadcast_arrays(
        west_m + block[:, 1, None, None] * side_m + knots_m[None, None, :],
        south_m + block[:, 0, None, None] * side_m + knots_m[None, :, None],
    )
    known: dict[tuple[int, int], Heights] = {}
    ways = {text: on_map(text, projection, x_m, y_m) for text in {raster.projection for raster in rasters}}
    for raster in rasters:
        column, row = raster.nodes_at(*ways[raster.projection])
        for number in touched(column, row, raster):
            heights_m = raster.height_m(between(column[number]), between(row[number]))
            before_m = known.get(places[number])
            heights_m = heights_m if before_m is None else np.where(np.isnan(before_m), heights_m, before_m)
            if not np.isnan(heights_m).all():
                known[places[number]] = heights_m.astype(np.float32)
    return Relief.of_blocks(west_m, south_m, cell_m, known, with_plants)


def refuse_fine(xy_m: Floats, reach_m: float, cell_m: float) -> None:
    """Refuse cells that are too many to be kept within reach of a line."""
    wide_m, high_m = np.ptp(xy_m, axis=0) + 2 * reach_m
    along_m = float(np.hypot(*np.diff(xy_m, axis=0).T).sum()) + 2 * reach_m
    cells = min(wide_m * high_m, along_m * 2 * reach_m) / cell_m**2
    if cells > LARGEST_CELLS:
        coarser_m = np.ceil(cell_m * np.sqrt(cells / LARGEST_CELLS) / 10.0) * 10.0
        raise TrucelineError(
            f"the terrain has {cells / 1e6:,.0f} million cells of {cell_m:.3g} m; write 'cell: {coarser_m:.0f} m' or more below it"
        )


def blocks_near(xy_m: Floats, reach_m: float, side_m: float) -> set[tuple[int, int]]:
    """Return the blocks, by row and column, that lie within reach of places that are dense, shape (P, 2)."""
    low, high = (np.floor((xy_m + sign * reach_m) / side_m).astype(int) for sign in (-1, 1))
    boxes = np.unique(np.hstack([low, high]), axis=0).tolist()
    return {
        (row, column)
        for west, south, east, north in boxes
        for row in range(max(south, 0), north + 1)
        for column in range(max(west, 0), east + 1)
    }


def densified(xy_m: Floats, step_m: float) -> Floats:
    """Return a line's vertices with places between them, no farther apart than a step. Shape (V, 2) gives (P, 2)."""
    away_m = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy_m, axis=0).T))])
    fine_m = np.unique(np.concatenate([away_m, np.arange(0.0, away_m[-1], step_m)]))
    return np.column_stack([np.interp(fine_m, away_m, xy_m[:, axis]) for axis in (0, 1)])


def on_map(to: str, projection: str, x_m: Floats, y_m: Floats) -> tuple[Floats, Floats]:
    """Return places of one map on another, infinite where it has none. Shapes as given."""
    import pyproj

    lon, lat = pyproj.Proj(projection)(x_m, y_m, inverse=True)
    x, y = pyproj.Transformer.from_crs(DEGREES, to, always_xy=True).transform(lon, lat)
    return np.asarray(x), np.asarray(y)


def touched(column: Floats, row: Floats, raster: Raster) -> Iterator[int]:
    """Iterate over the blocks, of knots (B, KNOTS, KNOTS), that may lie on a raster."""
    rows, columns = raster.heights_m.shape
    finite = np.isfinite(column).all(axis=(1, 2)) & np.isfinite(row).all(axis=(1, 2))
    meets = finite & (column.max(axis=(1, 2)) >= -EDGE) & (column.min(axis=(1, 2)) <= columns)
    meets &= (row.max(axis=(1, 2)) >= -EDGE) & (row.min(axis=(1, 2)) <= rows)
    yield from np.flatnonzero(meets).tolist()


def between(knots: Floats) -> Floats:
    """Return values at all nodes of a block from those at its knots, bilinear. Shape (KNOTS, KNOTS) gives (SIDE + 1, SIDE + 1)."""
    weight = np.maximum(1.0 - np.abs(np.linspace(0.0, KNOTS - 1, SIDE + 1)[:, None] - np.arange(KNOTS)), 0.0)
    return np.asarray(weight @ knots @ weight.T)


def read_raster(path: Path, projection: str = DEGREES) -> Raster:
    """Read one elevation file by the ending of its name, `.asc` or `.hgt`; the projection is that of the former.

    Raises:
        TrucelineError: It cannot be read, is damaged, or knows no height at all.
    """
    readers = {".asc": lambda: read_asc(path, projection), ".hgt": lambda: read_hgt(path)}
    if path.suffix.lower() not in readers:
        raise TrucelineError(
            f"{path}: terrain is read from .asc (ESRI ASCII grid) and .hgt (SRTM); convert it, for example with gdal_translate -of AAIGrid"
        )
    try:
        raster = readers[path.suffix.lower()]()
    except OSError as why:
        raise TrucelineError(f"{path}: the terrain cannot be read ({why.strerror}); 'files' are relative to the scenario") from None
    if np.isnan(raster.heights_m).all():
        raise TrucelineError(f"{path}: no cell has a height, all are without data; leave the file out or export it again")
    return raster


def read_hgt(path: Path) -> Raster:
    """Read an SRTM tile: big-endian metres from the north-west corner, row by row; its name is its south-west corner.

    Source: NASA, SRTM quick start guide; voids are -32768.
    """
    west, south = corner(path)
    content = path.read_bytes()
    side = HGT_SIZES.get(len(content))
    if side is None:
        sizes = " or ".join(f"{size:,} (as {side} x {side})" for size, side in HGT_SIZES.items())
        raise TrucelineError(f"{path}: it has {len(content):,} bytes; an SRTM tile has {sizes}; fetch or unpack it again")
    metres = np.frombuffer(content, dtype=">i2").reshape(side, side)[::-1]
    heights_m = np.where(metres == HGT_VOID, np.nan, metres).astype(np.float32)
    odd = np.flatnonzero(~((heights_m >= LOWEST_M) & (heights_m <= HIGHEST_M) | np.isnan(heights_m)))
    if odd.size:
        height_m, row = heights_m.flat[odd[0]], side - int(odd[0]) // side
        raise TrucelineError(f"{path}: row {row} from the north holds {height_m:g} m, which is no height on land; fetch the tile again")
    return Raster(str(path), heights_m, west, south, 1.0 / (side - 1), 1.0 / (side - 1), DEGREES)


def corner(path: Path) -> tuple[float, float]:
    """Return longitude and latitude of the south-west corner that the end of an SRTM tile's name tells.

    >>> corner(Path("srtm/N48E037.hgt")), corner(Path("copy_s02w079.HGT"))
    ((37.0, 48.0), (-79.0, -2.0))
    """
    name = path.stem.upper()[-7:]
    digits = name[1:3] + name[4:7]
    if len(name) < 7 or name[0] not in "NS" or name[3] not in "EW" or not (digits.isascii() and digits.isdigit()):
        raise TrucelineError(f"{path}: an SRTM tile is named by its south-west corner; call it for example N48E037.hgt")
    south, west = float(digits[:2]) * (1 if name[0] == "N" else -1), float(digits[2:]) * (1 if name[3] == "E" else -1)
    if not (-90.0 <= south <= 89.0 and -180.0 <= west <= 179.0):
        raise TrucelineError(f"{path}: there is no such corner on Earth; an SRTM tile is called for example N48E037.hgt")
    return west, south


class Header(NamedTuple):
    """What stands above the heights of an ESRI ASCII grid."""

    columns: int
    rows: int
    west: float
    south: float
    """Centre of the south-west cell."""
    dx: float
    dy: float
    nodata: float | None


def read_asc(path: Path, projection: str) -> Raster:
    """Read an ESRI ASCII grid: a header, then heights row by row from the north.

    Source: Esri, ASCII raster format; `dx` and `dy` instead of `cellsize`, as GDAL writes cells that are not square.
    """
    with path.open(encoding="ascii", errors="replace") as lines:
        numbered = ((number, line.split()) for number, line in enumerate(lines, start=1))
        full = ((number, words) for number, words in numbered if words)
        header, first = read_header(full, path)
        heights_m = read_heights(chain(first, full), header, path)
    check_degrees(header, projection, path)
    return Raster(str(path), heights_m[::-1], header.west, header.south, header.dx, header.dy, projection)


def read_header(lines: Iterator[tuple[int, list[str]]], path: Path) -> tuple[Header, list[tuple[int, list[str]]]]:
    """Return the header, and the first line after it."""
    found: dict[str, float] = {}
    first: list[tuple[int, list[str]]] = []
    for number, words in lines:
        key = words[0].lower()
        if not key[0].isalpha() or key == "nan":
            first = [(number, words)]
            break
        if key not in ASC_KEYS:
            raise TrucelineError(f"{path}:{number}: unknown word {words[0][:40]!r} {did_you_mean(key, ASC_KEYS) or ASC_EXAMPLE}")
        if key in found:
            raise TrucelineError(f"{path}:{number}: {words[0]} stands there twice; keep one")
        found[key] = header_value(words, f"{path}:{number}")
    return checked_header(found, path), first


def header_value(words: list[str], place: str) -> float:
    """Return the number of a header's line."""
    try:
        (text,) = words[1:]
        value = float(text)
    except ValueError:
        hint = "with a point, not a comma" if any("," in word for word in words) else f"for example '{words[0]} 1201'"
        raise TrucelineError(f"{place}: {words[0]} needs one number; write it {hint}") from None
    if not np.isfinite(value) and words[0].lower() != "nodata_value":
        raise TrucelineError(f"{place}: {words[0]} must be finite, not {text}")
    return value


def checked_header(found: dict[str, float], path: Path) -> Header:
    """Return a header that is whole, or say what is missing or wrong."""
    dx, dy = (found.get(name, found.get("cellsize", np.nan)) for name in ("dx", "dy"))
    west = found.get("xllcenter", found.get("xllcorner", np.nan) + dx / 2)
    south = found.get("yllcenter", found.get("yllcorner", np.nan) + dy / 2)
    needed = {
        "ncols": found.get("ncols", np.nan),
        "nrows": found.get("nrows", np.nan),
        "cellsize": dx + dy,
        "xllcorner": west,
        "yllcorner": south,
    }
    missing = [name for name, value in needed.items() if np.isnan(value)]
    if missing:
        raise TrucelineError(f"{path}: the header lacks {', '.join(missing)}; {ASC_EXAMPLE}")
    sizes = [needed["ncols"], needed["nrows"]]
    if any(size != int(size) or size < 2 for size in sizes) or min(dx, dy) <= 0.0:
        raise TrucelineError(f"{path}: ncols and nrows must be whole numbers from 2, and cellsize more than 0; {ASC_EXAMPLE}")
    columns, rows = (int(size) for size in sizes)
    if columns * rows > LARGEST_FILE_CELLS:
        raise TrucelineError(f"{path}: {columns:,} x {rows:,} cells are too many; cut the raster to the corridor, or thin it")
    return Header(columns, rows, west, south, dx, dy, found.get("nodata_value"))


def read_heights(lines: Iterable[tuple[int, list[str]]], header: Header, path: Path) -> Heights:
    """Return the heights as they stand in the file, from the north. Shape (rows, columns)."""
    count = header.rows * header.columns
    parts: list[Heights] = []
    have = number = 0
    for number, words in lines:
        have += len(words)
        if have > count:
            raise TrucelineError(f"{path}:{number}: more than {header.rows:,} x {header.columns:,} heights; mend nrows and ncols")
        parts.append(heights_of(words, header.nodata, f"{path}:{number}"))
    if have < count:
        raise TrucelineError(
            f"{path}:{number}: the file ends after {have:,} heights; nrows x ncols = {count:,} are announced; export the raster again"
        )
    return np.concatenate(parts).reshape(header.rows, header.columns)


def heights_of(words: list[str], nodata: float | None, place: str) -> Heights:
    """Return one line of heights, `nan` where it has no data. Shape (N,)."""
    try:
        values = np.array(words, dtype=np.float64)
    except ValueError:
        wrong = next(word for word in words if not is_number(word))
        hint = "; write a point, not a comma" if "," in wrong else "; write heights in metres"
        raise TrucelineError(f"{place}: {wrong[:40]!r} is no number{hint}") from None
    if nodata is not None:
        values[values == nodata] = np.nan
    odd = values[~np.isnan(values) & ~((values >= LOWEST_M) & (values <= HIGHEST_M))]
    if odd.size:
        raise TrucelineError(
            f"{place}: {odd[0]:g} m is no height on land; if it means no data, write 'NODATA_value {odd[0]:g}' in the header"
        )
    return values.astype(np.float32)


def is_number(word: str) -> bool:
    """Say whether a word is a number."""
    try:
        float(word)
    except ValueError:
        return False
    return True


def check_degrees(header: Header, projection: str, path: Path) -> None:
    """Refuse metres that are taken for degrees."""
    import pyproj

    east, north = header.west + header.dx * header.columns, header.south + header.dy * header.rows
    beyond = max(abs(header.west), abs(east)) > 361.0 or max(abs(header.south), abs(north)) > 91.0
    if pyproj.CRS(projection).is_geographic and beyond:
        raise TrucelineError(
            f"{path}: its corner {header.west:g}, {header.south:g} is not in degrees; write its map, such as 'projection: EPSG:32636'"
        )
