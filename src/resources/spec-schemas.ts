import { z } from 'zod';

/** Text that a shell word can hold. */
export const text = z.string().regex(/^[^\0]*$/, 'must not hold a NUL byte');

/** One line of text. */
export const line = z.string().regex(/^[^\0\n]*$/, 'must be one line');

const absolutePath = z.string().regex(/^\/[^\0\n]*$/, 'must be an absolute path');

/** A user, a group, a package: what a program would not take for an option. */
const word = z.string().regex(/^[^\s\0-][^\s\0]*$/, 'must be a word');

/** The name or number of a user or a group. */
export const account = z.string().regex(/^[^\s\0:-][^\s\0:]*$/, 'must be the name of an account');

/** Permissions in octal. */
export const mode = z.string().regex(/^[0-7]{3,4}$/, 'must be a mode in octal');

const unitName = z.string().regex(/^[\w@:.\\][\w@:.\\-]*$/, 'must be the name of a unit');

const device = z.string().regex(/^[\w.-]{1,15}$/, 'must be the name of a NIC');

const port = z.int().min(0).max(65535);

const attributes = {
  mode: mode.exactOptional(),
  owner: account.exactOptional(),
  group: account.exactOptional(),
};

const networkConfiguration = z.enum(['ifcfg', 'ifupdown']);

/** What `ipvsadm` is told beside what lvslab sets itself: '-p 360'. */
const ipvsOptions = z.string().regex(/^[\w .,:+-]*$/, 'must be options of ipvsadm');

/** A virtual service with its servers. */
export const virtualService = z.object({
  protocol: z.enum(['tcp', 'udp']),
  address: z.ipv4(),
  port,
  scheduler: z.string().regex(/^[a-z0-9_]{1,15}$/, 'must be the name of a scheduler'),
  options: ipvsOptions.exactOptional(),
  destinations: z.array(
    z.object({
      address: z.ipv4(),
      port,
      method: z.enum(['masquerading', 'direct-routing', 'tunneling']),
      weight: z
        .int()
        .min(0)
        .max(2 ** 31 - 1),
      options: ipvsOptions.exactOptional(),
    }),
  ),
});

/**
 * The shape of what each kind of resource writes into its own `spec`. A journal lies on the host, so whoever is root there
 * can write anything into it.
 */
export const specSchemas = {
  'absent-file': z.object({ path: absolutePath }),
  'config-key': z.object({
    file: absolutePath,
    key: z.string().regex(/^[A-Za-z_]\w*$/, 'must be a key of a configuration file'),
    line,
  }),
  directory: z.object({ path: absolutePath, ...attributes }),
  file: z.object({ path: absolutePath, content: text, ...attributes }),
  'host-route': z.object({
    networkConfiguration,
    route: z.object({ address: z.ipv4(), gateway: z.ipv4(), device }),
  }),
  'ipvs-rules-file': z.object({ path: absolutePath, service: virtualService }),
  'ipvs-table': virtualService,
  'kernel-module': z.object({
    name: z.string().regex(/^\w+$/, 'must be the name of a kernel module'),
    evidence: absolutePath,
  }),
  'network-interface': z.object({
    networkConfiguration,
    settings: z.object({
      device,
      address: z.ipv4(),
      prefix: z.int().min(0).max(32),
      gateway: z.ipv4().exactOptional(),
      dns: z.array(z.ipv4()),
    }),
  }),
  'nginx-build': z.object({
    version: z.string().regex(/^\d+(\.\d+)+$/, 'must be a version'),
    sha256: z.string().regex(/^[\da-f]{64}$/, 'must be a SHA-256'),
    url: line,
    tarball: line.exactOptional(),
    prefix: z.string().regex(/^(\/\w[\w.+-]*){2,}$/, 'must be a folder of its own'),
    user: account,
    configureArguments: z.array(line),
  }),
  'package-set': z.object({ packageManager: z.enum(['yum', 'apt']), names: z.array(word) }),
  selinux: z.enum(['disabled', 'permissive']),
  service: z.object({
    name: unitName,
    quietly: z.boolean().exactOptional(),
    enabled: z.boolean().exactOptional(),
    active: z.boolean().exactOptional(),
    startedWith: z.array(z.object({ id: line, path: absolutePath })).exactOptional(),
  }),
  sysctl: z.object({
    key: z.string().regex(/^[a-z0-9_]+(\.[\w-]+)+$/, 'must be a kernel setting'),
    value: line,
  }),
  'unit-file': z.object({ name: unitName, content: text }),
  user: z.object({ name: account, shell: absolutePath }),
  'yum-repository': z.object({
    release: z.string().regex(/^7(\.\d+)+$/, 'must be a release of CentOS 7'),
    architecture: z.string().regex(/^\w+$/, 'must be an architecture'),
    vaultUrl: line,
  }),
} as const;
