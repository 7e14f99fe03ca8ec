"""Which updates are chosen and what is said about them; on real recorded words of apt."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugins.module_utils.apt_choice import (
    Change,
    Kept,
    Offer,
    Package,
    Room,
    Source,
    Space,
    Wish,
    bare,
    choose,
    describe_fetch,
    describe_refresh,
    irreversible,
    notes,
    shortage,
    space_needed,
    states,
)

RECORDED = Path(__file__).parent.parent / "data" / "apt"

STABLE = Source("Debian", "stable", "bookworm", "Debian")
SECURITY = Source("Debian", "stable-security", "bookworm-security", "Debian-Security")
BACKPORTS = Source("Debian", "stable-backports", "bookworm-backports", "Debian Backports")
PATTERNS = ["*-security", "Debian-Security"]


def package(name: str, *offers: tuple[str, Source], held: bool = False) -> Package:
    return Package(name, "1.0", held, tuple(Offer(version, (source,)) for version, source in offers))


def wish(scope: str = "security", allow: list[str] | None = None, deny: list[str] | None = None) -> Wish:
    return Wish(scope, allow or [], deny or [], PATTERNS)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(SECURITY, True, id="debian security"),
        pytest.param(Source("Lab", "lab-security", "", ""), True, id="by suite"),
        pytest.param(Source("", "", "trixie-security", ""), True, id="by codename"),
        pytest.param(Source("", "", "", "Debian-Security"), True, id="by label"),
        pytest.param(STABLE, False, id="main archive"),
        pytest.param(BACKPORTS, False, id="backports"),
        pytest.param(Source("", "", "", ""), False, id="a file without a release"),
    ],
)
def test_security_is_told_by_the_release_file(source: Source, *, expected: bool) -> None:
    assert source.is_security(PATTERNS) is expected


@pytest.mark.parametrize(
    ("found", "asked", "chosen", "kept"),
    [
        pytest.param(package("a", ("1.1", SECURITY)), wish(), {"a": "1.1"}, [], id="security update"),
        pytest.param(package("a", ("1.1", STABLE)), wish(), {}, [], id="out of scope is not worth a word"),
        pytest.param(package("a", ("1.1", STABLE)), wish("all"), {"a": "1.1"}, [], id="all takes any"),
        pytest.param(
            package("a", ("1.1", SECURITY), ("1.2", STABLE)), wish(), {"a": "1.1"}, [], id="not past security"
        ),
        pytest.param(
            package("a", ("1.1", SECURITY), ("1.2", STABLE)), wish("all"), {"a": "1.2"}, [], id="all, newest"
        ),
        pytest.param(
            package("a", ("1.1", SECURITY), ("1.1.1", SECURITY)),
            wish(),
            {"a": "1.1.1"},
            [],
            id="newest security",
        ),
        pytest.param(
            package("a", ("1.1", SECURITY), held=True),
            wish(),
            {},
            [Kept("a", "1.0", "1.1", "held on the machine")],
            id="held",
        ),
        pytest.param(
            package("linux-image-amd64", ("1.1", SECURITY)),
            wish(deny=["linux-*"]),
            {},
            [Kept("linux-image-amd64", "1.0", "1.1", "denied by linux-*")],
            id="denied",
        ),
        pytest.param(
            package("a", ("1.1", SECURITY)),
            wish(allow=["a"], deny=["*"]),
            {},
            [Kept("a", "1.0", "1.1", "denied by *")],
            id="deny wins",
        ),
        pytest.param(
            package("a", ("1.1", SECURITY)),
            wish(allow=["b*"]),
            {},
            [Kept("a", "1.0", "1.1", "not on the allow list")],
            id="not allowed",
        ),
        pytest.param(package("a", ("1.1", SECURITY)), wish(allow=["a"]), {"a": "1.1"}, [], id="allowed"),
        pytest.param(package("a"), wish("all"), {}, [], id="up to date"),
    ],
)
def test_choice(found: Package, asked: Wish, chosen: dict[str, str], kept: list[Kept]) -> None:
    assert choose([found], asked) == (chosen, kept)


def test_an_approved_state_gives_bare_packages() -> None:
    approved = {"package:openssl": "3.0.2", "package:libc6:i386": "2.36", "new": None, "reboot": "always"}

    assert bare(approved) == {"openssl": "3.0.2", "libc6:i386": "2.36", "new": None}


@pytest.mark.parametrize(
    ("wanted", "policy", "finish", "before", "after"),
    [
        pytest.param(
            {"a": "2"},
            "if_required",
            False,
            {"package:a": "1", "reboot": "not done"},
            {"package:a": "2", "reboot": "if required"},
            id="an update may ask for a reboot",
        ),
        pytest.param({"a": "2"}, "never", False, {"package:a": "1"}, {"package:a": "2"}, id="never"),
        pytest.param(
            {"a": "1"}, "if_required", False, {"package:a": "1"}, {"package:a": "1"}, id="nothing to do"
        ),
        pytest.param(
            {"a": "1"},
            "if_required",
            True,
            {"package:a": "1", "reboot": "not done"},
            {"package:a": "1", "reboot": "if required"},
            id="a reboot is owed from before",
        ),
        pytest.param({}, "always", False, {"reboot": "not done"}, {"reboot": "always"}, id="always"),
        pytest.param({}, "never", True, {}, {}, id="never, although one is owed"),
        pytest.param(
            {"a": None}, "never", False, {"package:a": "1"}, {"package:a": None}, id="a removal, in an undo"
        ),
    ],
)
def test_states(
    wanted: dict[str, str | None],
    policy: str,
    before: dict[str, str | None],
    after: dict[str, str | None],
    *,
    finish: bool,
) -> None:
    assert states({"a": "1"}, wanted, policy, finish=finish) == (before, after)


def test_no_way_back_names_every_package_that_is_lost() -> None:
    changes = [
        Change("a", "1", "2"),
        Change("b", "1", "2", way_back=False),
        Change("c", "5", "6", way_back=False),
    ]

    assert irreversible(changes[:1]) is None
    assert irreversible(changes) == ("The archive no longer offers b 1, c 5: there is nothing to go back to.")


def test_space_counts_growth_and_the_largest_package_beside_its_old_self() -> None:
    changes = [
        Change("grows", "1", "2", download=100, size_before=1000, size_after=1500),
        Change("shrinks", "1", "2", download=50, size_before=9000, size_after=8000),
    ]

    assert space_needed(changes, 7) == Space(archives=150, system=500 + 8000, admin=14 + 1024 * 1024)
    assert space_needed([], 7) == Space(0, 0, 0)


def test_folders_on_one_file_system_share_its_room() -> None:
    mib = 1024 * 1024
    needed = [(Room("/var/cache", 1, 10 * mib), 6 * mib), (Room("/usr", 1, 10 * mib), 6 * mib)]

    assert shortage(needed[:1]) is None
    assert shortage([needed[0], (Room("/usr", 2, 10 * mib), 6 * mib)]) is None
    assert shortage(needed) == (
        "Not enough disk space: 12.0 MiB needed under /var/cache, /usr, 10.0 MiB free. "
        "Make room (`apt-get clean` is a start), then plan again."
    )


INRELEASE = "Failed to fetch http://10.77.0.1:8080/dists/lab/InRelease"
UNSIGNED = "The package index is not signed by a key that this machine trusts:"
UNTRUSTED = "Nothing from it may be installed. Find out who changed the repository before anything else."
STALE = "The package index could not be refreshed:"
WAY = "See to the repository or the way to it, then plan again."
SENTENCES = {
    "tampered-index": (
        f"{UNSIGNED} {INRELEASE}: The following signatures were invalid: "
        f"BADSIG 435306D91B069C2D Lab repository. {UNTRUSTED}"
    ),
    "no-key": (
        f"{UNSIGNED} {INRELEASE}: The following signatures couldn't be verified because the public key "
        f"is not available: NO_PUBKEY 435306D91B069C2D. {UNTRUSTED}"
    ),
    "expired-index": (
        f"{STALE} Release file for http://10.77.0.1:8080/dists/lab/InRelease is expired "
        f"(invalid since 24h 0min 0s). Updates for this repository will not be applied. {WAY}"
    ),
    "unreachable": (
        f"{STALE} {INRELEASE}: Could not connect to 10.77.0.1:8080 (10.77.0.1). "
        f"- connect (111: Connection refused). {WAY}"
    ),
    "disk-full": (
        f"The package index could not be written, the disk is full: {INRELEASE}: Error writing to file "
        "- write (28: No space left on device) [IP: 10.77.0.1 8080]. Make room, then plan again."
    ),
    "locked": (
        "Another package manager is at work on the machine: Could not get lock /var/lib/apt/lists/lock. "
        "It is held by process 68 (python3). Let it finish, then plan again."
    ),
}


@pytest.mark.parametrize(("recorded", "sentence"), SENTENCES.items(), ids=SENTENCES)
def test_a_failed_refresh_says_what_to_do(recorded: str, sentence: str) -> None:
    assert (
        describe_refresh(100, (RECORDED / f"update-{recorded}.txt").read_text(encoding="utf-8")) == sentence
    )


def test_a_silent_failure_gives_its_code() -> None:
    assert describe_refresh(124, "apt-get did not end within 300 s") == (
        "The package index could not be refreshed: apt-get update ended with 124. "
        "See to the repository or the way to it, then plan again."
    )


def test_a_failed_fetch_names_the_packages_and_spares_the_checksums() -> None:
    pool = "http://10.77.0.1:8080/pool/lab-security"

    assert describe_fetch((RECORDED / "fetch-hash-mismatch.txt").read_text(encoding="utf-8")) == (
        f"The packages could not be fetched whole: {pool}/office-suite_1.0%2bsecurity1_all.deb: "
        "Hash Sum mismatch; "
        f"{pool}/print-agent_1.0%2bsecurity1_all.deb: Hash Sum mismatch. "
        "Nothing was changed; see to the repository, then run the change again."
    )
    assert describe_fetch("something\nelse") == (
        "The packages could not be fetched whole: something else. "
        "Nothing was changed; see to the repository, then run the change again."
    )


@pytest.mark.parametrize(
    ("changes", "policy", "reasons", "expected"),
    [
        pytest.param([], "if_required", [], [], id="nothing to say"),
        pytest.param(
            [
                Change("a", "1", "2", suite="stable-security", security=True),
                Change("b", None, "2", suite="stable"),
            ],
            "if_required",
            [],
            [
                "a: 1 → 2 (security, stable-security)",
                "b: new → 2 (stable)",
                "The machine is rebooted if an update requires it.",
            ],
            id="an update and what it needs",
        ),
        pytest.param(
            [Change("a", "1", None)],
            "never",
            ["kernel"],
            [
                "a: 1 → removed (no archive)",
                "A reboot is already required, by kernel.",
                "The machine is not rebooted, even if an update requires it.",
            ],
            id="a removal without a reboot",
        ),
        pytest.param([], "always", [], ["The machine is rebooted."], id="always"),
    ],
)
def test_notes(changes: list[Change], policy: str, reasons: list[str], expected: list[str]) -> None:
    assert notes(changes, [], policy, reasons) == expected


def test_what_is_left_out_is_told() -> None:
    kept = [Kept("office-suite", "1.0", "1.1", "held on the machine")]

    assert notes([], kept, "never", []) == ["office-suite stays at 1.0, 1.1 is offered: held on the machine."]
