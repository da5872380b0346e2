/** What is kept and for how long: CoreDNS's tables of its cache, row by row, with a fake upstream behind ours. */
import { FLAG_AD, FLAG_CD, FLAG_RD, FLAG_TC } from '../../image/wire/header';
import { type Row, tables } from '../support/coredns-tables';
import { needs } from '../support/needs';
import type { Asked } from '../support/query';
import { type Heard, Resolver, type Says } from '../support/resolver';

interface Reference {
  readonly $id: string;
}
interface Case {
  readonly Qname: string;
  readonly Qtype: Reference;
  readonly Rcode?: Reference;
  readonly Answer?: readonly { readonly args: readonly [string] }[];
  readonly Ns?: readonly { readonly args: readonly [string] }[];
  readonly Truncated?: boolean;
  readonly AuthenticatedData?: boolean;
  readonly CheckingDisabled?: boolean;
  readonly Do?: boolean;
}

const RCODES: Readonly<Record<string, string>> = {
  'dns.RcodeSuccess': 'NOERROR',
  'dns.RcodeNameError': 'NXDOMAIN',
  'dns.RcodeServerFailure': 'SERVFAIL',
  'dns.RcodeNotImplemented': 'NOTIMP',
};

const lines = (records: Case['Answer'] = []) => records.map(({ args }) => args[0].replace(/\s+/g, ' '));
const seconds = (value: unknown) => Number(/^(\d+) \* time\.Second$/.exec((value as { $src: string }).$src)?.[1]);

function asked({ Qtype, CheckingDisabled, Do }: Case): Asked {
  const flags = FLAG_RD | (CheckingDisabled ? FLAG_CD : 0);
  return { type: Qtype.$id.replace('dns.Type', ''), flags, ...(Do ? { doBit: true, udpSize: 1232 } : {}) };
}

function said(row: Case): Says {
  const flags =
    (row.Truncated ? FLAG_TC : 0) | (row.AuthenticatedData ? FLAG_AD : 0) | (row.CheckingDisabled ? FLAG_CD : 0);
  return {
    rcode: RCODES[row.Rcode?.$id ?? 'dns.RcodeSuccess'],
    flags,
    answer: lines(row.Answer),
    authority: lines(row.Ns),
  };
}

/** Ask twice with some time between: was it kept, and what was told the second time? */
function twice(options: string, first: Case, second: Case, says: Says): { kept: boolean; heard: Heard } {
  const resolver = new Resolver(`${options}\nforward . 192.0.2.53`);
  resolver.upstream = () => says;
  resolver.ask(first.Qname, asked(first));
  const before = resolver.questions.length;
  const heard = resolver.ask(second.Qname, asked(second));
  return { kept: resolver.questions.length === before, heard };
}

needs('tables').describe('CoreDNS’s tables of its cache', () => {
  const OPTIONS = 'cache {\ndisable success pos-disabled.example.org\ndisable denial neg-disabled.example.org\n}';
  // Signatures are dated; test/image/plugin/cache/item.test.ts has them with a clock.
  const insertions = tables('coredns-v1.13.2', 'TestCacheInsertion').filter(
    (row) => !/RRSIG/.test(JSON.stringify(row)),
  );

  test.each(insertions.map((row) => [String(row.name), row] as const))('kept or not: %s', (_, row) => {
    const question = row.in as Case;
    const { kept, heard } = twice(OPTIONS, question, question, said(question));
    expect(kept).toBe(row.shouldCache);
    if (!row.shouldCache) return;
    const out = row.out as Case;
    expect(heard.rcode).toBe(RCODES[out.Rcode?.$id ?? 'dns.RcodeSuccess']);
    const told = (records: readonly string[]) =>
      records.map((record) => record.replace(/\s+/g, ' ').toLowerCase()).sort();
    expect(told(heard.answer)).toEqual(told(lines(out.Answer)));
  });

  test.each(tables('coredns-v1.13.2', 'TestComputeTTL').map((row) => [JSON.stringify(row), row] as const))(
    'TTL between shortest and longest: %s',
    (_, row: Row) => {
      const [message, min, max, expected] = ['msgTTL', 'minTTL', 'maxTTL', 'expectedTTL'].map((name) =>
        seconds(row[name]),
      );
      const question: Case = { Qname: 'example.org.', Qtype: { $id: 'dns.TypeA' } };
      const says = { answer: [`@ ${message} IN A 192.0.2.1`] };
      const { heard } = twice(`cache {\nsuccess 1000 ${max} ${min}\n}`, question, question, says);
      expect(heard.ttls).toEqual([expected]);
    },
  );

  test.each(tables('coredns-v1.13.2', 'TestCacheSeparation').map((row) => [String(row.name), row] as const))(
    'questions of their own: %s',
    (_, { initial, query, expectCached = false }) => {
      const { kept } = twice('cache', initial as Case, query as Case, { answer: ['@ 60 IN A 192.0.2.1'] });
      expect(kept).toBe(expectCached);
    },
  );

  test.each(tables('coredns-v1.13.2', 'TestCacheKeepTTL').map((row) => [JSON.stringify(row), row] as const))(
    'keepttl: %s',
    (_, { futureSeconds }) => {
      const resolver = new Resolver('cache {\nkeepttl\n}\nforward . 192.0.2.53');
      resolver.upstream = () => ({ answer: ['@ 60 IN A 192.0.2.1'] });
      resolver.ask('cached.org.');
      resolver.pass(Number(futureSeconds) * 1000);
      expect(resolver.ask('cached.org.').ttls).toEqual([60]);
    },
  );

  test.each(tables('coredns-v1.13.2', 'TestServeFromStaleCache').map((row) => [JSON.stringify(row), row] as const))(
    'serve_stale: %s',
    (_, { name, futureMinutes, expectedResult }) => {
      const resolver = new Resolver('cache {\nserve_stale 1h\n}\nforward . 192.0.2.53');
      let alive = true;
      resolver.upstream = () => (alive ? { answer: ['@ 60 IN A 127.0.0.1'] } : { rcode: 'SERVFAIL' });
      resolver.ask('cached.org.');
      alive = false;
      resolver.pass(Number(futureMinutes) * 60_000);
      expect(resolver.ask(String(name)).rcode).toBe(expectedResult === 0 ? 'NOERROR' : 'SERVFAIL');
    },
  );

  test('serve_stale that asks first, minute after minute', () => {
    const resolver = new Resolver('cache {\nserve_stale 1h verify\n}\nforward . 192.0.2.53');
    const A = 'IN A 127.0.0.1';
    resolver.upstream = () => ({ answer: [`@ 120 ${A}`] });
    resolver.ask('cached.org.');
    let minutes = 0;
    for (const row of tables('coredns-v1.13.2', 'TestServeFromStaleCacheFetchVerify')) {
      const rcode = RCODES[(row.upstreamRCode as Reference).$id];
      const ttl = Number(row.upstreamTtl);
      // There an NXDOMAIN came with an address; here it says how long it holds.
      const soa = [`org. ${ttl} IN SOA a. b. 1 2 3 4 ${ttl}`];
      resolver.upstream = () => (rcode === 'NOERROR' ? { answer: [`@ ${ttl} ${A}`] } : { rcode, authority: soa });
      resolver.pass((Number(row.futureMinutes) - minutes) * 60_000);
      minutes = Number(row.futureMinutes);
      const heard = resolver.ask(String(row.name));
      expect([minutes, heard.rcode, heard.ttls]).toEqual([
        minutes,
        RCODES[(row.expectedRCode as Reference).$id],
        [row.expectedTtl],
      ]);
    }
  });
});
