import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** While this file exists on a host, the build waits: the moment for a fault in the middle of a step. */
export const HOLD_FILE = '/run/fault-hold';

/** The test page that `make install` brings, as nginx's does. */
export const PACKAGED_PAGE = 'Welcome\n';

/** A release of nginx as small as can be: configured, compiled, installed, started and stopped as the real one is. */
export interface TinyRelease {
  readonly version: string;
  readonly tarball: string;
  readonly sha256: string;
}

const version = '1.22.1';

/** Writes the release into the folder; its size is enough to be cut off in the middle of an upload. */
export function makeTinyRelease(folder: string): TinyRelease {
  const name = `nginx-${version}`;
  const root = path.join(folder, name);
  mkdirSync(root, { recursive: true });
  writeFileSync(path.join(root, 'configure'), configure, { mode: 0o755 });
  writeFileSync(path.join(root, 'Makefile.in'), makefile);
  writeFileSync(path.join(root, 'nginx.c'), source);
  writeFileSync(path.join(root, 'padding'), randomBytes(1_000_000));
  const tarball = path.join(folder, `${name}.tar.gz`);
  execFileSync('tar', ['-czf', tarball, '-C', folder, name]);
  return {
    version,
    tarball,
    sha256: createHash('sha256').update(readFileSync(tarball)).digest('hex'),
  };
}

const configure = `#!/bin/sh
set -e
for a; do case $a in --prefix=*) prefix=\${a#*=} ;; esac; done
mkdir -p objs
sed "s|@PREFIX@|$prefix|; s|@ARGUMENTS@|$*|" Makefile.in >Makefile
`;

const makefile = `PREFIX = @PREFIX@
build: objs/nginx.o
	cc -o objs/nginx objs/nginx.o
objs/nginx.o:
	while [ -e ${HOLD_FILE} ]; do sleep 0.1; done
	cc -c -DPREFIX='"$(PREFIX)"' -DARGUMENTS='"@ARGUMENTS@"' -o objs/nginx.o nginx.c
install: build
	mkdir -p $(PREFIX)/sbin $(PREFIX)/html $(PREFIX)/conf $(PREFIX)/logs
	cp objs/nginx $(PREFIX)/sbin/nginx
	test -f $(PREFIX)/html/index.html || printf '${PACKAGED_PAGE.trim()}\\n' >$(PREFIX)/html/index.html
`;

/** Answers -V, checks that its configuration closes its braces, and runs until it is told to quit. */
const source = `#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#define PIDFILE PREFIX "/logs/nginx.pid"
static int check(void) {
  FILE *f = fopen(PREFIX "/conf/nginx.conf", "r");
  int c, depth = 0;
  if (!f) { perror("nginx.conf"); return 1; }
  while ((c = getc(f)) != EOF) {
    if (c == '{') depth++;
    if (c == '}') depth--;
    if (c > 126) depth = 1000;
  }
  fclose(f);
  if (depth) fprintf(stderr, "nginx: [emerg] nginx.conf makes no sense\\n");
  return depth != 0;
}
static void quit(int s) { (void)s; unlink(PIDFILE); _exit(0); }
int main(int argc, char **argv) {
  pid_t pid;
  FILE *f;
  if (argc > 1 && !strcmp(argv[1], "-V")) {
    fprintf(stderr, "nginx version: nginx/${version}\\nconfigure arguments: " ARGUMENTS "\\n");
    return 0;
  }
  if (argc > 1 && !strcmp(argv[1], "-t")) return check();
  if (argc > 1 && !strcmp(argv[1], "-s")) {
    f = fopen(PIDFILE, "r");
    if (!f || fscanf(f, "%d", &pid) != 1) return 1;
    fclose(f);
    return kill(pid, strcmp(argv[2], "reload") ? SIGTERM : SIGHUP) != 0;
  }
  if (check()) return 1;
  signal(SIGHUP, SIG_IGN);
  pid = fork();
  if (pid > 0) {
    f = fopen(PIDFILE, "w");
    if (!f) { perror("nginx.pid"); return 1; }
    fprintf(f, "%d\\n", pid);
    return fclose(f) != 0;
  }
  setsid();
  fclose(stdin); fclose(stdout); fclose(stderr);
  signal(SIGTERM, quit);
  for (;;) pause();
}
`;
