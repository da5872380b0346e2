/**
 * ConfigMaps and command lines that nobody thought of: refused with a message or used, never another error, and what is
 * used cannot say more in the Corefile than servers of a domain.
 */
import { FLAGS, type FlagName, readCommandLine } from '../../../image/agent/flags';
import { parseFlags } from '../../../image/agent/go-flags';
import { type KubeDnsConfig, readKubeDnsConfig } from '../../../image/agent/kube-dns';
import { CorefileError } from '../../../image/corefile/errors';
import { loadPlan } from '../../../image/corefile/load';
import { renderPillars } from '../../../image/corefile/pillars';
import { fakeEnvironment } from '../../support/corefile';
import fc from '../../support/property';

const BASE = '. {\n    forward . __PILLAR__UPSTREAM__SERVERS__\n}\n';
const environment = fakeEnvironment({ files: { '/etc/resolv.conf': 'nameserver 192.0.2.1\n' } });
const parameters = { numRuns: 3_000 };

const PIECES = [...'{}#"\\ \n\t$:[]%/,.-_*', 'a', 'test', '10.0.0.1', '2001:db8::1', ':53', '__PILLAR__LOCAL__DNS__'];
const word = fc.array(fc.constantFrom(...PIECES), { maxLength: 4 }).map((pieces) => pieces.join(''));
const odd = fc.oneof(word, fc.string({ unit: 'binary', maxLength: 6 }), fc.ipV4(), fc.ipV6(), fc.domain());
const good = {
  domain: fc.domain().map((name) => name.toLowerCase()),
  server: fc.oneof(
    fc.ipV4(),
    fc.ipV4().map((ip) => `${ip}:5353`),
    fc.ipV6().map((ip) => `[${ip}]:53`),
  ),
};
const stubDomains = fc.dictionary(
  fc.oneof({ weight: 9, arbitrary: good.domain }, odd),
  fc.array(fc.oneof({ weight: 9, arbitrary: good.server }, odd), { maxLength: 3 }),
  { maxKeys: 3 },
);
const value = fc.oneof(fc.jsonValue(), fc.array(good.server, { maxLength: 4 }), fc.array(odd, { maxLength: 4 }));

function configOf(keys: Readonly<Record<string, string>>): KubeDnsConfig | string {
  const files = new Map(Object.entries(keys).map(([key, text]) => [key, Buffer.from(text)]));
  try {
    return readKubeDnsConfig(files, () => false);
  } catch (error) {
    if (error === null || Object.getPrototypeOf(error) !== Error.prototype) throw error; // A TypeError is our mistake.
    return (error as Error).message;
  }
}

function render({ stubDomains, upstreamServers }: KubeDnsConfig): string {
  const node = { localIps: ['127.0.0.1'], clusterDnsIp: '', clusterDnsVariable: '', dnsPort: 53 };
  return renderPillars(BASE, { ...node, stubDomains, upstreamServers });
}

test('a ConfigMap that is used gives a block per domain and nothing else', () => {
  let used = 0;
  const property = fc.property(stubDomains, value, (stubs, upstreams) => {
    const keys = { stubDomains: JSON.stringify(stubs), upstreamNameservers: JSON.stringify(upstreams) };
    for (const config of [configOf(keys), configOf({ stubDomains: keys.stubDomains })]) {
      if (typeof config === 'string') continue;
      const domains = Object.keys(config.stubDomains).sort();
      try {
        const { blocks } = loadPlan(render(config), { file: '/c', dnsPort: 53, environment });
        expect(blocks.map(({ zones }) => zones)).toEqual([['.'], ...domains.map((domain) => [`${domain}.`])]);
        expect(blocks.slice(1).map(({ plugins }) => plugins.map(({ name }) => name).sort())).toEqual(
          domains.map(() => ['bind', 'cache', 'errors', 'forward']),
        );
        used += domains.length;
      } catch (error) {
        if (!(error instanceof CorefileError)) throw error; // Such as a label of 64 octets.
      }
    }
  });
  fc.assert(property, parameters);
  expect(used).toBeGreaterThan(500); // Else only refusals were looked at.
});

test('any bytes as a key are used or refused in one line', () => {
  const property = fc.property(
    fc.constantFrom('stubDomains', 'upstreamNameservers', 'federations'),
    fc.string(),
    (key, text) => {
      const config = configOf({ [key]: text });
      if (typeof config === 'string') expect(config.split('\n').length).toBe(1);
    },
  );
  fc.assert(property, parameters);
});

test('any command line starts something or ends with 0, 1 or 2', () => {
  const name = fc.constantFrom<string>(...(Object.keys(FLAGS) as FlagName[]), 'h', 'nope', '__proto__', '');
  const flag = fc.tuple(fc.constantFrom('-', '--', '---', ''), name, fc.option(odd)).map(([dashes, key, text]) => {
    return text === null ? dashes + key : `${dashes}${key}=${text}`;
  });
  const property = fc.property(fc.array(fc.oneof(flag, odd), { maxLength: 6 }), (words) => {
    const read = readCommandLine('node-cache', words);
    if (read.kind === 'end') expect([0, 1, 2]).toContain(read.exitCode);
    else expect(parseFlags(FLAGS, words).rest).toEqual([]);
  });
  fc.assert(property, parameters);
});
