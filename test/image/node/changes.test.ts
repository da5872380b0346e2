/** The watch when the kernel refuses, drops or breaks; changes.kernel.test.ts has what it tells. */
import { EMFILE, ENOBUFS, EPERM } from '../../../image/kernel/errno';
import { NETLINK_NETFILTER, NETLINK_ROUTE } from '../../../image/kernel/netlink';
import { MessageWriter } from '../../../image/kernel/netlink-message';
import { NodeChanges } from '../../../image/node/changes';
import { message } from '../../support/fake-netlink';
import { addressPayload, linkPayload, RouteKernel } from './route-kernel';

const NAME = 'nodelocaldns';
const [LINK_GROUP, IPV4_GROUP, IPV6_GROUP, NFT_GROUP] = [1, 5, 9, 7];
const [NEWLINK, DELLINK, DELADDR] = [16, 17, 21];
const NOTHING = { link: false, rules: false };
const WATCH = { device: NAME, tables: [{ family: 'inet', name: NAME }], legacy: [] } as const;
const AF_BRIDGE = 7;

let node: RouteKernel;
let index: number;

beforeEach(() => {
  node = new RouteKernel();
  index = node.addDevice(NAME, 'dummy').index;
});

const link = (type: number, event: Uint8Array): void => node.tell(NETLINK_ROUTE, LINK_GROUP, message(type, 0, event));
const ours = (): Uint8Array => linkPayload({ name: NAME, index, kind: 'dummy' });
const table = (name: string): Buffer =>
  message(10 << 8, 0, new MessageWriter(0, 0).u8(1).u8(0).u16(0).text(1, name).finish().subarray(16));

test('nothing is opened for what is not watched', () => {
  const changes = new NodeChanges(node, { device: '', tables: [], legacy: [] });
  expect([node.openSockets, changes.poll(), changes.problems]).toEqual([0, NOTHING, []]);
});

test('two sockets hear, a third asked for the device and is closed; closing closes all', () => {
  const changes = new NodeChanges(node, WATCH);
  expect(node.openSockets).toBe(2);
  changes.close();
  expect(node.openSockets).toBe(0);
  expect(changes.poll()).toEqual(NOTHING);
});

test.each([
  ['gone', DELLINK, () => ours(), true],
  ['renamed', NEWLINK, () => linkPayload({ name: 'other', index, kind: 'dummy' }), true],
  ['replaced', NEWLINK, () => linkPayload({ name: NAME, index: 99, kind: 'dummy' }), true],
  ['as it was', NEWLINK, () => ours(), false],
  ['another', DELLINK, () => linkPayload({ name: 'eth0', index: 99, kind: '' }), false],
  ['a bridge’s word of a port', DELLINK, () => linkPayload({ name: NAME, index, kind: 'dummy' }, AF_BRIDGE), false],
  ['cut off', DELLINK, () => ours().subarray(0, 12), false],
])('the device is %s', (_what, type, event, wanted) => {
  const changes = new NodeChanges(node, WATCH);
  link(type, event());
  expect(changes.poll()).toEqual({ link: wanted, rules: false });
  expect(changes.poll()).toEqual(NOTHING);
});

test('an address less, of either family; another device’s is nothing', () => {
  const changes = new NodeChanges(node, WATCH);
  const less = (group: number, at: number, address: string): void =>
    node.tell(NETLINK_ROUTE, group, message(DELADDR, 0, addressPayload(at, { address })));
  less(IPV4_GROUP, 99, '169.254.20.10');
  expect(changes.poll().link).toBe(false);
  less(IPV4_GROUP, index, '169.254.20.10');
  expect(changes.poll().link).toBe(true);
  less(IPV6_GROUP, index, 'fd00::a');
  expect(changes.poll().link).toBe(true);
});

test.each([
  [NETLINK_ROUTE, LINK_GROUP, { link: true, rules: false }],
  [NETLINK_NETFILTER, NFT_GROUP, { link: false, rules: true }],
])(
  'events of protocol %d that the kernel dropped may have been anything; what waits is given up',
  (protocol, group, wanted) => {
    const changes = new NodeChanges(node, WATCH);
    node.devices = [];
    index = node.addDevice(NAME, 'dummy').index; // Made anew meanwhile: the event that said so is lost.
    node.tell(protocol, group, -ENOBUFS);
    expect(changes.poll()).toEqual(wanted);
    expect([node.openSockets, changes.poll(), changes.problems]).toEqual([2, NOTHING, []]);
    if (protocol === NETLINK_ROUTE) link(DELLINK, ours());
    else node.tell(protocol, group, table(NAME));
    expect(changes.poll()).toEqual(wanted); // Heard again, and by its new index.
  },
);

test.each([
  ['socket', 'the interface'],
  ['connect', 'the interface'],
  ['group', 'the interface'],
])('%s that is refused is a problem for the log; the other half is heard', (call, what) => {
  node.refuse.set(call, -EPERM);
  const changes = new NodeChanges(node, WATCH);
  expect(changes.problems).toEqual([
    `cannot hear of changes of ${what}: operation not permitted; looking at every sync interval only`,
  ]);
  expect(node.openSockets).toBe(1);
  node.tell(NETLINK_NETFILTER, NFT_GROUP, table(NAME));
  expect([changes.poll(), changes.poll()]).toEqual([{ link: false, rules: true }, NOTHING]);
});

test.each([
  [NETLINK_ROUTE, LINK_GROUP, { link: true, rules: false }],
  [NETLINK_NETFILTER, NFT_GROUP, { link: false, rules: true }],
])('a socket of protocol %d that breaks is opened again as soon as it can be', (protocol, group, wanted) => {
  const changes = new NodeChanges(node, WATCH);
  node.tell(protocol, group, -ENOBUFS);
  node.refuse.set('socket', -EMFILE);
  expect([changes.poll(), changes.problems.length]).toEqual([wanted, 1]);
  node.refuse.set('socket', -EMFILE);
  expect([changes.poll(), changes.problems.length]).toEqual([NOTHING, 1]);
  node.refuse.clear();
  expect(changes.poll()).toEqual(wanted); // What happened meanwhile was not heard.
  expect([changes.poll(), node.openSockets]).toEqual([NOTHING, 2]);
  node.tell(protocol, group, -ENOBUFS);
  node.refuse.set('socket', -EMFILE);
  changes.poll();
  changes.close();
  node.refuse.clear();
  expect([changes.poll(), node.openSockets]).toEqual([NOTHING, 0]);
});

test('a device that nobody can describe is known from the first event that names it', () => {
  node.refusal = () => [-EPERM, ''];
  const changes = new NodeChanges(node, WATCH);
  link(NEWLINK, ours());
  expect(changes.poll().link).toBe(true);
  link(DELLINK, ours());
  expect(changes.poll().link).toBe(true);
});
