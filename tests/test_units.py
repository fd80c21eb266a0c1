"""Quantities as people write them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.units import EXAMPLE, SUFFIX, UNITS, duration, parse, shortened, words


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("15 km", "length", 15_000.0),
        ("15km", "length", 15_000.0),
        ("1 nmi", "length", 1852.0),
        ("-3 km", "length", -3000.0),
        ("-1 km 500 m", "length", -1500.0),
        ("1 h 30 min", "time", 5400.0),
        ("2 weeks", "time", 1_209_600.0),
        ("36 km/h", "speed", 10.0),
        ("24 /day", "rate", 1 / 3600),
        ("3 /week", "rate", 3 / 604_800),
        ("1.5e3 m", "length", 1500.0),
        (".5 dB", "level", 0.5),
        ("3.6 km2/h", "area rate", 1000.0),
        ("2 MEUR", "money", 2e6),
    ],
)
def test_a_quantity_is_read_in_the_unit_inside(text: str, dimension: str, value: float) -> None:
    assert parse(text, dimension) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("15", "'15' is not a length; write for example 15 km"),
        ("km", "is not a length"),
        ("1,5 km", "is not a length"),
        ("1.5.5 km", "is not a length"),
        ("५ km", "is not a length"),
        ("480-850 km", "is not a length"),
        ("5 km -3 km", "is not a length"),
        ("1e999 km", "is too large"),
        ("20 min", "'min' is a unit of time; it needs a unit of length: m, km"),
        ("24 furlong", "'24 furlong' has no known unit; it needs a unit of length"),
        ("1" * 5_000_000, "is not a length"),
    ],
)
def test_what_is_no_length_is_refused_with_what_to_write(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"length|large") as caught:
        parse(text, "length")
    assert message in str(caught.value)
    assert len(str(caught.value)) < 160


@pytest.mark.parametrize("dimension", UNITS)
def test_each_dimension_has_an_example_and_a_unit_inside(dimension: str) -> None:
    assert math.isfinite(parse(EXAMPLE[dimension], dimension))
    assert UNITS[dimension][SUFFIX[dimension][1]] == 1.0


@given(st.floats(0.001, 1e9), st.sampled_from(sorted(UNITS["length"])))
def test_a_number_and_a_unit_are_their_product(number: float, unit: str) -> None:
    assert parse(f"{number!r} {unit}", "length") == pytest.approx(number * UNITS["length"][unit])


def test_durations_are_said_as_people_say_them() -> None:
    assert [duration(s) for s in (float("nan"), math.inf, 59, 3600, 345_600)] == ["-", "never", "59 s", "1 h", "4 d"]
    assert words(999.0, "length") == "999 m"
    assert words(20.0, "speed") == "20 m/s"


def test_long_values_are_cut() -> None:
    assert shortened("x" * 1000).endswith(" ...")
    assert shortened(None) == "null"
