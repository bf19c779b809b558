import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

import { renderTemplate } from '../../../src/templates.ts';

const ifcfg = { device: 'ens37', address: '192.168.2.128', prefix: 24, gateway: '192.168.2.130' };

describe('a template', () => {
  test('gives the tutorial’s file with all its keys but NAME and UUID', () => {
    const rendered = renderTemplate('ifcfg.hbs', { ...ifcfg, nameServerLines: ['DNS1="8.8.8.8"'] });
    expect(rendered).toBe(readFileSync('test/golden/templates/ifcfg-ens37', 'utf8'));
    expect(rendered.trim().split('\n')).toHaveLength(17);
  });

  test('escapes nothing as HTML', () => {
    expect(renderTemplate('index.html.hbs', { page: `<b>"I & 'you'"</b>` })).toBe(
      `<b>"I & 'you'"</b>\n`,
    );
  });

  test('takes 0 and an empty word for values', () => {
    expect(renderTemplate('sysctl.conf.hbs', { settings: ['a.b = 0'] })).toContain('a.b = 0\n');
    expect(renderTemplate('index.html.hbs', { page: '' })).toBe('\n');
  });

  test.each([
    ['of a line', { ...ifcfg, address: undefined, nameServerLines: [] }, 'address'],
    ['of a condition', { ...ifcfg, gateway: undefined, nameServerLines: [] }, 'gateway'],
    ['of a list', ifcfg, 'nameServerLines'],
  ])('names itself and the missing variable %s', (_, data, variable) => {
    const defined = Object.fromEntries(
      Object.entries(data).filter(([, content]) => content !== undefined),
    ) as Record<string, string>;
    expect(() => renderTemplate('ifcfg.hbs', defined)).toThrow(
      expect.objectContaining({
        code: 'E_TEMPLATE',
        step: 'template ifcfg.hbs',
        message: `variable '${variable}' is not set`,
      }),
    );
  });

  test.each(['a\nb', 'a\r', 'a\u0000b', '\u001b[31m'])(
    'lets no value break its line: %j',
    (page) => {
      expect(() => renderTemplate('index.html.hbs', { page })).toThrow(
        expect.objectContaining({ code: 'E_TEMPLATE', message: expect.stringContaining("'page'") }),
      );
    },
  );

  test('that is not there is an error of its own', () => {
    expect(() => renderTemplate('nothing.hbs', {})).toThrow(
      expect.objectContaining({ code: 'E_TEMPLATE', step: 'template nothing.hbs' }),
    );
  });
});
