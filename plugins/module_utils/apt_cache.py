"""apt's own view of a machine through python3-apt: what is offered, and marking an exact transaction.

Runs on the targets with the system's Python (3.9 or newer).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plugins.module_utils.apt_choice import Change, Kept, Offer, Package, Source, Wish, obstacle
else:  # Ansible ships a project's module_utils under its own name
    from ansible.module_utils.apt_choice import Change, Kept, Offer, Package, Source, Wish, obstacle

try:
    import apt  # type: ignore[import-not-found]  # of the target, not of the controller
    import apt_pkg  # type: ignore[import-not-found]
except ImportError:  # the module says so; see `require`
    apt = apt_pkg = None


class AptTrouble(Exception):
    """apt cannot or must not do it; the text is a sentence that says what to do."""


def require() -> None:
    """Raise unless python3-apt is there."""
    if apt is None:
        raise AptTrouble(
            "python3-apt is missing for the Python that Ansible uses here. "
            "Install it: `apt-get install python3-apt`."
        )


@contextmanager
def apt_says(doing: str) -> Iterator[None]:
    """Turn what apt raises into a sentence."""
    try:
        yield
    except (SystemError, OSError) as error:
        first = " ".join(str(error).split())
        raise AptTrouble(f"apt failed while {doing}: {first}") from error


def open_cache() -> Any:
    """Return apt's cache, sound enough to decide on."""
    require()
    with apt_says("reading its cache"):
        cache = apt.Cache()
    broken = sorted(package.name for package in cache if package.is_now_broken)
    if broken:
        raise AptTrouble(
            f"Packages with unmet dependencies: {', '.join(broken)}. "
            "Run `apt-get --fix-broken install` on the machine, then plan again."
        )
    return cache


def _source(origin: Any) -> Source:
    return Source(origin.origin, origin.archive, origin.codename, origin.label)


def _archives(version: Any) -> tuple[Source, ...]:
    # The archive "now" is dpkg's own status file: what is installed, not what is offered.
    return tuple(_source(origin) for origin in version.origins if origin.archive != "now")


def is_held(package: Any) -> bool:
    """Whether `apt-mark hold` keeps the package as it is."""
    return bool(package._pkg.selected_state == apt_pkg.SELSTATE_HOLD)  # noqa: SLF001  # no public way


def upgradable(cache: Any) -> list[Package]:
    """Return the installed packages for which apt's policy prefers a newer version, by name."""
    found = []
    for package in cache:
        if not package.is_installed or not package.is_upgradable:
            continue
        newer = sorted(v for v in package.versions if package.installed < v <= package.candidate)
        offers = tuple(Offer(version.version, _archives(version)) for version in newer)
        found.append(Package(package.name, package.installed.version, is_held(package), offers))
    return sorted(found)


def versions_now(cache: Any, names: Iterator[str] | list[str]) -> dict[str, str | None]:
    """Return the installed version of each name, None where it is not installed."""
    return {
        name: cache[name].installed.version if name in cache and cache[name].is_installed else None
        for name in names
    }


def _set_version(cache: Any, name: str, version: str) -> Any:
    if name not in cache or version not in cache[name].versions:
        raise AptTrouble(
            f"The archive no longer offers {name} {version}, which is what was approved. "
            "Plan again and have that approved."
        )
    package = cache[name]
    package.candidate = package.versions[version]
    return package._pkg  # noqa: SLF001  # the depcache takes nothing else


def mark_best(cache: Any, chosen: dict[str, str], wish: Wish) -> list[Kept]:
    """Mark the chosen versions and new packages that they need; never a removal.

    Returns:
        The updates that had to be left out because of what they would drag along.
    """
    raw = {name: _set_version(cache, name, version) for name, version in chosen.items()}
    marked: list[str] = []
    kept: list[Kept] = []
    _mark(cache, raw, list(chosen))
    if _objection(cache, chosen, wish) is None:
        return []
    # Rare: one of them cannot be had as things are. Take them one by one, and leave out those that object.
    for name, version in chosen.items():
        _mark(cache, raw, [*marked, name])
        why = _objection(cache, chosen, wish)
        if why is None:
            marked.append(name)
        else:
            kept.append(Kept(name, cache[name].installed.version, version, why))
    _mark(cache, raw, marked)
    return kept


def _mark(cache: Any, raw: dict[str, Any], names: list[str]) -> None:
    depcache = cache._depcache  # noqa: SLF001  # python-apt's own marking runs a problem resolver that removes
    with cache.actiongroup():
        for package in cache.get_changes():
            depcache.mark_keep(package._pkg)  # noqa: SLF001
        for name in names:
            depcache.mark_install(raw[name], True, False)  # with what it needs; not by the user


def _objection(cache: Any, chosen: dict[str, str], wish: Wish) -> str | None:
    if cache.broken_count:
        return "what it needs cannot be had"
    for package in cache.get_changes():
        if package.marked_delete:
            return f"{package.name} would have to be removed"
        why = (
            None
            if package.name in chosen
            else obstacle(package.name, is_held(package), wish._replace(allow=[]))
        )
        if why:
            return f"it needs {package.name}, which is {why}"
    return None


def mark_exactly(cache: Any, wanted: dict[str, str | None]) -> None:
    """Mark precisely this transaction, or raise with what else apt would have to do."""
    now = versions_now(cache, list(wanted))
    todo = {name: version for name, version in wanted.items() if version != now[name]}
    held = sorted(name for name in todo if name in cache and is_held(cache[name]))
    if held:
        raise AptTrouble(f"drifted: held on the machine since it was approved: {', '.join(held)}.")
    raw = {name: _set_version(cache, name, version) for name, version in todo.items() if version is not None}
    depcache = cache._depcache  # noqa: SLF001
    with cache.actiongroup():
        for name, version in todo.items():
            if version is None:
                depcache.mark_delete(cache[name]._pkg, False)  # noqa: SLF001  # keep its configuration
            else:
                depcache.mark_install(raw[name], False, False)  # nothing else; not by the user
    if cache.broken_count:
        broken = sorted(package.name for package in cache if package.is_inst_broken)
        raise AptTrouble(
            f"drifted: exactly what was approved would leave {', '.join(broken)} "
            "with unmet dependencies. Plan again."
        )
    marked = {change.name: change.after for change in changes(cache, [])}
    if marked != todo:
        extra = sorted(name for name in {*marked, *todo} if marked.get(name, ...) != todo.get(name, ...))
        raise AptTrouble(
            f"drifted: apt would also change {', '.join(extra)}, which was not approved. Plan again."
        )


def changes(cache: Any, security: list[str]) -> list[Change]:
    """Return what is marked, by name."""
    return sorted(
        (_change(package, security) for package in cache.get_changes()), key=lambda change: change.name
    )


def _change(package: Any, security: list[str]) -> Change:
    old = package.installed
    new = None if package.marked_delete else package.candidate
    sources = _archives(new) if new else ()
    between = [v for v in package.versions if new and v <= new and (old is None or old < v)]
    first = next(
        (source for source in sources if source.is_security(security)), sources[0] if sources else None
    )
    return Change(
        name=package.name,
        before=old.version if old else None,
        after=new.version if new else None,
        origin=first.origin if first else "",
        suite=first.suite if first else "",
        security=any(source.is_security(security) for v in between for source in _archives(v)),
        download=new.size if new else 0,
        size_before=old.installed_size if old else 0,
        size_after=new.installed_size if new else 0,
        way_back=old is None or bool(_archives(old)),
    )
