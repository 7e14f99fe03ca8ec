"""From a configuration and what is wanted to the recorded states, the lines to send and those back."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from daicho.door import Intention
from daicho.errors import Refused, UsageError
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.network.entering import entered, replaced
from daicho.network.guards import dangers
from daicho.network.state import SAVED, flat, key_of, place_of, present, promised, states
from daicho.network.way import Guide, SecretNotKept, places, typed, way
from daicho.plan import differences

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daicho.network.guards import Danger, Reach
    from daicho.network.platform import Platform
    from daicho.network.secrets import Mask
    from daicho.network.state import Leaf
    from daicho.network.tree import Tree
    from daicho.network.way import Line
    from daicho.plan import TargetState

_NAMED: Final = 5
"""So many lines are named in a message; the plan shows all."""


class UnknownInterface(UsageError):
    """The lines name interfaces that the device does not have."""

    sentence = N_("{device} has no interface {names}. `show running-config` writes their names in full.")


class ManagementPath(Refused):
    """The lines could cut us off, and the change does not say that it means to touch that."""

    sentence = N_(
        "{device}: the change could cut the way to it:\n{lines}\n"
        "If that is meant, say `allow_management: true`."
    )


class NoDeadMan(Refused):
    """The lines could cut us off, and nothing would bring the device back."""

    sentence = N_(
        "{device}: the change could cut the way to it:\n{lines}\n"
        "Nothing brings {platform} back by itself, so somebody has to make this change at the device."
    )


@dataclass(frozen=True, kw_only=True)
class Site:
    """What is known of one device beside its configuration."""

    device: str
    platform: Platform
    mask: Mask
    reach: Reach


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is wanted of one device: lines to enter, or a recorded state to reach."""

    commands: Tree = field(default_factory=dict)
    exact: bool = False
    state: TargetState | None = None
    """Reach this, whatever the commands say; their order and their secrets count still."""
    back: bool = False
    """It takes an earlier run back: the order of the commands is turned round."""
    allow_management: bool = False


class Planned:
    """The change of one device, from the configuration that was found on it."""

    def __init__(self, site: Site, running: Tree, wish: Wish) -> None:
        """Work it out.

        Raises:
            UnknownInterface: The commands name an interface that is not there.
            VlanListUnread: A list of VLAN numbers cannot be read.
        """
        self._site, self._running, self._wish = site, running, wish
        grammar = site.platform.grammar
        _check_interfaces(site, running, wish.commands)
        enter = replaced if wish.exact else entered
        self._found = flat(running, grammar, site.mask)
        entered_tree = enter(running, wish.commands, grammar)
        self._wanted = promised(self._found, flat(entered_tree, grammar, site.mask))
        if wish.state is None:
            self.before, self.after = states(self._found, self._wanted)
        else:
            self.before = present(self._found, None, wish.state)
            self.after = {key: _goal(key, line, wish.state) for key, line in self.before.items()}
        self._order = places(wish.commands, site.mask)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines to send.

        Raises:
            SecretNotKept: One needs a secret that nobody knows.
        """
        return self._way(self.before, self.after, back=self._wish.back)

    @property
    def inverse(self) -> tuple[Line, ...]:
        """The lines that lead back from the wanted state.

        Raises:
            SecretNotKept: One needs a secret that nobody knows.
        """
        return self._way(self.after, self.before, back=not self._wish.back)

    @property
    def dangers(self) -> tuple[Danger, ...]:
        """What could cut us off."""
        return dangers(self.before, self.after, self._running, self._site.platform, self._site.reach)

    def back(self, running: Tree) -> tuple[Line, ...]:
        """The lines that lead from what is there now to what was found."""
        now = flat(running, self._site.platform.grammar, self._site.mask)
        state = present(now, self.after, self.before)
        goal = {key: self.before.get(key) for key in state}
        return self._way(state, goal, back=not self._wish.back, known=now)

    def lacking(self, running: Tree) -> str:
        """What a configuration lacks to be as wanted, in words; empty: nothing."""
        state = self.state(running)
        return _unlike({key: state.get(key) for key in self.after}, self.after)

    def not_as_found(self, running: Tree) -> str:
        """What is not as it was found, in words; empty: nothing."""
        now = flat(running, self._site.platform.grammar, self._site.mask)
        return _unlike(present(now, self.after, self.before), self.before)

    def state(self, running: Tree) -> dict[str, str | None]:
        """The recorded state of a configuration after the change, with the keys of the plan."""
        now = flat(running, self._site.platform.grammar, self._site.mask)
        return present(now, self.before, self.after)

    def guard(self) -> None:
        """See that nothing could cut us off that is not meant to, and that the device would come back.

        Raises:
            ManagementPath: The change does not say that it means it.
            NoDeadMan: Nothing brings the device back.
        """
        if not (found := self.dangers):
            return
        lines = "\n".join(f"  {danger.line}: {_(danger.why)}" for danger in found)
        if not self._site.platform.dead_men:
            raise NoDeadMan(device=self._site.device, lines=lines, platform=self._site.platform.title)
        if not self._wish.allow_management:
            raise ManagementPath(device=self._site.device, lines=lines)

    def intention(self, *, saved: bool | None) -> Intention:
        """What the plan shows of this device.

        Args:
            saved: Whether a restart would change nothing now; None: nobody knows.

        Raises:
            ManagementPath, NoDeadMan: As `guard`.
            SecretNotKept: A line to send needs a secret that nobody knows.
        """
        changes = bool(differences(self.before, self.after))
        if changes:
            self.guard()
        before: dict[str, str | bool | None] = {**self.before, SAVED: saved}
        after: dict[str, str | bool | None] = {**self.after, SAVED: True if changes else saved}
        notes = [self._said(_("Lines to send"), self.lines)] if changes else []
        inverse, why = self._inverse_state(before, after) if changes else (None, "")
        if inverse:
            notes.append(self._said(_("Lines that take it back"), self.inverse))
        if saved is False and changes:
            notes.append(
                _("The device holds changes that nobody saved; they will be saved along with these.")
            )
        notes += [f"{danger.line}: {_(danger.why)}" for danger in self.dangers]
        return Intention(
            target=self._site.device,
            before=before,
            after=after,
            inverse=inverse,
            irreversible=why,
            notes=tuple(notes),
        )

    def _inverse_state(
        self, before: Mapping[str, object], after: Mapping[str, object]
    ) -> tuple[dict[str, object] | None, str]:
        # A later run knows only what stands in the ledger: no secret of today.
        try:
            self._way(self.after, self.before, back=True, known={}, ours=False)
        except SecretNotKept as error:
            return None, str(error)
        changed = {key: line for key, line in before.items() if line != after.get(key)}
        return {**changed, SAVED: True}, ""

    def _way(
        self,
        before: TargetState,
        after: TargetState,
        *,
        back: bool,
        known: Mapping[str, Leaf] | None = None,
        ours: bool = True,
    ) -> tuple[Line, ...]:
        leaves = [*(known or {}).values()]
        if ours:
            leaves += [*self._found.values(), *self._wanted.values()]
        else:
            leaves += [leaf for key, leaf in self._wanted.items() if key not in self._found]
        clear = {leaf.shown: leaf.clear for leaf in leaves if leaf.shown != leaf.clear}
        grammar = self._site.platform.grammar
        guide = Guide(grammar=grammar, clear=clear, order=self._order, back=back)
        return typed(way(before, after, guide), grammar)

    def _said(self, title: str, lines: Sequence[Line]) -> str:
        return "\n".join([f"{title}:", *(f"  {self._site.mask(line.text)}" for line in lines)])


def _check_interfaces(site: Site, running: Tree, commands: Tree) -> None:
    grammar = site.platform.grammar
    pattern, created = re.compile(grammar.interface), re.compile(grammar.created)
    found = (pattern.match(line.removeprefix(grammar.negation)) for line in commands)
    names = dict.fromkeys(match["name"] for match in found if match)
    known = {word for line in running for word in (line, *line.split(), line.partition(" ")[2])}
    missing = [name for name in names if name not in known and not created.match(name)]
    if missing:
        raise UnknownInterface(device=site.device, names=", ".join(missing))


def only_these_unsaved(site: Site, running: Tree, startup: Tree, wanted: TargetState) -> bool:
    """Whether a restart would lose nothing but what is wanted: an attempt that died may have left it."""
    grammar = site.platform.grammar
    now, kept = flat(running, grammar, site.mask), flat(startup, grammar, site.mask)
    state = present(now, {}, wanted)
    return all(
        key in wanted and state.get(key) == wanted[key]
        for key in {*now, *kept}
        if _shown(now, key) != _shown(kept, key)
    )


def _shown(leaves: Mapping[str, Leaf], key: str) -> str | None:
    return leaves[key].shown if key in leaves else None


def _goal(key: str, line: str | None, wanted: TargetState) -> str | None:
    """What is to stand in a place: what is wanted, nothing if its section goes, else what stands there."""
    if key in wanted:
        return None if wanted[key] is None else str(wanted[key])
    path, _place = place_of(key)
    headers = (key_of(path[:depth], path[depth]) for depth in range(len(path)))
    return None if any(wanted.get(header, "") is None for header in headers) else line


def _unlike(state: TargetState, goal: TargetState) -> str:
    """The first places in which a state is not as it should be."""
    wrong = [key for key in state if state[key] != goal.get(key)]
    said = _("{place} is {found} instead of {wanted}")
    return "; ".join(
        said.format(place=key.partition(":")[2], found=_quoted(state[key]), wanted=_quoted(goal.get(key)))
        for key in wrong[:_NAMED]
    )


def _quoted(line: object) -> str:
    return _("nothing") if line is None else f"`{line}`"
