"""File servers are looked at: what becomes a policy, what is worth a look, who reaches what."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

from daicho.accounts.opening import settings_of
from daicho.accounts.rules import SECRET as DIRECTORY
from daicho.accounts.rules import DirectoryFile
from daicho.credentials import Keys
from daicho.directory.session import Session
from daicho.directory.settings import Flavour
from daicho.errors import DaichoError, ExitCode, UnknownObject
from daicho.fileserver.audit import reached, who_can
from daicho.fileserver.connections import Connections
from daicho.fileserver.importing import imported
from daicho.fileserver.policy import located
from daicho.fileserver.principals import Principals
from daicho.fileserver.share_craft import account_of
from daicho.fileserver.survey import Surveyor
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.life.checking import recorded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from daicho.fileserver.access import Gain
    from daicho.fileserver.audit import Reached
    from daicho.fileserver.importing import Imported
    from daicho.fileserver.principals import Person
    from daicho.fileserver.survey import Survey
    from daicho.site import Site

WORK: Final = "audit_share_permissions"


class NotLookedAt(DaichoError):
    """A folder cannot be looked at."""

    exit_code = ExitCode.FAILED
    sentence = N_("{path} cannot be looked at: {why}.")


@dataclass(frozen=True, kw_only=True)
class FileServers:
    """The file servers of a site and everybody whom their entries can name, open to look."""

    session: Session
    """The directory."""
    connections: Connections
    login: str
    """Who is logged on to the file servers."""

    @cached_property
    def everybody(self) -> Principals:
        """Everybody in the directory."""
        return Principals.read(self.session)

    def survey(self, path: str) -> Survey:
        """Look at a folder and all below.

        Raises:
            NotLookedAt: The path is none of a share.
            FileServerError: It is not there, or cannot be read.
        """
        server, share, way = located(path)
        if not server:
            raise NotLookedAt(path=path, why=_("write it like //fs1.example.jp/dept/folder"))
        return Surveyor(self.connections.several(server, share)).below(way)


@contextmanager
def file_servers(site: Site) -> Iterator[FileServers]:
    """Log on to the directory; to file servers when they are asked for.

    Raises:
        DirectoryError: The directory cannot be asked.
        NotLookedAt: It is no Active Directory.
    """
    rules = DirectoryFile.read(site.settings.site_inventory)
    if rules.directory.flavour is not Flavour.AD:
        why = _("only Active Directory knows the SIDs that file servers keep")
        raise NotLookedAt(path=_("the file server"), why=why)
    secret = Keys.of(site.settings).secret
    account = account_of(secret, rules)
    with (
        Session(settings_of(rules), partial(secret, DIRECTORY)) as session,
        Connections(account, rules.directory.addresses) as connections,
    ):
        yield FileServers(session=session, connections=connections, login=account.name)


@dataclass(frozen=True, kw_only=True)
class Import:
    """Rights as they are, as a policy."""

    check: str
    folders: Sequence[Imported]
    seen: int
    refused: Sequence[tuple[str, str]]
    """What could not be read, and why: its policy is not known."""


def import_rights(site: Site, paths: Sequence[str]) -> Import:
    """Read the rights of folders and all below as a policy that asks for just these, as a recorded check.

    Raises:
        NotAllowed: The acting person may not operate `audit_share_permissions`.
        FileServerError: A folder is not there or cannot be read.
    """
    folders: list[Imported] = []
    refused: list[tuple[str, str]] = []
    seen = 0
    with recorded(site, WORK, {"paths": list(paths), "act": "import"}) as (check, told):
        with file_servers(site) as servers:
            for path in paths:
                found = servers.survey(path)
                server, share, _way = located(path)
                folders += imported(found, server, share, servers.everybody, servers.login)
                refused += [(way, str(error)) for way, error in found.refused]
                seen += found.folders + found.files
        told.update({"seen": seen, "folders": len(folders), "refused": len(refused)})
    return Import(check=check, folders=folders, seen=seen, refused=refused)


@dataclass(frozen=True, kw_only=True)
class WhoCan:
    """Who may do what in one folder."""

    check: str
    path: str
    gains: Sequence[Gain]


def look_who_can(site: Site, path: str) -> WhoCan:
    """Who may do what in a folder, nested groups included, as a recorded check.

    Raises:
        NotLookedAt: There is no such folder.
        FileServerError: It cannot be read.
    """
    server, share, way = located(path)
    with recorded(site, WORK, {"paths": [path], "act": "access"}) as (check, told):
        with file_servers(site) as servers:
            rights = servers.connections.one(server, share).rights(way) if server else None
            if rights is None:
                raise NotLookedAt(path=path, why=_("there is no such file or folder"))
            found = list(who_can(rights, servers.everybody))
        told.update({"people": len(found)})
    return WhoCan(check=check, path=path, gains=found)


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What one person may do in trees."""

    check: str
    person: Person
    places: Sequence[Reached]


def look_reach(site: Site, login: str, paths: Sequence[str]) -> Reach:
    """What one person may do below folders, as a recorded check.

    Raises:
        UnknownObject: Nobody has this logon name.
        FileServerError: A folder is not there or cannot be read.
    """
    places: list[Reached] = []
    with recorded(site, WORK, {"paths": list(paths), "person": login, "act": "access"}) as (check, told):
        with file_servers(site) as servers:
            person = servers.everybody.people.get(servers.everybody.account(login) or "")
            if person is None:
                raise UnknownObject(kind=_("account"), name=login, listing="daicho people list")
            for path in paths:
                root = located(path)[:2]
                places += reached(servers.survey(path), person, servers.everybody, root)
        told.update({"places": len(places)})
    return Reach(check=check, person=person, places=places)
