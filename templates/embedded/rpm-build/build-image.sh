#!/bin/bash
# Runs in the image, once: turns Debian's packages into the RPM repositories and the RPM database of another system, then
# puts away what would show Debian. $1 holds the offline .deb packages and goes, too. What that system is, its system.sh
# says: $signer, $key, $repositories (folders; the first gets the packages), and become_system.
set -eu
umask 022
debs=$1
build=/usr/share/lvslab-stand-in/build
work=$(mktemp -d)
signer='' key='' repositories=()
# shellcheck source=../el9/build/system.sh
. "$build/system.sh"

build_packages() { # base|vault payload-compression
  mkdir -p "$work/$1/lists" "$work/$1/RPMS"
  rpmbuild -bb --quiet --define "_buildshell /bin/bash" --define "_topdir $work/$1" --define "_rpmdir $work/$1/RPMS" \
    --define '_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' \
    --define "_binary_payload $2" --define '_build_id_links none' --define '_lto_cflags %{nil}' \
    --define '__os_install_post %{nil}' --define 'debug_package %{nil}' --define "debs $debs" \
    --define "lists $work/$1/lists" --define "stage $build/stage-packages.sh" --define "sources $build" \
    "$build/$1.spec"
}

# The packages that a minimal installation brings: known to rpm as installed; their files are here already.
register_base_packages() {
  build_packages base w0.ufdio
  rpm --install --force-debian --justdb --nodeps --noscripts --notriggers --nosignature "$work"/base/RPMS/*.rpm
}

# The private key lives for the length of this function.
sign_packages() {
  export GNUPGHOME=$work/gnupg
  mkdir -m 700 "$GNUPGHOME"
  gpg --batch --quiet --passphrase '' --quick-gen-key "$signer" rsa2048 sign never
  mkdir -p "${key%/*}"
  gpg --batch --armor --export >"$key"
  GPG_TTY=none rpmsign --define "_gpg_name $signer" --addsign "$work"/vault/RPMS/*.rpm >/dev/null
  gpgconf --kill gpg-agent
}

publish_packages() {
  build_packages vault w1.gzdio
  sign_packages
  local repository
  mkdir -p "${repositories[0]}/Packages"
  mv "$work"/vault/RPMS/*.rpm "${repositories[0]}/Packages/"
  for repository in "${repositories[@]}"; do
    mkdir -p "$repository/Packages"
    createrepo_c --quiet --general-compress-type=gz "$repository"
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
become_system
rename_ssh_service
rm -rf "$work" "${build%/*}" "$debs"
