"""Changes to a document: settings of the command line, and mixes; each value keeps the place where it was written."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from sim.document.places import HIDDEN, Document, Source, Spot, Where, visible
from sim.document.reader import Reader
from sim.document.slots import Slot
from sim.errors import Problem, ScenarioError, TrucelineError, did_you_mean
from sim.units import SUFFIX, shortened

PART = re.compile(r"""\[([0-9]+)\]|\.?(?:"([^"]*)"|'([^']*)'|([^.\["'\s][^.\["']*))""")
INDEX = re.compile("[0-9]{1,9}")


def parts_of(text: str) -> list[str]:
    """Return the parts of a written path.

    >>> parts_of('desk."day shift".staff[0].*')
    ['desk', 'day shift', 'staff', '0', '*']
    """
    if HIDDEN.search(text):
        raise TrucelineError(f"{shortened(text)} holds a hidden character; no name in a scenario has one")
    parts, end = [], 0
    while end < len(text):
        found = PART.match(text, end)
        if not found or (end == 0 and text.startswith((".", "["))) or (end > 0 and text[end] not in ".["):
            raise TrucelineError(
                f"{shortened(text)} is no path; write for example sensors.tower.count, with quotes around a name that has dots"
            )
        parts.append(next(part for part in found.groups() if part is not None))
        end = found.end()
    if not parts:
        raise TrucelineError("the path is empty; write for example sensors.tower.count")
    return parts


def parse_setting(text: str) -> tuple[str, str]:
    """Return the path and the value of `PATH=VALUE`.

    >>> parse_setting("sensors.tower.range=3 km")
    ('sensors.tower.range', '3 km')
    """
    found = re.match(r"""((?:"[^"]*"|'[^']*'|[^="'])*)=(.*)""", text, re.DOTALL)
    if not found or not found[1].strip():
        raise TrucelineError(f"{shortened(text)} is no setting; write PATH=VALUE, for example 'length=10 days'")
    return found[1].strip(), found[2]


def override(document: Document, path_text: str, value_text: str, origin: str = "", model: type[BaseModel] | None = None) -> Document:
    """Return the document with a value written on the command line; `null` removes the key.

    Args:
        document: What is changed.
        path_text: Names joined by dots; `*` stands for every key of a block, `[0]` for an item of a list.
        value_text: The value as it would be written in the file.
        origin: What an error names as its place, else `--set PATH=VALUE`.
        model: The record that the document becomes; a block that it knows and the document leaves out is begun.

    Raises:
        ScenarioError: The path does not lead anywhere, or the value cannot be read.
    """
    origin = visible(origin or f"--set {path_text}={value_text}")
    reader = Reader(Source(value_text, document.file, origin))
    value = reader.read()
    if value is None and value_text.strip() != "null":
        raise ScenarioError([Problem("the value is missing", place=origin, remedy="write null to remove a key, '' for an empty text")])
    try:
        return changed(document, path_text, value, reader.spots, model)
    except TrucelineError as fault:
        raise ScenarioError([Problem(str(fault), place=origin)]) from None


def apply_changes(document: Document, changes: Mapping[str, Any], origin_path: Where, model: type[BaseModel] | None = None) -> Document:
    """Return the document with the changes of a mix; `None` removes a key.

    Args:
        document: What is changed.
        changes: Values by written path.
        origin_path: Where the changes stand in the document, so that their errors point there.
        model: As in `override`.

    Raises:
        ScenarioError: All paths that lead nowhere.
    """
    result, problems = document, []
    for path_text, value in changes.items():
        here = (*origin_path, path_text)
        try:
            result = changed(result, path_text, value, spots_below(document, here), model)
        except TrucelineError as fault:
            problems.append(document.problem(str(fault), here, at_key=True))
    if problems:
        raise ScenarioError(problems)
    return result


def spots_below(document: Document, path: Where) -> dict[Where, Spot]:
    """Return where a value and all in it stand, by the path within it."""
    if path not in document.spots:
        return {(): Spot(origin=f"in {dotted(path)}")}
    return {where[len(path) :]: spot for where, spot in document.spots.items() if where[: len(path)] == path}


def changed(document: Document, path_text: str, value: Any, spots: Mapping[Where, Spot], model: type[BaseModel] | None = None) -> Document:
    """Return the document with a value put at every place that a path names."""
    whole = Slot([model] if model else [], document.values)
    targets = dict.fromkeys(places(whole, parts_of(path_text), removing=value is None))
    root = next(iter(spots.values()))
    values, length = document.values, len(next(iter(targets)))
    kept = {where: spot for where, spot in document.spots.items() if where[:length] not in targets}
    for target in targets:
        values = put(values, target, value)
        begun = [target[:end] for end in range(1, length) if target[:end] not in kept]
        kept |= dict.fromkeys([*begun, target], root)
        kept |= {target + where: spot for where, spot in spots.items()}
    return replace(document, values=values, spots=kept)


def places(whole: Slot, parts: list[str], removing: bool) -> list[Where]:
    """Return the paths that the parts of a written path name; the last part may be new, others if the model knows them."""
    found: list[tuple[Where, Slot]] = [((), whole)]
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        found = [
            ((*path, key), entered(slot, key))
            for path, slot in found
            for key in matches(slot.value, part, path, not removing and (last or part in fields_of(slot)))
        ]
        if not found:
            raise TrucelineError(f"'*' matches nothing in {dotted(parts[:number])}")
    if removing and any(isinstance(path[-1], int) for path, _ in found):
        raise TrucelineError("an item of a list cannot be removed; set the whole list instead")
    return [path for path, _ in found]


def fields_of(slot: Slot) -> set[str]:
    """Return the names of the fields that a block may have, with and without their units."""
    return {name for key in slot.known() for name in (key.short, key.full)}


def entered(slot: Slot, key: str | int) -> Slot:
    """Return the slot of a key or item; a block that is not there yet is empty."""
    found = slot.at(key)
    return found._replace(value={}) if isinstance(slot.value, dict) and key not in slot.value else found


def matches(block: Any, part: str, path: Where, may_be_new: bool) -> list[str | int]:
    """Return the keys or the item of a block or list that a part of a path names."""
    if part == "*" and isinstance(block, (dict, list)):
        return list(block) if isinstance(block, dict) else list(range(len(block)))
    if isinstance(block, list):
        if not INDEX.fullmatch(part) or int(part) >= len(block):
            raise TrucelineError(f"{dotted(path)} is a list of {len(block)} items; write a number from 0, not {shortened(part)}")
        return [int(part)]
    if not isinstance(block, dict):
        raise TrucelineError(f"{dotted(path)} is not a block, so it has no {shortened(part)}")
    if part in block or may_be_new:
        return [part]
    hint = did_you_mean(part, block) or f"it has {', '.join(list(block)[:12])}"
    raise TrucelineError(f"there is no {shortened(part)} in {dotted(path)}; {hint}")


def dotted(path: Iterable[str | int]) -> str:
    """Return a path as it is written."""
    return ".".join(map(str, path)) or "the file"


def put(values: Any, path: Where, value: Any) -> Any:
    """Return a copy of nested values with the value at one path replaced, added, or removed where it is `None`."""
    key, rest = path[0], path[1:]
    if isinstance(values, list):
        return [put(item, rest, value) if rest and index == key else value if index == key else item for index, item in enumerate(values)]
    if rest:
        return {**values, key: put(values.get(key, {}), rest, value)}
    if value is None or key not in values:
        values = {name: item for name, item in values.items() if name != key and not same_quantity(name, str(key))}
    return values if value is None else {**values, key: value}


def same_quantity(name: str, other: str) -> bool:
    """Tell whether two different names are one quantity, with and without its unit."""
    return any(name == other + suffix or other == name + suffix for suffix, _ in SUFFIX.values())
