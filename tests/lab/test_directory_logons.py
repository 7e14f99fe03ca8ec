"""Who has been seen, by logons that each controller keeps for itself; judged by ldapsearch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.directories import has_let_in, join, log_on
from tests.directory_desk import DirectoryDesk

if TYPE_CHECKING:
    from pathlib import Path

    from lab.domain import Domain

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]
ITEMS = "name,kind\npc-1,endpoint\npc-2,endpoint\npc-3,endpoint\n"


def test_every_controller_is_asked_and_one_that_does_not_answer_is_named(
    domain: Domain, tmp_path: Path
) -> None:
    desk = DirectoryDesk.opened(tmp_path / "desk", domain, servers="dc1,dc2").desk
    (tmp_path / "desk/terminals.csv").write_text(ITEMS, encoding="utf-8")
    desk.expect("item", "import", "terminals.csv", who="sato")
    for name in ("pc-1", "pc-2", "pc-3"):
        join(domain, name)
    log_on(domain, "pc-1", "dc1", tmp_path)
    log_on(domain, "pc-2", "dc2", tmp_path)
    assert [has_let_in(domain, "pc-2", server) for server in ("dc1", "dc2")] == [False, True]
    look = ("endpoints", "seen", "--directory")

    seen = desk.expect(*look, "--output", "json", who="tanaka").json
    assert sorted(seen["seen"]["directory"]) == ["pc-1", "pc-2"]
    assert seen["silent"] == {}

    log_on(domain, "pc-3", "dc1", tmp_path)
    domain.power_off("dc2")
    later = desk.expect(*look, "--output", "json", who="tanaka").json
    assert list(later["seen"]["directory"]) == ["pc-3"]
    assert list(later["silent"]) == [domain.fqdn("dc2")]
    said = desk.expect(*look, "--lang", "ja", who="tanaka").out
    assert f"{domain.fqdn('dc2')} に問い合わせできませんでした" in said
