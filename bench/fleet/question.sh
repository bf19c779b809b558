#!/bin/sh
# What a plan for a host of the fleet has to know, asked with few processes: what the host is, its network, whether lvslab was
# there, and the state of what the play wants. POSIX sh, read from standard input by the shell of the login.
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
cat /etc/os-release /etc/debian_version /proc/sys/kernel/random/boot_id /etc/machine-id 2>/dev/null
uname -srnm
ip -o link
ip -o -4 address
ip -4 route
cat /var/lib/lvslab/journal /run/lvslab/lock/holder 2>/dev/null
stat -c '%n %a %U %G %s' /srv/bench/page.html /srv/bench/server.conf /srv/bench/server.service /srv/bench/notes
cat /srv/bench/page.html /srv/bench/server.conf /srv/bench/server.service /srv/bench/notes
dpkg-query -W -f '${Package} ${db:Status-Status}\n' openssh-server make gcc
while IFS=: read -r name rest; do case $name in nobody) echo "$name:$rest" ;; esac; done </etc/passwd
echo asked
