import { applyAndAct } from '../course/moments.ts';
import { networkFile } from './network-file.ts';
import { type Case, onBoth, type Scenario } from '../course/scenario.ts';
import { expectExitCode, type Site } from '../hosts/site.ts';

const PAGE = '/usr/local/nginx/html/index.html';
const THEIRS = '# somebody was here';

export const changedMeanwhile: Scenario = {
  fault: 'somebody changes the host while lvslab is at work there',
  injected:
    'the page that lvslab is about to write, or the file of the NIC, gets another line, with the host held still meanwhile: between the plan and the first step, between the journal and the step, between the arming of a change and its confirmation',
  answer:
    'a page that is not what it was when it was planned is left alone, and the step says so; the next run plans anew; a line that came to the file of the NIC while its change was pending stays',
  flavours: onBoth,
  place: 'real server',
  isInFastSubset: true,
  cases: () => [
    pageChanged('the page, between the plan and the first step', 'observed', { fast: true }),
    pageChanged('the page, between the journal and the step', 'play-started'),
    {
      moment: "the NIC's file, between arming and confirmation",
      run: async (site) => {
        await site.begin('fresh');
        const file = networkFile(site);
        const run = await applyAndAct(
          site,
          ({ type, host }) => type === 'step-confirming' && host === site.host.name,
          () => whileStill(site, `echo '${THEIRS}' >>${file}`),
        );
        // A line that changes nothing may stand in what is proved.
        if (run.exitCode !== 0) expectExitCode(run, 1);
        await expectLine(site, file);
        expectExitCode(await site.apply(), 0);
        await expectLine(site, file);
        await withoutLine(site, file);
        await site.expectRecovery('applied');
      },
    },
  ],
};

/** The page has to be mended, and is changed again when the run comes to an event. */
function pageChanged(moment: string, event: string, rest: Pick<Case, 'fast'> = {}): Case {
  return {
    ...rest,
    moment,
    run: async (site) => {
      await site.begin('applied');
      await site.host.run(`echo drift >>${PAGE}`);
      const run = await applyAndAct(
        site,
        ({ type, host }) => type === event && host === site.host.name,
        () => whileStill(site, `echo '${THEIRS}' >>${PAGE}`),
      );
      site.expectFailure(run, { code: 'E_STEP_FAILED', says: /changed by somebody else/ });
      await expectLine(site, PAGE);
      await site.expectRecovery('applied');
    },
  };
}

export const foreignEdit: Scenario = {
  fault: 'somebody edits a file that lvslab wrote',
  injected: 'a line is added on a host that was applied; then it is torn down',
  answer:
    'plan shows it where the file is lvslab’s alone; a teardown keeps what it did not write and says so, and `--overwrite` takes it away',
  flavours: onBoth,
  place: 'real server',
  isInFastSubset: false,
  cases: () =>
    [
      { file: () => '/usr/local/nginx/conf/nginx.conf', isPlanned: true },
      { file: () => '/etc/systemd/system/nginx.service', isPlanned: true },
      { file: networkFile, isPlanned: false },
    ].map(({ file: fileOf, isPlanned }, i): Case => ({
      moment: ['nginx.conf', 'the unit of nginx', "the NIC's file"][i] ?? '',
      run: async (site) => {
        await site.begin('applied');
        const file = fileOf(site);
        await site.host.run(`echo '${THEIRS}' >>${file}`);
        expectExitCode(await site.plan(), isPlanned ? 2 : 0);
        const run = await site.teardown();
        if (run.exitCode !== 0) expectExitCode(run, 1);
        const isThere = (await site.host.run(`grep -c '${THEIRS}' ${file} || :`)).trim() === '1';
        const said = `${JSON.stringify(run.events)}${run.stderr}`;
        if (!isThere && !said.includes(file)) {
          throw new Error(`the line in ${file} is gone, and nothing was said of it`);
        }
        if (isThere) await withoutLine(site, file);
        await site.expectRecovery('fresh', { extra: ['--overwrite'] });
      },
    })),
};

/** Does something on a host to which nothing else can happen meanwhile. */
async function whileStill(site: Site, command: string): Promise<void> {
  await site.host.freeze(true);
  try {
    await site.host.inside(command);
  } finally {
    await site.host.freeze(false);
  }
}

async function expectLine(site: Site, file: string): Promise<void> {
  await site.host.run(`grep -qxF '${THEIRS}' ${file}`);
}

async function withoutLine(site: Site, file: string): Promise<void> {
  await site.host.run(`sed -i '/^${THEIRS}$/d' ${file}`);
}
