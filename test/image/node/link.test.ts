/** The link on a kernel in memory: what is refused, and who else is at work. link.kernel.test.ts has the real one. */
import { EACCES, ENODEV, EPERM } from '../../../image/kernel/errno';
import { Link } from '../../../image/node/link';
import type { LinkError } from '../../../image/node/link-error';
import fc from '../../support/property';
import { RouteKernel, WAITING } from './route-kernel';

const NAME = 'nodelocaldns';
const [V4, V6] = ['169.254.20.10', 'fd00:53::a'];
const [NEWLINK, NEWADDR] = [16, 20];

let node: RouteKernel;
let link: Link;

beforeEach(() => {
  node = new RouteKernel();
  link = new Link(node);
});

afterEach(() => expect(node.openSockets).toBe(0));

/** How ensure failed. */
function failure(name = NAME, addresses: readonly string[] = [V4, V6]): LinkError {
  try {
    link.ensure(name, addresses);
  } catch (error) {
    return error as LinkError;
  }
  throw new Error('it worked');
}

const present = (name = NAME): string[] | undefined => node.find(name)?.addresses.map(({ address }) => address);

test('a dummy when the kernel has it, and no word about others', () => {
  expect(link.kind).toBe('');
  expect(link.ensure(NAME, [V4, V6])).toEqual([
    `Added interface - ${NAME} of kind dummy`,
    `added ${V4} to ${NAME}`,
    `added ${V6} to ${NAME}`,
  ]);
  expect([link.kind, present()]).toEqual(['dummy', [V4, V6]]);
  expect(link.ensure(NAME, [V4, V6])).toEqual([]);
});

test.each([
  [['ifb', 'bridge'], 'ifb', 'dummy'],
  [['veth', 'bridge'], 'bridge', 'dummy or ifb'],
  [['veth'], 'veth', 'dummy or ifb or bridge'],
])('a kernel with %j: a %s stands in, and the log says for what', (kinds, kind, missing) => {
  node.kinds = kinds;
  expect(link.ensure(NAME, [])).toEqual([
    `Added interface - ${NAME} of kind ${kind}, which serves as well: the kernel has no device of kind ${missing}`,
  ]);
  expect(link.kind).toBe(kind);
});

test('a kernel without any: the message has the kinds, the module to load and the way without', () => {
  node.kinds = [];
  const { message, errno } = failure();
  expect(message).toBe(
    `Cannot add interface '${NAME}': the kernel knows none of dummy, ifb, bridge, veth; load one (modprobe dummy), or make ` +
      'the interface with its addresses yourself and run with -setupinterface=false',
  );
  expect(errno).toBe(95);
});

test.each(['', 'sixteen-letters!', 'a b', 'a/b', 'a:b', '.', '..', 'näme', 'a\n'])(
  'the name %j is refused before the kernel is asked',
  (name) => {
    expect(failure(name).message).toContain(`-interfacename is '${name}', want 1 to 15 ASCII characters`);
    expect(link.remove(name)).toBe(false);
    expect(node.sent).toEqual([]);
  },
);

test('a name of 15 characters is taken', () => {
  expect(link.ensure('fifteen-letters', [])).toHaveLength(1);
});

describe('refusals', () => {
  test.each([
    [NEWLINK, `Cannot add interface '${NAME}' of kind dummy`, []],
    [NEWADDR, `Cannot add ${V4} to '${NAME}'`, [`Added interface - ${NAME} of kind dummy`]],
  ])('without NET_ADMIN a request of type %d: the capability is named', (type, what, done) => {
    node.refusal = (request) => (request.type === type ? [-EPERM, ''] : undefined);
    const error = failure();
    expect(error.message).toContain(`${what}: operation not permitted; give the container the capability NET_ADMIN`);
    expect([error.name, error.errno, error.done]).toEqual(['LinkError', EPERM, done]);
  });

  const v6Only = (errno: number, words = '') => {
    node.refusal = ({ type, payload }) => (type === NEWADDR && payload[0] === 10 ? [-errno, words] : undefined);
  };

  test('IPv6 disabled by a sysctl: it is named, and IPv4 added all the same', () => {
    v6Only(EACCES, 'ipv6: IPv6 is disabled on this device');
    const error = failure(NAME, [V6, V4]);
    expect(error.message).toBe(
      `Cannot add ${V6} to '${NAME}': permission denied: ipv6: IPv6 is disabled on this device: IPv6 is disabled there; ` +
        `set net.ipv6.conf.${NAME}.disable_ipv6=0 (and .default for the next one), or leave IPv6 out of -localip`,
    );
    expect(error.done).toEqual([`Added interface - ${NAME} of kind dummy`, `added ${V4} to ${NAME}`]);
  });

  test('a kernel booted without IPv6: the parameter is named', () => {
    v6Only(95);
    expect(failure().message).toContain('operation not supported; if the node was booted with ipv6.disable=1');
  });

  test('a kernel that has no such device for IPv6 only keeps nothing else off', () => {
    v6Only(ENODEV);
    const error = failure(NAME, [V6, V4]);
    expect(error.message).toContain('no such device; if the node was booted with ipv6.disable=1');
    expect(error.done).toEqual([`Added interface - ${NAME} of kind dummy`, `added ${V4} to ${NAME}`]);
  });

  test('two addresses refused are two reasons', () => {
    node.refusal = ({ type }) => (type === NEWADDR ? [-22, ''] : undefined);
    expect(failure().message).toMatch(/^Cannot add 169\.\S+ to .*; Cannot add fd00\S+ to /);
  });

  test.each([
    ['no socket', 'socket', 'Cannot open a netlink socket: operation not permitted'],
    ['no connection', 'connect', 'Cannot open a netlink socket: operation not permitted'],
    ['nothing sent', 'send', `Cannot find interface '${NAME}': operation not permitted`],
  ])('%s', (_what, call, wanted) => {
    node.refuse.set(call, -EPERM);
    expect(failure().message).toContain(wanted);
  });

  test('a kernel that does not answer is no reason to wait', () => {
    node.answer = () => [];
    expect(failure().message).toBe(`Cannot find interface '${NAME}': resource temporarily unavailable`);
  });

  test('lists that fail', () => {
    node.refusal = ({ type }) => (type === 22 ? [-12, ''] : undefined);
    expect(failure().message).toBe('Cannot list addresses: cannot allocate memory');
    expect(() => link.addressesOf('lo')).toThrow('Cannot list addresses');
  });
});

describe('others at work', () => {
  test('another instance makes the link between our look and our try: it is taken', () => {
    const act = node.answer;
    let isMade = false;
    node.answer = (request) => {
      if (request.type === NEWLINK && !isMade) {
        isMade = true;
        node.addDevice(NAME, 'ifb', [V4]);
      }
      return act(request);
    };
    expect(link.ensure(NAME, [V4, V6])).toEqual([`added ${V6} to ${NAME}`]);
    expect(link.kind).toBe('ifb');
  });

  test('the link is removed between our look and the first address: it is made again', () => {
    const act = node.answer;
    let removals = 0;
    node.answer = (request) => {
      if (request.type === NEWADDR && removals++ === 0) node.devices = node.devices.filter(({ name }) => name !== NAME);
      return act(request);
    };
    expect(link.ensure(NAME, [V4])).toHaveLength(3);
    expect(present()).toEqual([V4]);
  });

  test('somebody who removes it each time: an end, and what was done is told', () => {
    const act = node.answer;
    node.answer = (request) => {
      if (request.type === NEWADDR) node.devices = node.devices.filter(({ name }) => name !== NAME);
      return act(request);
    };
    const error = failure(NAME, [V4]);
    expect([error.errno, error.done.length]).toEqual([ENODEV, 3]);
  });

  test('an address that came while the list was read is no failure', () => {
    node.refusal = ({ type }) => {
      if (type === NEWADDR && present()?.length === 0) node.find(NAME)!.addresses.push({ address: V4 });
      return undefined;
    };
    expect(() => link.ensure(NAME, [V4])).not.toThrow();
    expect(present()).toEqual([V4]);
  });

  test('an address on other interfaces is named with them', () => {
    node.addDevice('kube-ipvs0', 'dummy', [V4]);
    node.addDevice('eth0', '', [V4]);
    expect(link.ensure(NAME, [V4])[1]).toBe(
      `added ${V4} to ${NAME}; it is on kube-ipvs0 and eth0, too: take it away there if this is not meant`,
    );
  });

  test('an IPv6 address that waits for duplicate address detection is made anew', () => {
    const device = node.addDevice(NAME, 'bridge');
    device.addresses = [{ address: V6, flags: WAITING }];
    expect(link.ensure(NAME, [V6])).toEqual([`added ${V6} to ${NAME}`]);
    expect(device.addresses).toEqual([{ address: V6, protocol: 53 }]);
  });
});

describe('removal', () => {
  test('whatever the kind; what is not there is not removed', () => {
    node.addDevice(NAME, 'bridge', [V4]);
    expect([link.remove(NAME), link.remove(NAME), node.find(NAME)]).toEqual([true, false, undefined]);
  });

  test('what cannot be removed loses our addresses, in whatever spelling, and no others', () => {
    node.find('lo')!.addresses.push({ address: V4 }, { address: V6 });
    expect(link.remove('lo', [V4, 'FD00:53:0::A', '169.254.20.11'])).toBe(true);
    expect(present('lo')).toEqual(['127.0.0.1', '::1']);
  });

  test('without NET_ADMIN', () => {
    node.addDevice(NAME, 'dummy');
    node.refusal = ({ type }) => (type === 17 ? [-EPERM, ''] : undefined);
    expect(() => link.remove(NAME)).toThrow(`Cannot remove interface '${NAME}': operation not permitted; give the`);
  });

  test('addresses of a former configuration are those with our mark', () => {
    node.addDevice(NAME, 'dummy').addresses = [
      { address: '169.254.20.11', protocol: 53 },
      { address: V4, protocol: 53 },
      { address: '192.0.2.1' },
      { address: '192.0.2.2', protocol: 3 },
    ];
    node.addDevice('other', 'dummy').addresses = [{ address: '192.0.2.3', protocol: 53 }];
    expect(link.dropFormer(NAME, [V4])).toEqual([`removed 169.254.20.11 of a former -localip from ${NAME}`]);
    expect([present(), present('other')]).toEqual([[V4, '192.0.2.1', '192.0.2.2'], ['192.0.2.3']]);
    expect(link.dropFormer('absent', [V4])).toEqual([]);
  });
});

test('addresses of a device are its own; no device is null', () => {
  node.addDevice('kube-ipvs0', 'dummy', ['10.96.0.10', 'fd00::a']);
  expect(link.addressesOf('kube-ipvs0')).toEqual(['10.96.0.10', 'fd00::a']);
  expect(link.addressesOf('kube-ipvs1')).toBeNull();
});

test('whatever was there before, afterwards every address is on the link, and nothing else has changed', () => {
  const address = fc.constantFrom('169.254.20.10', '169.254.20.11', 'fd00:53::a', 'fd00:53::b', '192.0.2.1');
  const some = fc.uniqueArray(address);
  fc.assert(
    fc.property(some, some, some, fc.boolean(), (wanted, before, elsewhere, isThere) => {
      node.devices = [];
      if (isThere) node.addDevice(NAME, 'bridge', before);
      node.addDevice('eth0', '', elsewhere);
      const done = link.ensure(NAME, wanted);
      expect(new Set(present())).toEqual(new Set(isThere ? [...before, ...wanted] : wanted));
      expect(present('eth0')).toEqual(elsewhere);
      const missing = wanted.filter((one) => !isThere || !before.includes(one));
      expect(done).toHaveLength(missing.length + (isThere ? 0 : 1));
      expect(link.ensure(NAME, wanted)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
