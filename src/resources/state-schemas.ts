import { z } from 'zod';
import { account, line, mode, type specSchemas, text, virtualService } from './spec-schemas.ts';

const attributes = { mode, owner: account, group: account };

const file = z.object({
  content: text,
  encoding: z.literal('base64').exactOptional(),
  ...attributes,
  extended: text.exactOptional(),
});

const optionalFile = { file: file.exactOptional() };

/**
 * The shape of the states that each kind of resource finds, as the journal keeps the one of before lvslab; that, too, can
 * be written by whoever is root on the host.
 */
export const stateSchemas: Readonly<Record<keyof typeof specSchemas, z.ZodType>> = {
  'absent-file': file,
  'config-key': z.object({ lines: z.array(line), alone: z.boolean().exactOptional() }),
  directory: z.object(attributes),
  file,
  'host-route': z.object({ kind: z.literal('found'), now: text.exactOptional(), ...optionalFile }),
  'ipvs-rules-file': z.object({
    kind: z.literal('file'),
    file,
    ports: z.record(line, z.int().min(0).max(65535)).exactOptional(),
  }),
  'ipvs-table': virtualService,
  'kernel-module': z.object({ present: z.boolean(), loaded: z.array(line), ...optionalFile }),
  'network-interface': z.object({
    kind: z.literal('found'),
    path: line,
    up: z.boolean(),
    addresses: z.array(line),
    leased: z.array(line).exactOptional(),
    defaultRoutes: z.array(line),
    ...optionalFile,
  }),
  'nginx-build': z.object({
    version: line,
    stamp: z.object({ text, intact: z.boolean() }).exactOptional(),
  }),
  'package-set': z.object({
    kind: z.literal('host'),
    installed: z.record(line, z.object({ version: line, mark: line })),
  }),
  selinux: z.object({
    runtime: z.enum(['Enforcing', 'Permissive', 'Disabled']),
    file: z.array(line),
    bootParameters: z.array(line),
  }),
  service: z.object({
    enabled: line.exactOptional(),
    active: z.boolean().exactOptional(),
    reloadNeeded: z.boolean(),
    stale: z.array(line),
  }),
  sysctl: z.object({ runtime: text, elsewhere: z.array(line), ...optionalFile }),
  'unit-file': file,
  user: z.object({
    shell: line.exactOptional(),
    uid: line.exactOptional(),
    gid: line.exactOptional(),
    comment: line.exactOptional(),
    home: line.exactOptional(),
    ownGroup: line.exactOptional(),
  }),
  'yum-repository': file,
};
