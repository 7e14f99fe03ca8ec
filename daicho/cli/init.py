"""`daicho init`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daicho.cli.kit import Session, command, option, output_option, pass_session, put, talk
from daicho.cli.reading import policy_of
from daicho.credentials import Keys
from daicho.errors import UsageError
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.report.facts import Answer
from daicho.site import Site

if TYPE_CHECKING:
    from daicho.report.present import Form
    from daicho.settings import Settings


class KeyNotTaken(UsageError):
    """A key that was to be taken over is not there."""

    sentence = N_("The key {path} cannot be taken over: {why}. Both it and its .pub are needed.")


@command(
    "init",
    N_("Make a new site: its ledger, its keys, and its policy as the first entry."),
    "daicho init --policy policy.yml",
)
@option(
    "--policy",
    "policy_file",
    required=True,
    envvar="DAICHO_INIT_POLICY",
    metavar="FILE",
    help=N_("The site's policy (YAML)."),
)
@option(
    "--ledger-key",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=N_("Sign checkpoints with this SSH key instead of a new one."),
)
@option(
    "--ssh-ca",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=N_("Certify runs with this SSH CA key instead of a new one."),
)
@output_option
@pass_session
def init(
    session: Session, policy_file: str, ledger_key: Path | None, ssh_ca: Path | None, form: Form
) -> None:
    """Make a site and say what the targets need."""
    policy = policy_of(policy_file)
    settings = session.settings
    keys = Keys.of(settings)
    if not settings.ledger.exists():
        for given, place in ((ledger_key, keys.ledger), (ssh_ca, keys.ssh_ca)):
            if given is not None:
                _take_over(given, place)
    with Site.create(settings, policy):
        put(_answer(settings, policy.site), form)
    talk(_("Next: `daicho item import FILE` brings in the machines."))


def _take_over(given: Path, place: Path) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        shutil.copyfile(given.with_name(given.name + ".pub"), place.with_suffix(".pub"))
        place.touch(mode=0o600)
        shutil.copyfile(given, place)
    except OSError as error:
        raise KeyNotTaken(path=str(given), why=error.strerror or str(error)) from error


def _answer(settings: Settings, site: str) -> Answer:
    authority = Keys.of(settings).ssh_ca.with_suffix(".pub")
    public = authority.read_text(encoding="utf-8").strip()
    return Answer(
        facts={
            "site": site,
            "state": str(settings.state),
            "ledger": str(settings.ledger),
            "ssh_ca": str(authority),
            "ssh_ca_key": public,
            "known_hosts": str(settings.known_hosts),
        },
        sentence=_("The site {site} is made in {state}.").format(site=site, state=settings.state),
        extra=(
            "",
            _("Every target must trust the site's SSH CA. Its public key is in {path}:").format(
                path=authority
            ),
            f"  {public}",
            _("On each target: the key in /etc/ssh/daicho_ca.pub, and in sshd_config"),
            "  TrustedUserCAKeys /etc/ssh/daicho_ca.pub",
            _("and an account `daicho` that may use sudo without a password."),
            _("The targets' host keys belong in {path}; a target that is not there is not spoken to.").format(
                path=settings.known_hosts
            ),
        ),
    )
