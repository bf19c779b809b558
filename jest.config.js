const base = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^lvslab$': '<rootDir>/src/index.ts' },
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'typescript' } } }],
  },
};

export default {
  projects: [
    // Pure logic, as data; no process, no socket.
    { ...base, displayName: 'unit', testMatch: ['<rootDir>/test/unit/**/*.test.ts'] },
    // Real programs of this machine: sh, sshd on loopback, ansible-inventory where it is installed.
    { ...base, displayName: 'integration', testMatch: ['<rootDir>/test/integration/**/*.test.ts'] },
    // What takes longer than a person waits for after every change: hosts that are slow on purpose, thousands of inputs.
    { ...base, displayName: 'slow', testMatch: ['<rootDir>/test/slow/**/*.test.ts'] },
    // The embedded lab: real systemd, real IPVS; needs root.
    { ...base, displayName: 'lab', testMatch: ['<rootDir>/test/lab/**/*.test.ts'] },
    // Every command beside every evil host, as root; some minutes.
    { ...base, displayName: 'evil', testMatch: ['<rootDir>/test/evil/all.evil.ts'] },
    // Every fault at every moment, on the embedded lab; half an hour.
    { ...base, displayName: 'faults', testMatch: ['<rootDir>/test/lab/faults/*.faults.ts'] },
    // The lab where its hosts are slow on purpose, and where it is killed at each of its moments; a quarter of an hour.
    { ...base, displayName: 'embedded', testMatch: ['<rootDir>/test/lab/embedded/*.embedded.ts'] },
    // The whole life of a lab in the modes beside LVS-NAT; ten minutes, and an hour more where real servers are emulated.
    { ...base, displayName: 'modes', testMatch: ['<rootDir>/test/lab/modes/*.modes.ts'] },
    // The whole life of a lab on each flavour; an hour.
    {
      ...base,
      displayName: 'flavours',
      testMatch: ['<rootDir>/test/lab/flavours/all.flavours.ts'],
    },
    // Networks of real hosts and random ones, on each flavour, with real boots; most of an hour.
    {
      ...base,
      displayName: 'networks',
      testMatch: ['<rootDir>/test/lab/networks/all.networks.ts'],
    },
    // Each cause that `diagnose` names, made on the embedded lab; a quarter of an hour and more.
    {
      ...base,
      displayName: 'diagnose',
      testMatch: ['<rootDir>/test/lab/diagnose/all.diagnose.ts'],
    },
    // The whole demo inside a virtual machine whose kernel has IPVS; half an hour and more where it is emulated.
    {
      ...base,
      displayName: 'container-director',
      testMatch: ['<rootDir>/test/lab/container-director/whole-demo.machine.ts'],
    },
    // What becomes of traffic while one thing is changed in a lab that serves; a quarter of an hour and more.
    {
      ...base,
      displayName: 'promises',
      testMatch: ['<rootDir>/test/lab/promises/all.promises.ts'],
    },
    // Sources with mistakes in them, which a test has to notice; as root, some minutes.
    { ...base, displayName: 'teeth', testMatch: ['<rootDir>/test/teeth/all.teeth.ts'] },
    // One whole life of a lab while every core is busy eight times over.
    { ...base, displayName: 'load', testMatch: ['<rootDir>/test/lab/load/whole-cycle.load.ts'] },
  ],
  // What a test may take says nothing about speed: a busy machine with two cores is slow at times.
  testTimeout: 300_000,
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts'],
  testSequencer: '<rootDir>/test/support/long-first-sequencer.js',
  // Tests wait for sockets and programs more than they compute.
  maxWorkers: '100%',
  workerIdleMemoryLimit: '512MB',
  reporters: ['default', '<rootDir>/test/support/closing-line-reporter.js'],
};
