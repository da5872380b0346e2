/**
 * Answers that come late, twice, in another order or never: whatever upstreams do and when, every client is answered once, with
 * something that was true, and nobody is asked the same twice at a time.
 */
import fc from '../../../support/property';
import { type Asking, Resolver } from '../../../support/resolver';

const NAMES = ['a.test.', 'b.test.'];
/** Milliseconds after which nothing is under way any more: forward tries 5 s, verify waits less. */
const REST_MS = 12_000;

const operation = fc.oneof(
  { weight: 5, arbitrary: fc.record({ does: fc.constant('ask' as const), name: fc.constantFrom(...NAMES) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('pass' as const), ms: fc.oneof(fc.nat(500), fc.nat(9_000)) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constantFrom('answer' as const, 'answer' as const, 'deny' as const, 'fail' as const, 'break' as const),
      which: fc.nat(9),
    }),
  },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

class World {
  readonly resolver: Resolver;
  private readonly open = new Set<number>();
  private readonly clients: { readonly name: string; readonly asking: Asking }[] = [];
  /** Numbers of the answers that were given for a name, which is what a client may hear. */
  private readonly given = new Map<string, Set<number>>(NAMES.map((name) => [name, new Set()]));

  constructor(options: string) {
    this.resolver = new Resolver(`cache {\nsuccess 0\ndenial 0\n${options}\n}\nforward . 192.0.2.53 {\nmax_fails 0\n}`);
  }

  /** Indexes of questions nobody has answered yet, oldest first; those that timed out are closed. */
  private waiting(): number[] {
    const { questions } = this.resolver;
    for (let index = 0; index < questions.length; index++) {
      if (questions[index].atMs + 2_000 <= this.resolver.nowMs) this.open.delete(index);
    }
    return [...this.open];
  }

  do(one: Operation): void {
    const { resolver } = this;
    const before = resolver.questions.length;
    if (one.does === 'ask') this.clients.push({ name: one.name, asking: resolver.start(one.name) });
    else if (one.does === 'pass') resolver.pass(one.ms);
    else this.reply(one.does, one.which);
    for (let index = before; index < resolver.questions.length; index++) this.open.add(index);
    this.checkRefreshes();
  }

  private reply(does: 'answer' | 'deny' | 'fail' | 'break', which: number): void {
    const waiting = this.waiting();
    if (waiting.length === 0) return;
    const index = waiting[which % waiting.length];
    this.open.delete(index);
    const sent = this.resolver.questions[index];
    this.given.get(sent.question.split(' ')[0])?.add(index);
    if (does === 'answer') sent.answer({ answer: [`@ 6 IN A 10.0.${index >> 8}.${index & 255}`] });
    if (does === 'deny') sent.answer({ rcode: 'NXDOMAIN', authority: [`test. 6 IN SOA a. b. ${index} 2 3 4 6`] });
    if (does === 'fail') sent.answer({ rcode: 'SERVFAIL' });
    if (does === 'break') sent.fail('connection reset by peer');
  }

  /**
   * Over TCP only what is fetched anew for nobody in particular leaves. Forward joins equal questions: were an entry fetched
   * twice at a time, more would be counted than left.
   */
  private checkRefreshes(): void {
    const left = this.resolver.questions.filter(({ overTcp }) => overTcp).length;
    const counted = this.resolver.counted('coredns_cache_prefetch_total', 'dns://:53', '.', '');
    expect(counted).toBeLessThanOrEqual(left);
  }

  end(): void {
    this.resolver.pass(REST_MS);
    for (const { name, asking } of this.clients) {
      expect(asking.heard).toBeDefined();
      const { rcode, answer, authority } = asking.heard!;
      if (rcode === 'SERVFAIL') continue;
      const digits = answer[0]?.split('.').slice(-2) ?? ['0', authority[0].split(' ')[6]];
      expect(this.given.get(name)).toContain(Number(digits[0]) * 256 + Number(digits[1]));
    }
    // Nobody is left in between: the next question is answered as ever.
    this.resolver.upstream = () => ({ answer: ['@ 6 IN A 192.0.2.1'] });
    for (const name of NAMES) {
      this.resolver.pass(REST_MS);
      this.resolver.ask(name);
      expect(this.resolver.ask(name)).toMatchObject({ rcode: 'NOERROR', answer: [`${name} 6 IN A 192.0.2.1`] });
    }
  }
}

test.each([
  '',
  'prefetch 1 1m 90%',
  'serve_stale 8s',
  'serve_stale 8s verify',
  'serve_stale 8s verify 300ms\nprefetch 2 1m 50%',
  'serve_stale 8s immediate 1s 2s\nservfail 0',
  'serve_stale 8s verify 0 1s 2s',
])('answers in any order, `cache` with %j', (options) => {
  fc.assert(
    fc.property(fc.array(operation, { minLength: 1, maxLength: 40, size: 'max' }), (operations) => {
      const world = new World(options);
      for (const one of operations) world.do(one);
      world.end();
    }),
    { numRuns: 40 },
  );
});
