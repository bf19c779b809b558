/** The import table of docs/architecture.md, as rules. */
const part = (name) => `^src/${name}/`;

/** `from` may import from src/ only itself and `allowed`. */
function layer(from, allowed) {
  const own = [from, ...allowed].map((name) => (name.includes('.') ? `^src/${name}` : part(name)));
  return {
    name: `layer-${from.replace(/\W/g, '-')}`,
    severity: 'error',
    from: {
      path:
        from.includes('.') || from === 'playbooks'
          ? `^${from === 'playbooks' ? '' : 'src/'}${from}`
          : part(from),
    },
    to: { path: '^src/', pathNot: own },
  };
}

/** Of the part `of`, the wing `from` may import only itself and the wings `allowed`. */
function wing(of, from, allowed) {
  const own = [from, ...allowed].map((name) => part(`${of}/${name}`));
  return {
    name: `wing-${of}-${from}`,
    severity: 'error',
    from: { path: part(`${of}/${from}`) },
    to: { path: part(of), pathNot: own },
  };
}

/** `library` may be imported only by `parts`. */
function libraryOf(library, parts) {
  return {
    name: `only-${parts.join('-')}-imports-${library}`,
    severity: 'error',
    from: { path: '^(src|playbooks)/', pathNot: parts.map(part) },
    to: { path: `node_modules/(${library})/` },
  };
}

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    layer('engine', []),
    wing('engine', 'model', []),
    wing('engine', 'host', ['model']),
    wing('engine', 'journal', ['host', 'model']),
    wing('engine', 'detached', ['host', 'model']),
    wing('engine', 'rollback', ['host', 'model']),
    wing('engine', 'session', ['rollback', 'detached', 'journal', 'host', 'model']),
    wing('engine', 'apply', ['session', 'rollback', 'detached', 'journal', 'host', 'model']),
    layer('net', []),
    layer('ipvs', ['net']),
    layer('platforms', ['engine', 'net', 'templates.ts']),
    layer('resources', ['engine', 'platforms', 'ipvs', 'net', 'templates.ts']),
    layer('downloads', ['engine', 'resources']),
    layer('inventory', ['engine', 'net']),
    layer('lab', ['inventory', 'ipvs', 'net', 'engine']),
    layer('transport', ['engine', 'net']),
    layer('verify', ['lab', 'ipvs', 'net', 'engine', 'platforms']),
    layer('trace', ['verify', 'lab', 'ipvs', 'net', 'engine']),
    layer('diagnose', ['verify', 'lab', 'ipvs', 'net', 'engine', 'platforms']),
    layer('faults', [
      'engine',
      'resources',
      'platforms',
      'ipvs',
      'lab',
      'net',
      'playbook.ts',
      'templates.ts',
    ]),
    layer('embedded', ['engine', 'transport', 'project-files.ts']),
    layer('reporters', ['engine', 'ipvs', 'net', 'lab', 'diagnose']),
    layer('wizard', ['inventory', 'lab', 'net', 'engine']),
    layer('project-files.ts', []),
    layer('templates.ts', ['engine', 'project-files.ts']),
    {
      name: 'playbooks-import-the-public-entry-only',
      severity: 'error',
      from: { path: '^playbooks/' },
      to: { path: '^src/', pathNot: '^src/index[.]ts$' },
    },
    {
      name: 'nobody-imports-cli',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'inventory-and-others-take-only-errors-and-secrets-from-the-engine',
      severity: 'error',
      from: { path: '^src/(inventory|lab|wizard)/' },
      to: { path: '^src/engine/', pathNot: '^src/engine/model/(failures/errors|secret)[.]ts$' },
    },
    libraryOf('ipaddr[.]js', ['net']),
    libraryOf('listr2', ['reporters']),
    libraryOf('inquirer', ['wizard', 'cli']),
    libraryOf('node-ssh|ssh2', ['transport']),
    libraryOf('zx', ['embedded']),
    libraryOf('binary-parser', ['trace']),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types'],
    },
  },
};
