# Sourced by build-image.sh: what makes the image a stand-in for CentOS 7.5.
# shellcheck shell=bash
# shellcheck disable=SC2034 # the one that sources this uses them
signer='lvslab stand-in for the CentOS 7 signing key'
key=/etc/pki/rpm-gpg/RPM-GPG-KEY-CentOS-7
release=/opt/vault/7.5.1804
repositories=("$release/os/x86_64" "$release/updates/x86_64" "$release/extras/x86_64")

become_system() {
  # dnf calls itself yum where its file is called so.
  mv /usr/bin/dnf-3 /usr/libexec/lvslab-stand-in/yum
  rm /usr/bin/dnf
  ln -sf bash /usr/bin/sh
  ln -s useradd /usr/sbin/adduser
  sed -i 's/^#\?\s*USERGROUPS_ENAB.*/USERGROUPS_ENAB yes/; $a CREATE_HOME yes' /etc/login.defs
  ln -s rc.d/init.d /etc/init.d
  local level
  for level in 2 3 4 5; do
    mkdir -p "/etc/rc.d/rc$level.d"
    ln -s "rc.d/rc$level.d" "/etc/rc$level.d"
    ln -s ../init.d/network "/etc/rc.d/rc$level.d/S10network"
  done
}
