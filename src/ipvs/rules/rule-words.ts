import { parseArgs } from 'node:util';

import { IpvsSyntaxError } from '../ipvs-syntax-error.ts';

/** The options of a service or server line, as `ipvsadm-save` writes them, and their long forms. */
const options = {
  'add-service': { type: 'boolean', short: 'A' },
  'edit-service': { type: 'boolean', short: 'E' },
  'delete-service': { type: 'boolean', short: 'D' },
  'add-server': { type: 'boolean', short: 'a' },
  'edit-server': { type: 'boolean', short: 'e' },
  'delete-server': { type: 'boolean', short: 'd' },
  'tcp-service': { type: 'string', short: 't' },
  'udp-service': { type: 'string', short: 'u' },
  'sctp-service': { type: 'string' },
  'fwmark-service': { type: 'string', short: 'f' },
  ipv6: { type: 'boolean', short: '6' },
  scheduler: { type: 'string', short: 's' },
  persistent: { type: 'string', short: 'p' },
  netmask: { type: 'string', short: 'M' },
  pe: { type: 'string' },
  'sched-flags': { type: 'string', short: 'b' },
  ops: { type: 'boolean', short: 'o' },
  'real-server': { type: 'string', short: 'r' },
  masquerading: { type: 'boolean', short: 'm' },
  gatewaying: { type: 'boolean', short: 'g' },
  ipip: { type: 'boolean', short: 'i' },
  weight: { type: 'string', short: 'w' },
  'u-threshold': { type: 'string', short: 'x' },
  'l-threshold': { type: 'string', short: 'y' },
  'tun-type': { type: 'string' },
  'tun-port': { type: 'string' },
  'tun-nocsum': { type: 'boolean' },
  'tun-csum': { type: 'boolean' },
  'tun-remcsum': { type: 'boolean' },
} as const;

/** Twice as many as a rule with every option has; `parseArgs` takes its time over thousands. */
const MAX_WORDS = 100;

/** The options of one line, by their long names. */
export type RuleOptions = ReturnType<typeof parseOptions>['values'];

/**
 * Reads the words of a service or server line as ipvsadm does.
 * @throws IpvsSyntaxError for options that ipvsadm doesn't have, for arguments of no option, for an option given twice.
 */
export function parseRule(line: number, words: readonly string[]): RuleOptions {
  if (words.length > MAX_WORDS)
    throw new IpvsSyntaxError(line, `${words.length} words in one rule`);
  try {
    const { values, tokens } = parseOptions(withPersistenceDefault(words));
    const names = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) throw new IpvsSyntaxError(line, `--${twice} is given twice`);
    return values;
  } catch (error) {
    if (error instanceof IpvsSyntaxError) throw error;
    const reason = isObjectWithMessage(error) ? error.message : String(error);
    throw new IpvsSyntaxError(line, reason);
  }
}

function parseOptions(args: string[]) {
  return parseArgs({ args, options, strict: true, tokens: true });
}

/**
 * The words of a line, as `ipvsadm -R` reads them: between spaces, tabs and returns, and no others (a no-break space is part
 * of a word), without the program's name, wherever it stands.
 */
export function ruleWords(text: string): readonly string[] {
  return text.split(/[ \t\r\n]+/).filter((word) => word !== '' && word !== 'ipvsadm');
}

/** Node's own errors are not `instanceof Error` where code runs in a context of its own, as in tests. */
function isObjectWithMessage(error: unknown): error is { readonly message: string } {
  return typeof error === 'object' && error !== null && 'message' in error;
}

/** `-p` may stand without its value, which is 360 seconds then. */
function withPersistenceDefault(words: readonly string[]): string[] {
  return words.flatMap((word, i) => {
    const bare = (word === '-p' || word === '--persistent') && !/^\d+$/.test(words[i + 1] ?? '');
    return bare ? [word, '360'] : [word];
  });
}
