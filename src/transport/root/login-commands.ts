import { SEARCH_PATH } from '../../engine/host/observe.ts';
import { type Script, sh, trusted } from '../../engine/model/shell/script.ts';
import { type Become } from './root-rights.ts';

/** What a host may need to reach the world; all else that a login leaves in the environment is dropped. */
const PROXIES = ['http_proxy', 'https_proxy', 'ftp_proxy', 'all_proxy', 'no_proxy'] as const;

const kept = trusted(
  [...PROXIES, ...PROXIES.map((name) => name.toUpperCase())]
    .map((name) => sh`\${${name}:+"${name}=$${name}"}`.text)
    .join(' '),
);

/** An environment of our own: PATH, locale, and the proxies. */
const clean = sh`/usr/bin/env -i PATH=${SEARCH_PATH} LC_ALL=C ${kept}`;

/** What makes a shell, or the loader of programs, behave in another way before it has read its first word. */
const MISLEADING = [
  ...['SHELLOPTS', 'BASHOPTS', 'BASH_ENV', 'BASH_XTRACEFD', 'ENV', 'POSIXLY_CORRECT', 'IFS'],
  ...['LD_PRELOAD', 'LD_LIBRARY_PATH'],
];

/** Runs as the login user: $1 AS_LOGIN_USER, $2 AS_ROOT, $3 the nonce. Reads the environment once, for what is kept of it. */
const CLEAN = inOneLine(sh`exec ${clean} /bin/sh -c "$1" sh "$2" "$3" "\${SSH_CONNECTION-}"`);

/** Says that the login files are through, and becomes root: $1 AS_ROOT, $2 the nonce, $3 where the connection comes from. */
const AS_LOGIN_USER: Readonly<Record<Become['kind'], string>> = {
  never: asLoginUser(sh`
    echo "$2-not-root" >&2
    exit 1
  `),
  sudo: asLoginUser(sh`exec sudo -H -n /bin/sh -c "$1" sh "$2" "$3"`),
  'sudo-with-password': asLoginUser(
    sh`exec sudo -H -S -p "$2-password:" /bin/sh -c "$1" sh "$2" "$3"`,
  ),
};

/** Who is root already goes on in the same shell: its environment is clean, and each program that a login starts takes its time. */
function asLoginUser(becomeRoot: Script): string {
  return inOneLine(sh`
    echo "$2-login" >&2
    while read -r key _ uid _; do [ "$key" = Uid: ] && break; done 2>/dev/null </proc/self/status
    [ "\${uid:-$(id -u)}" = 0 ] && as_root=$1 && set -- "$2" "$3" clean && eval "$as_root"
    ${becomeRoot}
  `);
}

/** Ends as the shell that reads the script, in an environment that sudo and PAM have added nothing to. */
const becomeShell = inOneLine(sh`
  [ -z "$3" ] || [ -z "$2" ] || export SSH_CONNECTION="$2"
  [ -z "$3" ] || { export HOME USER=root LOGNAME=root; unset PWD OLDPWD; }
  [ -z "$3" ] || exec /bin/sh -s
  exec ${clean} HOME="$HOME" USER=root LOGNAME=root \${SUDO_UID:+"SUDO_UID=$SUDO_UID"} \${2:+"SSH_CONNECTION=$2"} /bin/sh -s
`);

/**
 * Runs as root, $1 the nonce, $2 where the connection comes from, $3 set where the environment is clean already: says that it is
 * there, and skips what comes before the nonce.
 */
const AS_ROOT = inOneLine(sh`
  cd /
  echo "$1-ready"
  echo "$1-ready" >&2
  HOME=~root
  while IFS= read -r line; do [ "$line" = "$1" ] && { ${trusted(becomeShell)}; }; done
  echo "$1-eaten" >&2
  exit 1
`);

/** csh ends a quoted word at the end of a line. */
function inOneLine(script: Script): string {
  return script.text.replaceAll('\n', '; ');
}

/**
 * The program that a login shell, whichever it is, starts to get to a shell as root, as its words: no single quote, no '!' and
 * no line end in them, which csh would read in another way. All the programs before the environment is clean have their
 * whole paths: the login shell's PATH and functions may be anything.
 */
export function loginCommand(become: Become, nonce: string): readonly string[] {
  const unset = MISLEADING.flatMap((name) => ['-u', name]);
  const words = [CLEAN, 'sh', AS_LOGIN_USER[become.kind], AS_ROOT, nonce];
  return ['/usr/bin/env', ...unset, 'LC_ALL=C', '/bin/sh', '-c', ...words];
}

/** The same for a restricted login shell, which starts nothing by a path, and can't have redefined a command either. */
export function restrictedLoginCommand(become: Become, nonce: string): readonly string[] {
  const [, ...words] = loginCommand(become, nonce);
  return ['env', ...words];
}

/** Status of a shell of somebody's that has read what is meant for ours. */
export const STRAY_STATUS = 97;

/** As many reads of the login files do no harm: they get one of these lines each. */
const STRAY_LINES = 8;

/**
 * What goes before the nonce: any shell that the login files have started instead ends at its first line, and runs nothing
 * of the script.
 */
export const endStrayShells = `exit ${STRAY_STATUS}\n`.repeat(STRAY_LINES);

/** Said by the login user's side, once the login files are through. */
export function loginMark(nonce: string): string {
  return `${nonce}-login\n`;
}

/** Said as root when the standard input has ended before the script came. */
export function eatenMark(nonce: string): string {
  return `${nonce}-eaten\n`;
}
