import { printSavedTable } from '../../../src/ipvs/table/saved-table.ts';
import { type IpvsTable } from '../../../src/ipvs/virtual-service.ts';

/**
 * A kernel table that takes ipvsadm's single commands with ipvsadm's own habits: what a command leaves out is reset to
 * a default, what is there already can't be added, what is missing can't be changed.
 */
export class SimulatedIpvsadm {
  /** Each service line with its server lines, as `ipvsadm-save -n` words. */
  readonly #services = new Map<string, { line: string; servers: Map<string, string> }>();

  constructor(table: IpvsTable) {
    for (const line of printSavedTable(table).split('\n')) {
      if (line !== '') this.run(['ipvsadm', ...line.split(' ')]);
    }
  }

  run([program, command, protocol, address, ...rest]: readonly string[]): void {
    if (program !== 'ipvsadm') throw new Error(`not ipvsadm: ${String(program)}`);
    const key = `${String(protocol)} ${String(address)}`;
    if (command === '-A' || command === '-E' || command === '-D') this.#service(command, key, rest);
    else this.#server(String(command), key, rest);
  }

  #service(command: '-A' | '-E' | '-D', key: string, rest: readonly string[]): void {
    const old = this.#services.get(key);
    if ((old !== undefined) === (command === '-A'))
      throw new Error(`${command} ${key}: exists or is missing`);
    if (command === '-D') this.#services.delete(key);
    else {
      const scheduled = rest[0] === '-s' ? rest : ['-s', 'wlc', ...rest];
      this.#services.set(key, {
        line: `-A ${key} ${scheduled.join(' ')}`,
        servers: old?.servers ?? new Map<string, string>(),
      });
    }
  }

  #server(command: string, key: string, [r, address, ...rest]: readonly string[]): void {
    const servers = this.#services.get(key)?.servers;
    if (servers === undefined) throw new Error(`${key}: Service not defined`);
    if (r !== '-r' || address === undefined) throw new Error('no -r');
    if (servers.has(address) === (command === '-a'))
      throw new Error(`${command} ${address}: exists or is missing`);
    if (command === '-d') servers.delete(address);
    else {
      const method = rest.find((word) => /^-[mgi]$/.test(word)) ?? '-g';
      const at = rest.indexOf('-w');
      const weight = at === -1 ? '1' : String(rest[at + 1]);
      const extra = rest.filter(
        (word, i) => word !== method && (at === -1 || (i !== at && i !== at + 1)),
      );
      servers.set(address, [`-a ${key} -r ${address} ${method} -w ${weight}`, ...extra].join(' '));
    }
  }

  /** What `ipvsadm-save -n` would print. */
  save(): string {
    return [...this.#services.values()]
      .flatMap(({ line, servers }) => [line, ...servers.values()])
      .map((line) => `${line}\n`)
      .join('');
  }
}
