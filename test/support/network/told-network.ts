/** What a host prints of its network, as a backend reads it. */

/** A file as `lvslab_show` prints it: root's, on a line of its own. */
export function toldFile(path: string, text: string, mode = '644'): string {
  return `${base64(path)} ${mode} 0 root 0 root ${base64(text)} `;
}

/** Sections, each with its lines. */
export function toldSections(sections: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries({ nics: NICS, ...sections })
    .map(([name, lines]) => [name, ...lines.map((line) => ` ${line}`), ''].join('\n'))
    .join('');
}

const NICS = ['ens33 00:50:56:00:00:01', 'ens37 00:50:56:00:00:02'];

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
