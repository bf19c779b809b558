import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { combine, sections } from '../../../src/engine/host/observe.ts';
import { trusted } from '../../../src/engine/model/shell/script.ts';

/** What df prints of two file systems, the first without a free block. */
const DF = `df() { printf '%s\\n' 'Filesystem 1024-blocks Used Available Capacity Mounted on' \
'/dev/sda1 100 100 0 100% /' '/dev/sda2 999999 1 999998 1% /var'; }`;

test('a piece of state that cannot be read says which disk is full, and one that can says nothing of it', () => {
  const script = combine(
    [trusted('echo fine'), trusted('echo "disk I/O error" >&2; exit 3')],
    'n0',
  );
  const { stderr } = spawnSync('sh', ['-s'], {
    input: `${DF}\n${script.text}\n`,
    encoding: 'utf8',
  });
  const said = sections(stderr, 'n0');
  expect(said.get(0)?.output).toBe('');
  expect(said.get(1)).toEqual({
    exitCode: 3,
    output: 'disk I/O error\nonly 0 KiB are free on /\n',
  });
});
