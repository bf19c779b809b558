import { availableParallelism } from 'node:os';
import jestConfig from './jest.config.js';

// The pure logic and its tests; what runs on a host is shell, which the integration tests and `npm run test:teeth` try.
// Stryker merges this into jest.config.js: its `projects` would stay, and the tests of every project would judge.
const unit = { ...jestConfig.projects[0], projects: null };
delete unit.displayName;
// MUTANT_TESTS: a folder of test/unit, where only its tests shall judge.
const tests = process.env.MUTANT_TESTS ?? '**';

export default {
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning'],
  jest: {
    projectType: 'custom',
    config: {
      ...unit,
      testMatch: [`<rootDir>/test/unit/${tests}/*.test.ts`],
      testTimeout: jestConfig.testTimeout,
    },
    enableFindRelatedTests: true,
  },
  coverageAnalysis: 'perTest',
  dryRunTimeoutMinutes: 60,
  // A machine that is busy with something else is no mutant that never ends.
  timeoutMS: 60_000,
  // Node keeps every module that a test has loaded by `import`: a process that goes on gets slower with each mutant.
  maxTestRunnerReuse: 40,
  mutate: ['src/{engine,resources,ipvs,lab,verify}/**/*.ts'],
  // Messages for people, and shell.
  mutator: { excludedMutations: ['StringLiteral'] },
  ignorePatterns: ['dist', 'coverage', 'bench', '.ci'],
  concurrency: Math.max(1, availableParallelism() - 1),
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { logTests: false, allowColor: false },
  tempDirName: 'coverage/mutants',
};
