"""The craft of `reprepare_terminal`: when nobody is logged on, profile after profile, then the rest."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from daicho.craft import Trouble
from daicho.door import Intention
from daicho.endpoints import fleet
from daicho.endpoints.endpoint_craft import EndpointCraft, windows
from daicho.endpoints.terminal import (
    GROUPS,
    PROFILE,
    Rules,
    Terminal,
    archive_of,
    leaving,
    no_way_back,
    notes_of,
    obstacles,
    settings,
    state_of,
    wanted,
)
from daicho.endpoints.wrong import NotDone
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from daicho.craft import Bench, Craft, Target
    from daicho.endpoints.endpoint_craft import Host
    from daicho.plan import TargetState

_PACKING_S: Final = 4 * 3600
"""A profile of 100 GB on a slow disk is packed in this time."""


@contextmanager
def open_craft(bench: Bench) -> Iterator[Craft]:
    """The craft of `reprepare_terminal`."""
    access = fleet.access_of(bench)
    inputs = bench.inputs
    wishes = [Terminal.model_validate(each) for each in cast("Sequence[object]", inputs["terminals"])]
    packed = inputs["profiles"] == "archive"
    rules = Rules(
        # Our own account has a profile, too, and it is in use while we are there.
        keep=(access.site.user, *cast("Sequence[str]", inputs["keep"])),
        archive=str(inputs["archive"]) if packed else "",
    )
    purpose = Handover(wishes={wish.terminal: wish for wish in wishes}, rules=rules)
    yield EndpointCraft(purpose=purpose, reach=windows(access), at_once=access.site.at_once)


@dataclass(frozen=True, kw_only=True)
class Handover:
    """Terminals that go to their next users."""

    wishes: Mapping[str, Terminal]
    rules: Rules

    def rehearsed(self, host: Host, target: Target) -> Intention:
        """What goes, with sizes, and what comes."""
        wish = self._wish(host)
        read = self._read(host, wish)
        if stops := list(obstacles(wish, self.rules, read)):
            raise Trouble(why="; ".join(stops))
        back = target.wanted is not None
        after = dict(target.wanted or wanted(wish, self.rules, read))
        there = state_of(wish, self.rules, read)
        before = {key: there.get(key) for key in after}
        lost = "" if back else no_way_back(wish, self.rules, read)
        return Intention(
            target=target.name,
            before=before,
            after=after,
            inverse=None if lost else before,
            irreversible=lost,
            notes=() if back else tuple(notes_of(wish, self.rules, read)),
        )

    def present(self, host: Host, wanted: TargetState) -> TargetState:
        """What is there of what is wanted."""
        wish = self._wish(host)
        there = state_of(wish, self.rules, self._read(host, wish, wanted))
        return {key: there.get(key) for key in wanted}

    def bring(self, host: Host, wanted: TargetState, present: TargetState) -> str:
        """Take away what is to go, then set what is to be set."""
        wish = self._wish(host)
        read = self._read(host, wish)
        if stops := list(obstacles(wish, self.rules, read)):
            raise Trouble(why="; ".join(stops))
        for each in leaving(wish, self.rules, read):
            if PROFILE + each["account"] in wanted:
                self._remove(host, wish, each)
        if due := settings(wanted, present):
            host.run("set_terminal", due)
        return ""

    def _remove(self, host: Host, wish: Terminal, profile: Mapping[str, Any]) -> None:
        folder, name = "", ""
        if self.rules.archive:
            folder, _backslash, name = archive_of(profile["account"], wish, self.rules).rpartition("\\")
        try:
            order = {"sid": profile["sid"], "archive": folder, "name": name}
            host.run("remove_profile", order, limit_s=_PACKING_S)
        except NotDone as error:
            said = {
                "in_use": _("the profile of {account} is in use; restart the terminal, then run it again"),
                "no_space": _(
                    "the disk became full while the profile of {account} was packed; it is still there"
                ),
            }.get(error.kind, _("the profile of {account} could not be removed: {why}"))
            raise Trouble(why=said.format(account=profile["account"], why=error.facts["why"])) from error

    def _wish(self, host: Host) -> Terminal:
        wish = self.wishes.get(host.endpoint.name)
        if wish is None:
            raise Trouble(why=_("the change does not say for whom; name it under `terminals`"))
        return wish

    def _read(self, host: Host, wish: Terminal, wishes: TargetState | None = None) -> dict[str, Any]:
        accounts = [key.removeprefix(PROFILE) for key in wishes or () if key.startswith(PROFILE)]
        files = {name: archive_of(name, wish, self.rules) for name in accounts} if self.rules.archive else {}
        asked = {"groups": list(GROUPS.values()), "archives": list(files.values())}
        read = host.run("get_terminal", asked, limit_s=900)
        there = {str(file).casefold() for file in read["archives"]}
        return read | {"archives": {name: file for name, file in files.items() if file.casefold() in there}}
