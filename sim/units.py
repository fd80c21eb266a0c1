"""Words at the edge, suffixes inside: `15 km` in a file is `15000.0` in a field that ends in `_m`."""

import math
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

S, M, KM = 1.0, 1.0, 1000.0
MINUTE, HOUR, DAY, WEEK = 60.0, 3600.0, 86400.0, 604800.0

UNITS: dict[str, dict[str, float]] = {
    "time": {"s": S, "min": MINUTE, "h": HOUR, "d": DAY, "day": DAY, "days": DAY, "week": WEEK, "weeks": WEEK},
    "length": {"m": M, "km": KM, "cm": 0.01, "mm": 0.001, "ft": 0.3048, "mi": 1609.344, "nmi": 1852.0},
    "speed": {"m/s": 1.0, "km/h": KM / HOUR, "kt": 1852.0 / HOUR, "km/day": KM / DAY},
    "angle": {"deg": 1.0},
    "rate": {"/s": 1.0, "/min": 1 / MINUTE, "/h": 1 / HOUR, "/day": 1 / DAY, "/week": 1 / WEEK},
    "area": {"m2": 1.0, "km2": KM * KM},
    "area rate": {"m2/s": 1.0, "km2/h": KM * KM / HOUR, "km2/day": KM * KM / DAY},
    "level": {"dB": 1.0},
    "temperature": {"K": 1.0},
    "power": {"W": 1.0, "kW": 1000.0, "mW": 0.001},
    "money": {"EUR": 1.0, "kEUR": 1e3, "MEUR": 1e6},
}
"""Units that may be written, by dimension, as multiples of the unit inside."""

SUFFIX = {
    "time": ("_s", "s"),
    "length": ("_m", "m"),
    "speed": ("_mps", "m/s"),
    "angle": ("_deg", "deg"),
    "rate": ("_per_s", "/s"),
    "area": ("_m2", "m2"),
    "area rate": ("_m2ps", "m2/s"),
    "level": ("_db", "dB"),
    "temperature": ("_k", "K"),
    "power": ("_w", "W"),
    "money": ("_eur", "EUR"),
}
"""The end of a field's name and the unit inside, by dimension."""

EXAMPLE = {
    "time": "90 min",
    "length": "15 km",
    "speed": "110 km/h",
    "angle": "30 deg",
    "rate": "12 /day",
    "area": "40 km2",
    "area rate": "270 km2/h",
    "level": "6 dB",
    "temperature": "10 K",
    "power": "5 W",
    "money": "2 MEUR",
}

NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
TERM = re.compile(rf"({NUMBER})\s*([A-Za-z/][A-Za-z0-9/]*)")
WRITTEN = re.compile(rf"\s*([+-]?){TERM.pattern}(\s+{TERM.pattern})*\s*")
WORDS = {True: "true", False: "false", None: "null"}
LONGEST = 60
"""Characters of a quantity; a longer text is none, and matching it could take for ever."""


@dataclass(frozen=True, slots=True)
class Written:
    """A value as it stands in the file under a name without a unit, so that its unit must be written."""

    value: Any


def parse(text: str, dimension: str) -> float:
    """Return a written quantity in the unit inside.

    Args:
        text: One or more numbers with units that add up, such as `1 h 30 min`.
        dimension: A key of `UNITS`.

    Raises:
        ValueError: The text is no quantity of that dimension; the message says what to write.

    >>> parse("1 h 30 min", "time")
    5400.0
    >>> parse("72 km/h", "speed")
    20.0
    """
    units = UNITS[dimension]
    whole = WRITTEN.fullmatch(text) if len(text) <= LONGEST else None
    if not whole:
        raise ValueError(f"{shortened(text)} is not a {dimension}; write for example {EXAMPLE[dimension]}")
    terms = TERM.findall(text)
    for _, unit in terms:
        if unit not in units:
            other = next((d for d, known in UNITS.items() if unit in known), None)
            why = f"{unit!r} is a unit of {other}" if other else f"{text!r} has no known unit"
            raise ValueError(f"{why}; it needs a unit of {dimension}: {', '.join(units)}")
    size = sum(float(number) * units[unit] for number, unit in terms)
    if not math.isfinite(size):
        raise ValueError(f"{text!r} is too large")
    return -size if whole[1] == "-" else size


def shortened(value: Any) -> str:
    """Return a value as a message shows it, in the words of a file, cut where it is long.

    >>> shortened("many"), shortened(12), shortened(True)
    ("'many'", '12', 'true')
    """
    text = WORDS[value] if isinstance(value, bool) or value is None else repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 4]} ..."


def words(value: float, dimension: str) -> str:
    """Return a quantity in words, at most three figures, in the unit that a person would choose.

    >>> words(6120.0, "time"), words(1218900.0, "length")
    ('1 h 42 min', '1,219 km')
    """
    if dimension == "time":
        return duration(value)
    if dimension == "length":
        return f"{value:,.0f} m" if abs(value) < KM else f"{value / KM:,.{0 if abs(value) >= 100 * KM else 1}f} km"
    return f"{value:.3g} {SUFFIX[dimension][1]}"


def duration(seconds: float) -> str:
    """Return a duration as people say it.

    >>> [duration(s) for s in (42, 150, 6120, 93600, 864000)]
    ['42 s', '2.5 min', '1 h 42 min', '26 h', '10 d']
    """
    if seconds != seconds:
        return "-"
    if seconds == float("inf"):
        return "never"
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 10 * MINUTE:
        return f"{seconds / MINUTE:.2g} min"
    minutes = round(seconds / MINUTE)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 10 * 60:
        hours, rest = divmod(minutes, 60)
        return f"{hours} h {rest:02d} min" if rest else f"{hours} h"
    hours = round(seconds / HOUR)
    return f"{hours} h" if hours < 96 else f"{seconds / DAY:.3g} d"


@dataclass(frozen=True, slots=True)
class Quantity:
    """Annotation of a float field: its dimension, and the limits of its value."""

    dimension: str
    above: float | None = None
    at_least: float | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(
            self.read, core_schema.float_schema(gt=self.above, ge=self.at_least, allow_inf_nan=False)
        )

    def __get_pydantic_json_schema__(self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "x-dimension": self.dimension}

    def read(self, value: Any) -> Any:
        """Parse what was written; pass what was computed."""
        if isinstance(value, Written):
            return self.read_written(value.value)
        unit = SUFFIX[self.dimension][1]
        if isinstance(value, (str, bool)):
            raise fault(
                "unit_twice", "{text}: a name that ends in its unit takes a bare number of {unit}", text=shortened(value), unit=unit
            )
        return value

    def read_written(self, value: Any) -> float:
        """Parse a text with its unit; only 0 needs none."""
        example = EXAMPLE[self.dimension]
        if isinstance(value, str):
            try:
                return parse(value, self.dimension)
            except ValueError as why:
                raise fault("quantity", "{why}", why=str(why)) from None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise fault("quantity", "this is not a {dimension}; write for example {example}", dimension=self.dimension, example=example)
        if value != 0:
            raise fault("no_unit", "{value} has no unit; write for example {example}", value=str(value), example=example)
        return 0.0


def fault(code: str, message: str, /, **words: Any) -> PydanticCustomError:
    """Return what a validator raises: the words fill the braces of the message.

    The word `at` names the field, or the path of fields, at which the fault is shown; `remedy` says what to write instead.
    """
    return PydanticCustomError(code, message, words)


Metres = Annotated[float, Quantity("length")]
PositiveMetres = Annotated[float, Quantity("length", above=0.0)]
Seconds = Annotated[float, Quantity("time", at_least=0.0)]
PositiveSeconds = Annotated[float, Quantity("time", above=0.0)]
MetresPerSecond = Annotated[float, Quantity("speed", above=0.0)]
Degrees = Annotated[float, Quantity("angle")]
PerSecond = Annotated[float, Quantity("rate", at_least=0.0)]
SquareMetres = Annotated[float, Quantity("area", at_least=0.0)]
SquareMetresPerSecond = Annotated[float, Quantity("area rate", at_least=0.0)]
Decibels = Annotated[float, Quantity("level")]
Kelvins = Annotated[float, Quantity("temperature")]
Watts = Annotated[float, Quantity("power", at_least=0.0)]
Euros = Annotated[float, Quantity("money", at_least=0.0)]
