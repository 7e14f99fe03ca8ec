"""YAML lists of items: text as written, and nothing that could explode."""

from __future__ import annotations

import pytest

from daicho.items.problems import UnreadableFile
from daicho.items.yaml_table import read_yaml

_LAUGHS = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9) if n else 'lol'}]\n" for n in range(12))


def test_values_stay_the_text_that_was_written() -> None:
    table = read_yaml(
        "- {name: pc-1, room: 0301, mac: 11:22:33:44:55:66, note: no, day: 2026-04-01}\n"
        "- name: pc-2\n  room: ~\n  floor: '~'\n  note: |\n    一\n    二\n",
        "items.yml",
    )
    assert table.headings == ("name", "room", "mac", "note", "day", "floor")
    assert table.rows == (
        (1, ("pc-1", "0301", "11:22:33:44:55:66", "no", "2026-04-01", "")),
        (2, ("pc-2", "", "", "一\n二\n", "", "~")),
    )


def test_a_list_may_stand_under_items() -> None:
    assert read_yaml("---\nitems:\n  - name: pc-1\n", "items.yml").rows == ((3, ("pc-1",)),)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "line 1: the file must be a list of items, each beginning with `- name:`."),
        ("name: pc-1\n", "line 1: the file must be a list of items, or `items:` with such a list."),
        ("- pc-1\n", "line 1: an item must be a mapping such as `name: pc-1`."),
        ("- name: pc-1\n  a: [b]\n", "line 2: a value must be plain text, not a list or a mapping."),
        ("- name: pc-1\n  ? [a]\n  : b\n", "line 2: a value must be plain text, not a list or a mapping."),
        ("- name: pc-1\n  name: pc-2\n", "line 2: 'name' is given twice in the item at line 1."),
        ("items: []\nmore: []\n", "line 2: nothing may stand beside `items:`."),
        ("- name: pc-1\n---\n- name: pc-2\n", "line 2: the file must hold one document only."),
        (
            "- &a {name: pc-1}\n- *a\n",
            "line 1: anchors (&) and aliases (*) are not taken. Write the values out.",
        ),
        (_LAUGHS, "line 1: anchors (&) and aliases (*) are not taken. Write the values out."),
        ("- name: " + "[" * 100_000, "line 1: a value must be plain text, not a list or a mapping."),
        (
            "- name: !!python/object/apply:os.system [id]\n",
            "line 1: a value must be plain text, not a list or a mapping.",
        ),
    ],
)
def test_refused(text: str, why: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read_yaml(text, "items.yml")
    assert str(refused.value) == f"items.yml cannot be read: {why}"


def test_what_is_not_yaml_names_the_line() -> None:
    with pytest.raises(UnreadableFile) as refused:
        read_yaml("- name: pc-1\n  kind: 'endpoint\n", "items.yml")
    message = str(refused.value)
    assert message == ("items.yml cannot be read: line 3 is not YAML (found unexpected end of stream).")
