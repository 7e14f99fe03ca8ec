#!/bin/sh
# Turns a freshly bootstrapped Debian into the base image of the lab's machines.
# mmdebstrap runs it as a hook: $1 is the image's root; /lab-packages in it holds the software.
set -eu
root=$1

chroot "$root" sh -c 'dpkg -i /lab-packages/*.deb'
rm -r "$root/lab-packages"

# One identity per machine comes from its own overlay layer, never from the image.
: > "$root/etc/machine-id"
rm -f "$root"/var/lib/dbus/machine-id "$root"/etc/ssh/ssh_host_*

chroot "$root" useradd --create-home --shell /bin/bash --password '*' daicho
echo 'daicho ALL=(ALL) NOPASSWD: ALL' > "$root/etc/sudoers.d/daicho"
chmod 0440 "$root/etc/sudoers.d/daicho"

mkdir -p "$root/etc/ssh/principals" "$root/etc/ssh/lab_keys"
echo daicho > "$root/etc/ssh/principals/daicho"
: > "$root/etc/ssh/daicho_ca.pub"
cat > "$root/etc/ssh/sshd_config.d/10-daicho.conf" <<'CONF'
TrustedUserCAKeys /etc/ssh/daicho_ca.pub
AuthorizedPrincipalsFile /etc/ssh/principals/%u
AuthorizedKeysFile /etc/ssh/lab_keys/%u
HostKey /etc/ssh/ssh_host_ed25519_key
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
UseDNS no
CONF
# Newer sshd locks out an address after refused logins; tests make many of those.
if chroot "$root" /usr/sbin/sshd -T -o PerSourcePenalties=no >/dev/null 2>&1; then
  echo 'PerSourcePenalties no' >> "$root/etc/ssh/sshd_config.d/10-daicho.conf"
fi

mkdir -p "$root/var/log/journal" "$root/etc/systemd/journald.conf.d" "$root/etc/lab"
printf '[Journal]\nStorage=persistent\nSystemMaxUse=32M\n' > "$root/etc/systemd/journald.conf.d/lab.conf"

# A container has no devices, and the lab decides itself when something is updated.
for unit in systemd-udevd.service systemd-udevd-kernel.socket systemd-udevd-control.socket \
  systemd-udev-trigger.service console-getty.service getty.target getty-static.service \
  systemd-networkd.service systemd-networkd.socket systemd-resolved.service systemd-timesyncd.service \
  systemd-logind-varlink.socket apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
  e2scrub_all.timer e2scrub_reap.service fstrim.timer man-db.timer systemd-tmpfiles-clean.timer \
  sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done

# The only package source is the lab's repository; its file comes from the lab's own layer.
rm -rf "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/* "$root"/var/lib/apt/lists/*
rm -f "$root"/etc/apt/apt.conf.d/99mmdebstrap "$root"/var/cache/apt/*.bin "$root"/var/cache/apt/archives/*.deb
printf 'Acquire::Languages "none";\n' > "$root/etc/apt/apt.conf.d/20lab"
rm -rf "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/locale/* "$root"/var/log/*.log
: > "$root/etc/resolv.conf"
echo 'LANG=C.UTF-8' > "$root/etc/default/locale"
