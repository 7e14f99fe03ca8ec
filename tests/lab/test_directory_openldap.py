"""Accounts in a real OpenLDAP with the ppolicy overlay, judged by ldapsearch and by logging on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from daicho.directory import state as keys
from daicho.directory.case import Work
from daicho.directory.outside import outside
from daicho.directory.polling import since
from daicho.directory.reading import Reader
from daicho.directory.snapshot import take
from daicho.directory.state import Account
from daicho.directory.writing import Writer
from tests.directories import INITIAL, carry_out, plain, session

if TYPE_CHECKING:
    from daicho.plan import Scalar
    from lab.domain import Domain

pytestmark = pytest.mark.changes("ldap1")
NUMBER = "H0000001"


def person(base: str, **more: Scalar) -> dict[str, Scalar]:
    return {
        keys.DN: f"uid=h.suzuki99,ou=people,{base}",
        "attribute:uid": "h.suzuki99",
        "attribute:cn": "鈴木, 花子 (臨時)*",
        "attribute:sn": "鈴木",
        "attribute:employeeNumber": NUMBER,
        "attribute:uidNumber": "20001",
        "attribute:gidNumber": "10000",
        "attribute:homeDirectory": "/home/h.suzuki99",
        "value:mail=h.suzuki99@example.test": keys.PRESENT,
        "group:SG_人事課": keys.MEMBER,
        keys.ENABLED: True,
        keys.MUST_CHANGE: True,
        keys.PASSWORD: keys.SET,
        **more,
    }


def entry(domain: Domain, query: str, *attributes: str) -> dict[str, list[str]]:
    found = domain.ldapsearch(query, *attributes, server="ldap1")
    assert len(found) == 1, found
    return found[0][1]


def logs_on(domain: Domain, dn: str) -> bool:
    done = domain.execute(["ldapwhoami", "-x", "-H", domain.uri("ldap1"), "-D", dn, "-w", INITIAL])
    return done.returncode == 0


def test_an_account_comes_moves_leaves_and_comes_back(domain: Domain) -> None:
    base = domain.ldap_base
    with session(domain, plain(domain)) as its:
        its.add(f"ou=disabled,{base}", ["organizationalUnit"], {})
        reader = Reader(its)
        wanted = person(base)
        dn = str(wanted[keys.DN])
        made = carry_out(reader, {NUMBER: wanted})[NUMBER]
        assert isinstance(made, Account)
        assert keys.restricted(made.state, wanted) == wanted
        seen = entry(domain, "(employeeNumber=H0000001)", "userPassword", "pwdReset", "pwdAccountLockedTime")
        assert seen["userPassword"][0].startswith("{SSHA}")
        assert seen["pwdReset"] == ["TRUE"]
        assert "pwdAccountLockedTime" not in seen
        assert dn in entry(domain, "(cn=SG_人事課)", "member")["member"]
        assert logs_on(domain, dn)
        writes = its.writes
        carry_out(reader, {NUMBER: wanted})
        assert its.writes == writes

        # Closed, without its group and elsewhere: no group keeps a name that nobody has.
        moved = f"uid=h.suzuki99,ou=disabled,{base}"
        closed = {**wanted, keys.DN: moved, keys.ENABLED: False, "group:全職員": keys.MEMBER}
        gone = carry_out(reader, {NUMBER: closed})[NUMBER]
        assert isinstance(gone, Account)
        assert keys.restricted(gone.state, closed) == closed
        assert domain.ldapsearch(f"(member={dn})", "cn", server="ldap1") == []
        held = domain.ldapsearch(f"(member={moved})", "cn", server="ldap1")
        assert sorted(each["cn"][0] for _n, each in held) == ["SG_人事課", "全職員"]
        assert not logs_on(domain, moved)

        ends = {**wanted, keys.EXPIRES: "2020-04-01T00:00:00.000000Z"}
        back = carry_out(reader, {NUMBER: ends})[NUMBER]
        assert isinstance(back, Account)
        assert keys.restricted(back.state, ends) == ends
        assert entry(domain, "(uid=h.suzuki99)", "pwdEndTime")["pwdEndTime"] == ["20200401000000Z"]
        assert not logs_on(domain, dn)

        assert carry_out(reader, {NUMBER: {}}) == {NUMBER: None}
        assert domain.ldapsearch(f"(member={dn})", "cn", server="ldap1") == []


def test_an_interrupted_move_leaves_no_old_name_behind(domain: Domain) -> None:
    base = domain.ldap_base
    with session(domain, plain(domain)) as its:
        reader = Reader(its)
        wanted = person(base)
        carry_out(reader, {NUMBER: wanted})
        old, new = str(wanted[keys.DN]), f"uid=h.suzuki98,ou=people,{base}"
        its.move(old, "uid=h.suzuki98", f"ou=people,{base}")  # and then the process was killed
        after = {**wanted, keys.DN: new, "attribute:uid": "h.suzuki98"}
        work = Work(key=NUMBER, found=reader.at(new), wanted=after, former=old)
        [(_key, done)] = Writer(reader, lambda _key: INITIAL).carry_out([work])
        assert isinstance(done, Account)
        assert keys.restricted(done.state, after) == after
        assert new in (members := entry(domain, "(cn=SG_人事課)", "member")["member"])
        assert old not in members


def test_the_last_one_leaves_a_group_that_must_not_be_empty(domain: Domain) -> None:
    base = domain.ldap_base
    with session(domain, plain(domain)) as its:
        group = f"cn=一人,ou=groups,{base}"
        reader = Reader(its)
        wanted = person(base)
        carry_out(reader, {NUMBER: wanted})
        its.add(group, ["groupOfNames"], {"member": [str(wanted[keys.DN])]})
        reader = Reader(its)
        done = carry_out(reader, {NUMBER: wanted})[NUMBER]
        assert isinstance(done, Account)
        assert done.groups == ("SG_人事課",)
        assert entry(domain, "(cn=一人)", "member")["member"] == [group]


def test_a_snapshot_and_what_others_changed(domain: Domain) -> None:
    with session(domain, plain(domain, page_size=50)) as its:
        reader = Reader(its)
        found = take(reader)
        names = domain.ldapsearch("(objectClass=inetOrgPerson)", "uid", server="ldap1")
        assert set(found.by_login) == {each["uid"][0] for _n, each in names}
        everybody = entry(domain, "(cn=全職員)", "member")["member"]
        assert len(found.people_in("全職員")) == len(everybody)

        mark, _none = since(its, None, datetime.now(UTC))
        tanaka = found.by_login["k.tanaka"]
        change = f"dn: {tanaka.dn}\nchangetype: modify\nreplace: title\ntitle: 次長\n"
        login = ["-x", "-H", domain.uri("ldap1"), "-D", domain.ldap_bind_dn]
        argv = ["ldapmodify", *login, "-y", str(domain.secret_file("ldap1"))]
        assert domain.execute(argv, text=change).returncode == 0
        _mark, writes = since(its, mark, datetime.now(UTC))
        now = reader.by_login(["k.tanaka"])["k.tanaka"]
        [difference] = outside(
            {"k.tanaka": tanaka.state}, {"k.tanaka": now.state}, writes, reader.groups.place
        )
        assert (difference.key, difference.found) == ("attribute:title", "次長")
        assert difference.who == domain.ldap_bind_dn
        assert difference.when is not None


def test_without_the_overlay_an_account_is_closed_by_its_expiry(domain: Domain) -> None:
    with session(domain, plain(domain, lock="shadow")) as its:
        reader = Reader(its)
        wanted = person(domain.ldap_base, **{keys.MUST_CHANGE: False})
        wanted |= {keys.ENABLED: False}
        made = carry_out(reader, {NUMBER: wanted})[NUMBER]
        assert isinstance(made, Account)
        assert entry(domain, "(uid=h.suzuki99)", "shadowExpire") == {"shadowExpire": ["1"]}
        opened = {**wanted, keys.ENABLED: True, keys.EXPIRES: "2027-04-01T00:00:00.000000Z"}
        done = carry_out(reader, {NUMBER: opened})[NUMBER]
        assert isinstance(done, Account)
        assert keys.restricted(done.state, opened) == opened
        assert entry(domain, "(uid=h.suzuki99)", "shadowExpire") == {"shadowExpire": ["20909"]}


@pytest.mark.parametrize("encryption", ["ldaps", "starttls"])
def test_both_ways_of_encryption_work(domain: Domain, encryption: str) -> None:
    with session(domain, plain(domain, encryption=encryption)) as its:
        assert its.exists(domain.ldap_base)
