/** CoreDNS's tables of rewrite, row by row: what goes on to the upstream, and what comes back to the client. */
import { Type } from '../../image/wire/codes';
import { type Row, tables } from '../support/coredns-tables';
import { needs } from '../support/needs';
import { Resolver, type Says } from '../support/resolver';

interface Reference {
  readonly $id: string;
}
interface Option {
  readonly Code: number | Reference;
  readonly Data?: readonly number[] | { readonly args: readonly [string] };
  /** Of a client subnet. */
  readonly Family?: number;
  readonly Address?: readonly number[];
  readonly SourceNetmask?: number;
}

const rows = (name: string): [string, Row][] => {
  return tables('coredns-v1.13.2', name, 'plugin/rewrite/').map((row) => [JSON.stringify(row), row]);
};
const words = (args: unknown) => (args as string[]).join(' ');

/** A block that rewrites in front of an upstream. */
function rewriting(rules: readonly string[], says: Says): Resolver {
  const resolver = new Resolver([...rules.map((rule) => `rewrite ${rule}`), 'forward . 192.0.2.53'].join('\n'));
  resolver.upstream = () => says;
  return resolver;
}

/** An option as octets in hexadecimal, with its code. */
function optionText({ Code, Data = [], Family = 0, Address, SourceNetmask: bits = 0 }: Option): string {
  const code = typeof Code === 'number' ? Code : 3; // dns.EDNS0NSID is the only one that is named.
  if (Address !== undefined) {
    const octets = [0, Family, bits, 0, ...Address.slice(0, Math.ceil(bits / 8))]; // RFC 7871 §6.
    return `${code} ${Buffer.from(octets).toString('hex')}`;
  }
  const octets = 'args' in Data ? Buffer.from(Data.args[0]) : Buffer.from(Data);
  return `${code} ${octets.toString('hex')}`;
}

/** The options that the upstream was sent. */
function optionsSent({ sent }: Resolver): string[] {
  const data = sent[0].message.additional.find(({ type }) => type === Type.OPT)?.data ?? new Uint8Array(0);
  const bytes = Buffer.from(data);
  const options: string[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4 + bytes.readUInt16BE(at + 2)) {
    const end = at + 4 + bytes.readUInt16BE(at + 2);
    options.push(`${bytes.readUInt16BE(at)} ${bytes.toString('hex', at + 4, end)}`);
  }
  return options;
}

needs('tables').describe('CoreDNS’s tables of rewrite', () => {
  test.each([
    ...rows('TestRewriteNamePrefixSuffix'),
    ...rows('TestRewriteNameNoRewrite'),
    ...rows('TestRewriteNamePrefixSuffixNoAutoAnswer'),
    ...rows('TestRewriteNamePrefixSuffixAutoAnswer'),
    ...rows('TestRewriteNameExactAnswer'),
    ...rows('TestRewriteNameRegexAnswer'),
  ])('names: %s', (_, { args, next, question, expected, rewrite }) => {
    const resolver = rewriting([`${next} name ${words(args)}`], { answer: ['@ 60 IN A 192.0.2.1'] });
    const { answer } = resolver.ask(String(question));
    expect(answer[0].split(' ')[0]).toBe(expected);
    if (rewrite !== undefined) expect(resolver.sent[0].question).toBe(`${rewrite} A`);
  });

  const rules = rows('TestTtlRewrite').map(([, { args }]) => words(args));
  test.each(rows('doTTLTests'))('TTLs: %s', (_, { answer, from, fromType, ttl, noRewrite }) => {
    const lines = (answer as { args: [string] }[]).map(({ args }) => args[0].replace(/\s+/g, ' '));
    const type = (fromType as Reference).$id.replace('dns.Type', '');
    const { ttls } = rewriting(rules, { answer: lines }).ask(String(from), { type });
    expect(ttls).toEqual(lines.map((line) => (noRewrite ? Number(line.split(' ')[1]) : ttl)));
  });

  // Not here: questions with options of their own, what needs a socket, and a label that CoreDNS's test makes itself.
  const options = [
    ...rows('TestRewriteEDNS0Local'),
    ...rows('TestRewriteEDNS0LocalVariable'),
    ...rows('TestRewriteEDNS0Unset'),
  ];
  const plain = options.filter(([text, { fromOpts }]) => {
    return ((fromOpts as unknown[] | null) ?? []).length === 0 && !/\{server_ip\}|\{test\/label\}/.test(text);
  });
  test.each(plain)('EDNS options: %s', (_, { args, doBool, toOpts }) => {
    const resolver = rewriting([`stop edns0 ${words(args)}`], { answer: ['@ 60 IN A 192.0.2.1'] });
    resolver.ask('example.com.', { udpSize: 4096, doBit: Boolean(doBool) });
    expect(optionsSent(resolver)).toEqual(((toOpts as Option[] | null) ?? []).map(optionText));
  });

  const several = rows('TestEdns0MultiRule').filter(([, { fromOpts, revertPolicy }]) => {
    return fromOpts === null && (revertPolicy as { $call: string }).$call === 'NoRevertPolicy';
  });
  test.each(several)('several EDNS rules: %s', (_, { rules: written, toOpts }) => {
    const changes = (written as string[][]).map(([next, ...change]) => `${next} edns0 ${words(change)}`);
    const resolver = rewriting(changes, { answer: ['@ 60 IN A 192.0.2.1'] });
    resolver.ask('example.com.', { udpSize: 4096 });
    expect(optionsSent(resolver)).toEqual((toOpts as Option[]).map(optionText));
  });

  // The client of our questions has an IPv4 address.
  const subnets = rows('TestRewriteEDNS0Subnet').filter(([, { toOpts }]) => (toOpts as Option[])[0]?.Family === 1);
  test.each(subnets)('client subnets: %s', (_, { args, toOpts }) => {
    const resolver = rewriting([`stop edns0 ${words(args)}`], { answer: ['@ 60 IN A 192.0.2.1'] });
    resolver.ask('example.com.', { udpSize: 4096 });
    expect(optionsSent(resolver)).toEqual((toOpts as Option[]).map(optionText));
  });
});
