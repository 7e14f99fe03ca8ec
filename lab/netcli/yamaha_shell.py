"""A session with a Yamaha RTX: no configuration mode; the administrator's lines are the configuration."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from lab.netcli.shell import Shell
from lab.netcli.syntax import Incomplete, Match, Unknown, compiled
from lab.netcli.terminal import Gone
from lab.netcli.yamaha_schedule import arm
from lab.netcli.yamaha_shows import SHOWS, banner

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from lab.netcli.device import Device
    from lab.netcli.syntax import Reading
    from lab.netcli.terminal import Terminal

_USER: Final = """
administrator @administrator
exit|quit @exit
console lines infinity @lines
console lines <10-100> @lines
console columns <80-200> @columns
console character <word> @character
show environment @environment
show arp @arp
show ip route @routes
show status <word> @status
show lldp neighbors @lldp
show log @log
"""
_ADMINISTRATOR: Final = (
    _USER
    + """
show config @config
save @save
restart @restart
tunnel select none @leave_tunnel
login user <word> <line> @login_user
"""
)
_ENCODINGS: Final = {
    "ascii": "ascii",
    "en.ascii": "ascii",
    "sjis": "shift_jis",
    "ja.sjis": "shift_jis",
    "euc": "euc_jp",
    "ja.euc": "euc_jp",
    "ja.utf8": "utf-8",
}
_ENGLISH: Final = {
    "エラー: コマンド名を確認してください": "Error: Invalid command name",
    "エラー: パラメータを認識できません": "Error: Unrecognized parameter",
    "エラー: パラメータの数が不適当です": "Error: Invalid number of parameters",
    "エラー: 管理レベルのコマンドです": "Error: This command is for administrators only",
    "エラー: パスワードが違います": "Error: Invalid password",
    "エラー: 設定を保存できませんでした": "Error: Failed to save the configuration",
    "エラー: 時刻の指定が不適当です": "Error: Invalid time",
    "新しい設定を保存しますか? (Y/N)": "Save new configuration ? (Y/N)",
    "セーブ中... CONFIG0 終了": "Saving ... CONFIG0 Done .",
    "再起動中 ...": "Restarting ...",
}
_FILTER: Final = re.compile(r"^(?P<command>.*?)\s*\|\s*grep\s+(?P<pattern>.+)$")


class YamahaShell(Shell):
    """RTX: users look, administrators change."""

    def __init__(self, device: Device, terminal: Terminal, user: str, peer: str) -> None:
        """Serve one login as an ordinary user."""
        super().__init__(device, terminal, user, peer)
        self.administrator = False
        self._tunnel = ""
        terminal.more = b"---more---"
        self._speak(device.running.value("console character") or "ja.sjis")
        height = device.running.value("console lines")
        terminal.height = 0 if height == "infinity" else int(height or 24)

    @property
    def configuring(self) -> bool:
        return self.administrator

    def _speak(self, character: str) -> None:
        self._english = character in ("ascii", "en.ascii")
        self.terminal.encoding = _ENCODINGS[character]
        more = "---more---" if self._english else "---つづく---"
        self.terminal.more = more.encode(self.terminal.encoding)

    def _words(self, japanese: str) -> str:
        return _ENGLISH[japanese] if self._english else japanese

    async def greet(self) -> None:
        await super().greet()
        self.terminal.say("\n".join(banner(self.device)) + "\n\n")

    def prompt(self) -> str:
        name = self.device.running.value("console prompt") or ""
        tunnel = self._tunnel.removeprefix("tunnel select ")
        return f"{name}{f'tunnel{tunnel}' if tunnel else ''}{'#' if self.administrator else '>'} "

    def refusal(self, line: str) -> str:  # noqa: ARG002 - others repeat the line
        return self._words("エラー: パラメータを認識できません") + "\n"

    def _complaint(self, reading: Reading) -> str:
        if isinstance(reading, Incomplete):
            said = "エラー: パラメータの数が不適当です"
        elif isinstance(reading, Unknown) and reading.column == 0:
            said = "エラー: コマンド名を確認してください"
        else:
            said = "エラー: パラメータを認識できません"
        return self._words(said) + "\n"

    # Running lines

    async def execute(self, line: str) -> None:
        bare = line.strip("\x1a ")
        if not bare or bare.startswith("#"):
            return
        found = _FILTER.match(bare)
        command = found["command"] if found else bare
        pattern = re.compile(found["pattern"].strip('"')) if found else None
        reading = compiled(_ADMINISTRATOR if self.administrator else _USER).read(command)
        if not isinstance(reading, Match):
            if self.administrator:
                await self._configure(bare)
            else:
                self.terminal.say(self._not_for_users(bare, reading))
        elif show := SHOWS.get(reading.rule.does):
            lines = show(self.device, reading)
            await self.terminal.pages([each for each in lines if not pattern or pattern.search(each)])
        else:
            handler: Callable[[Match], Awaitable[None]] = getattr(self, f"do_{reading.rule.does}")
            await handler(reading)

    def _not_for_users(self, line: str, reading: Reading) -> str:
        known = compiled(_ADMINISTRATOR).read(line)
        stored = self.device.personality.syntaxes[""].read(line.removeprefix("no "))
        if isinstance(known, Match) or isinstance(stored, Match):
            return self._words("エラー: 管理レベルのコマンドです") + "\n"
        return self._complaint(reading)

    async def _configure(self, line: str) -> None:
        negated = line.startswith("no ")
        body = line.removeprefix("no ").strip()
        syntaxes, running = self.device.personality.syntaxes, self.device.running
        if self._tunnel:
            inner = syntaxes["tunnel"].read(body, naming=negated)
            if isinstance(inner, Match):
                if negated:
                    running.remove((self._tunnel,), inner.name)
                else:
                    running.put((self._tunnel,), inner)
                self.device.touched()
                return
        reading = syntaxes[""].read(body, naming=negated)
        if not isinstance(reading, Match):
            self.terminal.say(self._complaint(reading))
            return
        if reading.rule.does == "schedule" and not self._schedule(reading, negated=negated):
            self.terminal.say(self._words("エラー: 時刻の指定が不適当です") + "\n")
            return
        if negated:
            running.remove((), reading.name)
        else:
            running.put((), reading)
            self._tunnel = reading.name if reading.rule.opens else self._tunnel
        if reading.name.startswith("console "):
            self._console(reading, negated=negated)
        self.device.touched()

    def _console(self, match: Match, *, negated: bool) -> None:
        if match.name == "console character":
            self._speak("ja.sjis" if negated else match.words[2])
        elif match.name == "console lines":
            self.terminal.height = (
                24 if negated else 0 if match.words[2] == "infinity" else int(match.words[2])
            )

    def _schedule(self, match: Match, *, negated: bool) -> bool:
        """Arm what is to be done at a time of day, or disarm it; whether the time can be read."""
        if negated:
            self.device.disarm(f"schedule {match.values[0]}")
            return True
        return arm(self.device, match.values[0], match.values[-1])

    # Operations

    async def do_administrator(self, _match: Match) -> None:
        if self.administrator:
            return
        if await self.terminal.secret("Password: ") == self.device.world.secret:
            self.administrator = True
        else:
            self.terminal.say(self._words("エラー: パスワードが違います") + "\n")

    async def do_exit(self, _match: Match) -> None:
        if not self.administrator:
            raise Gone
        if self.device.unsaved:
            key = await self.terminal.choice(self._words("新しい設定を保存しますか? (Y/N)"))
            if key in "yY":
                await self.do_save(_match)
        self.administrator, self._tunnel = False, ""

    async def do_lines(self, match: Match) -> None:
        self.terminal.height = int(match.values[0]) if match.values else 0
        await self._kept(match)

    async def do_columns(self, match: Match) -> None:
        self.terminal.width = int(match.values[0])
        await self._kept(match)

    async def do_character(self, match: Match) -> None:
        if match.values[0] not in _ENCODINGS:
            self.terminal.say(self.refusal(match.text))
            return
        self._speak(match.values[0])
        await self._kept(match)

    async def _kept(self, match: Match) -> None:
        """What an administrator sets is part of the configuration; what a user sets ends with the session."""
        if self.administrator:
            await self._configure(match.text)

    async def do_leave_tunnel(self, _match: Match) -> None:
        self._tunnel = ""

    async def do_login_user(self, match: Match) -> None:
        user, password = match.values[0], match.values[-1]
        if password != "*":  # noqa: S105 - what stands for a password in `show config`
            self.device.notes[f"password {user}"] = password
        await self._configure(f"login user {user} *")

    async def do_save(self, _match: Match) -> None:
        done = self.device.save()
        said = "セーブ中... CONFIG0 終了" if done else "エラー: 設定を保存できませんでした"
        self.terminal.say(self._words(said) + "\n")

    async def do_restart(self, match: Match) -> None:
        if self.device.unsaved:
            key = await self.terminal.choice(self._words("新しい設定を保存しますか? (Y/N)"))
            if key in "yY":
                await self.do_save(match)
        self.terminal.say(self._words("再起動中 ...") + "\n")
        self.terminal.flush()
        self.device.arm("restart", 0, partial(self.device.reboot))
