"""The scenario file as text: a guarded reading, where each value stands, changes to it, and its faults in the author's words."""

import re
import stat
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cache, lru_cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from sim.errors import Problem, ScenarioError, TrucelineError, did_you_mean
from sim.family import Member
from sim.model import field_quantity, short_names
from sim.units import EXAMPLE, SUFFIX, shortened

Where: TypeAlias = tuple[str | int, ...]
"""The way to a value: keys of blocks and numbers of list items."""
M = TypeVar("M", bound=BaseModel)

MOST_BYTES = 5_000_000
MOST_NODES = 200_000
MOST_PROBLEMS = 200
DEEPEST = 32
MOST_DIGITS = 18
LINE_SHOWN = 120

HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
"""Characters that nobody sees or that change what is seen: controls, line separators, bidirectional overrides, half characters."""
INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
REAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
"""Words that are no text in the core schema of YAML 1.2 (section 10.3.2); `yes`, `on` and `NO` are text."""
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

SYNTAX = (
    ("tab character", "a tab cannot indent a line", "write spaces"),
    ("unexpected end of stream", "this quote is never closed", "close it on the same line"),
    ("mapping values are not allowed", "a ':' cannot stand here", "put a text that holds ': ' in quotes, and check the indent"),
    ("sequence entries are not allowed", "a list item cannot stand here", "start each '- ' on a line of its own"),
    ("expected ','", "this bracket is not closed, or a ',' is missing in it", "close it, and write a ',' between its entries"),
    ("expected ':'", "this key has no ':'", "write 'key: value'"),
    ("block collection", "this line does not belong to the list above it", "check its indent"),
    ("<block end>", "this does not fit what stands before it", "check the indent of the line and its quotes"),
    ("expected key", "this does not fit what stands before it", "check the indent of the line and its quotes"),
    ("cannot start any token", "a text cannot begin with this character", "put the text in quotes"),
    ("escape", "this escape is not known", "use single quotes for a text with a backslash"),
    ("undefined tag", "tags are not read", "remove the word that begins with '!'"),
    ("<document start>", "this does not fit what stands before it", "check the indent of the line and its quotes"),
)
"""What the parser says (a part of it), what that means, and what to write instead."""
FROM_CONTEXT = ("quote", "bracket", "key has no")
"""Faults that are shown where the thing began, not where the parser gave up."""


class Token(NamedTuple):
    """A stretch of one line; lines and columns count from 1."""

    line: int
    column: int
    length: int


class Spot(NamedTuple):
    """Where a key and its value stand, or the option that brought them in."""

    key: Token
    value: Token
    origin: str = ""


START = Token(1, 1, 1)


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
        return self.spots.get(path, Spot(START, START))

    def place(self, path: Where, at_key: bool = False) -> Token:
        """Return the line, column and length of the value at a path, or of its key."""
        return self.spot(path).key if at_key else self.spot(path).value

    def problem(self, message: str, path: Where = (), remedy: str = "", at_key: bool = False) -> Problem:
        """Return what is wrong at a path, with its place and its line."""
        spot = self.spot(path)
        token = spot.key if at_key else spot.value
        if spot.origin:
            return Problem(message, path, remedy, place=spot.origin)
        return Problem(message, path, remedy, f"{self.file}:{token.line}:{token.column}", excerpt(self.text, token))


# Reading


def read(path: Path) -> Document:
    """Return the document in a file.

    Raises:
        TrucelineError: There is no such file, or it cannot be read.
        ScenarioError: All that is wrong with its text.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise TrucelineError(f"{path} is not a file; name the scenario's .yaml file")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise TrucelineError(f"there is no file {path}") from None
    except (OSError, ValueError) as fault:
        raise TrucelineError(f"{visible(str(path))} cannot be read: {getattr(fault, 'strerror', None) or fault}") from None
    return parse_bytes(data, str(path))


def parse_bytes(data: bytes, file: str = "<text>") -> Document:
    """Return the document in the bytes of a file; they must be UTF-8."""
    file = visible(file)
    if len(data) > MOST_BYTES:
        raise ScenarioError([Problem(f"the file is larger than {MOST_BYTES // 1_000_000} MB", place=file, remedy="is this a scenario?")])
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")) or data[:1] == b"\x00" or data[1:2] == b"\x00":
        raise ScenarioError([Problem("the file is written in UTF-16 or UTF-32", place=f"{file}:1:1", remedy="save it as UTF-8")])
    try:
        return parse_text(data.decode("utf-8-sig"), file)
    except UnicodeDecodeError as fault:
        before = lines_of(fault.object[: fault.start].decode("utf-8", "replace"))
        line = lines_of(data.decode("utf-8-sig", "replace"))[len(before) - 1]
        token = Token(len(before), len(before[-1]) + 1, 1)
        shown = excerpt("\n" * (token.line - 1) + line, token)
        raise ScenarioError(
            [Problem("this byte is not UTF-8", place=f"{file}:{token.line}:{token.column}", excerpt=shown, remedy="save the file as UTF-8")]
        ) from None


def parse_text(text: str, file: str = "<text>") -> Document:
    r"""Return the document in a text.

    >>> parse_text("at: 12:30\nland: NO\nrate: 1e3\nmask: 010\n").values
    {'at': '12:30', 'land': 'NO', 'rate': 1000.0, 'mask': 10}
    """
    file = visible(file)
    if len(text) > MOST_BYTES:
        raise ScenarioError([Problem(f"the text is larger than {MOST_BYTES // 1_000_000} MB", place=file, remedy="is this a scenario?")])
    reader = Reader(text, file)
    values = reader.read()
    if not isinstance(values, dict):
        what = "the file is empty" if values is None else "the file must be a block of 'key: value' lines"
        reader.fail(what, reader.spots.get((), Spot(START, START)).value, "'truceline init' writes a scenario to start from")
    return Document(file, text, values, reader.spots)


class Reader:
    """One pass over the parser's events, which are safe against nesting and aliases where its objects are not."""

    def __init__(self, text: str, file: str, origin: str = "") -> None:
        self.text = text
        self.file = file
        self.origin = origin
        self.problems: list[Problem] = []
        self.spots: dict[Where, Spot] = {}
        self.count = 0
        self.events: Iterator[Any] = iter(())

    def read(self) -> Any:
        """Return the plain values; raise all that is wrong at once."""
        self.characters(self.text)
        if not self.problems:
            self.events = yaml.parse(self.text, Loader=LOADER)
            try:
                values = self.document()
            except yaml.YAMLError as fault:
                self.syntax(fault)
        if self.problems:
            raise ScenarioError(self.problems)
        return values

    def document(self) -> Any:
        """Read the one document of the text."""
        next(self.events)
        first = next(self.events)
        if isinstance(first, yaml.StreamEndEvent):
            return None
        if first.tags:
            self.note("tags are not read", token_of(first), "remove the line that begins with '%TAG'")
        event = next(self.events)
        self.spots[()] = Spot(token_of(event), token_of(event), self.origin)
        values = self.node(event, ())
        next(self.events)
        second = next(self.events)
        if not isinstance(second, yaml.StreamEndEvent):
            self.note("a second document begins here", token_of(second), "keep one scenario in one file")
        return values

    def node(self, event: Any, path: Where) -> Any:
        """Read one value of any form."""
        self.count += 1
        if self.count > MOST_NODES:
            self.fail(f"the file holds more than {MOST_NODES:,} values", token_of(event))
        if isinstance(event, yaml.AliasEvent):
            self.note(f"aliases such as {shortened(f'*{event.anchor}')} are not read", token_of(event), "write the value out")
            return None
        if event.anchor is not None:
            self.note(f"anchors such as {shortened(f'&{event.anchor}')} are not read", token_of(event), "write each value where it is used")
        if event.tag is not None:
            self.note(f"tags such as {shortened(event.tag)} are not read", token_of(event), "write the plain value")
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event)
        if len(path) >= DEEPEST:
            self.fail(f"blocks are nested deeper than {DEEPEST} levels", token_of(event))
        return self.block(path) if isinstance(event, yaml.MappingStartEvent) else self.items(path)

    def block(self, path: Where) -> dict[str, Any]:
        """Read the keys and values of a block."""
        found: dict[str, Any] = {}
        lines: dict[str, int] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            at = token_of(event)
            key = self.key(event, path)
            if key in lines:
                self.note(f"{shortened(key)} is given twice in this block (first on line {lines[key]})", at, "keep one of them", path)
            lines.setdefault(key, at.line)
            value = next(self.events)
            self.spots[(*path, key)] = Spot(at, token_of(value), self.origin)
            found[key] = self.node(value, (*path, key))
        return found

    def key(self, event: Any, path: Where) -> str:
        """Read the key of an entry, which must be a text."""
        value = self.node(event, (*path, "?"))
        if isinstance(value, str) and not (value == "<<" and event.implicit[0]):
            return value
        at = token_of(event)
        if value == "<<":
            self.note("merge keys are not read", at, "write the keys out", path)
        elif isinstance(event, yaml.ScalarEvent):
            self.note(f"a key must be a text, not {shortened(value)}", at, "put the key in quotes", path)
        elif not isinstance(event, yaml.AliasEvent):
            self.note("a key must be a text, not a block or a list", at, "write a name", path)
        return f"? {self.count}"

    def items(self, path: Where) -> list[Any]:
        """Read the items of a list."""
        found: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            here = (*path, len(found))
            at = token_of(event)
            self.spots[here] = Spot(at, at, self.origin)
            found.append(self.node(event, here))
        return found

    def scalar(self, event: Any) -> Any:
        """Read a text, a number, a truth or a null by the core schema of YAML 1.2."""
        text: str = event.value
        if not event.implicit[0]:
            if HIDDEN.search(text):
                self.note("this text holds a hidden or control character", token_of(event), "remove the escape")
            return text
        if text in WORDS:
            return WORDS[text]
        if text[0] not in "+-.0123456789":
            return text
        return self.number(text, event)

    def number(self, text: str, event: Any) -> Any:
        """Read what may be a number."""
        if INTEGER.fullmatch(text):
            if len(text.lstrip("+-0ox")) > MOST_DIGITS:
                self.note(f"this number has more than {MOST_DIGITS} digits", token_of(event), "put it in quotes if it is a name")
                return 0
            return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
        if REAL.fullmatch(text):
            value = float(text)
            if abs(value) != float("inf"):
                return value
            self.note("this number is too large", token_of(event))
            return 0.0
        if NO_NUMBER.fullmatch(text):
            self.note(f"{text} is not allowed here", token_of(event), "write a finite number, or null where a value may be absent")
            return 0.0
        return text

    def characters(self, text: str) -> None:
        """Refuse characters that a reader of the file does not see."""
        starts: list[int] | None = None
        for found in HIDDEN.finditer(text):
            starts = starts or [0, *(end.end() for end in NEWLINE.finditer(text))]
            line = bisect_right(starts, found.start())
            name = unicodedata.name(found[0], "control character").lower()
            token = Token(line, found.start() - starts[line - 1] + 1, 1)
            self.note(f"the hidden character U+{ord(found[0]):04X} ({name}) is not allowed", token, "remove it")

    def syntax(self, fault: yaml.YAMLError) -> None:
        """Note why the parser gave up, in words for the author."""
        problem = f"{getattr(fault, 'problem', None) or fault} {getattr(fault, 'context', None) or ''}".strip()
        mark = getattr(fault, "problem_mark", None)
        begin = getattr(fault, "context_mark", None) or mark
        message, remedy = next(((m, r) for part, m, r in SYNTAX if part in problem), (problem, ""))
        lines = lines_of(self.text)
        if any(word in message for word in FROM_CONTEXT):
            mark = begin
        line, column = (min(mark.line, len(lines) - 1), mark.column) if mark else (0, 0)
        if tab := re.match(r" *\t", lines[line]):
            message, remedy, column = SYNTAX[0][1], SYNTAX[0][2], tab.end() - 1
        self.note(message, Token(line + 1, min(column, len(lines[line])) + 1, 1), remedy)

    def note(self, message: str, token: Token, remedy: str = "", path: Where = ()) -> None:
        """Keep a problem and read on."""
        if self.origin:
            self.problems.append(Problem(message, path, remedy, place=self.origin))
        else:
            place = f"{self.file}:{token.line}:{token.column}"
            self.problems.append(Problem(message, path, remedy, place, excerpt(self.text, token)))
        if len(self.problems) == MOST_PROBLEMS:
            self.fail("the reading stopped here, after so many problems", token)

    def fail(self, message: str, token: Token, remedy: str = "") -> None:
        """Stop the reading with all the problems so far."""
        place = self.origin or f"{self.file}:{token.line}:{token.column}"
        last = Problem(message, (), remedy, place, "" if self.origin else excerpt(self.text, token))
        raise ScenarioError([*self.problems, last])


NEWLINE = re.compile(r"\r\n|\r|\n")


@lru_cache(maxsize=4)
def lines_of(text: str) -> list[str]:
    """Return the lines of a text as the parser counts them."""
    return NEWLINE.split(text)


def token_of(event: Any) -> Token:
    """Return where an event stands; what runs over several lines ends with its first."""
    start, end = event.start_mark, event.end_mark
    return Token(start.line + 1, start.column + 1, end.column - start.column if end.line == start.line else LINE_SHOWN)


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


# Changes


PART = re.compile(r"""\[([0-9]+)\]|\.?(?:"([^"]*)"|'([^']*)'|([^.\["'\s][^.\["']*))""")


def parts_of(text: str) -> list[str]:
    """Return the parts of a written path.

    >>> parts_of('desk."day shift".staff[0].*')
    ['desk', 'day shift', 'staff', '0', '*']
    """
    parts, end = [], 0
    while end < len(text):
        found = PART.match(text, end)
        if not found or (end == 0 and text.startswith((".", "["))) or (end > 0 and text[end] not in ".["):
            raise ValueError(
                f"{shortened(text)} is no path; write for example sensors.tower.count, with quotes around a name that has dots"
            )
        parts.append(next(part for part in found.groups() if part is not None))
        end = found.end()
    if not parts:
        raise ValueError("the path is empty; write for example sensors.tower.count")
    return parts


def parse_setting(text: str) -> tuple[str, str]:
    """Return the path and the value of `PATH=VALUE`.

    >>> parse_setting("sensors.tower.range=3 km")
    ('sensors.tower.range', '3 km')
    """
    found = re.match(r"""((?:"[^"]*"|'[^']*'|[^="'])*)=(.*)""", text, re.DOTALL)
    if not found or not found[1].strip():
        raise TrucelineError(f"{shortened(text)} is no setting; write PATH=VALUE, for example sensors.tower.count=3")
    return found[1].strip(), found[2]


def override(document: Document, path_text: str, value_text: str, origin: str = "") -> Document:
    """Return the document with a value written on the command line; `null` removes the key.

    Args:
        document: What is changed.
        path_text: Names joined by dots; `*` stands for every key of a block, `[0]` for an item of a list.
        value_text: The value as it would be written in the file.
        origin: What an error names as its place, else `--set PATH=VALUE`.

    Raises:
        ScenarioError: The path does not lead anywhere, or the value cannot be read.
    """
    origin = visible(origin or f"--set {path_text}={value_text}")
    reader = Reader(value_text, document.file, origin)
    value = reader.read()
    if value is None and value_text.strip() != "null":
        raise ScenarioError([Problem("the value is missing", place=origin, remedy="write null to remove a key, '' for an empty text")])
    try:
        return changed(document, path_text, value, reader.spots)
    except ValueError as fault:
        raise ScenarioError([Problem(str(fault), place=origin)]) from None


def apply_changes(document: Document, changes: Mapping[str, Any], origin_path: Where) -> Document:
    """Return the document with the changes of a mix; `None` removes a key.

    Args:
        document: What is changed.
        changes: Values by written path.
        origin_path: Where the changes stand in the document, so that their errors point there.

    Raises:
        ScenarioError: All paths that lead nowhere.
    """
    result, problems = document, []
    for path_text, value in changes.items():
        here = (*origin_path, path_text)
        try:
            result = changed(result, path_text, value, spots_below(document, here))
        except ValueError as fault:
            problems.append(document.problem(str(fault), here, at_key=True))
    if problems:
        raise ScenarioError(problems)
    return result


def spots_below(document: Document, path: Where) -> dict[Where, Spot]:
    """Return where a value and all in it stand, by the path within it."""
    if path not in document.spots:
        return {(): Spot(START, START, "in " + ".".join(map(str, path)))}
    return {where[len(path) :]: spot for where, spot in document.spots.items() if where[: len(path)] == path}


def changed(document: Document, path_text: str, value: Any, spots: Mapping[Where, Spot]) -> Document:
    """Return the document with a value put at every place that a path names."""
    targets = dict.fromkeys(places(document.values, parts_of(path_text), removing=value is None))
    root = next(iter(spots.values()))
    values, length = document.values, len(next(iter(targets)))
    kept = {where: spot for where, spot in document.spots.items() if where[:length] not in targets}
    for target in targets:
        values = put(values, target, value)
        kept[target] = root
        kept |= {target + where: spot for where, spot in spots.items()}
    return replace(document, values=values, spots=kept)


def places(values: Any, parts: list[str], removing: bool) -> list[Where]:
    """Return the paths that the parts of a written path name; only the last part may be new."""
    found: list[tuple[Where, Any]] = [((), values)]
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        found = [((*path, key), below(block, key)) for path, block in found for key in matches(block, part, path, last and not removing)]
        if not found:
            raise ValueError(f"'*' matches nothing in {dotted(parts[:number])}")
    if removing and any(isinstance(path[-1], int) for path, _ in found):
        raise ValueError("an item of a list cannot be removed; set the whole list instead")
    return [path for path, _ in found]


def matches(block: Any, part: str, path: Where, may_be_new: bool) -> list[str | int]:
    """Return the keys or the item of a block or list that a part of a path names."""
    if part == "*" and isinstance(block, (dict, list)):
        return list(block) if isinstance(block, dict) else list(range(len(block)))
    if isinstance(block, list):
        if not part.isdecimal() or int(part) >= len(block):
            raise ValueError(f"{dotted(path)} is a list of {len(block)} items; write a number from 0, not {shortened(part)}")
        return [int(part)]
    if not isinstance(block, dict):
        raise ValueError(f"{dotted(path)} is not a block, so it has no {shortened(part)}")
    if part in block or may_be_new:
        return [part]
    hint = did_you_mean(part, block) or f"it has {', '.join(list(block)[:12])}"
    raise ValueError(f"there is no {shortened(part)} in {dotted(path)}; {hint}")


def below(block: Any, key: str | int) -> Any:
    """Return the value of a key, `None` where it is new."""
    return block.get(key) if isinstance(block, dict) else block[key]


def dotted(path: Iterable[str | int]) -> str:
    """Return a path as it is written."""
    return ".".join(map(str, path)) or "the file"


def put(values: Any, path: Where, value: Any) -> Any:
    """Return a copy of nested values with the value at one path replaced, added, or removed where it is `None`."""
    key, rest = path[0], path[1:]
    if isinstance(values, list):
        return [put(item, rest, value) if rest and index == key else value if index == key else item for index, item in enumerate(values)]
    if rest:
        return {**values, key: put(values[key], rest, value)}
    if value is None or key not in values:
        values = {name: item for name, item in values.items() if name != key and not same_quantity(name, str(key))}
    return values if value is None else {**values, key: value}


def same_quantity(name: str, other: str) -> bool:
    """Tell whether two different names are one quantity, with and without its unit."""
    return any(name == other + suffix or other == name + suffix for suffix, _ in SUFFIX.values())


# Faults in the author's words


SCALARS: dict[Any, tuple[str, tuple[type, ...]]] = {
    float: ("a number", (int, float)),
    int: ("a whole number", (int, float)),
    bool: ("true or false", (bool,)),
    str: ("a text", (str,)),
    datetime: ("a time such as 2026-03-01T00:00:00Z", (str,)),
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


def checked(document: Document, model: type[M]) -> M:
    """Return the document as a checked record.

    Raises:
        ScenarioError: All that is wrong, each problem where it stands.
    """
    wrong = misfits(document, model)
    try:
        record = model.model_validate(document.values)
    except ValidationError as fault:
        told = [problem for problem in explain(document, fault, model) if problem.path not in wrong]
        raise ScenarioError(in_order([*wrong.values(), *told])[:MOST_PROBLEMS]) from None
    if wrong:
        raise ScenarioError(in_order(wrong.values())[:MOST_PROBLEMS])
    return record


def explain(document: Document, error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """Return every fault that pydantic found, where it stands in the document and in words for its author."""
    by_path: dict[tuple[Where, str], Problem] = {}
    for fault in error.errors(include_url=False)[:MOST_PROBLEMS]:
        problem = explained(document, dict(fault), model)
        kind = fault["type"] if fault["type"] in ("missing", "extra_forbidden") else ""
        known = by_path.get((problem.path, kind))
        if known and problem.message not in known.message:
            problem = replace(known, message=f"{known.message}; or {problem.message}")
        by_path[problem.path, kind] = known if known and problem.message in known.message else problem
    return in_order(by_path.values())


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems by line and column; those of options come last."""

    def place(problem: Problem) -> tuple[int, ...]:
        numbers = re.search(r":(\d+):(\d+)$", problem.place)
        return (0, int(numbers[1]), int(numbers[2])) if numbers else (1, 0, 0)

    return sorted(problems, key=place)


def explained(document: Document, fault: dict[str, Any], model: type[BaseModel]) -> Problem:
    """Return one fault of pydantic as a problem."""
    code, words = fault["type"], fault.get("ctx", {})
    path, left = located(document.values, model, (*fault["loc"], *pieces(words.get("at"))))
    if code == "missing" and isinstance(value_at(document, path), list):
        return document.problem(f"this list is too short; it has {len(value_at(document, path))}", path)
    if code == "missing":
        return missing(document, path, str(left[-1]), model)
    if code == "extra_forbidden":
        known = [
            name for block in records(types_at(model, document, path[:-1]), value_at(document, path[:-1])) for name in spellings(block)
        ]
        remedy = did_you_mean(str(path[-1]), known) or f"known here: {', '.join(known)}"
        return document.problem(f"unknown key {shortened(path[-1])}", path, remedy, at_key=True)
    value = value_at(document, path)
    if code == "union_tag_invalid":
        return unknown_tag(document, path, words)
    at_key = isinstance(value, (dict, list))
    message, remedy = said(code, fault["msg"], words, value)
    if code.startswith(("model_", "dict_")):
        remedy = form(types_at(model, document, path))
    if code not in MESSAGES or value is not None:
        return document.problem(message, path, remedy, at_key)
    return document.problem(
        f"{shortened(path[-1]) if path else 'the file'} is empty", path, "write a value, or remove the key", at_key=True
    )


def form(types: list[Any]) -> str:
    """Return how the block that is missing could be written, empty where that would be long."""
    fields = [(short, field) for block in records(types, None) for short, (_, field) in spellings(block).items() if field]
    needed = [f"{short}: {example(field)}" for short, field in fields if field.is_required() and example(field)]
    return f"write for example {{{', '.join(needed)}}}" if 0 < len(needed) <= 3 else ""


def pieces(at: Any) -> tuple[str | int, ...]:
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


def unknown_tag(document: Document, path: Where, words: Mapping[str, Any]) -> Problem:
    """Return a problem with the word that chooses between forms of a block."""
    tag = str(words.get("tag", ""))
    known = re.findall(r"'([^']*)'", str(words.get("expected_tags", "")))
    block = value_at(document, path)
    chooser = next((key for key, value in block.items() if str(value) == tag), None) if isinstance(block, dict) else None
    message = f"unknown {chooser or 'form'} {shortened(tag)}; one of {', '.join(known)}"
    return document.problem(message, path if chooser is None else (*path, chooser), did_you_mean(tag, known))


def missing(document: Document, path: Where, name: str, model: type[BaseModel]) -> Problem:
    """Return a problem with a block that lacks a key."""
    blocks = records(types_at(model, document, path), value_at(document, path))
    fields = {full: (short, field) for block in blocks for short, (full, field) in spellings(block).items() if field}
    short, field = fields.get(name, (name, None))
    remedy = f"write for example '{short}: {example(field)}'" if field and example(field) else f"write a block '{short}:'"
    problem = document.problem(f"{shortened(short)} is missing", path, remedy, at_key=True)
    removed = document.spots.get((*path, short)) or document.spots.get((*path, name))
    if removed:
        problem = document.problem(problem.message, (*path, short if (*path, short) in document.spots else name), remedy, at_key=True)
    return replace(problem, path=(*path, short))


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


# Where an error of the model stands in the document


def located(values: Any, model: type[BaseModel], loc: Where) -> tuple[Where, Where]:
    """Return the path in the document that pydantic's location means, and what of the location is not in the document.

    Pydantic names fields in full, and puts the tags of unions and the names of functions between them.
    """
    path: Where = ()
    types: list[Any] = [model]
    left: list[str | int] = []
    for part in loc:
        key = spelled(types, values, part)
        if key is None:
            left.append(part)
            continue
        types, values, path, left = step(types, values, key), below(values, key), (*path, key), []
    return path, tuple(left)


def spelled(types: list[Any], value: Any, part: str | int) -> str | int | None:
    """Return a part of pydantic's location as it stands in the document, if it does."""
    if isinstance(value, list):
        return part if isinstance(part, int) and part < len(value) else None
    if not isinstance(value, dict):
        return None
    shorts = [short for block in records(types, value) for short, full in short_names(block).items() if full == part]
    return next((name for name in [part, *shorts] if name in value), None)


def value_at(document: Document, path: Where) -> Any:
    """Return the value at a path of the document."""
    value: Any = document.values
    for key in path:
        value = below(value, key)
    return value


def types_at(model: type[BaseModel], document: Document, path: Where) -> list[Any]:
    """Return the types that the model allows at a path of the document."""
    types: list[Any] = [model]
    value: Any = document.values
    for key in path:
        types, value = step(types, value, key), below(value, key)
    return types


def step(types: list[Any], value: Any, key: str | int) -> list[Any]:
    """Return the types that may stand at a key of a value of the given types."""
    found: list[Any] = []
    for block in records(types, value):
        _, field = spellings(block).get(str(key)) or full_spellings(block).get(str(key)) or ("", None)
        found += choices(field.annotation) if field else []
    for kind in types:
        origin, args = get_origin(kind), get_args(kind)
        if origin in (dict, Mapping):
            found += choices(args[1])
        elif origin is tuple and args[-1] is not Ellipsis:
            found += choices(args[key]) if isinstance(key, int) and key < len(args) else []
        elif origin in (list, tuple, set, frozenset):
            found += choices(args[0])
    return found


def choices(annotation: Any) -> list[Any]:
    """Return the types of an annotation, without the marks and unions around them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return choices(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [kind for part in get_args(annotation) for kind in choices(part)]
    return [annotation]


def records(types: list[Any], value: Any) -> list[type[BaseModel]]:
    """Return the records among types; a family is taken as the kind that the value names, a union as the form that fits it."""
    blocks = [kind for kind in types if isinstance(kind, type) and issubclass(kind, BaseModel)]
    written = value if isinstance(value, dict) else {}
    kinds = [
        block.kinds.get(str(written.get("kind")), block) if issubclass(block, Member) and not block.kind_name else block
        for block in blocks
    ]
    fitting = [block for block in kinds if all(fits(word, needed, written.get(name)) for name, word, needed in fixed_words(block))]
    return fitting or kinds


def fits(word: Any, needed: bool, written: Any) -> bool:
    """Tell whether what is written where a form has a fixed word is that word."""
    return written == word or (written is None and not needed)


@cache
def fixed_words(model: type[BaseModel]) -> list[tuple[str, Any, bool]]:
    """Return the fields of a record that allow only one word: its name, the word, and whether it must be written."""
    found = []
    for name, field in model.model_fields.items():
        words = [word for kind in choices(field.annotation) if get_origin(kind) is Literal for word in get_args(kind)]
        if len(words) == 1:
            found.append((name, words[0], field.is_required()))
    return found


@cache
def full_spellings(model: type[BaseModel]) -> dict[str, tuple[str, FieldInfo | None]]:
    """Return the fields of a record by their full names."""
    return {full: (full, field) for full, field in spellings(model).values()}


@cache
def spellings(model: type[BaseModel]) -> dict[str, tuple[str, FieldInfo | None]]:
    """Return the fields of a record by the names under which a scenario would have them; a member of a family also has its kind."""
    short = {full: name for name, full in short_names(model).items()}
    member = issubclass(model, Member)
    named = {field.alias or name: field for name, field in model.model_fields.items() if not (member and name == "name")}
    fields: dict[str, tuple[str, FieldInfo | None]] = {short.get(name, name): (name, field) for name, field in named.items()}
    return {"kind": ("kind", None), **fields} if member else fields


def misfits(document: Document, model: type[BaseModel]) -> dict[Where, Problem]:
    """Return the plain values of another type than the model's, which pydantic would convert: a text for a number, `yes` for true."""
    found: dict[Where, Problem] = {}

    def walk(types: list[Any], value: Any, path: Where) -> None:
        if isinstance(value, (dict, list)):
            quantities = {name for block in records(types, value) for pair in short_names(block).items() for name in pair}
            for key, item in value.items() if isinstance(value, dict) else enumerate(value):
                if key not in quantities:
                    walk(step(types, value, key), item, (*path, key))
        elif len(found) < MOST_PROBLEMS and (expected := misfit(types, value)):
            found[path] = wrong_type(document, path, value, expected)

    walk([model], document.values, ())
    return found


def misfit(types: list[Any], value: Any) -> str:
    """Return what must stand where a plain value stands, empty where it may."""
    if not types or any(kind not in SCALARS and kind is not NoneType for kind in types):
        return ""
    if value is None and NoneType in types:
        return ""
    plain = [SCALARS[kind] for kind in types if kind is not NoneType]
    return "" if any(type(value) in allowed for _, allowed in plain) else " or ".join(dict.fromkeys(words for words, _ in plain))


def wrong_type(document: Document, path: Where, value: Any, expected: str) -> Problem:
    """Return a problem with a plain value of the wrong type."""
    if value is None:
        return document.problem(f"{shortened(path[-1])} is empty", path, f"write {expected}", at_key=True)
    remedy = ""
    if expected == "a text":
        remedy = "put it in quotes"
    elif expected == "true or false":
        remedy = {"yes": "write true", "on": "write true", "no": "write false", "off": "write false"}.get(str(value).lower(), "")
    return document.problem(f"{shortened(value)} must be {expected}", path, remedy)
