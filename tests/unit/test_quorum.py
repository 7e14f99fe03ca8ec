"""Quorums that nobody can reach are found when the policy is written."""

from __future__ import annotations

from datetime import date

from daicho.policy import Policy
from daicho.report.quorum import out_of_reach
from daicho.works import WORKS, work_named

TODAY = date(2026, 11, 21)
PATCH = [work_named("patch_endpoints")]
KEYS = {
    name: f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{letter * 42}E"
    for name, letter in (("suzuki", "A"), ("yamada", "B"), ("sato", "C"))
}


def policy(*principals: dict[str, object], **quorum: object) -> Policy:
    people = [{"name": "tanaka", "may": {"request": ["*"], "operate": ["*"]}}, *principals]
    return Policy.model_validate({"site": "ministry", "principals": people, "quorum": quorum})


def approver(name: str, works: str = "*", **key: object) -> dict[str, object]:
    return {"name": name, "keys": [{"key": KEYS[name], **key}], "may": {"approve": [works]}}


def test_a_quorum_that_can_be_reached_is_not_spoken_of() -> None:
    found = policy(approver("suzuki"), approver("yamada"), wide=[{"over": 500, "approvers": 2}])
    assert out_of_reach(found, WORKS.values(), TODAY) == []


def test_the_rule_the_works_and_who_is_left_are_named() -> None:
    found = policy(approver("suzuki"), approver("yamada", "print_*"), wide=[{"over": 500, "approvers": 3}])
    assert out_of_reach(found, WORKS.values(), TODAY) == [
        f"{rule} (all works) cannot be approved: {needed} must agree, and besides its requester and "
        "its operator there are with the right and a valid key: suzuki."
        for rule, needed in (
            ("A change that cannot be taken back", 2),
            ("A change on more than 500 machines", 3),
        )
    ]


def test_who_has_to_request_or_operate_approves_nothing() -> None:
    own = {
        "name": "sato",
        "keys": [{"key": KEYS["sato"]}],
        "may": {act: ["*"] for act in ("request", "approve")},
    }
    operator = {"name": "ito", "may": {"operate": ["*"]}}
    found = Policy.model_validate(
        {"site": "ministry", "principals": [own, operator], "quorum": {"irreversible": 1}}
    )
    assert out_of_reach(found, PATCH, TODAY)[0] == (
        "A standard change (all works) cannot be approved: 1 must agree, and besides its requester and "
        "its operator there are with the right and a valid key: nobody."
    )


def test_only_a_key_that_counts_counts() -> None:
    for worn in ({"revoked": "2026-11-01"}, {"valid_until": "2026-11-20"}):
        found = policy(approver("suzuki", **worn), approver("yamada"))
        assert [said.split(" (")[0] for said in out_of_reach(found, PATCH, TODAY)] == [
            "A change that cannot be taken back"
        ]
    assert (
        out_of_reach(policy(approver("suzuki", valid_until="2026-11-21"), approver("yamada")), PATCH, TODAY)
        == []
    )


def test_a_work_that_is_not_used_is_left_out() -> None:
    idle = Policy.model_validate({"site": "ministry", "principals": [approver("suzuki")]})
    assert out_of_reach(idle, WORKS.values(), TODAY) == []


def test_a_rule_that_some_works_can_fulfil_names_the_others() -> None:
    found = policy(approver("suzuki"), approver("yamada", "record_*"), standard=2)
    [standard] = [
        said for said in out_of_reach(found, WORKS.values(), TODAY) if said.startswith("A standard change")
    ]
    others = ", ".join(sorted(name for name in WORKS if not name.startswith("record_")))
    assert standard.startswith(f"A standard change ({others}) cannot")
