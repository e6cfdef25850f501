"""The ``dedup`` command: subcommands are imported when they are called."""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import suppress
from importlib import import_module
from traceback import format_exc
from typing import NoReturn

import click

from dedup.cli.deliveries import Deliveries
from dedup.cli.failures import told_of
from dedup.cli.output import discard, open_closed_streams, say, told_of_stdout, while_read
from dedup.cli.startup import collect_garbage_seldom
from dedup.errors import CountsError, DedupError, MissingExtraError, OutputError
from dedup.version import __version__

_COMMANDS = {
    "apply": ("dedup.cli.apply", "Write a cleaned corpus from the results of a scan."),
    "audit": ("dedup.cli.audit", "Measure on a sample what a scan found and missed."),
    "calibrate": ("dedup.cli.calibrate", "Judge borderline pairs, and see which settings agree."),
    "compare": ("dedup.cli.compare", "Compare two documents: scores, verdict, what differs."),
    "evaluate": ("dedup.cli.evaluate", "Score clusters, pairs or repeats against labels."),
    "report": ("dedup.cli.report", "Write a report of a scan: HTML, Markdown, CSV, text."),
    "scan": ("dedup.cli.scan", "Find duplicate documents, and passages repeated inside them."),
    "show": ("dedup.cli.show", "Show one cluster, and how its texts differ."),
    "threshold": ("dedup.cli.threshold", "Cluster again with other thresholds or survivors."),
}
_SWITCH_SECONDS = 2e-4
INTERRUPTED = 130
TERMINATED = 143


class _ReaderLeft(Exception):
    """Whoever read our output has left: nothing more to say."""


class _LazyGroup(click.Group):
    """A group that imports a command's module only when the command is wanted."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; `--help` and `--version` write to standard output."""
        try:
            with told_of_stdout():
                return super().parse_args(ctx, args)
        except BrokenPipeError as error:
            raise _ReaderLeft from error

    def invoke(self, ctx: click.Context) -> object:
        """Run the command.

        click would end with exit code 1, which means duplicates, when a reader leaves.
        """
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise _ReaderLeft from error

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; of a name that is none, propose what may be meant."""
        name = args[0]
        if name[:1] != "-" and name not in _COMMANDS:
            ctx.fail(f"there is no command {name!r}.{_meant(name)}")
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        del ctx
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one command."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(_COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in sorted(_COMMANDS.items())])


def _meant(name: str) -> str:
    """Return the command that is meant, as a sentence, if it can be guessed."""
    from difflib import get_close_matches  # noqa: PLC0415 - only where it is needed

    near = get_close_matches(name.lower(), _COMMANDS, 1)
    if not near and os.path.exists(name):  # noqa: PTH110 - a NUL inside is no path
        near = [f"scan {name}"]
    return f" Did you mean: dedup {near[0]}" if near else ""


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dedup")
def group() -> None:
    """Find duplicate and near-duplicate articles, and say what matched, where and why.

    Start with `dedup scan PATH`: a page, a folder or a dump of scraped articles.
    Nothing is ever deleted.
    """


def _terminate(_signal: int, _frame: object) -> None:
    sys.exit(TERMINATED)


def _end_at_once(code: int) -> NoReturn:
    """End without the interpreter's own end, which an interruption can upset.

    Where it came in the middle of an import, Python may send itself the signal once more,
    or abort. Temporary folders go with the objects that hold them, before.
    """
    gc.collect()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)


def main() -> None:
    """Run the command line and end with its exit code."""
    # a kernel that returns asks for the interpreter's lock, and by default waits for it as
    # long as a whole kernel takes
    sys.setswitchinterval(_SWITCH_SECONDS)
    collect_garbage_seldom()
    open_closed_streams()
    # so that temporary files are removed when somebody ends the process
    signal.signal(signal.SIGTERM, _terminate)
    code = _run(Deliveries())
    if code == INTERRUPTED:
        _end_at_once(INTERRUPTED)
    sys.exit(code)


def _told_of_import(error: ImportError) -> str:
    """Return one line for a package that is not there, or does not fit the others."""
    return (
        f"a package that dedup needs cannot be loaded ({error}): install it again by "
        "`pip install --force-reinstall article-dedup`"
    )


def _run(deliveries: Deliveries) -> int:
    """Run the command that is asked for, and return its exit code."""
    try:
        code = group.main(standalone_mode=False, obj=deliveries)
    except (click.exceptions.Abort, KeyboardInterrupt):
        say(f"interrupted: {deliveries.told()}")
        return INTERRUPTED
    except click.ClickException as error:
        with while_read(sys.stderr):
            error.show()
        return error.exit_code
    except DedupError as error:
        say(f"dedup: {error}")
        return error.exit_code
    except _ReaderLeft:
        discard(sys.stdout)
        discard(sys.stderr)
        return 0
    except OSError as error:  # what no other place has told better
        say(f"dedup: {told_of(error)}")
        return OutputError.exit_code
    except ImportError as error:
        say(f"dedup: {_told_of_import(error)}")
        return MissingExtraError.exit_code
    except Exception:  # Python would end with 1, which means duplicates
        say(f"{format_exc()}dedup: this is a defect of dedup: please report it with these lines")
        return CountsError.exit_code
    return code if isinstance(code, int) else 0
