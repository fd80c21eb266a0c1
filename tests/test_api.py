import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

import sim
from sim import api, campaign, provenance, store
from sim.comparison import Change, compared, differing, folded, signed
from sim.errors import TrucelineError
from sim.experiment import engine
from sim.scenario import load
from tests import standin


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return standin.small(tmp_path)


def digest(run: api.Run) -> str:
    return str(run.manifest["results_digest"])


def test_the_package_offers_the_verbs_and_loads_nothing_for_its_name() -> None:
    told = "import sys, sim; assert not {'numpy', 'pydantic', 'matplotlib'} & set(sys.modules); sim.load; assert 'numpy' in sys.modules"
    subprocess.run([sys.executable, "-c", told], check=True, cwd=Path(__file__).parents[1])
    assert {"load", "check", "run", "compare", "plot", "list_runs", "show"} <= set(dir(sim))


def test_a_run_keeps_everything_that_it_takes_to_make_it_again(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "results"
    run = sim.run(sim.load(file), replications=2, out=out)
    assert run.path.parent == out / "small"
    assert run.path.name.startswith("base-")
    assert (run.path / "scenario.yaml").read_text() == standin.SMALL
    manifest = run.manifest
    assert manifest["status"] == "complete"
    assert manifest["replications"] == {"asked": 2, "done": 2, "failed": []}
    assert manifest["identity"].startswith(run.path.name.removeprefix("base-"))
    assert str(tmp_path) not in json.dumps(manifest)
    assert any(entry["path"] == "desk.p_wrong_side" for entry in manifest["assumptions"])
    assert {"estimate", "low", "high", "unit", "n_replications", "n_events", "method"} <= set(run.summary["detection.detected"])
    assert run.results.replications == 2
    assert "95 % interval" in str(run.table())
    assert run._repr_html_().startswith("<table>")


def test_the_resolved_scenario_is_the_same_scenario(file: Path, tmp_path: Path) -> None:
    run = api.run(file, replications=1, out=tmp_path / "a")
    again = api.run(run.path / "resolved.yaml", replications=1, out=tmp_path / "b")
    assert digest(again) == digest(run)
    assert again.manifest["identity"] == run.manifest["identity"]


def test_more_replications_add_to_what_is_there_and_equal_a_run_in_one_go(file: Path, tmp_path: Path) -> None:
    first = api.run(file, replications=2, out=tmp_path / "a")
    parts = sorted(path.name for path in (first.path / "parts").iterdir())
    more = api.run(file, replications=4, out=tmp_path / "a")
    assert more.notes == ("2 kept from an earlier run, 2 to do",)
    assert set(parts) <= {path.name for path in (more.path / "parts").iterdir()}
    assert digest(more) == digest(api.run(file, replications=4, out=tmp_path / "b"))


def test_a_run_that_is_complete_is_not_touched(file: Path, tmp_path: Path) -> None:
    run = api.run(file, replications=2, out=tmp_path / "a")
    before = {path: path.stat().st_mtime_ns for path in run.path.rglob("*.parquet")}
    again = api.run(file, replications=1, out=tmp_path / "a")
    assert again.notes == ("2 kept from an earlier run, nothing to do",)
    assert {path: path.stat().st_mtime_ns for path in run.path.rglob("*.parquet")} == before


def test_an_interrupted_run_goes_on_and_comes_to_the_same_answer(file: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        api.run(file, replications=4, out=tmp_path / "a", player=standin.interrupted_on_two)
    (left,) = api.list_runs(tmp_path / "a")
    assert left.manifest["status"] == "partial"
    done = api.run(file, replications=4, out=tmp_path / "a")
    assert done.path == left.path
    assert digest(done) == digest(api.run(file, replications=4, out=tmp_path / "b"))


def test_a_damaged_part_is_run_again(file: Path, tmp_path: Path) -> None:
    run = api.run(file, replications=2, out=tmp_path / "a")
    before = digest(run)
    next((run.path / "parts").glob("part-00001*")).write_bytes(b"rot")
    with pytest.raises(TrucelineError, match="is damaged"):
        store.read(run.path)
    again = api.run(file, replications=2, out=tmp_path / "a")
    assert "is damaged" in again.notes[0]
    assert digest(again) == before


def test_a_failed_replication_is_said_and_not_averaged_away(file: Path, tmp_path: Path) -> None:
    run = api.run(file, replications=4, out=tmp_path / "a", player=standin.faulty_on_two)
    assert run.notes == ("3 of 4 replications; 1 failed: 2 (ZeroDivisionError: a fault of ours)",)
    assert not run.complete
    assert run.manifest["replications"]["failed"][0]["replication"] == 2
    assert "3 of 4 replications" in run.caption
    mended = api.run(file, replications=4, out=tmp_path / "a")
    assert mended.complete
    assert mended.manifest["replications"]["failed"] == []


def test_results_of_another_version_are_not_mixed_in(file: Path, tmp_path: Path) -> None:
    run = api.run(file, replications=1, out=tmp_path / "a")
    manifest = run.manifest
    manifest["software"]["truceline"] = "99.0"
    store.write_json(run.path / "manifest.json", manifest)
    with pytest.raises(TrucelineError, match=r"written by Truceline 99\.0"):
        api.run(file, replications=2, out=tmp_path / "a")


def test_a_mix_without_changes_is_no_different_from_the_baseline(file: Path, tmp_path: Path) -> None:
    found = api.compare(file, mixes=["base", "few", "many"], replications=3, out=tmp_path / "a")
    assert (found.baseline, found.mixes, found.replications) == ("base", ("few", "many"), 3)
    assert [str(change) for change in found.changes] == ["many  sensors.towers.every_m: 6000 -> 3000"]
    for row in found.differences:
        if row[0] is not None and not np.isnan(row[0].paired.difference):
            assert (row[0].paired.difference, row[0].paired.low, row[0].paired.high) == (0.0, 0.0, 0.0)
    assert found.level == pytest.approx(0.975)
    assert "all 2 of a row together (Bonferroni)" in str(found.table())
    json.dumps(found.plain(), allow_nan=False)


def test_stored_runs_compare_over_the_replications_that_they_share(file: Path, tmp_path: Path) -> None:
    few = api.run(file, mix="few", replications=2, out=tmp_path / "a")
    many = api.run(file, mix="many", replications=3, out=tmp_path / "a")
    assert api.compare(few, many).replications == 2
    assert api.compare(str(few.path), str(many.path)).mixes == ("many",)
    other = api.run(file, mix="many", replications=2, seed=8, out=tmp_path / "a")
    with pytest.raises(TrucelineError, match="run one again with --seed 7"):
        compared(few.results, [other.results])


def test_figures_are_the_same_bytes_for_the_same_results(file: Path, tmp_path: Path) -> None:
    run = api.run(file, replications=2, out=tmp_path / "a")
    for file_format in ("svg", "png"):
        (path,) = api.plot(run, ["detection_curves"], file_format)
        first = path.read_bytes()
        assert api.plot(str(file), ["detection_curves"], file_format, tmp_path / "a") == [path]
        assert path.read_bytes() == first
    with pytest.raises(TrucelineError, match="did you mean 'detection_curves'"):
        api.plot(run, ["detection_curve"])


def test_show_gives_a_value_with_its_default(file: Path) -> None:
    assert api.show(file, "desk.sources") == 2
    assert api.show(load(file), "sensors.towers.every_m") == 6000.0
    with pytest.raises(TrucelineError, match="did you mean 'towers'"):
        api.show(file, "sensors.tower")


def test_a_dry_run_writes_nothing(file: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    found = api.foresee(file, replications=10, out=tmp_path / "a")
    assert (found.missing, found.kept) == (10, 0)
    assert found.seconds > 0.0
    assert found.bytes > 0
    assert sorted(tmp_path.rglob("*")) == before


def test_every_measure_is_in_the_summary_and_one_row_stands_for_each_replication(file: Path, tmp_path: Path) -> None:
    run = api.run(file, replications=3, out=tmp_path / "a")
    assert {row.measure for row in run.estimates} == set(run.summary)
    connection = store.database()
    rows = connection.read_parquet(str(run.path / "replications.parquet")).fetchnumpy()
    connection.close()
    assert rows["replication"].tolist() == [0, 1, 2]
    assert set(yaml.safe_load((run.path / "resolved.yaml").read_text())) >= {"sensors", "violations", "desk", "response"}


def test_differences_of_inputs_name_the_highest_block_that_is_new() -> None:
    old = {"a": {"kind": "tower", "range_m": 1.0}, "b": 1}
    new = {"a": {"kind": "tower", "range_m": 2.0}, "c": {"kind": "drone"}, "b": 1}
    assert list(differing(old, new, ())) == [(("a", "range_m"), 1.0, 2.0), (("c",), None, {"kind": "drone"})]
    assert signed(-0.05, 0.01, "share") == "-5.0 \N{PLUS-MINUS SIGN} 1.0 pts"


def foreign(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program be of another state of its source."""
    for module in (provenance, store):
        monkeypatch.setattr(module, "program_digest", lambda: "0" * 64)


def test_another_state_of_the_source_adds_nothing_to_a_run(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = api.run(file, replications=2, out=tmp_path / "a")
    before = run.path.joinpath("manifest.json").read_bytes()
    foreign(monkeypatch)
    again = api.run(file, replications=2, out=tmp_path / "a")
    assert "another state of the program's source" in again.notes[0]
    with pytest.raises(TrucelineError, match=r"another state .* move it away, or name another folder with --out"):
        api.run(file, replications=3, out=tmp_path / "a")
    assert run.path.joinpath("manifest.json").read_bytes() == before
    part = next((run.path / "parts").glob("part-00001*"))
    part.write_bytes(b"rot")
    with pytest.raises(TrucelineError, match="another state"):
        api.run(file, replications=2, out=tmp_path / "a")
    assert part.exists()


def test_parts_say_who_wrote_them_when_the_manifest_cannot(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = api.run(file, replications=1, out=tmp_path / "a")
    (run.path / "manifest.json").unlink()
    foreign(monkeypatch)
    with pytest.raises(TrucelineError, match="another state"):
        api.run(file, replications=2, out=tmp_path / "a")


@pytest.mark.parametrize("name", ["manifest.json", "summary.json"])
@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_a_broken_manifest_or_summary_is_made_anew(file: Path, tmp_path: Path, name: str, text: str) -> None:
    run = api.run(file, replications=2, out=tmp_path / "a")
    before = (digest(run), run.summary)
    (run.path / name).write_text(text)
    assert [found.status for found in api.list_runs(tmp_path / "a")] == ["damaged"]
    again = api.run(file, replications=2, out=tmp_path / "a")
    assert "made anew from the parts" in again.notes[0]
    assert again.notes[1] == "2 kept from an earlier run, nothing to do"
    assert (digest(again), again.summary) == before
    assert again.complete


def test_more_on_disk_than_asked_for_is_said(file: Path, tmp_path: Path) -> None:
    api.compare(file, replications=3, out=tmp_path / "a")
    api.run(file, mix="many", replications=4, out=tmp_path / "a")
    found = api.compare(file, replications=2, out=tmp_path / "a")
    assert found.caption.startswith(
        "differences from few, paired over 3 replications (same violations, same weather), 2 asked for, up to 4 on disk; 95 %"
    )
    assert {name: found.plain()[name] for name in ("replications", "asked", "on_disk")} == {"replications": 3, "asked": 2, "on_disk": 4}


def test_runs_of_two_folders_have_names_that_differ(file: Path, tmp_path: Path) -> None:
    one, two = (api.run(file, replications=1, out=tmp_path / place) for place in ("before", "after"))
    found = api.compare(one, two)
    assert (found.baseline, found.mixes[0]) == (f"before/small/{one.path.name}", f"after/small/{one.path.name}")
    with pytest.raises(TrucelineError, match="named twice"):
        api.compare(one, one)


def test_inputs_that_differ_are_folded_to_three_lines_a_mix() -> None:
    gone = [Change("less", f"sensors.s{number}", {"kind": "drone_fleet"}, None) for number in range(5)]
    others = [Change("less", "sensors.new", None, {"kind": "patrol"}), Change("less", "desk.sources", 2, 1), Change("more", "a", None, 1)]
    assert folded([*gone, *others]) == [
        "less  removed: sensors.s0, sensors.s1, sensors.s2, 2 more",
        "less  added: sensors.new (patrol)",
        "less  desk.sources: 2 -> 1",
        "more  a: none -> 1",
    ]


def test_a_dry_run_of_much_work_plays_a_cut(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "LONGEST_TRIAL_S", 1e-9)
    seconds, size, trial = campaign.tried(load(file), 0, engine)
    assert trial == "one replication cut to 1 h of 48 h, a rough guess"
    assert seconds > 0.0
    assert size > 0.0


def test_the_cost_of_each_sensor_is_compared(file: Path, tmp_path: Path) -> None:
    file.write_text(standin.SMALL.replace("false_alarms: 1 /day", "false_alarms: 1 /day, cost: 100 EUR"))
    found = api.compare(file, replications=1, out=tmp_path / "a")
    (cost,) = (
        row
        for base, row in zip(found.baselines, found.differences, strict=True)
        if (base.measure, base.slice) == ("cost.per_day", "towers")
    )
    assert cost[0] is not None
    assert cost[0].paired.difference == 600.0  # six more towers
