"""Elevation files: read right, laid on the line's map, and refused with words when damaged."""

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from sim.errors import TrucelineError
from sim.kinds import Floats
from sim.line import Line
from sim.physics.terrain import Relief
from sim.projection import projector
from sim.relief import DEGREES, TerrainRecord, read_asc, read_raster, read_relief
from sim.units import Written

LINE = Line.from_lonlat(np.array([[37.30, 48.50], [37.70, 48.50]]))
"""30 km on one parallel, in the middle of a tile of one degree."""

SMALL = """ncols 3
nrows 2
xllcorner 10
yllcorner 20
cellsize 2
NODATA_value -9999
1 2 3
4 5 -9999
"""


def written(folder: Path, text: str, name: str = "small.asc") -> Path:
    """Write a text raster."""
    path = folder / name
    path.write_text(text, encoding="ascii")
    return path


def asc(heights_m: Floats, west: float, south: float, cell: float) -> str:
    """Return a text raster, whose corner is that of its outer cell; rows run from the north."""
    rows, columns = heights_m.shape
    head = f"ncols {columns}\nnrows {rows}\nxllcorner {west}\nyllcorner {south}\ncellsize {cell}\n"
    return head + "\n".join(" ".join(f"{value:.3f}" for value in row) for row in heights_m) + "\n"


def sloping(x: Floats, y: Floats) -> Floats:
    """Return heights that rise by 100 m a degree eastward and 200 m northward, from 0 at 37 E, 48 N."""
    return 100.0 * (x - 37.0) + 200.0 * (y - 48.0)


def tile(folder: Path, name: str = "N48E037.hgt", side: int = 1201) -> Path:
    """Write an SRTM tile of the slope, in whole metres."""
    x, y = np.meshgrid(np.linspace(37.0, 38.0, side), np.linspace(49.0, 48.0, side))
    path = folder / name
    path.write_bytes(np.round(sloping(x, y)).astype(">i2").tobytes())
    return path


def ground(folder: Path, *files: str, reach_m: float = 8_000.0, cell_m: float | None = None, projection: str = DEGREES) -> Relief:
    """Return the relief beside the line."""
    record = TerrainRecord(files=files, projection=projection, cell_m=cell_m)
    return read_relief(record, folder, LINE.projection, LINE.xy_m, reach_m)


def probes() -> tuple[Floats, Floats, Floats, Floats]:
    """Return places beside the line, in degrees and on its map."""
    lon, lat = np.random.default_rng(2).uniform([[37.3], [48.44]], [[37.7], [48.56]], (2, 500))
    return lon, lat, *LINE.to_xy(lon, lat)


def test_a_text_raster_runs_from_the_north_and_its_corner_is_that_of_a_cell(tmp_path: Path) -> None:
    raster = read_asc(written(tmp_path, SMALL), DEGREES)
    assert (raster.west, raster.south, raster.dx, raster.dy) == (11.0, 21.0, 2.0, 2.0)
    assert raster.heights_m.tolist()[1] == [1.0, 2.0, 3.0]
    assert raster.heights_m.tolist()[0][:2] == [4.0, 5.0]
    assert np.isnan(raster.heights_m[0, 2])


def test_centres_uneven_cells_and_wrapped_rows_are_read(tmp_path: Path) -> None:
    text = "NCOLS 3\nNROWS 2\nXLLCENTER 11\nYLLCENTER 21\nDX 2\nDY 1\n1 2\n3 4 5 6\n"
    raster = read_asc(written(tmp_path, text), DEGREES)
    assert (raster.west, raster.south, raster.dx, raster.dy) == (11.0, 21.0, 2.0, 1.0)
    assert raster.heights_m.tolist() == [[4.0, 5.0, 6.0], [1.0, 2.0, 3.0]]


def test_a_tile_of_one_degree_lies_where_its_name_says(tmp_path: Path) -> None:
    raster = read_raster(tile(tmp_path))
    assert raster.heights_m.shape == (1201, 1201)
    assert (raster.west, raster.south, raster.heights_m[0, 0], raster.heights_m[-1, -1]) == (37.0, 48.0, 0.0, 300.0)
    assert raster.spacing_m() == pytest.approx(92.66 * np.sqrt(np.cos(np.radians(48.5))), rel=1e-3)


def test_heights_on_the_lines_map_are_those_of_the_file(tmp_path: Path) -> None:
    tile(tmp_path)
    relief = ground(tmp_path, "N48E037.hgt")
    lon, lat, x_m, y_m = probes()
    assert relief.height_m(x_m, y_m) == pytest.approx(sloping(lon, lat), abs=0.55)  # the tile is in whole metres
    assert relief.cell_m == pytest.approx(75.4, abs=0.1)
    assert relief.highest_m < 300.0  # far corners of the tile are left out


def test_a_raster_in_metres_of_its_own_map_is_laid_on_the_line(tmp_path: Path) -> None:
    utm = projector("EPSG:32637")
    east, north = utm(37.5, 48.5)
    x, y = np.meshgrid(east + np.arange(-25_000.0, 25_000.0, 250.0) + 125.0, north + np.arange(15_000.0, -15_000.0, -250.0) - 125.0)
    written(tmp_path, asc(sloping(*utm(x, y, inverse=True)), east - 25_000.0, north - 15_000.0, 250.0), "utm.asc")
    relief = ground(tmp_path, "utm.asc", projection="EPSG:32637")
    lon, lat, x_m, y_m = probes()
    assert relief.cell_m == pytest.approx(250.0)
    assert relief.height_m(x_m, y_m) == pytest.approx(sloping(lon, lat), abs=0.02)


def test_rasters_side_by_side_leave_no_seam(tmp_path: Path) -> None:
    cell = 0.005
    x, y = np.meshgrid(37.2 + cell * (np.arange(60) + 0.5), 48.6 - cell * (np.arange(40) + 0.5))
    written(tmp_path, asc(sloping(x, y), 37.2, 48.4, cell), "west.asc")
    written(tmp_path, asc(sloping(x + 0.3, y), 37.5, 48.4, cell), "east.asc")
    relief = ground(tmp_path, "west.asc", "east.asc")
    lon, lat, x_m, y_m = probes()
    assert relief.height_m(x_m, y_m) == pytest.approx(sloping(lon, lat), abs=0.4)  # half a cell beside a seam is flat
    alone = ground(tmp_path, "west.asc").height_m(x_m, y_m)
    assert np.isnan(alone[lon > 37.51]).all()
    assert not np.isnan(alone[lon < 37.49]).any()


def test_where_two_files_know_a_place_the_first_counts(tmp_path: Path) -> None:
    tile(tmp_path)
    written(tmp_path, asc(np.full((40, 40), 700.0), 37.0, 48.0, 0.025), "flat.asc")
    _, _, x_m, y_m = probes()
    assert ground(tmp_path, "flat.asc", "N48E037.hgt").height_m(x_m, y_m) == pytest.approx(700.0)
    assert ground(tmp_path, "N48E037.hgt", "flat.asc").height_m(x_m, y_m).max() < 300.0


def test_cells_without_data_are_unknown_and_filled_by_the_next_file(tmp_path: Path) -> None:
    heights_m = np.full((40, 40), 100.0)
    heights_m[:, 20:] = -9999.0
    text = asc(heights_m, 37.0, 48.0, 0.025).replace("cellsize", "NODATA_value -9999\ncellsize")
    written(tmp_path, text, "half.asc")
    written(tmp_path, asc(np.full((40, 40), 700.0), 37.0, 48.0, 0.025), "flat.asc")
    x_m, y_m = LINE.to_xy(np.array([37.4, 37.6]), np.array([48.5, 48.5]))
    assert np.isnan(ground(tmp_path, "half.asc").height_m(x_m, y_m)).tolist() == [False, True]
    assert ground(tmp_path, "half.asc", "flat.asc").height_m(x_m, y_m) == pytest.approx([100.0, 700.0])


def test_only_the_ground_within_reach_of_the_line_is_kept(tmp_path: Path) -> None:
    tile(tmp_path)
    near, far = ground(tmp_path, "N48E037.hgt", reach_m=2_000.0), ground(tmp_path, "N48E037.hgt", reach_m=30_000.0)
    assert len(near.blocks) < len(far.blocks) / 2
    assert near.height_m(*LINE.to_xy(37.5, 48.5)) == pytest.approx(float(far.height_m(*LINE.to_xy(37.5, 48.5))), abs=0.5)


def test_a_ridge_in_a_file_hides_what_lies_behind_it(tmp_path: Path) -> None:
    heights_m = np.zeros((400, 400))
    heights_m[:, 200:203] = 60.0  # a dam along 37.50125 E
    written(tmp_path, asc(heights_m, 37.0, 48.0, 0.0025), "dam.asc")
    x_m, y_m = LINE.to_xy(np.array([37.45, 37.49, 37.55, 37.50125]), np.full(4, 48.5))
    relief = ground(tmp_path, "dam.asc", cell_m=50.0)
    assert relief.visible((x_m[0], y_m[0], 2.0), (x_m[1:3], y_m[1:3], 20.0)).tolist() == [True, False]
    away_m = np.hypot(x_m[3] - x_m[0], y_m[3] - y_m[0])
    assert relief.mask_towards_deg(x_m[0], y_m[0], 2.0, x_m[2], y_m[2]) == pytest.approx(np.degrees(np.arctan(58.0 / away_m)), rel=0.02)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ncols 3", "ncols three", r"small.asc:1: ncols needs one number"),
        ("cellsize 2", "cellsize 0,5", r"small.asc:5: cellsize needs one number; write it with a point, not a comma"),
        ("cellsize 2", "cellsiz 2", r"small.asc:5: unknown word 'cellsiz' did you mean 'cellsize'"),
        ("cellsize 2\n", "", r"header lacks cellsize, xllcorner, yllcorner"),
        ("nrows 2\n", "", r"header lacks nrows"),
        ("nrows 2", "nrows 2\nnrows 2", r"small.asc:3: nrows stands there twice"),
        ("nrows 2", "nrows 1.5", r"whole numbers from 2"),
        ("cellsize 2", "cellsize -2", r"cellsize more than 0"),
        ("xllcorner 10", "xllcorner inf", r"small.asc:3: xllcorner must be finite"),
        ("xllcorner 10", "xllcorner 500000", r"not in degrees; write its map"),
        ("nrows 2", "nrows 20000000000", r"too many"),
        ("1 2 3", "1 2", r"small.asc:8: the file ends after 5 heights; nrows x ncols = 6"),
        ("1 2 3", "1 2 3 4", r"small.asc:8: more than 2 x 3 heights"),
        ("1 2 3", "1 2,5 3", r"small.asc:7: '2,5' is no number; write a point"),
        ("1 2 3", "1 ** 3", r"small.asc:7: '\*\*' is no number"),
        ("1 2 3", "1 -32768 3", r"small.asc:7: -32768 m is no height on land; if it means no data, write 'NODATA_value -32768'"),
        ("1 2 3\n4 5", "-9999 nan -9999\nnan -9999", r"no cell has a height"),
        (SMALL, "", r"header lacks ncols, nrows"),
    ],
)
def test_a_damaged_text_raster_is_answered_with_place_and_remedy(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = written(tmp_path, SMALL.replace(old, new))
    with pytest.raises(TrucelineError, match=message):
        read_raster(path)


def test_a_damaged_tile_is_answered_with_its_remedy(tmp_path: Path) -> None:
    short, misnamed, empty, odd = (tmp_path / name for name in ("N48E037.hgt", "donbas.hgt", "N49E037.hgt", "N50E037.hgt"))
    short.write_bytes(b"\0" * 1000)
    misnamed.write_bytes(b"\0" * 2 * 1201**2)
    empty.write_bytes(np.full(1201**2, -32768, dtype=">i2").tobytes())
    odd.write_bytes(np.full(1201**2, 32767, dtype=">i2").tobytes())
    with pytest.raises(TrucelineError, match=r"it has 1,000 bytes; an SRTM tile has 2,884,802"):
        read_raster(short)
    with pytest.raises(TrucelineError, match=r"named by its south-west corner; call it for example N48E037.hgt"):
        read_raster(misnamed)
    with pytest.raises(TrucelineError, match="no cell has a height"):
        read_raster(empty)
    with pytest.raises(TrucelineError, match="row 1201 from the north holds 32767 m"):
        read_raster(odd)


def test_files_that_are_missing_or_of_another_format_or_elsewhere_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TrucelineError, match=r"cannot be read \(No such file"):
        read_raster(tmp_path / "gone.asc")
    with pytest.raises(TrucelineError, match="gdal_translate -of AAIGrid"):
        read_raster(tmp_path / "ground.tif")
    written(tmp_path, SMALL)
    with pytest.raises(TrucelineError, match=r"no height anywhere on the line .*11 to 15 east, 21 to 23 north in EPSG:4326"):
        ground(tmp_path, "small.asc", cell_m=100.0)


def test_too_many_cells_are_refused_with_a_size_that_is_possible(tmp_path: Path) -> None:
    written(tmp_path, asc(np.zeros((40, 40)), 37.0, 48.0, 0.025), "flat.asc")
    with pytest.raises(TrucelineError, match=r"million cells of 1 m; write 'cell: 10 m' or more"):
        ground(tmp_path, "flat.asc", cell_m=1.0)
    assert ground(tmp_path, "flat.asc", cell_m=10.0, reach_m=100.0).cell_m == 10.0


@pytest.mark.parametrize("projection", ["EPSG:99999999", "the usual one", "EPSG:4978", ""])
def test_a_text_that_names_no_map_is_refused(projection: str) -> None:
    with pytest.raises(ValidationError, match="write for example EPSG:32636"):
        TerrainRecord(files=("a.asc",), projection=projection)


def test_a_scenario_writes_the_cell_with_its_unit() -> None:
    record = TerrainRecord.model_validate({"files": ["a.asc"], "cell": Written("90 m"), "with_plants": True})
    assert (record.cell_m, record.with_plants, record.projection) == (90.0, True, "EPSG:4326")
    with pytest.raises(ValidationError):
        TerrainRecord(files=())
