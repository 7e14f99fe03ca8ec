"""Ansible's own output, without what no_log hides."""

from __future__ import annotations

from typing import Any

from ansible.plugins.callback.default import CallbackModule as Default

DOCUMENTATION = """
    name: daicho_output
    type: stdout
    short_description: The default output, without the errors and warnings of tasks with no_log
    description:
        - ansible-core 2.21.5 censors the result of a task with no_log and then prints the error behind it
          in full (Task failed). Everything that is printed ends in the log of a run, so that
          a password in a message would be kept for years.
    author: The daicho authors
    extends_documentation_fragment:
        - default_callback
        - result_format_callback
"""


class CallbackModule(Default):  # type: ignore[misc]  # ansible-core ships no types
    """Documented above."""

    CALLBACK_NAME = "daicho_output"

    def _handle_warnings_and_exception(self, result: Any) -> None:
        if "censored" not in result.result:
            super()._handle_warnings_and_exception(result)
