"""The configuration files of the lab's directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.domain_plan import (
    CONTROLLERS,
    DNS_DOMAIN,
    REALM,
    SERVERS,
    WORKGROUP,
    Server,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMON = """\
\tworkgroup = {workgroup}
\trealm = {realm}
\tnetbios name = {name}
\tinterfaces = {address}/24
\tbind interfaces only = yes
\tdisable netbios = yes
\tsmb ports = 445
\tload printers = no
\tprintcap name = /dev/null
\tlogging = file
\tlog level = 1
\tmax log size = 0
\tmachine password timeout = 0
"""

# The updates of names and of replication links run once, when the template is made: they would cost
# seconds of CPU at every start.
_CONTROLLER = """\
[global]
{common}\
\tserver role = active directory domain controller
\tserver services = s3fs, rpc, ldap, cldap, kdc, winbindd, dns, drepl, kcc
\tdns forwarder =
\tdns update command = /bin/true
\tspn update command = /bin/true
\tsamba kcc command = /bin/true
\tgpo update command = /bin/true
\tdreplsrv:notify_interval = 1
\tdreplsrv:periodic_startup_interval = 1
\tidmap_ldb:use rfc2307 = yes
\tldap server require strong auth = allow_sasl_over_tls
\ttls keyfile = /var/lib/samba/private/tls/server.key
\ttls certfile = /var/lib/samba/private/tls/server.crt
\ttls cafile = /var/lib/samba/private/tls/ca.crt

[sysvol]
\tpath = /var/lib/samba/sysvol
\tread only = no

[netlogon]
\tpath = /var/lib/samba/sysvol/{domain}/scripts
\tread only = no
"""

# `username map` needs `min domain uid = 0`, else every logon of the administrator is an invalid token.
_MEMBER = """\
[global]
{common}\
\tserver role = member server
\tsecurity = ads
\tkerberos method = secrets and keytab
\tdedicated keytab file = /var/lib/samba/private/krb5.keytab
\tidmap config * : backend = tdb
\tidmap config * : range = 3000-7999
\tidmap config {workgroup} : backend = rid
\tidmap config {workgroup} : range = 10000-9999999
\tmin domain uid = 0
\tusername map = /etc/samba/user.map
\ttemplate shell = /bin/false
\tvfs objects = acl_xattr
\tmap acl inherit = yes
\tstore dos attributes = yes
\tacl_xattr:ignore system acls = yes

[home]
\tcomment = home folders, one below it for each person
\tpath = /srv/home
\tread only = no

[dept]
\tcomment = folders of the sections
\tpath = /srv/dept
\tread only = no
"""

USER_MAP = f"!root = {WORKGROUP}\\Administrator\n"
NSSWITCH = "passwd: files winbind\ngroup: files winbind\nshadow: files\nhosts: files dns\nservices: files\n"


def smb_conf(server: Server) -> str:
    common = _COMMON.format(
        workgroup=WORKGROUP, realm=REALM, name=server.name.upper(), address=server.address
    )
    text = _CONTROLLER if server.name in CONTROLLERS else _MEMBER
    return text.format(common=common, domain=DNS_DOMAIN, workgroup=WORKGROUP)


def hosts(machines: Sequence[str]) -> str:
    rows = [SERVERS[name] for name in machines]
    lines = (f"{server.address}\t{server.fqdn} {server.name}\n" for server in rows)
    return "127.0.0.1\tlocalhost\n" + "".join(lines)


def resolv_conf(machines: Sequence[str], own: str | None = None) -> str:
    """Ask the domain controllers, oneself first."""
    servers = sorted((name for name in machines if name in CONTROLLERS), key=lambda name: name != own)
    lines = (f"nameserver {SERVERS[name].address}\n" for name in servers)
    return f"search {DNS_DOMAIN}\noptions timeout:1 attempts:2\n" + "".join(lines)


def krb5_conf(machines: Sequence[str]) -> str:
    centres = "".join(
        f"  kdc = {SERVERS[name].address}\n  kpasswd_server = {SERVERS[name].address}\n"
        for name in machines
        if name in CONTROLLERS
    )
    return f"""\
[libdefaults]
 default_realm = {REALM}
 dns_lookup_realm = false
 dns_lookup_kdc = false
 rdns = false
 dns_canonicalize_hostname = false
[realms]
 {REALM} = {{
{centres}  admin_server = {SERVERS["dc1"].address}
 }}
[domain_realm]
 .{DNS_DOMAIN} = {REALM}
 {DNS_DOMAIN} = {REALM}
"""
