# The scripts of several hosts, one after the other: take the part of one host and run it there.
echo 'These are the scripts of several hosts: take the part of one host and run it there.' >&2
exit 1

#!/bin/sh
# On rs1, as root: 7 steps.
set -eu; umask 022; cd /
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
lvslab_progress() { echo "$1 of $2"; }

# ===== nginx from source =====

# packages gcc make pcre-devel zlib-devel openssl-devel tar gzip
#   gcc: 4.8.5-44.el7
#   zlib-devel: 1.2.7-17.el7 -> 1.2.7-21.el7
(
true
) </dev/null

# user nginx
#   shell: /sbin/nologin
(
true
) </dev/null

# nginx 1.16.1 in /usr/local/nginx
#   version: 1.16.1
#   configure arguments: --with-http_ssl_module
#   checksum of the program: (known after apply)
#   Needs a file of the controller, put there first: /run/lvslab/uploads/nginx-1.16.1.tar.gz
(
cd /usr/local/src && tar -xf /run/lvslab/uploads/nginx-1.16.1.tar.gz
) </dev/null

# file /usr/local/nginx/html/index.html
#   content: (6 lines) -> I am 192.168.2.128
(
true
) </dev/null

# file /etc/systemd/system/nginx.service
#   content: (15 lines)
#   mode: 0644
(
true
) </dev/null

# ===== Real servers answer through the director =====

# file /etc/sysconfig/network-scripts/ifcfg-ens37
#   content: (7 lines) -> (11 lines)
(
true
) </dev/null

# service firewalld
#   running: yes -> no
#   at boot: enabled -> disabled
(
true
) </dev/null

#!/bin/sh
# On rs2, as root: 7 steps.
set -eu; umask 022; cd /
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
lvslab_progress() { echo "$1 of $2"; }

# ===== nginx from source =====

# packages gcc make pcre-devel zlib-devel openssl-devel tar gzip
#   gcc: 4.8.5-44.el7
#   zlib-devel: 1.2.7-17.el7 -> 1.2.7-21.el7
(
true
) </dev/null

# user nginx
#   shell: /sbin/nologin
(
true
) </dev/null

# nginx 1.16.1 in /usr/local/nginx
#   version: 1.16.1
#   configure arguments: --with-http_ssl_module
#   checksum of the program: (known after apply)
#   Needs a file of the controller, put there first: /run/lvslab/uploads/nginx-1.16.1.tar.gz
(
cd /usr/local/src && tar -xf /run/lvslab/uploads/nginx-1.16.1.tar.gz
) </dev/null

# file /usr/local/nginx/html/index.html
#   content: (6 lines) -> I am 192.168.2.129
(
true
) </dev/null

# file /etc/systemd/system/nginx.service
#   content: (15 lines)
#   mode: 0644
(
true
) </dev/null

# ===== Real servers answer through the director =====

# file /etc/sysconfig/network-scripts/ifcfg-ens37
#   content: (7 lines) -> (11 lines)
(
true
) </dev/null

# service firewalld
#   running: yes -> no
#   at boot: enabled -> disabled
(
true
) </dev/null

#!/bin/sh
# On director, as root: 3 steps.
set -eu; umask 022; cd /
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
lvslab_progress() { echo "$1 of $2"; }

# ===== Director =====

# sysctl net.ipv4.ip_forward
#   0 -> 1
(
sysctl -w net.ipv4.ip_forward=1
) </dev/null

# file /etc/sysconfig/ipvsadm.old
#   -A -t 192.168.4.133:80 -s rr
(
rm -f /etc/sysconfig/ipvsadm.old
) </dev/null

# virtual service 192.168.4.133:80
#   scheduler: rr -> wrr
#   weight of 192.168.2.129:80: 1 -> 2
#   192.168.2.131:80: masquerading, weight 1
#   192.168.2.128:80: masquerading, weight 1
(
ipvsadm -E -t 192.168.4.133:80 -s wrr
) </dev/null
