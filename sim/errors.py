"""What a user can act on."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

LONGEST_WORD = 80
"""Characters of a name that a message shows; longer words are not compared with known ones, which would take seconds."""
MOST_WORDS = 1000
"""Known words that are compared with a mistaken one."""


class TrucelineError(Exception):
    """A mistake that the user can mend; its text says what is wrong and what to write instead."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a file, where it is, and what to write instead."""

    message: str
    path: tuple[str | int, ...] = ()
    remedy: str = ""
    place: str = ""
    """`file:line:column`, or the option that brought it in."""
    excerpt: str = ""
    """The line with a caret under the fault, empty where there is no line."""

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        dotted = f"  [{'.'.join(str(part)[:LONGEST_WORD] for part in self.path)}]" if self.path else ""
        lines = [f"{where}error: {self.message}{dotted}"]
        if self.excerpt:
            lines.append(self.excerpt + (f"  {self.remedy}" if self.remedy else ""))
        elif self.remedy:
            lines.append(f"    {self.remedy}")
        return "\n".join(lines)


class ScenarioError(TrucelineError):
    """All that is wrong with a scenario, at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__("\n".join([*map(str, self.problems), f"{count} problem{'s' if count != 1 else ''}"]))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `did you mean 'x'?` for the nearest known word, or an empty text.

    >>> did_you_mean("sectr", ["sector", "base"])
    "did you mean 'sector'?"
    """
    near = get_close_matches(word, list(islice(known, MOST_WORDS)), n=1) if len(word) <= LONGEST_WORD else []
    return f"did you mean {near[0]!r}?" if near else ""
