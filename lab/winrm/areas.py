"""The areas of a terminal's state that modules of Ansible and models of several scripts share."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from lab.winrm.host import area
from lab.winrm.world import DOMAIN

if TYPE_CHECKING:
    from lab.winrm.host import Host

GIB: Final = 1024**3
_FILETIME: Final = 116_444_736_000_000_000
"""1970 in units of 100 ns since 1601."""


@area("system")
@dataclass
class System:
    """The operating system, who sits there, and what waits for a reboot."""

    name: str = ""
    pending_name: str = ""
    domain: str = DOMAIN
    caption: str = "Microsoft Windows 11 Enterprise"
    version: str = "10.0.26100"
    language: str = "ja-JP"
    logged_on: str = ""
    """Who has a session, `AD\\k.tanaka`; empty: nobody."""
    session_active: bool = True
    """Whether that session is used; else it is locked or disconnected."""
    pending_reboot: bool = False
    reboot_planned_at: float = 0.0
    """Unix time of a shutdown that `shutdown.exe` announced; 0: none."""
    notices: list[str] = field(default_factory=list)
    """What was shown to who is logged on."""
    free: int = 120 * GIB
    """Bytes left on C:."""
    size: int = 237 * GIB
    """Bytes of C:."""
    clock_offset: float = 0.0
    """Seconds by which its clock is ahead."""

    @classmethod
    def first(cls, host: Host) -> Self:
        """Every third terminal has somebody at it."""
        return cls(name=host.name, logged_on="" if host.index % 3 else f"AD\\user{host.index + 1:05d}")

    def rebooted(self, _host: Host) -> None:
        """What waited happens; nobody is logged on any more."""
        self.name, self.pending_name = self.pending_name or self.name, ""
        self.pending_reboot, self.reboot_planned_at, self.logged_on = False, 0.0, ""


@dataclass(slots=True)
class Update:
    """An update that Windows Update offers."""

    id: str
    kb: str
    """As it is written, `KB5050001`."""
    title: str
    categories: list[str]
    size: int = 50_000_000
    reboot: bool = False
    state: str = "wanted"
    """`wanted`, `downloaded`, `pending` (installed with the next reboot), `installed`."""
    hresult: int = 0
    """Of its last attempt, unsigned; 0: none failed."""
    optional: bool = False
    hidden: bool = False


def catalogue() -> list[Update]:
    """What a terminal of the first day is offered."""
    offered = (
        (
            "KB5050001",
            "2026-11 x64 ベース システム用 Windows 11 Version 24H2 の累積更新プログラム",
            0,
            780,
            True,
        ),
        ("KB5049622", "2026-11 .NET Framework 3.5 および 4.8.1 の累積更新プログラム (x64)", 0, 70, True),
        ("KB890830", "悪意のあるソフトウェアの削除ツール x64 - v5.130", 1, 60, False),
        (
            "KB2267602",
            "Microsoft Defender Antivirus のセキュリティ インテリジェンス更新プログラム",
            2,
            110,
            False,
        ),
    )
    categories = (["Security Updates", "Windows 11"], ["Update Rollups"], ["Definition Updates"])
    return [
        Update(
            id=f"00000000-0000-4000-8000-{number:012d}",
            kb=kb,
            title=f"{title} ({kb})",
            categories=list(categories[kind]),
            size=megabytes * 1_000_000,
            reboot=reboot,
        )
        for number, (kb, title, kind, megabytes, reboot) in enumerate(offered, 1)
    ]


@area("updates")
@dataclass
class Updates:
    """What Windows Update knows of this terminal."""

    offered: list[Update] = field(default_factory=catalogue)
    source: str = "http://wsus.ad.example.test:8530"
    """The WSUS server of its policy; empty: Microsoft's servers."""
    searched_at: float = 0.0

    def rebooted(self, host: Host) -> None:
        """What was pending is installed."""
        for each in self.offered:
            if each.state == "pending":
                each.state = "installed"
        host.of(System).pending_reboot = False

    def wanting(self) -> list[Update]:
        """What is not installed."""
        return [each for each in self.offered if each.state in {"wanted", "downloaded"}]


@dataclass
class Account:
    """A local user."""

    sid: str
    enabled: bool = True
    administrator: bool = False
    password_set_at: float = 0.0
    must_change: bool = False


@area("accounts")
@dataclass
class Accounts:
    """Local users. On a Japanese Windows groups have Japanese names; their SIDs are the same everywhere."""

    users: dict[str, Account] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    refuse: str = ""
    """With this message Windows refuses the next password (its rule of length, for one)."""

    @classmethod
    def first(cls, host: Host) -> Self:
        """Its Administrator, and a guest who may not log on."""
        machine = f"S-1-5-21-1004336348-{host.index + 1}-725345543"
        users = {
            "Administrator": Account(f"{machine}-500", administrator=True, password_set_at=host.world.began),
            "Guest": Account(f"{machine}-501", enabled=False),
        }
        return cls(users, {"Administrator": host.world.administrator_password})

    def admitted(self) -> dict[str, str]:
        """Passwords of those who administer and may log on."""
        who = [name for name, each in self.users.items() if each.enabled and each.administrator]
        return {name: self.passwords[name] for name in who if self.passwords.get(name)}

    def change_password(self, user: str, password: str) -> None:
        """Set a password, now."""
        self.passwords[user] = password
        self.users[user].password_set_at = time.time()

    def shown(self) -> dict[str, Any]:
        """What may be seen of it: no password."""
        return {"users": {name: vars(each) for name, each in self.users.items()}}


@dataclass
class Service:
    """A Windows service."""

    state: str = "started"
    start_mode: str = "auto"
    display_name: str = ""
    dependencies: list[str] = field(default_factory=list)


def _services() -> dict[str, Service]:
    return {
        "wuauserv": Service(display_name="Windows Update", start_mode="manual"),
        "WinDefend": Service(display_name="Microsoft Defender Antivirus Service"),
        "Spooler": Service(display_name="Print Spooler"),
        "WinRM": Service(display_name="Windows Remote Management (WS-Management)"),
        "mpssvc": Service(display_name="Windows Defender Firewall"),
    }


@area("services")
@dataclass
class Services:
    """Its services by name."""

    by_name: dict[str, Service] = field(default_factory=_services)


@dataclass
class Product:
    """A program that is installed."""

    name: str
    version: str
    publisher: str = ""
    arguments: str = ""
    """What its installer was given."""


@area("software")
@dataclass
class Software:
    """Installed programs by product id (`{GUID}`, or the registry's key)."""

    products: dict[str, Product] = field(default_factory=dict)
    installers: dict[str, int] = field(default_factory=dict)
    """Exit code of an installer's next run, by its file name; without one it is 0."""


@area("registry")
@dataclass
class Registry:
    r"""Values by path and name, `HKLM:\SOFTWARE\X!Name`, in small letters."""

    values: dict[str, Any] = field(default_factory=dict)


@area("files")
@dataclass
class Files:
    r"""Files by their path in small letters, folders with an empty content and a `\` at the end."""

    contents: dict[str, bytes] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """Sizes and digests."""
        return {
            path: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for path, data in self.contents.items()
        }


def filetime(moment: float) -> int:
    """A Unix time as Windows counts: 100 ns since 1601."""
    return int(moment * 10_000_000) + _FILETIME
