"""The configuration files of the lab's office services."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lab.services_plan import (
    DOMAIN,
    KEY,
    NETWORK,
    PRINT_ADMINS,
    REVERSE,
    SERVERS,
    TTL,
    USER,
    VLANS,
    gateway,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from lab.services_places import ServicesPlaces
    from lab.services_plan import Host

_HOOK = "/usr/lib/{machine}/kea/hooks/libdhcp_lease_cmds.so"


def kea(places: ServicesPlaces, hosts: Iterable[Host], machine: str) -> str:
    """The DHCP server: one subnet per VLAN, reservations for the hosts."""
    folder = places.node("dhcp")
    hosts = list(hosts)
    config: dict[str, Any] = {
        "interfaces-config": {"interfaces": ["core"], "dhcp-socket-type": "udp"},
        "control-socket": {"socket-type": "unix", "socket-name": str(places.dhcp_socket)},
        "lease-database": {"type": "memfile", "persist": True, "name": str(folder / "leases.csv")},
        "hooks-libraries": [{"library": _HOOK.format(machine=machine)}],
        "valid-lifetime": 600,
        "subnet4": [_subnet(vlan, hosts) for vlan in VLANS],
        "loggers": [_logger("kea-dhcp4", folder)],
    }
    return json.dumps({"Dhcp4": config}, indent=1)


def _subnet(vlan: int, hosts: list[Host]) -> dict[str, Any]:
    network = VLANS[vlan]
    return {
        "id": vlan,
        "subnet": str(network),
        "pools": [{"pool": f"{network[-256]} - {network[-56]}"}],
        "option-data": [
            {"name": "routers", "data": gateway(vlan)},
            {"name": "domain-name-servers", "data": SERVERS["dns"]},
            {"name": "domain-name", "data": DOMAIN},
        ],
        "reservations": [
            {"hw-address": host.mac, "ip-address": host.address, "hostname": host.name}
            for host in hosts
            if host.vlan == vlan
        ],
    }


def agent(places: ServicesPlaces, password: str) -> str:
    """The control agent: HTTPS, one name and password."""
    folder = places.node("dhcp")
    config = {
        "http-host": SERVERS["dhcp"],
        "http-port": 8000,
        "trust-anchor": str(folder / "ca.crt"),
        "cert-file": str(folder / "server.crt"),
        "key-file": str(folder / "server.key"),
        "cert-required": False,
        "authentication": {
            "type": "basic",
            "realm": "kea",
            "clients": [{"user": USER, "password": password}],
        },
        "control-sockets": {"dhcp4": {"socket-type": "unix", "socket-name": str(places.dhcp_socket)}},
        "loggers": [_logger("kea-ctrl-agent", folder)],
    }
    return json.dumps({"Control-agent": config}, indent=1)


def _logger(name: str, folder: Path) -> dict[str, Any]:
    return {"name": name, "severity": "INFO", "output_options": [{"output": str(folder / f"{name}.log")}]}


def named(folder: Path, secret: str) -> str:
    """The name server: two zones that take signed updates, and nothing unsigned."""
    zones = "".join(
        f'zone "{zone}" {{ type primary; file "{folder}/{zone}.zone"; journal "{folder}/{zone}.jnl"; '
        f'update-policy {{ grant "{KEY}." zonesub ANY; }}; }};\n'
        for zone in (DOMAIN, REVERSE)
    )
    return f"""\
key "{KEY}." {{ algorithm hmac-sha256; secret "{secret}"; }};
options {{
  directory "{folder}"; pid-file "{folder}/named.pid"; session-keyfile "{folder}/session.key";
  lock-file none; listen-on {{ {SERVERS["dns"]}; }}; listen-on-v6 {{ none; }};
  recursion no; dnssec-validation no; allow-transfer {{ key "{KEY}."; }}; notify no;
  managed-keys-directory "{folder}"; tcp-idle-timeout 300;
}};
controls {{ }};
{zones}"""


def zones(hosts: Iterable[Host]) -> dict[str, str]:
    """The zones of the first day: zone → text."""
    hosts = list(hosts)
    soa = f"@ IN SOA dns.{DOMAIN}. hostmaster.{DOMAIN}. 1 3600 600 86400 60"
    head = f"$TTL {TTL}\n{soa}\n@ IN NS dns.{DOMAIN}.\n"
    servers = "".join(f"{name} IN A {address}\n" for name, address in SERVERS.items())
    names = "".join(f"{host.name} IN A {host.address}\n" for host in hosts)
    backs = "".join(f"{_back(host.address)} IN PTR {host.name}.{DOMAIN}.\n" for host in hosts)
    return {DOMAIN: head + servers + names, REVERSE: head + backs}


def _back(address: str) -> str:
    _first, _second, third, fourth = address.split(".")
    return f"{fourth}.{third}"


def cupsd(folder: Path, *, locked: bool = False) -> str:
    """The print server: TLS only, administered by whoever is in the lab's network, or if it is locked by
    whoever has the password of a member of its group.
    """
    address = SERVERS["print"]
    login = "AuthType Basic\n  Require user @SYSTEM" if locked else "# Nobody has to say who they are."
    return f"""\
LogLevel info
ServerName print.{DOMAIN}
ServerAlias *
Listen {address}:631
Listen {folder}/cups.sock
Browsing No
DefaultAuthType None
DefaultEncryption Required
WebInterface No
DirtyCleanInterval 0
PreserveJobHistory Yes
PreserveJobFiles Yes
MaxJobs 5000
<Location />
  Encryption Required
  Order deny,allow
  Deny all
  Allow {NETWORK}
</Location>
<Location /admin>
  {login}
  Order deny,allow
  Deny all
  Allow {NETWORK}
</Location>
<Policy default>
  JobPrivateAccess all
  JobPrivateValues none
  <Limit CUPS-Add-Modify-Printer CUPS-Delete-Printer CUPS-Set-Default CUPS-Accept-Jobs CUPS-Reject-Jobs \
Pause-Printer Resume-Printer>
    {login}
    Order deny,allow
    Deny all
    Allow {NETWORK}
  </Limit>
  <Limit All>
    Order deny,allow
    Deny all
    Allow {NETWORK}
  </Limit>
</Policy>
"""


def cups_files(folder: Path) -> str:
    """Where the print server keeps its things."""
    return f"""\
SystemGroup {PRINT_ADMINS}
ServerRoot {folder}/root
ServerKeychain {folder}/root/ssl
RequestRoot {folder}/spool
CacheDir {folder}/cache
StateDir {folder}/state
TempDir {folder}/work
AccessLog {folder}/access_log
ErrorLog {folder}/error_log
PageLog {folder}/page_log
User lp
Group lp
FileDevice Yes
"""


def print_accounts(accounts: Mapping[str, str], scrambled: str) -> dict[str, str]:
    """The accounts of the print server's own machine: those there are, and one who administers it."""
    return {
        "hosts": f"{SERVERS['print']} print.{DOMAIN}\n",
        "passwd": f"{USER}:x:60001:60001::/nonexistent:/usr/sbin/nologin\n{accounts['passwd']}",
        "group": f"{PRINT_ADMINS}:x:60001:{USER}\n{accounts['group']}",
        "shadow": f"{USER}:{scrambled}:19000:0:99999:7:::\n",
    }


def snmpd(command: str, auth: str, priv: str, location: str, name: str) -> str:
    """A printer's agent: SNMPv3 only, the Printer-MIB from a program."""
    return f"""\
sysLocation {location}
sysName {name}
createUser {USER} SHA "{auth}" AES "{priv}"
rouser {USER} priv
pass_persist .1.3.6.1.2.1.43 {command}
"""


def services_yml() -> str:
    """The site file of daicho that knows these services; `ca.crt` lies beside it."""
    return f"""\
dhcp:
  url: https://dhcp.{DOMAIN}:8000/
  address: {SERVERS["dhcp"]}
  user: {USER}
  ca_file: ca.crt
dns:
  server: {SERVERS["dns"]}
  key: {KEY}
  domain: {DOMAIN}
  reverse: [{REVERSE}]
printing:
  - name: cups1
    url: https://print.{DOMAIN}:631/
    address: {SERVERS["print"]}
    ca_file: ca.crt
counters:
  user: {USER}
"""
