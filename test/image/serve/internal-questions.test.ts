/**
 * Questions that plugins ask of their own server (dns64, rewrite cname, refreshing a stale entry), and the other things a
 * handler may do with a query: change its request, answer with silence, explain itself.
 */
import type { HandlerContext } from '../../../image/chain/context';
import { type Handler, Step } from '../../../image/chain/plugin';
import { type Query, UDP } from '../../../image/chain/query';
import { Zones } from '../../../image/chain/zones';
import { Arena } from '../../../image/kernel/arena';
import { INTERNAL_DEPTH_MAX } from '../../../image/limits';
import { NameHash } from '../../../image/memory/hash';
import { Counters } from '../../../image/observe/counters';
import { ZoneMeter } from '../../../image/plugin/prometheus/meter';
import { Panics } from '../../../image/serve/panics';
import { writeAnswer } from '../../../image/serve/reply';
import { Sampler } from '../../../image/serve/sampler';
import { Server } from '../../../image/serve/server';
import { Rcode, rcodeText } from '../../../image/wire/codes';
import { decodeMessage, type Message } from '../../../image/wire/message';
import { nameToText } from '../../../image/wire/name-text';
import { QueryView, readQuery } from '../../../image/wire/question';
import { questionPacket } from '../../support/query';

/** A server with one listener whose only zone, the root, has these handlers. */
class World {
  readonly bytes = new ArrayBuffer(Server.ARENA_BYTES + (1 << 20));
  readonly arena = new Arena(0x1_0000_0000, this.bytes);
  readonly server: Server;
  /** What was sent, decoded. */
  readonly sent: Message[] = [];
  discarded = 0;
  readonly lines: string[] = [];
  private readonly request = this.arena.allocate(4096);
  private readonly listener: Parameters<Server['take']>[2]['listener'];

  constructor(...handlers: Handler[]) {
    const hash = new NameHash(7);
    const counters = new Counters(new Float64Array(4096), () => {});
    const clock = { now: () => 1000 };
    const log = { line: (_: string, text: string) => void this.lines.push(text), plugin: () => {} };
    const panics = new Panics(clock, counters, log);
    this.server = new Server(this.arena, clock, hash, counters, panics, new Sampler(this.arena, clock, hash));
    this.server.outlets[UDP] = {
      deliver: (query) => {
        const out = new Uint8Array(4096);
        this.sent.push(decodeMessage(out, 0, writeAnswer(query, out, 0))!);
      },
      discard: () => void this.discarded++,
    };
    const route = {
      zone: '.',
      block: { index: 0, handlers, work: { queries: 0 } },
      cache: undefined,
      udpBytesMax: 65535,
      mindsOptions: false,
      meter: undefined,
    };
    const dropped = new ZoneMeter(counters, 'dns://:53', 'dropped');
    const tcpLimits = { firstQueryMs: 3000, idleMs: 10_000 };
    this.listener = {
      index: 0,
      zones: new Zones(['.'], hash),
      routes: [route],
      dropped,
      takesAllClasses: true,
      tcpLimits,
    };
  }

  ask(packet: Uint8Array): void {
    this.arena.u8.set(packet, this.request);
    const view = new QueryView();
    const verdict = readQuery(this.arena.u8, this.request, packet.length, view);
    const asked = {
      ...{ listener: this.listener, protocol: UDP, family: 1 as const, requestBytes: packet.length },
      ...{ peerOffset: this.request + 2048, client: -1, clientSerial: 0, receivedAtMs: 1000 },
    };
    this.server.take(verdict, view, asked, this.request + 1024);
  }
}

/** A handler from functions. */
const handler = (handle: Handler['handle'], leave?: Handler['leave']): Handler => ({ name: 'made', handle, leave });

const context = (world: () => World): Pick<HandlerContext, 'ask'> => ({
  ask: (question) => world().server.ask(question),
});

describe('a question of our own', () => {
  test('walks through all handlers, and its answer comes to the asker alone', () => {
    const seen: string[] = [];
    const heard: string[] = [];
    const world: World = new World(
      handler((query) => {
        seen.push(`${query.name} at depth ${query.depth}`);
        if (query.depth > 0) return query.fail(Rcode.NXDOMAIN, '');
        const answered = (inner: Query) => void heard.push(`${inner.name} ${rcodeText(inner.rcode)} ${inner.subject}`);
        const request = questionPacket('other.test.');
        expect(context(() => world).ask({ parent: query, request, asker: { answered }, subject: 'S' })).toBe(true);
        return query.fail(Rcode.REFUSED, '');
      }),
    );
    world.ask(questionPacket('first.test.'));
    expect(seen).toEqual(['first.test. at depth 0', 'other.test. at depth 1']);
    expect(heard).toEqual(['other.test. NXDOMAIN S']);
    expect(world.sent.map(({ question, flags }) => [nameToText(question!.name, 0), flags & 0xf])).toEqual([
      ['first.test.', Rcode.REFUSED],
    ]);
    expect(world.server.inFlight).toBe(0);
  });

  test('asked behind a handler, meets only those behind it, inwards and outwards', () => {
    const left: string[] = [];
    const outer = handler(
      () => Step.PASS,
      (query) => void left.push(`outer ${query.name}`),
    );
    const middle = handler(
      (query) => {
        const request = questionPacket('behind.test.');
        world.server.ask({ parent: query, request, asker: { answered: () => {} }, behind: middle });
        return Step.PASS;
      },
      (query) => void left.push(`middle ${query.name}`),
    );
    const inner = handler((query) => query.fail(Rcode.SERVFAIL, ''));
    const world: World = new World(outer, middle, inner);
    world.ask(questionPacket('front.test.'));
    expect(left).toEqual(['middle front.test.', 'outer front.test.']);
    expect(world.server.inFlight).toBe(0);
  });

  test.each([
    ['behind', { behind: true }, 1700, 'noted in front and behind'],
    ['behind, and aside', { behind: true, isAside: true }, 1700, 'noted in front'],
    ['that goes its own way', { behind: false }, 1700, 'noted in front'],
  ])('%s: when it is given up, and whose notes it makes', (_, { behind, ...how }, cancelAtMs, notes) => {
    const found: number[] = [];
    const written: string[] = [];
    const front = handler((query) => {
      if (query.depth > 0) return Step.PASS;
      query.cancelAtMs = 1700;
      query.metadata = new Map([['front', 'noted in front']]);
      return Step.PASS;
    });
    const middle = handler((query) => {
      if (query.depth > 0) return Step.PASS;
      const question = { parent: query, request: questionPacket('b.test.'), asker: { answered: () => {} } };
      expect(world.server.ask(behind ? { ...question, ...how, behind: middle } : question)).toBe(true);
      return query.fail(Rcode.SERVFAIL, '');
    });
    const last = handler((query) => {
      found.push(query.cancelAtMs);
      query.metadata?.set('behind', 'behind');
      return query.fail(Rcode.SERVFAIL, '');
    });
    const outer = handler(
      () => Step.PASS,
      (query) => void (query.depth === 0 && written.push([...query.metadata!.values()].join(' and '))),
    );
    const world: World = new World(outer, front, middle, last);
    world.ask(questionPacket('a.test.'));
    expect([found, written]).toEqual([[cancelAtMs], [notes]]);
  });

  test('that asks itself for ever ends at INTERNAL_DEPTH_MAX', () => {
    let asked = 0;
    const world: World = new World(
      handler((query) => {
        asked++;
        const request = questionPacket('again.test.');
        const more = world.server.ask({ parent: query, request, asker: { answered: () => {} } });
        expect(more).toBe(query.depth < INTERNAL_DEPTH_MAX);
        return query.fail(Rcode.SERVFAIL, '');
      }),
    );
    world.ask(questionPacket('again.test.'));
    expect(asked).toBe(INTERNAL_DEPTH_MAX + 1);
  });

  test('whose asker throws is counted, and the server goes on', () => {
    const answered = () => {
      throw new Error('a mistake of ours');
    };
    const world: World = new World(
      handler((query) => {
        if (query.depth === 0)
          world.server.ask({ parent: query, request: questionPacket('b.test.'), asker: { answered } });
        return query.fail(Rcode.SERVFAIL, '');
      }),
    );
    world.ask(questionPacket('a.test.'));
    expect(world.sent).toHaveLength(1);
    expect(world.lines[0]).toContain('a mistake of ours');
    expect(world.server.inFlight).toBe(0);
  });
});

describe('a handler may', () => {
  test('put another question in place and give the first one back on the way out', () => {
    let original: Uint8Array;
    const names: string[] = [];
    const world = new World(
      handler(
        (query) => {
          original = query.copyRequest();
          expect(query.replaceRequest(questionPacket('behind.test.', { type: 'AAAA' }))).toBe(true);
          return Step.PASS;
        },
        (query) => void query.replaceRequest(original),
      ),
      handler((query) => {
        names.push(query.name);
        return query.fail(Rcode.NXDOMAIN, '');
      }),
    );
    world.ask(questionPacket('Front.test.', { id: 99 }));
    expect(names).toEqual(['behind.test.']);
    expect(nameToText(world.sent[0].question!.name, 0)).toBe('Front.test.');
    expect(world.sent[0].id).toBe(99);
  });

  test('not put in place what is no query', () => {
    const world = new World(
      handler((query) => {
        expect(query.replaceRequest(new Uint8Array(20))).toBe(false);
        expect(query.replaceRequest(new Uint8Array(70_000))).toBe(false);
        expect(query.name).toBe('kept.test.');
        return query.fail(Rcode.NXDOMAIN, '');
      }),
    );
    world.ask(questionPacket('kept.test.'));
    expect(world.sent).toHaveLength(1);
  });

  test('answer with silence', () => {
    const world = new World(handler((query) => query.silence()));
    world.ask(questionPacket('quiet.test.'));
    expect(world.sent).toEqual([]);
    expect([world.discarded, world.server.inFlight]).toEqual([1, 0]);
  });

  test.each([
    ['with EDNS', 1232, '000f 000a 0017 timed out'],
    ['without EDNS', undefined, ''],
  ])('explain a failure to a client %s (RFC 8914)', (_, udpSize, expected) => {
    const world = new World(
      handler((query) => {
        query.explain(23, 'timed out'.slice(0, 8));
        query.explain(0, 'who speaks second is not heard');
        return query.fail(Rcode.SERVFAIL, 'timed out');
      }),
    );
    world.ask(questionPacket('dead.test.', { udpSize }));
    const [opt] = world.sent[0].additional;
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
    const text = opt && `${hex(opt.data.slice(0, 2))} ${hex(opt.data.slice(2, 4))} ${hex(opt.data.slice(4, 6))} `;
    expect(opt ? text + Buffer.from(opt.data.slice(6)).toString() : '').toBe(expected.replace('timed out', 'timed ou'));
  });
});
