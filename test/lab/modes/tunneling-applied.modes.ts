import { describe, expect, test } from '@jest/globals';

import { expectExit, lvslab } from '../../support/lvslab.ts';
import { ModeLab } from './mode-lab.ts';

const MINUTE = 60_000;

// Emulated machines, where this kernel has no ipip: their nginx is one that is soon compiled. The rest of LVS-TUN's life is
// in tunneling.modes.ts, and that of LVS-DR in direct-routing.modes.ts.
const lab = new ModeLab('lvtun');
const { inventory } = lab;
const modules = `access auth_basic autoindex browser charset empty_gif fastcgi geo grpc gzip limit_conn limit_req
  map memcached mirror proxy referer rewrite scgi split_clients ssi userid uwsgi`;
const without = modules.split(/\s+/).map((module) => `--without-http_${module}_module`);
const variables = {
  nginx_configure_args: without,
  lvs_services: [{}, { vip: '192.168.4.140', mode: 'dr' }],
};
const asked = ['-i', inventory, '-e', JSON.stringify(variables)];

describe('LVS-TUN, and a service of LVS-DR beside it', () => {
  lab.comesUp('tun', 30 * MINUTE);

  test(
    'both are applied once, and answer as the tutorial says',
    async () => {
      expectExit(await lvslab('apply', ...asked, '--yes'), 0);
      expectExit(await lvslab('plan', ...asked), 0);
      const table = await lab.output('director', 'ipvsadm -Ln');
      expect(table).toMatch(/192\.168\.4\.133:80 wrr[^T]*192\.168\.2\.128:80 +Tunnel/);
      expect(table).toMatch(/192\.168\.4\.140:80 wrr[^T]*192\.168\.2\.128:80 +Route/);
      const addresses = await lab.output('rs1', 'ip -o -4 addr show');
      expect(addresses).toMatch(/tunl0 +inet 192\.168\.4\.133\/32/);
      expect(addresses).toMatch(/lo +inet 192\.168\.4\.140\/32/);
      const verified = await lvslab('verify', ...asked, '--requests', '12');
      expectExit(verified, 0);
      expect(verified.stdout).toMatch(/a request of many\s+1 answered/);
      expectExit(await lvslab('diagnose', ...asked), 0);
    },
    60 * MINUTE,
  );
});
