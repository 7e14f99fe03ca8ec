"""What a look at a tree becomes: a policy that asks for just that, and what is worth a look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from daicho.documents import judge
from daicho.errors import DocumentError
from daicho.fileserver import sddl
from daicho.fileserver.audit import Criteria, Flaw, findings, named_in, reached, who_can
from daicho.fileserver.importing import document, imported
from daicho.fileserver.planning import wanted
from daicho.fileserver.policy import SharePolicy
from daicho.fileserver.principals import Person, Principals
from daicho.fileserver.survey import Place, Survey
from daicho.fileserver.walk import same
from daicho.i18n import language

if TYPE_CHECKING:
    from collections.abc import Iterator

DOMAIN = "S-1-5-21-1-2-3"
TANAKA, SATO, PAY, OUTER = f"{DOMAIN}-1101", f"{DOMAIN}-1102", f"{DOMAIN}-2001", f"{DOMAIN}-2002"
ADMINS = "(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)"
INHERITED = "(A;OICIID;FA;;;BA)(A;OICIID;FA;;;SY)"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with language("en"):
        yield


@pytest.fixture
def everybody() -> Principals:
    people = [
        Person(sid=TANAKA, login="tanaka", name="田中", groups=(PAY,)),
        Person(sid=SATO, login="yes", name="", groups=()),
    ]
    return Principals(
        people={each.sid: each for each in people},
        groups={PAY: "給与課", OUTER: "FS_給与: 読み"},
        parents={PAY: (OUTER,)},
    )


def place(way: str, text: str, above: str | None = ADMINS, *, folder: bool = True) -> Place:
    entries = sddl.from_text(f"D:{above}").entries if above is not None else None
    return Place(way=way, folder=folder, rights=sddl.from_text(text), above=entries)


def asked_for(everybody: Principals, *places: Place) -> tuple[SharePolicy, str]:
    """The policy of an import, as it is read back from its own text."""
    folders = list(imported(Survey(places=list(places)), "fs1", "dept", everybody, "svc"))
    text = document(folders, "権限: いま", "as it is")
    return judge(SharePolicy, YAML(typ="safe", pure=True).load(text)["inputs"], "shares.yml"), text


@pytest.mark.parametrize(
    ("text", "above", "words"),
    [
        (f"O:BAD:PAI{ADMINS}", ADMINS, True),
        (f"O:{TANAKA}D:AI(D;;0x10;;;{OUTER})(A;CI;0x1200a9;;;{PAY}){INHERITED}", ADMINS, True),
        (f"O:BAD:PAI(A;OICIIO;FR;;;{SATO})(A;OINP;FX;;;S-1-5-21-9-9-9-1)", ADMINS, True),
        (f"O:BAD:P{ADMINS}", ADMINS, False),
        (f"O:BAD:AI{ADMINS}", None, False),
        ("O:BAD:NO_ACCESS_CONTROL", ADMINS, False),
        ("O:BAD:PAI(XA;OICI;FX;;;WD;#61)", ADMINS, False),
        ("O:BAD:PAI(A;OICI;GR;;;WD)", ADMINS, False),
        ("O:BAD:PAI(A;;FA;;;BA)(D;;FA;;;WD)", ADMINS, False),
        ("O:BAD:AI(A;OICIID;FR;;;WD)", ADMINS, False),
        ("O:BAD:PAI", ADMINS, True),
    ],
)
def test_an_imported_folder_asks_for_what_it_has(
    text: str, above: str | None, *, words: bool, everybody: Principals
) -> None:
    its = place("給与", text, above)
    policy, _text = asked_for(everybody, its)
    [folder] = policy.folders
    assert same(its.rights, wanted(folder, its.rights, its.above or (), everybody))
    assert bool(folder.sddl) is not words


def test_the_text_names_people_as_the_directory_does(everybody: Principals) -> None:
    text = f"O:BAD:PAI{ADMINS}(A;OICI;0x1301bf;;;{OUTER})(A;OICI;FR;;;{SATO})(A;;FX;;;{DOMAIN}-9)"
    stray = place("給与\\a.txt", "O:BAD:AI(A;ID;FR;;;WD)", folder=False)
    _policy, written = asked_for(everybody, place("給与", text), stray)
    assert written == (
        'work: set_share_permissions\ntitle: "権限: いま"\nreason: as it is\ntargets: ["*"]\n'
        "inputs:\n  folders:\n"
        '    # files below that do not follow it: 1, like "a.txt"; `below: replace` makes them\n'
        '    - path: "//fs1/dept/給与"\n'
        "      owner: Administrators\n"
        "      below: leave\n"
        "      rights:\n"
        "        - {who: Administrators, may: full}\n"
        "        - {who: SYSTEM, may: full}\n"
        '        - {who: "FS_給与: 読み", may: modify}\n'
        '        - {who: "yes", may: "0x120089"}\n'
        f"        - {{who: {DOMAIN}-9, may: traverse, on: [folder]}}\n"
    )


def test_who_would_be_locked_out_already_is_not_refused_later(everybody: Principals) -> None:
    policy, written = asked_for(everybody, place("給与", f"O:{TANAKA}D:PAI(A;OICI;FA;;;{TANAKA})"))
    assert policy.folders[0].lock_out
    assert "    # as it is, the administrators could not change its rights any more\n" in written


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "it does not say who may do what: rights is missing"),
        ({"sddl": "D:(A;;FA;;;WD)", "rights": [{"who": "x", "may": "read"}]}, "sddl says everything"),
        ({"sddl": "D:("}, "The rights of a folder cannot be read: 'D:(' is no SDDL of an owner and a list"),
    ],
)
def test_a_policy_says_it_in_one_way(given: dict[str, Any], said: str) -> None:
    with pytest.raises(DocumentError) as found:
        judge(SharePolicy, {"folders": [{"path": "//fs1/dept/a", **given}]}, "shares.yml")
    assert said in str(found.value)


def test_what_is_worth_a_look(everybody: Principals) -> None:
    survey = Survey(
        places=[
            place("", f"O:BAD:AI(A;OICIID;FR;;;AU){ADMINS}", None),
            place("a", f"O:{DOMAIN}-77D:PAI(A;OICI;FA;;;{TANAKA})(D;OICI;FA;;;WD)(A;;FR;;;{DOMAIN}-78)"),
            place("a\\b\\c\\d", f"O:{TANAKA}D:AI(A;;FA;;;{TANAKA}){INHERITED}"),
            place("a\\open", "O:BAD:NO_ACCESS_CONTROL"),
            place("a\\f.txt", f"O:BAD:AI{INHERITED}", folder=False),
            place("meant", f"O:BAD:PAI{ADMINS}"),
        ]
    )
    criteria = Criteria(server="fs1", share="dept", deepest=3, meant={"//fs1/dept/meant"})
    found = [
        (each.path.removeprefix("//fs1/dept"), each.flaw, each.who, each.may)
        for each in findings(survey, everybody, criteria)
    ]
    assert found == [
        ("", Flaw.EVERYBODY, "Authenticated Users", "special"),
        ("", Flaw.DISORDER, "", ""),
        ("/a", Flaw.ORPHAN, f"{DOMAIN}-77", "owner"),
        ("/a", Flaw.PERSON, "田中 (tanaka)", "full"),
        ("/a", Flaw.ORPHAN, f"{DOMAIN}-78", "special"),
        ("/a", Flaw.DISORDER, "", ""),
        ("/a", Flaw.PROTECTED, "", ""),
        ("/a/b/c/d", Flaw.DEEP, "", ""),
        ("/a/open", Flaw.OPEN, "", ""),
        ("/a/f.txt", Flaw.STRAY, "", ""),
    ]
    named = [(each.who, each.people, each.deny) for each in named_in(survey, everybody, criteria)][:4]
    assert named == [
        ("Authenticated Users", 2, False),
        ("Administrators", 0, False),
        ("SYSTEM", 0, False),
        ("田中 (tanaka)", 1, False),
    ]


def test_who_reaches_what_through_which_groups(everybody: Principals) -> None:
    top = place("", f"O:BAD:PAI{ADMINS}(A;OICI;0x1200a9;;;{OUTER})", None)
    survey = Survey(
        places=[
            top,
            place("a", f"O:BAD:PAI{ADMINS}"),
            place("a\\b", f"O:BAD:PAI{ADMINS}"),
            place("c", f"O:BAD:AI(A;OICI;0x1301bf;;;{TANAKA})"),
            place("d.txt", f"O:BAD:PAI(A;;0x1200a9;;;{PAY})", folder=False),
        ]
    )
    places = list(reached(survey, everybody.people[TANAKA], everybody, ("fs1", "dept")))
    assert [(each.path, each.may, each.way) for each in places] == [
        ("//fs1/dept", "read", ("給与課", "FS_給与: 読み")),
        ("//fs1/dept/a", "none", ()),
        ("//fs1/dept/c", "modify", ()),
    ]
    assert [(each.person.login, each.after) for each in who_can(top.rights, everybody)] == [
        ("tanaka", "read")
    ]
