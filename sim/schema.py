"""The JSON Schema of a scenario, with which an editor completes and checks the file while it is typed."""

import re
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from sim.family import Member, family_name
from sim.model import docstrings
from sim.units import EXAMPLE, NUMBER, SUFFIX, UNITS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ZERO = {"minimum": 0, "maximum": 0}
NAMED = ("properties", "$defs")
"""Words of JSON Schema below which the keys are names of the scenario, not words of JSON Schema."""
VALUES = ("const", "default", "enum", "examples")
"""Words of JSON Schema below which stand values of the scenario."""


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the schema of the files that a record accepts.

    Every quantity may be written under its short name as a text with its unit, or under its full name as a number. A family is
    the choice among its kinds that are loaded.
    """
    families = {family_name(base): base for base in Member.__subclasses__()}
    models: list[type[BaseModel]] = []
    new: list[type[BaseModel]] = [model]
    while new:
        models += new
        references, whole = models_json_schema([(each, "validation") for each in models])
        spoken = {name: families[name].kinds for name in sorted(families_in(whole))}
        new = [kind for members in spoken.values() for kind in members.values() if kind not in models]
    kinds = {name: [references[members[kind], "validation"] for kind in sorted(members)] for name, members in spoken.items()}
    root = references[model, "validation"]["$ref"].rpartition("/")[2]
    described = {name: explained(block, record_of(block)) for name, block in whole["$defs"].items()}
    blocks = {name: rewritten(chosen(block, kinds)) for name, block in described.items()}
    return {"$schema": DIALECT, **blocks[root], "$defs": blocks}


def record_of(block: dict[str, Any]) -> type[BaseModel] | None:
    """Return the record that a schema was made of: of those with its name, the one that shares most fields with it."""
    fields = block.get("properties", {}).keys()
    named = [each for each in subclasses(BaseModel) if each.__name__ == block.get("title")]
    return max(named, key=lambda each: len(fields & each.model_fields.keys()), default=None)


def subclasses(model: type[BaseModel]) -> list[type[BaseModel]]:
    """Return all records that derive from one."""
    return [each for child in model.__subclasses__() for each in (child, *subclasses(child))]


def explained(block: dict[str, Any], model: type[BaseModel] | None) -> dict[str, Any]:
    """Return the schema of a record with the docstrings of its fields as descriptions."""
    if model is None:
        return block
    texts = docstrings(model)
    fields = {
        name: {"description": texts[name], **field} if name in texts and isinstance(field, dict) else field
        for name, field in block.get("properties", {}).items()
    }
    return {**block, "properties": fields} if fields else block


def families_in(schema: Any) -> set[str]:
    """Return the families that a schema speaks of."""
    if isinstance(schema, dict):
        here = {schema["x-family"]} if isinstance(schema.get("x-family"), str) else set()
        return here.union(*map(families_in, schema.values()))
    return set().union(*map(families_in, schema)) if isinstance(schema, list) else set()


def chosen(schema: Any, kinds: dict[str, list[dict[str, Any]]]) -> Any:
    """Return a schema in which each family is the choice among its kinds."""
    if isinstance(schema, list):
        return [chosen(part, kinds) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if kinds.get(str(schema.get("x-family"))):
        return {**{word: value for word, value in schema.items() if word not in ("type", "x-family")}, "oneOf": kinds[schema["x-family"]]}
    return {word: chosen(value, kinds) for word, value in schema.items()}


def rewritten(schema: Any) -> Any:
    """Return a schema without titles, in which quantities may be written in words."""
    if isinstance(schema, list):
        return [rewritten(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {word: value for word, value in schema.items() if not (word == "title" and isinstance(value, str))}
    done = {
        word: {name: rewritten(part) for name, part in value.items()} if word in NAMED else value if word in VALUES else rewritten(value)
        for word, value in inner.items()
    }
    return with_words(done) if "properties" in done else done


def with_words(block: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a block, in which each quantity also has its short name."""
    properties: dict[str, Any] = {}
    required = list(block.get("required", []))
    one_of_two = []
    for full, field in block["properties"].items():
        dimension = dimension_of(field)
        suffix = SUFFIX[dimension][0] if dimension else ""
        if dimension and full.endswith(suffix):
            short = full.removesuffix(suffix)
            properties[short] = in_words(field)
            either: dict[str, Any] = {"oneOf": [{"required": [short]}, {"required": [full]}]}
            if full in required:
                required.remove(full)
                one_of_two.append(either)
            else:
                one_of_two.append({"not": {"required": [short, full]}})
        properties[full] = field
    result = {**block, "properties": properties, "required": required}
    if not required:
        del result["required"]
    return {**result, "allOf": one_of_two} if one_of_two else result


def dimension_of(schema: Any) -> str:
    """Return the dimension of a quantity, also inside a list, a table or a choice; empty for anything else."""
    if isinstance(schema, list):
        return next(filter(None, map(dimension_of, schema)), "")
    if not isinstance(schema, dict) or "properties" in schema:
        return ""
    return schema.get("x-dimension", "") or next(filter(None, map(dimension_of, schema.values())), "")


def in_words(schema: Any) -> Any:
    """Return the schema of a quantity whose unit stands in the value."""
    if isinstance(schema, list):
        return [in_words(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "x-dimension" not in schema:
        return {word: in_words(value) for word, value in schema.items() if word != "default"}
    dimension = schema["x-dimension"]
    kept = {word: value for word, value in schema.items() if word in ("description", "x-dimension")}
    allows_zero = schema.get("exclusiveMinimum", -1) < 0
    return {
        "type": ["string", "number"] if allows_zero else "string",
        **(ZERO if allows_zero else {}),
        "pattern": pattern(dimension),
        "patternErrorMessage": f"write a number and a unit of {dimension}, such as {EXAMPLE[dimension]}: {', '.join(UNITS[dimension])}",
        "examples": [EXAMPLE[dimension]],
        **kept,
    }


def pattern(dimension: str) -> str:
    """Return the regular expression of a quantity, such as `1 h 30 min`."""
    units = "|".join(re.escape(unit) for unit in sorted(UNITS[dimension], key=len, reverse=True))
    term = rf"{NUMBER}\s*(?:{units})"
    return rf"^\s*[+-]?{term}(?:\s+{term})*\s*$"
