"""From one state of an account to another: nothing is missed, nothing is written twice, no gap on the way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from daicho.directory import state as keys
from daicho.directory.case import Case, Work
from daicho.directory.operations import (
    Change,
    Create,
    Delete,
    Membership,
    Move,
    NewPassword,
    Operation,
    operations,
)
from daicho.directory.state import Account
from daicho.plan import Scalar, differences

type State = dict[str, Scalar]

DN = "CN=鈴木 花子,OU=総務課,DC=example"
MOMENT = "2027-04-01T00:00:00.000000Z"
details = st.fixed_dictionaries(
    {
        keys.DN: st.sampled_from(
            [DN, "CN=鈴木 花子,OU=無効化,DC=example", r"CN=鈴木\, 花子,OU=総務課,DC=example"]
        )
    },
    optional={
        "attribute:title": st.sampled_from(["係長", "課長"]),
        "attribute:mail": st.just("a@example.jp"),
        "value:proxyAddresses=smtp:a@example.jp": st.just(keys.PRESENT),
        "value:proxyAddresses=smtp:b@example.jp": st.just(keys.PRESENT),
        "value:proxyAddresses=smtp:c@example.jp": st.just(keys.PRESENT),
        "group:a": st.just(keys.MEMBER),
        "group:b": st.just(keys.MEMBER),
        "group:c": st.just(keys.MEMBER),
        keys.EXPIRES: st.just(MOMENT),
    },
)


@st.composite
def states(draw: st.DrawFn) -> State:
    return {**draw(details), keys.ENABLED: draw(st.booleans()), keys.MUST_CHANGE: draw(st.booleans())}


nothing: st.SearchStrategy[State] = st.builds(dict)
accounts = states() | nothing


def after(state: State, operation: Operation) -> State:
    """A directory in a few lines: what one write makes of an account."""
    if isinstance(operation, Create):
        assert not state, "it was made twice"
        return _clean({**_values(operation.attributes), **operation.controls, keys.DN: operation.dn})
    assert state[keys.DN] == operation.dn, "it was written under a name that it does not have"
    return _changed(state, operation)


def _changed(state: State, operation: Change | Delete | Membership | Move | NewPassword) -> State:
    match operation:
        case Delete():
            return {}
        case Change():
            kept = {key: value for key, value in state.items() if _attribute(key) not in operation.attributes}
            wanted = _values({name: then for name, (_now, then) in operation.attributes.items()})
            return _clean({**kept, **wanted, **operation.controls})
        case Membership(act="join"):
            return {**state, keys.group_key(operation.group): keys.MEMBER}
        case Membership():
            return {key: value for key, value in state.items() if key != keys.group_key(operation.group)}
        case Move():
            return {**state, keys.DN: operation.to}
        case _:
            number = state.get(keys.PASSWORD_NUMBER)
            assert isinstance(number, int)
            return {**state, keys.PASSWORD_NUMBER: number + 1}


def _attribute(key: str) -> str | None:
    return keys.attribute_in(key)


def _values(given: object) -> State:
    assert isinstance(given, dict)
    return {
        key: value
        for name, values in given.items()
        for key, value in (
            [(keys.value_key(name, each), keys.PRESENT) for each in values]
            if name == "proxyAddresses"
            else [(keys.attribute_key(name), each) for each in values]
        )
    }


def _clean(state: State) -> State:
    return {key: value for key, value in state.items() if value is not None}


@given(accounts, accounts)
def test_the_writes_lead_to_the_wanted_state(found: State, wanted: State) -> None:
    state = found
    for operation in operations(found, wanted):
        state = after(state, operation)
    assert differences(state, wanted) == ()


@given(accounts, accounts, st.data())
def test_after_a_crash_at_any_point_the_rest_leads_there_too(
    found: State, wanted: State, data: st.DataObject
) -> None:
    planned = operations(found, wanted)
    state = found
    for operation in planned[: data.draw(st.integers(0, len(planned)))]:
        state = after(state, operation)
    rest = operations(state, wanted)
    assert len(rest) <= len(planned)
    for operation in rest:
        state = after(state, operation)
    assert differences(state, wanted) == ()


@given(accounts)
def test_where_there_is_nothing_to_do_nothing_is_written(state: State) -> None:
    assert operations(state, state) == ()


@given(accounts, accounts)
def test_nobody_can_enter_more_on_the_way_than_before_or_afterwards(found: State, wanted: State) -> None:
    def entering(state: State) -> set[str]:
        return set(keys.groups(state)) if state.get(keys.ENABLED) else set()

    state = found
    for operation in operations(found, wanted):
        state = after(state, operation)
        reached = entering(state)
        assert reached <= entering(found) | entering(wanted)
        assert not reached or state.get(keys.ENABLED) in {found.get(keys.ENABLED), wanted.get(keys.ENABLED)}


@given(states(), states())
def test_who_is_closed_is_closed_first_and_who_is_opened_is_opened_last(found: State, wanted: State) -> None:
    listed = operations(found, wanted)
    changes = [
        at for at, each in enumerate(listed) if isinstance(each, Change) and keys.ENABLED in each.controls
    ]
    if found[keys.ENABLED] and not wanted[keys.ENABLED]:
        assert changes == [0]
    elif wanted[keys.ENABLED] and not found[keys.ENABLED]:
        assert changes == [len(listed) - 1]
    else:
        assert changes == []


@given(accounts, accounts)
def test_a_case_splits_the_writes_and_loses_none(found: State, wanted: State) -> None:
    account = Account(dn=str(found[keys.DN]), state=found) if found else None
    case = Case(Work(key="1", found=account, wanted=wanted))
    everything = [*case.before, *case.memberships, *case.after]
    assert sorted(map(repr, everything)) == sorted(map(repr, operations(found, wanted)))
    assert not [each for each in case.before if isinstance(each, Move | Delete)]


def test_a_new_account_is_one_write_and_its_groups() -> None:
    wanted: State = {
        keys.DN: DN,
        "attribute:title": "係長",
        "group:総務課": keys.MEMBER,
        keys.ENABLED: True,
        keys.EXPIRES: MOMENT,
        keys.MUST_CHANGE: True,
        keys.PASSWORD: keys.SET,
    }
    assert operations({}, wanted) == (
        Create(
            dn=DN,
            attributes={"title": ("係長",)},
            controls={keys.ENABLED: True, keys.EXPIRES: MOMENT, keys.MUST_CHANGE: True},
        ),
        Membership(dn=DN, group="総務課", act="join"),
    )


def test_an_account_that_comes_back_is_opened_together_with_its_end() -> None:
    found: State = {keys.DN: DN, keys.ENABLED: False, keys.MUST_CHANGE: False}
    wanted: State = {**found, keys.ENABLED: True, keys.EXPIRES: MOMENT, "attribute:title": "係長"}
    assert operations(found, wanted) == (
        Change(dn=DN, attributes={"title": ((), ("係長",))}),
        Change(dn=DN, controls={keys.ENABLED: True, keys.EXPIRES: MOMENT}),
    )


def test_a_reset_is_a_higher_number() -> None:
    found: State = {keys.DN: DN, keys.ENABLED: True, keys.MUST_CHANGE: False, keys.PASSWORD_NUMBER: 3}
    wanted: State = {**found, keys.PASSWORD_NUMBER: 4, keys.MUST_CHANGE: True}
    assert operations(found, wanted) == (
        Change(dn=DN, controls={keys.MUST_CHANGE: True}),
        NewPassword(dn=DN, must_change=True),
    )
    # Its number cannot be taken back: there is nothing to write for that.
    assert operations(wanted, {**wanted, keys.PASSWORD_NUMBER: 3}) == ()


def test_taking_an_account_away_leaves_its_groups_first() -> None:
    found: State = {keys.DN: DN, "group:a": keys.MEMBER, keys.ENABLED: True}
    assert operations(found, {}) == (Membership(dn=DN, group="a", act="leave"), Delete(dn=DN))
