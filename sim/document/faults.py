"""The faults of a model in the author's words, each where it stands in the document."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from itertools import islice
from types import NoneType
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import AwareDatetime, BaseModel, ValidationError
from pydantic.fields import FieldInfo

from sim.document.places import MOST_PROBLEMS, Document, Where, in_order, value_at
from sim.document.slots import Slot, choices, located, slot_at
from sim.errors import Problem, ScenarioError, did_you_mean
from sim.model import field_quantity
from sim.units import EXAMPLE, shortened

M = TypeVar("M", bound=BaseModel)

SCALARS: dict[Any, tuple[str, tuple[type, ...]]] = {
    float: ("a number", (int, float)),
    int: ("a whole number", (int, float)),
    bool: ("true or false", (bool,)),
    str: ("a text", (str,)),
    datetime: ("a time such as 2026-03-01T00:00:00Z", (str,)),
    AwareDatetime: ("a time such as 2026-03-01T00:00:00Z", (str,)),
    date: ("a day such as 2026-03-01", (str,)),
    time: ("a time of day such as 06:30", (str,)),
}
"""What a plain type is called, and which values of a file it takes."""

MESSAGES = {
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a smaller number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be a text",
    "string_pattern_mismatch": "does not have the form {pattern}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "dict_type": "must be a block of 'key: value' lines",
    "model_type": "must be a block of 'key: value' lines",
    "model_attributes_type": "must be a block of 'key: value' lines",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "set_type": "must be a list",
    "frozen_set_type": "must be a list",
    "too_short": "needs at least {min_length} entries, not {actual_length}",
    "too_long": "takes at most {max_length} entries, not {actual_length}",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be at most {le:g}",
    "multiple_of": "must be a multiple of {multiple_of:g}",
    "timezone_aware": "has no offset from UTC; add Z or for example +02:00",
    "none_required": "must be null",
}
"""What stands after the value in a message, by pydantic's type of error."""


IN_ENGLISH = {"yes": "write true", "on": "write true", "no": "write false", "off": "write false"}
"""Words that older versions of YAML read as truths."""


def checked(document: Document, model: type[M]) -> M:
    """Return the document as a checked record.

    Raises:
        ScenarioError: All that is wrong, each problem where it stands.
    """
    wrong = {problem.path: problem for problem in islice(misfits(document, Slot([model], document.values)), MOST_PROBLEMS)}
    told: list[Problem] = []
    try:
        record = model.model_validate(document.values)
    except ValidationError as fault:
        told = [problem for problem in explain(document, fault, model) if problem.path not in wrong]
    if wrong or told:
        raise ScenarioError(in_order([*wrong.values(), *told])[:MOST_PROBLEMS])
    return record


def explain(document: Document, error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """Return every fault that pydantic found, where it stands in the document and in words for its author.

    The faults of one value, which are those of the forms that it may have, become one problem.
    """
    by_path: dict[tuple[Where, str], Problem] = {}
    for fault in error.errors(include_url=False, include_input=False)[:MOST_PROBLEMS]:
        problem = explained(document, dict(fault), model)
        place = problem.path, fault["type"] if fault["type"] in ("missing", "extra_forbidden") else ""
        known = by_path.setdefault(place, problem)
        if problem.message not in known.message:
            by_path[place] = replace(known, message=f"{known.message}; or {problem.message}")
    return in_order(by_path.values())


def explained(document: Document, fault: dict[str, Any], model: type[BaseModel]) -> Problem:
    """Return one fault of pydantic as a problem."""
    code, words = fault["type"], fault.get("ctx", {})
    path, left = located(document, model, (*fault["loc"], *pieces(words.get("at"))))
    slot = slot_at(document, model, path)
    if code == "missing":
        return missing(document, path, str(left[-1]), slot)
    if code == "extra_forbidden":
        return unknown_key(document, path, slot_at(document, model, path[:-1]))
    if code == "union_tag_invalid":
        return unknown_tag(document, path, words)
    if slot.value is None and code in MESSAGES:
        remedy = form(slot) or "write a value, or remove the key"
        return document.problem(f"{shortened(path[-1]) if path else 'the file'} is empty", path, remedy, at_key=True)
    message, remedy = said(code, fault["msg"], words, slot.value)
    if code.startswith(("model_", "dict_")):
        remedy = form(slot)
    return document.problem(message, path, remedy, at_key=isinstance(slot.value, (dict, list)))


def pieces(at: Any) -> Where:
    """Return the path that a validator names beside its message."""
    if at is None:
        return ()
    return tuple(at) if isinstance(at, (list, tuple)) else (at,)


def said(code: str, message: str, words: Mapping[str, Any], value: Any) -> tuple[str, str]:
    """Return what is wrong with a value and what to write instead."""
    if code in MESSAGES:
        subject = "this" if isinstance(value, (dict, list)) else shortened(value)
        return f"{subject} {MESSAGES[code].format(**words)}", ""
    if code in ("literal_error", "enum"):
        allowed = re.findall(r"'((?:[^'\\]|\\.)*)'|(\d+)", str(words.get("expected", "")))
        known = [text or number for text, number in allowed]
        return f"{shortened(value)} is not one of {', '.join(known)}", did_you_mean(str(value), known)
    if code in ("value_error", "assertion_error"):
        return str(words.get("error", message)), ""
    if code.startswith(("datetime_", "date_", "time_")):
        form = SCALARS[{"datetime": datetime, "date": date, "time": time}[code.split("_")[0]]][0]
        return f"{shortened(value)} must be {form}", "a second 60 is written as :59.999" if re.search(r":60\b", str(value)) else ""
    return message.replace("Input should be", "this must be"), str(words.get("remedy", ""))


def unknown_key(document: Document, path: Where, block: Slot) -> Problem:
    """Return a problem with a key that its block does not take."""
    known = [key.short for key in block.known()]
    remedy = did_you_mean(str(path[-1]), known) or f"known here: {', '.join(known)}"
    return document.problem(f"unknown key {shortened(path[-1])}", path, remedy, at_key=True)


def unknown_tag(document: Document, path: Where, words: Mapping[str, Any]) -> Problem:
    """Return a problem with the word that chooses between forms of a block."""
    tag = str(words.get("tag", ""))
    known = re.findall(r"'([^']*)'", str(words.get("expected_tags", "")))
    block = value_at(document, path)
    chooser = next((key for key, value in block.items() if str(value) == tag), None) if isinstance(block, dict) else None
    message = f"unknown {chooser or 'form'} {shortened(tag)}; one of {', '.join(known)}"
    return document.problem(message, path if chooser is None else (*path, chooser), did_you_mean(tag, known))


def missing(document: Document, path: Where, name: str, slot: Slot) -> Problem:
    """Return a problem with a block that lacks a key, or a list that lacks an item."""
    if isinstance(slot.value, list):
        return document.problem(f"this list is too short; it has {len(slot.value)}", path)
    key = next((key for key in slot.known() if key.full == name), None)
    short = key.short if key else name
    sample = example(key.field) if key and key.field else ""
    remedy = f"write for example '{short}: {sample}'" if sample else f"write a block '{short}:'"
    removed = next((place for place in ((*path, short), (*path, name)) if place in document.spots), path)
    return replace(document.problem(f"{shortened(short)} is missing", removed, remedy, at_key=True), path=(*path, short))


def form(slot: Slot) -> str:
    """Return how a block could be written, empty where that would be long."""
    needed = [f"{key.short}: {example(key.field)}" for key in slot.known() if key.field and key.field.is_required() and example(key.field)]
    return f"write for example {{{', '.join(needed)}}}" if 0 < len(needed) <= 3 else ""


def example(field: FieldInfo) -> str:
    """Return what could be written for a field, empty where it takes a block or a list."""
    if field.examples:
        return str(field.examples[0])
    quantity = field_quantity(field)
    types = choices(field.annotation)
    if quantity and float in types:
        return EXAMPLE[quantity.dimension]
    literal = next((kind for kind in types if get_origin(kind) is Literal), None)
    if literal:
        return str(get_args(literal)[0])
    return next((text for kind, text in ((bool, "true"), (float, "0.5"), (int, "1"), (str, "a text")) if kind in types), "")


def misfits(document: Document, slot: Slot, path: Where = ()) -> Iterator[Problem]:
    """Iterate over the plain values of another type than the model's, which pydantic would convert: a text for a number, 1 for true."""
    if isinstance(slot.value, (dict, list)):
        quantities = slot.quantities()
        for key in slot.value if isinstance(slot.value, dict) else range(len(slot.value)):
            if key not in quantities:
                yield from misfits(document, slot.at(key), (*path, key))
    elif expected := misfit(slot):
        yield wrong_type(document, path, slot.value, expected)


def misfit(slot: Slot) -> str:
    """Return what must stand where a plain value stands, empty where it may."""
    plain = [kind for kind in slot.types if kind is not NoneType]
    if not plain or any(kind not in SCALARS for kind in plain) or (slot.value is None and NoneType in slot.types):
        return ""
    if any(type(slot.value) in SCALARS[kind][1] for kind in plain):
        return ""
    return " or ".join(dict.fromkeys(SCALARS[kind][0] for kind in plain))


def wrong_type(document: Document, path: Where, value: Any, expected: str) -> Problem:
    """Return a problem with a plain value of the wrong type."""
    if value is None:
        return document.problem(f"{shortened(path[-1])} is empty", path, f"write {expected}", at_key=True)
    remedy = {"a text": "put it in quotes", "true or false": IN_ENGLISH.get(str(value).lower(), "")}.get(expected, "")
    return document.problem(f"{shortened(value)} must be {expected}", path, remedy)
