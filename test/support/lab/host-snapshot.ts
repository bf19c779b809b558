import { quote, sh, trusted } from '../../../src/engine/model/shell/script.ts';

/** What a line of a snapshot may say differently after apply and teardown, and why that is no harm. */
interface AllowedDifference {
  readonly line: RegExp;
  readonly reason: string;
  /** After a boot there is no such excuse. */
  readonly untilBoot?: true;
}

const allowedDifferences: readonly AllowedDifference[] = [
  {
    line: /^file \/etc\/(passwd|shadow|group|gshadow|subuid|subgid)- /,
    reason: 'the copies that useradd and userdel leave of what was there before them',
  },
  {
    line: /^file \/etc\/ld\.so\.cache /,
    reason: 'ldconfig writes it anew after packages come and go; what it lists is the same',
  },
  {
    line: /^file \/var\/lib\/systemd\/(random-seed|timers|catalog|deb-systemd-helper-enabled|deb-systemd-user-helper-enabled)/,
    reason: "systemd's and its package helpers' own books",
  },
  {
    line: /^file \/var\/lib\/(logrotate|private|dbus|NetworkManager|ucf)(\/| )/,
    reason: 'state that programs of the system keep as time goes by',
  },
  {
    line: /^active (systemd-hostnamed|systemd-timedated|systemd-localed|polkit)\.service$/,
    reason: 'started by whoever asks, over the bus, and gone again by itself',
  },
  {
    line: /^active (ldconfig|systemd-(hwdb-update|journal-catalog-update|sysusers|update-done))\.service$/,
    reason: 'ConditionNeedsUpdate: an image runs them at its first boot, and never again',
  },
  {
    line: /^sysctl net\.ipv4\.conf\.\S+\.promote_secondaries = /,
    reason: 'networkd turns it on for each NIC that it has configured once',
    untilBoot: true,
  },
  {
    line: /^active (NetworkManager|systemd-networkd)-wait-online\.service$/,
    reason:
      'the init script of ipvsadm asks for $network, and systemd waits for that before it starts it',
    untilBoot: true,
  },
];

/** The package manager's own books are left out: what is installed is compared by itself. */
const books = ['apt', 'dpkg', 'rpm', 'yum', 'dnf'].map((name) => `-path /var/lib/${name}`);

/**
 * Shell that prints all that a teardown must bring back, a line each: files with content, mode, owner and link target,
 * packages, users, units, kernel settings, addresses, routes, the IPVS table.
 */
export const snapshotScript = `sh -c ${quote(
  sh`export LC_ALL=C SYSTEMD_BUS_TIMEOUT=300s
## A list that was not told is no empty one.
units=$(systemctl list-unit-files --no-legend --no-pager) || exit
active=$(systemctl list-units --no-legend --no-pager --plain --state=active --type=service,socket,timer) || exit
compared() { find /etc /usr/local /var/lib -xdev '(' ${trusted(books.join(' -o '))} ')' -prune -o "$@"; }
compared -printf 'file %p %y %m %U:%G %l\n' | sort
compared -type f -exec sha256sum {} + | sed 's/^\([0-9a-f]*\)  \(.*\)$/file \2 content \1/' | sort
{ dpkg-query -W -f '\${Package} \${Version} \${db:Status-Status}\n' 2>/dev/null || rpm -qa; } | sort | sed 's/^/package /'
{ apt-mark showmanual 2>/dev/null || :; } | sort | sed 's/^/manual /'
getent passwd | sed 's/^/user /'; getent group | sed 's/^/group /'
printf '%s\n' "$units" | awk '{ print "unit-file", $1, $2 }'
printf '%s\n' "$active" | awk '{ print "active", $1 }'
sysctl net.ipv4.ip_forward net.ipv4.conf 2>/dev/null | sed 's/^/sysctl /'
ip -o -4 addr | awk '{ print "address", $2, $4 }'
ip -4 route | sed 's/^/route /; s/ *$//'
cat /proc/net/ip_vs 2>/dev/null | sed 's/^/ipvs /'
cat /proc/modules | awk '/^ip_vs/ { print "module", $1 }'`.text,
)}`;

/**
 * The same, when the boot is through, or after two minutes: logins are let in earlier, and what is still being started then would
 * be a difference later.
 */
export const bootedSnapshotScript = `timeout 120 systemctl is-system-running --wait >/dev/null 2>&1; ${snapshotScript}`;

/**
 * The lines in which two snapshots differ, without those that may.
 * @param isBooted whether the host has been booted since the change that is looked for.
 */
export function snapshotDifferences(
  before: string,
  after: string,
  { isBooted = false }: { readonly isBooted?: boolean } = {},
): readonly string[] {
  const excused = allowedDifferences.filter(({ untilBoot }) => untilBoot !== true || !isBooted);
  const [old, now] = [before, after].map((text) => new Set(text.split('\n')));
  if (old === undefined || now === undefined) return [];
  return [
    ...[...old].filter((line) => !now.has(line)).map((line) => `- ${line}`),
    ...[...now].filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ].filter((line) => !excused.some((allowed) => allowed.line.test(line.slice(2))));
}
