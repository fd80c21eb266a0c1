"""The schema accepts what the loader accepts, and an editor can show it."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from sim.document import parse_text, read
from sim.family import Member
from sim.model import Model
from sim.schema import json_schema, pattern
from sim.units import EXAMPLE, UNITS, parse
from tests.malformed.small import SAMPLE, Small

SCHEMA = json_schema(Small)
ROOT = Path(__file__).parents[1]
SHIPPED = json.loads((ROOT / "sim/data/scenario.schema.json").read_text(encoding="utf-8"))


class Part(Member):
    """A family whose kinds hold each other."""


class Box(Part, kind="box"):
    """A kind that holds others."""

    inside: dict[str, Part] = Field(default_factory=dict)
    title: str = ""


def wrong(text: str) -> list[str]:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    return [fault.message for fault in validator.iter_errors(parse_text(text).values)]


def test_the_schema_is_a_schema_and_is_plain_json() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_a_valid_scenario_is_valid() -> None:
    assert wrong(SAMPLE) == []


@pytest.mark.parametrize(
    ("right", "mistake"),
    [
        ("kind: mast", "kind: mst"),
        ("    kind: mast\n", ""),
        ("range: 9 km", "range: 9"),
        ("range: 9 km", "range: 9 h"),
        ("range: 9 km", "range: 0"),
        ("range: 9 km", "range_m: 9 km"),
        ("range: 9 km", "range: 9 km\n    range_m: 9000"),
        ("    range: 9 km\n", ""),
        ("range: 9 km", "range: 9 km\n    name: eye"),
        ("median: 12 min, p90: 1 h", "median: 12 min"),
        ("law: exponential", "law: weibull"),
        ("side: right", "side: up"),
        ("count: 4", "count: 4.5"),
        ("p_seen: 0.8", "p_seen: 1.8"),
        ("[0, 50 km]", "[0, 50]"),
        ("[34.80, 50.91]", "[34.80]"),
        ("truceline: 1", "truceline: 2"),
        ("members:", "member:"),
    ],
)
def test_a_wrong_scenario_is_wrong(right: str, mistake: str) -> None:
    assert wrong(SAMPLE.replace(right, mistake, 1))


@pytest.mark.parametrize(
    ("right", "other"),
    [
        ("range: 9 km", "range_m: 9000"),
        ("chainage: 12 km", "chainage: 0"),
        ("chainage: 12 km", "chainage: -1 km 500 m"),
        ("kind: fleet", "kind: fleet\n    reach: null"),
    ],
)
def test_other_spellings_are_valid_too(right: str, other: str) -> None:
    assert wrong(SAMPLE.replace(right, other, 1)) == []


def test_an_editor_is_told_what_a_field_means_and_how_it_is_written() -> None:
    reach = SCHEMA["$defs"]["Mast"]["properties"]["range"]
    assert reach["description"] == "How far it sees."
    assert reach["examples"] == ["15 km"]
    assert reach["patternErrorMessage"] == "write a number and a unit of length, such as 15 km: m, km, cm, mm, ft, mi, nmi"
    assert SCHEMA["$defs"]["Mast"]["properties"]["kind"]["const"] == "mast"


def test_a_family_is_the_choice_among_its_kinds() -> None:
    assert SCHEMA["properties"]["sensors"]["additionalProperties"]["oneOf"] == [{"$ref": "#/$defs/Fleet"}, {"$ref": "#/$defs/Mast"}]


def test_a_family_may_hold_itself_and_a_field_may_be_called_title() -> None:
    class Store(Model):
        """A record with a family."""

        part: Part

    schema = json_schema(Store)
    assert "title" in schema["$defs"]["Box"]["properties"]
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid({"part": {"kind": "box", "inside": {"a": {"kind": "box", "title": "x"}}}})
    assert not validator.is_valid({"part": {"kind": "box", "inside": {"a": {"kind": "bag"}}}})


def test_no_titles_and_no_loose_blocks_remain() -> None:
    for block in SCHEMA["$defs"].values():
        assert block["additionalProperties"] is False
        assert not isinstance(block.get("title"), str)


@pytest.mark.parametrize("dimension", UNITS)
def test_the_pattern_knows_every_unit(dimension: str) -> None:
    assert re.search(pattern(dimension), EXAMPLE[dimension])
    assert all(re.search(pattern(dimension), f"1.5e3{unit}") for unit in UNITS[dimension])


TEXTS = st.lists(st.sampled_from(["1", "2.5", "-", "+", ".", "e3", " ", "  ", "h", "min", "km", "d", "x", "/"]), max_size=8).map("".join)


@given(TEXTS)
def test_the_pattern_and_the_loader_agree(text: str) -> None:
    assert bool(re.search(pattern("time"), text)) == is_time(text)


def is_time(text: str) -> Any:
    try:
        parse(text, "time")
    except ValueError:
        return False
    return True


# The shipped schema


def test_the_shipped_schema_is_current() -> None:
    done = subprocess.run([sys.executable, "-m", "sim", "schema"], cwd=ROOT, capture_output=True, check=True)
    today = json.loads(done.stdout)
    assert without(today, today["$defs"].keys() - SHIPPED["$defs"].keys()) == SHIPPED, (
        "the schema has changed; 'make schema' writes it anew"
    )


def without(schema: Any, kinds: set[str]) -> Any:
    """A new kind alone does not make the shipped schema stale: it is one file and its test, and enters with the next `make schema`."""
    if isinstance(schema, list):
        return [without(part, kinds) for part in schema if not (isinstance(part, dict) and named(part) in kinds)]
    if isinstance(schema, dict):
        return {word: without(value, kinds) for word, value in schema.items() if word not in kinds}
    return schema


def named(part: dict[str, Any]) -> str:
    return str(part.get("$ref", "")).rpartition("/")[2]


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda path: str(path.stem))
def test_every_shipped_scenario_is_valid_by_it(path: Path) -> None:
    validator = jsonschema.Draft202012Validator(SHIPPED)
    assert [fault.message for fault in validator.iter_errors(read(path).values)] == []


def test_the_shipped_schema_finds_what_the_loader_finds() -> None:
    validator = jsonschema.Draft202012Validator(SHIPPED)
    text = (ROOT / "scenarios/tutorial.yaml").read_text(encoding="utf-8")
    for right, wrong in (("kind: camera_tower", "kind: tower"), ("every: 10 km", "every: 10"), ("kind: ladder", "kind: ladder\n  name: x")):
        assert right in text
        assert not validator.is_valid(parse_text(text.replace(right, wrong, 1)).values)
