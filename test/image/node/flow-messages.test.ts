/** Flows in netlink's octets: what the kernel is asked, and what is read of its answers. flows.kernel.test.ts has the real one. */
import { MessageWalk, MessageWriter } from '../../../image/kernel/netlink-message';
import { deleteFlowRequest, flowsRequest, isUdpTo, readFlow } from '../../../image/node/flow-messages';

const CLIENT = [10, 244, 0, 10];
const LOCAL = [169, 254, 20, 10];
const SERVER = [10, 244, 1, 2];
const [NEW, UDP, TCP] = [0x100, 17, 6];

interface Ends {
  readonly source: readonly number[];
  readonly target: readonly number[];
  readonly port: number;
}

function tuple(flow: MessageWriter, type: number, { source, target, port }: Ends, protocol: number): void {
  flow.nest(type, (parts) => {
    parts.nest(1, (ip) => ip.attribute(1, source).attribute(2, target));
    parts.nest(2, (ports) =>
      ports
        .attribute(1, [protocol])
        .attribute(2, [3, 232])
        .attribute(3, [port >> 8, port & 255]),
    );
  });
}

function walkOver(octets: Uint8Array): MessageWalk {
  const walk = new MessageWalk().over(octets, 0, octets.length);
  expect(walk.next()).toBe(true);
  return walk;
}

/** A flow to the local address that a server answers, as the kernel tells of it. */
function told(protocol = UDP, type = NEW): MessageWalk {
  const flow = new MessageWriter(type, 2).u8(2).u8(0).u16(0);
  tuple(flow, 1, { source: CLIENT, target: LOCAL, port: 53 }, protocol);
  tuple(flow, 2, { source: SERVER, target: CLIENT, port: 1000 }, protocol);
  flow.attribute(3, [0, 0, 1, 0x98]).attribute(12, [1, 2, 3, 4]);
  return walkOver(flow.finish());
}

test.each([
  ['IPv4', false, '02'],
  ['IPv6', true, '0a'],
])(
  'the list that is asked for is of UDP flows of %s to one port, filtered by the kernel',
  (_family, isIpv6, family) => {
    expect(Buffer.from(flowsRequest(isIpv6, 53)).toString('hex')).toBe(
      [
        '38000000' + '0101' + '0103' + '00000000' + '00000000', // IPCTNL_MSG_CT_GET, request and dump
        `${family}000000`,
        '18000180' + '14000280' + '0500010011000000' + '0600030000350000', // what was asked: protocol 17, port 53
        '0c001980' + '0800010028000000', // compare protocol and port
      ].join(''),
    );
  },
);

test('a flow is read: whom was asked, who answers, and whom', () => {
  const flow = readFlow(told())!;
  expect([[...flow.asked], [...flow.answering], [...flow.answered]]).toEqual([LOCAL, SERVER, CLIENT]);
  expect(isUdpTo(flow, 53)).toBe(true);
  expect(isUdpTo(flow, 5353)).toBe(false);
  expect(isUdpTo(readFlow(told(TCP))!, 53)).toBe(false);
});

test('what is no flow, or half of one, is none', () => {
  expect(readFlow(told(UDP, 0x102))).toBeUndefined();
  const half = new MessageWriter(NEW, 2).u8(2).u8(0).u16(0);
  tuple(half, 1, { source: CLIENT, target: LOCAL, port: 53 }, UDP);
  expect(readFlow(walkOver(half.finish()))).toBeUndefined();
  expect(readFlow(walkOver(new MessageWriter(NEW, 2).finish()))).toBeUndefined();
});

test('it is deleted by what was asked and its id, so that a later flow between the same ends stays', () => {
  const walk = walkOver(deleteFlowRequest(told()));
  expect([walk.type, walk.flags]).toEqual([0x102, 5]);
  const hex = Buffer.from(walk.bytes.subarray(walk.payload, walk.end)).toString('hex');
  expect(hex).toContain('08000100' + '0af4000a' + '08000200' + 'a9fe140a');
  expect(hex).toContain('08000c00' + '01020304');
  expect(hex).not.toContain('00000198'); // Its state is of no account.
});
