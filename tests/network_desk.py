"""An operator's desk over simulated network devices: plan, carry out, take back, without the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from daicho.craft import Bench, Target, Trouble
from daicho.runners.network import NetworkCraft

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from daicho.door import Intention
    from daicho.plan import TargetState
    from lab.netcli import Plane

ROOT: Final = Path(__file__).resolve().parents[1]


@dataclass
class NetworkDesk:
    """One change on the devices of a plane."""

    plane: Plane
    inputs: Mapping[str, Any]
    secrets: dict[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    """Only these devices; (): all."""

    def craft(self, *, undo: bool = False) -> NetworkCraft:
        world = self.plane.world
        secrets = {"net": world.password, "enable": world.secret, "vault": "pepper", **self.secrets}
        bench = Bench(
            inputs={"credential": "net", "enable": "enable", "user": world.user, **self.inputs},
            undo=undo,
            secret=secrets.__getitem__,
            content=ROOT,
            folder=self.plane.folder,
            key=self.plane.folder / "id",
            known_hosts=self.plane.folder / "known_hosts",
            language="en",
        )
        return NetworkCraft(bench, minute=world.minute)

    def targets(self, wanted: Mapping[str, Any]) -> list[Target]:
        items = {item["name"]: item for item in self.plane.items()}
        return [
            Target(
                name=name,
                facts={
                    "ansible_host": item["address"],
                    "ansible_port": self.plane.world.port,
                    "daicho_item": {
                        key: value for key, value in item.items() if key not in {"name", "address"}
                    },
                },
                wanted=wanted.get(name),
            )
            for name, item in items.items()
            if not self.names or name in self.names
        ]

    def plan(self) -> dict[str, Intention | Trouble]:
        return dict(self.craft().rehearse(self.targets({})))

    def planned(self) -> dict[str, Intention]:
        plans = self.plan()
        troubles = {name: str(plan) for name, plan in plans.items() if isinstance(plan, Trouble)}
        assert troubles == {}
        return {name: plan for name, plan in plans.items() if not isinstance(plan, Trouble)}

    def run(
        self,
        plans: Mapping[str, Intention],
        *,
        undo: bool = False,
        resumed: bool = False,
        before: Callable[[str], None] = lambda _name: None,
    ) -> dict[str, str]:
        """Carry plans out: of each device `changed`, `drifted`, `not as wanted`, or what went wrong."""
        outcomes: dict[str, str] = {}

        def begin(name: str, state: TargetState) -> bool:
            before(name)
            plan = plans[name]
            fits = (plan.before, plan.after) if resumed else (plan.before,)
            go = all(any(found == each.get(key) for each in fits) for key, found in state.items())
            if not go:
                outcomes[name] = "drifted"
            return go

        wanted = {name: plan.after for name, plan in plans.items()}
        for name, now in self.craft(undo=undo).carry_out(self.targets(wanted), begin):
            if isinstance(now, Trouble):
                outcomes[name] = str(now)
            else:
                outcomes[name] = "changed" if dict(now) == dict(plans[name].after) else "not as wanted"
        return outcomes

    def take_back(self, plans: Mapping[str, Intention]) -> dict[str, str]:
        back = dict(
            self.craft(undo=True).rehearse(self.targets({name: plan.inverse for name, plan in plans.items()}))
        )
        assert not [str(plan) for plan in back.values() if isinstance(plan, Trouble)]
        return self.run(
            {name: plan for name, plan in back.items() if not isinstance(plan, Trouble)}, undo=True
        )
