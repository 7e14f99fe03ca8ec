"""ネットワーク機器の設定変更等 (contract item オ-f): changes that cannot lock us out."""

from __future__ import annotations

from typing import Final, Literal, Self

from pydantic import Field, model_validator

from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.network.intent import EVERY, Intent, bare_secrets
from daicho.network.platforms import PLATFORMS
from daicho.works.work import Inputs, Work


class ConfigureNetwork(Intent, Inputs):
    """What the devices are to be configured to do."""

    through: Literal["nornir", "ansible"] = Field(
        default="nornir",
        description=N_(
            "`ansible`: by `playbooks/configure_network.yml`, with a site's own tasks before and after."
        ),
    )

    @model_validator(mode="after")
    def _names_secrets(self) -> Self:
        """What a change says stands in the ledger for ever: no secret may be in it."""
        for name, text in self.lines.items():
            platforms = PLATFORMS.values() if name == EVERY else filter(None, [PLATFORMS.get(name)])
            for platform in platforms:
                if found := bare_secrets(text, platform.grammar):
                    said = _(
                        "lines.{name}: `{line}` holds a secret, and a change is kept for ever; keep it with "
                        "`daicho secret set NAME` and write {{{{ secret('NAME') }}}} in its place"
                    )
                    raise ValueError(said.format(name=name, line=found[0]))
        return self

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if bool(self.lines) == bool(self.template):
            raise ValueError(_("say either `lines` or `template`"))
        if unknown := [name for name in self.lines if name != EVERY and name not in PLATFORMS]:
            said = _("lines: {names} are no platforms; there are {known} and `all`")
            raise ValueError(said.format(names=", ".join(unknown), known=", ".join(PLATFORMS)))
        return self


CONFIGURE_NETWORK: Final = Work(
    name="configure_network",
    title=N_("Change the configuration of network devices, so that none can be cut off"),
    runner="nornir",
    craft="daicho.runners.network:open_network",
    inputs=ConfigureNetwork,
    kinds=frozenset({"network_device"}),
    in_turn=("role", "site"),
)
