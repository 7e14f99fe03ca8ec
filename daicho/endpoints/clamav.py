"""ClamAV on a Linux machine: what its databases are, and freshclam from the site's own mirror."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from daicho.craft import Trouble
from daicho.endpoints.definitions import Held
from daicho.endpoints.linux import ProgramFailed
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daicho.endpoints.definitions_file import ClamAv
    from daicho.endpoints.linux import Linux

SCANNER: Final = "ClamAV"
_ABSENT: Final = 3
_HEADER: Final = "ClamAV-VDB"
_DAILY: Final = ("daily.cld", "daily.cvd")
"""Of the mirror's databases the one that is made every day; after an update by pieces it is a .cld."""

_LOOK: Final = """\
command -v freshclam > /dev/null || { echo "freshclam is not installed" >&2; exit 3; }
freshclam --version
folder=$1; shift
for name; do
  [ -f "$folder/$name" ] && printf '%s %s\\n' "$name" "$(head -c 512 "$folder/$name" | tr -d '\\000')"
done
exit 0
"""
# Its own configuration stays as it is: what is fetched, and from where, is what was approved.
_UPDATE: Final = """\
settings=$(mktemp) || exit 1
trap 'rm -f "$settings"' EXIT
cat > "$settings" && chmod 644 "$settings" || exit 1
[ ! -e /etc/clamav/clamd.conf ] || echo "NotifyClamd /etc/clamav/clamd.conf" >> "$settings"
freshclam --config-file="$settings" "$@" 2>&1
"""
_LIMIT_S: Final = 900

# include/clamav.h and libfreshclam.h; the databases that were there stay in use in every case.
_WHYS: Final = {
    5: N_("its mirror does not answer"),
    6: N_("its mirror is older than what the machine has"),
    7: N_("what its mirror has is not signed, or broken"),
    8: N_("what its mirror has is broken: it could not be loaded"),
    9: N_("freshclam does not take its settings"),
    10: N_("the folder of the databases cannot be written"),
    11: N_("its mirror does not have the file"),
    17: N_("its mirror refuses for now: it was asked too often"),
}


class NotUpdated(Trouble):
    """freshclam changed nothing."""

    sentence = N_("The definitions stay as they were: {why}. freshclam: {said}")


class NoScanner(Trouble):
    """There is nothing to update."""

    sentence = N_("{machine} has no ClamAV ({said}). Install clamav-freshclam there.")


@dataclass(frozen=True, kw_only=True)
class ClamAvMachine:
    """ClamAV on one machine."""

    machine: Linux
    rules: ClamAv

    def look(self) -> Held:
        """From the headers of its databases; the oldest of them counts."""
        wanted = self._wanted()
        names = [name for group in wanted for name in group]
        try:
            told = self.machine.run("look at ClamAV", _LOOK, self.rules.folder, *names).splitlines()
        except ProgramFailed as error:
            if error.facts["code"] != _ABSENT:
                raise
            raise NoScanner(machine=self.machine.name, said=error.facts["said"]) from error
        found = dict(_databases(told[1:]))
        held = [max((found[name] for name in group if name in found), default=None) for group in wanted]
        made = None if None in held else min(each.made for each in held if each)
        return Held(
            scanner=SCANNER,
            engine=told[0].split("/")[0].removeprefix("ClamAV "),
            version=", ".join(f"{each.name} {each.version}" for each in held if each),
            made=made,
        )

    def update(self) -> str:
        """With freshclam, once."""
        custom = () if self.rules.mirror else ("--update-db=custom",)
        try:
            self.machine.run("freshclam", _UPDATE, *custom, given=self._settings(), limit_s=_LIMIT_S)
        except ProgramFailed as error:
            why = _WHYS.get(int(str(error.facts["code"])))
            said = str(error.facts["said"])
            raise NotUpdated(why=_(why) if why else _("freshclam failed"), said=said) from error
        return _("its mirror")

    def _wanted(self) -> list[tuple[str, ...]]:
        daily = [_DAILY] if self.rules.mirror else []
        return [*daily, *((url.rpartition("/")[2],) for url in self.rules.files)]

    def _settings(self) -> str:
        # freshclam wants some mirror even if it only fetches files by their address.
        mirror = self.rules.mirror or self.rules.files[0].rpartition("/")[0]
        lines = (
            f"DatabaseDirectory {self.rules.folder}",
            f"PrivateMirror {mirror}",
            *(f"DatabaseCustomURL {url}" for url in self.rules.files),
            "TestDatabases yes",
            "MaxAttempts 1",
            "ConnectTimeout 10",
            "ReceiveTimeout 300",
        )
        return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True, order=True)
class _Database:
    made: datetime
    name: str
    version: str


def _databases(lines: list[str]) -> Iterator[tuple[str, _Database]]:
    """`lab.cud ClamAV-VDB:21 Nov 2026 13-49 +0000:20261121:3:216:MD5:SIGNATURE:builder:1795268967`."""
    for line in lines:
        name, _space, header = line.partition(" ")
        fields = header.split(":")
        if fields[0] != _HEADER or len(fields) < 9 or not fields[8].strip().isdigit():
            continue
        made = datetime.fromtimestamp(int(fields[8]), UTC)
        yield name, _Database(made, name, fields[2])
