/** The link over the life of the process: said, counted, tried again. node-network.test.ts has it beside rules and lease. */
import { NodeLink } from '../../../image/agent/node-link';
import { NODE_RETRY_MS_MIN, NODE_ROUTES_MS } from '../../../image/limits';
import { FakeNode } from '../../support/fake-node';
import { FakeClock, fakeLog, settle } from '../../support/fake-world';

let node: FakeNode;
let clock: FakeClock;
let said: string[];
let counted: string[];
let isShared: boolean;
let addresses: string[];
let link: NodeLink;

beforeEach(() => {
  node = new FakeNode();
  clock = new FakeClock();
  counted = [];
  isShared = false;
  addresses = ['169.254.20.10'];
  const { log, late } = fakeLog();
  log.startRunning();
  said = late;
  link = new NodeLink('nodelocaldns', {
    ...{ clock, log, ports: node, addresses: () => addresses, isShared: () => isShared },
    repaired: () => void counted.push('repaired'),
    failed: (type) => void counted.push(type),
  });
});

test('it is there when ensure returns: sockets are bound next', () => {
  link.ensure();
  expect(node.devices.get('nodelocaldns')).toEqual(['169.254.20.10']);
  expect(counted).toEqual(['repaired']);
});

test('one that was there is taken as it is', () => {
  node.devices.set('nodelocaldns', ['169.254.20.10']);
  link.ensure();
  expect([counted, said]).toEqual([[], []]);
});

describe('undone after a start that failed', () => {
  test('one that this process made goes', () => {
    link.ensure();
    link.undo();
    expect(node.devices.size).toBe(0);
  });

  test('one that was there stays, with the addresses that it had', () => {
    node.devices.set('nodelocaldns', ['10.96.0.10']);
    link.ensure();
    const dropped = jest.spyOn(node.link, 'dropFormer').mockReturnValue(['removed 169.254.20.10']);
    link.ensure();
    link.undo();
    expect(dropped.mock.lastCall).toEqual(['nodelocaldns', ['10.96.0.10']]);
    expect(node.devices.has('nodelocaldns')).toBe(true);
    expect(said.at(-1)).toContain('nodelocaldns has the addresses of before again');
  });

  test('nothing is touched when there is no link, or it was never looked at', () => {
    link.undo();
    node.linkError = 'operation not permitted';
    link.ensure();
    link.undo();
    expect(node.events).toEqual([]);
  });
});

test('addresses of a former configuration are left alone while somebody else serves', () => {
  node.devices.set('nodelocaldns', ['169.254.20.10', '10.96.0.10']);
  const dropped = jest.spyOn(node.link, 'dropFormer');
  isShared = true;
  link.ensure();
  expect(dropped).not.toHaveBeenCalled();
});

test('the first failure is counted in two ways, as the Go agent does, a later one in one; then all is well again', async () => {
  node.linkError = 'no buffer space available';
  link.ensure();
  await settle();
  expect(counted).toEqual(['interface_add', 'interface_check']);
  await clock.pass(NODE_RETRY_MS_MIN);
  expect(counted.slice(2)).toEqual(['interface_check']);
  node.linkError = null;
  await clock.pass(4 * NODE_RETRY_MS_MIN);
  expect(said).toEqual([
    expect.stringContaining('Error checking dummy device nodelocaldns: no buffer space available'),
    expect.stringContaining('Added interface - nodelocaldns'),
    expect.stringContaining('Interface nodelocaldns is as it should be again'),
  ]);
});

test('after the end nothing is put back', async () => {
  node.linkError = 'no buffer space available';
  link.ensure();
  await link.stop();
  node.linkError = null;
  await clock.pass(60_000);
  link.ensure();
  expect(node.devices.size).toBe(0);
  expect(clock.waiting).toBe(0);
});

test('IPv6 sockets of the host look their routes up again, some time after an address came', async () => {
  link.ensure();
  await clock.pass(10_000);
  expect(node.events).not.toContain('routes over nodelocaldns forgotten'); // IPv4 needs no such thing.
  const forget = jest.spyOn(node.link, 'forgetRoutes');
  addresses = ['169.254.20.10', 'fd00:53::10'];
  node.devices.delete('nodelocaldns');
  link.ensure();
  expect(forget).not.toHaveBeenCalled();
  await clock.pass(NODE_ROUTES_MS);
  expect(forget).toHaveBeenCalledTimes(1);
  link.ensure(); // All is there.
  await clock.pass(10_000);
  expect(forget).toHaveBeenCalledTimes(1);
});

test('its removal is said', () => {
  link.ensure();
  link.remove();
  expect(said.at(-1)).toContain('Removed interface - nodelocaldns');
  link.remove();
  expect(said.filter((line) => line.includes('Removed'))).toHaveLength(1);
});
