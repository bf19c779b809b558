#!/bin/bash
# Runs in the image, once: turns Debian's packages into the RPM repository and the RPM database of a CentOS 7, then puts
# away what would show Debian. $1 holds the offline .deb packages and goes, too.
set -eu
umask 022
debs=$1
build=/usr/share/lvslab-stand-in/build
work=$(mktemp -d)
release=/opt/vault/7.5.1804
key=/etc/pki/rpm-gpg/RPM-GPG-KEY-CentOS-7

build_packages() { # base|vault payload-compression
  mkdir -p "$work/$1/lists" "$work/$1/RPMS"
  rpmbuild -bb --quiet --define "_buildshell /bin/bash" --define "_topdir $work/$1" --define "_rpmdir $work/$1/RPMS" \
    --define '_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' \
    --define "_binary_payload $2" --define '_build_id_links none' --define '_lto_cflags %{nil}' \
    --define '__os_install_post %{nil}' --define 'debug_package %{nil}' --define "debs $debs" \
    --define "lists $work/$1/lists" --define "stage $build/stage-packages.sh" --define "sources $build" \
    "$build/$1.spec"
}

# The packages that a minimal CentOS 7 brings: known to rpm as installed; their files are here already.
register_base_packages() {
  build_packages base w0.ufdio
  rpm --install --force-debian --justdb --nodeps --noscripts --notriggers --nosignature "$work"/base/RPMS/*.rpm
}

# The private key lives for the length of this function.
sign_packages() {
  export GNUPGHOME=$work/gnupg
  mkdir -m 700 "$GNUPGHOME"
  local owner='lvslab stand-in for the CentOS 7 signing key'
  gpg --batch --quiet --passphrase '' --quick-gen-key "$owner" rsa2048 sign never
  mkdir -p "${key%/*}"
  gpg --batch --armor --export >"$key"
  GPG_TTY=none rpmsign --define "_gpg_name $owner" --addsign "$work"/vault/RPMS/*.rpm >/dev/null
  gpgconf --kill gpg-agent
}

publish_packages() {
  build_packages vault w1.gzdio
  sign_packages
  local repository
  for repository in os updates extras; do
    mkdir -p "$release/$repository/x86_64/Packages"
    [[ $repository == os ]] && mv "$work"/vault/RPMS/*.rpm "$release/os/x86_64/Packages/"
    createrepo_c --quiet --general-compress-type=gz "$release/$repository/x86_64"
  done
}

# Programs and files by which someone could take this for a Debian, or use it as one.
put_debian_away() {
  local kept=/usr/libexec/lvslab-stand-in/debian file
  mkdir -p "$kept"
  dpkg --purge createrepo-c libcreaterepo-c0 >/dev/null
  for file in /usr/bin/{apt,apt-*,dpkg,dpkg-*,debconf*,deb-systemd-*,rpmbuild,rpmspec,rpmsign} \
    /usr/sbin/{adduser,addgroup,deluser,delgroup,dpkg-*}; do
    [[ -e $file ]] && mv "$file" "$kept/"
  done
  rm -rf /etc/debian_version /etc/network /etc/apt/sources.list* /etc/init.d /etc/rc?.d /etc/default/ssh
  rm -f /usr/lib/systemd/system/{apt-daily,dpkg-db-backup,e2scrub}* /etc/systemd/system/*.wants/{apt-daily,dpkg-db-backup,e2scrub}*
}

become_el7() {
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
  rename_ssh_service
}

rename_ssh_service() {
  local units=/usr/lib/systemd/system
  systemctl --quiet disable ssh.service 2>/dev/null
  sed '/^Alias=/d; /^EnvironmentFile=/d; s/ \$SSHD_OPTS//' $units/ssh.service >$units/sshd.service
  rm -f $units/ssh.{service,socket} $units/ssh@.service
  systemctl --quiet enable sshd.service firewalld.service
}

rpm --initdb
register_base_packages &
base=$!
publish_packages
wait $base
put_debian_away
become_el7
rm -rf "$work" "${build%/*}" "$debs"
