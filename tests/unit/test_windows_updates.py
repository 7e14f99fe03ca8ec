"""Which updates a Windows machine gets, what they mean for it, and Windows Update's errors in words."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.endpoints import patched, patching
from daicho.endpoints.patching import Wish
from daicho.endpoints.windows_update import passing, remedy, says
from daicho.errors import DocumentError
from daicho.works import work_named

LCU = "2026-11 x64 ベース システム用 Windows 11 Version 24H2 の累積更新プログラム (KB5050001)"
NET = "2026-11 .NET Framework 3.5 および 4.8.1 の累積更新プログラム (KB5049622)"
PRESENT = {"installed": [], "missing": [], "reboot_pending": False, "disk_free_mb": 100_000, "user": ""}
DISK_FULL = -2147024784
BUSY = -2145124330  # 0x80240016
UNREACHABLE = -2145107924  # 0x8024402C


def offer(kb: str, title: str = "", kind: str = "Security Updates", **facts: Any) -> dict[str, Any]:
    told = {
        "id": f"id-{kb}",
        "kbs": [kb] if kb else [],
        "title": title or f"Update ({kb})",
        "classes": [kind, "Windows 11"],
        "bytes": 10 * 1024 * 1024,
        "downloaded": False,
        "optional": False,
        "removable": True,
    }
    return told | facts


def search(*offers: dict[str, Any]) -> dict[str, Any]:
    return {"hresult": 0, "updates": list(offers)}


def chosen(found: dict[str, Any], **wish: Any) -> list[str]:
    return [each.name for each in patching.choose(patching.offered(found), Wish(**wish))[0]]


def ended(*updates: tuple[str, int | None], **whole: Any) -> dict[str, Any]:
    """What `win_updates` returns: articles with their error, if any."""
    told = {
        kb: {"kb": [kb.removeprefix("KB")], "title": kb, "installed": code is None, "downloaded": True}
        | ({} if code is None else {"failure_hresult_code": code})
        for kb, code in updates
    }
    return {"failed": True, "msg": "Failed to install all updates", "updates": told} | whole


OFFERED = search(
    offer("KB1"),
    offer("KB2", kind="Critical Updates"),
    offer("KB3", kind="Update Rollups"),
    offer("KB4", kind="Updates"),
    offer("KB5", kind="Definition Updates"),
    offer("KB6", kind="Upgrades"),
    offer("KB7", optional=True),
    offer("", "Lab - Net - 1.2", kind="Drivers"),
)


@pytest.mark.parametrize(
    ("wish", "wanted"),
    [
        ({}, ["KB1", "KB2", "KB3"]),
        ({"scope": "all"}, ["KB1", "KB2", "KB3", "KB4"]),
        ({"categories": ("DefinitionUpdates",)}, ["KB5"]),
        ({"categories": ("Drivers",)}, ["Lab - Net - 1.2"]),
        ({"deny": ("KB[12]",)}, ["KB3"]),
        ({"deny": ("update (kb1)*",)}, ["KB2", "KB3"]),
        ({"allow": ("kb2",)}, ["KB2"]),
        ({"allow": ("KB*",), "deny": ("KB3",)}, ["KB1", "KB2", "KB7"]),
        ({"scope": "all", "allow": ("KB6",)}, []),
        ({"offline": True, "deny": ("KB7", "Lab*")}, ["KB1", "KB2", "KB3", "KB4", "KB5", "KB6"]),
    ],
)
def test_the_change_says_which_updates(wish: dict[str, Any], wanted: list[str]) -> None:
    assert chosen(OFFERED, **wish) == wanted


def test_what_stays_out_is_told_with_its_reason() -> None:
    found = patching.planned(PRESENT, OFFERED, Wish(deny=("KB1",), allow=("KB2",)))
    assert found.notes == (
        "KB2: Update (KB2), 10 MB (Critical Updates)",
        "KB1 stays out: denied by KB1.",
        "KB3 stays out: not on the allow list.",
        "KB7 stays out: it is a preview or optional; name it under `allow` to have it.",
        "The machine is rebooted if an update requires it.",
    )


def test_a_plan_is_the_state_before_and_after_with_the_way_back() -> None:
    found = patching.planned(PRESENT, search(offer("KB5049622", NET)), Wish())
    assert (found.before, found.after) == (
        {"update:KB5049622": "not installed", "reboot": "not done"},
        {"update:KB5049622": "installed", "reboot": "if required"},
    )
    assert (found.inverse, found.irreversible) == ({"update:KB5049622": "not installed"}, "")


@pytest.mark.parametrize(
    "title",
    [
        LCU,
        "2026-11 Cumulative Update for Windows 11 Version 24H2 for x64-based Systems (KB5050001)",
        "2026-11 Windows 10 Version 22H2 の累積更新プログラム (KB5050001)",
        "2026-11 Cumulative Update for Microsoft server operating system (KB5050001)",
        "サービス スタック更新プログラム (KB5050001)",
        "悪意のあるソフトウェアの削除ツール x64 - v5.130 (KB890830)",
    ],
)
def test_what_windows_cannot_remove_closes_the_way_back(title: str) -> None:
    offers = search(offer("KB5050001", title), offer("KB5049622", NET))
    found = patching.planned(PRESENT, offers, Wish())
    assert found.inverse is None
    assert found.irreversible == (
        "Windows cannot remove KB5050001 again: its servicing stack, or what it brings, stays."
    )


def test_what_windows_itself_calls_not_removable_closes_it_too() -> None:
    found = patching.planned(PRESENT, search(offer("KB5049622", NET, removable=False)), Wish())
    assert found.inverse is None


def test_a_full_disk_is_told_before_anything_is_approved() -> None:
    with pytest.raises(patching.NoRoom) as caught:
        patching.planned(PRESENT | {"disk_free_mb": 29}, search(offer("KB1")), Wish())
    assert str(caught.value) == (
        "Not enough disk space (0x80070070): about 30 MB needed on drive C:, 29 MB free. Make room "
        "(Disk Cleanup is a start), then plan again."
    )
    patching.planned(PRESENT | {"disk_free_mb": 30}, search(offer("KB1")), Wish())


def test_an_update_service_that_cannot_be_asked_is_told_in_words() -> None:
    with pytest.raises(patching.NotAsked) as caught:
        patching.planned(PRESENT, {"hresult": UNREACHABLE, "updates": []}, Wish())
    assert str(caught.value) == (
        "Windows Update could not say what this machine lacks: the update server's or proxy's name has no "
        "address (0x8024402C). See to the proxy and the name server that the machine uses."
    )


@pytest.mark.parametrize("wish", [Wish(reboot="never"), Wish(step="download")])
def test_a_pending_restart_stands_in_the_way_where_none_is_allowed(wish: Wish) -> None:
    with pytest.raises(patching.RestartFirst):
        patching.planned(PRESENT | {"reboot_pending": True}, search(offer("KB1")), wish)


def test_a_pending_restart_is_told_where_it_is_done() -> None:
    present = PRESENT | {"reboot_pending": True, "user": "AD\\k.tanaka"}
    found = patching.planned(present, search(), Wish(notice=15))
    assert found.after == {"reboot": "if required"}
    assert found.notes == (
        "A restart is already pending there.",
        "Somebody is logged on: a restart is announced 15 min ahead.",
        "The machine is rebooted if an update requires it.",
    )
    assert "tanaka" not in json.dumps(found.notes)


def test_files_can_be_brought_ahead() -> None:
    offers = search(offer("KB1"), offer("KB2", downloaded=True))
    found = patching.planned(PRESENT, offers, Wish(step="download"))
    assert (found.before, found.after, found.inverse) == (
        {"download:KB1": "not downloaded", "download:KB2": "downloaded"},
        {"download:KB1": "downloaded", "download:KB2": "downloaded"},
        None,
    )
    assert (
        found.irreversible
        == "Downloaded files stay until Windows clears them away: there is nothing to take back."
    )


def test_only_what_was_approved_is_looked_at_in_a_run() -> None:
    wanted = {"update:KB1": "installed", "update:KB2": "installed", "reboot": "if required"}
    found = patching.continued(PRESENT | {"installed": ["KB2", "KB9"]}, search(), wanted, Wish())
    assert found.before == {
        "update:KB1": "not installed",
        "update:KB2": "installed",
        "reboot": "not done",
    }
    assert found.after == wanted
    assert patched.lacking(wanted, {"before": found.before}) == ["KB1"]


def test_an_undo_removes_what_is_there() -> None:
    wanted = {"update:KB1": "not installed", "update:KB2": "not installed"}
    found = patching.continued(PRESENT | {"installed": ["KB2"]}, search(), wanted, Wish())
    assert patched.leaving(wanted, {"before": found.before}) == ["KB2"]
    assert patched.lacking(wanted, {"before": found.before}) == []


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"installed": ["KB1"]}, "installed"),
        ({"missing": ["KB1"]}, "not installed"),
        ({}, "not installed"),
        ({"asked_online": True}, "installed"),
        ({"asked_online": True, "missing": ["KB1"]}, "not installed"),
    ],
)
def test_the_machine_itself_is_the_witness(facts: dict[str, Any], word: str) -> None:
    assert patched.now({"update:KB1": "installed"}, PRESENT | facts, "never") == {"update:KB1": word}


def test_a_restart_that_is_still_pending_is_not_done() -> None:
    wanted = {"reboot": "if required"}
    assert patched.now(wanted, PRESENT | {"reboot_pending": True}, "if_required") == {
        "reboot": "still required"
    }
    assert patched.now(wanted, PRESENT, "if_required") == wanted


def test_downloads_are_read_from_the_service() -> None:
    wanted = {"download:KB1": "downloaded", "download:KB2": "downloaded"}
    assert patching.downloads(search(offer("KB1"), offer("KB2", downloaded=True)), wanted) == {
        "download:KB1": "not downloaded",
        "download:KB2": "downloaded",
    }


@given(st.integers(1, 9_999_999), st.integers(1, 9_999_999))
def test_windows_update_is_told_exactly_the_articles(one: int, other: int) -> None:
    # win_updates looks for the pattern in the title with the article behind it: one string.
    (pattern,) = patching.accepting([f"KB{one}"])
    hit = re.search(pattern, f"Update (KB{other})KB{other}", re.IGNORECASE)
    assert (hit is not None) is (one == other)


def test_a_title_is_no_pattern() -> None:
    (pattern,) = patching.accepting(["Lab - Net (1.2) [x]"])
    assert re.search(pattern, "Lab - Net (1.2) [x]")
    assert not re.search(pattern, "Lab - Net 142 x")


def test_a_failed_update_is_told_with_what_to_do() -> None:
    wanted = {"update:KB1": "installed", "update:KB2": "installed"}
    done = ended(("KB1", DISK_FULL), ("KB2", None))
    assert patched.failure(done, wanted, "pc-1") == (
        "1 of 2 updates failed on pc-1: KB1: the disk is full (0x80070070). Installed: KB2. Make room on "
        "drive C: (Disk Cleanup is a start), then have it planned again."
    )
    assert not patched.worth_another_try(done)


def test_a_failed_search_or_download_is_told_with_what_to_do() -> None:
    said = (
        "Windows Update failed on pc-1: the update server's or proxy's name has no address (0x8024402C). "
        "See to the proxy and the name server that the machine uses."
    )
    assert patched.failure(ended(hresult=UNREACHABLE), {}, "pc-1") == said
    assert patched.failure(ended(msg="Searching: HRESULT: 0x8024402C"), {}, "pc-1") == said
    assert patched.failure(ended(msg="It broke."), {}, "pc-1") == (
        "Windows Update failed on pc-1: It broke. Look at its log there, then plan again."
    )
    assert patched.failure({"failed": False}, {}, "pc-1") == ""


@pytest.mark.parametrize(
    ("updates", "again"),
    [
        ([("KB1", BUSY)], True),
        ([("KB1", BUSY), ("KB2", None)], True),
        ([("KB1", BUSY), ("KB2", DISK_FULL)], False),
        ([("KB1", -1)], False),
    ],
)
def test_only_what_may_pass_by_itself_is_tried_again(updates: list[Any], again: bool) -> None:
    assert patched.worth_another_try(ended(*updates)) is again
    assert not patched.worth_another_try(ended(*updates) | {"failed": False})


def test_numbers_are_read_signed_and_unsigned() -> None:
    assert says(DISK_FULL) == says(0x80070070) == "the disk is full (0x80070070)"
    assert says(0x8024FFFF) == ("Windows Update failed with an error that daicho does not know (0x8024FFFF)")
    assert remedy(0x8024FFFF) == "Look at CBS.log and at Windows Update's log on the machine."
    assert not passing([])
    assert passing([BUSY, UNREACHABLE])


@pytest.mark.parametrize(
    ("inputs", "why"),
    [
        (
            {"source": "offline"},
            "inputs: `source: offline` needs `offline_folder`, and only it takes one",
        ),
        (
            {"offline_folder": r"C:\Updates"},
            "inputs: `source: offline` needs `offline_folder`, and only it takes one",
        ),
        (
            {"source": "offline", "offline_folder": r"C:\Updates", "step": "download"},
            "inputs: with `source: offline` there are no `categories`, and nothing to download",
        ),
    ],
)
def test_inputs_that_do_not_fit_together_are_refused(inputs: dict[str, Any], why: str) -> None:
    with pytest.raises(DocumentError) as caught:
        work_named("patch_endpoints").judge_inputs(inputs, "change.yml")
    assert why in str(caught.value)
