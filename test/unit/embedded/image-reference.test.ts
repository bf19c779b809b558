import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';

import { parseImageReference } from '../../../src/embedded/images/foreign/image-reference.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'lvslab-reference-'));
const tarball = path.join(folder, 'root.tar.xz');
writeFileSync(tarball, '');
writeFileSync(path.join(folder, 'oci-layout'), '{}');

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('a reference to an image', () => {
  test.each([
    ['docker://docker.io/library/rockylinux:9', false],
    ['docker://registry.example:5000/a/b@sha256:0123', false],
    ['docker://127.0.0.1:5000/debian:12', true],
    ['docker://localhost/debian', true],
    ['docker://localhost.example/debian', false],
    ['docker://127.0.0.1.example/debian', false],
  ])('%s is one in a registry', (source, isLocal) => {
    expect(parseImageReference(source)).toEqual({ kind: 'registry', source, isLocal });
  });

  test('may be a folder with a layout, with a tag or without', () => {
    const layout = { kind: 'layout', isLocal: true };
    expect(parseImageReference(`oci:${folder}`)).toEqual({ ...layout, source: `oci:${folder}` });
    expect(parseImageReference(`oci:${folder}:12`)).toEqual({
      ...layout,
      source: `oci:${folder}:12`,
    });
  });

  test('may be a tarball', () => {
    const relative = path.relative(process.cwd(), tarball);
    expect(parseImageReference(relative)).toEqual({ kind: 'tarball', file: tarball });
  });

  test.each([
    '',
    'debian',
    'rockylinux:9',
    'docker:///etc/passwd',
    'docker://--help',
    'docker://a b',
    'docker://a\n--help',
    '--help.tar',
    'http://example.org/root.tar.gz',
    'oci:/nowhere',
    'oci:',
    'oci-archive:/tmp/a.tar:x',
    'dir:/etc',
    '/nowhere/root.tar',
    '/etc/passwd',
  ])('%j is none', (text) => {
    expect(() => parseImageReference(text)).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
  });
});
