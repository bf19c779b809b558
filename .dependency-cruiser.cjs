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
    layer('ipvs', []),
    layer('platforms', ['engine']),
    layer('resources', ['engine', 'platforms', 'ipvs', 'templates.ts']),
    layer('downloads', ['engine', 'resources']),
    layer('inventory', ['engine']),
    layer('topology', ['inventory', 'ipvs', 'engine']),
    layer('transport', ['engine']),
    layer('verify', ['topology', 'ipvs', 'engine']),
    layer('embedded', ['engine', 'transport']),
    layer('reporters', ['engine', 'ipvs', 'topology']),
    layer('wizard', ['inventory', 'topology', 'engine']),
    layer('templates.ts', ['engine']),
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
      from: { path: '^src/(inventory|topology|wizard)/' },
      to: { path: '^src/engine/', pathNot: '^src/engine/(errors|secret)[.]ts$' },
    },
    libraryOf('listr2', ['reporters']),
    libraryOf('inquirer', ['wizard', 'cli']),
    libraryOf('node-ssh|ssh2', ['transport']),
    libraryOf('zx', ['embedded']),
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
