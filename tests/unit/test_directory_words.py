"""What the directory core says and makes without a directory: refusals, settings, limits, passwords."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from daicho.directory.limits import LONGEST, problems
from daicho.directory.passwords import PasswordPolicy, generate
from daicho.directory.refusals import refusal
from daicho.directory.settings import DirectorySettings, Flavour
from daicho.directory.state import (
    attribute_in,
    attributes,
    group_in,
    groups,
    is_ours,
    merged,
    restricted,
)
from daicho.directory.wrong import Interrupted

if TYPE_CHECKING:
    from daicho.plan import Scalar

DN = "CN=鈴木 花子,OU=職員,DC=example"
SETTINGS = {
    "servers": ["dc1.example.jp", "dc2.example.jp:3269"],
    "base": "DC=example,DC=jp",
    "bind_name": "svc-daicho@example.jp",
    "people": "OU=職員,DC=example,DC=jp",
    "groups": "OU=グループ,DC=example,DC=jp",
    "disabled": "OU=無効化,DC=example,DC=jp",
}


@pytest.mark.parametrize(
    ("what", "code", "message", "said"),
    [
        (
            "add",
            19,
            "0000052D: Constraint violation - check_password_restrictions: the password is too short",
            (
                "create {dn}: the password does not meet the domain's policy. Correct `passwords:` in "
                "directory.yml. (The server says: 0000052D: Constraint violation - "
                "check_password_restrictions: the password is too short)"
            ),
        ),
        (
            "change",
            50,
            "",
            "change {dn}: our account may not do that. Have the right delegated to it.",
        ),
        (
            "delete",
            66,
            "",
            "delete {dn}: there is something in it. Move that away first.",
        ),
        ("move", 199, "", "move {dn}: it answers with result 199."),
    ],
)
def test_a_refusal_says_what_happened_on_what_and_what_to_do(
    what: str, code: int, message: str, said: str
) -> None:
    expected = "The directory did not " + said.format(dn=DN)
    assert str(refusal(what, DN, {"result": code, "message": message})) == expected


def test_a_busy_server_is_no_refusal() -> None:
    assert isinstance(refusal("add", DN, {"result": 51, "message": "busy"}), Interrupted)


def test_the_employee_number_is_kept_where_the_flavour_keeps_it() -> None:
    assert DirectorySettings.model_validate(SETTINGS).number == "employeeID"
    assert DirectorySettings.model_validate({**SETTINGS, "flavour": "ldap"}).number == "employeeNumber"
    assert DirectorySettings.model_validate({**SETTINGS, "number_attribute": "info"}).number == "info"
    assert DirectorySettings.model_validate(SETTINGS).flavour is Flavour.AD


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"servers": []}, "at least 1 item"),
        ({"servers": ["dc1:x"]}, "'dc1:x' is no server; write it like dc1.example.jp"),
        ({"servers": ["dc1:99999"]}, "'dc1:99999' is no server"),
        ({"base": "example.jp"}, "'example.jp' is no distinguished name"),
        ({"bind_name": ""}, "a logon with a password needs bind_name"),
        ({"page_size": 5000}, "less than or equal to 1000"),
        ({"encryption": "none"}, "'ldaps' or 'starttls'"),
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(said)):
        DirectorySettings.model_validate(SETTINGS | wrong)


def test_limits_name_every_problem() -> None:
    wanted = {
        "dn": f"CN={'長' * 65},OU=職員,DC=example",
        "attribute:sAMAccountName": "hanako.suzuki.of.the.ministry",
        "attribute:title": " ",
        "attribute:mail": "a\x00b",
    }
    assert problems(wanted) == (
        "sAMAccountName has 29 characters and may have 20: hanako.suzuki.of.the.ministry…",
        "title is empty; leave it out instead",
        "mail holds a NUL character",
        f"cn has 65 characters and may have 64: {'長' * 40}…",
    )
    assert problems({"dn": DN, "attribute:sAMAccountName": "h.suzuki", "attribute:title": None}) == ()
    assert problems({"attribute:sAMAccountName": "PC-000000000001$"}) == ()
    assert LONGEST["sAMAccountName"] == 20


def test_the_parts_of_a_state() -> None:
    state: dict[str, Scalar] = {
        "dn": DN,
        "attribute:title": "係長",
        "value:proxyAddresses=smtp:a=b@example.jp": "present",
        "value:proxyAddresses=smtp:c@example.jp": "present",
        "group:b": "member",
        "group:a": "member",
        "group:gone": None,
        "home folder": "ready",
    }
    assert groups(state) == ("a", "b")
    assert attributes(state) == {
        "title": ("係長",),
        "proxyAddresses": ("smtp:a=b@example.jp", "smtp:c@example.jp"),
    }
    assert [key for key in state if not is_ours(key)] == ["home folder"]
    assert (group_in("group:a"), group_in("dn")) == ("a", None)
    assert (attribute_in("value:x=y=z"), attribute_in("attribute:x"), attribute_in("dn")) == ("x", "x", None)
    assert restricted(state, ["dn", "expires"]) == {"dn": DN, "expires": None}
    assert merged({"dn": DN, "group:a": "member"}, {"group:a": None, "enabled": True}) == {
        "dn": DN,
        "enabled": True,
    }


@given(
    st.integers(8, 64),
    st.integers(2, 4),
    st.integers(0, 4),
    st.lists(st.text("acdehrt", min_size=3, max_size=5), max_size=3),
)
def test_a_password_keeps_its_policy(length: int, classes: int, grouped: int, avoid: list[str]) -> None:
    policy = PasswordPolicy(length=length, classes=classes, grouped=grouped)
    found = generate(policy, avoid)
    assert len(found.replace("-", "") if grouped else found) == length
    assert not set(found) & set("0Oo1lIi2Zz5Ss8B6Gb9gquv")
    kinds = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9-]" if grouped else r"[^A-Za-z0-9]")
    assert all(re.search(kind, found) for kind in kinds[:classes])
    assert not any(part in found.casefold() for part in avoid)
    if grouped:
        assert {len(part) for part in found.split("-")[:-1]} <= {grouped}


def test_passwords_are_not_alike() -> None:
    assert len({generate(PasswordPolicy()) for _ in range(1000)}) == 1000
