"""The commands of the documentation, typed for real: `python -m tests.pages PAGE…` compares, `--fill` writes.

In a page, a fence marked `run` is typed as it stands; one marked `lab` needs the lab's machines as well:

    ```console run            ```sh lab
    $ daicho status           set up something; its output is not shown
    There is no change.       ```
    ```

`> ` continues a command. What stands below a command is what it says on a terminal, both streams. Moments,
digests, keys and counts of seconds differ from day to day, and so are compared by their shape.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from daicho.site import account_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT: Final = Path(__file__).resolve().parent.parent
CARRIED_ON: Final = ("tutorial/first-change", "howto/patch_endpoints", "howto/audit", "howto/start-a-site")
"""The pages that are typed one after the other in one shell, without their suffix."""
_FENCE: Final = re.compile(r"^```(console|sh) (run|lab)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND: Final = re.compile(r"^\$ .*(?:\n> .*)*", re.MULTILINE)
_MARK: Final = "\x1eend "


@dataclass(frozen=True, kw_only=True)
class Step:
    """One command with what the page says that it says."""

    page: Path
    span: tuple[int, int]
    """Where its output stands in the page."""
    command: str
    said: str | None
    """None: a page does not show it."""
    needs_lab: bool


class Untrue(AssertionError):
    """A page says something else than the command."""


def steps(page: Path) -> Iterator[Step]:
    """The commands of a page, in their order."""
    text = page.read_text(encoding="utf-8")
    for fence in _FENCE.finditer(text):
        lab, body, at = fence[2] == "lab", fence[3], fence.start(3)
        if fence[1] == "sh":
            yield Step(page=page, span=(at, at), command=body, said=None, needs_lab=lab)
            continue
        found = list(_COMMAND.finditer(body))
        ends = [each.start() for each in found[1:]] + [len(body)]
        for each, end in zip(found, ends, strict=True):
            command = "\n".join(line[2:] for line in each[0].splitlines())
            begin = min(each.end() + 1, len(body))
            yield Step(
                page=page, span=(at + begin, at + end), command=command, said=body[begin:end], needs_lab=lab
            )


class Terminal:
    """One shell that keeps its variables and folder from command to command."""

    def __init__(self, folder: Path, environment: Mapping[str, str], before: Sequence[str] = ()) -> None:
        """Open it; `before` is what the shell is typed behind, to be in a lab's network."""
        self._shell = subprocess.Popen(
            [*before, "bash", "--noprofile", "--norc"],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_of_what: object) -> None:
        self._shell.communicate("exit\n")

    def type(self, command: str) -> tuple[int, str]:
        """Type a command; its exit code and what it said."""
        assert self._shell.stdin
        assert self._shell.stdout
        # In braces, for a heredoc's end must stand alone; the exit code is left as the command left it.
        self._shell.stdin.write(
            f"{{\n{command}\n}} < /dev/null\n_code=$?; printf '\\036end %s\\n' $_code; (exit $_code)\n"
        )
        self._shell.stdin.flush()
        said: list[str] = []
        for line in self._shell.stdout:
            before, mark, code = line.partition(_MARK)
            said.append(before)
            if mark:
                return int(code), "".join(said)
        raise Untrue(f"the shell ended at: {command}\n{''.join(said)}")


def walk(terminal: Terminal, page: Path, *, lab: bool, compare: bool = True) -> dict[Step, str]:
    """Type a page's commands.

    Args:
        terminal: Where.
        page: Which.
        lab: Whether there is one; without it, the commands that need it are left out.
        compare: Whether what is said must be what the page shows.

    Returns:
        What each command said.

    Raises:
        Untrue: A command fails without the page asking `$?` next, or says something else.
    """
    chosen = [step for step in steps(page) if lab or not step.needs_lab]
    heard = {}
    for place, step in enumerate(chosen):
        code, said = terminal.type(step.command)
        asked = place + 1 < len(chosen) and chosen[place + 1].command == "echo $?"
        if code and not asked:
            raise Untrue(f"{page.name}: this ended with {code}: {step.command}\n{said}")
        # The pages were typed by root; its login name stands in the policy's table.
        said = re.sub(rf"(?<=  ){re.escape(account_name())}(?=  )", "root", said)
        if compare and step.said is not None and shape(said) != shape(step.said):
            lines = difflib.unified_diff(
                shape(step.said).splitlines(), shape(said).splitlines(), "page", "terminal", lineterm="", n=1
            )
            raise Untrue(f"{page.name}: {step.command}\n" + "\n".join(lines))
        heard[step] = said
    return heard


def fill(page: Path, heard: Mapping[Step, str], home: Path) -> None:
    """Write what the commands said into their page."""
    text = page.read_text(encoding="utf-8")
    for step, said in sorted(heard.items(), key=lambda each: each[0].span, reverse=True):
        if step.said is not None:
            begin, end = step.span
            lines = "".join(f"{line.rstrip()}\n" for line in said.replace(str(home), "/root").splitlines())
            blank = "\n" if lines and not text[end:].startswith("```") else ""
            text = text[:begin] + lines + blank + text[end:]
    page.write_text(text, encoding="utf-8")


_SHAPES: Final = (
    (r"\d{12}-\d{8}T\d+Z", "CHECKPOINT"),
    (r"\x1b\[[0-9;]*m", ""),
    (r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z| JST)?", "MOMENT"),
    (r"\b[0-9a-f]{12,64}\b…?", "DIGEST"),
    (r"SHA256:[\w+/]{43}", "FINGERPRINT"),
    (r"AAAA[\w+/=]{40,}", "KEY"),
    (r"\(\d+\.\d\d s\)|（\d+\.\d\d 秒）|\d+\.\d s\b", "SECONDS"),
    (r"\bport \d+", "port N"),
    (r"\b\d+ (?:entries|checkpoints?)|^\d{2,}$|\bentry \d+|\d+ 件", "COUNT"),
    (r"(?:[0-9A-Z]{5}[ -]+){2,}[0-9A-Z]{5}", "PAPER"),
    (r"/(?:tmp|root|home)(?:/[^\s'`/。]+)*?(?=/(?:tutorial|export|other-house|ledger-copy|paper))", "HOME"),
    (r"──+", "──"),
    (r" +", " "),
)


def shape(text: str) -> str:
    """A text without what differs from day to day; machines at work side by side are put in order."""
    for pattern, word in _SHAPES:
        text = re.sub(pattern, word, text, flags=re.MULTILINE)
    lines: list[str] = []
    beside: list[str] = []
    for line in [*(each.rstrip() for each in text.strip().splitlines()), ""]:
        if re.match(r" ep\d\d: ", line):
            beside.append(line)
            continue
        lines += [*sorted(beside), line]
        beside = []
    return "\n".join(lines)


def surroundings(home: Path) -> dict[str, str]:
    """The environment of somebody who has just logged in."""
    kept = {name: os.environ[name] for name in ("SUDO_UID", "DAICHO_LAB_STATE") if name in os.environ}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {"HOME": str(home), "PATH": path, "LANG": "C.UTF-8", **kept}


def main() -> int:
    """Type pages one after the other in one shell."""
    parser = argparse.ArgumentParser(description="Type the commands of pages and compare what they say.")
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--home", type=Path, required=True, help="an empty folder that stands for the home")
    parser.add_argument("--lab", help="the name of a lab that is up")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="in its environment")
    parser.add_argument("--fill", action="store_true", help="write what they say into the pages")
    chosen = parser.parse_args()
    before = ("python", "-m", "lab", "exec", "--name", chosen.lab, "--") if chosen.lab else ()
    environment = surroundings(chosen.home) | {"DAICHO_LAB_NAME": chosen.lab or ""}
    environment |= dict(each.split("=", 1) for each in chosen.set)
    with Terminal(ROOT, environment, before) as terminal:
        for page in chosen.pages:
            heard = walk(terminal, page, lab=bool(chosen.lab), compare=not chosen.fill)
            if chosen.fill:
                fill(page, heard, chosen.home)
    return 0


if __name__ == "__main__":
    sys.exit(main())
