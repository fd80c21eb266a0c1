import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sim import api
from sim.authoring import TUTORIAL
from sim.cli import cli
from tests import standin

ROOT = Path(__file__).parents[1]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return standin.small(tmp_path)


def said(command: str) -> Result:
    return CliRunner().invoke(cli, shlex.split(command))


def document(result: Result) -> Any:
    """Return the one JSON document on stdout."""
    return json.loads(result.stdout)


def test_help_is_light() -> None:
    told = (
        "import sys; from sim.cli import cli\n"
        "try: cli(['--help'])\n"
        "except SystemExit as end: assert end.code == 0\n"
        "assert not {'numpy', 'pydantic', 'yaml', 'rich', 'duckdb'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, cwd=Path(__file__).parents[1], check=True)
    for verb in ("init", "check", "run", "compare", "plot", "list", "show", "schema", "kinds"):
        assert f"  {verb} " in done.stdout


def test_check_loads_no_plots_and_no_database(file: Path) -> None:
    told = (
        f"import sys; from sim.cli import cli\n"
        f"try: cli(['check', {str(file)!r}])\n"
        "except SystemExit as end: assert end.code == 0\n"
        "assert not {'matplotlib', 'scipy', 'rich', 'duckdb'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, cwd=Path(__file__).parents[1])


def test_check_says_the_facts_and_exits_0(file: Path) -> None:
    result = said("check small.yaml")
    assert result.exit_code == 0
    assert result.stdout.startswith("small.yaml: no problems\n  line: points of the scenario, 36.6 km\n  projection: ")


def test_check_warns_of_line_that_nobody_watches(file: Path) -> None:
    result = said("check small.yaml --set sensors.towers.to='20 km'")
    assert result.exit_code == 0
    assert "warning: km 20 to 37 is in reach of no sensor (all)" in result.stdout


def test_check_finds_the_mistakes_of_all_files_and_of_mixes(file: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(standin.SMALL.replace("towers.every: 3 km", "towers.evry: 3 km"))
    result = said("check bad.yaml small.yaml missing.yaml")
    assert result.exit_code == 1
    assert "bad.yaml:32:" in result.stderr
    assert "there is no file missing.yaml" in result.stderr
    assert "small.yaml: no problems" in result.stdout
    found = document(said("check bad.yaml small.yaml --json"))
    assert [len(one["problems"]) for one in found["files"]] == [1, 0]


def test_run_ends_with_the_path_of_the_run(file: Path) -> None:
    result = said("run small.yaml -n 2 --workers 1")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("small \N{MIDDLE DOT} base \N{MIDDLE DOT} 2 replications of 48 h \N{MIDDLE DOT} seed 7")
    assert lines[1].split() == ["estimate", "95", "%", "interval"]
    assert (Path(lines[-1]) / "summary.json").is_file()
    assert said(f"plot {lines[-1]} detection_curves").stdout.strip() == f"{lines[-1]}/figures/detection_curves.png"


def test_results_go_to_stdout_and_remarks_to_stderr(file: Path) -> None:
    said("run small.yaml -n 1 --workers 1")
    again = said("run small.yaml -n 1 --workers 1")
    assert "kept from an earlier run" in again.stderr
    assert "kept" not in again.stdout
    assert said("run small.yaml -n 1 --workers 1 --quiet").stderr == ""


def test_json_is_one_document_always(file: Path) -> None:
    run = document(said("run small.yaml -n 2 --workers 1 --json --mix few --mix many"))
    assert [one["mix"] for one in run["runs"]] == ["few", "many"]
    assert document(said("list --json"))["runs"][0]["status"] == "complete"
    Path("empty").mkdir()
    assert document(said("list empty --json")) == {"runs": []}
    assert document(said("compare small.yaml -n 2 --workers 1 --json"))["family"]["adjustment"] == "none"
    assert document(said("kinds --json"))["kinds"]
    assert document(said("show small.yaml desk.sources --json")) == 2
    assert document(said("schema"))["$schema"].startswith("https://json-schema.org")
    assert document(said("run small.yaml --dry-run --json --workers 1"))["dry_run"][0]["missing"] == 4
    assert document(said("run missing.yaml --json"))["exit_code"] == 1
    assert document(said("run small.yaml --json --replications 0"))["exit_code"] == 2
    bad = document(said("run small.yaml --json --set sensors.towers.every=3"))
    assert bad["problems"][0]["place"] == "--set sensors.towers.every=3"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("run missing.yaml", "there is no file missing.yaml"),
        ("run small.yaml --mix mny", "did you mean 'many'?"),
        ("plot nofile.yaml", "there is no file nofile.yaml"),
        ("compare small.yaml small.yaml", "two scenarios cannot be compared"),
        ("list nofolder", "there is no folder nofolder"),
        ("list small.yaml", "small.yaml is a file"),
        ("init small.yaml", "small.yaml is there already; name another folder"),
        ("run small.yaml --set sensors.towers.to=-1", "--set sensors.towers.to=-1: error"),
        ("run small.yaml --out small.yaml", "is a file; results need a folder"),
        ("plot small.yaml", "simulate it first"),
        ("show small.yaml desk.nobody", "there is no 'nobody'"),
        ("compare small.yaml --mix few --baseline few", "nothing to compare"),
    ],
)
def test_a_mistake_is_one_message_and_exit_1(file: Path, command: str, message: str) -> None:
    result = said(command)
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_wrong_usage_exits_2(file: Path) -> None:
    assert said("rum small.yaml").exit_code == 2
    assert said("run").exit_code == 2
    assert "write PATH=VALUE, for example 'length=10 days'" in said("run small.yaml --set desk").stderr
    assert said("run small.yaml --set desk").exit_code == 2
    assert said("run small.yaml --workers none").exit_code == 2


def test_a_fault_of_ours_is_one_line_and_a_log(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(api, "run", broken)
    result = said("run small.yaml")
    assert result.exit_code == 3
    assert result.stderr.count("\n") == 1
    log = Path(result.stderr.rsplit(" ", 1)[1].strip())
    assert "ZeroDivisionError: secret" in log.read_text()
    log.unlink()


def test_an_interrupt_exits_130_with_the_line_that_resumes(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(api, "run", interrupted)
    result = said("run small.yaml -n 4 --mix many")
    assert result.exit_code == 130
    assert result.stderr.endswith("truceline run small.yaml -n 4 --mix many\n")


def test_a_failed_replication_exits_1(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.engine.run.play", standin.faulty_on_two)
    result = said("run small.yaml -n 3 --workers 1")
    assert result.exit_code == 1
    assert "2 of 3 replications; 1 failed: 2" in result.stderr


def test_compare_shows_the_inputs_first(file: Path) -> None:
    result = said("compare small.yaml -n 2 --workers 1")
    assert result.exit_code == 0
    assert result.stdout.startswith("inputs that differ from few\n  many  sensors.towers.every_m: 6000 -> 3000\n")
    assert "\n\ndifferences from few, paired over 2 replications" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 140
    runs = [line.split()[0] for line in said("list").stdout.splitlines()[1:]]
    assert said(f"compare {' '.join(runs)}").exit_code == 0
    assert said(f"compare {' '.join(runs)} --mix few").exit_code == 2


def test_init_writes_the_tutorial_and_never_over_a_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "tutorial.yaml"
    assert said(f"init {path.parent}").stdout.strip() == str(path)
    assert path.read_bytes() == TUTORIAL.read_bytes()
    assert said(f"check {path}").exit_code == 0
    path.write_text("mine")
    assert said(f"init {path.parent}").exit_code == 1
    assert path.read_text() == "mine"


def test_kinds_names_every_family() -> None:
    result = said("kinds")
    for word in ("sensors", "violations", "response", "measures", "camera_tower", "shelling", "ladder", "detection"):
        assert word in result.stdout


def test_only_what_would_have_run_says_that_nothing_was_run(file: Path) -> None:
    for verb in ("check", "show"):
        assert said(f"{verb} small.yaml --set desk.sources=x" if verb == "check" else "show bad.yaml").exit_code == 1
    assert said("check small.yaml --set desk.sources=x").stderr.endswith("1 problem\n")
    assert said("run small.yaml --set desk.sources=x").stderr.endswith("1 problem, nothing was run\n")
    assert not Path("results").exists()


def test_a_setting_begins_a_block_that_the_file_leaves_out(file: Path) -> None:
    settings = "--set 'costs.analyst=300 EUR' --set 'environment.weather.spell=20 h'"
    assert said(f"check small.yaml {settings}").exit_code == 0
    result = said("check small.yaml --set 'costs.analist=300 EUR'")
    assert "--set costs.analist=300 EUR: error: unknown key 'analist'" in result.stderr
    assert "there is no 'towrs' in sensors" in said("check small.yaml --set 'sensors.towrs.every=3 km'").stderr


def test_a_setting_that_breaks_something_elsewhere_is_named(file: Path) -> None:
    file.write_text(
        standin.SMALL.replace(
            "length: 2 d",
            "length: 2 d\nenvironment: {jamming: {ring: {sectors: [all], share_of_time: 0.1, spell: {median: 1 h, p90: 2 h}}}}",
        )
    )
    assert said("check small.yaml").exit_code == 0
    result = said("check small.yaml --set line.sectors={}")
    assert "--set line.sectors={} (small.yaml:5:" in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only some systems have a device that is always full")
@pytest.mark.parametrize("verb", ["check", "run -n 1 --workers 1"])
def test_a_stdout_that_is_full_is_no_fault_of_ours(file: Path, verb: str) -> None:
    with Path("/dev/full").open("w") as full:
        words = verb.split()
        command = [sys.executable, "-m", "sim", words[0], str(file), *words[1:]]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode == 1
    assert done.stderr == "error: the output cannot be written (No space left on device)\n"


def test_the_list_marks_what_is_damaged_or_unfinished_and_shows_the_rest(file: Path) -> None:
    said("run small.yaml -n 1 --workers 1 --mix few --mix many")
    said("run small.yaml -n 1 --workers 1 --seed 8")
    few, many = (next(Path("results/small").glob(f"{mix}-*/manifest.json")) for mix in ("few", "many"))
    few.write_text('{"layout": 1')
    many.write_text(many.read_text().replace('"status": "complete"', '"status": "running"'))
    lines = said("list").stdout.splitlines()
    assert lines[0].split() == ["run", "mix", "replications", "status", "digest"]
    assert [line.split()[3] for line in lines[1:]] == ["complete", "damaged", "unfinished"]
    assert len(lines[1].split()[4]) == 8
    assert lines[2].split()[4] == "-"
    assert {one["status"] for one in document(said("list --json"))["runs"]} == {"complete", "damaged", "unfinished"}


def test_a_dry_run_says_what_it_rests_on(file: Path) -> None:
    result = said("run small.yaml -n 1 --workers 1 --dry-run")
    assert result.stdout.startswith("base: 1 replication would run, 0 kept\n  about ")
    assert "estimated from one replication\n" in result.stdout


def test_a_trace_says_where_it_lies(file: Path) -> None:
    said("run small.yaml -n 1 --workers 1")
    result = said("run small.yaml -n 2 --workers 1 --trace")
    assert "the 1 replication kept from an earlier run may have none" in result.stderr
    import duckdb

    query = result.stderr.partition('duckdb.sql("')[2].partition('")')[0]
    rows = duckdb.sql(query)
    assert rows is not None
    assert rows.fetchall()
    assert "has kept no log" in said("run small.yaml -n 2 --workers 1 --trace").stderr


def test_show_takes_the_names_of_the_file(file: Path) -> None:
    assert said("show small.yaml length").stdout == said("show small.yaml length_s").stdout == "172800.0\n"
    assert said("show small.yaml sensors.towers.false_alarms").exit_code == 0
