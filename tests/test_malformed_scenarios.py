"""Hundreds of spoiled scenarios: each is refused in words, at its line, and nothing is left behind."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sim.cli import cli
from sim.document import apply_changes, override, parse_bytes, parse_setting, parse_text
from sim.errors import Problem, ScenarioError
from sim.scenario import Loaded, check_mixes, checked, loads
from tests.malformed.mistakes import OPERATORS, WHOLE_FILE, Mistake, corpus

SHIPPED = sorted((Path(__file__).parents[1] / "scenarios").glob("*.yaml"))
UKRAINE = next(path for path in SHIPPED if path.stem == "ukraine").read_text(encoding="utf-8")

WHOLE = """\
truceline: 1
name: whole
start: 2026-03-01T00:00:00Z
length: 3 days
line:
  points: [[30.0, 49.0], [31.6, 49.0]]
  sectors:
    west: {from: 0 km, to: 60 km, terrain: open}
    east: {from: 60 km, to: 110 km}
environment:
  jamming:
    ring: {sectors: [west], share_of_time: 0.1, spell: {median: 70 min, p90: 4 h}}
bases:
  field: {at: [30.8, 49.4]}
sensors:
  towers:
    kind: camera_tower
    from: 0 km
    to: 60 km
    every: 10 km
  birds:
    kind: drone_fleet
    cued_by: [desk, towers]
    speed: 110 km/h
    endurance: 14 h
    turnaround: 4 h
    detection: {law: video, range: 9 km}
    orbits:
      whole: {base: field, from: 0 km, to: 110 km, drones: 2}
violations:
  fire:
    kind: shelling
    rate: 4 /day
    where: {west: 2, east: 1}
desk:
  analysts: {day: 2, night: 1}
  triage: {median: 10 min, p90: 30 min}
  verify: {median: 1 h, p90: 4 h}
  attribute: {median: 2 h, p90: 8 h}
response:
  kind: ladder
  states:
    one: {decides: {median: 6 h, p90: 20 h}}
  bodies:
    council: {kind: sole, members: [one]}
  hubs:
    depot: {at: [30.0, 49.5]}
  rungs:
    protest: {body: council, within: 24 h}
    force: {trigger: continues, body: council, force: {hub: depot, notice: {median: 2 h, p90: 8 h}}}
experiment:
  baseline: more
  mixes:
    more: {sensors.birds.orbits.whole.drones: 4}
    none: {sensors.birds: null}
"""


def loaded(text: str) -> Loaded:
    """Return a scenario whose mixes are right too."""
    document = parse_text(text, "whole.yaml")
    found = Loaded(checked(document), document, Path())
    check_mixes(found)
    return found


def problems_of(attempt: Callable[[], object]) -> tuple[Problem, ...]:
    with pytest.raises(ScenarioError) as caught:
        attempt()
    return caught.value.problems


def line_of(problem: Problem) -> int:
    """Return the line that a problem names; where it names one, it shows it."""
    place = re.fullmatch(r"whole\.yaml(?::([1-9]\d*):([1-9]\d*))?", problem.place)
    assert place, problem
    return int(place[1] or WHOLE_FILE)


def test_the_whole_scenario_is_right() -> None:
    assert list(loaded(WHOLE).scenario.sensors) == ["towers", "birds"]


# The corpus


def lines_told(data: bytes) -> list[int]:
    return [line_of(problem) for problem in problems_of(lambda: checked(parse_bytes(data, "whole.yaml")))]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.stem))
def test_every_mistake_in_a_shipped_scenario_is_told_at_its_line(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    mistakes = corpus(path.read_text(encoding="utf-8"), 4 * len(OPERATORS), seed=11)
    assert len(mistakes) >= 150
    assert len({mistake.name for mistake in mistakes}) >= 45
    for mistake in mistakes:
        told = lines_told(mistake.data)
        assert any(abs(line - mistake.line) <= mistake.slack for line in told), (mistake.name, mistake.line, told)
    assert list(tmp_path.iterdir()) == []


def one_of_each(text: str) -> list[Mistake]:
    return list({mistake.name: mistake for mistake in corpus(text, 2 * len(OPERATORS), seed=5)}.values())


@pytest.mark.parametrize("verb", ["check", "run"])
def test_the_command_line_refuses_them_without_a_traceback(verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for mistake in one_of_each(WHOLE)[:: 1 if verb == "check" else 6]:
        Path("whole.yaml").write_bytes(mistake.data)
        result = CliRunner().invoke(cli, [verb, "whole.yaml"])
        assert (result.exit_code, result.stdout) == (1, ""), mistake.name
        assert re.match(r"whole\.yaml(:\d+:\d+)?: error: ", result.stderr)
        assert re.search(r"\d+ problems?\n$" if verb == "check" else r"\d+ problems?, nothing was run\n$", result.stderr)
        assert "Traceback" not in result.output
        assert [path.name for path in tmp_path.iterdir()] == ["whole.yaml"]


# Names that must stand elsewhere


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ("cued_by: [desk, towers]", "cued_by: [desk, tower]", "unknown sensor 'tower'"),
        ("whole: {base: field,", "whole: {base: feild,", "unknown base 'feild'"),
        ("where: {west: 2, east: 1}", "where: {west: 2, eest: 1}", "unknown sector 'eest'"),
        ("ring: {sectors: [west]", "ring: {sectors: [wst]", "unknown sector 'wst'"),
        ("members: [one]", "members: [on]", "unknown state 'on'"),
        ("{body: council, within", "{body: concil, within", "unknown body 'concil'"),
        ("{hub: depot,", "{hub: depto,", "unknown hub 'depto'"),
        ("baseline: more", "baseline: mre", "unknown mix 'mre'"),
    ],
)
def test_a_name_that_stands_nowhere_is_told_where_it_is_used(right: str, wrong: str, words: str) -> None:
    assert WHOLE.count(right) == 1
    text = WHOLE.replace(right, wrong)
    (problem,) = problems_of(lambda: loaded(text))
    assert problem.message == words
    assert problem.remedy.startswith("did you mean '")
    line = next(number for number, line in enumerate(text.split("\n"), 1) if wrong in line)
    column = text.split("\n")[line - 1].index(re.findall(r"'(\w+)'", words)[0]) + 1
    assert problem.place == f"whole.yaml:{line}:{column}"


def test_names_and_fields_are_told_together_in_the_order_of_the_file() -> None:
    text = WHOLE.replace("every: 10 km", "every: 10").replace("base: field", "base: none").replace("day: 2", "day: two")
    told = problems_of(lambda: loaded(text))
    assert [problem.message.split(";")[0] for problem in told] == ["10 has no unit", "unknown base 'none'", "'two' must be a whole number"]


@pytest.mark.parametrize(
    ("right", "wrong", "place"),
    [
        ("    every: 10 km", "    every: 10 km\n    name: other", "sensors.towers.name"),
        ("    rate: 4 /day", "    rate: 4 /day\n    name: other", "violations.fire.name"),
        ("  kind: ladder", "  kind: ladder\n  name: other", "response.name"),
        ("{kind: sole,", "{kind: sole, name: other,", "response.bodies.council.name"),
    ],
)
def test_an_entry_is_named_by_its_key_alone(right: str, wrong: str, place: str) -> None:
    (problem,) = problems_of(lambda: loaded(WHOLE.replace(right, wrong, 1)))
    assert (problem.message, ".".join(map(str, problem.path))) == ("unknown key 'name'", place)
    assert {name: sensor.name for name, sensor in loaded(WHOLE).scenario.sensors.items()} == {"towers": "towers", "birds": "birds"}


# Values that would be read as something else, or end in a fault of ours


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("20260301", "20260301 must be a time such as"),
        ("'20260301'", "'20260301' must be a time such as"),
        ("2026-03-01T00:00", "has no offset from UTC"),
        ("0001-01-01T00:00:00+14:00", "the start must lie in the years 1950 to 2100"),
        ("9999-12-31T23:00:00Z", "the start must lie in the years 1950 to 2100"),
        ("2016-12-31T23:59:60Z", "must be a time such as"),
    ],
)
def test_a_start_is_a_time_of_this_age_with_its_offset(start: str, words: str) -> None:
    (problem,) = problems_of(lambda: loaded(WHOLE.replace("2026-03-01T00:00:00Z", start)))
    assert words in problem.message
    assert problem.place == "whole.yaml:3:8"


def test_a_run_of_centuries_is_a_slip_of_the_pen() -> None:
    (problem,) = problems_of(lambda: loaded(WHOLE.replace("3 days", "3e6 days")))
    assert (problem.place, problem.message) == ("whole.yaml:4:9", "the run is longer than ten years with its follow-up")


# Mixes and settings


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("sensors.bird.orbits: null", "there is no 'bird' in sensors; did you mean 'birds'?"),
        ("sensors.birds.orbits.whole.drons: 4", "unknown key 'drons'"),
        ("sensors.birds.speed: 4", "4 has no unit"),
        ("sensors.birds.speed: 4 km", "'km' is a unit of length"),
        ("sensors.towers: null", "unknown sensor 'towers'"),
        ("name.x: 4", "name is not a block"),
        ("sensors..speed: 4", "is no path"),
        ("bases: {}", "unknown base 'field'"),
        ("response.hubs: null", "unknown hub 'depot'"),
        ("desk: null", "'desk' is missing"),
        ("sensors.new: {kind: patrol}", "'from' is missing"),
    ],
)
def test_a_wrong_mix_is_told_as_if_it_were_the_file(change: str, words: str) -> None:
    text = WHOLE.replace("    none: {sensors.birds: null}", f"    wrong:\n      {change}\n    none: {{sensors.birds: null}}")
    told = problems_of(lambda: loaded(text))
    assert any(words in problem.message and "(mix 'wrong')" in problem.message for problem in told)
    assert {line_of(problem) for problem in told} <= set(range(1, text.count("\n") + 1))


def test_a_mix_that_removes_what_others_name_is_told_what_to_change_too() -> None:
    text = WHOLE.replace("    none: {sensors.birds: null}", "    wrong:\n      sensors.towers: null\n    none: {sensors.birds: null}")
    (problem,) = problems_of(lambda: loaded(text))
    assert "unknown sensor 'towers'" in problem.message
    assert problem.remedy == "the mix removes it; let the mix change 'sensors.birds.cued_by' too, or remove what holds it"


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("sensors.birds.speed=fast", "'fast' is not a speed"),
        ("sensors.birds.speed=", "the value is missing"),
        ("sensors.birds.orbits.whole.base=sumy", "unknown base 'sumy'"),
        ("sensors.towers.name=other", "unknown key 'name'"),
        ("sensor.towers.every=3 km", "there is no 'sensor' in the file; did you mean 'sensors'?"),
        ("sensors.towers.every[0]=3 km", "is not a block"),
        ("line.points[99999999999999999999]=3", "is a list of 2 items"),
        ("sensors.\x1b[31m=3", "hidden character"),
        ("start=20260301", "must be a time such as"),
        ("experiment.baseline=best", "unknown mix 'best'"),
        ("response.kind=lader", "unknown kind 'lader'"),
        ("desk=[1", "bracket is not closed"),
    ],
)
def test_a_wrong_setting_is_told_with_its_option(setting: str, words: str) -> None:
    told = problems_of(lambda: checked(override(parse_text(WHOLE), *parse_setting(setting))))
    assert any(words in problem.message for problem in told)
    assert all(problem.place.startswith("--set ") or problem.excerpt for problem in told)
    assert "\x1b" not in str(ScenarioError(told))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.stem))
def test_no_value_of_a_wrong_form_ends_in_a_fault_of_ours(path: Path) -> None:
    document = parse_text(path.read_text(encoding="utf-8"))
    wrong: list[Any] = [None, True, -1, "x", "5 h", [], {}, [1], {"kind": "x"}, {"law": ["x"]}, [[1, 2]], 1e308]
    places = [place for place in document.spots if place and len(place) < 7][:: max(1, len(document.spots) // 60)]
    told: list[Problem] = []
    for number, place in enumerate(places):
        dotted = ".".join(f'"{part}"' for part in place)
        try:
            checked(apply_changes(document, {dotted: wrong[number % len(wrong)]}, ()))
        except ScenarioError as fault:
            told += fault.problems
    assert len(told) > len(places) / 2
    assert all(problem.message and problem.place for problem in told)


def test_a_mix_that_nobody_wrote_is_refused() -> None:
    with pytest.raises(ScenarioError, match="unknown mix"):
        loads(WHOLE.replace("baseline: more", "baseline: most"))
