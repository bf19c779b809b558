import { z } from 'zod';
import { networkBackendNames } from '../platforms/network/network-backends.ts';

/** Text that a shell word can hold. */
export const text = z.string().regex(/^[^\0]*$/, 'must not hold a NUL byte');

/** One line of text. */
export const line = z.string().regex(/^[^\0\n]*$/, 'must be one line');

export const absolutePath = z.string().regex(/^\/[^\0\n]*$/, 'must be an absolute path');

/** A user, a group, a package: what a program would not take for an option. */
export const word = z.string().regex(/^[^\s\0-][^\s\0]*$/, 'must be a word');

/** The name or number of a user or a group. */
export const account = z.string().regex(/^[^\s\0:-][^\s\0:]*$/, 'must be the name of an account');

/** Permissions in octal. */
export const mode = z.string().regex(/^[0-7]{3,4}$/, 'must be a mode in octal');

export const unitName = z.string().regex(/^[\w@:.\\][\w@:.\\-]*$/, 'must be the name of a unit');

/** The name of a NIC. */
export const device = z.string().regex(/^[\w.-]{1,15}$/, 'must be the name of a NIC');

export const networkConfiguration = z.enum(networkBackendNames);
