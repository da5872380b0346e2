/** What is kept beside plain answers: failures of our own, and what is not kept. How long answers are kept: handler.test.ts. */
import type { Handler } from '../../../../image/chain/plugin';
import { Step } from '../../../../image/chain/plugin';
import { CACHE_ENTRY_BYTES_MAX } from '../../../../image/limits';
import type { Asked } from '../../../support/query';
import { encodeSays, Resolver, type Says } from '../../../support/resolver';

const FORWARD = 'forward . 192.0.2.53';
const NAME = 'www.test.';
const EDNS: Asked = { udpSize: 1232 };
const SOA = 'test. 300 IN SOA a. b. 1 2 3 4 60';
const A: Says = { answer: ['@ 60 IN A 192.0.2.1'] };
const REFUSED = 'read udp 10.0.0.1:4242->192.0.2.53:53: read: connection refused';

/** A block whose upstream refuses connections until it is told to answer. */
class Failing extends Resolver {
  isDown = true;

  constructor(options = '', forward = '') {
    super(`cache {\n${options}\n}\n${FORWARD} {\nmax_fails 0\n${forward}\n}`);
    this.sendError = () => (this.isDown ? REFUSED : '');
    this.upstream = () => A;
  }

  /** How often upstreams were tried by a client's question; 0 when the failure was remembered. */
  tries(asked: Asked = {}): boolean {
    const before = this.misses;
    const { rcode } = this.ask(NAME, asked);
    expect(rcode).toBe('SERVFAIL');
    return this.misses > before;
  }

  get misses(): number {
    return this.counted('coredns_cache_misses_total', 'dns://:53', '.', '') ?? 0;
  }
}

describe('that no answer came is remembered (RFC 9520)', () => {
  test.each<[string, number[]]>([
    ['', [1, 2, 4, 5, 5]],
    ['servfail 30s', [1, 2, 4, 8, 16, 30, 30]],
    ['servfail 1s', [1, 1, 1]],
    ['servfail 0', [0, 0, 0]],
    ['servfail 900ms', [0, 0]],
    ['disable denial', [0, 0]],
    ['disable denial other', [1, 2]],
  ])('for a second first, then twice as long each time, up to what `servfail` says: %j', (options, seconds) => {
    const failing = new Failing(options);
    for (const wanted of seconds) {
      expect(failing.tries()).toBe(true);
      if (wanted === 0) continue;
      failing.pass(wanted * 1000 - 8);
      expect(failing.tries()).toBe(false);
      failing.pass(8);
    }
  });

  test('an answer ends the row', () => {
    const failing = new Failing();
    failing.tries();
    failing.pass(1000);
    failing.isDown = false;
    expect(failing.ask(NAME).rcode).toBe('NOERROR');
    failing.isDown = true;
    failing.pass(60_000);
    failing.tries();
    failing.pass(1000);
    expect(failing.tries()).toBe(true);
  });

  test('so do five minutes', () => {
    const failing = new Failing('servfail 5m');
    for (const wait of [1, 2 + 299]) {
      failing.tries();
      failing.pass(wait * 1000);
    }
    failing.tries(); // The third: 4 s.
    failing.pass(3_000);
    expect(failing.tries()).toBe(false);
    failing.pass(4_000 + 300_000);
    failing.tries();
    failing.pass(1_000);
    expect(failing.tries()).toBe(true);
  });

  test('clients with EDNS are told: 13 Cached Error, and what it was', () => {
    const failing = new Failing();
    expect(failing.ask(NAME, EDNS).extendedErrors).toEqual([23]); // Network Error
    expect(failing.ask(NAME, EDNS)).toMatchObject({ extendedErrors: [13, 23], flags: 'rd', error: '', writer: '' });
    expect(failing.ask(NAME)).toMatchObject({ opts: 0, rcode: 'SERVFAIL' });
    const silent = new Resolver(`cache\n${FORWARD}`);
    const asking = silent.start(NAME, EDNS);
    while (asking.heard === undefined) silent.pass(8);
    expect(asking.heard.extendedErrors).toEqual([22]); // No Reachable Authority
    expect(silent.ask(NAME, EDNS).extendedErrors).toEqual([13, 22]);
  });

  test('a hit of it is counted as one of a denial, and as SERVFAIL', () => {
    const failing = new Failing();
    failing.tries();
    failing.tries();
    expect(failing.counted('coredns_cache_hits_total', 'dns://:53', 'denial', '.', '')).toBe(1);
    expect(failing.counted('coredns_cache_entries', 'dns://:53', 'denial', '.', '')).toBe(1);
  });

  test('for this question only', () => {
    const failing = new Failing();
    failing.tries();
    expect(failing.tries({ type: 'AAAA' })).toBe(true);
    expect(failing.tries({ udpSize: 1232, doBit: true })).toBe(true);
  });

  test('not for HINFO, which the loop plugin repeats until it is answered', () => {
    const failing = new Failing();
    expect([failing.tries({ type: 'HINFO' }), failing.tries({ type: 'HINFO' })]).toEqual([true, true]);
  });

  test('those who waited together fail once, not each for itself', () => {
    const world = new Resolver(`cache {\nservfail 5m\n}\n${FORWARD} {\nmax_fails 0\nmax_connect_attempts 1\n}`);
    for (let client = 0; client < 10; client++) world.start(NAME, { id: client });
    world.questions[0].fail(REFUSED);
    world.pass(1_000);
    const { heard } = world.start(NAME);
    expect(heard).toBeUndefined(); // 1 s only.
  });

  test('it does not take the place of a stale answer', () => {
    const failing = new Failing('serve_stale');
    failing.isDown = false;
    failing.ask(NAME);
    failing.isDown = true;
    failing.pass(60_000);
    for (let round = 0; round < 3; round++) expect(failing.ask(NAME).answer).toEqual(['www.test. 0 IN A 192.0.2.1']);
  });

  test('a refusal of our own is none: max_concurrent', () => {
    const world = new Resolver(`cache\n${FORWARD} {\nmax_concurrent 1\n}`);
    world.start('other.test.');
    expect([world.ask(NAME).rcode, world.ask(NAME).rcode]).toEqual(['REFUSED', 'REFUSED']);
    expect(world.counted('coredns_cache_hits_total', 'dns://:53', 'denial', '.', '')).toBe(0);
  });

  test('nor that there is no room to ask', () => {
    const world = new Resolver(`cache\n${FORWARD}`);
    world.upstream = () => A;
    const { exchanges } = world.context.upstream;
    const begin = exchanges.begin;
    exchanges.begin = () => undefined;
    expect(world.ask(NAME).rcode).toBe('SERVFAIL');
    exchanges.begin = begin;
    world.pass(8);
    expect(world.ask(NAME).rcode).toBe('NOERROR');
  });

  test('nor is an upstream’s SERVFAIL, which is kept as it came', () => {
    const world = new Resolver(`cache\n${FORWARD}`);
    world.upstream = () => ({ rcode: 'SERVFAIL', authority: [SOA] });
    world.ask(NAME, EDNS);
    expect(world.ask(NAME, EDNS)).toMatchObject({ extendedErrors: [], flags: 'aa rd ra', writer: 'cache' });
  });
});

describe('an answer to another question is passed on, not kept, and counted', () => {
  /** Stands behind the cache and says what it likes. */
  function answering(says: (question: string) => Partial<{ name: string; type: number; class: number }>): Resolver {
    const world = new Resolver(`cache\n${FORWARD}`);
    const handlers = (world as unknown as { handlers: Handler[] }).handlers;
    handlers[1] = {
      name: 'other',
      handle: (query) => {
        const bytes = encodeSays(A, {
          ...{ id: query.view.id, flags: 0, answer: [], authority: [], additional: [] },
          question: {
            name: query.view.key.slice(0, query.view.nameBytes),
            type: query.view.type,
            class: query.view.class,
            ...changed(says(query.name)),
          },
        });
        return query.answer('other', bytes, 0, bytes.length) === Step.DONE ? Step.DONE : Step.FAIL;
      },
    };
    return world;
  }
  const changed = ({ name, ...rest }: Partial<{ name: string; type: number; class: number }>) =>
    name === undefined ? rest : { ...rest, name: Buffer.from(name, 'latin1') };

  test.each<[string, Partial<{ name: string; type: number; class: number }>, number]>([
    ['the same', {}, 0],
    ['in another spelling', { name: '\x03WwW\x04test\0' }, 0],
    ['another name', { name: '\x03wwx\x04test\0' }, 1],
    ['another type', { type: 28 }, 1],
    ['another class', { class: 3 }, 1],
  ])('%s', (_, says, drops) => {
    const world = answering(() => says);
    world.ask(NAME);
    expect(world.counted('coredns_cache_drops_total', 'dns://:53', '.', '')).toBe(drops);
    world.ask(NAME);
    expect(world.counted('coredns_cache_hits_total', 'dns://:53', 'success', '.', '')).toBe(1 - drops);
  });
});

describe('large answers', () => {
  const many = (count: number, type: string): Says => ({
    answer: Array.from({ length: count }, (_, index) =>
      type === 'A' ? `@ 60 IN A 10.0.${index >> 8}.${index & 255}` : `@ 60 IN ${type} 2001:db8::${index.toString(16)}`,
    ),
  });

  test.each<[string, Says, string, string | undefined]>([
    ['1,024 A records', many(1024, 'A'), 'A', undefined],
    ['1,024 AAAA records', many(1024, 'AAAA'), 'AAAA', undefined],
    ['1,025 A records', many(1025, 'A'), 'A', 'too_many_records'],
    [
      'few records of more octets',
      { answer: Array.from({ length: 140 }, (_, index) => `@ 60 IN TXT ${'x'.repeat(240)}${index}`) },
      'TXT',
      'too_large',
    ],
  ])('%s', (_, says, type, skipped) => {
    const world = new Resolver(`cache\n${FORWARD}`);
    world.upstream = () => says;
    for (let round = 0; round < 2; round++) {
      expect(world.ask(NAME, { tcp: true, type }).answer.length).toBe(says.answer!.length);
    }
    expect(world.questions.length).toBe(skipped === undefined ? 1 : 2);
    if (skipped) expect(world.counted('nodelocaldns_cache_store_skipped_total', skipped)).toBe(2);
  });

  test('one that is too large ends the staleness of the one before', () => {
    for (const says of [
      many(1025, 'A'),
      { answer: Array.from({ length: 1000 }, (_, index) => `@ 60 IN TXT ${'x'.repeat(40)}${index}`) },
    ]) {
      const world = new Resolver(`cache {\nserve_stale\n}\n${FORWARD}`);
      world.upstream = () => A;
      world.ask(NAME, { tcp: true });
      world.pass(60_000);
      world.upstream = () => says;
      expect(world.ask(NAME, { tcp: true }).answer.length).toBe(1);
      expect(world.ask(NAME, { tcp: true }).answer.length).toBe(says.answer!.length);
    }
    expect(CACHE_ENTRY_BYTES_MAX).toBe(32_768);
  });
});
