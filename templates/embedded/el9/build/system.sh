# Sourced by build-image.sh: what makes the image a stand-in for Rocky Linux 9.3.
# shellcheck shell=bash
# shellcheck disable=SC2034 # the one that sources this uses them
signer='lvslab stand-in for the Rocky Linux 9 signing key'
key=/etc/pki/rpm-gpg/RPM-GPG-KEY-Rocky-9
release=/opt/mirror/rocky/9.3
repositories=("$release/AppStream/x86_64/os" "$release/BaseOS/x86_64/os")

become_system() {
  ln -s dnf-3 /usr/bin/yum
  ln -sf bash /usr/bin/sh
  ln -s useradd /usr/sbin/adduser
  sed -i 's/^#\?\s*USERGROUPS_ENAB.*/USERGROUPS_ENAB yes/; $a CREATE_HOME yes' /etc/login.defs
  # Debian's hooks of NetworkManager are about ifupdown, which is not here.
  rm -f /etc/NetworkManager/dispatcher.d/01-ifupdown
  systemctl --quiet enable NetworkManager.service
}
