import { z } from 'zod';

import { Secret } from '../../engine/model/secret.ts';
import { IpAddress, isIpv4 } from '../../net/ip-address.ts';

// Every pattern is anchored and bounded: values come from files of unknown origin and go to shells and config files.

/** One line of printable text. */
export const lineOfText = z
  .string()
  .min(1)
  .max(1000)
  .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u);

/** A line of text that may be long, and empty: options for ssh. */
export const sshArguments = z
  .string()
  .max(4096)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u);

export const ipv4 = z.string().refine(isIpv4);

export const port = wholeNumber(1, 65535);

/** The ways of handing packets on that IPVS has. */
export const lvsMode = z.enum(['nat', 'dr', 'tun']);
export type LvsMode = z.output<typeof lvsMode>;

/** Linux allows 15 bytes; a leading dot or dash would mean something to other programs. */
export const interfaceName = z
  .string()
  .regex(/^\w[\w.-]{0,14}$/)
  .refine((name) => !['lo', 'all', 'default'].includes(name));

/** As `useradd` accepts them; root is no account to make, run a web server as, or remove. */
export const userName = z
  .string()
  .regex(/^[a-z_][a-z0-9_-]{0,30}$/)
  .refine((name) => name !== 'root');

export const version = z.string().regex(/^\d{1,4}\.\d{1,4}\.\d{1,4}$/);

export const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/i)
  .transform((digest) => digest.toLowerCase());

/** Folders that belong to the system: nothing may be installed right into them, nor removed with them. */
const SYSTEM_FOLDER =
  /^\/(usr\/(local|s?bin|lib\w*|share|src|include|libexec)|(etc|var|run|lib\w*)\/\w+|home\/\w+)$/;

/** An absolute path below a folder, made of harmless characters. */
export const installPrefix = z
  .string()
  .max(200)
  .regex(/^(\/[\w+-][\w.+-]*){2,}$/)
  .refine((path) => !SYSTEM_FOLDER.test(path));

/** A path on this machine. */
export const localPath = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^[^\p{Cc}\p{Cs}]+$/u);

/** A URL that a download can come from, without a password in it. */
export const downloadUrl = z
  .string()
  .max(2000)
  .regex(/^(https?|file):\/\/[\x21-\x7e]+$/)
  .refine(
    (text) => URL.canParse(text) && new URL(text).username === '' && new URL(text).password === '',
  )
  .transform((text) => text.replace(/\/+$/, ''));

/** A name or address that ssh can connect to. */
export const sshHost = z
  .string()
  .max(253)
  .refine((text) => /^\w[\w.-]*$/.test(text) || IpAddress.parse(text) !== undefined);

export const sshUser = z.string().regex(/^[\w.][\w.@-]{0,63}$/);

/** What can be typed as a password, and sent as one line. */
export const passwordText = z
  .string()
  .max(1024)
  .regex(/^[^\0\r\n]*$/);

export const password = z
  .instanceof(Secret)
  .refine((secret) => passwordText.safeParse(secret.reveal()).success);

/** Numbers may stand in quotes: values of --extra-vars always do. */
export function wholeNumber(min: number, max: number): z.ZodType<number> {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value),
    z.int().min(min).max(max),
  );
}

/** The words that Ansible takes for true and false. */
export const yesOrNo = z.preprocess((value) => {
  if (typeof value !== 'string') return value;
  if (/^(y|yes|on|1|true|t)$/i.test(value)) return true;
  return /^(n|no|off|0|false|f)$/i.test(value) ? false : value;
}, z.boolean());
