"""The word `like`: a sensor borrows from the catalogue what its author has not written."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from sim import catalogue
from sim.document.changes import put, same_quantity
from sim.document.places import Document, Where
from sim.errors import Problem, did_you_mean
from sim.units import shortened

BLOCK, LIKE = "sensors", "like"
CHOOSERS = ("law", "pattern", "instrument")
"""Words that choose the form of a block; a block of another form than the catalogue's borrows nothing."""


class Loan(NamedTuple):
    """A value that a sensor borrows."""

    path: Where
    like: str
    lent: catalogue.Lent


def filled(document: Document) -> tuple[Document, list[Problem]]:
    """Return the document with all that it borrows put at the word `like`, and what is wrong with that word."""
    problems = [problem for key, sensor in borrowers(document.values) if (problem := mistake(document, key, sensor))]
    spots = dict(document.spots)
    for path, _, _ in loans(document.values):
        spot = document.spot((*path[:2], LIKE))
        spots = dict.fromkeys((path[:end] for end in range(3, len(path) + 1)), spot) | spots
    return replace(document, values=completed(document.values), spots=spots), problems


def completed(values: dict[str, Any]) -> dict[str, Any]:
    """Return the plain values of a scenario with all that its sensors borrow, and without the word `like` where it was understood."""
    whole = values
    for path, _, lent in loans(values):
        whole = put(whole, path, lent.value)
    for key, sensor in borrowers(values):
        if kind := catalogue.kind_of(sensor[LIKE]):
            whole = put(whole, (BLOCK, key, "kind"), sensor.get("kind", kind))
            whole = put(whole, (BLOCK, key, LIKE), None)
    return whole


def loans(values: Mapping[str, Any]) -> Iterator[Loan]:
    """Iterate over the values that the sensors of a scenario borrow: those of the catalogue that their authors have not written."""
    for key, sensor in borrowers(values):
        section = catalogue.section(sensor[LIKE]) if isinstance(sensor[LIKE], str) else None
        forms = {lent.path: lent.value for lent in section.lent} if section else {}
        for lent in section.lent if section else ():
            if is_free(sensor, lent.path, forms):
                yield Loan((BLOCK, key, *lent.path), sensor[LIKE], lent)


def borrowers(values: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the sensors that say what they are like."""
    block = values.get(BLOCK)
    entries = block.items() if isinstance(block, dict) else ()
    return [(key, sensor) for key, sensor in entries if isinstance(sensor, dict) and LIKE in sensor]


def is_free(block: Any, path: tuple[str, ...], forms: Mapping[tuple[str, ...], Any]) -> bool:
    """Tell whether a sensor leaves a value open: neither it nor a block around it is written otherwise."""
    for depth, name in enumerate(path):
        if not isinstance(block, dict) or (depth and other_form(block, path[:depth], forms)):
            return False
        if name not in block:
            return not any(same_quantity(written, name) for written in block)
        block = block[name]
    return False


def other_form(block: Mapping[str, Any], path: tuple[str, ...], forms: Mapping[tuple[str, ...], Any]) -> bool:
    """Tell whether a block is written in another form than the catalogue's."""
    return any(word in block and block[word] != forms.get((*path, word)) for word in CHOOSERS)


def mistake(document: Document, key: str, sensor: Mapping[str, Any]) -> Problem | None:
    """Return what is wrong with the word `like` of a sensor."""
    path, like = (BLOCK, key, LIKE), sensor[LIKE]
    kind = catalogue.kind_of(like)
    if kind and sensor.get("kind", kind) == kind:
        return None
    if kind:
        return document.problem(f"{like} is a {kind}, not a {shortened(sensor['kind'])}", (BLOCK, key, "kind"), f"write 'kind: {kind}'")
    if like in catalogue.names():
        remedy = f"its figures: truceline catalogue {like}"
        return document.problem(f"the catalogue has figures of {like}, but no kind of sensor is made of them yet", path, remedy)
    known = catalogue.likes()
    remedy = did_you_mean(str(like), known) or "'truceline catalogue' lists them"
    return document.problem(f"the catalogue has no {shortened(like)}", path, remedy)
