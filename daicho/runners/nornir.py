"""The tasks of network devices: content (`nornir_tasks/`), as playbooks are, loaded from where it lies."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from threading import Lock
from typing import TYPE_CHECKING, Final

from daicho.errors import DaichoError
from daicho.i18n import N_

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

_PACKAGE: Final = "nornir_tasks"


class TaskMissing(DaichoError):
    """The content has no such task."""

    sentence = N_("{path} has no task {verb}. Is DAICHO_CONTENT the folder with playbooks and nornir_tasks?")


_loading: Final = Lock()


def load(content: Path, verb: str) -> ModuleType:
    """A module of the content's tasks.

    Raises:
        TaskMissing: There is none of this name.
    """
    folder = content / _PACKAGE
    with _loading:
        if _PACKAGE not in sys.modules:
            spec = importlib.util.spec_from_file_location(
                _PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)]
            )
            if spec is None or spec.loader is None or not (folder / "__init__.py").exists():
                raise TaskMissing(path=str(folder), verb=verb)
            package = importlib.util.module_from_spec(spec)
            sys.modules[_PACKAGE] = package
            spec.loader.exec_module(package)
        return importlib.import_module(f"{_PACKAGE}.{verb}")
