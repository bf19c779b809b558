import { describe, expect, test } from '@jest/globals';

import { expectExit, lvslab } from '../../support/lvslab.ts';
import { ModeLab } from './mode-lab.ts';

const MINUTE = 60_000;

// Emulated machines, where this kernel has no ipip: their nginx is one that is soon compiled. The rest of LVS-TUN's life is
// in tunneling.modes.ts.
const lab = new ModeLab('lvtun');
const { inventory } = lab;
const without = ['access', 'auth_basic', 'autoindex', 'browser', 'charset', 'empty_gif', 'fastcgi']
  .concat(['geo', 'grpc', 'gzip', 'limit_conn', 'limit_req', 'map', 'memcached', 'mirror', 'proxy'])
  .concat(['referer', 'rewrite', 'scgi', 'split_clients', 'ssi', 'userid', 'uwsgi'])
  .map((module) => `--without-http_${module}_module`);
const small = ['-e', `nginx_configure_args=${JSON.stringify(without)}`];

describe('LVS-TUN', () => {
  lab.comesUp('tun', 30 * MINUTE);

  test(
    'is applied once, and answers as the tutorial says',
    async () => {
      expectExit(await lvslab('apply', '-i', inventory, ...small, '--yes'), 0);
      expectExit(await lvslab('plan', '-i', inventory, ...small), 0);
      expect(await lab.output('director', 'ipvsadm -Ln')).toMatch(/192\.168\.2\.128:80 +Tunnel/);
      const verified = await lvslab('verify', '-i', inventory, ...small, '--requests', '12');
      expectExit(verified, 0);
      expect(verified.stdout).toMatch(/a request of many\s+1 answered/);
    },
    60 * MINUTE,
  );
});
