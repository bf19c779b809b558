// Makes dist/: types by tsc, which checks all of it, and the program in few files by esbuild. Node takes longer to find and
// read hundreds of small files than lvslab takes for its own work.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}dist`;
/** A run that began before may still load a part of what was there. */
const KEPT_MS = 24 * 60 * 60 * 1000;

const tsc = `${root}node_modules/typescript/bin/tsc`;
const { status } = spawnSync(process.execPath, [tsc, '-p', `${root}tsconfig.build.json`], {
  stdio: ['ignore', 2, 2],
});
if (status !== 0) process.exit(1);

/** Libraries that find their own parts by where they lie, or that only some commands load. */
const APART = ['ssh2', 'node-ssh', 'jiti', 'inquirer', 'listr2', 'zx'];
/** For the libraries that are CommonJS: they load Node's own parts so. */
const REQUIRE =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** What the program says is English: zod's words in forty other languages are left out. */
const englishOnly = {
  name: 'english-only',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[/\\]zod[/\\]v4[/\\]locales[/\\]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

const { metafile } = await build({
  absWorkingDir: root,
  // The program and what playbooks import share their parts: a resource kind is the same for both.
  entryPoints: { index: 'src/index.ts', main: 'src/cli/main.ts' },
  outdir: 'dist',
  chunkNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  external: APART,
  plugins: [englishOnly],
  // All of it is read at each start. Names stay, for whoever reads a stack.
  minifyWhitespace: true,
  minifySyntax: true,
  banner: { js: REQUIRE },
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  metafile: true,
  logLevel: 'warning',
});

const made = new Set(Object.keys(metafile.outputs).map((file) => file.replace('dist/', '')));
for (const name of readdirSync(folder)) {
  const file = `${folder}/${name}`;
  const isCode = name.endsWith('.js') || name.endsWith('.js.map');
  if (!isCode || made.has(name) || Date.now() - statSync(file).mtimeMs < KEPT_MS) continue;
  rmSync(file);
}
