import { type Script, sh } from '../../engine/model/shell/script.ts';
import { tar, tarFiles } from '../../platforms/many-files.ts';
import { section } from '../../platforms/sections.ts';

/** tar's blocks. */
const BLOCK = 512;

/** The name under which `restoreExtended` lets tar make the file. */
const NAME = '.lvslab-attributes';

const SELINUX = /^\d+ RHT\.security\.selinux=/;

/**
 * Shell that prints the section 'extended' where a file has extended attributes. Neither platform brings getfattr by
 * default, but both bring a tar that writes them ahead of the file, in a header of their own.
 */
export function observeExtended(path: string | Script): Script {
  const printHeader = sh`
    lvslab_tar | head -c "$((${BLOCK} + 0\${lvslab_header%% *}))" | tail -c +${BLOCK + 1} | base64 -w0
  `;
  return sh`
    lvslab_tar() {
      ${tarFiles} -- ${path} 2>/dev/null
    }
    lvslab_header=$(lvslab_tar | head -c 157 | tail -c 33 | tr '\000' ' ')
    case $lvslab_header in
    *x)
    ${section('extended', printHeader)}
    esac
  `;
}

/** Reads the section 'extended'; in base64, undefined where there is nothing to keep. */
export function parseExtended(section: string | undefined): string | undefined {
  const records = recordsIn(section ?? '').filter((record) =>
    /^\d+ (SCHILY\.(xattr|acl)|RHT\.security)\./.test(record),
  );
  return records.length === 0
    ? undefined
    : Buffer.from(records.join(''), 'latin1').toString('base64');
}

/** The attributes for people, without the SELinux context, which the host's own policy decides. */
export function describeExtended(extended: string): string | undefined {
  const told = recordsIn(extended).filter((record) => !SELINUX.test(record));
  if (told.length === 0) return undefined;
  return told
    .map((record) => record.replace(/^\d+ (SCHILY\.(xattr\.)?)?/, '').trimEnd())
    .join('\n');
}

/** Shell that makes an empty file with these attributes of the file "$temp" in "$folder". */
export function restoreExtended(extended: string): Script {
  const archive = Buffer.concat([
    ...entry('x', Buffer.from(extended, 'base64')),
    ...entry('0', Buffer.alloc(0)),
    Buffer.alloc(2 * BLOCK),
  ]);
  return sh`
    if printf %s ${archive.toString('base64')} | base64 -d | ${tar} -C "$folder" -xf -; then
      mv -f -- "$folder"${NAME} "$temp"
    fi
  `;
}

/** 'LENGTH KEY=VALUE' with a newline each, as latin1; LENGTH counts itself. */
function recordsIn(base64: string): readonly string[] {
  const text = Buffer.from(base64, 'base64').toString('latin1');
  const records: string[] = [];
  for (let at = 0; at < text.length;) {
    const length = Number.parseInt(text.slice(at), 10);
    if (!(length > 0)) break;
    records.push(text.slice(at, at + length));
    at += length;
  }
  return records;
}

/** One entry of a tar archive, as POSIX has it. */
function entry(type: 'x' | '0', data: Buffer): readonly Buffer[] {
  const header = Buffer.alloc(BLOCK);
  header.write(NAME, 0);
  const octal = (number: number, digits: number): string =>
    `${number.toString(8).padStart(digits, '0')}\0`;
  header.write(`${octal(0o600, 7)}${octal(0, 7)}${octal(0, 7)}`, 100);
  header.write(`${octal(data.length, 11)}${octal(0, 11)}        ${type}`, 124);
  header.write('ustar\0' + '00', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)} `, 148);
  return [header, data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)];
}
