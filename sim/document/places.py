"""Where each value stands in a text, and how a fault is shown there."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from sim.errors import Problem

Where: TypeAlias = tuple[str | int, ...]
"""The way to a value: keys of blocks and numbers of list items."""

MOST_PROBLEMS = 200
LINE_SHOWN = 120

HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
"""Characters that nobody sees or that change what is seen: controls, line separators, bidirectional overrides, half characters."""
NEWLINE = re.compile(r"\r\n|\r|\n")


class Token(NamedTuple):
    """A stretch of one line; lines and columns count from 1."""

    line: int
    column: int
    length: int


START = Token(1, 1, 1)


class Spot(NamedTuple):
    """Where a key and its value stand, or the option that brought them in."""

    key: Token = START
    value: Token = START
    origin: str = ""


class Source(NamedTuple):
    """A text, and what its faults name as their place: the file, or the option in which the text was written."""

    text: str
    file: str
    origin: str = ""

    def problem(self, message: str, token: Token, remedy: str = "", path: Where = ()) -> Problem:
        """Return what is wrong at a token, with its place and its line."""
        if self.origin:
            return Problem(message, path, remedy, self.origin)
        return Problem(message, path, remedy, f"{self.file}:{token.line}:{token.column}", excerpt(self.text, token))


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """Plain values, and where in which text each of them stands."""

    file: str
    text: str
    values: dict[str, Any]
    spots: Mapping[Where, Spot]

    def spot(self, path: Where) -> Spot:
        """Return where a path stands; what is not in the file stands where its block does."""
        while path and path not in self.spots:
            path = path[:-1]
        return self.spots.get(path, Spot())

    def place(self, path: Where, at_key: bool = False) -> Token:
        """Return the line, column and length of the value at a path, or of its key."""
        return self.spot(path).key if at_key else self.spot(path).value

    def problem(self, message: str, path: Where = (), remedy: str = "", at_key: bool = False) -> Problem:
        """Return what is wrong at a path, with its place and its line."""
        return Source(self.text, self.file, self.spot(path).origin).problem(message, self.place(path, at_key), remedy, path)


def value_at(document: Document, path: Where) -> Any:
    """Return the value at a path of the document."""
    value: Any = document.values
    for key in path:
        value = below(value, key)
    return value


def below(block: Any, key: str | int) -> Any:
    """Return the value of a key, `None` where it is new."""
    return block.get(key) if isinstance(block, dict) else block[key]


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems by line and column; those of options come last."""

    def place(problem: Problem) -> tuple[int, ...]:
        numbers = re.search(r":(\d+):(\d+)$", problem.place)
        return (0, int(numbers[1]), int(numbers[2])) if numbers else (1, 0, 0)

    return sorted(problems, key=place)


@lru_cache(maxsize=4)
def lines_of(text: str) -> list[str]:
    """Return the lines of a text as the parser counts them."""
    return NEWLINE.split(text)


def visible(text: str) -> str:
    """Return a text without characters that could fool a reader or a terminal."""
    return HIDDEN.sub("\N{REPLACEMENT CHARACTER}", text).replace("\n", " ")


def excerpt(text: str, token: Token) -> str:
    r"""Return the line of a token with its number, and carets below the token.

    >>> print(excerpt("kind: tower\nrange: 5\n", Token(2, 8, 1)))
        2 | range: 5
          |        ^
    """
    lines = lines_of(text)
    line = lines[min(token.line, len(lines)) - 1]
    first = max(0, token.column - LINE_SHOWN // 2) if len(line) > LINE_SHOWN else 0
    shown = visible(line[first : first + LINE_SHOWN].replace("\t", " ")).rstrip()
    at = token.column - 1 - first
    margin = f"{token.line:5d}"
    return f"{margin} | {shown}\n{' ' * len(margin)} | {' ' * at}{'^' * max(1, min(token.length, len(shown) - at))}"
