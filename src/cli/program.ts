import { Command, Option } from 'commander';
import {
  addAccessFlags,
  addChangeFlags,
  addChoiceFlags,
  addEmbeddedFlags,
  addHostFlags,
  addInventoryFlags,
  addOutputFlags,
  addPlayFlags,
  addTeardownFlags,
  count,
  extraVars,
  onlyInventory,
  probe,
  repeatable,
} from './options.ts';

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

/** Runs what `load` brings only when the command is really given: nothing is loaded for a help page. */
function run<Args extends readonly unknown[]>(
  load: () => Promise<(...args: Args) => Promise<number>>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    const { runCommand } = await import('./run-command.ts');
    const command = await load();
    // Commander's last argument is its own command, the one before that its options.
    const given = args.at(-1) as Command;
    const { readInvocation } = await import('./hints/invocation.ts');
    const { groupFlags } = await import('./group-flags.ts');
    const facts = { script: process.argv[1] ?? '', cwd: process.cwd(), env: process.env };
    const flags = groupFlags({ ...given.opts(), invocation: readInvocation(given, facts) });
    const completed = args.with(-2, flags) as unknown as Args;
    process.exitCode = await runCommand(() => command(...completed), flags.output);
  };
}

/** The whole command line: commands, options, help; nothing else is loaded until a command is given. */
export function buildProgram(): Command {
  const program = new Command('lvslab')
    .description('Sets up, proves, breaks, explains and removes LVS load-balancing labs over SSH.')
    .version('0.1.0')
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for what can be given)')
    .enablePositionalOptions()
    .exitOverride()
    .addHelpText(
      'after',
      `
Begin with:
  lvslab demo             the whole lab on this machine, from nothing
  lvslab init lab.yml     a lab of your own machines: asks, writes the inventory
  lvslab apply --help     each command has its own help, with examples`,
    );

  program
    .command('demo')
    .description('the whole lab on this machine, from nothing: boot, provision, prove, break')
    .addHelpText('after', examples('lvslab demo', 'lvslab demo --flavour el7 --down'))
    .option('--down', 'remove the embedded lab at the end')
    .addOption(
      new Option(
        '--all-modes',
        'one mode after the other instead of the drill, and at the end what was measured in each, and without what it fails',
      ).conflicts('mode'),
    )
    .action(run(async () => (await import('./commands/demo.ts')).demo));
  const demo = program.commands.at(-1);
  if (demo !== undefined) addOutputFlags(addEmbeddedFlags(demo));

  addInit(program);

  addPlayFlags(program.command('plan'))
    .description('show what apply would change; exit status 0 nothing, 2 changes, 1 error')
    .addHelpText(
      'after',
      examples(
        'lvslab plan -i inventory/centos7.yml',
        'lvslab plan -i lab.yml -l real_servers',
        'lvslab plan -i lab.yml --ask-become-pass --vault-password-file ~/.vault',
      ),
    )
    .action(run(async () => (await import('./commands/plan.ts')).plan));

  addChangeFlags(addPlayFlags(program.command('apply')))
    .description('make the hosts as the playbook says: plan, ask, change, prove')
    .addOption(probe())
    .addHelpText(
      'after',
      examples(
        'lvslab apply -i inventory/centos7.yml',
        'lvslab apply -i lab.yml -e lvs_scheduler=rr --yes',
        'lvslab apply -i lab.yml --verbose --limit rs1 --playbook own.ts',
        'lvslab apply -i lab.yml --ask-pass --host-key-checking strict',
      ),
    )
    .action(run(async () => (await import('./commands/change/apply.ts')).apply));

  addOutputFlags(addInventoryFlags(program.command('verify')))
    .description('prove with real traffic that the director balances as it should')
    .option('--requests <n>', 'how many connections to make', count, 300)
    .option('--no-restart', "leave out the restart of the director's ipvsadm service")
    .option(
      '--controls',
      'also show that the checks can fail: take what they are about away for a moment, and put it back',
    )
    .addHelpText(
      'after',
      examples('lvslab verify -i lab.yml', 'lvslab verify -i lab.yml --requests 30 --no-restart'),
    )
    .action(run(async () => (await import('./commands/proof/verify.ts')).verify));

  addOutputFlags(addInventoryFlags(program.command('drill')))
    .description('stop the real servers one by one and see that the director does not take over')
    .addOption(probe())
    .addHelpText('after', examples('lvslab drill -i lab.yml', 'lvslab drill -i lab.yml --json'))
    .action(run(async () => (await import('./commands/proof/drill.ts')).drill));

  addOutputFlags(addInventoryFlags(program.command('trace')))
    .description('show one request on every wire: who sends it on, and what is rewritten')
    .option('--install', 'install tcpdump where it is missing, and remove it afterwards')
    .option('--write <dir>', 'write what was captured there, a pcap file a host')
    .addHelpText(
      'after',
      examples('lvslab trace -i lab.yml', 'lvslab trace -i lab.yml --write captures --verbose'),
    )
    .action(run(async () => (await import('./commands/proof/trace.ts')).trace));

  addOutputFlags(addInventoryFlags(program.command('diagnose')))
    .description(
      'name what is wrong, show it, and say what mends it; exit status 0 healthy, 1 named, 3 unnamed',
    )
    .option('--requests <n>', 'how many connections to make', count, 12)
    .option('--trace', 'where requests fail, follow one on every wire, and say where it was lost')
    .option('--save <file>', 'keep all that was read as a file, without secrets')
    .addHelpText(
      'after',
      examples(
        'lvslab diagnose -i lab.yml',
        'lvslab diagnose -i lab.yml --trace',
        'lvslab diagnose -i lab.yml --verbose --json',
      ),
    )
    .action(run(async () => (await import('./commands/proof/diagnose.ts')).diagnose));

  addFaultCommands(program);

  addTeardownFlags(addHostFlags(program.command('teardown')))
    .description('undo what lvslab did on the hosts: plan, ask, change, prove')
    .addOption(probe())
    .addOption(
      repeatable('-p, --playbook <file>', 'a playbook of your own, for the kinds that it defines'),
    )
    .addOption(repeatable('--only <resource>', 'undo only this, as the plan calls it'))
    .addHelpText(
      'after',
      examples(
        'lvslab teardown -i lab.yml',
        "lvslab teardown -i lab.yml --only 'sysctl net.ipv4.ip_forward'",
        'lvslab teardown -i lab.yml --playbook own.ts',
      ),
    )
    .action(run(async () => (await import('./commands/change/teardown.ts')).teardown));

  addTeardownFlags(addPlayFlags(program.command('reprovision')))
    .description('teardown, apply and verify, with one plan and one question')
    .addHelpText('after', examples('lvslab reprovision -i lab.yml --yes'))
    .action(run(async () => (await import('./commands/change/reprovision.ts')).reprovision));

  addHostFlags(program.command('unlock'))
    .description('remove the locks that runs have left on hosts')
    .option('-y, --yes', "don't ask before removing one")
    .addHelpText('after', examples('lvslab unlock -i lab.yml', 'lvslab unlock -i lab.yml -l rs1'))
    .action(run(async () => (await import('./commands/change/unlock.ts')).unlock));

  addChoiceFlags(program.command('export'))
    .description('print what apply would do as a shell script to read or to type by hand')
    .addHelpText('after', examples('lvslab export -i lab.yml > by-hand.sh'))
    .action(run(async () => (await import('./commands/export.ts')).exportPlan));

  const doctor = program
    .command('doctor')
    .description('can this machine, and the hosts of an inventory, do it; and if not, why')
    .option('-i, --inventory <file>', 'look at the hosts of this inventory too', onlyInventory)
    .option('-l, --limit <pattern>', 'look only at these hosts (names, groups, !x, &x, wildcards)')
    .addOption(extraVars());
  addOutputFlags(addAccessFlags(doctor))
    .addHelpText(
      'after',
      examples(
        'lvslab doctor',
        'lvslab doctor -i inventory/centos7.yml',
        'lvslab doctor -i lab.yml -l rs1',
      ),
    )
    .action(run(async () => (await import('./commands/doctor.ts')).doctor));

  addLabCommands(
    program.command('lab').description('the embedded lab: four hosts on this machine'),
  );
  return program;
}

function addFaultCommands(program: Command): void {
  addOutputFlags(addInventoryFlags(program.command('hint')))
    .description('one step towards what is wrong: a question, and a command that answers it')
    .option('--step <n>', 'which step', count, 1)
    .option('--requests <n>', 'how many connections to make', count, 12)
    .addHelpText('after', examples('lvslab hint -i lab.yml', 'lvslab hint -i lab.yml --step 2'))
    .action(run(async () => (await import('./commands/exercise/hint.ts')).hint));

  addOutputFlags(addInventoryFlags(addChangeFlags(program.command('break')), 'optional'))
    .description('make a mistake in a lab on purpose, as an exercise; `lvslab mend` undoes it')
    .argument('[fault]', 'which: L03; --list shows them all')
    .option('--random', 'one that is not told')
    .option('--list', 'show what can be broken in the lab; without an inventory, in any')
    .option('--on <host>', 'on which real server; without it, the first')
    .addHelpText(
      'after',
      examples(
        'lvslab break L03 -i lab.yml',
        'lvslab break --random -i lab.yml --yes',
        'lvslab break L01 -i lab.yml --on rs2',
        'lvslab break --list',
      ),
    )
    .action(run(async () => (await import('./commands/exercise/break.ts')).breakLab));

  addChangeFlags(addPlayFlags(program.command('mend')))
    .description('undo what `lvslab break` has done: plan, ask, change, prove')
    .addHelpText('after', examples('lvslab mend -i lab.yml', 'lvslab mend -i lab.yml --yes'))
    .action(run(async () => (await import('./commands/exercise/mend.ts')).mend));
}

function addInit(program: Command): void {
  program
    .command('init')
    .description('describe a new lab: asks for what it needs and writes an inventory')
    .argument('[file]', 'the inventory to write (lab.yml)')
    .addOption(repeatable('-a, --answer <name=value>', 'answer a question beforehand'))
    .option('--answers <file>', 'answers, as a YAML file')
    .addOption(new Option('--from <source>', 'answers that are ready').choices(['tutorial']))
    .addOption(
      new Option('--embedded', 'the inventory of the embedded lab').conflicts([
        'answer',
        'answers',
        'from',
      ]),
    )
    .option('-n, --name <name>', 'which embedded lab (lvslab)')
    .option('--force', 'replace the file where it is there already')
    .option('--no-probe', 'log in to no host to see what is there')
    .option('--plan', 'plan at once')
    .option('--no-plan', "don't ask whether to plan")
    .addHelpText(
      'after',
      examples(
        'lvslab init',
        'lvslab init --from tutorial centos7.yml',
        'lvslab init --embedded -n lvtwo lab.yml',
        'lvslab init --answers answers.yml -a scheduler=rr lab.yml',
      ),
    )
    .action(run(async () => (await import('./commands/init.ts')).init));
}

function addLabCommands(lab: Command): void {
  lab.addHelpText('after', examples('lvslab lab up', 'lvslab lab status', 'lvslab lab down'));
  addOutputFlags(addEmbeddedFlags(lab.command('up')))
    .description('boot the hosts; does nothing for those that run already')
    .addHelpText('after', examples('lvslab lab up', 'lvslab lab up --flavour debian-nm'))
    .action(run(async () => (await import('./commands/lab.ts')).labUp));
  addOutputFlags(lab.command('down'))
    .option('-n, --name <name>', 'which embedded lab', 'lvslab')
    .description('stop the hosts and leave nothing behind')
    .addHelpText('after', examples('lvslab lab down', 'lvslab lab down -n second'))
    .action(run(async () => (await import('./commands/lab.ts')).labDown));
  addOutputFlags(lab.command('prune'))
    .description('remove cached images that neither this version nor a lab needs')
    .addHelpText('after', examples('lvslab lab prune'))
    .action(run(async () => (await import('./commands/lab.ts')).labPrune));
  addOutputFlags(lab.command('status'))
    .option('-n, --name <name>', 'which embedded lab', 'lvslab')
    .description('show the hosts and how they are run')
    .addHelpText('after', examples('lvslab lab status', 'lvslab lab status --json'))
    .action(run(async () => (await import('./commands/lab.ts')).labStatus));
  lab
    .command('ssh')
    .argument('<host>', 'director, rs1, rs2 or client')
    .argument('[command...]', 'what to run there; without it, a shell')
    .option('-n, --name <name>', 'which embedded lab', 'lvslab')
    .description('log in to a host')
    .addHelpText(
      'after',
      examples('lvslab lab ssh director', 'lvslab lab ssh client curl -s http://192.168.4.133/'),
    )
    .passThroughOptions()
    .action(run(async () => (await import('./commands/lab.ts')).labSsh));
  lab
    .command('inventory')
    .option('-n, --name <name>', 'which embedded lab', 'lvslab')
    .description('print the inventory that reaches the hosts')
    .addHelpText('after', examples('lvslab lab inventory > lab.yml'))
    .action(run(async () => (await import('./commands/lab.ts')).labInventory));
}
