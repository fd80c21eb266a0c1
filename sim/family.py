"""Nouns with many kinds: a kind joins its family by subclassing and is chosen by the word `kind`."""

import importlib
import pkgutil
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from sim.errors import did_you_mean
from sim.model import Model
from sim.units import Written, fault, shortened


def given(name: Any) -> Any:
    """Pass a name that the program gives; refuse one that is written inside an entry, which has its key for a name."""
    if isinstance(name, Written):
        raise fault("extra_forbidden", "an entry is named by its key")
    return name


class Member(Model):
    """Base of a family: `class Sensor(Member)` opens one, `class Tower(Sensor, kind="tower")` joins it.

    A field that is annotated with the family's base takes any of its kinds.
    """

    kinds: ClassVar[dict[str, type["Member"]]] = {}
    kind_name: ClassVar[str] = ""

    name: Annotated[str, BeforeValidator(given)] = ""
    """The key under which the entry stands in the scenario; it names the entry's dice."""

    def __init_subclass__(cls, kind: str = "", **rest: Any) -> None:
        super().__init_subclass__(**rest)
        if Member in cls.__bases__:
            cls.kinds = {}
        if kind:
            if kind in cls.kinds and cls.kinds[kind].__module__ != cls.__module__:
                raise TypeError(f"two kinds are called {kind!r}: {cls.kinds[kind]} and {cls}")
            cls.kind_name = kind
            cls.kinds[kind] = cls

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        if cls.kind_name:
            return handler(source)
        return core_schema.no_info_plain_validator_function(cls.choose_written)

    @classmethod
    def choose_written(cls, data: Any) -> "Member":
        """Return an entry of a scenario as the kind that it names; it cannot name itself."""
        if isinstance(data, dict) and "name" in data:
            data = {**data, "name": Written(data["name"])}
        return cls.choose(data)

    @classmethod
    def choose(cls, data: Any) -> "Member":
        """Return the entry as the kind that it names."""
        if isinstance(data, cls):
            return data
        if not isinstance(data, dict):
            raise fault("not_a_block", "this must be a block with a 'kind'")
        known = sorted(cls.kinds)
        if "kind" not in data:
            raise fault("kind_missing", "'kind' is missing; one of {known}", known=", ".join(known))
        kind = data["kind"]
        if not isinstance(kind, str) or kind not in cls.kinds:
            remedy = did_you_mean(str(kind), known)
            raise fault(
                "kind_unknown",
                "unknown kind {kind}; one of {known}",
                kind=shortened(kind),
                known=", ".join(known),
                remedy=remedy,
                at="kind",
            )
        return cls.kinds[kind].model_validate({key: value for key, value in data.items() if key != "kind"})

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        if not cls.kind_name:
            return {"type": "object", "x-family": family_name(cls)}
        described = handler(schema)
        block = handler.resolve_ref_schema(described)
        rest = {name: field for name, field in block.get("properties", {}).items() if name not in ("kind", "name")}
        block["properties"] = {"kind": {"const": cls.kind_name, "type": "string"}, **rest}
        block["required"] = ["kind", *(name for name in block.get("required", []) if name != "kind")]
        return described


def family_name(base: type[Member]) -> str:
    """Return the word by which a schema speaks of a family, whose kinds are put in when the schema is whole."""
    return f"{base.__module__}.{base.__qualname__}"


def load_kinds(package: str) -> None:
    """Import every module of a family's package, so that its kinds join."""
    path = importlib.import_module(package).__path__
    for module in pkgutil.iter_modules(path):
        importlib.import_module(f"{package}.{module.name}")
