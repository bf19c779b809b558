import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A source release as small as can be that is configured, made and installed the way nginx is. */
export function tinyNginx(
  folder: string,
  { version, sources = 4 }: { readonly version: string; readonly sources?: number },
): { readonly tarball: string; readonly sha256: string } {
  const name = `nginx-${version}`;
  const root = path.join(folder, name);
  mkdirSync(root);
  const objects = Array.from({ length: sources }, (_, i) => `objs/part${i}.o`);
  writeFileSync(
    path.join(root, 'configure'),
    `#!/bin/sh
set -e
for a; do case $a in --prefix=*) prefix=\${a#*=} ;; --fail) echo "configure: error: told to" >&2; exit 1 ;; esac; done
mkdir -p objs
sed "s|@PREFIX@|$prefix|; s|@ARGUMENTS@|$*|" Makefile.in >Makefile
`,
    { mode: 0o755 },
  );
  writeFileSync(
    path.join(root, 'Makefile.in'),
    `build: ${objects.join(' ')}
	cat ${objects.join(' ')} >objs/nginx
objs/%.o:
	echo cc -c -O \\
		-o $@ \\
		$*.c >/dev/null
	printf '#!/bin/sh\\necho "nginx version: nginx/${version}" >&2; echo "configure arguments: @ARGUMENTS@" >&2; exit 0\\n' >$@
install: build
	mkdir -p @PREFIX@/sbin @PREFIX@/html
	cp objs/nginx @PREFIX@/sbin/nginx
	chmod 755 @PREFIX@/sbin/nginx
	test -f @PREFIX@/html/index.html || echo Welcome >@PREFIX@/html/index.html
`,
  );
  const tarball = path.join(folder, `${name}.tar.gz`);
  execFileSync('tar', ['-czf', tarball, '-C', folder, name]);
  return { tarball, sha256: createHash('sha256').update(readFileSync(tarball)).digest('hex') };
}
