#!/bin/sh
# What a plan for a real server has to know, asked with few processes: what the host is, its network, whether lvslab was there,
# and the state of what playbooks/real-servers.ts wants. POSIX sh, read from standard input by the shell of the login.
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
cat /etc/os-release /etc/debian_version /proc/sys/kernel/random/boot_id /etc/machine-id /proc/mounts /proc/modules 2>/dev/null
uname -srnm
ip -o link
ip -o -4 address
ip -4 route
df -Pk / /usr/local /var /tmp
cat /etc/network/interfaces /proc/net/tcp /proc/net/tcp6
for tool in apt-get dpkg-query systemctl ip modprobe curl gcc make ss setsid; do command -v "$tool"; done
cat /var/lib/lvslab/journal/* /run/lvslab/lock/holder 2>/dev/null
files='/usr/local/nginx/html/index.html /usr/local/nginx/conf/nginx.conf /etc/systemd/system/nginx.service'
# shellcheck disable=SC2086
stat -c '%n %a %U %G %s' $files
# shellcheck disable=SC2086
cat $files
/usr/local/nginx/sbin/nginx -V 2>&1
sha256sum </usr/local/nginx/sbin/nginx
dpkg-query -W -f '${Package} ${db:Status-Status}\n' gcc make libc6-dev libpcre3-dev zlib1g-dev libssl-dev gzip tar
while IFS=: read -r name rest; do case $name in nginx) echo "$name:$rest" ;; esac; done </etc/passwd
systemctl show -p Id,LoadState,UnitFileState,ActiveState,MainPID,NeedDaemonReload nginx.service firewalld.service
echo asked
