"""The rights of folders are held against what is sound, against a policy, and against the ledger."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daicho.craft import Target, Trouble
from daicho.fileserver import sddl
from daicho.fileserver.audit import Criteria, Finding, Flaw, findings, named_in
from daicho.fileserver.planning import Folder
from daicho.fileserver.policy import SharePolicy, located
from daicho.fileserver.share_craft import FOLLOWS, ShareCraft, path_of
from daicho.fileserver.wrong import FileServerError
from daicho.i18n import gettext as _
from daicho.items.item import natural_key
from daicho.life.checking import recorded
from daicho.life.planning import run_plan
from daicho.life.shares import WORK, file_servers
from daicho.outcome import Outcome
from daicho.records.runs import run_record, run_records
from daicho.works import work_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from daicho.fileserver.audit import Named
    from daicho.fileserver.policy import FolderPolicy
    from daicho.fileserver.principals import Principals
    from daicho.life.shares import FileServers
    from daicho.site import Site

_SETS: Final = "set_share_permissions"
_SURE: Final = frozenset({Outcome.CHANGED, Outcome.UNCHANGED})
_ORDER: Final = {flaw: number for number, flaw in enumerate(Flaw)}


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What an audit of folders found."""

    check: str
    paths: Sequence[str]
    findings: Sequence[Finding]
    named: Sequence[Named]
    """Who is named in the list of which folder."""
    counts: Mapping[str, int]
    """Folders, files, links not followed, and how many findings of each kind."""
    everybody: Principals


def audit_shares(site: Site, given: Mapping[str, object]) -> Audit:
    """Audit folders and all below, as a recorded check.

    Args:
        site: Whose file servers.
        given: The inputs of `audit_share_permissions`; without paths, the folders of the policy.

    Raises:
        NotAllowed: The acting person may not operate this work.
        DirectoryError: The directory cannot be asked.
        FileServerError: A folder is not there or cannot be read.
    """
    inputs = work_named(WORK).judge_inputs(given, WORK)
    folders: list[Mapping[str, object]] = inputs["folders"]  # type: ignore[assignment]
    policies = SharePolicy.model_validate({"folders": folders}).tops if folders else {}
    paths: Sequence[str] = inputs["paths"] or list(policies)  # type: ignore[assignment]
    with recorded(site, WORK, inputs | {"paths": list(paths)}) as (check, told):
        with file_servers(site) as servers:
            look = _Look(site=site, servers=servers, policies=policies, deepest=int(str(inputs["deepest"])))
            named = [each for path in paths for each in look.at(path)]
            look.drift(paths)
            everybody = servers.everybody
        found = sorted(look.found, key=lambda each: (natural_key(each.path), _ORDER[each.flaw]))
        told.update(look.seen | Counter(each.flaw.value for each in found))
    return Audit(
        check=check, paths=paths, findings=found, named=named, counts=dict(told), everybody=everybody
    )


class _Look:
    """One audit while it goes on."""

    def __init__(
        self,
        *,
        site: Site,
        servers: FileServers,
        policies: Mapping[str, Sequence[FolderPolicy]],
        deepest: int,
    ) -> None:
        self.found: list[Finding] = []
        self.seen = Counter[str]()
        self._site = site
        self._servers = servers
        self._policies = policies
        self._deepest = deepest

    def at(self, path: str) -> Iterator[Named]:
        """What is worth a look in one tree; who is named in it."""
        server, share, _way = located(path)
        survey = self._servers.survey(path)
        meant = {each.key for folders in self._policies.values() for each in folders}
        criteria = Criteria(server=server, share=share, deepest=self._deepest, meant=meant)
        self.found += findings(survey, self._servers.everybody, criteria)
        self.seen.update(folders=survey.folders, files=survey.files, links=survey.links)
        yield from named_in(survey, self._servers.everybody, criteria)

    def drift(self, paths: Sequence[str]) -> None:
        """What is other than the policy and the ledger have it."""
        self.found += self._from_policy()
        for path, text in _recorded(self._site).items():
            if any(f"{path}/".casefold().startswith(f"{each}/".casefold()) for each in paths):
                self.found += self._from_record(path, text)

    def _from_policy(self) -> Iterator[Finding]:
        """What a plan of the policy would change."""
        # Who would be locked out is a plan's concern; drift is told all the same.
        policies = {
            name: [each.model_copy(update={"lock_out": True}) for each in folders]
            for name, folders in self._policies.items()
        }
        craft = ShareCraft(
            policies=policies,
            connections=self._servers.connections,
            session=self._servers.session,
            login=self._servers.login,
            undo=False,
        )
        for name, planned in craft.rehearse([Target(name=each, facts={}) for each in self._policies]):
            if isinstance(planned, Trouble):
                yield Finding(path=name, flaw=Flaw.POLICY, why=str(planned))
                continue
            for key, was in planned.before.items():
                becomes = planned.after[key]
                if was == becomes:
                    continue
                if key == FOLLOWS:
                    yield Finding(path=name, flaw=Flaw.POLICY, why=_("not everything below follows"))
                else:
                    yield _drifted(path_of(name, key), Flaw.POLICY, str(was), str(becomes))

    def _from_record(self, path: str, text: str) -> Iterator[Finding]:
        server, share, way = located(path)
        try:
            rights = self._servers.connections.one(server, share).rights(way)
        except FileServerError as error:
            yield Finding(path=path, flaw=Flaw.RECORD, why=str(error))
            return
        if rights is None:
            yield Finding(path=path, flaw=Flaw.RECORD, why=_("it is not there any more"))
        elif (present := sddl.to_text(rights)) != text:
            yield _drifted(path, Flaw.RECORD, present, text)


def _drifted(path: str, flaw: Flaw, present: str, wanted: str) -> Finding:
    change = Folder(path=path, before=sddl.from_text(present), after=sddl.from_text(wanted))
    return Finding(path=path, flaw=flaw, change=change)


def _recorded(site: Site) -> dict[str, str]:
    """Path → the rights that the last run of ours left there, as SDDL."""
    found: dict[str, str] = {}
    for listed in sorted(run_records(site.ledger), key=lambda each: each.opened_at):
        record = run_record(site.ledger, listed.id)
        if record.work != _SETS:
            continue
        plan = run_plan(site, record.id)
        for result in record.targets:
            planned = plan.of(result.target)
            if planned is None or result.outcome not in _SURE:
                continue
            for key, text in planned.after.items():
                if path := path_of(result.target, key):
                    found[path] = str(text)
    return found
