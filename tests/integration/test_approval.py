"""Approvals: real keys of every kind, real signatures, and every way in which one may not count.

What daicho says of a signature is compared each time with plain `ssh-keygen -Y verify`, given nothing
but the file of allowed signers that any auditor would write.
"""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daicho import sshsig
from daicho.approval import NAMESPACE, Approval, Subject, signature_fault, statement
from daicho.plan import Standing
from tests.bureau import NOW, SUBJECT, approval_of, document_of, plan_of, policy_of, target_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daicho.policy import Policy

TEXT = statement("C1", "November's updates", SUBJECT.digest)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Witness:
    """ssh-keygen, asked by hand."""

    folder: Path

    def agrees(self, approval: Approval, public: str, namespace: str = NAMESPACE) -> bool:
        """Whether this key made this signature under this text for this use."""
        allowed, signature = self.folder / "allowed", self.folder / "signature"
        allowed.write_text(f"someone {public}\n")
        signature.write_text(approval.signature)
        done = subprocess.run(
            ["ssh-keygen", "-Y", "verify", "-f", allowed, "-I", "someone", "-n", namespace, "-s", signature],
            input=approval.statement.encode(),
            capture_output=True,
            check=False,
        )
        return done.returncode == 0


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    """The witness."""
    return Witness(tmp_path)


def key_line(key: Path) -> str:
    """The public half without its comment."""
    return " ".join(key.with_suffix(".pub").read_text().split()[:2])


def made_by(
    key: Path, who: str = "suzuki", text: str = TEXT, namespace: str = NAMESPACE, **more: Any
) -> Approval:
    """An approval that this key really signed."""
    signature = sshsig.sign(text.encode(), key=key, namespace=namespace)
    return replace(approval_of(who), statement=text, signature=signature, key=key_line(key), **more)


def with_key(line: str, **dates: Any) -> Policy:
    """A policy in which this is suzuki's one key."""
    person = {"name": "suzuki", "may": {"approve": ["*"]}, "keys": [{"key": line} | dates]}
    return policy_of(principals=[person])


# What is bound

INPUTS: dict[str, object] = {"scope": "security"}


def bound(**more: Any) -> Subject:
    """The subject of the usual plan; `more` replaces what it is made of."""
    return Subject.of_plan(
        more.get("document", document_of()),
        more.get("inputs", INPUTS),
        more.get("plan", plan_of()),
        more.get("nonce", "n"),
    )


LATER = {"from": "2026-11-21 20:00", "until": "2026-11-21 22:00"}
LATEST = {"from": "2026-11-21 20:00", "until": "2026-11-21 22:01"}


@pytest.mark.parametrize(
    ("one", "other", "parts"),
    [
        ({}, {"nonce": "m"}, ("nonce",)),
        ({}, {"inputs": {"scope": "Security"}}, ("inputs",)),
        ({}, {"document": document_of(title="November's update")}, ("document",)),
        ({}, {"document": document_of(reason="Because they are out!")}, ("document",)),
        ({}, {"document": document_of(waves=[2])}, ("document",)),
        ({}, {"document": document_of(targets=["pc-1", "pc-2"])}, ("document",)),
        (
            {"document": document_of(window=LATER)},
            {"document": document_of(window=LATEST)},
            ("document", "window"),
        ),
        ({}, {"plan": replace(plan_of(), code="sha256:0")}, ("code", "plan")),
        ({}, {"plan": plan_of(target_plan("pc-1"), target_plan("pc-3"))}, ("targets", "plan")),
        ({}, {"plan": plan_of(target_plan("pc-1"))}, ("targets", "plan")),
        (
            {},
            {"plan": plan_of(target_plan("pc-1"), target_plan("pc-2", after={"package:openssl": "3.0.3"}))},
            ("plan",),
        ),
        (
            {},
            {"plan": plan_of(target_plan("pc-1"), target_plan("pc-2", standing=Standing.UNREACHABLE))},
            ("targets", "plan"),
        ),
    ],
)
def test_whatever_differs_is_named_and_changes_the_digest(
    one: dict[str, Any], other: dict[str, Any], parts: tuple[str, ...]
) -> None:
    mine, theirs = bound(**one), bound(**other)
    assert mine.differing(theirs) == parts
    assert mine.digest != theirs.digest


@pytest.mark.parametrize("part", [part.name for part in fields(Subject)])
def test_one_flipped_bit_in_any_part_is_another_digest(part: str) -> None:
    subject = bound(document=document_of(window=LATER))
    value = getattr(subject, part)
    flipped = replace(subject, **{part: value[:-1] + chr(ord(value[-1]) ^ 1)})
    assert flipped.digest != subject.digest
    assert subject.differing(flipped) == (part,)


def test_a_patterns_subject_binds_its_bounds_and_no_plan() -> None:
    standard = {"class": "standard", "expires": "2026-12-31"}
    mine = Subject.of_pattern(document_of(**standard), INPUTS, "n")
    assert (mine.plan, mine.code) == ("", "")
    wider = Subject.of_pattern(document_of(**standard, targets=["*"]), INPUTS, "n")
    assert mine.differing(wider) == ("document", "targets")
    longer = Subject.of_pattern(document_of(**{**standard, "expires": "2027-12-31"}), INPUTS, "n")
    assert mine.differing(longer) == ("document",)


def test_a_subject_comes_back_from_the_ledger_as_it_was() -> None:
    assert Subject.from_json(SUBJECT.as_json()) == SUBJECT


# Keys of every kind


@pytest.fixture(scope="session")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A key of each kind that OpenSSH makes without a device."""
    folder = tmp_path_factory.mktemp("kinds")
    for kind, options in {"ed25519": [], "ecdsa": ["-b", "384"], "rsa": ["-b", "2048"]}.items():
        command = ["ssh-keygen", "-q", "-t", kind, *options, "-N", "", "-f", str(folder / kind)]
        subprocess.run(command, check=True)
    return {kind: folder / kind for kind in ("ed25519", "ecdsa", "rsa")}


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_signature_counts(kinds: dict[str, Path], witness: Witness, kind: str) -> None:
    made = made_by(kinds[kind])
    assert signature_fault(made, with_key(key_line(kinds[kind]))) is None
    assert witness.agrees(made, key_line(kinds[kind]))


@contextmanager
def agent_at(socket: Path, environment: dict[str, str], *options: str) -> Iterator[dict[str, str]]:
    """An ssh-agent for the length of a block; the environment that finds it."""
    # Its standard output would be buffered: that it listens is seen at its socket alone.
    command = ["ssh-agent", "-D", "-a", str(socket), *options]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    found = environment | {"SSH_AUTH_SOCK": str(socket)}
    try:
        deadline = time.monotonic() + 10
        # 2: nobody answers; 1: no key yet.
        while subprocess.run(["ssh-add", "-l"], env=found, capture_output=True, check=False).returncode == 2:
            assert time.monotonic() < deadline, "ssh-agent does not answer"
            time.sleep(0.02)
        yield found
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="session")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A running ssh-agent's environment."""
    socket = tmp_path_factory.mktemp("agent") / "s"
    with agent_at(socket, dict(os.environ)) as environment:
        yield environment


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_key_that_only_the_agent_holds_signs(
    kinds: dict[str, Path],
    witness: Witness,
    agent: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    subprocess.run(["ssh-add", "-q", str(kinds[kind])], env=agent, check=True)
    public = witness.folder / "card.pub"
    public.write_text(kinds[kind].with_suffix(".pub").read_text())
    monkeypatch.setenv("SSH_AUTH_SOCK", agent["SSH_AUTH_SOCK"])
    signature = sshsig.sign(TEXT.encode(), key=public, namespace=NAMESPACE)
    made = replace(
        approval_of("suzuki"), statement=TEXT, signature=signature, key=key_line(public.with_suffix(""))
    )
    assert signature_fault(made, with_key(made.key)) is None
    assert witness.agrees(made, made.key)


def test_a_public_key_that_no_agent_holds_does_not_sign(
    keys: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "nobody"))
    public = tmp_path / "card.pub"
    public.write_text(keys["suzuki"].with_suffix(".pub").read_text())
    with pytest.raises(sshsig.SigningFailed) as refusal:
        sshsig.sign(b"x", key=public, namespace=NAMESPACE)
    assert str(refusal.value) == (
        f"{public} did not sign: Couldn't get agent socket. "
        "Give a private key, or a public key that `ssh-add -L` lists."
    )


def test_a_key_with_a_passphrase_does_not_wait_for_it_without_a_terminal(tmp_path: Path) -> None:
    key = tmp_path / "locked"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", key], check=True)
    with pytest.raises(sshsig.SigningFailed, match=f"{key} did not sign: "):
        sshsig.sign(b"x", key=key, namespace=NAMESPACE)


SOFTHSM = Path("/usr/lib/softhsm/libsofthsm2.so")


@pytest.mark.skipif(not SOFTHSM.exists(), reason="softhsm2 (a PKCS#11 token in software) is not installed")
def test_a_key_on_a_token_signs_through_the_agent(
    witness: Witness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    conf = tmp_path / "softhsm2.conf"
    (tmp_path / "tokens").mkdir()
    conf.write_text(f"directories.tokendir = {tmp_path}/tokens\nobjectstore.backend = file\n")
    environment = {**os.environ, "SOFTHSM2_CONF": str(conf)}
    init = ["softhsm2-util", "--init-token", "--free", "--label", "card", "--pin", "1234", "--so-pin", "1234"]
    subprocess.run(init, env=environment, check=True, capture_output=True)
    key = tmp_path / "card.pem"
    subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
    form = ["openssl", "pkcs8", "-topk8", "-nocrypt", "-in", str(key), "-out", str(tmp_path / "card.p8")]
    subprocess.run(form, check=True)
    load = ["softhsm2-util", "--import", str(tmp_path / "card.p8"), "--token", "card", "--label", "sign"]
    subprocess.run([*load, "--id", "01", "--pin", "1234"], env=environment, check=True, capture_output=True)
    asker = tmp_path / "pin"
    asker.write_text("#!/bin/sh\necho 1234\n")
    asker.chmod(0o700)
    # The agent starts the token's helper, so the helper has the agent's environment.
    with agent_at(tmp_path / "s", environment, "-P", str(SOFTHSM.resolve())) as found:
        monkeypatch.setenv("SSH_AUTH_SOCK", found["SSH_AUTH_SOCK"])
        pin = found | {"SSH_ASKPASS": str(asker), "SSH_ASKPASS_REQUIRE": "force"}
        subprocess.run(["ssh-add", "-s", SOFTHSM.resolve()], env=pin, check=True, capture_output=True)
        listed = subprocess.run(["ssh-add", "-L"], env=pin, check=True, capture_output=True, text=True).stdout
        public = tmp_path / "token.pub"
        public.write_text(listed)
        signature = sshsig.sign(TEXT.encode(), key=public, namespace=NAMESPACE)
    made = replace(
        approval_of("suzuki"), statement=TEXT, signature=signature, key=key_line(public.with_suffix(""))
    )
    assert signature_fault(made, with_key(made.key)) is None
    assert witness.agrees(made, made.key)


# What does not count

INCORRECT = "Signature verification failed: incorrect signature"
NOT_HIS = "the key is not one of the approver's keys in the policy"
NOT_THIS = "the signed text is not the one for this change and digest"


def test_a_text_that_was_altered_after_signing(keys: dict[str, Path], witness: Witness) -> None:
    made = made_by(keys["suzuki"])
    altered = replace(made, statement=made.statement.replace("November", "December"))
    assert signature_fault(altered, policy_of(keys)) == INCORRECT
    assert not witness.agrees(altered, made.key)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_signature_with_one_altered_character(
    keys: dict[str, Path], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    made = made_by(keys["suzuki"])
    lines = made.signature.splitlines()
    body = "".join(lines[1:-1])
    at = data.draw(st.integers(0, len(body) - 1))
    other = data.draw(st.sampled_from([character for character in "Aa0+/z" if character != body[at]]))
    forged = replace(made, signature="\n".join([lines[0], body[:at] + other + body[at + 1 :], lines[-1], ""]))
    said = signature_fault(forged, policy_of(keys))
    assert (said is None) == Witness(tmp_path_factory.mktemp("w")).agrees(forged, made.key)
    # The last bits of the format's version are not signed, and OpenSSH takes version 0 for its own.
    assert said is not None or (at, other) == (13, "A")


@pytest.mark.parametrize(
    "signature", ["", "nonsense", "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n"]
)
def test_what_is_no_signature_at_all(keys: dict[str, Path], signature: str) -> None:
    fault = signature_fault(replace(made_by(keys["suzuki"]), signature=signature), policy_of(keys))
    assert fault is not None


def test_a_key_that_somebody_made_themselves(keys: dict[str, Path], witness: Witness, tmp_path: Path) -> None:
    sshsig.make_key(tmp_path / "mine", "suzuki")
    made = made_by(tmp_path / "mine")
    assert witness.agrees(made, key_line(tmp_path / "mine"))
    assert signature_fault(made, policy_of(keys)) == NOT_HIS
    claimed = replace(made, key=key_line(keys["suzuki"]))
    assert signature_fault(claimed, policy_of(keys)) is not None
    assert not witness.agrees(claimed, claimed.key)


def test_the_key_of_another_person(keys: dict[str, Path]) -> None:
    assert signature_fault(made_by(keys["tanaka"]), policy_of(keys)) == NOT_HIS


def test_the_key_of_somebody_who_left(keys: dict[str, Path]) -> None:
    assert signature_fault(made_by(keys["suzuki"]), policy_of(principals=[{"name": "tanaka"}])) == NOT_HIS


def test_a_signature_for_another_use(keys: dict[str, Path], witness: Witness) -> None:
    made = made_by(keys["suzuki"], namespace="git")
    said = signature_fault(made, policy_of(keys))
    assert said == "Couldn't verify signature: namespace does not match"
    assert witness.agrees(made, made.key, "git")
    assert not witness.agrees(made, made.key)


ELSE = replace(SUBJECT, nonce="else")


@pytest.mark.parametrize(
    "text",
    [
        statement("C1", "November's updates", ELSE.digest),
        statement("C2", "November's updates", SUBJECT.digest),
        statement("C1", "November's updates", SUBJECT.digest, "review"),
        statement("C1", f"x\ndigest: {SUBJECT.digest}\n", ELSE.digest),
        statement("C1", f"x {SUBJECT.digest}", ELSE.digest),
        statement("C1", f"x\ndigest: {ELSE.digest}", SUBJECT.digest),
        f"I never read {SUBJECT.digest}\n",
        TEXT + "P.S. not on Sundays\n",
        "\n" + TEXT,
        TEXT.rstrip("\n"),
    ],
)
def test_a_good_signature_under_another_text(keys: dict[str, Path], witness: Witness, text: str) -> None:
    made = made_by(keys["suzuki"], text=text)
    assert witness.agrees(made, made.key)
    assert signature_fault(made, policy_of(keys)) == NOT_THIS


def test_the_signature_of_another_change(keys: dict[str, Path], witness: Witness) -> None:
    other = made_by(keys["suzuki"], text=statement("C2", "Harmless", ELSE.digest))
    moved = replace(other, statement=TEXT)
    assert signature_fault(moved, policy_of(keys)) == INCORRECT
    assert not witness.agrees(moved, moved.key)


# The days of a key: a key counts from midnight to midnight in Tokyo

TOKYO_MIDNIGHT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("dates", "at", "counts"),
    [
        ({"valid_from": "2026-11-21"}, TOKYO_MIDNIGHT - timedelta(seconds=1), False),
        ({"valid_from": "2026-11-21"}, TOKYO_MIDNIGHT + timedelta(seconds=1), True),
        ({"valid_until": "2026-11-20"}, TOKYO_MIDNIGHT - timedelta(seconds=1), True),
        ({"valid_until": "2026-11-20"}, TOKYO_MIDNIGHT + timedelta(seconds=1), False),
        ({"valid_from": "2026-11-20", "valid_until": "2026-11-20"}, TOKYO_MIDNIGHT - DAY / 2, True),
        # What was signed while the key was valid counts long after.
        ({"valid_until": "2026-11-20"}, TOKYO_MIDNIGHT - 300 * DAY, True),
    ],
)
def test_the_days_of_a_key(keys: dict[str, Path], dates: dict[str, str], at: datetime, counts: bool) -> None:
    made = made_by(keys["suzuki"], at=at)
    said = signature_fault(made, with_key(made.key, **dates))
    assert (said is None) is counts
    if not counts:
        assert said is not None
        assert "key" in said


@pytest.mark.parametrize("day", ["2026-01-01", "2026-11-21"])
def test_nothing_counts_of_a_revoked_key_however_early_it_signed(keys: dict[str, Path], day: str) -> None:
    made = made_by(keys["suzuki"], at=NOW - 300 * DAY)
    assert signature_fault(made, with_key(made.key, revoked=day)) == f"the key was revoked on {day}"


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_fingerprint_is_the_one_that_openssh_shows(kinds: dict[str, Path], kind: str) -> None:
    shown = subprocess.run(
        ["ssh-keygen", "-l", "-f", kinds[kind]], capture_output=True, check=True, text=True
    )
    assert sshsig.fingerprint(key_line(kinds[kind])) == shown.stdout.split()[1]
    assert sshsig.fingerprint(kinds[kind].with_suffix(".pub").read_text()) == shown.stdout.split()[1]


def test_a_key_has_one_name(kinds: dict[str, Path]) -> None:
    """OpenSSH itself takes an RSA key under either name: two people could have one key."""
    other = key_line(kinds["rsa"]).replace("ssh-rsa", "rsa-sha2-512")
    subprocess.run(["ssh-keygen", "-l", "-f", "-"], input=other.encode(), capture_output=True, check=True)
    with pytest.raises(ValueError, match="not an SSH public key: 'rsa-sha2-512 AAAA"):
        sshsig.fingerprint(other)


def test_a_weak_rsa_key_is_refused(tmp_path: Path) -> None:
    command = ["ssh-keygen", "-q", "-t", "rsa", "-b", "1024", "-N", "", "-f", str(tmp_path / "weak")]
    subprocess.run(command, check=True)
    with pytest.raises(ValueError, match="an RSA key needs at least 2048 bits"):
        sshsig.fingerprint(key_line(tmp_path / "weak"))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_what_is_cut_off_or_joined_is_no_key(kinds: dict[str, Path], data: st.DataObject) -> None:
    line = key_line(kinds[data.draw(st.sampled_from(["ed25519", "ecdsa", "rsa"]))])
    kind, _, encoded = line.partition(" ")
    end = data.draw(st.integers(0, len(encoded) - 1))
    for spoilt in (encoded[:end], encoded[:end] + "!" + encoded[end:], encoded + "AAAA"):
        with pytest.raises(ValueError, match="not an SSH public key"):
            sshsig.fingerprint(f"{kind} {spoilt}")


def test_the_file_of_allowed_signers_is_openssh_s_own(keys: dict[str, Path], witness: Witness) -> None:
    made = made_by(keys["suzuki"])
    people = policy_of(keys)
    signers = [signer for name in ("suzuki", "tanaka") for signer, _key in people.signers(name)]
    allowed = witness.folder / "allowed"
    allowed.write_text(sshsig.allowed_signers(signers, NAMESPACE))
    (witness.folder / "signature").write_text(made.signature)
    found = subprocess.run(
        ["ssh-keygen", "-Y", "find-principals", "-f", allowed, "-s", witness.folder / "signature"],
        capture_output=True,
        check=True,
        text=True,
    )
    assert found.stdout == "suzuki\n"
