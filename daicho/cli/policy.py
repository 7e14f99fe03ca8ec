"""`daicho policy`: the rules of the site."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from daicho import clock
from daicho.cli.asking import confirm
from daicho.cli.kit import Group, Session, command, output_option, pass_session, put, talk, yes_option
from daicho.cli.reading import policy_of
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.report.facts import Answer
from daicho.report.present import show as show_screen
from daicho.report.quorum import out_of_reach
from daicho.report.rules import PolicyReport, policy_differences
from daicho.site import adopt_policy
from daicho.works import WORKS

if TYPE_CHECKING:
    from daicho.policy import Policy
    from daicho.report.present import Form

policy = Group(
    "policy",
    help=N_("The rules in force: who may do what, how many must agree, when nothing may move."),
    example="daicho policy show\ndaicho policy check policy.yml && daicho policy adopt policy.yml",
    commands_in={
        "show": "daicho.cli.policy:show",
        "check": "daicho.cli.policy:check",
        "adopt": "daicho.cli.policy:adopt",
    },
)


@command("show", N_("Show the policy in force."), "daicho policy show --output json")
@output_option
@pass_session
def show(session: Session, form: Form) -> None:
    """Show the policy."""
    with session.site(read_only=True) as site:
        put(PolicyReport(site.policy), form)


@command(
    "check",
    N_("Judge a policy file; every problem is named with its field. Nothing is changed."),
    "daicho policy check policy.yml",
)
@click.argument("file")
@output_option
def check(file: str, form: Form) -> None:
    """Check a file."""
    found = policy_of(file)
    put(PolicyReport(found), form)
    _warn(found)
    talk(_("{file} can be used.").format(file=file))


def _warn(policy: Policy) -> None:
    for said in out_of_reach(policy, WORKS.values(), clock.now().astimezone(policy.zone).date()):
        talk(_("warning: {said}").format(said=said))


@command(
    "adopt",
    N_("Show what a policy file changes, ask, and put it in force."),
    "daicho policy adopt policy.yml",
)
@click.argument("file")
@yes_option
@output_option
@pass_session
def adopt(session: Session, file: str, yes: bool, form: Form) -> None:
    """Adopt a policy."""
    with session.site() as site:
        wanted = policy_of(file)
        site.administrator("policy")
        if wanted.digest == site.policy.digest:
            talk(_("{file} is the policy in force already; nothing was recorded.").format(file=file))
            return
        show_screen(policy_differences(site.policy, wanted), sys.stderr)
        _warn(wanted)
        if not yes:
            confirm(_("Put this policy in force? Type yes:"))
        seq = adopt_policy(site, wanted)
    said = _("The policy is in force from entry {seq} on.").format(seq=seq)
    put(Answer(facts={"entry": seq, "digest": wanted.digest}, sentence=said), form)
