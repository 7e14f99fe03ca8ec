"""What came of installing updates on a Windows machine, judged: for conditions in a role."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from daicho.endpoints import patched, patching
from daicho.i18n import use_language

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class FilterModule:
    """The filters `windows_updates_*`."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {
            "windows_updates_accepting": _accepting,
            "windows_updates_again": _again,
            "windows_updates_lacking": _lacking,
            "windows_updates_leaving": _leaving,
            "windows_updates_trouble": _trouble,
        }


def _lacking(state: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """The articles that the state wants and the machine has not."""
    return patched.lacking(_plain(state), _plain(found))


def _leaving(state: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """The articles that the state does not want and the machine has."""
    return patched.leaving(_plain(state), _plain(found))


def _accepting(state: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """What `win_updates` is to take: what the state wants and the machine has not."""
    return patching.accepting(_lacking(state, found))


def _again(done: Mapping[str, Any]) -> bool:
    """Whether it failed for reasons that may have gone by themselves."""
    return patched.worth_another_try(_plain(done))


def _trouble(done: Mapping[str, Any], state: Mapping[str, Any], host: str) -> str:
    """Why the machine has not got its updates, in a sentence; empty if nothing failed."""
    use_language(os.environ.get("DAICHO_LANG", "en"))
    return patched.failure(_plain(done), _plain(state), host)


def _plain(value: object) -> Any:
    # Ansible's texts carry tags.
    return json.loads(json.dumps(value, default=str))
