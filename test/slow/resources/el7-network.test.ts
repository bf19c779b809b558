import { describe, expect, test } from '@jest/globals';

import { loopbackFormat } from '../../../src/platforms/network/loopback/loopback-formats.ts';
import { loopbackLabel } from '../../../src/platforms/network/loopback/loopback-label.ts';
import { renderIfcfg } from '../../../src/embedded/images/recipes/el7/ifcfg.ts';
import { onEl7Stage, type StageFiles } from '../../support/network/el7-stage.ts';

const onStage = (script: string, configs: StageFiles['configs']): ReturnType<typeof onEl7Stage> =>
  onEl7Stage(script, { configs });

const ens33 = ['DEVICE=ens33', 'ONBOOT=yes', 'IPADDR=192.168.2.129', 'PREFIX=24'];
const ens37 = ['DEVICE=ens37', 'ONBOOT=yes', 'IPADDR=192.168.4.133', 'PREFIX=24'];
const showAddresses = '$network start >/dev/null; ip -4 -br addr show scope global';
const showRoute = '$network start >/dev/null; ip -4 route show default';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot("EL7's network service", () => {
  test('brings up what starts at boot, and takes no left-over of an editor for a card', () => {
    const { output, exitCode } = onStage('$network start; code=$?; $network status; exit $code', {
      ens33,
      'ens33.bak': ['DEVICE=ens37', 'IPADDR=192.0.2.1'],
      'ens33~': ['DEVICE=ens37', 'IPADDR=192.0.2.2'],
      ens37: [...ens37, 'ONBOOT="no"'],
    });
    expect(exitCode).toBe(0);
    expect(output).toContain('Bringing up interface ens33:  [  OK  ]\n');
    expect(output).toContain('Configured devices:\nlo ens33 ens37\n');
    expect(output).not.toContain('interface ens37');
    expect(output).not.toContain('192.0.2');
  });

  test('takes any other ifcfg file for a card, and fails for one that is missing', () => {
    const { output, exitCode } = onStage('$network start', {
      ens33,
      'ens34.lvslab': ['DEVICE=ens34', 'IPADDR=192.0.2.1'],
    });
    expect(exitCode).toBe(1);
    expect(output).toContain('Bringing up interface ens33:  [  OK  ]\n');
    expect(output).toContain('Device ens34 does not seem to be present');
    expect(output).toContain('interface ens34.lvslab:  [FAILED]\n');
  });

  test.each([
    [['IPADDR=192.168.2.129', 'PREFIX=25', 'NETMASK=255.255.0.0'], '192.168.2.129/25'],
    [['IPADDR=192.168.2.129', 'NETMASK=255.255.255.240'], '192.168.2.129/28'],
    [['IPADDR=192.168.2.129'], '192.168.2.129/24'],
    [['IPADDR=172.16.2.129'], '172.16.2.129/16'],
    [['IPADDR=10.16.2.129'], '10.16.2.129/8'],
    [['IPADDR0=10.1.1.1', 'PREFIX0=30', 'IPADDR2=10.1.2.1'], '10.1.1.1/30 10.1.2.1/8'],
    [['IPADDR1=10.1.1.1', 'PREFIX1=30', 'IPADDR3=10.1.2.1'], '10.1.1.1/30'],
    [['IPADDR="192.168.2.129" PREFIX="24"'], '192.168.2.129/24'],
  ])('%j means %s', (lines, addresses) => {
    const { output } = onStage(showAddresses, { ens33: ['DEVICE=ens33', ...lines] });
    expect(output.replace(/ +\n/g, '\n')).toMatch(
      new RegExp(`^ens33@\\S+ +\\S+ +${addresses}\\n$`),
    );
  });

  test.each([
    [[...ens33, 'GATEWAY=192.168.2.130'], 'default via 192.168.2.130 dev ens33'],
    [
      [...ens33, 'GATEWAY=192.168.2.130', 'METRIC=7'],
      'default via 192.168.2.130 dev ens33 metric 7',
    ],
    [
      [...ens33, 'GATEWAY=192.168.2.130', 'GATEWAYDEV=ens33'],
      'default via 192.168.2.130 dev ens33',
    ],
    [[...ens33, 'GATEWAY=192.168.2.130', 'GATEWAYDEV=ens37'], ''],
    [[...ens33, 'GATEWAY=192.168.2.130', 'DEFROUTE=no'], ''],
    [[...ens33, 'GATEWAY=192.168.3.130'], ''],
    // A comment in the tutorial's way makes the assignment one for a command that does not exist.
    [[...ens33, 'GATEWAY="192.168.2.130"     //the director'], ''],
  ])('of %j, the default route is %j', (lines, route) => {
    const { output } = onStage(showRoute, { ens33: lines });
    const shown = output.split('\n').filter((line) => line.startsWith('default'));
    expect(shown.join('\n').trim()).toBe(route);
  });

  test('the last of two gateways wins', () => {
    const { output } = onStage(showRoute, {
      ens33: [...ens33, 'GATEWAY=192.168.2.130'],
      ens37: [...ens37, 'GATEWAY=192.168.4.1'],
    });
    expect(output.trim()).toBe('default via 192.168.4.1 dev ens37');
  });

  test("a card with another hardware address than the file's fails, and the others come up", () => {
    const { output, exitCode } = onStage(
      '$network start; code=$?; ip -4 -br addr show scope global; exit $code',
      { ens33: [...ens33, 'HWADDR=00:0c:29:53:71:a2'], ens37 },
    );
    expect(exitCode).toBe(1);
    expect(output).toContain('Device ens33 has different MAC address than expected, ignoring.');
    expect(output).toContain('192.168.4.133/24');
    expect(output).not.toContain('192.168.2.129');
  });

  test.each([
    [
      ['DNS1=8.8.8.8', 'DNS2=1.1.1.1'],
      'options timeout:1\nnameserver 8.8.8.8\nnameserver 1.1.1.1\n',
    ],
    [['DNS1=8.8.8.8', 'PEERDNS=no'], 'options timeout:1\nnameserver 192.0.2.1\n'],
    [[], 'options timeout:1\nnameserver 192.0.2.1\n'],
  ])('with %j, resolv.conf becomes %j', (lines, expected) => {
    const script = `printf 'options timeout:1\\nnameserver 192.0.2.1\\n' >/etc/resolv.conf
$network start >/dev/null; cat /etc/resolv.conf`;
    expect(onStage(script, { ens33: [...ens33, ...lines] }).output).toBe(expected);
  });

  test('a restart forgets what no file says: addresses, routes, forwarding', () => {
    const script = `$network start >/dev/null
ip addr add 192.0.2.1/32 dev ens33; ip route add default via 192.168.2.130; echo 1 >/proc/sys/net/ipv4/ip_forward
$network restart
ip -4 -br addr show dev ens33; ip route show default; cat /proc/sys/net/ipv4/ip_forward`;
    const { output } = onStage(script, { ens33 });
    expect(output).toMatch(/Shutting down interface ens33: {2}\[ {2}OK {2}\]\n/);
    expect(output).toMatch(/192\.168\.2\.129\/24 *\n0\n$/);
  });

  test('an address of the loopback device comes up with it, alone, and survives a restart', () => {
    const address = '192.168.4.133';
    const lines = loopbackFormat('ifcfg').merge(undefined, address).trimEnd().split('\n');
    const script = `$network start >/dev/null; ip -4 -o addr show dev lo
$network restart >/dev/null; ip -4 -o addr show dev lo; ip route get 192.168.5.1 2>&1`;
    const { output } = onStage(script, { [loopbackLabel(address)]: lines, ens33 });
    expect(output.match(/inet 192\.168\.4\.133\/32 .*lo:c0a80485/g)).toHaveLength(2);
    expect(output).not.toContain('local 192.168.5.1');
  });

  test('forwarding that a sysctl file asks for survives a restart', () => {
    const script = `echo net.ipv4.ip_forward=1 >/etc/sysctl.conf
ln -s ../sysctl.conf /etc/sysctl.d/99-sysctl.conf
$network start >/dev/null; $network restart >/dev/null; cat /proc/sys/net/ipv4/ip_forward
$network stop >/dev/null; cat /proc/sys/net/ipv4/ip_forward`;
    expect(onStage(script, { ens33 }).output).toBe('1\n0\n');
  });

  test('aliases come up with their card, but for those that are not to', () => {
    const { output } = onStage('$network start; ip -4 addr show dev ens33', {
      ens33,
      'ens33:1': ['DEVICE=ens33:1', 'IPADDR=192.168.2.200', 'PREFIX=32'],
      'ens33:2': ['DEVICE=ens33:2', 'IPADDR=192.168.2.201', 'PREFIX=32', 'ONPARENT=no'],
    });
    expect(output).toContain('inet 192.168.2.200/32 scope global ens33:1');
    expect(output).not.toContain('192.168.2.201');
    expect(output).not.toContain('interface ens33:1');
  });

  test("the lab's own ifcfg files give the tutorial's real server its address and gateway", () => {
    const file = renderIfcfg({
      device: 'ens37',
      mac: '00:0c:29:53:71:80',
      bridge: 'br-lan',
      address: '192.168.2.128',
      gateway: '192.168.2.1',
    });
    expect(file.trim().split('\n')).toHaveLength(19);
    const { output, exitCode } = onStage(showRoute, { ens37: file.split('\n') });
    expect(exitCode).toBe(0);
    expect(output.trim()).toBe('default via 192.168.2.1 dev ens37');
  });
});
