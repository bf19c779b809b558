import {
  StepFailedError,
  ObserveError,
  ConnectError,
} from '../../../src/engine/model/failures/errors.ts';
import { type HostPlan, type Plan, type PlannedStep } from '../../../src/engine/model/plan.ts';
import { absent, type Change, type Resource, value } from '../../../src/engine/model/resource.ts';
import { type Script, sh } from '../../../src/engine/model/shell/script.ts';

/** A planned step whose resource is known by its id and its commands only. */
export function step(
  id: string,
  {
    changes,
    kind = 'create',
    script = sh`true`,
    uploads = [],
  }: {
    readonly changes: readonly Change[];
    readonly kind?: 'create' | 'update' | 'remove';
    readonly script?: Script;
    readonly uploads?: readonly string[];
  },
): PlannedStep {
  const resource: Resource = {
    id,
    aim: () => value('wanted'),
    observe: sh`true`,
    parse: (output) => value(output),
    diff: () => changes,
    converge: () => script,
    uploads: uploads.map((path) => ({ path, source: () => Promise.resolve('/tmp/tarball') })),
  };
  return {
    resource,
    from: kind === 'create' ? absent : value('before'),
    to: kind === 'remove' ? absent : value('wanted'),
    changes,
  };
}

const IFCFG_BEFORE = `TYPE=Ethernet
BOOTPROTO=dhcp
DEFROUTE=yes
NAME=ens37
DEVICE=ens37
ONBOOT=no
UUID=2d899e46-1b9d-40d5-9fed-8a88cb181d79
`;

const IFCFG_AFTER = `TYPE=Ethernet
BOOTPROTO="static"
DEFROUTE=yes
NAME=ens37
DEVICE=ens37
ONBOOT=yes
UUID=2d899e46-1b9d-40d5-9fed-8a88cb181d79
IPADDR="192.168.2.128"
PREFIX="24"
GATEWAY="192.168.2.130"
DNS1="8.8.8.8"
`;

const UNIT = `[Unit]
Description=nginx, the lab's web server
After=network.target

[Service]
Type=forking
PIDFile=/usr/local/nginx/logs/nginx.pid
ExecStartPre=/usr/local/nginx/sbin/nginx -t
ExecStart=/usr/local/nginx/sbin/nginx
ExecReload=/usr/local/nginx/sbin/nginx -s reload
ExecStop=/usr/local/nginx/sbin/nginx -s quit
PrivateTmp=true

[Install]
WantedBy=multi-user.target
`;

function realServer(host: string, number: number): HostPlan {
  return {
    host,
    notices: [],
    plays: [
      {
        play: 'nginx from source',
        unchanged: 2,
        steps: [
          step('packages gcc make pcre-devel zlib-devel openssl-devel tar gzip', {
            kind: 'update',
            changes: [
              { field: 'gcc', to: '4.8.5-44.el7' },
              { field: 'zlib-devel', from: '1.2.7-17.el7', to: '1.2.7-21.el7' },
            ],
          }),
          step('user nginx', { changes: [{ field: 'shell', to: '/sbin/nologin' }] }),
          step('nginx 1.16.1 in /usr/local/nginx', {
            uploads: ['/run/lvslab/uploads/nginx-1.16.1.tar.gz'],
            script: sh`cd /usr/local/src && tar -xf ${'/run/lvslab/uploads/nginx-1.16.1.tar.gz'}`,
            changes: [
              { field: 'version', to: '1.16.1' },
              { field: 'configure arguments', to: '--with-http_ssl_module' },
              { field: 'checksum of the program', knownAfterApply: true },
            ],
          }),
          step('file /usr/local/nginx/html/index.html', {
            kind: 'update',
            changes: [
              {
                field: 'content',
                from: '<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head>\n</html>\n',
                to: `I am 192.168.2.${number}\n`,
              },
            ],
          }),
          step('file /etc/systemd/system/nginx.service', {
            changes: [
              { field: 'content', to: UNIT },
              { field: 'mode', to: '0644' },
            ],
          }),
        ],
      },
      {
        play: 'Real servers answer through the director',
        unchanged: 0,
        steps: [
          step('file /etc/sysconfig/network-scripts/ifcfg-ens37', {
            kind: 'update',
            changes: [{ field: 'content', from: IFCFG_BEFORE, to: IFCFG_AFTER }],
          }),
          step('service firewalld', {
            kind: 'update',
            changes: [
              { field: 'running', from: 'yes', to: 'no' },
              { field: 'at boot', from: 'enabled', to: 'disabled' },
            ],
          }),
        ],
      },
    ],
  };
}

const director: HostPlan = {
  host: 'director',
  notices: [],
  plays: [
    {
      play: 'Director',
      unchanged: 3,
      steps: [
        step('sysctl net.ipv4.ip_forward', {
          kind: 'update',
          script: sh`sysctl -w net.ipv4.ip_forward=1`,
          changes: [{ field: '', from: '0', to: '1' }],
        }),
        step('file /etc/sysconfig/ipvsadm.old', {
          kind: 'remove',
          script: sh`rm -f /etc/sysconfig/ipvsadm.old`,
          changes: [{ field: '', from: '-A -t 192.168.4.133:80 -s rr\n' }],
        }),
        step('virtual service 192.168.4.133:80', {
          kind: 'update',
          script: sh`ipvsadm -E -t 192.168.4.133:80 -s wrr`,
          changes: [
            { field: 'scheduler', from: 'rr', to: 'wrr' },
            { field: 'weight of 192.168.2.129:80', from: '1', to: '2' },
            { field: '192.168.2.131:80', from: 'masquerading, weight 1' },
            { field: '192.168.2.128:80', to: 'masquerading, weight 1' },
          ],
        }),
      ],
    },
  ],
};

/** A plan as the documented lab has it, with all kinds of changes. */
export const samplePlan: Plan = {
  hosts: [realServer('rs1', 128), realServer('rs2', 129), director],
  failures: [],
};

/** What gcc has to say about nginx 1.16.1 where OpenSSL is too new for it. */
export const buildFailure = new StepFailedError(
  'exit status 2: make: *** [Makefile:8: build] Error 2',
  {
    host: 'rs2',
    step: 'nginx 1.16.1 in /usr/local/nginx',
    exitCode: 2,
    output: `${Array.from({ length: 20 }, (_, i) => `cc -c -pipe -O -W -Wall src/core/ngx_${i}.c`).join('\n')}
src/event/ngx_event_openssl.c: In function 'ngx_ssl_dhparam':
\u001B[01;31mcc1: all warnings being treated as errors\u001B[0m
make[1]: *** [objs/Makefile:901: objs/src/event/ngx_event_openssl.o] Error 1
make: *** [Makefile:8: build] Error 2
`,
    hint: 'Fix the cause and run the command again; it goes on where it stopped.',
  },
);

/** Some hosts could not be looked at. */
export const brokenPlan: Plan = {
  hosts: [director],
  failures: [
    {
      host: 'rs1',
      error: new ConnectError('no route to 192.168.2.128 port 22', {
        host: 'rs1',
        step: 'connect',
        cause: new Error('connect EHOSTUNREACH 192.168.2.128:22'),
        hint: 'Is the host up, and is ansible_host right? Try `ping 192.168.2.128`.',
      }),
    },
    {
      host: 'rs2',
      error: new ObserveError('the state could not be told: \u001B[2Jrpm: cannot open database', {
        host: 'rs2',
        step: 'packages gcc make',
        hint: 'Run the command again with --verbose to see what the host answered.',
      }),
    },
  ],
};
