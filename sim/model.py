"""The frozen base record, and the few records that every block of a scenario uses."""

import math
from functools import cache, cached_property
from itertools import pairwise
from statistics import NormalDist
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic.fields import FieldInfo

from sim.kinds import Floats
from sim.units import SUFFIX, PositiveMetres, PositiveSeconds, Quantity, Seconds, Written, fault

Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=100_000)]

Z90 = NormalDist().inv_cdf(0.9)


class Model(BaseModel):
    """A frozen record; a field with a unit may be written without its suffix and then carries its unit in the value."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def name_units(cls, data: Any) -> Any:
        """Give each quantity its full name, marked as written where its unit must stand in the value."""
        if not isinstance(data, dict):
            return data
        short = short_names(cls)
        for name in data:
            if name in short and short[name] in data:
                raise fault("twice", "{name} and {full} say the same thing; keep one", name=repr(name), full=repr(short[name]), at=name)
        return {short.get(name, name): written(value) if name in short else value for name, value in data.items()}


def written(value: Any) -> Any:
    """Mark each scalar of a value as one that must carry its unit."""
    if value is None or isinstance(value, Written):
        return value
    if isinstance(value, dict):
        return {key: written(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [written(item) for item in value]
    return Written(value)


@cache
def short_names(model: type[BaseModel]) -> dict[str, str]:
    """Return, for each quantity of a record, its name without the unit, and its full name."""
    names = {}
    for full, field in model.model_fields.items():
        quantity = field_quantity(field)
        if quantity and full.endswith(SUFFIX[quantity.dimension][0]):
            names[full.removesuffix(SUFFIX[quantity.dimension][0])] = full
    return names


def field_quantity(field: FieldInfo) -> Quantity | None:
    """Return the quantity that a field holds, alone or in a list, a block of names, or an optional type."""
    return next((mark for mark in field.metadata if isinstance(mark, Quantity)), None) or inner_quantity(field.annotation)


def inner_quantity(annotation: Any) -> Quantity | None:
    """Return the quantity inside a type such as `Metres | None` or `dict[str, Metres]`."""
    for mark in getattr(annotation, "__metadata__", ()):
        if isinstance(mark, Quantity):
            return mark
    return next(filter(None, map(inner_quantity, getattr(annotation, "__args__", ()))), None)


@cache
def normal_quantile() -> Any:
    """Return the inverse of the normal law for numbers and arrays, loaded when it is first needed."""
    from scipy.special import ndtri

    return ndtri


class LogNormal(Model):
    """A spread of durations that planners can state: half are shorter than the median, nine in ten shorter than p90."""

    law: Literal["lognormal"] = "lognormal"
    median_s: PositiveSeconds
    p90_s: PositiveSeconds

    @model_validator(mode="after")
    def ordered(self) -> "LogNormal":
        """Refuse a p90 below the median."""
        if self.p90_s < self.median_s:
            raise fault("spread", "p90 lies below the median; nine in ten are at least as long as half of them", at="p90_s")
        return self

    @cached_property
    def sigma(self) -> float:
        """Standard deviation of the logarithm."""
        return math.log(self.p90_s / self.median_s) / Z90

    @property
    def mean_s(self) -> float:
        """Mean duration."""
        return self.median_s * math.exp(self.sigma**2 / 2)

    def quantile_s(self, u: Floats | float) -> Floats:
        """Return the durations at the levels u, by inversion. Shape as u."""
        return np.asarray(self.median_s * np.exp(self.sigma * normal_quantile()(u)))


class Exponential(Model):
    """Durations without memory."""

    law: Literal["exponential"]
    mean_s: PositiveSeconds

    def quantile_s(self, u: Floats | float) -> Floats:
        """Return the durations at the levels u, by inversion. Shape as u."""
        return np.asarray(-self.mean_s * np.log1p(-np.asarray(u)))


class Fixed(Model):
    """Always the same duration."""

    law: Literal["fixed"]
    value_s: Seconds

    @property
    def mean_s(self) -> float:
        """Mean duration."""
        return self.value_s

    def quantile_s(self, u: Floats | float) -> Floats:
        """Return the one duration, in the shape of u."""
        return np.full(np.shape(u), self.value_s)


def spread_law(value: Any) -> str:
    """Return which law a written spread follows; without a word it is log-normal."""
    return str(value.get("law", "lognormal")) if isinstance(value, dict) else str(getattr(value, "law", "lognormal"))


Spread = Annotated[
    Annotated[LogNormal, Tag("lognormal")] | Annotated[Exponential, Tag("exponential")] | Annotated[Fixed, Tag("fixed")],
    Discriminator(spread_law),
]
"""How long something takes: `{median: 40 min, p90: 4 h}`, `{law: exponential, mean: 2 h}` or `{law: fixed, value: 5 min}`."""


class Stretch(Model):
    """A part of the line, from one kilometre to another."""

    from_m: Annotated[float, Quantity("length", at_least=0.0)]
    to_m: PositiveMetres

    @model_validator(mode="after")
    def forward(self) -> Self:
        """Refuse a stretch that ends before it begins."""
        if self.to_m <= self.from_m:
            raise fault("backward", "this stretch ends where it begins, or before; 'to' must lie beyond 'from'", at="to")
        return self


@cache
def docstrings(model: type[BaseModel]) -> dict[str, str]:
    """Return the docstrings that stand below the fields of a record and of those that it derives from, by field.

    pydantic can read them too, but for every record at import, which would double the time until `truceline check` answers.
    """
    import ast
    from inspect import cleandoc, getsource
    from textwrap import dedent

    texts: dict[str, str] = {}
    for ancestor in reversed(model.__mro__):
        if issubclass(ancestor, BaseModel) and ancestor is not BaseModel:
            (record,) = ast.parse(dedent(getsource(ancestor))).body
            for field, text in pairwise(record.body if isinstance(record, ast.ClassDef) else []):
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
                    value = text.value
                    if isinstance(value, ast.Constant) and isinstance(value.value, str):
                        texts[field.target.id] = cleandoc(value.value)
    return texts
