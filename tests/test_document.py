"""The guarded reading of a scenario, its faults, and its changes."""

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.document import (
    apply_changes,
    checked,
    override,
    parse_bytes,
    parse_setting,
    parse_text,
    parts_of,
    read,
    reader,
    value_at,
)
from sim.errors import Problem, ScenarioError, TrucelineError
from tests.malformed.mistakes import OPERATORS, WHOLE_FILE, Mistake, corpus
from tests.malformed.small import SAMPLE, Fleet, Mast, Small


def faults(text: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        checked(parse_text(text, "small.yaml"), Small)
    return str(caught.value)


def set_to(*settings_: str) -> Small:
    document = parse_text(SAMPLE, "small.yaml")
    for setting in settings_:
        document = override(document, *parse_setting(setting))
    return checked(document, Small)


def mixed(name: str, text: str = SAMPLE) -> Small:
    document = parse_text(text, "small.yaml")
    path = ("experiment", "mixes", name)
    return checked(apply_changes(document, value_at(document, path), path), Small)


# Reading


def test_the_sample_is_right() -> None:
    small = checked(parse_text(SAMPLE), Small)
    assert small.line.length_m == 120_000.0
    assert small.line.sectors_m["north"] == (0.0, 50_000.0)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("2026-03-01", "2026-03-01"),
        ("1_000", "1_000"),
        ("1e3", 1000.0),
        ("-.5", -0.5),
        ("5.", 5.0),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("+12", 12),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("'12'", "12"),
        ('"true"', "true"),
        ('""', ""),
        ("५", "५"),
        ("1e-320", 1e-320),
    ],
)
def test_plain_words_follow_the_core_schema_of_yaml_1_2(text: str, value: Any) -> None:
    read_value = parse_text(f"a: {text}\n").values["a"]
    assert (type(read_value), read_value) == (type(value), value)


def test_each_key_and_value_has_its_place() -> None:
    document = parse_text("a: 1\nb:\n  - x\n  - {c: 'two'}\n")
    assert document.place(("b", 1, "c")) == (4, 9, 5)
    assert document.place(("b", 1, "c"), at_key=True) == (4, 6, 1)
    assert document.place(("b", 0)) == (3, 5, 1)
    assert document.place(("b", "nowhere"), at_key=True) == (2, 1, 1)


def test_line_ends_and_a_byte_order_mark_do_not_move_places() -> None:
    document = parse_bytes("\ufeffa: 1\r\nb: ä x\r\nc: 2".encode())
    assert document.values == {"a": 1, "b": "ä x", "c": 2}
    assert document.place(("c",)) == (3, 4, 1)
    assert document.place(("a",), at_key=True) == (1, 1, 1)


def test_a_fault_is_shown_where_it_is_with_what_to_write() -> None:
    assert faults(SAMPLE.replace("kind: mast", "kind: mst")) == (
        "small.yaml:15:11: error: unknown kind 'mst'; one of fleet, mast  [sensors.eye.kind]\n"
        "   15 |     kind: mst\n"
        "      |           ^^^  did you mean 'mast'?\n"
        "1 problem"
    )


def test_all_problems_of_the_text_are_told_at_once() -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_text("a: 1\na: &x 2\nb: *x\n12: .nan\nc: !t 1\nd: {<<: 1}\n", "f")
    assert [problem.place for problem in caught.value.problems] == ["f:2:1", "f:2:4", "f:3:4", "f:4:1", "f:4:5", "f:5:4", "f:6:5"]


def test_both_lines_of_a_repeated_key_are_named() -> None:
    assert "'a' is given twice in this block (first on line 1)" in fault_of("a: 1\nb: 2\na: 3\n")


def fault_of(text: str) -> str:
    return told_by(lambda: parse_text(text, "f"))


def told_by(attempt: Callable[[], object]) -> str:
    with pytest.raises(TrucelineError) as caught:
        attempt()
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("a:\n\tb: 1\n", "f:2:1", "a tab cannot indent"),
        ("a: 'x\nb: 2\n", "f:1:4", "never closed"),
        ("a: b: c\n", "f:1:5", "a ':' cannot stand here"),
        ("a: [1, 2\nb: 3\n", "f:1:4", "bracket is not closed"),
        ("a: 1\nsome words\n", "f:2:1", "has no ':'"),
        ("a:\n   b: 1\n  c: 2\n", "f:3:3", "does not fit"),
        ("a:\n  - 1\n  b: 2\n", "f:3:3", "does not belong to the list"),
        ("a: @x\n", "f:1:4", "cannot begin"),
        ("a: - b\n", "f:1:4", "a list item cannot stand here"),
        ("a: x\n---\nb: 1\n", "f:2:1", "second document"),
        ("a: b\x1b[31m\n", "f:1:5", "U+001B"),
        ("a: b\u202ec\n", "f:1:5", "right-to-left override"),
    ],
)
@pytest.mark.parametrize("loader", [reader.LOADER, yaml.SafeLoader])
def test_faults_of_form_are_told_in_words(text: str, place: str, words: str, loader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "LOADER", loader)
    told = fault_of(text)
    assert told.startswith(f"{place}: error: ")
    assert words in told
    assert "\x1b" not in told


def test_a_long_line_is_cut_around_the_fault() -> None:
    told = fault_of("a: [" + "1, " * 2000 + ".nan]")
    assert ".nan" in told
    assert max(map(len, told.split("\n"))) < 200
    line, carets = told.split("\n")[1:3]
    assert line[carets.index("^") :].startswith(".nan")


def test_files_that_are_no_scenario_are_named(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes("a: 1\nname: Kyïv\n".encode("latin-1"))
    os.mkfifo(tmp_path / "pipe")
    assert f"{tmp_path / 'latin.yaml'}:2:9: error: this byte is not UTF-8" in told_by(lambda: read(tmp_path / "latin.yaml"))
    assert "there is no file" in told_by(lambda: read(tmp_path / "none.yaml"))
    assert "is not a file" in told_by(lambda: read(tmp_path))
    assert "is not a file" in told_by(lambda: read(tmp_path / "pipe"))
    assert "cannot be read" in told_by(lambda: read(Path("a\0b")))
    (tmp_path / "good.yaml").write_text(SAMPLE)
    assert read(tmp_path / "good.yaml").values["truceline"] == 1


# Faults of the model


@pytest.mark.parametrize(
    ("right", "wrong", "place", "words"),
    [
        ("endurance: 20 h", "endurence: 20 h", "24:5", "unknown key 'endurence'  [sensors.birds.endurence]"),
        ("endurance: 20 h", "endurence: 20 h", "24:5", "did you mean 'endurance'?"),
        ("endurance: 20 h", "pay: 2.0", "20:3", "'endurance' is missing  [sensors.birds.endurance]"),
        ("endurance: 20 h", "pay: 2.0", "20:3", "write for example 'endurance: 90 min'"),
        ("range: 9 km", "range: 9", "17:12", "9 has no unit; write for example 15 km"),
        ("range: 9 km", "range: 9 h", "17:12", "'h' is a unit of time; it needs a unit of length"),
        ("range: 9 km", "range: -9 km", "17:12", "'-9 km' must be more than 0  [sensors.eye.range]"),
        ("range: 9 km", "range_m: 9 km", "17:14", "a name that ends in its unit takes a bare number of m"),
        ("range: 9 km", "range_m: true", "17:14", "true: a name that ends in its unit"),
        ("range: 9 km", "range: 9 km\n    range_m: 9", "17:12", "'range' and 'range_m' say the same thing"),
        ("median: 12 min", "median: 12 kmm", "29:21", "[violations.shelling.lasts.median]"),
        ("p90: 4 h", "p90: 4 min", "25:35", "p90 lies below the median"),
        ("law: exponential", "law: expontial", "32:18", "did you mean 'exponential'?"),
        ("lasts: {median: 12 min, p90: 1 h}", "lasts: 12 min", "29:12", "write for example {median: 90 min, p90: 90 min}"),
        ("lasts: {median: 12 min, p90: 1 h}", "lasts: {median: 12 min, p99: 1 h}", "29:29", "unknown key 'p99'"),
        ("side: right", "side: rigth", "8:9", "did you mean 'right'?"),
        ("count: 4", "count: many", "23:12", "'many' must be a whole number"),
        ("count: 4", "count: '4'", "23:12", "'4' must be a whole number"),
        ("count: 4", "count: true", "23:12", "true must be a whole number"),
        ("count: 4", "count: -4", "23:12", "-4 must be at least 0"),
        ("night: true", "night: yes", "18:12", "write true"),
        ("p_seen: 0.8", "p_seen: 80", "19:13", "80 must be at most 1"),
        ("p_seen: 0.8", "p_seen:", "19:5", "'p_seen' is empty"),
        ("base: sumy", "base: 12", "22:11", "put it in quotes"),
        ("base: sumy", "base: smy", "22:11", "there is no base 'smy'  [sensors.birds.base]"),
        ("[FR, GB, NO, SE]", "[FR, GB, XX]", "33:19", "unknown country 'XX'"),
        ("[FR, GB, NO, SE]", "FR", "33:10", "'FR' must be a list"),
        ("[34.80, 50.91]", "[34.80]", "11:9", "this list is too short"),
        ("[34.80, 50.91]", "[34.80, 50.91, 3]", "11:3", "takes at most 2 entries, not 3"),
        ("[0, 50 km]", "[0, 50]", "9:24", "50 has no unit"),
        ("    party: GB\n", "", "35:3", "'party' is missing"),
        ("kind: mast", "kind: [mast]", "15:5", "unknown kind ['mast']; one of fleet, mast"),
        ("    kind: mast\n", "", "14:3", "'kind' is missing; one of fleet, mast"),
        ("truceline: 1", "truceline: 2", "2:12", "2 is not one of 1"),
        ("00:00:00Z", "00:00", "4:8", "the start must be a time"),
    ],
)
def test_a_wrong_value_is_told_in_the_words_of_the_file(right: str, wrong: str, place: str, words: str) -> None:
    told = faults(SAMPLE.replace(right, wrong, 1))
    assert f"small.yaml:{place}: error: " in told
    assert words in told
    assert not re.search(r"Input should|pydantic|Model|Mast|Fleet|LogNormal", told)


def test_problems_stand_in_the_order_of_the_file() -> None:
    told = faults(SAMPLE.replace("rate: 14 /day", "rate: 14").replace("side: right", "side: up").replace("count: 4", "cout: 4"))
    assert re.findall(r"small.yaml:(\d+):", told) == ["8", "23", "28"]
    assert told.endswith("3 problems")


# Changes


def test_a_setting_changes_a_value_and_is_checked_like_the_file() -> None:
    small = set_to("sensors.eye.range=3 km", "sensors.birds.repair={law: fixed, value: 2 h}", "bases.sumy[0]=35", "bases.izium.1=49")
    eye, birds = small.sensors["eye"], small.sensors["birds"]
    assert isinstance(eye, Mast)
    assert isinstance(birds, Fleet)
    assert (eye.range_m, birds.repair.mean_s) == (3000.0, 7200.0)
    assert small.bases == {"sumy": (35.0, 50.91), "izium": (37.26, 49.0)}


def test_a_setting_may_give_the_unit_in_the_name() -> None:
    assert set_to("sensors.eye.range_m=500").sensors["eye"] == set_to("sensors.eye.range=500 m").sensors["eye"]


def test_null_removes_a_key_and_a_star_means_every_key() -> None:
    assert list(set_to("sensors.eye=null").sensors) == ["birds"]
    assert {sensor.pay for sensor in set_to("sensors.*.pay=0.25").sensors.values()} == {0.25}


def test_a_setting_may_add_a_key_to_a_block() -> None:
    small = set_to("sensors.birds.reach=40 km", 'sensors."far eye"={kind: mast, chainage: 0, range: 1 km}')
    assert list(small.sensors) == ["eye", "birds", "far eye"]


def test_names_with_dots_stand_in_quotes() -> None:
    assert parts_of("experiment.mixes.'a.b'.\"x y\"[3].z") == ["experiment", "mixes", "a.b", "x y", "3", "z"]


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("sensors.eye.rnge=3 km", "--set sensors.eye.rnge=3 km: error: unknown key 'rnge'  [sensors.eye.rnge]\n    did you mean 'range'?"),
        ("sensors.eye.range=3", "--set sensors.eye.range=3: error: 3 has no unit"),
        ("sensors.eye.range=null", "--set sensors.eye.range=null: error: 'range' is missing"),
        ("sensors.ey.range=3 km", "there is no 'ey' in sensors; did you mean 'eye'?"),
        ("sensors.ey=null", "there is no 'ey' in sensors; did you mean 'eye'?"),
        ("bases.sumy[3]=3", "bases.sumy is a list of 2 items"),
        ("bases.sumy[0]=null", "an item of a list cannot be removed"),
        ("name.x=3", "name is not a block"),
        ("response.warning.within.*=3", "is not a block"),
        ("sensors.birds.count=[1", "bracket is not closed"),
        ("sensors.birds.count=*a", "aliases such as '*a' are not read"),
        ("sensors.birds.count=", "the value is missing"),
        ("sensors.birds.count=# four", "the value is missing"),
        ("sensors..x=1", "is no path"),
        (".x=1", "is no path"),
        ("sensors.eye", "is no setting"),
        ("=3", "is no setting"),
    ],
)
def test_a_wrong_setting_names_itself(setting: str, words: str) -> None:
    with pytest.raises(TrucelineError, match=re.escape(words)):
        set_to(setting)


def test_a_star_over_nothing_is_an_error() -> None:
    document = parse_text("a: {}\n")
    with pytest.raises(ScenarioError, match=re.escape("'*' matches nothing in a")):
        override(document, "a.*.b", "1")


def test_a_mix_changes_the_scenario() -> None:
    birds = mixed("more birds").sensors["birds"]
    assert isinstance(birds, Fleet)
    assert birds.count == 8
    assert list(mixed("no eye").sensors) == ["birds"]


def test_a_wrong_mix_is_shown_in_its_own_line() -> None:
    with pytest.raises(ScenarioError) as caught:
        mixed("bad")
    (problem,) = caught.value.problems
    assert problem.place == "small.yaml:46:7"
    assert problem.path == ("sensors", "birds", "cout")


def test_all_wrong_paths_of_a_mix_are_told() -> None:
    text = SAMPLE.replace("sensors.birds.count: 3", "sensors.bird.count: 3").replace(
        "sensors.birds.cout: 5", "desk: 3\n      line.nowhere.x: 5"
    )
    with pytest.raises(ScenarioError) as caught:
        mixed("bad", text)
    assert [problem.place for problem in caught.value.problems] == ["small.yaml:45:7", "small.yaml:47:7"]


def test_a_value_deep_in_a_mix_keeps_its_place() -> None:
    text = SAMPLE.replace("sensors.birds.cout: 5", "violations.shelling.lasts: {median: 5 min, p90: 6}")
    with pytest.raises(ScenarioError, match=r"small\.yaml:46:55: error: 6 has no unit"):
        mixed("bad", text)


def test_changes_leave_the_document_as_it_was() -> None:
    document = parse_text(SAMPLE)
    before = repr(document.values)
    override(document, "sensors.*.pay", "3")
    assert repr(document.values) == before


PLAIN = st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text("abcäöü 12:-#'", max_size=8)


def nested(part: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(part, max_size=3) | st.dictionaries(st.text("abc ", min_size=1, max_size=4), part, max_size=3)


# Mistakes


def lines_told(mistake: Mistake) -> list[int]:
    with pytest.raises(ScenarioError) as caught:
        checked(parse_bytes(mistake.data, "x.yaml"), Small)
    places = [re.fullmatch(r"x\.yaml(?::(\d+):(\d+))?", problem.place) for problem in caught.value.problems]
    return [int(place[1] or WHOLE_FILE) for place in places if place]


def test_every_mistake_is_a_clean_error_on_its_line() -> None:
    mistakes = corpus(SAMPLE, 8 * len(OPERATORS), seed=3)
    assert len({mistake.name for mistake in mistakes}) == len(OPERATORS) >= 24
    for mistake in mistakes:
        told = lines_told(mistake)
        assert any(abs(line - mistake.line) <= mistake.slack for line in told), (mistake.name, mistake.line, told)


BOMBS = {
    "brackets": "a: " + "[" * 1_000_000,
    "blocks": "a: " + "{a: " * 300_000,
    "many keys": "".join(f"k{number}: 1\n" for number in range(400_000)),
    "many values": "a: [" + "1," * 2_000_000 + "1]",
    "one key": f"? {'k' * 4_000_000}\n: 1\n",
    "digits": SAMPLE.replace("9 km", "1" * 4_000_000),
    "terms": SAMPLE.replace("9 km", "'" + "1 " * 2_000_000 + "'"),
    "nearly a number": f"truceline: {'1' * 2_000_000}.{'1' * 2_000_000}e\n",
    "colons": "a" + ": a" * 1_000_000,
    "repeated": "a: 1\n" * 400_000,
    "controls": "a\x01" * 1_000_000,
    "wrong kinds": SAMPLE.replace("sensors:\n", "sensors:\n" + "".join(f"  s{number}: {{kind: mst}}\n" for number in range(20_000))),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_in_seconds(bomb: str) -> None:
    start = time.process_time()
    with pytest.raises(ScenarioError):
        checked(parse_text(BOMBS[bomb]), Small)
    assert time.process_time() - start < 10.0


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40), st.integers(0, len(SAMPLE)))
def test_no_text_breaks_the_reader(extra: str, place: int) -> None:
    problems = problems_of(lambda: checked(parse_text(SAMPLE[:place] + extra + SAMPLE[place:], "x.yaml"), Small))
    assert all(problem.place.startswith("x.yaml") for problem in problems)


def problems_of(attempt: Callable[[], object]) -> tuple[Problem, ...]:
    try:
        attempt()
    except ScenarioError as fault:
        return fault.problems
    return ()


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    assert all(problem.place.startswith("x.yaml") for problem in problems_of(lambda: parse_bytes(data, "x.yaml")))


@settings(max_examples=100, deadline=None)
@given(st.recursive(PLAIN, nested, max_leaves=10))
def test_what_is_written_is_read_back(value: Any) -> None:
    assert parse_text(json.dumps({"a": value}, ensure_ascii=False)).values == {"a": value}
