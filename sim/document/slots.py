"""What may stand where: the types of a model followed along the values of a document."""

from collections.abc import Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim.catalogue import kind_of
from sim.document.places import Document, Where, below
from sim.family import Member
from sim.model import short_names


class Key(NamedTuple):
    """A key that a record takes."""

    short: str
    """As it is usually written: a quantity without its unit."""
    full: str
    field: FieldInfo | None
    """None for the word `kind`."""


class Slot(NamedTuple):
    """A value of a document, and the types that the model allows in its place."""

    types: list[Any]
    value: Any

    def at(self, key: str | int) -> "Slot":
        """Return the slot of a key or item."""
        found: list[Any] = []
        for block in self.records():
            found += types_of(block).get(key, ())
        for kind in self.types:
            origin, args = get_origin(kind), get_args(kind)
            if origin in (dict, Mapping):
                found += choices(args[1])
            elif origin is tuple and args[-1] is not Ellipsis:
                found += choices(args[key]) if isinstance(key, int) and key < len(args) else []
            elif origin in (list, tuple, set, frozenset):
                found += choices(args[0])
        return Slot(found, below(self.value, key))

    def records(self) -> list[type[BaseModel]]:
        """Return the records among the types: of a family the kind that the value names, of a union the form that fits the value."""
        blocks = [kind for kind in self.types if isinstance(kind, type) and issubclass(kind, BaseModel)]
        written = self.value if isinstance(self.value, dict) else {}
        kinds = [
            block.kinds.get(str(written.get("kind") or kind_of(written.get("like"))), block)
            if issubclass(block, Member) and not block.kind_name
            else block
            for block in blocks
        ]
        return [block for block in kinds if fits(written, block)] or kinds

    def quantities(self) -> set[str]:
        """Return the keys under which a quantity stands, short and in full."""
        return {name for block in self.records() for name in quantities_of(block)}

    def known(self) -> list[Key]:
        """Return the keys that the records take."""
        return [key for block in self.records() for key in keys_of(block)]


def slot_at(document: Document, model: type[BaseModel], path: Where) -> Slot:
    """Return the slot at a path of the document."""
    slot = Slot([model], document.values)
    for key in path:
        slot = slot.at(key)
    return slot


def located(document: Document, model: type[BaseModel], loc: Where) -> tuple[Where, Where]:
    """Return the path in the document that pydantic's location means, and what of the location is not in the document.

    Pydantic names fields in full, and puts the tags of unions and the names of functions between them.
    """
    path: Where = ()
    left: Where = ()
    slot = Slot([model], document.values)
    for part in loc:
        key = spelled(slot, part)
        if key is None:
            left = (*left, part)
        else:
            slot, path, left = slot.at(key), (*path, key), ()
    return path, left


def spelled(slot: Slot, part: str | int) -> str | int | None:
    """Return a part of pydantic's location as it stands in the document, if it does."""
    if isinstance(slot.value, list):
        return part if isinstance(part, int) and part < len(slot.value) else None
    if not isinstance(slot.value, dict):
        return None
    shorts = [key.short for key in slot.known() if key.full == part]
    return next((name for name in [part, *shorts] if name in slot.value), None)


@cache
def keys_of(model: type[BaseModel]) -> list[Key]:
    """Return the keys that a record takes in a scenario; a member of a family has its kind, and its name from elsewhere."""
    short = {full: name for name, full in short_names(model).items()}
    found = [Key(short.get(name, name), name, field) for name, field in model.model_fields.items()]
    if not issubclass(model, Member):
        return found
    return [Key("kind", "kind", None), *(key for key in found if key.full != "name")]


@cache
def quantities_of(model: type[BaseModel]) -> frozenset[str]:
    """Return the keys of a record under which a quantity stands, short and in full."""
    return frozenset(name for key in keys_of(model) if key.short != key.full for name in key[:2])


@cache
def types_of(model: type[BaseModel]) -> dict[str | int, list[Any]]:
    """Return the types that a record takes under each of its keys, short and in full."""
    return {name: choices(key.field.annotation) for key in keys_of(model) if key.field for name in key[:2]}


def choices(annotation: Any) -> list[Any]:
    """Return the types of an annotation, without the marks and unions around them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return choices(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [kind for part in get_args(annotation) for kind in choices(part)]
    return [annotation]


def fits(written: Mapping[str, Any], model: type[BaseModel]) -> bool:
    """Tell whether what is written where a record has a fixed word is that word."""
    return all(written.get(name) == word or (written.get(name) is None and not needed) for name, word, needed in fixed_words(model))


@cache
def fixed_words(model: type[BaseModel]) -> list[tuple[str, Any, bool]]:
    """Return the fields of a record that allow only one word: its name, the word, and whether it must be written."""
    found = []
    for name, field in model.model_fields.items():
        words = [word for kind in choices(field.annotation) if get_origin(kind) is Literal for word in get_args(kind)]
        if len(words) == 1:
            found.append((name, words[0], field.is_required()))
    return found
