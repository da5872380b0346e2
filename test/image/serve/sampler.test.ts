/** Which queries are sampled, and what is told of each. The ways themselves are seen from outside in commands/process.test.ts. */
import type { Query } from '../../../image/chain/query';
import { Zones } from '../../../image/chain/zones';
import { Arena } from '../../../image/kernel/arena';
import { writeSockaddr } from '../../../image/kernel/sockaddr';
import { NameHash } from '../../../image/memory/hash';
import { newSampleRing, queryMark, SampleReader } from '../../../image/observe/samples';
import { Sampler } from '../../../image/serve/sampler';
import { QueryView, readQuery } from '../../../image/wire/question';
import { questionPacket } from '../../support/query';

const arena = new Arena(0x1_0000_0000, new ArrayBuffer(1 << 16));
const hash = new NameHash(7);
const clock = { now: () => 1000 };
const peer = arena.allocate(64);
const out = arena.allocate(512);
const view = new QueryView();
const listener = {
  index: 0,
  zones: new Zones(['.'], hash),
  routes: [{ zone: '.', block: { index: 3 } }],
} as unknown as Parameters<Sampler['answeredAtOnce']>[0];

function ask(name: string, client = '10.0.0.1', port = 4000): void {
  const packet = questionPacket(name);
  readQuery(packet, 0, packet.length, view);
  hash.name(view.key, view.nameBytes, view.labelStarts, view.labelCount);
  writeSockaddr(arena, peer, client, port);
}

function sampling(): { sampler: Sampler; reader: SampleReader } {
  const sampler = new Sampler(arena, clock, hash);
  const reader = new SampleReader(newSampleRing());
  sampler.use(reader.ring);
  return { sampler, reader };
}

const hit = (sampler: Sampler): void => sampler.answeredAtOnce(listener, view, 0, peer, out, 999.5, true);

test('nothing is on until a ring comes, and after it is taken away', () => {
  const sampler = new Sampler(arena, clock, hash);
  expect(sampler.isOn).toBe(false);
  sampler.use(newSampleRing());
  expect(sampler.isOn).toBe(true);
  sampler.use(null);
  expect(sampler.isOn).toBe(false);
});

test('a hit: its block, its time, its client', () => {
  const { sampler, reader } = sampling();
  ask('a.example.');
  hit(sampler);
  expect(reader.read()[0]).toMatchObject({
    ...{ path: 'hit', name: 'a.example.', block: 3, writer: 'cache', microseconds: 500 },
    address: new Uint8Array([10, 0, 0, 1]),
  });
});

test.each([
  ['192.0.2.1', 4],
  ['::ffff:192.0.2.1', 4], // An IPv4 client of a socket for both.
  ['2001:db8::1', 16],
])('client %s has %i octets', (client, octets) => {
  const { sampler, reader } = sampling();
  ask('a.', client);
  hit(sampler);
  expect(reader.read()[0].address).toHaveLength(octets);
});

test('one in so many is taken, in uneven gaps; all are counted', () => {
  const { sampler, reader } = sampling();
  reader.setStep(10);
  ask('a.');
  for (let count = 0; count < 20_000; count++) hit(sampler);
  expect(reader.seen()).toBe(20_000);
  const taken = reader.read().length;
  expect(taken).toBeGreaterThan(1_800);
  expect(taken).toBeLessThan(2_200);
});

test('the query that is wanted is taken whatever the step', () => {
  const { sampler, reader } = sampling();
  reader.setStep(1_000_000);
  ask('a.');
  hit(sampler); // The first is always due.
  ask('wanted.', '10.0.0.2', 5353);
  reader.want(queryMark(5353, view.id));
  hit(sampler);
  ask('other.', '10.0.0.2', 5354);
  hit(sampler);
  expect(reader.read().map(({ name, isWanted }) => [name, isWanted])).toEqual([
    ['a.', false],
    ['wanted.', true],
  ]);
});

describe('the long way', () => {
  const base = { rcode: 0, protocol: 1, extendedError: -1, joined: false, upstream: '', maker: '', receivedAtMs: 990 };
  test.each([
    ['miss', { upstream: '10.0.0.10:53', maker: 'forward' }],
    ['joined', { upstream: '10.0.0.10:53', maker: 'forward', joined: true }],
    ['hit', { maker: 'cache' }],
    ['hit', { extendedError: 13 | (22 << 16), rcode: 2 }], // A failure that is remembered.
    ['stale', { maker: 'cache', extendedError: 3 }],
    ['stale', { maker: 'cache', extendedError: 19 }],
    ['made', { maker: 'template' }],
    ['refused', {}],
  ])('%s: %j', (path, facts) => {
    const { sampler, reader } = sampling();
    ask('a.');
    const query = { ...base, ...facts, view, peerOffset: peer, route: { block: { index: 1 } } };
    sampler.finished(query as unknown as Query);
    expect(reader.read()[0]).toMatchObject({ path, block: 1, isTcp: true, upstream: query.upstream });
  });
});

test('questions by which the agent keeps its lease (opcode STATUS) are nobody’s', () => {
  const { sampler, reader } = sampling();
  ask('a.');
  arena.u8[out + 2] = 0x90; // An answer with opcode 2.
  hit(sampler);
  arena.u8[out + 2] = 0x80;
  hit(sampler);
  expect(reader.seen()).toBe(1);
});
