"""What people and programs read: sentences, screens, JSON, CSV, exit codes, languages."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from daicho.works import WORKS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.desk import Desk


WHO_MAY = "The policy in force lists who may: `daicho policy show`."

# What cannot be understood


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (
            "work: patch_endpoints\n",
            "At title: it is missing.\nAt reason: it is missing.\nAt targets: it is missing.",
        ),
        (
            "work: paint\ntitle: t\nreason: r\ntargets: [x]\n",
            f"At work: there is no work 'paint'. There are: {', '.join(sorted(WORKS))}.",
        ),
        (
            "work: patch_endpoints\ntitle: t\nreason: r\ntargets: [x]\ninputs: {scop: all}\n",
            "At inputs.scop: there is no such field; look for a spelling mistake.",
        ),
        ("a: &b [1]\nc: *b\n", "It uses a YAML alias (*name). Write the value out."),
    ],
)
def test_a_document_that_cannot_be_used_is_answered_field_by_field(
    walked_desk: Desk, document: str, said: str
) -> None:
    done = walked_desk.daicho("request", "-", who="sato", typed=document)
    assert (done.code, done.out, done.err) == (
        2,
        "",
        f"daicho: standard input cannot be used:\n{said}\n",
    )


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("show", "X1"), 2, "'X1' is not the name of a change or a run; such names look like C7, R3."),
        (("plan", "R1"), 2, "'R1' is not the name of a change; such names look like C7."),
        (("show", "C99"), 2, "There is no change 'C99'. `daicho status` lists them."),
        (("show", "R99"), 2, "There is no run 'R99'. `daicho status --runs` lists them."),
        (("show", "C1", "--target", "pc-9"), 2, "There is no target 'pc-9'. `daicho show C1` lists them."),
        (("works", "paint"), 2, "There is no work 'paint'. `daicho works` lists them."),
        (("item", "show", "pc-9"), 2, "There is no item 'pc-9'. `daicho item list` lists them."),
        (("item", "list", "qq*"), 6, "No item matches qq*. Compare it with `daicho item list`."),
        (("ledger", "show", "9999"), 2, "There is no entry '9999'. `daicho ledger log` lists them."),
        (
            ("approve", "C1"),
            5,
            "Give the key to sign with (`--key FILE`), or a signature made elsewhere (`--signature FILE`).",
        ),
    ],
)
def test_what_is_not_there_is_said_with_what_lists_it(
    walked_desk: Desk, words: tuple[str, ...], code: int, said: str
) -> None:
    done = walked_desk.daicho(*words, who="suzuki")
    assert (done.code, done.out, done.err) == (code, "", f"daicho: {said}\n")


def test_a_site_that_is_not_there_is_said_with_what_makes_it(walked_desk: Desk, tmp_path: Path) -> None:
    done = walked_desk.daicho("--state", str(tmp_path / "none"), "status")
    said = f"The ledger cannot be used: there is none at {tmp_path}/none/ledger.db. `daicho init` makes one."
    assert (done.code, done.err) == (1, f"daicho: {said}\n")


def test_a_bug_is_called_one_and_shows_its_place_on_demand(desk: Desk) -> None:
    report = desk.folder / "lib/daicho/report/works.py"
    report.write_text(
        report.read_text(encoding="utf-8").replace("def as_json(self)", "def as_jsn(self)"), encoding="utf-8"
    )
    done = desk.daicho("works", "--output", "json")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "daicho: this is a bug: AttributeError: 'WorksReport' object has no attribute 'as_json'\n"
        "Nothing in the ledger is lost. `daicho --debug ...` shows where it happened; please report that.\n"
    )
    assert "Traceback (most recent call last)" in desk.daicho("works", "--output", "json", "--debug").err


def test_a_reader_who_goes_away_is_no_error(walked_desk: Desk) -> None:
    line = f"{sys.executable} -m daicho.cli ledger log --output json | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=walked_desk.folder,
        env=walked_desk.environment("sato"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("0\n", "")


# Forms


def test_every_listing_is_json_and_csv_of_the_same_rows(walked_desk: Desk) -> None:
    for words in (
        ("status",),
        ("status", "--runs"),
        ("ledger", "log"),
        ("item", "list"),
        ("item", "history", "pc-1"),
    ):
        rows = walked_desk.expect(*words, "--output", "json").json
        read = list(csv.DictReader(io.StringIO(walked_desk.expect(*words, "--output", "csv").out)))
        assert len(rows) == len(read) > 0
        for key in read[0].keys() & rows[0].keys():
            if not isinstance(rows[0][key], dict):
                assert [str(row[key] or "") for row in rows] == [row[key] for row in read]


def test_the_plan_as_an_approver_reads_it(walked_desk: Desk) -> None:
    shown = walked_desk.expect("show", "C1").out
    asked = walked_desk.expect("show", "C1", "--output", "json").json["requested_at"]
    assert asked.endswith("Z")
    body = shown[shown.index("\nHow it goes") : shown.index("\nApprovals")]
    assert body == (
        "\n"
        "How it goes\n"
        "on:    2 machines\n"
        "waves: 1 first (pc-1), then 1\n"
        "stops: by itself when more than 2 failed, 2 unreachable, 2 drifted, 2 unknown\n"
        "\n"
        "What will change\n"
        "what   from   to    machines   which\n"
        "────────────────────────────────────\n"
        "line   none   new          2   all\n"
        "\n"
        "It can be taken back on every machine: `daicho undo`.\n"
        "\n"
        "Machine by machine\n"
        "machine   would          what   way back\n"
        "────────────────────────────────────────\n"
        "pc-1      would change   line   yes\n"
        "pc-2      would change   line   yes\n"
    )
    head = shown[: shown.index("\nHow it goes")]
    assert head.startswith("C1  A line for every target  [done]\n\nwork      Apply security patches")
    assert "asked by  Sato Hanako (sato), 20" in head
    assert " JST\nwindow    any time while the approval is valid\n" in head


def test_inputs_are_told_as_far_as_somebody_gave_them(desk: Desk) -> None:
    given = desk.requested(inputs="{scope: security, reboot: never, deny: []}")
    shown = desk.expect("show", given).out
    assert "inputs    deny: -; reboot: never; scope: security\n" in shown
    assert desk.expect("show", given, "--output", "json").json["inputs"] == {
        "scope": "security",
        "allow": [],
        "deny": [],
        "categories": [],
        "source": "default",
        "offline_folder": "",
        "step": "install",
        "retries": 3,
        "update_timeout": 7200,
        "reboot": "never",
        "reboot_notice": 15,
        "reboot_timeout": 600,
        "services": [],
    }
    assert "inputs    -\n" in desk.expect("show", desk.requested()).out


def test_a_plan_of_which_nothing_could_be_read_says_so(desk: Desk) -> None:
    playbook = desk.folder / "content/playbooks/patch_endpoints.yml"
    text = playbook.read_text(encoding="utf-8")
    before, _tasks, first = text.partition("  tasks:\n")
    fails = "    - name: Fail\n      ansible.builtin.fail: {msg: the disk cannot be read}\n\n"
    playbook.write_text(f"{before}  tasks:\n{fails}{first}", encoding="utf-8")
    change = desk.requested()
    shown = desk.expect("plan", change, who="sato").out
    assert shown[shown.index("\nWhat will change") : shown.index("\nMachine by machine")] == (
        "\n"
        "What will change\n"
        "Nothing could be planned: no target could be read.\n"
        "\n"
        "Not part of it, and still owing: 2 machines that could not be looked at\n"
        "  pc-1: could not be rehearsed (Fail: the disk cannot be read)\n"
        "  pc-2: could not be rehearsed (Fail: the disk cannot be read)\n"
    )
    assert "already in order" not in shown
    assert shown.endswith(f"\nNext: see to what could not be read, then `daicho plan {change}` again\n")


def test_a_run_names_no_log_that_it_does_not_have(walked_desk: Desk, tmp_path: Path) -> None:
    shutil.copytree(walked_desk.folder, tmp_path / "desk")
    desk = replace(walked_desk, folder=tmp_path / "desk")
    log = desk.state / "runs/R1/ansible.log"
    assert desk.expect("show", "R1", "--output", "json").json["log"] == str(log)
    log.unlink()
    assert "\nlog " not in desk.expect("show", "R1").out
    assert desk.expect("show", "R1", "--output", "json").json["log"] is None


def test_the_run_as_the_morning_after_asks_for_it(walked_desk: Desk) -> None:
    shown = walked_desk.expect("show", "R1").out
    assert "approved by  Suzuki Ichiro (suzuki)\nrun by       Tanaka Minoru (tanaka)\n" in shown
    assert f"log          {walked_desk.state}/runs/R1/ansible.log\n" in shown
    assert shown[shown.index("Waves") :] == (
        "Waves\n"
        "  wave 1: pc-1\n"
        "  wave 2: pc-2\n"
        "\n"
        "What was done\n"
        "machine   outcome   what   before   after\n"
        "─────────────────────────────────────────\n"
        "pc-1      changed   line   none     new\n"
        "pc-2      changed   line   none     new\n"
        "\n"
        "2 of 2 machines as approved (100.0 %)\n"
        "\n"
        "To take it back: `daicho undo R1 --reason WHY`.\n"
    )
    found = walked_desk.expect("show", "R1", "--output", "json").json
    assert found["approvers"] == ["suzuki"]
    assert found["compliance"] == {"total": 2, "as_approved": 2}
    assert found["targets"][0] == {
        "target": "pc-1",
        "outcome": "changed",
        "why": "",
        "intended": True,
        "planned": [{"key": "line", "before": "none", "after": "new"}],
    }


def test_works_tells_what_each_input_means(walked_desk: Desk) -> None:
    rows = list(csv.DictReader(io.StringIO(walked_desk.expect("works", "--output", "csv").out)))
    scope = next(row for row in rows if row["input"] == "scope")
    assert scope == {
        "work": "patch_endpoints",
        "input": "scope",
        "type": "security | all",
        "default": "security",
        "description": "Only what the security archive offers, or every update.",
    }
    assert all(row["description"] for row in rows)


# The ledger


def test_an_entrys_text_has_its_hash(walked_desk: Desk) -> None:
    text = walked_desk.expect("ledger", "show", "3", "--text").out
    shown = walked_desk.expect("ledger", "show", "3", "--output", "json").json
    assert hashlib.sha256(text.encode()).hexdigest() == shown["hash"]
    assert json.loads(text)["seq"] == 3


def test_verify_names_the_entry_that_somebody_altered(walked_desk: Desk, tmp_path: Path) -> None:
    sound = walked_desk.expect("ledger", "verify", "--tables")
    assert sound.out.startswith(
        "The ledger is whole: every entry is as it was recorded, every signature holds.\n"
    )
    copy = tmp_path / "copy.db"
    with sqlite3.connect(walked_desk.state / "ledger.db") as source, sqlite3.connect(copy) as target:
        source.backup(target)
    source.close()
    triggers = [row[0] for row in target.execute("SELECT sql FROM sqlite_schema WHERE type = 'trigger'")]
    for (name,) in target.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        target.execute(f"DROP TRIGGER {name}")
    target.execute("UPDATE entry SET text = replace(text, 'REQ-7', 'REQ-8') WHERE kind = 'change.requested'")
    for statement in triggers:
        target.execute(statement)
    target.commit()
    seq = target.execute("SELECT seq FROM entry WHERE kind = 'change.requested'").fetchone()[0]
    target.close()
    broken = walked_desk.daicho("ledger", "verify", str(copy), "--output", "json")
    assert broken.code == 4
    assert [finding["seq"] for finding in broken.json["findings"]] == [seq]
    assert walked_desk.daicho("ledger", "verify", str(copy)).out.startswith(
        f"THE LEDGER IS BROKEN.\n  Entry {seq} "
    )


def test_checkpoint_export_and_paper_fit_the_ledger(desk: Desk, tmp_path: Path) -> None:
    denied = desk.daicho("ledger", "checkpoint", who="suzuki")
    assert (denied.code, denied.err) == (
        5,
        f"daicho: suzuki may not administer 'checkpoints'. {WHO_MAY}\n",
    )
    made = desk.expect(
        "ledger", "checkpoint", "--to", str(tmp_path / "other"), "--output", "json", who="sato"
    ).json
    assert made["size"] == 3
    assert len(list((tmp_path / "other").glob("*.checkpoint"))) == 1
    typed = desk.daicho("ledger", "verify", "--paper", "--checkpoint", "-", typed=made["paper"].lower())
    assert (typed.code, "2 checkpoints held against them" in typed.out) == (0, True)
    desk.expect("ledger", "export", str(tmp_path / "export"))
    assert desk.expect("ledger", "verify", "--against", str(tmp_path / "export")).code == 0
    witness = subprocess.run(
        [sys.executable, "-I", tmp_path / "export" / "verify_ledger.py", tmp_path / "export"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert witness.returncode == 0, witness.stdout


def test_rebuild_makes_the_tables_anew(desk: Desk) -> None:
    with sqlite3.connect(desk.state / "ledger.db") as connection:
        connection.execute("UPDATE item SET address = '192.0.2.99' WHERE name = 'pc-1'")
    connection.close()
    altered = desk.daicho("ledger", "verify", "--tables")
    assert (altered.code, altered.out.splitlines()[0]) == (
        4,
        "The chain is whole, but tables beside it were altered.",
    )
    assert desk.expect("ledger", "rebuild").out == "The tables are made anew from 3 entries.\n"
    assert desk.expect("ledger", "verify", "--tables").code == 0


# Items and policy


def test_items_are_imported_by_an_administrator_only(desk: Desk) -> None:
    done = desk.daicho("item", "import", "items.csv", who="tanaka")
    assert (done.code, done.err) == (
        5,
        f"daicho: tanaka may not administer 'items'. {WHO_MAY}\n",
    )


def test_an_import_says_what_it_changes_and_asks_before_it_retires(desk: Desk) -> None:
    (desk.folder / "new.csv").write_text(
        "名称,種別,アドレス,管理番号\npc-1,endpoint,192.0.2.9,A-1\n", encoding="cp932"
    )
    words = ("item", "import", "new.csv", "--map", "管理番号=asset", "--retire-missing")
    dry = desk.expect(*words, "--dry-run", who="sato")
    assert dry.out == (
        "name   attribute   before      after\n"
        "────────────────────────────────────────\n"
        "pc-1   address     192.0.2.1   192.0.2.9\n"
        "pc-1   asset                   A-1\n"
        "pc-1   floor       3\n"
        "pc-2   retired\n"
        "\n"
        "Items: 0 new, 1 changed, 0 as recorded, 1 retired. Nothing was recorded.\n"
    )
    asked = desk.daicho(*words, who="sato", typed="no\n")
    assert (asked.code, asked.out) == (5, "")
    done = desk.expect(*words, who="sato", typed="yes\n")
    assert done.out == "Items: 0 new, 1 changed, 0 as recorded, 1 retired.\n"
    assert [row["name"] for row in desk.expect("item", "list", "--output", "json").json] == ["pc-1"]
    history = desk.expect("item", "history", "pc-1", "--output", "json").json
    assert {row["source"] for row in history} == {"items.csv", "new.csv"}


def test_a_policy_is_checked_and_adopted_with_its_differences(desk: Desk) -> None:
    policy = desk.folder / "policy.yml"
    broken = policy.read_text(encoding="utf-8").replace("language: en", "language: fr")
    (desk.folder / "broken.yml").write_text(broken, encoding="utf-8")
    done = desk.daicho("policy", "check", "broken.yml")
    assert (done.code, done.err) == (
        2,
        "daicho: broken.yml cannot be used:\nAt language: it must be one of 'en' or 'ja'.\n",
    )
    same = desk.daicho("policy", "adopt", "policy.yml", who="sato")
    assert (same.code, same.err) == (0, "policy.yml is the policy in force already; nothing was recorded.\n")
    policy.write_text(policy.read_text(encoding="utf-8") + "approval_valid_days: 3\n", encoding="utf-8")
    adopted = desk.daicho("policy", "adopt", "policy.yml", who="sato", typed="yes\n")
    assert (adopted.code, adopted.out) == (0, "The policy is in force from entry 4 on.\n")
    assert '-  "approval_valid_days": 14,\n+  "approval_valid_days": 3,\n' in adopted.err
    shown = desk.expect("policy", "show").out
    assert "an approval is valid  3 days\n" in shown
    assert "  New year: 2036-12-28 00:00 JST to 2037-01-04 00:00 JST, *. the offices are closed\n" in shown


def test_init_says_what_the_targets_need_and_does_it_once(desk: Desk) -> None:
    shutil.rmtree(desk.state)
    done = desk.daicho("init", "--policy", "policy.yml")
    public = (desk.state / "keys" / "ssh_ca.pub").read_text(encoding="ascii").strip()
    assert done.code == 0
    assert done.err == "Next: `daicho item import FILE` brings in the machines.\n"
    assert f"  {public}\n" in done.out
    assert "  TrustedUserCAKeys /etc/ssh/daicho_ca.pub\n" in done.out
    again = desk.daicho("init", "--policy", "policy.yml")
    assert (again.code, again.out) == (1, "")


# Languages


@pytest.fixture
def bilingual(desk: Desk) -> Desk:
    """A desk whose catalogue has three Japanese sentences: one of ours, one of a help, one of click's."""
    catalogue = Catalog(locale="ja")
    for english, japanese in (
        ("There is no {kind} {name!r}. `{listing}` lists them.", "{kind} {name!r} はない ({listing})。"),
        ("List the changes (or runs) and how they stand, newest first.", "変更の一覧。"),
        ("Show this message and exit.", "この説明を表示する。"),
    ):
        catalogue.add(english, japanese)
    folder = desk.folder / "lib/daicho/locale/ja/LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "daicho.mo").open("wb") as file:
        write_mo(file, catalogue)
    return desk


@pytest.mark.parametrize("how", [{"DAICHO_LANG": "ja"}, {"LANG": "ja_JP.UTF-8"}, {"--lang": "ja"}])
def test_one_choice_of_language_holds_for_all_that_is_said(bilingual: Desk, how: dict[str, str]) -> None:
    words = [each for name, value in how.items() if name.startswith("-") for each in (name, value)]
    environment = {name: value for name, value in how.items() if not name.startswith("-")}
    shown = bilingual.daicho(*words, "status", "--help", **environment)
    assert "  変更の一覧。\n" in shown.out
    assert "この説明を表示する。" in shown.out
    error = bilingual.daicho(*words, "show", "C9", **environment)
    assert (error.code, error.err) == (2, "daicho: change 'C9' はない (daicho status)。\n")


def test_another_language_than_these_is_refused(walked_desk: Desk) -> None:
    refused = walked_desk.daicho("--lang", "fr", "status")
    assert refused.code == 2
    assert refused.err.endswith(
        "Error: Invalid value for '--lang' (env var: 'DAICHO_LANG'): 'fr' is not one of 'en', 'ja'.\n"
    )
