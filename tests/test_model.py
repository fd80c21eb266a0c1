"""Records whose quantities carry their units, and families of kinds."""

from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from sim.family import Member
from sim.model import Fixed, LogNormal, Model, Spread, short_names
from sim.units import Metres, PerSecond, PositiveMetres, Seconds


class Place(Model):
    """Every form in which a quantity may stand in a record."""

    at_m: Metres
    reach_m: PositiveMetres | None = None
    stops_m: tuple[Metres, ...] = ()
    rates_per_s: dict[str, PerSecond] | None = None
    wait_s: Seconds = 60.0


class Animal(Member):
    """A family."""


class Dog(Animal, kind="dog"):
    """A kind."""

    runs_m: Metres = 1.0


class Shelter(Model):
    """Where families live."""

    animals: dict[str, Animal]
    first: Animal | None = None


def test_a_unit_is_written_in_the_value_or_in_the_name() -> None:
    assert Place.model_validate({"at": "2 km"}) == Place(at_m=2000.0)


def test_quantities_in_lists_tables_and_options_carry_units_too() -> None:
    place = Place.model_validate({"at": 0, "reach": None, "stops": ["1 km", "2 km"], "rates": {"day": "24 /day"}, "wait": "1 h"})
    assert place.stops_m == (1000.0, 2000.0)
    assert place.rates_per_s
    assert place.rates_per_s["day"] == pytest.approx(1 / 3600)
    assert (place.reach_m, place.wait_s) == (None, 3600.0)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"at": 5}, "no_unit"),
        ({"at": True}, "quantity"),
        ({"at": "5 h"}, "quantity"),
        ({"at_m": "5 km"}, "unit_twice"),
        ({"at_m": True}, "unit_twice"),
        ({"at_m": float("nan")}, "finite_number"),
        ({"at": "1 m", "at_m": 1.0}, "twice"),
        ({"at": "1 m", "reach": "-1 m"}, "greater_than"),
        ({"at": "1 m", "stops": "1 m"}, "tuple_type"),
        ({"at": "1 m", "stops": ["1 m", 2]}, "no_unit"),
        ({"at": ["1 m"]}, "float_type"),
        ({"at": "1 m", "colour": "red"}, "extra_forbidden"),
        ({}, "missing"),
    ],
)
def test_a_quantity_without_its_one_unit_is_refused(data: dict[str, Any], code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Place.model_validate(data)
    assert [fault["type"] for fault in caught.value.errors()] == [code]


def test_short_names_leave_out_the_unit() -> None:
    assert short_names(Place) == {"at": "at_m", "reach": "reach_m", "stops": "stops_m", "rates": "rates_per_s", "wait": "wait_s"}


def test_a_kind_is_chosen_by_its_word() -> None:
    shelter = Shelter.model_validate({"animals": {"rex": {"kind": "dog", "runs": "3 km"}}})
    assert shelter.animals["rex"] == Dog(runs_m=3000.0)
    assert Shelter.model_validate({"animals": shelter.animals}) == shelter


@pytest.mark.parametrize(
    ("entry", "code"), [({"kind": "cat"}, "kind_unknown"), ({}, "kind_missing"), (3, "not_a_block"), ({"kind": [1]}, "kind_unknown")]
)
def test_a_wrong_kind_is_refused_at_its_entry(entry: Any, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Shelter.model_validate({"animals": {"tom": entry}})
    assert [(fault["type"], fault["loc"]) for fault in caught.value.errors()] == [(code, ("animals", "tom"))]


def test_an_entry_is_named_by_its_key_and_not_inside() -> None:
    with pytest.raises(ValidationError) as caught:
        Shelter.model_validate({"animals": {"rex": {"kind": "dog", "name": "rex", "runs": 3}}})
    assert [(fault["type"], fault["loc"][-1]) for fault in caught.value.errors()] == [("extra_forbidden", "name"), ("no_unit", "runs_m")]
    assert Dog(name="rex").name == "rex"


def test_two_kinds_of_one_name_are_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="two kinds are called 'dog'"):
        type("Wolf", (Animal,), {"__module__": "elsewhere"}, kind="dog")


def test_half_are_shorter_than_the_median_and_nine_in_ten_than_p90() -> None:
    spread = TypeAdapter[Any](Spread).validate_python({"median": "40 min", "p90": "4 h"})
    assert spread.quantile_s(np.array([0.5, 0.9])) == pytest.approx([2400.0, 14_400.0])


def test_the_mean_of_a_log_normal_lies_above_its_median() -> None:
    spread = LogNormal(median_s=100.0, p90_s=100.0 * np.exp(1.2815515655446004))
    assert spread.sigma == pytest.approx(1.0)
    assert spread.mean_s == pytest.approx(100.0 * np.exp(0.5))


def test_other_laws_are_named() -> None:
    exponential = TypeAdapter[Any](Spread).validate_python({"law": "exponential", "mean": "1 h"})
    assert exponential.quantile_s(1 - np.exp(-1.0)) == pytest.approx(3600.0)
    assert Fixed(law="fixed", value_s=5.0).quantile_s(np.array([0.1, 0.9])).tolist() == [5.0, 5.0]
