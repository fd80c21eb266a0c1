"""Windows without simulation: one table, and how long a place waits."""

import csv
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import sim
from sim.cli import cli
from sim.errors import TrucelineError
from sim.revisit import gaps, wait_s
from sim.scenario import loads
from sim.units import DAY, HOUR
from tests.standin import SMALL

FLYING = """\
sensors:
  polar:
    kind: satellite_constellation
    orbit: {pattern: sun_synchronous, altitude: 575 km, local_times: [6.0], per_plane: 1}
    instrument: {instrument: radar, resolution: 1 m, swath: 15 km}
    scenes: 4
  inclined:
    kind: satellite_constellation
    orbit: {pattern: walker, altitude: 575 km, inclination: 53 deg, planes: 1, per_plane: 2}
    instrument: {instrument: optical, gsd: 0.5 m, swath: 15 km}
    scenes: 4
"""
AT_48 = [(36.0, 48.0)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "flying.yaml"
    path.write_text(SMALL.replace("sensors:\n", FLYING).replace("    many: {sensors.towers.every: 3 km}\n", ""), encoding="utf-8")
    return path


def test_the_table_has_columns_of_one_length_and_the_same_times_twice(file: Path) -> None:
    found = sim.passes(file, AT_48)
    columns = found.columns()
    assert {len(column) for column in columns.values()} == {len(found)}
    assert set(columns["constellation"]) == {"polar", "inclined"}
    assert set(columns["satellite"]) == {"1", "2"}
    assert (columns["start_s"] <= columns["closest_s"]).all()
    assert (columns["closest_s"] <= columns["end_s"]).all()
    begin_s = datetime.fromisoformat("2026-03-01T00:00:00+00:00").timestamp()
    told = [datetime.fromisoformat(text).timestamp() - begin_s for text in columns["closest_utc"]]
    assert told == pytest.approx(columns["closest_s"], abs=1e-3)


def test_an_inclined_radar_passes_three_times_as_often_as_a_polar_one(file: Path) -> None:
    """Per satellite and day at 48 N, looks of 15 to 45 deg to both sides, 575 km: 1.06 polar, 3.13 at 53 deg (by another propagator).

    At 575 km a day has nearly 15 revolutions, so a place sees more or less according to its longitude: a mean over 24 of them.
    """
    loaded = loads(
        file.read_text(encoding="utf-8").replace("length: 2 d", "length: 30 d").replace("optical, gsd: 0.5 m", "radar, resolution: 1 m")
    )
    round_the_earth = [(15.0 * number, 48.0) for number in range(24)]
    polar, inclined, together = sim.passes(loaded, round_the_earth).summary()
    assert polar.windows_per_day == pytest.approx(1.06, rel=0.05)
    assert inclined.windows_per_day / 2 == pytest.approx(3.13, rel=0.05)
    assert together.windows == polar.windows + inclined.windows


def test_mappers_pass_as_often_as_published_for_the_sentinels(file: Path) -> None:
    """Per satellite and day at 48 N: 0.161 for a swath of 290 km at 786 km by day, 0.31 for one of 250 km to the right at 693 km.

    290 km are 4.5 looks in 30 days, which agrees with the published repeat of 10 days and the overlap at that latitude.
    """
    text = file.read_text(encoding="utf-8").replace("length: 2 d", "length: 30 d").replace("scenes: 4", "depth: 30 km")
    text = text.replace(
        "radar, resolution: 1 m, swath: 15 km", "radar, resolution: 10 m, swath: 250 km, look_min: 26 deg, look_max: 40.5 deg, side: right"
    )
    text = text.replace("altitude: 575 km, local_times: [6.0]", "altitude: 693 km, local_times: [18.0]")
    text = text.replace(
        "pattern: walker, altitude: 575 km, inclination: 53 deg, planes: 1, per_plane: 2",
        "pattern: sun_synchronous, altitude: 786 km, local_times: [22.5]",
    )
    text = text.replace("optical, gsd: 0.5 m, swath: 15 km", "optical, gsd: 10 m, swath: 290 km")
    radar, camera, _ = sim.passes(loads(text), [(15.0 * number, 48.0) for number in range(24)]).summary()
    assert radar.windows_per_day == pytest.approx(0.31, rel=0.1)
    assert camera.windows_per_day == pytest.approx(0.155, rel=0.07)


def test_without_places_the_line_is_asked(file: Path) -> None:
    """36 km at 9 km are four places, each in the middle of its part."""
    found = sim.passes(file, every_m=9_000.0)
    assert found.places.chainage_m / found.places.chainage_m[0] == pytest.approx([1.0, 3.0, 5.0, 7.0])
    assert found.places.offset_m.tolist() == [0.0] * 4


def test_end_gaps_are_told_apart() -> None:
    """Two windows that overlap are one; the place without any has one gap, which the run cuts."""
    point, start_s, end_s = np.array([0, 0, 0]), np.array([60.0, 10.0, 15.0]), np.array([70.0, 20.0, 30.0])
    whole_s, cut_s = gaps(point, start_s, end_s, 2, 100.0)
    assert whole_s.tolist() == [30.0]
    assert sorted(cut_s.tolist()) == [10.0, 30.0, 100.0]


@pytest.mark.parametrize("level", [0.5, 0.95])
def test_waits_are_those_of_a_watch_that_starts_at_every_second(level: float) -> None:
    generator = np.random.default_rng(1)
    start_s = np.sort(generator.uniform(0.0, 10 * DAY, 60))
    end_s = start_s + 100.0
    whole_s, cut_s = gaps(np.zeros(60, dtype=np.int64), start_s, end_s, 1, 10 * DAY)
    found_s = wait_s(np.concatenate([whole_s, cut_s]), 1, 10 * DAY, level)
    at_s = np.arange(0.5, 10 * DAY - found_s)
    following = np.append(start_s, np.inf)[np.searchsorted(end_s, at_s)]
    assert np.mean(np.maximum(following - at_s, 0.0) <= found_s) == pytest.approx(level, abs=1e-4)


def test_who_never_looks_is_waited_for_beyond_the_run() -> None:
    assert wait_s(np.array([10 * HOUR]), 1, 10 * HOUR, 0.5) == np.inf


def test_windows_are_written_as_a_table_and_never_over_another(file: Path, tmp_path: Path) -> None:
    found = sim.passes(file, AT_48, sensors=["polar"])
    for name in ("windows.csv", "windows.parquet"):
        found.write(tmp_path / name)
        with pytest.raises(TrucelineError, match="is there already"):
            found.write(tmp_path / name)
    with (tmp_path / "windows.csv").open(encoding="utf-8") as text:
        rows = list(csv.DictReader(text))
    assert [float(row["slant_m"]) for row in rows] == found.columns()["slant_m"].tolist()
    assert list(rows[0]) == list(found.columns())
    with pytest.raises(TrucelineError, match=r"\.csv or \.parquet"):
        found.write(tmp_path / "windows.txt")


def test_a_second_look_at_the_same_windows_comes_from_the_disk(file: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = sim.passes(file, AT_48, cache=cache).columns()
    assert len(list(cache.glob("windows-*.npz"))) == 2
    again = sim.passes(file, AT_48, cache=cache).columns()
    assert {name: column.tolist() for name, column in first.items()} == {name: column.tolist() for name, column in again.items()}


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({"sensors": ["polr"]}, "did you mean 'polar'"),
        ({"at": [(36.0, 148.0)]}, "longitude and then latitude"),
        ({"sensors": ["towers"]}, "no sat"),
    ],
)
def test_a_slip_is_answered_with_what_to_write(file: Path, asked: dict[str, Any], complaint: str) -> None:
    with pytest.raises(TrucelineError, match=complaint):
        sim.passes(file, **asked)


def test_a_scenario_without_satellites_has_no_passes() -> None:
    with pytest.raises(TrucelineError, match="has no satellites"):
        sim.passes(loads(SMALL))


def test_the_command_writes_one_document_and_its_remarks_elsewhere(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    monkeypatch.setattr("sgp4.api.accelerated", False)
    found = CliRunner().invoke(cli, ["passes", file.name, "--at", "36,48", "--json"])
    assert found.exit_code == 0
    document = json.loads(found.stdout)
    assert [row["constellation"] for row in document["summary"]] == ["polar", "inclined", "all together"]
    assert len(document["windows"]["start_utc"]) == document["summary"][-1]["windows"]
    assert "the compiled part of sgp4 is not installed" in found.stderr
    assert "cuts count for no mean" in found.stderr


def test_the_command_shows_a_summary(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    found = CliRunner().invoke(cli, ["passes", file.name, "--every", "12 km", "--set", "length=1 d", "--out", "w.csv"])
    assert found.exit_code == 0
    assert "over 3 places in 48 h" in found.stdout
    assert (file.parent / "w.csv").exists()
    assert CliRunner().invoke(cli, ["passes", file.name, "--every", "12 s"]).exit_code == 2
