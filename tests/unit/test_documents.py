"""People's YAML: bombs, absurd inputs, and messages that point at the field with the remedy."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.change import ChangeDocument
from daicho.documents import MAX_BYTES, judge, load, read_file
from daicho.errors import DocumentError
from daicho.policy import Policy
from daicho.times import site_zone
from tests.bureau import document_of, policy_of

if TYPE_CHECKING:
    from pathlib import Path

ALIAS = "It uses a YAML alias (*name). Write the value out."
DEEP = "It is nested more than 32 deep. Write it flat."
LAUGHS = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"
SIZE = "is no size; write a number of targets such as 5, or a share such as 10%."
SELECTOR = "write a name, a glob such as 'pc-*', or attributes (`kind: endpoint`); put numbers in quotes."
EXACT = "; write whole numbers, and all else in quotes."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(LAUGHS, ALIAS, id="billion laughs"),
        pytest.param("a: &a\n  <<: *a\n", ALIAS, id="merge of itself"),
        pytest.param("[" * 100_000, DEEP, id="brackets"),
        pytest.param("{a: " * 100_000, DEEP, id="braces"),
        pytest.param("- " * 100_000 + "a", DEEP, id="dashes"),
        pytest.param(
            "a: " + "9" * 5000,
            "Exceeds the limit (4300 digits) for integer string conversion: value has 5000 digits",
            id="huge number",
        ),
        pytest.param(
            "a: 1\nb: 2\na: 3\n",
            'line 3: found duplicate key "a" with value "3" (original value: "1")',
            id="key twice",
        ),
        pytest.param(
            "a: x\0y",
            "unacceptable character #x0000: special characters are not allowed\n"
            '  in "<unicode string>", position 4',
            id="NUL",
        ),
        pytest.param("a: 1\n---\nb: 2\n", "line 2: but found another document", id="two documents"),
        pytest.param(
            "a: !!python/object/apply:os.system [id]",
            "line 1: could not determine a constructor for the tag "
            "'tag:yaml.org,2002:python/object/apply:os.system'",
            id="object",
        ),
        pytest.param("a: [1\n", "line 2: expected ',' or ']', but got '<stream end>'", id="not closed"),
        pytest.param(
            'title: "safe\\e[2J"',
            "At title: it holds the invisible character U+001B. Take it out.",
            id="escape",
        ),
        pytest.param(
            'a: [{b: "pc\\u202e1"}]',
            "At a[0].b: it holds the invisible character U+202E. Take it out.",
            id="right to left",
        ),
        pytest.param(
            '"k\\0": 1',
            "At the top: it holds the invisible character U+0000. Take it out.",
            id="NUL in a key",
        ),
    ],
)
def test_what_is_refused_before_anybody_looks_at_fields(text: str, said: str) -> None:
    begin = time.process_time()
    with pytest.raises(DocumentError) as refusal:
        load(text, "change.yml")
    assert str(refusal.value) == f"change.yml cannot be used:\n{said}"
    assert time.process_time() - begin < 2


@given(st.text(max_size=60))
def test_any_text_is_a_value_or_a_message(text: str) -> None:
    # Anything else than a DocumentError is an error here.
    with suppress(DocumentError):
        load(text, "x")


def test_a_long_and_flat_document_is_read() -> None:
    names = [f"pc-{number:05d}" for number in range(12_000)]
    assert load("targets:\n" + "".join(f"- {name}\n" for name in names), "x") == {"targets": names}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"x" * 5_000_000, f"It is larger than {MAX_BYTES} bytes."),
        ("title: 更新".encode("cp932"), "Byte 7 is not UTF-8. Save the file as UTF-8."),
        ("title: x".encode("utf-16"), "Byte 0 is not UTF-8. Save the file as UTF-8."),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "change.yml"
    path.write_bytes(data)
    with pytest.raises(DocumentError) as refusal:
        read_file(path)
    assert str(refusal.value) == f"{path} cannot be used:\n{said}"


def test_a_file_is_not_read_beyond_its_bound(tmp_path: Path) -> None:
    endless = tmp_path / "endless"
    endless.symlink_to("/dev/zero")
    with pytest.raises(DocumentError, match="It is larger than"):
        read_file(endless)


@pytest.mark.parametrize(
    ("name", "said"), [("absent.yml", "No such file or directory"), (".", "Is a directory")]
)
def test_what_is_no_file(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(DocumentError) as refusal:
        read_file(tmp_path / name)
    assert str(refusal.value) == f"{tmp_path / name} cannot be used:\n{said}"


def test_excels_mark_at_the_beginning_is_no_part_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "x.yml").write_bytes(b"\xef\xbb\xbftitle: \xe6\x9b\xb4\xe6\x96\xb0")
    assert read_file(tmp_path / "x.yml") == "title: 更新"


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"title": ""}, "At title: it must not be empty."),
        ({"title": "x" * 201}, "At title: it must have at most 200 characters."),
        ({"title": "one\ndigest: sha256:0"}, "At title: it must be one line, without spaces at its ends."),
        ({"title": "x\u2028y"}, "At title: it must be one line, without spaces at its ends."),
        ({"title": 5}, "At title: it must be a text; put it in quotes."),
        ({"title": "\ud800"}, "At title: it holds half a character; type it again."),
        ({"ticket": "a\nb"}, "At ticket: it must be one line, without spaces at its ends."),
        ({"work": "Patch"}, "At work: it must look like ^[a-z][a-z0-9_]*$."),
        ({"work": "patch\n"}, "At work: it must look like ^[a-z][a-z0-9_]*$."),
        ({"class": "urgent"}, "At class: it must be one of 'normal', 'standard' or 'emergency'."),
        ({"klass": "normal"}, "At klass: there is no such field; look for a spelling mistake."),
        ({1: 2}, "At [1]: a field's name must be a text; put it in quotes."),
        ({"targets": []}, "At targets: it needs at least 1."),
        ({"targets": "pc-1"}, "At targets: it must be a list."),
        ({"targets": [7]}, f"At targets[0]: {SELECTOR}"),
        ({"targets": ["pc-1", {"floor": [1, 2]}]}, f"At targets[1]: {SELECTOR}"),
        ({"targets": [{}]}, f"At targets[0]: {SELECTOR}"),
        ({"except": [None]}, f"At except[0]: {SELECTOR}"),
        ({"inputs": []}, "At inputs: it must be a mapping."),
        (
            {"inputs": {"t": 6e2}},
            f"At inputs: a value cannot be recorded exactly (float has no canonical JSON form){EXACT}",
        ),
        (
            {"inputs": {"t": [2**60]}},
            f"At inputs: a value cannot be recorded exactly (integer {2**60} has no exact JSON form){EXACT}",
        ),
        (
            {"inputs": {"t": b"x"}},
            f"At inputs: a value cannot be recorded exactly (bytes has no canonical JSON form){EXACT}",
        ),
        ({"waves": [0]}, f"At waves: wave 0 {SIZE}"),
        ({"waves": [1, 1.5]}, f"At waves: wave 1.5 {SIZE}"),
        ({"waves": 5}, "At waves: it must be a list."),
        ({"budget": {"failed": 1.5}}, "At budget.failed: 1.5 is no amount; write 3 or 10%."),
        ({"window": {"from": "2026-11-21 20:00"}}, "At window.until: it is missing."),
        (
            {"window": {"from": "2026-11-22 20:00", "until": "2026-11-21 20:00"}},
            "At window: the window ends before it begins.",
        ),
        (
            {"window": {"from": "2026-11-21 20:00", "until": "2026-11-21 20:00"}},
            "At window: the window ends before it begins.",
        ),
        (
            {"window": {"from": "tonight", "until": "2026-11-21 20:00"}},
            "At window.from: 'tonight' is no moment; write it like 2026-11-21 20:00.",
        ),
        (
            {"window": {"from": "0001-01-01", "until": "2026-11-21 20:00"}},
            "At window.from: '0001-01-01' is no moment; write it like 2026-11-21 20:00.",
        ),
        (
            {"window": {"from": 20261121, "until": "2026-11-21 20:00"}},
            "At window.from: 20261121 is no moment; write it like 2026-11-21 20:00.",
        ),
        (
            {"class": "standard"},
            "At the top: a standard change needs `expires`, the moment until which it is pre-approved.",
        ),
        (
            {"expires": "2026-12-31"},
            "At the top: `expires` is for a standard change; say with `window` when this one may run.",
        ),
        ({"undo_of": "R0"}, "At undo_of: it must look like ^R[1-9][0-9]*$."),
    ],
)
def test_a_change_that_breaks_its_schema(given_: dict[Any, Any], said: str) -> None:
    whole = {"work": "patch_endpoints", "title": "t", "reason": "r", "targets": ["pc-1"]} | given_
    with site_zone("Asia/Tokyo"), pytest.raises(DocumentError) as refusal:
        judge(ChangeDocument, whole, "change.yml")
    assert str(refusal.value) == f"change.yml cannot be used:\n{said}"


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(DocumentError) as refusal:
        judge(ChangeDocument, {"title": "", "targts": ["pc-1"]}, "change.yml")
    assert str(refusal.value).splitlines() == [
        "change.yml cannot be used:",
        "At work: it is missing.",
        "At title: it must not be empty.",
        "At reason: it is missing.",
        "At targets: it is missing.",
        "At targts: there is no such field; look for a spelling mistake.",
    ]


@pytest.mark.parametrize("value", [None, [], "text", 5])
def test_a_document_that_is_no_mapping(value: object) -> None:
    with pytest.raises(DocumentError) as refusal:
        judge(ChangeDocument, value, "change.yml")
    assert str(refusal.value) == "change.yml cannot be used:\nAt the top: it must be a mapping of fields."


def test_a_prefix_says_where_the_value_stands() -> None:
    with pytest.raises(DocumentError) as refusal:
        judge(ChangeDocument, None, "change.yml", "inputs")
    assert str(refusal.value) == "change.yml cannot be used:\nAt inputs: it must be a mapping of fields."


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-21 20:00",
        "2026-11-21 20:00:00",
        "2026-11-21T20:00",
        "2026-11-21T20:00:00+09:00",
        "2026-11-21 20:00+09:00",
        "2026-11-21T11:00:00Z",
        "2026-11-21 13:00:00 +02:00",
    ],
)
@pytest.mark.parametrize("quote", ["", '"'])
def test_eight_in_the_evening_in_tokyo_is_eleven_utc(written: str, quote: str) -> None:
    if quote and " +" in written:
        pytest.skip("not ISO 8601; YAML alone knows it")
    window = load(f"{{from: {quote}{written}{quote}, until: 2026-11-22}}", "x")
    document = document_of(window=window)
    assert document.as_json()["window"] == {
        "from": "2026-11-21T11:00:00.000000Z",
        "until": "2026-11-21T15:00:00.000000Z",
    }


def test_a_document_comes_back_from_the_ledger_as_it_was() -> None:
    document = document_of(
        window={"from": "2026-11-21 20:00", "until": "2026-11-22"},
        targets=["pc-1", {"site": ["本省", "別館"], "kind": "endpoint"}],
        waves=[1, "10%"],
        budget={"failed": 3},
        inputs={"deny": ["linux-*"], "reboot_timeout": 60},
    )
    again = ChangeDocument.model_validate(document.as_json())
    assert again == document
    assert again.as_json() == document.as_json()


# The policy

PERSON = {"name": "sato"}
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"principals": []}, "At principals: it needs at least 1."),
        (
            {"principals": [{"name": "Sato"}]},
            "At principals[0].name: it must look like ^[a-z][a-z0-9._-]{0,31}$.",
        ),
        ({"principals": [PERSON, PERSON]}, "At the top: principal sato is there twice."),
        (
            {
                "principals": [
                    {"name": "a", "keys": [{"key": KEY}]},
                    {"name": "b", "keys": [{"key": KEY + " b@x"}]},
                ]
            },
            "At the top: a and b have the same key: every person needs their own.",
        ),
        (
            {"principals": [{"name": "a", "keys": [{"key": "ssh-ed25519 AAAA"}]}]},
            "At principals[0].keys[0].key: not an SSH public key: 'ssh-ed25519 AAAA'.",
        ),
        (
            {"principals": [{"name": "a", "keys": [{"key": "ssh-ed25519-cert-v01@openssh.com AAAA"}]}]},
            "At principals[0].keys[0].key: it is a certificate; write the public key itself.",
        ),
        (
            {
                "principals": [
                    {
                        "name": "a",
                        "keys": [{"key": KEY, "valid_from": "2026-04-01", "valid_until": "2026-03-31"}],
                    }
                ]
            },
            "At principals[0].keys[0]: the key ends before it begins.",
        ),
        ({"time_zone": "Tokyo"}, "At time_zone: Tokyo is no time zone; write it like Asia/Tokyo."),
        (
            {"time_zone": "../../etc/passwd"},
            "At time_zone: ../../etc/passwd is no time zone; write it like Asia/Tokyo.",
        ),
        ({"language": "fr"}, "At language: it must be one of 'en' or 'ja'."),
        ({"quorum": {"normal": 0}}, "At quorum.normal: it must be at least 1."),
        ({"approval_valid_days": 367}, "At approval_valid_days: it must be at most 366."),
        ({"approval_valid_days": "soon"}, "At approval_valid_days: it must be a whole number."),
        ({"waves": []}, "At waves: it needs at least 1."),
        ({"waves": ["0%"]}, f"At waves: wave '0%' {SIZE}"),
        (
            {"freezes": [{"name": "f", "from": "2026-12-28", "until": "2026-12-27"}]},
            "At freezes[0]: the freeze ends before it begins.",
        ),
    ],
)
def test_a_policy_that_breaks_its_schema(given_: dict[str, Any], said: str) -> None:
    with pytest.raises(DocumentError) as refusal:
        judge(Policy, {"site": "test", "principals": [PERSON]} | given_, "policy.yml")
    assert str(refusal.value) == f"policy.yml cannot be used:\n{said}"


def test_a_policy_comes_back_from_the_ledger_with_the_same_digest() -> None:
    policy = policy_of(freezes=[{"name": "f", "from": "2026-12-28", "until": "2027-01-04"}])
    again = judge(Policy, policy.as_json(), "entry 1")
    assert again.as_json() == policy.as_json()
    assert again.digest == policy.digest


def test_the_defaults_are_written_out_in_the_ledger() -> None:
    assert policy_of().as_json()["quorum"] == {"normal": 1, "standard": 1, "irreversible": 2, "wide": []}


def test_the_digest_differs_with_every_rule() -> None:
    variants = [
        policy_of(),
        policy_of(approval_valid_days=15),
        policy_of(quorum={"normal": 2}),
        policy_of(waves=[2]),
        policy_of(budget={"failed": 1}),
        policy_of(time_zone="UTC"),
        policy_of(principals=[{"name": "sato"}]),
        policy_of(freezes=[{"name": "f", "from": "2026-12-28", "until": "2027-01-04"}]),
    ]
    assert len({policy.digest for policy in variants}) == len(variants)


@pytest.mark.parametrize(
    ("kind", "irreversible", "targets", "wanted"),
    [
        ("normal", False, 1, 1),
        ("standard", False, 1, 3),
        ("normal", True, 1, 2),
        ("standard", True, 1, 3),
        ("normal", False, 100, 1),
        ("normal", False, 101, 4),
        ("normal", True, 5000, 5),
    ],
)
def test_the_highest_number_that_applies_counts(
    kind: str, irreversible: bool, targets: int, wanted: int
) -> None:
    policy = policy_of(
        quorum={"standard": 3, "wide": [{"over": 1000, "approvers": 5}, {"over": 100, "approvers": 4}]}
    )
    assert policy.quorum_for(kind, irreversible=irreversible, targets=targets) == wanted


def test_rights_are_globs_over_works() -> None:
    policy = policy_of(principals=[{"name": "sato", "may": {"operate": ["patch_*", "check"]}}])
    granted = [policy.may("sato", "operate", work) for work in ("patch_endpoints", "check", "checks", "")]
    assert granted == [True, True, False, False]
    assert not policy.may("sato", "approve", "check")
    assert not policy.may("nobody", "operate", "check")
