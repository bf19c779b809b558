import { sh } from '../../engine/model/shell/script.ts';
import { type SshArguments } from './ssh-arguments.ts';

/**
 * The ProxyCommand that stands for a ProxyJump: the OpenSSH client as it would call itself, but never asking anything.
 * The jump hosts' keys are checked by the same rules and files as the host's own.
 */
export function jumpCommand({
  jump,
  given,
  settings,
  sshProgram,
}: {
  /** `[user@]host[:port]`, several with commas between them. */
  readonly jump: string;
  readonly given: SshArguments;
  readonly settings: {
    readonly hostKeyChecking: string;
    readonly userKnownHostsFiles: readonly string[];
    readonly identityFiles: readonly { readonly path: string; readonly named: boolean }[];
  };
  readonly sshProgram: string;
}): string {
  const hops = jump.split(',');
  const last = hops.pop() ?? '';
  const words = [
    sshProgram,
    ...(given.configFile === undefined ? [] : ['-F', given.configFile]),
    '-oBatchMode=yes',
    `-oStrictHostKeyChecking=${settings.hostKeyChecking}`,
    `-oUserKnownHostsFile=${settings.userKnownHostsFiles.map((file) => `"${file}"`).join(' ')}`,
    ...settings.identityFiles.filter(({ named }) => named).map(({ path }) => `-i${path}`),
    ...(hops.length === 0 ? [] : ['-J', hops.join(',')]),
    last.includes('://') ? last : `ssh://${last}`,
  ].map((word) => word.replaceAll('%', '%%'));
  return sh`${words} -W '[%h]:%p'`.text;
}
