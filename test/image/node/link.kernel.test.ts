/** The link on the real kernel, in network namespaces of this test's own. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { NODE_ROUTES_MS } from '../../../image/limits';
import { DEVICE_KINDS } from '../../../image/node/device-kinds';
import type { LinkError } from '../../../image/node/link-error';
import { type Inside, Namespace } from '../../support/namespace';
import { needs } from '../../support/needs';

const SCRIPT = path.join(__dirname, 'inside.ts');
const TALK = path.join(__dirname, '../../support/talk.ts');
const NAME = 'nodelocaldns';
const BOTH = ['169.254.20.10', 'fd00:53::a'];

/** How a call failed. */
const refused = (call: Promise<unknown>): Promise<LinkError> =>
  call.then(
    () => Promise.reject(new Error('it worked')),
    (error) => error,
  );

needs('netns').describe('the link on the real kernel', () => {
  let node: Namespace;
  let inside: Inside;
  /** Everything that `ip` shows of devices, addresses and routes. */
  const state = (): string => node.sh('ip addr; ip route show table all; ip -6 route show table all; ip rule');

  beforeEach(async () => {
    node = await Namespace.open();
    inside = node.start(SCRIPT);
  });

  afterEach(() => node.close());

  test('it is made with its addresses, a second time nothing is done, and after removal all is as before', async () => {
    const before = state();
    const done = await inside.call<string[]>('ensure', NAME, BOTH);
    const kind = await inside.call<string>('kind');
    expect(DEVICE_KINDS).toContain(kind);
    expect(done).toEqual([
      expect.stringMatching(`^Added interface - ${NAME} of kind ${kind}`),
      ...BOTH.map((address) => `added ${address} to ${NAME}`),
    ]);
    expect(await inside.call('ensure', NAME, BOTH)).toEqual([]);
    const shown = node.run('ip', '-d', 'addr', 'show', NAME);
    expect(shown).toContain('state DOWN');
    expect(shown).not.toMatch(/[<,]UP[,>]|qlen [1-9]|fe80|tentative/);
    expect(shown).toMatch(/inet 169\.254\.20\.10\/32 scope global/);
    expect(shown).toMatch(/inet6 fd00:53::a\/128 scope global/);
    expect(await inside.call('addressesOf', NAME)).toEqual(BOTH);
    expect(await inside.call('remove', NAME)).toBe(true);
    expect(await inside.call('remove', NAME)).toBe(false);
    expect(state()).toBe(before);
  });

  /** Those that this machine's kernel has. */
  const kinds = DEVICE_KINDS.filter(
    (kind) => spawnSync('unshare', ['-n', 'ip', 'link', 'add', 'tried', 'type', kind]).status === 0,
  );
  test.each(kinds)(
    'on a %s that is down, addresses of both families answer, UDP and TCP, the node and its pods',
    async (kind) => {
      node.run('ip', 'link', 'add', NAME, 'type', kind);
      await inside.call('ensure', NAME, BOTH);
      expect(await inside.call('kind')).toBe(kind);
      node.sh('ip link add pod0 type veth peer name eth0 && ip addr add 10.9.0.1/24 dev pod0 && ip link set pod0 up');
      node.sh('ip -6 addr add fd09::1/64 dev pod0 nodad');
      const pod = await Namespace.open();
      try {
        node.run('ip', 'link', 'set', 'eth0', 'netns', pod.pid);
        pod.sh('ip addr add 10.9.0.2/24 dev eth0 && ip -6 addr add fd09::2/64 dev eth0 nodad && ip link set eth0 up');
        pod.sh('ip route add default via 10.9.0.1; ip -6 route add default via fd09::1');
        const [local, client] = [node.start(TALK), pod.start(TALK)];
        for (const address of BOTH) await local.call('answer', address, 53);
        for (const address of BOTH) {
          for (const one of [client, local]) {
            expect(await one.call('askUdp', address, 53)).toBe('answer');
            expect(await one.call('askTcp', address, 53)).toBe('answer');
          }
        }
      } finally {
        await pod.close();
      }
    },
  );

  test('what is missing is put back, what others added is left alone', async () => {
    await inside.call('ensure', NAME, BOTH);
    node.run('ip', 'addr', 'add', '192.0.2.1/32', 'dev', NAME);
    node.run('ip', 'addr', 'del', `${BOTH[0]}/32`, 'dev', NAME);
    expect(await inside.call('ensure', NAME, BOTH)).toEqual([`added ${BOTH[0]} to ${NAME}`]);
    expect(new Set(await inside.call<string[]>('addressesOf', NAME))).toEqual(new Set([...BOTH, '192.0.2.1']));
    node.run('ip', 'link', 'del', NAME);
    expect(await inside.call('ensure', NAME, BOTH)).toHaveLength(3);
  });

  test('a connected IPv6 socket that is older than the address reaches it', async () => {
    node.sh('ip link add eth0 type bridge && ip -6 addr add fd09::1/64 dev eth0 nodad && ip link set eth0 up');
    node.run('ip', '-6', 'route', 'add', 'default', 'via', 'fd09::2');
    const local = node.start(TALK);
    await local.call('keep', BOTH[1], 53);
    await inside.call('ensure', NAME, BOTH);
    await new Promise((resolve) => setTimeout(resolve, NODE_ROUTES_MS));
    const before = state();
    await inside.call('forgetRoutes', NAME);
    expect(state()).toBe(before);
    await local.call('answer', BOTH[1], 53);
    expect(await local.call('askKept')).toBe('answer');
  });

  test('two texts of one address are one address', async () => {
    await inside.call('ensure', NAME, ['FD00:53:0::A']);
    expect(await inside.call('ensure', NAME, ['fd00:53::0:a'])).toEqual([]);
  });

  test('a link as the Go agent leaves it is taken as it is', async () => {
    node.sh(`ip link add ${NAME} type bridge && ip addr add 169.254.20.10/32 dev ${NAME}`);
    const before = state();
    expect(await inside.call('ensure', NAME, [BOTH[0]])).toEqual([]);
    expect(state()).toBe(before);
    expect(await inside.call('kind')).toBe('bridge');
  });

  test('an IPv6 address that waits for duplicate address detection for ever is made anew', async () => {
    node.sh(`ip link add ${NAME} type bridge && ip -6 addr add ${BOTH[1]}/128 dev ${NAME}`);
    expect(node.run('ip', 'addr', 'show', NAME)).toContain('tentative');
    expect(await inside.call('ensure', NAME, [BOTH[1]])).toEqual([`added ${BOTH[1]} to ${NAME}`]);
    expect(node.run('ip', 'addr', 'show', NAME)).not.toContain('tentative');
  });

  test('an address that another interface has is added, and the interface named', async () => {
    node.sh('ip link add other type bridge && ip addr add 169.254.20.10/24 dev other');
    const done = await inside.call<string[]>('ensure', NAME, [BOTH[0]]);
    expect(done[1]).toBe(`added ${BOTH[0]} to ${NAME}; it is on other, too: take it away there if this is not meant`);
    node.run('ip', 'link', 'del', 'other');
    expect(node.sh('ip route show table local')).toContain(`local ${BOTH[0]} dev ${NAME}`);
  });

  test('addresses of a former configuration go when asked, those of others stay', async () => {
    await inside.call('ensure', NAME, [...BOTH, '169.254.20.11', 'fd00:53::b']);
    node.run('ip', 'addr', 'add', '192.0.2.1/32', 'dev', NAME);
    expect(await inside.call('dropFormer', NAME, BOTH)).toEqual([
      `removed 169.254.20.11 of a former -localip from ${NAME}`,
      `removed fd00:53::b of a former -localip from ${NAME}`,
    ]);
    expect(await inside.call('dropFormer', NAME, BOTH)).toEqual([]);
    expect(await inside.call('dropFormer', 'absent', BOTH)).toEqual([]);
    expect(new Set(await inside.call<string[]>('addressesOf', NAME))).toEqual(new Set([...BOTH, '192.0.2.1']));
  });

  test('the loopback holds the addresses as well, and only loses them', async () => {
    const before = state();
    expect(await inside.call('ensure', 'lo', BOTH)).toHaveLength(2);
    expect(await inside.call('kind')).toBe('device');
    expect(await inside.call('remove', 'lo', BOTH)).toBe(true);
    expect(state()).toBe(before);
  });

  test('IPv6 that a sysctl disables is named with the sysctl; IPv4 is there all the same', async () => {
    node.run('ip', 'link', 'add', NAME, 'type', 'ifb');
    node.sh(`echo 1 > /proc/sys/net/ipv6/conf/${NAME}/disable_ipv6`);
    const error = await refused(inside.call('ensure', NAME, [BOTH[1], BOTH[0]]));
    expect(error).toMatchObject({ name: 'LinkError', errno: 13, done: [`added ${BOTH[0]} to ${NAME}`] });
    expect(error.message).toContain(`Cannot add ${BOTH[1]} to '${NAME}': permission denied`);
    expect(error.message).toContain(`net.ipv6.conf.${NAME}.disable_ipv6=0`);
  });

  test('without the capability NET_ADMIN the message says so, and looking is still possible', async () => {
    const drop = ['setpriv', '--bounding-set', '-net_admin', '--inh-caps', '-net_admin'];
    const weak = node.start(SCRIPT, drop);
    const error = await refused(weak.call('ensure', NAME, BOTH));
    expect(error.message).toBe(
      `Cannot add interface '${NAME}' of kind dummy: operation not permitted; give the container the capability NET_ADMIN`,
    );
    expect(await weak.call('addressesOf', 'lo')).toEqual(['127.0.0.1', '::1']);
    expect(await weak.call('addressesOf', 'kube-ipvs0')).toBeNull();
  });

  test('two instances at a time make one link', async () => {
    const other = node.start(SCRIPT);
    for (let round = 0; round < 10; round++) {
      await Promise.all([inside.call('ensure', NAME, BOTH), other.call('ensure', NAME, BOTH)]);
      expect(await inside.call('addressesOf', NAME)).toEqual(BOTH);
      await Promise.all([inside.call('remove', NAME), other.call('remove', NAME)]);
      expect(await inside.call('addressesOf', NAME)).toBeNull();
    }
  });

  test('a thousand Services of IPVS are listed whole', async () => {
    node.sh('ip link add kube-ipvs0 type bridge');
    const addresses = Array.from({ length: 1_000 }, (_, index) => `10.96.${index >> 8}.${index & 255}`);
    await inside.call('ensure', 'kube-ipvs0', addresses);
    expect(await inside.call('addressesOf', 'kube-ipvs0')).toEqual(addresses);
    expect(await inside.call('ensure', 'kube-ipvs0', addresses)).toEqual([]);
  });

  test('no descriptor stays open, whatever the end', async () => {
    const before = await inside.call<number>('descriptors');
    for (let round = 0; round < 20; round++) {
      await inside.call('ensure', NAME, BOTH);
      await inside.call('ensure', 'a name with blanks', BOTH).catch(() => undefined);
      await inside.call('remove', NAME);
      await inside.call('addressesOf', 'absent');
    }
    expect(await inside.call('descriptors')).toBe(before);
  });
});
