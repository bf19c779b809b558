import { type Script, sh } from '../../../engine/model/shell/script.ts';

/** Adds what a host lacks, with the image's own package manager; nothing is asked of that where nothing is missing. */
const addWhatIsMissing: Script = sh`
  has() { command -v "$1" >/dev/null 2>&1; }
  there() { for file; do [ ! -e "$file" ] || return 0; done; return 1; }
  network() {
    there /usr/sbin/NetworkManager /usr/sbin/netplan /usr/sbin/ifup /sbin/ifup \
      /etc/sysconfig/network-scripts/ifup
  }
  install() {
    if has apt-get; then
      DEBIAN_FRONTEND=noninteractive apt-get -y -q install --no-install-recommends -- "$@"
    elif has dnf; then
      dnf -y --setopt=install_weak_deps=False install -- "$@"
    elif has yum; then
      yum -y install -- "$@"
    else
      echo "the image lacks $*, and its package manager is none of apt-get, dnf and yum" >&2
      return 1
    fi
  }
  is_deb=no
  ! has apt-get || is_deb=yes
  set --
  if ! there /sbin/init /usr/sbin/init; then
    if [ "$is_deb" = yes ]; then set -- systemd-sysv dbus; else set -- systemd; fi
  fi
  there /usr/sbin/sshd || set -- "$@" openssh-server
  if ! has ip; then
    if [ "$is_deb" = yes ]; then
      set -- "$@" iproute2 iputils-ping procps curl
    else
      set -- "$@" iproute iputils procps-ng curl
    fi
  fi
  if ! network; then
    if [ "$is_deb" = yes ]; then set -- "$@" ifupdown; else set -- "$@" NetworkManager; fi
  fi
  ## What provisioning would install: there is no internet in the lab. Images that bring sources of their own need it not.
  if ! there /usr/share/lab-packages /opt/vault /opt/mirror; then
    wanted_pcre=yes
    if [ "$is_deb" = yes ]; then
      set -- "$@" gcc make libc6-dev zlib1g-dev libssl-dev ipvsadm
    else
      set -- "$@" gcc make zlib-devel openssl-devel ipvsadm
    fi
  fi
  if [ "$#" -gt 0 ]; then
    [ "$is_deb" = no ] || apt-get -q update
    install "$@"
  fi
  if [ -n "\${wanted_pcre-}" ]; then
    if [ "$is_deb" = yes ]; then
      install libpcre3-dev || install libpcre2-dev
    else
      install pcre-devel || install pcre2-devel
    fi
  fi
`;

/** Makes one image for four hosts of it: keys and names come later, and SSH starts at boot. */
const settle: Script = sh`
  for unit in sshd.service ssh.service NetworkManager.service systemd-networkd.service; do
    case $unit in
      NetworkManager*) there /usr/sbin/NetworkManager || continue ;;
      systemd-networkd*) there /usr/sbin/netplan || continue ;;
    esac
    if there "/lib/systemd/system/$unit" "/usr/lib/systemd/system/$unit"; then
      systemctl --quiet enable "$unit" || :
    fi
  done
  for unit in console-getty.service getty@tty1.service serial-getty@ttyS0.service \
    cloud-init.service cloud-init-local.service cloud-config.service cloud-final.service \
    dnf-makecache.timer apt-daily.timer apt-daily-upgrade.timer; do
    ln -sf /dev/null "/etc/systemd/system/$unit"
  done
  ## OpenSSH before 8.2 reads one file only.
  if ! grep -q '^[[:space:]]*Include[[:space:]].*sshd_config[.]d' /etc/ssh/sshd_config; then
    sed -i '1i AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/authorized-lab-key' \
      /etc/ssh/sshd_config
  fi
  rm -f /etc/ssh/ssh_host_* /etc/hostname /etc/nologin /.dockerenv
  : >/etc/machine-id
`;

/** Shell that runs inside the root file system of an image, as root, and makes a host's root of it. */
export const adaptRoot: Script = sh`
  set -eu
  export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  ${addWhatIsMissing}
  ${settle}
`;

/** Shell that runs a shell text inside a root file system, with what package managers need around them. */
export function insideRoot(root: string, inner: Script): Script {
  return sh`
    set -eu
    root=${root}
    mkdir -p "$root/proc" "$root/dev" "$root/sys" "$root/tmp" "$root/etc"
    mount -t proc proc "$root/proc"
    mount -t tmpfs -o mode=755 tmpfs "$root/dev"
    mkdir "$root/dev/shm"
    for device in null zero full random urandom tty; do
      : >"$root/dev/$device"
      mount --bind "/dev/$device" "$root/dev/$device"
    done
    ln -s /proc/self/fd "$root/dev/fd"
    ## Where the image's package manager finds its mirrors; the link or the file of the image comes back.
    rm -rf "$root/.lvslab-resolv"
    if [ -e "$root/etc/resolv.conf" ] || [ -L "$root/etc/resolv.conf" ]; then
      mv "$root/etc/resolv.conf" "$root/.lvslab-resolv"
    fi
    cp -L /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || :
    status=0
    chroot "$root" /bin/sh -c ${inner.text} </dev/null || status=$?
    rm -f "$root/etc/resolv.conf"
    if [ -e "$root/.lvslab-resolv" ] || [ -L "$root/.lvslab-resolv" ]; then
      mv "$root/.lvslab-resolv" "$root/etc/resolv.conf"
    fi
    exit "$status"
  `;
}
