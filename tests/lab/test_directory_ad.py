"""Accounts in a real Active Directory, judged by ldapsearch, ldapwhoami and samba-tool."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from daicho.directory import state as keys
from daicho.directory.case import Work
from daicho.directory.dialect import Kind
from daicho.directory.memberships import Access
from daicho.directory.operations import NewPassword
from daicho.directory.outside import outside
from daicho.directory.planning import CannotBecome, Planner
from daicho.directory.polling import MEMBER, Mark, since
from daicho.directory.reading import Reader, members
from daicho.directory.session import Session
from daicho.directory.snapshot import take
from daicho.directory.state import Account
from daicho.directory.writing import Writer
from daicho.directory.wrong import LogonRefused, NoServer, NotTrusted, WriteRefused
from tests.directories import INITIAL, active, carry_out, hanako, logons, session

if TYPE_CHECKING:
    from collections.abc import Callable

    from daicho.plan import Scalar
    from lab.domain import Domain

NUMBER = "H0000001"
GROUPS = {"group:SG_人事課": "member", "group:全職員": "member"}


def entry(domain: Domain, query: str, *attributes: str) -> dict[str, list[str]]:
    found = domain.ldapsearch(query, *attributes)
    assert len(found) == 1, found
    return found[0][1]


def test_an_account_comes_moves_leaves_and_comes_back(domain: Domain) -> None:
    with session(domain, active(domain)) as its:
        reader = Reader(its)
        ends = {keys.EXPIRES: "2027-04-01T00:00:00.000000Z"}
        wanted = hanako(domain.base, **GROUPS, **ends)

        # A new account: one write, and one for each group.
        made = carry_out(reader, {NUMBER: wanted})[NUMBER]
        assert isinstance(made, Account)
        assert keys.restricted(made.state, wanted) == wanted
        assert its.writes == 3
        seen = entry(domain, "(employeeID=H0000001)", "*")
        assert seen["sAMAccountName"] == ["h.suzuki99"]
        assert seen["displayName"] == ["鈴木, 花子 (臨時)*"]
        assert seen["userAccountControl"] == ["512"]
        assert seen["pwdLastSet"] == ["0"]
        assert seen["accountExpires"] == ["134510112000000000"]
        assert sorted(name.split(",")[0] for name in seen["memberOf"]) == ["CN=SG_人事課", "CN=全職員"]
        assert "data 773" in logons(domain, ["h.suzuki99"])["h.suzuki99"]
        assert "data 52e" in logons(domain, ["h.suzuki99"], "wrong")["h.suzuki99"]

        # The same again: nothing.
        carry_out(reader, {NUMBER: wanted})
        assert its.writes == 3

        # It leaves: closed, no groups, put aside under another name.
        left = dict.fromkeys((*GROUPS, keys.EXPIRES), None) | {
            keys.DN: f"CN=鈴木 花子 H0000001,OU=無効化,{domain.base}",
            keys.ENABLED: False,
        }
        gone = carry_out(reader, {NUMBER: {**wanted, **left}})[NUMBER]
        assert isinstance(gone, Account)
        assert (its.writes, gone.state[keys.ENABLED], gone.groups) == (7, False, ())
        seen = entry(domain, "(employeeID=H0000001)", "userAccountControl", "memberOf", "accountExpires")
        assert seen == {"userAccountControl": ["514"], "accountExpires": ["9223372036854775807"]}
        assert "data 533" in logons(domain, ["h.suzuki99"])["h.suzuki99"]

        # And comes back as it was, the same account.
        back = carry_out(reader, {NUMBER: wanted})[NUMBER]
        assert isinstance(back, Account)
        assert keys.restricted(back.state, wanted) == wanted
        assert back.state[keys.PASSWORD_NUMBER] == 1
        assert entry(domain, "(employeeID=H0000001)", "distinguishedName")

        # Only to undo its creation it is taken away.
        assert carry_out(reader, {NUMBER: {}}) == {NUMBER: None}
        assert domain.ldapsearch("(employeeID=H0000001)", "cn") == []


def test_passwords_are_reset_and_flags_that_no_state_shows_stay(domain: Domain) -> None:
    with session(domain, active(domain)) as its:
        reader = Reader(its)
        wanted = hanako(domain.base, **{keys.MUST_CHANGE: False})
        carry_out(reader, {NUMBER: wanted})
        assert logons(domain, ["h.suzuki99"]) == {"h.suzuki99": "logged on"}
        domain.samba_tool("user", "setexpiry", "--noexpiry", "h.suzuki99")
        found = reader.by_number([NUMBER])[NUMBER]
        assert found.control == 0x10200

        done = carry_out(reader, {NUMBER: {**found.state, keys.PASSWORD_NUMBER: 2, keys.ENABLED: False}})
        assert isinstance(done[NUMBER], Account)
        reset = reader.by_number([NUMBER])[NUMBER]
        assert (reset.state[keys.PASSWORD_NUMBER], reset.control) == (2, 0x10202)


def test_refusals_name_the_reason_and_the_others_go_on(domain: Domain) -> None:
    with session(domain, active(domain)) as its:
        reader = Reader(its)
        base = domain.base
        others = {
            "H1": hanako(base, **{"attribute:employeeID": "H1", "attribute:sAMAccountName": "k.tanaka"}),
            "H2": hanako(base, **{"attribute:employeeID": "H2", keys.DN: f"CN=x,OU=ない,{base}"}),
            "H3": hanako(base, **{"attribute:employeeID": "H3", "attribute:title": "係" * 200}),
            "H4": hanako(base, **{"attribute:employeeID": "H4", "group:ない": "member"}),
            "H5": hanako(base, **{"attribute:employeeID": "H5"}),
        }
        for number in ("H2", "H3", "H4", "H5"):
            others[number]["attribute:sAMAccountName"] = f"t{number}".lower()
        for number in ("H3", "H4", "H5"):
            others[number][keys.DN] = f"CN={number},OU=職員,{base}"
        told = carry_out(reader, others)
        said = {number: str(outcome).partition(" (the server")[0] for number, outcome in told.items()}
        assert said["H1"] == (
            rf"The directory did not create CN=鈴木\, 花子 (臨時)*,OU=職員,{base}: "
            "another entry has this name. Choose another and plan again."
        )
        assert said["H2"] == (
            f"The directory did not create CN=x,OU=ない,{base}: "
            "it is not there any more, or the place that it should go to is not. Plan again."
        )
        assert said["H3"] == (
            f"The directory did not create CN=H3,OU=職員,{base}: "
            "a value is not written as the attribute demands, or too long. Correct it and plan again."
        )
        assert said["H4"] == "The directory has no group 'ない'."
        assert isinstance(told["H5"], Account)


@pytest.mark.changes
def test_a_plan_names_everything_that_cannot_be(domain: Domain) -> None:
    with session(domain, active(domain)) as its:
        reader = Reader(its)
        planner = Planner(reader)
        wishes = {
            keys.DN: f"CN={'長' * 300},OU=ない,{domain.base}",
            "attribute:sAMAccountName": "h+suzuki",
            "group:ない": "member",
        }
        with pytest.raises(CannotBecome) as refused:
            planner.becomes(None, wishes)
        assert str(refused.value) == (
            f"there is no place OU=ない,{domain.base}; there is no group ない; "
            "sAMAccountName 'h+suzuki' holds +, which logon names cannot hold; "
            f"cn has 300 characters and may have 64: {'長' * 40}…"
        )
        after = planner.becomes(
            None, {keys.DN: f"cn=a b,ou=職員,{domain.base.lower()}", "group:sg_人事課": "member"}
        )
        assert after == {
            keys.DN: f"CN=a b,OU=職員,{domain.base}",
            "group:SG_人事課": "member",
            keys.ENABLED: False,
            keys.MUST_CHANGE: True,
            keys.PASSWORD: keys.SET,
        }


def test_the_password_policy_is_told_in_words(domain: Domain) -> None:
    with session(domain, active(domain)) as its:
        reader = Reader(its)
        made = carry_out(reader, {NUMBER: hanako(domain.base)})[NUMBER]
        assert isinstance(made, Account)
        speaking = reader.dialect
        with pytest.raises(WriteRefused, match="the password does not meet the domain's policy"):
            speaking.set_password(its, NewPassword(dn=made.dn, must_change=True), "kurz")


@pytest.mark.changes
def test_a_snapshot_knows_who_enters_what(domain: Domain) -> None:
    with session(domain, active(domain, page_size=50)) as its:
        reader = Reader(its)
        found = take(reader)
        witnesses = domain.ldapsearch("(&(objectCategory=person)(objectClass=user))", "sAMAccountName")
        assert set(found.by_login) == {each["sAMAccountName"][0] for _name, each in witnesses}
        nested = domain.ldapsearch(
            f"(&(objectCategory=person)(memberOf:1.2.840.113556.1.4.1941:=CN=SG_災害対策部,OU=グループ,{domain.base}))",
            "sAMAccountName",
        )
        assert list(found.people_in("SG_災害対策部")) == sorted(
            each["sAMAccountName"][0] for _n, each in nested
        )
        everybody = entry(domain, "(cn=全職員)", "member")["member"]
        assert sorted(members(its, reader.groups.place("全職員"))) == sorted(everybody)
        assert found.net(["SG_復興庶務係"], ["SG_復興庶務係"]) == Access()
        assert "SG_災害対策部" in found.net([], ["SG_復興庶務係"]).gained


def test_computers_are_prestaged_moved_and_retired(domain: Domain) -> None:
    with session(domain, active(domain)) as its:
        reader = Reader(its, Kind.COMPUTER)
        base = domain.base
        wanted: dict[str, Scalar] = {
            keys.DN: f"CN=PC-0001,OU=端末,{base}",
            "attribute:sAMAccountName": "PC-0001$",
            "attribute:description": "総務課 3階",
            keys.ENABLED: True,
            keys.PASSWORD: keys.SET,
        }
        writer = Writer(reader, lambda _key: INITIAL)
        dict(writer.carry_out([Work(key="PC-0001$", found=None, wanted=wanted)]))
        seen = entry(domain, "(sAMAccountName=PC-0001$)", "objectClass", "userAccountControl", "description")
        assert "computer" in seen["objectClass"]
        assert (seen["userAccountControl"], seen["description"]) == (["4096"], ["総務課 3階"])
        found = reader.by_login(["PC-0001$"])["PC-0001$"]
        retired: dict[str, Scalar] = {
            **wanted,
            keys.DN: f"CN=PC-0001,OU=無効化,{base}",
            keys.ENABLED: False,
            "attribute:description": None,
        }
        dict(writer.carry_out([Work(key="PC-0001$", found=found, wanted=retired)]))
        seen = entry(domain, "(sAMAccountName=PC-0001$)", "distinguishedName", "userAccountControl")
        assert seen == {
            "distinguishedName": [f"CN=PC-0001,OU=無効化,{base}"],
            "userAccountControl": ["4098"],
        }


def test_what_others_change_is_found_and_dated(domain: Domain) -> None:
    with session(domain, active(domain, "dc1")) as its:
        reader = Reader(its)
        made = carry_out(reader, {NUMBER: hanako(domain.base, **GROUPS)})[NUMBER]
        assert isinstance(made, Account)
        mark, writes = since(its, None, datetime.now(UTC))
        assert writes == []
        domain.samba_tool("group", "removemembers", "SG_人事課", "h.suzuki99")
        domain.samba_tool("user", "disable", "h.suzuki99")
        domain.samba_tool("user", "delete", "k.tanaka")
        _next, writes = since(its, Mark.from_json(mark.as_json()), datetime.now(UTC))
        now = {NUMBER: reader.by_number([NUMBER])[NUMBER].state}
        found = outside({NUMBER: made.state}, now, writes, reader.groups.place)
        assert [(each.key, each.recorded, each.found, each.server) for each in found] == [
            (keys.ENABLED, True, False, "DC1"),
            ("group:SG_人事課", "member", None, ""),
        ]
        assert all(each.when and abs((datetime.now(UTC) - each.when).total_seconds()) < 60 for each in found)
        assert {write.attribute for write in writes if "SG_人事課" in write.dn} == {MEMBER}
        assert [write.dn.partition(",")[0] for write in writes if write.deleted] == ["CN=田中 香織"]


def test_another_server_takes_over_in_the_middle(domain: Domain) -> None:
    people = {
        f"T{number:03}": hanako(
            domain.base,
            **{
                keys.DN: f"CN=T{number:03},OU=職員,{domain.base}",
                "attribute:sAMAccountName": f"t{number:03}",
                "attribute:employeeID": f"T{number:03}",
                "group:全職員": "member",
            },
        )
        for number in range(150)
    }
    with session(domain, active(domain, timeout_s=3, replication_wait_s=20)) as its:
        reader = Reader(its)
        killer = threading.Timer(1.5, domain.kill, ["dc1"])
        killer.start()
        told = carry_out(reader, people)
        killer.join()
        server = its.server
        wrong = {number: str(each) for number, each in told.items() if not isinstance(each, Account)}
    assert server == "dc2.ad.example.test"
    domain.start("dc1")
    until = time.monotonic() + 60
    query = "(&(objectCategory=person)(sAMAccountName=t*)(employeeID=T*))"
    while time.monotonic() < until:
        counted = [len(domain.ldapsearch(query, "cn", server=server)) for server in ("dc1", "dc2")]
        if counted[0] == counted[1] >= 150 - len(wrong):
            break
        time.sleep(1)
    assert counted[0] == counted[1] >= 150 - len(wrong)
    # Nobody twice: a collision would be renamed to CN=…\0ACNF:….
    assert domain.ldapsearch("(cn=*CNF:*)", "cn") == []
    with session(domain, active(domain)) as its:
        again = carry_out(Reader(its), people)
        assert all(isinstance(each, Account) for each in again.values())
    assert len(domain.ldapsearch(query, "cn")) == 150
    assert len([name for name in entry(domain, "(cn=全職員)", "member")["member"] if "CN=T" in name]) == 150


def test_a_server_that_was_started_again_goes_on_being_asked(domain: Domain) -> None:
    with session(domain, active(domain)) as its:
        assert its.exists(domain.base)
        domain.stop("dc1")
        domain.start("dc1")
        assert its.exists(domain.base)
        assert its.server == "dc1.ad.example.test"
        wanted = {NUMBER: hanako(domain.base)}
        domain.stop("dc1")
        done = carry_out(Reader(its), wanted)[NUMBER]
        assert isinstance(done, Account)
        assert its.server == "dc2.ad.example.test"
    assert len(domain.ldapsearch("(employeeID=H0000001)", "cn", server="dc2")) == 1


def test_what_is_wrong_with_the_logon_is_said_and_tried_once(domain: Domain) -> None:
    settings = active(domain)
    asked: list[int] = []

    def wrong_password() -> str:
        asked.append(1)
        return "wrong"

    with pytest.raises(LogonRefused) as refused, Session(settings, wrong_password):
        pass
    assert len(asked) == 1
    assert str(refused.value) == (
        "dc1.ad.example.test does not accept the logon of svc-daicho@ad.example.test: the name or the "
        "password is wrong. It was tried once, so that the account is not locked. Correct the secret "
        "`directory` or `bind_name:` in directory.yml."
    )
    # Asked on the server itself: a logon that succeeds sets the count back.
    shown = domain.samba_tool("user", "show", "svc-daicho", "--attributes=badPwdCount")
    assert "badPwdCount: 1" in shown

    for encryption in ("ldaps", "starttls"):
        other_ca = active(domain, ca_file="/etc/ssl/certs/ca-certificates.crt", encryption=encryption)
        with pytest.raises(NotTrusted, match=r"is not trusted \((self-signed|unable to get)"):
            session(domain, other_ca).__enter__()
        elsewhere = active(
            domain,
            servers=["other.ad.example.test"],
            addresses={"other.ad.example.test": domain.address("dc1")},
            encryption=encryption,
        )
        with pytest.raises(NotTrusted, match="it is made out to another name"):
            session(domain, elsewhere).__enter__()
        with session(domain, active(domain, encryption=encryption)) as its:
            assert its.exists(domain.base)

    domain.stop("dc1")
    domain.stop("dc2")
    with pytest.raises(NoServer, match=r"answers: dc1\..* \(.*\); dc2\..* \(.*\)\. Check"):
        session(domain, active(domain, timeout_s=2)).__enter__()


class Dying(Session):
    """A session whose process is killed instead of its last write."""

    last = 0

    def _write(self, what: str, dn: str, send: Callable[[Any], object]) -> None:
        if self.writes == self.last:
            raise KeyboardInterrupt
        super()._write(what, dn, send)


class Wandering(Session):
    """A session that goes on at the next server, and nobody is told, once two accounts are made."""

    made = 0

    def _write(self, what: str, dn: str, send: Callable[[Any], object]) -> None:
        super()._write(what, dn, send)
        self.made += what == "add"
        if self.made == 2:
            self.made += 1
            self._drop()
            self._next += 1


def test_what_the_next_server_has_not_heard_of_yet_is_no_refusal(domain: Domain) -> None:
    wanted = {number: someone(domain, number, **GROUPS) for number in ("W1", "W2", "W3")}
    with Wandering(active(domain), domain.secret) as its:
        told = carry_out(Reader(its), wanted)
        assert its.server == domain.fqdn("dc2")
    for number, state in wanted.items():
        done = told[number]
        assert isinstance(done, Account), (number, done)
        assert keys.restricted(done.state, state) == state
    everybody = domain.ldapsearch("(employeeID=W*)", "cn", server="dc2")
    assert sorted(found["cn"] for _dn, found in everybody) == [["W1"], ["W2"], ["W3"]]


def someone(domain: Domain, number: str, place: str = "職員", **more: Scalar) -> dict[str, Scalar]:
    return hanako(
        domain.base,
        **{
            keys.DN: f"CN={number},OU={place},{domain.base}",
            "attribute:sAMAccountName": number.lower(),
            "attribute:employeeID": number,
            **more,
        },
    )


@pytest.mark.slow
def test_a_crash_between_any_two_writes_is_made_good_by_doing_it_again(domain: Domain) -> None:
    finished = False
    writes = 0
    while not finished:
        joins, moves, leaves = (f"{letter}{writes:03}" for letter in "JML")
        settings = active(domain, "dc1")
        with session(domain, settings) as its:
            reader = Reader(its)
            before = {
                moves: {**someone(domain, moves, **GROUPS), keys.ENABLED: False},
                leaves: someone(domain, leaves, **GROUPS),
            }
            found = {
                number: done
                for number, done in carry_out(reader, before).items()
                if isinstance(done, Account)
            }
            assert len(found) == 2
        wanted = {
            joins: someone(domain, joins, **GROUPS),
            moves: someone(domain, moves, "無効化", **{"group:PJ_0001": "member", "attribute:title": "係長"}),
            leaves: someone(domain, leaves, "無効化", **{keys.ENABLED: False, "attribute:sn": None}),
        }
        with Dying(settings, domain.secret) as dying:
            dying.last = writes
            try:
                carry_out(Reader(dying), wanted, found)
                finished = True
            except KeyboardInterrupt:
                pass
        with session(domain, settings) as its:
            for number, done in carry_out(Reader(its), wanted).items():
                assert isinstance(done, Account), (writes, number, done)
                expected = {key: value for key, value in wanted[number].items() if value is not None}
                assert keys.restricted(done.state, expected) == expected, (writes, number)
                assert done.groups == keys.groups(expected)
        writes += 1
    assert writes > 9
    assert len(domain.ldapsearch("(|(cn=J0*)(cn=M0*)(cn=L0*))", "cn")) == 3 * writes


def test_what_others_did_meanwhile_is_no_obstacle(domain: Domain) -> None:
    with session(domain, active(domain, "dc1")) as its:
        reader = Reader(its)
        base = {
            number: someone(domain, number, **{"attribute:title": "係員"})
            for number in ("A1", "A2", "A3", "A4")
        }
        found = {key: done for key, done in carry_out(reader, base).items() if isinstance(done, Account)}
        domain.samba_tool("group", "addmembers", "SG_人事課", "a1")
        domain.samba_tool("user", "move", "a2", "OU=無効化")
        domain.samba_tool("user", "delete", "a3")
        wanted = {
            number: {**state, "group:SG_人事課": "member", "attribute:title": "係長"}
            for number, state in base.items()
        }
        told = carry_out(reader, wanted, found)
        for name in ("A1", "A2", "A4"):
            done = told[name]
            assert isinstance(done, Account), done
            assert keys.restricted(done.state, wanted[name]) == wanted[name]
        assert str(told["A3"]).partition(" (the server")[0] == (
            f"The directory did not change CN=A3,OU=職員,{domain.base}: "
            "it is not there any more, or the place that it should go to is not. Plan again."
        )
