import { MissingOnHostError } from '../../engine/model/errors.ts';
import { lines, trusted } from '../../engine/model/script.ts';
import { type Facts } from '../../platforms/facts.ts';
import { renderTemplate } from '../../templates.ts';
import { file, type FileResource } from '../files/file.ts';

/**
 * The archived packages of exactly this host's CentOS release, in a file beside the stock ones and switched off: only
 * lvslab's own installations name them.
 * @throws MissingOnHostError when the host doesn't tell its point release.
 */
export function yumRepository(
  { release, architecture }: Pick<Facts, 'release' | 'architecture'>,
  vaultUrl: string,
): FileResource {
  if (!/^7(\.\d+)+$/.test(release)) {
    throw new MissingOnHostError(`/etc/centos-release tells no point release of CentOS 7`, {
      step: 'yum repository',
      hint: "It should say something like 'CentOS Linux release 7.5.1804 (Core)'.",
    });
  }
  const url = architecture === 'x86_64' ? vaultUrl : `${vaultUrl}/altarch`;
  const base = file({
    path: '/etc/yum.repos.d/lvslab-vault.repo',
    content: renderTemplate('lvslab-vault.repo.hbs', { release, url }),
  });
  return {
    ...base,
    spec: { kind: 'yum-repository', args: { release, architecture, vaultUrl } },
    converge: (from, to) =>
      lines(base.converge(from, to), to.kind === 'absent' ? forgetMetadata : undefined),
  };
}

/** What yum and dnf have learned of the repositories. */
const forgetMetadata = trusted(
  'rm -rf -- /var/cache/yum/*/*/lvslab-* /var/lib/yum/repos/*/*/lvslab-* /var/cache/dnf/lvslab-*',
);
