import { z } from 'zod';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { MissingOnHostError } from '../../engine/model/failures/errors.ts';
import { lines, sh } from '../../engine/model/shell/script.ts';
import { type Facts } from '../../platforms/facts/facts.ts';
import { renderTemplate } from '../../templates.ts';
import { file, type FileResource } from '../files/file.ts';
import { fileState } from '../files/file-state.ts';
import { line } from '../schemas.ts';

const RELEASE = /^[78](\.\d+)+$|^8-stream$/;

/**
 * The archived packages of exactly this host's CentOS release, in a file beside the stock ones and switched off: only
 * lvslab's own installations name them.
 * @throws MissingOnHostError when the host doesn't tell its point release.
 */
export function yumRepository(
  { release, architecture }: Pick<Facts, 'release' | 'architecture'>,
  vaultUrl: string,
): FileResource {
  return yumRepositoryKind({ release, architecture, vaultUrl });
}

/** The kind that journals name. */
export const yumRepositoryKind = defineKind('yum-repository', {
  args: z.object({
    release: z.string().regex(RELEASE, 'must be a release of CentOS 7 or 8'),
    architecture: z.string().regex(/^\w+$/, 'must be an architecture'),
    vaultUrl: line,
  }),
  state: fileState,
  make: repositoryFile,
});

function repositoryFile({
  release,
  architecture,
  vaultUrl,
}: Pick<Facts, 'release' | 'architecture'> & { readonly vaultUrl: string }): FileResource {
  if (!RELEASE.test(release)) {
    throw new MissingOnHostError(`/etc/centos-release tells no point release of CentOS 7 or 8`, {
      step: 'yum repository',
      hint: "It should say something like 'CentOS Linux release 7.5.1804 (Core)'.",
    });
  }
  const base = file({
    path: '/etc/yum.repos.d/lvslab-vault.repo',
    content: release.startsWith('8')
      ? renderTemplate('lvslab-vault-8.repo.hbs', { release, url: vaultUrl })
      : renderTemplate('lvslab-vault.repo.hbs', {
          release,
          // Up to CentOS 7, other architectures than the first have a tree of their own.
          url: architecture === 'x86_64' ? vaultUrl : `${vaultUrl}/altarch`,
        }),
  });
  return {
    ...base,
    converge: (from, to) =>
      lines(base.converge(from, to), to.kind === 'absent' ? forgetMetadata : undefined),
  };
}

/** What yum and dnf have learned of the repositories. */
const forgetMetadata = sh`
  rm -rf -- /var/cache/yum/*/*/lvslab-* /var/lib/yum/repos/*/*/lvslab-* /var/cache/dnf/lvslab-*
`;
