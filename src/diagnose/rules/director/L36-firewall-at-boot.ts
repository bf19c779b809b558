import { RANK, type Rule } from '../../rule.ts';

/** firewalld is off now, and comes up at the next boot. */
export const firewallAtBoot: Rule = {
  id: 'L36',
  title: 'the firewall will be back after a boot',
  page: 'L36-firewall-at-boot',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.boot,
  find: (of) => {
    const hosts = [of.lab.director.name, ...of.lab.servers.map(({ name }) => name)];
    const isRead = (host: string): boolean => of.host(host)?.units !== undefined;
    const findings = hosts.filter(isRead).flatMap((host) => {
      const unit = of.unit(host, 'firewalld');
      if (unit?.enabled !== 'enabled' || unit.active === 'active') return [];
      return [
        {
          host,
          what: 'will have its firewall back after the next boot',
          cause: 'firewalld was stopped, and not disabled',
          proof: [
            {
              host,
              command: 'systemctl is-active firewalld; systemctl is-enabled firewalld',
              output: [unit.active, unit.enabled],
            },
          ],
          mend: [{ host, command: 'systemctl disable firewalld' }],
          isDrift: true,
          hits: 'after a boot' as const,
        },
      ];
    });
    return findings.length > 0 || hosts.every(isRead) ? findings : 'not told';
  },
  hints: [
    'All is well now. Would it be after a reboot?',
    'Which firewalls come up at boot? `systemctl is-enabled firewalld nftables ufw`',
  ],
};
