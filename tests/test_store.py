import json
import math
from pathlib import Path

import numpy as np
import pytest

from sim import store
from sim.errors import TrucelineError
from sim.provenance import Tables, fingerprint, gathered, identity, results_digest
from sim.scenario import loads
from sim.story import Estimate
from tests import standin


def rows(number: int) -> Tables:
    """Two incidents of one replication, one never seen."""
    at = np.full(2, number, dtype=np.int64)
    kinds = np.array(["shelling", "Grüße, 'x'"], dtype=object)
    incident = {"replication": at, "kind": kinds, "seen_s": np.array([12.5, math.inf]), "benign": np.array([False, True])}
    return {"tally": {"replication": at[:1], "alarms": np.array([float(number)])}, "incident": incident}


def put(folder: Path, number: int) -> store.Part:
    tables = rows(number)
    return store.add_part(folder, tables, {number: fingerprint(tables)})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "a [run] with 'odd' *name*?" / "mix-1"
    store.claim(place)
    return place


def test_what_is_written_comes_back(folder: Path) -> None:
    for number in (2, 0, 1):
        put(folder, number)
    found, damaged = store.parts(folder)
    tables, fingerprints = store.read_tables(found)
    assert damaged == []
    assert tables["tally"]["alarms"].tolist() == [0.0, 1.0, 2.0]
    assert tables["incident"]["kind"].tolist() == ["shelling", "Grüße, 'x'"] * 3
    assert tables["incident"]["seen_s"].tolist() == [12.5, math.inf] * 3
    assert tables["incident"]["benign"].dtype == bool
    assert fingerprints == {number: fingerprint(rows(number)) for number in range(3)}


def test_a_tally_that_a_part_lacks_counts_zero(folder: Path) -> None:
    put(folder, 0)
    more = rows(1)
    more["tally"]["jammed"] = np.array([5.0])
    store.add_part(folder, more, {1: fingerprint(more)})
    tables, _ = store.read_tables(store.parts(folder)[0])
    assert tables["tally"]["jammed"].tolist() == [0.0, 5.0]


def test_a_tally_without_a_value_comes_back_without_one_and_is_no_zero(folder: Path) -> None:
    for number, wait_s in ((0, math.nan), (1, 5.0), (2, math.inf)):
        tables = rows(number)
        tables["tally"]["desk.wait[in fog]"] = np.array([wait_s])
        store.add_part(folder, tables, {number: fingerprint(tables)})
    put(folder, 3)
    found = store.read_tables(store.parts(folder)[0])[0]
    assert found["tally"]["desk.wait[in fog]"].tolist() == pytest.approx([math.nan, 5.0, math.inf, 0.0], nan_ok=True)


def test_one_flipped_bit_is_seen_and_only_that_part_is_set_aside(folder: Path) -> None:
    put(folder, 0)
    part = put(folder, 1)
    data = bytearray(part.path.read_bytes())
    data[len(data) // 2] ^= 1
    part.path.write_bytes(data)
    whole, damaged = store.parts(folder)
    assert [list(found.numbers) for found in whole] == [[0]]
    assert "is damaged" in store.set_aside(damaged)[0]
    assert store.parts(folder)[1] == []
    assert part.path.with_suffix(".damaged").exists()


def test_the_same_replication_twice_is_read_once(folder: Path) -> None:
    put(folder, 0)
    both = {name: {key: np.concatenate([rows(0)[name][key], rows(1)[name][key]]) for key in rows(0)[name]} for name in rows(0)}
    store.add_part(folder, both, {number: fingerprint(rows(number)) for number in (0, 1)})
    assert [list(part.numbers) for part in store.parts(folder)[0]] == [[0]]


def test_a_file_where_the_folder_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("mine")
    with pytest.raises(TrucelineError, match="is a file; results need a folder"):
        store.claim(tmp_path / "results" / "small" / "base-1")
    assert (tmp_path / "results").read_text() == "mine"


def test_results_are_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TrucelineError, match="is a link"):
        store.claim(tmp_path / "run")


def test_what_a_crash_left_half_written_is_cleared_away(folder: Path) -> None:
    stray = folder / "parts" / ".tmp-999999999-dead"
    stray.write_text("half")
    alive = folder / "parts" / ".tmp-1-alive"
    alive.write_text("somebody else writes this")
    store.claim(folder)
    assert not stray.exists()
    assert alive.exists()


def test_a_full_disk_leaves_nothing_half_written_and_says_what_to_do(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(store, "sync", full)
    with pytest.raises(TrucelineError, match=r"No space left on device.*finished replications are kept"):
        put(folder, 0)
    assert list((folder / "parts").iterdir()) == []


def test_never_is_null_in_json_and_said_so() -> None:
    row = Estimate("latency.median", "median", "", math.inf, 3600.0, math.inf, "s", 20, 7, "Woodruff")
    part = Estimate("latency.median", "median", "shelling", math.nan, math.nan, math.nan, "s", 20, 0, "no events")
    summary = store.summarised([row, part])
    entry = summary["latency.median"]
    assert (entry["estimate"], entry["low"], entry["high"], entry["never"]) == (None, 3600.0, None, ["estimate", "high"])
    assert entry["slices"]["shelling"]["estimate"] is None
    assert "never" not in entry["slices"]["shelling"]
    json.dumps(summary, allow_nan=False)


def test_names_of_scenarios_and_mixes_cannot_leave_the_folder(tmp_path: Path) -> None:
    assert (
        store.folder_of(tmp_path, "../../etc", "B drones & satellites", "0123456789") == tmp_path / "etc" / "b-drones-satellites-01234567"
    )


def test_the_digest_does_not_know_the_order(tmp_path: Path) -> None:
    assert results_digest({0: "a", 10: "b", 2: "c"}) == results_digest({10: "b", 2: "c", 0: "a"})
    assert results_digest({0: "a"}) != results_digest({1: "a"})


def test_names_and_replications_are_not_part_of_the_identity_but_the_seed_is() -> None:
    def digest(text: str) -> str:
        return identity(gathered(loads(text))[0])

    same = standin.SMALL.replace("name: small", "name: other").replace("replications: 4", "replications: 9")
    assert digest(same) == digest(standin.SMALL)
    assert digest(standin.SMALL.replace("seed: 7", "seed: 8")) != digest(standin.SMALL)
    assert digest(standin.SMALL.replace("rate: 6 /day", "rate: 7 /day")) != digest(standin.SMALL)


def test_a_file_that_the_scenario_names_is_part_of_the_identity(tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [[30.0, 49.0], [30.5, 49.0]]}
    text = standin.SMALL.replace("points: [[30.0, 49.0], [30.5, 49.0]]", "file: line.geojson")
    (tmp_path / "line.geojson").write_text(json.dumps(line))
    before, files = gathered(loads(text, tmp_path))
    assert before["line"]["file"].startswith("inputs/")
    assert list(files.values()) == [tmp_path / "line.geojson"]
    (tmp_path / "line.geojson").write_text(json.dumps({**line, "coordinates": [[30.0, 49.0], [30.5, 49.01]]}))
    assert identity(gathered(loads(text, tmp_path))[0]) != identity(before)
