"""How every verb ends: exit codes, one line for a mistake, one JSON document where JSON was asked for."""

import errno
import logging
import os
import shlex
import sys
import tempfile
from typing import Any

import click

from sim.cli.screen import remark, write_json
from sim.errors import ScenarioError, TrucelineError

NAME = "truceline"
DONE, NO, USAGE, FAULT, INTERRUPTED = 0, 1, 2, 3, 130
UNHEARD = (errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Faults of a stdout that takes no more; those of files name their file. At a closed pipe the reader has left, and nothing is said."""


class Verbs(click.Group):
    """All commands, with one way to end: exit codes, one line for a mistake, one JSON document where JSON was asked for."""

    def main(self, *args: Any, **rest: Any) -> Any:
        """Run a command and leave with its exit code."""
        words = args[0] if args else rest.get("args")
        sys.exit(self.ended(list(sys.argv[1:] if words is None else words)))

    def ended(self, words: list[str]) -> int:
        """Run a command and return its exit code, whatever happens."""
        wants_json = "--json" in words
        try:
            code = super().main(words, NAME, standalone_mode=False)
            if sys.stdout is not None:
                sys.stdout.flush()
        except TrucelineError as fault:
            return refused(fault, wants_json, runs=words[0] in ("run", "compare"))
        except click.ClickException as fault:
            fault.show()
            return failed(fault.format_message(), USAGE, wants_json)
        except (click.Abort, KeyboardInterrupt):
            click.echo(f"interrupted; what is finished is kept, go on with:\n  {NAME} {shlex.join(words)}", err=True)
            return failed("interrupted", INTERRUPTED, wants_json)
        except Exception as fault:
            if isinstance(fault, OSError) and fault.errno in UNHEARD and fault.filename is None:
                sys.stdout = open(os.devnull, "w")  # noqa: SIM115  # nothing more can be said there
                remark(f"error: the output cannot be written ({fault.strerror})", quiet=fault.errno == errno.EPIPE)
                return NO
            logger = logging.getLogger("truceline")
            path = log_file(logger)
            logger.exception("truceline %s", shlex.join(words))
            click.echo(f"error: a fault in Truceline ({type(fault).__name__}); its traceback is in {path}", err=True)
            return failed("a fault in Truceline", FAULT, wants_json, log=path)
        return code if isinstance(code, int) else DONE


def log_file(logger: logging.Logger) -> str:
    """Let a logger write to a new file in the place for temporary files, and return its path."""
    descriptor, path = tempfile.mkstemp(prefix="truceline-", suffix=".log")
    os.close(descriptor)
    logger.propagate = False
    logger.handlers = [logging.FileHandler(path, encoding="utf-8")]
    return path


def refused(fault: TrucelineError, wants_json: bool, runs: bool) -> int:
    """Say what is wrong, and that nothing was run if the command would have, and return the exit code."""
    if not isinstance(fault, ScenarioError):
        click.echo(f"error: {fault}", err=True)
        return failed(str(fault), NO, wants_json)
    click.echo(f"{fault}, nothing was run" if runs else str(fault), err=True)
    return failed(str(fault), NO, wants_json, problems=[plain(problem) for problem in fault.problems])


def plain(problem: Any) -> dict[str, str]:
    """Return a problem as values for JSON."""
    return {"message": problem.message, "path": ".".join(map(str, problem.path)), "place": problem.place, "remedy": problem.remedy}


def failed(message: str, code: int, wants_json: bool, **more: Any) -> int:
    """Write the one JSON document of a command that failed, if it was asked for, and return the exit code."""
    if wants_json:
        write_json({"error": message, "exit_code": code, **more})
    return code
