"""The pages about sensors: their scenario lines load, their numbers are those of the code, their figures are there."""

import re
from typing import Any

import pytest

from docs.models import published
from docs.models.draw import BEGIN, END, block
from docs.models.shown import HERE, PAGES, Page, panels_of, site, snippets, text_of
from sim.catalogue import sources
from sim.imagery import Needed
from sim.law import Gmti, Video
from sim.model import Model, short_names
from sim.scenario import loads
from sim.sensors.moving_target_radar import MovingTargetRadar
from sim.units import SUFFIX, parse

by_name = pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
NUMBER = r"\d+(?:\.\d+)?"
NEAR = {"%": 2.0, "km": 0.2}
"""How far a number in a page may be from that of this machine, by its unit."""


@by_name
def test_all_scenario_lines_of_a_page_load(page: Page) -> None:
    for lines in snippets(page.name):
        assert loads((HERE / "stage.yaml").read_text(encoding="utf-8") + lines, HERE).scenario.sensors


@by_name
def test_the_numbers_of_a_page_are_those_of_the_code(page: Page) -> None:
    text = text_of(page.name)
    stands = text[text.index(BEGIN) : text.index(END) + len(END)]
    computed = block(page, panels_of(page))
    assert re.sub(NUMBER, "#", stands) == re.sub(NUMBER, "#", computed)
    told, found = (re.findall(rf"({NUMBER}) (km|%)", each) for each in (stands, computed))
    assert len(told) > 3
    for (old, unit), (new, _) in zip(told, found, strict=True):
        assert float(old) == pytest.approx(float(new), abs=NEAR[unit])


@by_name
def test_a_page_has_its_figure_and_says_what_it_owes(page: Page) -> None:
    picture = (HERE / f"{page.name}.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert int.from_bytes(picture[16:20], "big") >= 1200
    for part in ("**Equations.**", "**States of the sky.**", "**Refuses.**", "**Checked by.**", "| default |"):
        assert part in text_of(page.name)
    for path in re.findall(r"`(tests/[\w/]+\.py)`", text_of(page.name)):
        assert (HERE.parents[1] / path).exists(), path


@by_name
def test_the_defaults_that_a_page_tells_are_those_of_the_code(page: Page) -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| ([^|]+) \|", text_of(page.name), flags=re.MULTILINE)
    assert len(rows) >= 5
    for name, value in rows:
        *where, last = name.split(".")
        record = record_of(page, ".".join(where))
        full = short_names(record).get(last, last)
        default: Any = record.model_fields[full].default
        assert default == pytest.approx(read(value.strip(), full)), name


def record_of(page: Page, where: str) -> type[Model]:
    """The record whose field stands there."""
    sensor = site(page.name).sensor
    radar = Gmti if page.name == "gmti" else MovingTargetRadar
    instrument = type(getattr(sensor, "instrument", sensor))
    records: dict[str, type[Model]] = {"": type(sensor), "detection": Video, "radar": radar, "instrument": instrument}
    return (records | {"instrument.needed": Needed})[where]


def read(value: str, full: str) -> float | str:
    """A value as a page writes it, in the unit inside."""
    for dimension, (ending, _) in sorted(SUFFIX.items(), key=lambda item: -len(item[1][0])):
        if full.endswith(ending) and re.search(r" ?[a-zA-Z/]", value.lstrip("0123456789.e-")):
            return parse(value, dimension)
    return float(value) if re.match(r"[0-9]", value) else value


def test_published_figures_and_ours_differ_by_no_more_than_is_told() -> None:
    rows = published.rows()
    assert len(rows) >= 15
    for row in rows:
        assert abs(row.difference) <= row.within, row.what
        assert published.near(row) or row.remark or row.difference == 0.0 or abs(row.difference) < 0.15 * row.ours, row.what
        assert "/" in row.source or row.source in sources(), row.what


def test_the_table_of_published_figures_is_the_one_that_was_computed() -> None:
    stands, computed = (HERE / "published.md").read_text(encoding="utf-8"), published.page()
    assert re.sub(rf"[+-]?{NUMBER}", "#", stands) == re.sub(rf"[+-]?{NUMBER}", "#", computed)
    told, found = ([float(each) for each in re.findall(NUMBER, text)] for text in (stands, computed))
    assert told == pytest.approx(found, rel=0.02, abs=0.03)


def test_every_page_stands_in_the_index() -> None:
    index = (HERE / "README.md").read_text(encoding="utf-8")
    for name in [*(page.name for page in PAGES), "published"]:
        assert f"({name}.md)" in index
