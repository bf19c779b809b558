import { describe, expect, test } from '@jest/globals';
import { absent, value } from '../../../src/engine/model/resource.ts';
import { convergeFile } from '../../../src/resources/files/file-state.ts';
import { foldHelpers, sharedHelpers } from '../../support/folded-helpers.ts';
import { expectGolden } from '../../support/golden.ts';

test.each(Object.entries(sharedHelpers))('%s is written as its golden file says', (name, shell) => {
  expectGolden(`helpers/${name}.sh`, `${shell}\n`);
});

describe('folding', () => {
  const path = "/etc/it's a file";
  const content = { content: 'a\n} >"$temp"\nb\n' };
  const attributes = { mode: '0600', owner: 'root', group: '33' };

  test('shows what the helpers are asked for, whatever is in it', () => {
    const kept = foldHelpers(convergeFile(path, value(content)).text);
    const set = foldHelpers(convergeFile(path, value({ ...content, ...attributes })).text);
    const quoted = String.raw`'/etc/it'\''s a file'`;
    const printed = `printf %s '${content.content}' | cat`;
    expect(kept).toBe(`<replace-file ${quoted}>\n${printed}\n</replace-file>`);
    expect(set).toBe(
      `<replace-file-with-attributes ${quoted} root:33 0600>\n${printed}\n</replace-file-with-attributes>`,
    );
    expect(foldHelpers(convergeFile(path, absent).text)).toBe(`<remove-file ${quoted}>`);
  });

  test('leaves anything else as it is', () => {
    const almost = convergeFile('/etc/x', value(content)).text.replace('sync "$folder"', ':');
    expect(foldHelpers(almost)).toBe(almost);
  });
});
