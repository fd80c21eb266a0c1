"""The guarded reading of a text: plain values and their places from the parser's events, and every fault of form at once."""

import re
import stat
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from sim.document.places import HIDDEN, LINE_SHOWN, MOST_PROBLEMS, Document, Source, Spot, Token, Where, lines_of, visible
from sim.errors import Problem, ScenarioError, TrucelineError
from sim.units import shortened

MOST_BYTES = 5_000_000
MOST_NODES = 200_000
DEEPEST = 32
MOST_DIGITS = 18

OTHER_ENCODINGS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
"""How a text in UTF-16 or UTF-32 begins if it says so."""
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


def read(path: Path) -> Document:
    """Return the document in a file.

    Raises:
        TrucelineError: There is no such file, or it cannot be read.
        ScenarioError: All that is wrong with its text.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise TrucelineError(f"{visible(str(path))} is not a file; name the scenario's .yaml file")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise TrucelineError(f"there is no file {visible(str(path))}") from None
    except (OSError, ValueError) as fault:
        raise TrucelineError(f"{visible(str(path))} cannot be read: {getattr(fault, 'strerror', None) or fault}") from None
    return parse_bytes(data, str(path))


def parse_bytes(data: bytes, file: str = "<text>") -> Document:
    """Return the document in the bytes of a file; they must be UTF-8."""
    file = visible(file)
    refuse_large(len(data), file)
    if data.startswith(OTHER_ENCODINGS) or 0 in data[:2]:
        raise ScenarioError([Problem("the file is written in UTF-16 or UTF-32", place=f"{file}:1:1", remedy="save it as UTF-8")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        before = lines_of(fault.object[: fault.start].decode())
        token = Token(len(before), len(before[-1]) + 1, 1)
        source = Source(data.decode("utf-8-sig", "replace"), file)
        raise ScenarioError([source.problem("this byte is not UTF-8", token, "save the file as UTF-8")]) from None
    return parse_text(text, file)


def parse_text(text: str, file: str = "<text>") -> Document:
    r"""Return the document in a text.

    >>> parse_text("at: 12:30\nland: NO\nrate: 1e3\nmask: 010\n").values
    {'at': '12:30', 'land': 'NO', 'rate': 1000.0, 'mask': 10}
    """
    file = visible(file)
    refuse_large(len(text), file)
    reader = Reader(Source(text, file))
    values = reader.read()
    if not isinstance(values, dict):
        what = "the file is empty" if values is None else "the file must be a block of 'key: value' lines"
        reader.fail(what, reader.spots.get((), Spot()).value, "'truceline init' writes a scenario to start from")
    return Document(file, text, values, reader.spots)


def refuse_large(size: int, file: str) -> None:
    """Refuse what is too large for a scenario."""
    if size > MOST_BYTES:
        raise ScenarioError([Problem(f"the file is larger than {MOST_BYTES // 1_000_000} MB", place=file, remedy="is this a scenario?")])


class Reader:
    """One pass over the parser's events, which are safe against nesting and aliases where its objects are not."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self.spots: dict[Where, Spot] = {}
        self.count = 0
        self.events: Iterator[Any] = iter(())

    def read(self) -> Any:
        """Return the plain values; raise all that is wrong at once."""
        values = None
        self.characters()
        if not self.problems:
            self.events = yaml.parse(self.source.text, Loader=LOADER)
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
        self.spots[()] = self.spot(event, event)
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
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.key(event, path)
            here = (*path, key)
            if key in found:
                first = f"{shortened(key)} is given twice in this block (first on line {self.spots[here].key.line})"
                self.note(first, token_of(event), "keep one of them", path)
            value = next(self.events)
            if key not in found:
                self.spots[here] = self.spot(event, value)
            found[key] = self.node(value, here)
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
            self.spots[here] = self.spot(event, event)
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
        return self.number(text, event) if text[0] in "+-.0123456789" else text

    def number(self, text: str, event: Any) -> Any:
        """Read what may be a number."""
        if INTEGER.fullmatch(text):
            if len(text.lstrip("+-0ox")) <= MOST_DIGITS:
                return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
            self.note(f"this number has more than {MOST_DIGITS} digits", token_of(event), "put it in quotes if it is a name")
        elif REAL.fullmatch(text):
            if abs(value := float(text)) != float("inf"):
                return value
            self.note("this number is too large", token_of(event))
        elif NO_NUMBER.fullmatch(text):
            self.note(f"{text} is not allowed here", token_of(event), "write a finite number, or null where a value may be absent")
        return text

    def characters(self) -> None:
        """Refuse characters that a reader of the file does not see."""
        if not HIDDEN.search(self.source.text):
            return
        for number, line in enumerate(lines_of(self.source.text), 1):
            for found in HIDDEN.finditer(line):
                name = unicodedata.name(found[0], "control character").lower()
                what = f"the hidden character U+{ord(found[0]):04X} ({name}) is not allowed"
                self.note(what, Token(number, found.start() + 1, 1), "remove it")

    def syntax(self, fault: yaml.YAMLError) -> None:
        """Note why the parser gave up, in words for the author."""
        problem = f"{getattr(fault, 'problem', None) or fault} {getattr(fault, 'context', None) or ''}".strip()
        message, remedy = next(((m, r) for part, m, r in SYNTAX if part in problem), (problem, ""))
        mark = getattr(fault, "problem_mark", None)
        if any(word in message for word in FROM_CONTEXT):
            mark = getattr(fault, "context_mark", None) or mark
        lines = lines_of(self.source.text)
        line, column = (min(mark.line, len(lines) - 1), mark.column) if mark else (0, 0)
        if tab := re.match(r" *\t", lines[line]):
            message, remedy, column = SYNTAX[0][1], SYNTAX[0][2], tab.end() - 1
        self.note(message, Token(line + 1, min(column, len(lines[line])) + 1, 1), remedy)

    def note(self, message: str, token: Token, remedy: str = "", path: Where = ()) -> None:
        """Keep a problem and read on."""
        self.problems.append(self.source.problem(message, token, remedy, path))
        if len(self.problems) == MOST_PROBLEMS:
            self.fail("the reading stopped here, after so many problems", token)

    def fail(self, message: str, token: Token, remedy: str = "") -> None:
        """Stop the reading with all the problems so far."""
        raise ScenarioError([*self.problems, self.source.problem(message, token, remedy)])

    def spot(self, key: Any, value: Any) -> Spot:
        """Return where the events of a key and of its value stand."""
        return Spot(token_of(key), token_of(value), self.source.origin)


def token_of(event: Any) -> Token:
    """Return where an event stands; what runs over several lines ends with its first."""
    start, end = event.start_mark, event.end_mark
    return Token(start.line + 1, start.column + 1, end.column - start.column if end.line == start.line else LINE_SHOWN)
