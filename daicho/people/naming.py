"""Names for accounts: unique among all that exist, disabled ones too, and the same for the same input."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from daicho.i18n import gettext as _
from daicho.items.problems import Unfit
from daicho.people.romaji import romanise
from daicho.people.template import fill

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from daicho.people.known import Known
    from daicho.people.movement import PersonName
    from daicho.people.policy import Naming

_LONGEST_CN: Final = 64
"""Bound of a common name in Active Directory and X.520."""


class Names:
    """The names that are taken, and those that are free."""

    def __init__(self, policy: Naming, known: Iterable[Known]) -> None:
        """Take over the names of all accounts that exist."""
        self._policy = policy
        self._accounts = {name.casefold() for name in policy.reserved}
        self._mails = set[str]()
        self._common = set[str]()
        self._counted: dict[tuple[str, str], int] = {}
        for each in known:
            self.take(each.account, each.mail, each.common_name)

    def take(self, account: str, mail: str = "", common_name: str = "") -> None:
        """Note that these names belong to somebody."""
        self._accounts.add(account.casefold())
        if mail:
            self._mails.add(mail.casefold())
        if common_name:
            self._common.add(_alike(common_name))

    def take_mail(self, mail: str) -> None:
        """Note that this address belongs to somebody, whatever their account is called."""
        self._mails.add(mail.casefold())

    def account(self, name: PersonName, number: str, *, has_mail: bool = False) -> str:
        """A free name for an account, which is taken from now on.

        Args:
            name: With its reading.
            number: Employee number.
            has_mail: They have an address already, so none is made of the account.

        Raises:
            Unfit: The reading cannot be written in letters.
        """
        letters = latin(name, number, self._policy)
        for pattern in self._policy.accounts:
            find = self._numbered if "{n}" in pattern else self._free
            found = find(pattern, letters if has_mail else letters | {"mail": self._policy.mail})
            if found:
                self.take(found)
                return found
        # The last pattern counts on: it always finds one.
        raise AssertionError(self._policy.accounts)

    def common_name(self, wanted: str, account: str) -> str:
        """A free common name, which is taken from now on: `佐藤 花子`, else `佐藤 花子 (sato-h)`."""
        found = wanted[:_LONGEST_CN].strip()
        if _alike(found) in self._common:
            mark = f" ({account})"
            found = wanted[: _LONGEST_CN - len(mark)].strip() + mark
        self._common.add(_alike(found))
        return found

    def renamed(self, now: str, wanted: str, account: str) -> str:
        """The common name of somebody with a new name, which may stay the one it is."""
        self._common.discard(_alike(now))
        return self.common_name(wanted, account)

    def _free(self, pattern: str, letters: Mapping[str, str], n: int = 0) -> str:
        candidate = _fitted(pattern, {**letters, "n": str(n)}, self._policy.longest)
        taken = candidate.casefold() in self._accounts
        if not taken and (mail := letters.get("mail")):
            taken = fill(mail, {**letters, "account": candidate}).casefold() in self._mails
        return "" if taken else candidate

    def _numbered(self, pattern: str, letters: Mapping[str, str]) -> str:
        # Thousands may have one name: counting goes on where it stopped for the last of them.
        stem = (pattern, _fitted(pattern, {**letters, "n": ""}, self._policy.longest))
        n = self._counted.get(stem, 1)
        found = ""
        while not found:
            n += 1
            found = self._free(pattern, letters, n)
        self._counted[stem] = n
        return found


def latin(name: PersonName, number: str, policy: Naming) -> dict[str, str]:
    """The fields of account patterns: family, given, f, g, number.

    Raises:
        Unfit: There is no reading, or it cannot be written in letters.
    """
    if not name.family_kana:
        raise Unfit(why=_("no reading is known, so no account can be named. Write it in kana."))
    family = romanise(name.family_kana, policy.romaji, name.family)
    given = romanise(name.given_kana, policy.romaji, name.given) if name.given_kana else ""
    return {
        "family": family,
        "given": given,
        "f": family[:1],
        "g": given[:1],
        "number": "".join(letter for letter in number.lower() if letter.isascii() and letter.isalnum()),
    }


def _fitted(pattern: str, letters: Mapping[str, str], longest: int) -> str:
    """The pattern filled, with its names cut so that all of it fits; the longer name is cut first."""
    values = dict(letters)
    while (over := len(pattern.format_map(values)) - longest) > 0:
        field = max(
            ("family", "given", "number"), key=lambda f: len(values[f]) if f"{{{f}}}" in pattern else 0
        )
        if f"{{{field}}}" not in pattern or len(values[field]) <= 1:
            break
        other = max((len(values[f]) for f in ("family", "given") if f != field), default=0)
        cut = min(over, max(1, len(values[field]) - other))
        values[field] = values[field][:-cut] if cut < len(values[field]) else values[field][:1]
    text = pattern.format_map(values)
    # What still does not fit loses its head: the number at the end tells people apart.
    text = text[-longest:] if "{n}" in pattern else text[:longest]
    # Somebody with one name leaves the mark between two names behind; Windows refuses a dot at the end.
    return text.strip("._-")


def _alike(name: str) -> str:
    # The directory compares names without width and case.
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
