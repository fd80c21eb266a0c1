"""Mistakes that people and attackers make in a scenario: each operator spoils a valid text and knows the line of the fault."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")

WHOLE_FILE = 0
"""The line of a fault that has none: only the file is named."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A spoiled file."""

    name: str
    data: bytes
    line: int
    """Where an error must point, counted from 1; `WHOLE_FILE` where only the file is named."""
    slack: int = 0
    """How many lines away the error may be, where YAML itself cannot know better."""


class Dice:
    """Throws that depend on a name alone, on every machine and version."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.thrown = 0

    def randint(self, low: int, high: int) -> int:
        """Return a whole number between the two, both included."""
        self.thrown += 1
        return low + int.from_bytes(sha256(f"{self.name} {self.thrown}".encode()).digest()[:8]) % (high - low + 1)

    def choice(self, items: Sequence[T]) -> T:
        """Return one of the items."""
        return items[self.randint(0, len(items) - 1)]


@dataclass(frozen=True, slots=True)
class Entry:
    """One `key: value` line."""

    index: int
    indent: str
    key: str
    value: str
    top: str
    """The block at the top level in which it stands."""

    def line(self, value: str, key: str = "") -> str:
        """Return the line anew with another value or key."""
        return f"{self.indent}{key or self.key}: {value}"


Operator = Callable[[str, Dice], Mistake | None]
OPERATORS: dict[str, Operator] = {}
ENTRY = re.compile(r"( *)([A-Za-z_][\w -]*):(?: +(?!#)(.*?))?(?:\s+#.*)?$")
QUANTITY = re.compile(r"[0-9.]+ (m|km|s|min|h|d|days?|weeks?|/h|/day|/week|km/h|m/s)")
UNCHECKED = ("experiment", "name")
"""Blocks at the top in which values are free: mixes are checked when they are applied."""


def operator(mistake: Operator) -> Operator:
    """Register an operator under its own name."""
    OPERATORS[mistake.__name__] = mistake
    return mistake


def corpus(text: str, number: int, seed: int = 1) -> list[Mistake]:
    """Return so many spoiled files, each operator in its turn, the same for the same seed."""
    found: list[Mistake] = []
    turn = 0
    while len(found) < number and turn < 10 * (number + len(OPERATORS)):
        name, spoil = list(OPERATORS.items())[turn % len(OPERATORS)]
        mistake = spoil(text, Dice(f"{seed} {turn} {name}"))
        if mistake:
            found.append(mistake)
        turn += 1
    return found


def entries(text: str) -> list[Entry]:
    """Return the `key: value` lines outside of the blocks that are not checked."""
    found, top = [], ""
    for index, line in enumerate(text.split("\n")):
        match = ENTRY.fullmatch(line)
        if match and not match[1]:
            top = match[2]
        if match and top not in UNCHECKED:
            found.append(Entry(index, match[1], match[2], match[3] or "", top))
    return found


def siblings_of_kind(text: str) -> list[Entry]:
    """Return the lines that stand beside a `kind:`, whose keys are fields and no free names."""
    every = entries(text)
    beside = []
    for kind in (entry for entry in every if entry.key == "kind"):
        after = [entry for entry in every if entry.index > kind.index]
        for entry in after:
            if len(entry.indent) < len(kind.indent):
                break
            if entry.indent == kind.indent:
                beside.append(entry)
    return beside


def changed(text: str, index: int, *lines: str) -> str:
    """Return the text with one line replaced by others."""
    all_lines = text.split("\n")
    return "\n".join([*all_lines[:index], *lines, *all_lines[index + 1 :]])


def swapped(text: str, entry: Entry, value: str, name: str, slack: int = 0) -> Mistake:
    """Return the mistake of another value on a line."""
    return Mistake(name, changed(text, entry.index, entry.line(value)).encode(), entry.index + 1, slack)


def added(text: str, lines: str, name: str, line: int = 1) -> Mistake:
    """Return the mistake of lines at the end; the fault is on one of them, counted from 1."""
    body = text.rstrip("\n")
    return Mistake(name, f"{body}\n{lines}\n".encode(), body.count("\n") + 1 + line)


def any_of(found: list[Entry], dice: Dice) -> Entry | None:
    """Return one of the entries, none where there is none."""
    return dice.choice(found) if found else None


def scalars(text: str) -> list[Entry]:
    """Return the lines with a plain value."""
    return [entry for entry in entries(text) if entry.value and entry.value[0] not in "{[|>\"'&*"]


def quantities(text: str) -> list[Entry]:
    """Return the lines whose value is one number with a unit."""
    return [entry for entry in entries(text) if QUANTITY.fullmatch(entry.value)]


def numbers(text: str) -> list[Entry]:
    """Return the lines whose value is one plain number."""
    return [entry for entry in entries(text) if re.fullmatch(r"-?[0-9.]+", entry.value)]


def respelled(value: Callable[[Entry, Dice], str], found: Callable[[str], list[Entry]], name: str, slack: int = 0) -> None:
    """Register the operator that writes another value on one of the lines found."""

    def spoil(text: str, dice: Dice) -> Mistake | None:
        entry = any_of(found(text), dice)
        return swapped(text, entry, value(entry, dice), name, slack) if entry else None

    OPERATORS[name] = spoil


respelled(lambda entry, dice: dice.choice(["many", "1,5", "0x", "1_000", "12 or 13", "５", "१२"]), numbers, "wrong_number")
respelled(lambda entry, _: f"'{entry.value}'", numbers, "number_in_quotes")
respelled(
    lambda entry, dice: entry.value.split()[0] + dice.choice([" kg", " furlong", " kilometres", "km5", " kmm"]), quantities, "wrong_unit"
)
respelled(lambda entry, dice: dice.choice(["7", "1e3", "0.5"]), quantities, "bare_number")
respelled(lambda entry, dice: entry.value.replace(" ", dice.choice([",5 ", ".5.5 "])), quantities, "comma_decimal")
respelled(lambda entry, _: "५" + entry.value[entry.value.index(" ") :], quantities, "other_digits")
respelled(lambda entry, _: "1" * 5000 + entry.value[entry.value.index(" ") :], quantities, "endless_quantity")
respelled(
    lambda entry, dice: dice.choice(["9" * 19, "9" * 5000, "-" + "1" * 30]), lambda text: numbers(text) + quantities(text), "huge_integer"
)
respelled(
    lambda entry, dice: dice.choice([".nan", ".inf", "-.inf", ".NaN", "1.0e+400"]),
    lambda text: numbers(text) + quantities(text),
    "no_number",
)
respelled(lambda entry, dice: dice.choice(["{a: 1}", "[1, 2]"]), lambda text: numbers(text) + quantities(text), "block_for_value")
respelled(lambda entry, _: f"{entry.value}: 1", scalars, "extra_colon")
respelled(lambda entry, dice: dice.choice(["!!python/object/apply:os.system [id]", "!!int '3'", "!include x.yaml", "! x"]), scalars, "tag")
respelled(lambda entry, _: f"&here {entry.value}", scalars, "anchor")
respelled(lambda entry, _: "*here", scalars, "alias")
respelled(lambda entry, _: "&a [*a, *a]", scalars, "alias_of_itself")
respelled(lambda entry, dice: "[" * dice.choice([33, 100, 20_000]), scalars, "nesting")
respelled(lambda entry, dice: "{a: " * dice.choice([33, 100, 20_000]), scalars, "nested_blocks")
respelled(lambda entry, dice: entry.value + dice.choice("\x00\x01\x07\x1b\x7f\x9b\x85"), scalars, "control")
respelled(lambda entry, dice: entry.value + dice.choice("\u202e\u2066\u2028\ufeff"), scalars, "bidi_override")
respelled(lambda entry, dice: dice.choice(['"\\u202e"', '"\\0"', '"\\e[31m"']), scalars, "hidden_in_escape")
respelled(lambda entry, dice: dice.choice(['"\\ud800"', '"\\q"', '"\\x"']), scalars, "bad_escape")
respelled(lambda entry, _: f"[{entry.value}", scalars, "open_bracket")
respelled(lambda entry, _: f"- {entry.value}", scalars, "list_on_the_line")
respelled(lambda entry, dice: dice.choice("@`%") + entry.value, scalars, "reserved_character")


@operator
def typo_in_key(text: str, dice: Dice) -> Mistake | None:
    """A key with two letters swapped."""
    entry = any_of([entry for entry in siblings_of_kind(text) if len(entry.key) > 3], dice)
    if not entry:
        return None
    wrong = entry.key[0] + entry.key[2] + entry.key[1] + entry.key[3:]
    wrong = wrong if wrong != entry.key else entry.key + "x"
    return Mistake("typo_in_key", changed(text, entry.index, entry.line(entry.value, wrong)).encode(), entry.index + 1)


@operator
def missing_kind(text: str, dice: Dice) -> Mistake | None:
    """An entry without its kind; the error points at the entry's name, on the line of the key above."""
    entry = any_of([entry for entry in entries(text) if entry.key == "kind" and not opens_entry_late(text, entry)], dice)
    return Mistake("missing_kind", changed(text, entry.index).encode(), entry.index) if entry else None


def opens_entry_late(text: str, entry: Entry) -> bool:
    """Tell whether a line is not the first of its block."""
    above = ENTRY.fullmatch(text.split("\n")[entry.index - 1])
    return not above or bool(above[3]) or len(above[1]) >= len(entry.indent)


@operator
def missing_block(text: str, dice: Dice) -> Mistake | None:
    """A file without the version of its format."""
    lines = text.split("\n")
    index = next((number for number, line in enumerate(lines) if line.startswith("truceline:")), None)
    if index is None:
        return None
    spoiled = changed(text, index)
    first = next(number for number, line in enumerate(spoiled.split("\n"), 1) if line.strip() and not line.startswith("#"))
    return Mistake("missing_block", spoiled.encode(), first)


@operator
def unknown_kind(text: str, dice: Dice) -> Mistake | None:
    """A kind that nobody has."""
    entry = any_of([entry for entry in entries(text) if entry.key == "kind"], dice)
    wrong = dice.choice(["acustic", "", "[tower]", "7", "__class__", "null"])
    return swapped(text, entry, wrong, "unknown_kind") if entry else None


@operator
def unknown_block(text: str, dice: Dice) -> Mistake:
    """A block at the top that the format does not know."""
    return added(text, dice.choice(["sensor: {}", "extra: 1", "'{{ 7 * 7 }}': x", "${HOME}: x"]), "unknown_block")


@operator
def repeated_key(text: str, dice: Dice) -> Mistake | None:
    """A line that stands twice."""
    entry = any_of(scalars(text), dice)
    if not entry:
        return None
    line = entry.line(entry.value)
    return Mistake("repeated_key", changed(text, entry.index, line, line).encode(), entry.index + 2)


@operator
def tab(text: str, dice: Dice) -> Mistake | None:
    """A line that is indented with a tab."""
    entry = any_of([entry for entry in entries(text) if entry.indent], dice)
    return Mistake("tab", changed(text, entry.index, "\t" + entry.line(entry.value).lstrip()).encode(), entry.index + 1) if entry else None


@operator
def truncation(text: str, dice: Dice) -> Mistake | None:
    """A file that ends within a bracket."""
    entry = any_of([entry for entry in entries(text) if entry.value.startswith(("{", "[")) and len(entry.value) > 4], dice)
    if not entry:
        return None
    kept = text.split("\n")[: entry.index]
    return Mistake(
        "truncation", "\n".join([*kept, entry.line(entry.value[: dice.randint(1, len(entry.value) - 1)])]).encode(), entry.index + 1
    )


@operator
def open_quote(text: str, dice: Dice) -> Mistake | None:
    """A quote that is never closed."""
    last = text.count("\n", 0, text.rfind('"')) if '"' in text else -1
    entry = any_of([entry for entry in scalars(text) if entry.index > last], dice)
    return swapped(text, entry, f'"{entry.value}', "open_quote") if entry else None


@operator
def alias_bomb(text: str, dice: Dice) -> Mistake:
    """Nine lists, each of nine times the one before."""
    bomb = ["a0: &a0 [lol]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10))]
    return added(text, "\n".join(bomb), "alias_bomb")


@operator
def merge_bomb(text: str, dice: Dice) -> Mistake:
    """Merge keys within merge keys."""
    bomb = ["m0: &m0 {a: 1}", *(f"m{n}: &m{n} {{<<: [*m{n - 1}, *m{n - 1}], b{n}: 1}}" for n in range(1, 200))]
    return added(text, "\n".join(bomb), "merge_bomb", 2)


@operator
def merge_key(text: str, dice: Dice) -> Mistake | None:
    """A merge key beside a kind."""
    entry = any_of(siblings_of_kind(text), dice)
    if not entry:
        return None
    spoiled = changed(text, entry.index, f"{entry.indent}<<: {{a: 1}}", entry.line(entry.value))
    return Mistake("merge_key", spoiled.encode(), entry.index + 1)


@operator
def bad_utf8(text: str, dice: Dice) -> Mistake | None:
    """Bytes that are not UTF-8."""
    entry = any_of(entries(text), dice)
    if not entry:
        return None
    spoiled = changed(text, entry.index, entry.line(entry.value + "HERE")).encode()
    bad = dice.choice([b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\xf8\x88", b"\xe9t\xe9"])
    return Mistake("bad_utf8", spoiled.replace(b"HERE", bad), entry.index + 1)


@operator
def other_encoding(text: str, dice: Dice) -> Mistake:
    """UTF-16 or UTF-32, with and without a mark."""
    return Mistake("other_encoding", text.encode(dice.choice(["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])), 1)


@operator
def wrong_root(text: str, dice: Dice) -> Mistake:
    """A file that is no block."""
    return Mistake("wrong_root", dice.choice([b"- a\n- b\n", b"just a text\n", b"", b"42\n", b"[]\n", b"~", b"'x'\n", b"\xef\xbb\xbf"]), 1)


@operator
def wrong_clock(text: str, dice: Dice) -> Mistake | None:
    """A clock time where a duration belongs."""
    entry = any_of([entry for entry in quantities(text) if entry.value.endswith((" h", " min", " s", " d"))], dice)
    return swapped(text, entry, dice.choice(["24:00", "12:30:45", "PT24H", "1 hour"]), "wrong_clock") if entry else None


@operator
def wrong_start(text: str, dice: Dice) -> Mistake | None:
    """A start that is no time, or has no offset, or falls into a leap second."""
    entry = any_of([entry for entry in entries(text) if entry.key == "start" and not entry.indent], dice)
    wrong = dice.choice(["2026-03-01 00:00:00", "2016-12-31T23:59:60Z", "tomorrow", "20260301", "12:30"])
    return swapped(text, entry, wrong, "wrong_start") if entry else None


@operator
def country(text: str, dice: Dice) -> Mistake | None:
    """A country that does not exist, in a list of countries."""
    lists = [entry for entry in entries(text) if re.fullmatch(r"\[[A-Z]{2}(, [A-Z]{2})+\]", entry.value)]
    entry = any_of(lists, dice)
    return swapped(text, entry, re.sub(r"[A-Z]{2}", dice.choice(["XX", "fr", "QQ"]), entry.value, count=1), "country") if entry else None


@operator
def reference(text: str, dice: Dice) -> Mistake | None:
    """A name of something that is defined nowhere."""
    names = {entry.key for entry in entries(text)}
    entry = any_of([entry for entry in scalars(text) if entry.value in names], dice)
    return swapped(text, entry, entry.value + "zz", "reference") if entry else None


@operator
def negative(text: str, dice: Dice) -> Mistake | None:
    """A duration, a speed or a rate below zero."""
    entry = any_of([entry for entry in quantities(text) if not entry.value.endswith(("m", "km"))], dice)
    return swapped(text, entry, f"-{entry.value}", "negative") if entry else None


@operator
def indent(text: str, dice: Dice) -> Mistake | None:
    """A line that is one space off."""
    entry = any_of([entry for entry in siblings_of_kind(text) if entry.value], dice)
    return Mistake("indent", changed(text, entry.index, " " + entry.line(entry.value)).encode(), entry.index + 1, 1) if entry else None


@operator
def oversize(text: str, dice: Dice) -> Mistake:
    """A file that is too large."""
    return Mistake("oversize", text.encode() + b"#" + b"x" * 5_000_000, WHOLE_FILE)


@operator
def key_type(text: str, dice: Dice) -> Mistake:
    """A key that is no text."""
    return added(text, dice.choice(["12: x", "true: x", "~: x", "? [a, b]\n: x", "? {a: 1}\n: x", "1.5: x", ": x"]), "key_type")


@operator
def second_document(text: str, dice: Dice) -> Mistake:
    """Two documents in a file."""
    return added(text, "---\ntruceline: 1", "second_document")


@operator
def stray_line(text: str, dice: Dice) -> Mistake:
    """A line without a colon, such as a conflict that was left in by a merge."""
    return added(text, dice.choice(["<<<<<<< HEAD", "just a line", "# fine\nsensors"]).split("\n")[-1], "stray_line")


@operator
def list_for_block(text: str, dice: Dice) -> Mistake | None:
    """A list where a block of names belongs."""
    lines = text.split("\n")
    tops = [entry for entry in entries(text) if not entry.indent and not entry.value and entry.index + 1 < len(lines)]
    entry = any_of([entry for entry in tops if ENTRY.fullmatch(lines[entry.index + 1]) and lines[entry.index + 1].startswith(" ")], dice)
    if not entry:
        return None
    after = next((n for n in range(entry.index + 1, len(lines)) if lines[n].strip() and not lines[n].startswith((" ", "#"))), len(lines))
    return Mistake("list_for_block", "\n".join([*lines[: entry.index + 1], "  - a", "  - b", *lines[after:]]).encode(), entry.index + 1)


@operator
def empty_block(text: str, dice: Dice) -> Mistake | None:
    """A block whose entries are gone."""
    lines = text.split("\n")
    entry = any_of([entry for entry in siblings_of_kind(text) if entry.value and QUANTITY.fullmatch(entry.value)], dice)
    return (
        Mistake("empty_block", changed("\n".join(lines), entry.index, f"{entry.indent}{entry.key}: {{}}").encode(), entry.index + 1)
        if entry
        else None
    )
