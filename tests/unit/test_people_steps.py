"""Movements become dated steps: on which day, with which groups, for which account."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.documents import judge
from daicho.items.problems import ItemsUnusable
from daicho.people.known import Known
from daicho.people.movement import Kind, Movement, PersonName
from daicho.people.outlook import Office, Outlook, ended, outlook
from daicho.people.policy import People
from daicho.people.reading import movements_from
from daicho.people.step import Act, Home, Profile, Step
from lab.population import SECTIONS, population
from tests import personnel

FIRST = date(2027, 4, 1)
BEFORE = date(2027, 3, 1)
HANAKO = PersonName(family="佐藤", given="花子", family_kana="サトウ", given_kana="ハナコ")
SOMU, KIKAKU, KEIRI = "011101", "011102", "013101"
POLICY = judge(
    People,
    {
        **personnel.RULES,
        "sections": {
            "everyone": {
                "groups": ["G-{code}", "全職員"],
                "container": "職員/{section}",
                "home": r"\\fs1\{code}\{account}",
                "title": "{post}",
            },
            "tree": [
                {"code": "1", "name": "総務部", "groups": ["総務部共有"]},
                {"code": "11", "name": "総務課", "parent": "1"},
                {"code": "12", "name": "秘書課", "parent": "1", "home": r"\\fs2\hisho\{account}"},
                {"code": "2", "name": "会計部"},
            ],
        },
    },
    "directory.yml",
    "people",
)


def known(**other: object) -> Known:
    section = str(other.get("section", "11"))
    base = Known(
        number="00000001",
        account="sato",
        mail="sato@office.example.jp",
        common_name="佐藤 花子",
        name=HANAKO,
        section=section,
        groups=POLICY.sections.groups(section) | {"VPN"},
    )
    return replace(base, **other)  # type: ignore[arg-type]


GONE = {"enabled": False, "left": True, "groups": frozenset[str]()}


def movement(kind: Kind, day: date = FIRST, **other: object) -> Movement:
    base = Movement(place="row 2", number="00000001", kind=kind, effective=day)
    return replace(base, **other)  # type: ignore[arg-type]


def seen(movements: list[Movement], *accounts: Known, as_of: date = BEFORE) -> Outlook:
    return outlook(movements, Office(policy=POLICY, known=accounts), as_of, "異動.csv")


def acts(steps: tuple[Step, ...]) -> list[tuple[str, Act]]:
    return [(f"{step.day:%m-%d}", step.act) for step in steps]


def groups(*names: str) -> frozenset[str]:
    return frozenset(names)


def problems(movements: list[Movement], *accounts: Known, as_of: date = BEFORE) -> list[str]:
    with pytest.raises(ItemsUnusable) as refused:
        seen(movements, *accounts, as_of=as_of)
    return [line.removeprefix("異動.csv, ") for line in str(refused.value).splitlines()[1:]]


JOINS = movement(Kind.JOIN, name=HANAKO, section="11", post="係員", phone="2001", until=date(2028, 3, 31))
MOVES = movement(Kind.MOVE, section="2", old_section="11", post="係長")
LEAVES = movement(Kind.LEAVE, date(2027, 3, 31))
COMES_BACK = movement(Kind.REHIRE, section="2")


def test_somebody_new_is_prepared_enabled_and_ends_with_the_term() -> None:
    found = seen([JOINS])
    assert found.due == ()
    assert acts(found.later) == [("03-29", Act.PREPARE), ("04-01", Act.ENABLE), ("04-01", Act.DISABLE)]
    prepare, enable, disable = found.later
    assert prepare == Step(
        day=date(2027, 3, 29),
        act=Act.PREPARE,
        number="00000001",
        exists=False,
        profile=Profile(
            account="sato",
            principal="sato@office.example.jp",
            mail="sato@office.example.jp",
            common_name="佐藤 花子",
            container=("職員", "総務課"),
            attributes={
                "sn": "佐藤",
                "givenName": "花子",
                "displayName": "佐藤 花子（総務課）",
                "msDS-PhoneticLastName": "サトウ",
                "msDS-PhoneticFirstName": "ハナコ",
                "msDS-PhoneticDisplayName": "サトウ ハナコ",
                "employeeID": "00000001",
                "department": "総務課",
                "departmentNumber": "11",
                "title": "係員",
                "telephoneNumber": "2001",
            },
            home=Home(path=r"\\fs1\11\sato"),
        ),
        enabled=False,
        gains=groups("G-11", "総務部共有", "全職員"),
        expires=date(2028, 3, 31),
        expiry=True,
        because=("row 2",),
    )
    assert (enable.exists, enable.enabled, enable.gains, enable.expires) == (
        *(True, True, groups(), date(2028, 3, 31)),
    )
    assert (disable.day, disable.enabled, disable.loses) == (date(2028, 4, 1), False, prepare.gains)


def test_who_was_not_prepared_is_made_on_the_day() -> None:
    (today,) = seen([JOINS], as_of=FIRST).today
    assert (today.act, today.exists, today.enabled) == (Act.ENABLE, False, True)
    assert today.profile.common_name == "佐藤 花子"
    assert today.gains == groups("G-11", "総務部共有", "全職員")


def test_a_prepared_account_is_only_enabled() -> None:
    prepared = known(enabled=False)
    assert acts(seen([JOINS], prepared).later)[:1] == [("04-01", Act.ENABLE)]


def test_a_move_keeps_the_old_groups_for_the_hand_over() -> None:
    move, release = seen([MOVES], known()).later
    assert (move.day, move.act, move.enabled) == (FIRST, Act.MOVE, None)
    assert (move.gains, move.loses) == (groups("G-2"), groups())
    assert move.profile.container == ("職員", "会計部")
    assert move.profile.attributes["displayName"] == "佐藤 花子（会計部）"
    assert move.profile.attributes["title"] == "係長"
    assert (move.profile.account, move.profile.mail, move.profile.common_name) == ("sato", None, None)
    assert move.profile.home == Home(path=r"\\fs1\2\sato")
    assert (release.day, release.act) == (date(2027, 4, 15), Act.RELEASE)
    assert (release.gains, release.loses) == (groups(), groups("G-11", "総務部共有"))


def test_groups_that_the_new_section_gives_too_stay() -> None:
    _move, release = seen([replace(MOVES, section="12")], known()).later
    assert release.loses == groups("G-11")


def test_group_names_are_compared_without_case() -> None:
    who = known(groups=groups("g-11", "総務部共有", "g-2"))
    move, release = seen([MOVES], who).later
    assert (move.gains, release.loses) == (groups("全職員"), groups("g-11", "総務部共有"))


def test_without_hand_over_the_groups_go_on_the_day() -> None:
    policy = POLICY.model_copy(update={"days": POLICY.days.model_copy(update={"handover": 0})})
    (move,) = outlook([MOVES], Office(policy=policy, known=[known()]), BEFORE).later
    assert (move.gains, move.loses) == (groups("G-2"), groups("G-11", "総務部共有"))


def test_a_file_looked_at_again_later_says_the_same_release() -> None:
    moved = known(section="2", groups=groups("G-11", "総務部共有", "G-2", "全職員"))
    for late in (moved, replace(moved, previous="11")):
        told = MOVES if not late.previous else replace(MOVES, old_section="")
        found = seen([told], late, as_of=date(2027, 4, 20))
        assert acts(found.due) == [("04-01", Act.MOVE), ("04-15", Act.RELEASE)]
        (today,) = found.today
        assert (today.act, today.gains, today.loses) == (Act.MOVE, groups(), groups("G-11", "総務部共有"))


def test_two_moves_within_a_hand_over() -> None:
    back = movement(Kind.MOVE, date(2027, 4, 8), section="11", place="row 3")
    found = seen([MOVES, back], known())
    assert acts(found.later) == [("04-01", Act.MOVE), ("04-08", Act.MOVE), ("04-22", Act.RELEASE)]
    assert found.later[1].gains == groups()
    assert found.later[2].loses == groups("G-2")


def test_two_moves_looked_at_again_when_the_first_is_made() -> None:
    again = movement(Kind.MOVE, date(2027, 4, 8), section="12", old_section="2", place="row 3")
    moved = known(section="12", groups=groups("G-11", "G-2", "G-12", "総務部共有", "全職員"))
    (today,) = seen([MOVES, again], moved, as_of=date(2027, 5, 1)).today
    assert today.loses == groups("G-11", "G-2")


def test_a_new_post_in_the_same_section_moves_no_groups() -> None:
    (step,) = seen([movement(Kind.MOVE, post="課長")], known(previous="2")).later
    assert (step.act, step.gains, step.loses) == (Act.MOVE, groups(), groups())
    assert step.profile.attributes["title"] == "課長"
    assert step.profile.home is None


def test_a_title_stays_where_no_post_is_told() -> None:
    move, _release = seen([replace(MOVES, post="")], known(post="総務課長")).later
    assert "title" not in move.profile.attributes


def test_who_leaves_is_disabled_the_day_after() -> None:
    (step,) = seen([LEAVES], known()).later
    assert (step.day, step.act, step.enabled) == (FIRST, Act.DISABLE, False)
    assert step.loses == groups("G-11", "総務部共有", "全職員", "VPN")
    assert step.profile == Profile(account="sato")


def test_who_has_left_is_not_disabled_again() -> None:
    assert seen([LEAVES], known(**GONE), as_of=date(2027, 4, 2)).due == ()


def test_who_comes_back_gets_the_old_account() -> None:
    (step,) = seen([COMES_BACK], known(**GONE)).later
    assert (step.act, step.exists, step.enabled, step.expiry) == (Act.RESTORE, True, True, True)
    assert step.gains == groups("G-2", "全職員")
    assert step.profile.account == "sato"
    assert step.profile.container == ("職員", "会計部")


def test_who_retires_and_is_re_employed_the_next_day_is_never_disabled() -> None:
    found = seen([LEAVES, replace(COMES_BACK, place="row 3", until=date(2028, 3, 31))], known())
    assert acts(found.later) == [("04-01", Act.MOVE), ("04-15", Act.RELEASE), ("04-01", Act.DISABLE)]
    assert (found.later[0].expires, found.later[2].day) == (date(2028, 3, 31), date(2028, 4, 1))


def test_a_further_section_comes_and_goes() -> None:
    assign = movement(Kind.ASSIGN, section="2", until=date(2027, 9, 30))
    found = seen([assign], known())
    assert acts(found.later) == [("04-01", Act.ASSIGN), ("10-01", Act.RELEASE)]
    assert [(step.gains, step.loses) for step in found.later] == [
        (groups("G-2"), groups()),
        (groups(), groups("G-2")),
    ]
    also = known(assigned=frozenset({"2"}), groups=groups("G-11", "G-2", "総務部共有", "全職員"))
    (step,) = seen([movement(Kind.UNASSIGN, section="2")], also).later
    assert (step.day, step.act, step.loses) == (date(2027, 4, 15), Act.RELEASE, groups("G-2"))


def test_a_new_end_is_written_before_the_old_one_passes() -> None:
    longer = movement(Kind.EXTEND, until=date(2028, 3, 31))
    extend, disable = seen([longer], known(expires=date(2027, 3, 31))).later
    assert (extend.day, extend.act, extend.expires) == (date(2027, 3, 29), Act.EXTEND, date(2028, 3, 31))
    assert (disable.day, disable.act) == (date(2028, 4, 1), Act.DISABLE)
    both = [JOINS, replace(longer, effective=date(2028, 4, 1), until=date(2029, 3, 31), place="row 3")]
    ends = [step.day for step in seen(both).later if step.act is Act.DISABLE]
    assert ends == [date(2029, 4, 1)]


def test_a_new_name_changes_what_is_shown_and_no_address() -> None:
    new = movement(Kind.RENAME, name=PersonName(family="鈴木", family_kana="スズキ"))
    other = Known(number="2", account="suzuki", common_name="鈴木 花子")
    (step,) = seen([new], known(), other).later
    assert step.profile == Profile(
        account="sato",
        common_name="鈴木 花子 (sato)",
        attributes={
            "sn": "鈴木",
            "givenName": "花子",
            "displayName": "鈴木 花子（総務課）",
            "msDS-PhoneticLastName": "スズキ",
            "msDS-PhoneticFirstName": "ハナコ",
            "msDS-PhoneticDisplayName": "スズキ ハナコ",
        },
    )


def test_a_file_in_cp932_does_not_change_how_a_name_is_written() -> None:
    exact = known(name=replace(HANAKO, family="𠮷田"))
    told = replace(MOVES, name=replace(HANAKO, family="吉田", family_kana="", given_kana=""))
    step, *_rest = seen([told], exact).later
    assert step.profile.attributes["sn"] == "𠮷田"


def test_a_superior_becomes_an_account() -> None:
    boss = replace(
        JOINS, number="00000009", place="row 3", name=replace(HANAKO, family="森", family_kana="モリ")
    )
    step = seen([replace(MOVES, manager="00000009"), boss], known()).later[1]
    assert (step.act, step.profile.manager) == (Act.MOVE, "mori")


def test_an_address_in_the_file_is_nobody_elses() -> None:
    mori = replace(HANAKO, family="森", family_kana="モリ")
    second = replace(JOINS, place="row 3", number="00000009", mail="Mori@office.example.jp")
    found = seen([replace(JOINS, name=mori), second])
    names = {(step.profile.account, step.profile.mail) for step in found.later if step.act is Act.PREPARE}
    assert names == {("mori-h", "mori-h@office.example.jp"), ("sato", "Mori@office.example.jp")}
    own = replace(JOINS, name=mori, mail="mori@office.example.jp")
    assert seen([own]).later[0].profile.account == "mori"


def test_a_kind_that_the_file_leaves_open_follows_from_the_directory() -> None:
    open_kind = replace(JOINS, inferred=True, section="2", until=None)
    assert seen([open_kind], known()).later[0].act is Act.MOVE
    assert seen([open_kind], known(**GONE)).later[0].act is Act.RESTORE
    assert seen([open_kind]).later[0].act is Act.PREPARE
    second = replace(open_kind, place="row 3", effective=date(2027, 4, 5))
    assert [step.act for step in seen([LEAVES, second], known()).later] == [Act.DISABLE, Act.RESTORE]
    assert [step.act for step in seen([MOVES, replace(second, section="12")], known()).later][:2] == [
        *(Act.MOVE, Act.MOVE)
    ]


def test_plain_ldap_has_attributes_of_its_own() -> None:
    policy = POLICY.model_copy(update={"attributes": {"room": "l", "phone": "", "kana": "x-kana"}})
    steps = outlook([replace(JOINS, room="1203")], Office(policy=policy, known=(), flavour="ldap"), BEFORE)
    assert steps.later[0].profile.attributes == {
        "sn": "佐藤",
        "givenName": "花子",
        "displayName": "佐藤 花子（総務課）",
        "employeeNumber": "00000001",
        "ou": "総務課",
        "departmentNumber": "11",
        "title": "係員",
        "l": "1203",
        "x-kana": "サトウ ハナコ",
    }


def test_people_whose_term_is_over_though_no_file_says_so() -> None:
    office = Office(policy=POLICY, known=[known(expires=date(2027, 3, 31)), known(expires=FIRST)])
    (step,) = ended(office, FIRST)
    assert (step.day, step.act, step.enabled) == (FIRST, Act.DISABLE, False)
    assert ended(office, date(2027, 3, 31)) == ()


@pytest.mark.parametrize(
    ("told", "accounts", "why"),
    [
        (
            MOVES,
            [],
            "nobody in the directory is employee 00000001. Correct the number, or write 採用 as the kind.",
        ),
        (
            JOINS,
            [known(section="2")],
            "employee 00000001 has the account sato already. Write 異動 as the kind, or correct the number.",
        ),
        (
            MOVES,
            [known(section="12")],
            "employee 00000001 comes from 総務課 here, but is in 秘書課 in the directory. Correct the row.",
        ),
        (
            MOVES,
            [known(**GONE)],
            "employee 00000001 has left: the account sato is disabled. Write 再任用 for who comes back.",
        ),
        (
            LEAVES,
            [known(), known(account="sato2")],
            "employee 00000001 has several accounts: sato, sato2. Take the number off all but one.",
        ),
        (
            replace(LEAVES, name=PersonName(family="鈴木", given="花子")),
            [known()],
            (
                "employee 00000001 is 鈴木 花子 here and 佐藤 花子 in the directory. "
                "Correct the number, or add a row 改姓 with the new name."
            ),
        ),
        (
            replace(MOVES, manager="00000008"),
            [known()],
            "the superior 00000008 is nobody in the directory or in this file. Correct the number.",
        ),
        (
            replace(JOINS, mail="Mori@example.jp"),
            [Known(number="7", account="mori", mail="mori@example.jp")],
            "the address Mori@example.jp belongs to the account mori already. Correct it.",
        ),
        (
            replace(LEAVES, effective=date(2026, 3, 31)),
            [known()],
            (
                "the effective date 2026-03-31 is too long ago to be acted upon. "
                "Look whether the file is the right one, or raise people.days.stale_after in directory.yml."
            ),
        ),
        (
            replace(JOINS, name=replace(HANAKO, family_kana="ー")),
            [],
            "'ー' cannot be written in letters. Give the reading in kana.",
        ),
    ],
)
def test_what_contradicts_the_directory_is_told(told: Movement, accounts: list[Known], why: str) -> None:
    assert problems([told], *accounts) == [f"row 2: {why}"]


def test_movements_out_of_order_are_told() -> None:
    after = replace(MOVES, place="row 3", effective=date(2027, 5, 1), old_section="")
    assert problems([LEAVES, after, replace(JOINS, place="row 4", effective=date(2027, 6, 1))], known()) == [
        (
            "row 3: employee 00000001 has left by row 2 already. "
            "Write 再任用 for who comes back, or delete a row."
        ),
        "row 4: employee 00000001 is there already by row 3, and cannot join. Correct the kind or the day.",
    ]


STAFF = population(60)
WHOLE = personnel.policy()
KINDS = st.sampled_from([Kind.MOVE, Kind.ASSIGN, Kind.UNASSIGN, Kind.EXTEND])
PLACES = st.sampled_from([section.code for section in SECTIONS])


@given(st.lists(st.tuples(KINDS, st.integers(0, 60), PLACES), min_size=1, max_size=6), st.integers(0, 90))
def test_steps_add_up_to_what_the_last_sections_give(told: list[tuple[Kind, int, str]], day: int) -> None:
    """Whatever happens in between, at the end a person has the groups of their sections and no others."""
    who = known(section=SOMU, groups=WHOLE.sections.groups(SOMU))
    movements = [
        movement(kind, FIRST + timedelta(days=days), section=section, until=None, place=f"row {row}")
        for row, (kind, days, section) in enumerate(told)
        if kind is not Kind.EXTEND
    ]
    office = Office(policy=WHOLE, known=[who])
    found = outlook(movements, office, FIRST + timedelta(days=day))
    has, section, assigned = set(who.groups), SOMU, set[str]()
    for step in (*found.due, *found.later):
        assert not step.gains & step.loses
        has = (has - step.loses) | step.gains
    for each in sorted(movements, key=lambda each: each.effective):
        if each.kind is Kind.MOVE:
            section = each.section
        elif each.kind is Kind.ASSIGN:
            assigned.add(each.section)
        else:
            assigned.discard(each.section)
    assert has == WHOLE.sections.groups(section).union(*map(WHOLE.sections.groups, assigned))
    once = set(who.groups)
    for step in found.today:
        once = (once - step.loses) | step.gains
    one_by_one = set(who.groups)
    for step in found.due:
        one_by_one = (one_by_one - step.loses) | step.gains
    assert once == one_by_one


def test_a_file_whose_steps_are_done_asks_for_nothing_more() -> None:
    notice = personnel.notice(STAFF, personnel.Turnout(moving=30, leaving=10))
    movements = movements_from(notice.separated("utf-8"), "a.csv", WHOLE)
    staff = {
        each.number: Known(
            number=each.number,
            account=f"a{each.number}",
            name=PersonName(family=each.family, given=each.given),
            section=each.section,
            groups=WHOLE.sections.groups(each.section),
        )
        for each in STAFF
    }
    late = date(2027, 5, 1)
    for step in outlook(movements, Office(policy=WHOLE, known=list(staff.values())), late).today:
        was = staff[step.number]
        section = step.profile.attributes.get("departmentNumber") or was.section
        groups_now = (was.groups - step.loses) | step.gains
        enabled = was.enabled if step.enabled is None else step.enabled
        staff[step.number] = replace(
            was, section=section, groups=groups_now, enabled=enabled, left=not enabled
        )
    again = outlook(movements, Office(policy=WHOLE, known=list(staff.values())), late)
    assert {(step.act, step.gains, step.loses) for step in again.today} == {(Act.MOVE, groups(), groups())}
    assert again.later == ()
