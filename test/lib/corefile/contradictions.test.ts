import { Chart, Testing } from 'cdk8s';
import { refuseCorefile } from '../../../lib/corefile/contradictions';
import { merge } from '../../../lib/helm/values';
import { DEFAULTS, type UserValues, type Values } from '../../../lib/values';

const check = (values: UserValues) => () =>
  refuseCorefile(new Chart(Testing.app(), 'chart'), merge<Values>(DEFAULTS, values));
const stub = { to: ['192.0.2.1'] };
const external = (forward: object): UserValues => ({ zones: { external: { forward } } });
const THEIRS = { flavor: 'k8s-dns-node-cache' };

describe('go together', () => {
  test.each<[string, UserValues]>([
    ['nothing', {}],
    ['a Corefile and an import, which it may use', { corefile: '.:53 {\n  whoami\n}', importConfigMap: 'mine' }],
    ['domains of three kinds', { stubDomains: { a: stub }, rewrites: { b: { to: 'c' } }, extraClusterDomains: ['d'] }],
    ['a part of the reverse zones', { stubDomains: { '10.in-addr.arpa': stub } }],
    ['a limit for kept connections', external({ maxAgeSeconds: 10, expireSeconds: 10 })],
    [
      'stale answers of the Go agent',
      { image: THEIRS, zones: { external: { cache: { serveStale: { enabled: true } } } } },
    ],
    ['time for a lame duck', { lameduckSeconds: 29 }],
  ])('%s', (_, values) => {
    expect(check(values)).not.toThrow();
  });
});

describe('are refused with the repair', () => {
  test.each<[string, UserValues, string]>([
    [
      'a directive that no image has',
      { zones: { external: { extraPlugins: 'redy' } } },
      "zones.external.extraPlugins:1 - Error during parsing: Unknown directive 'redy'",
    ],
    [
      'a brace too few',
      { extraServerBlocks: 'a {\n' },
      "extraServerBlocks:2 - Error during parsing: Unexpected EOF: a '}' is missing",
    ],
    [
      'a Corefile of nothing known',
      { corefile: 'a {\n  kubernetes\n}' },
      "corefile:2 - Error during parsing: Unknown directive 'kubernetes'",
    ],
    [
      'a stub domain with a brace',
      { stubDomains: { a: { ...stub, extraPlugins: '}' } } },
      'stubDomains.a.extraPlugins:1 - ',
    ],
    ['a Corefile and blocks', { corefile: '. {\n}', extraServerBlocks: 'a {\n}' }, 'leave extraServerBlocks empty'],
    ['a Corefile and hosts', { corefile: '. {\n}', hosts: [{ ip: '192.0.2.1', names: ['a'] }] }, 'leave hosts empty'],
    ['the cluster domain as a stub domain', { stubDomains: { 'cluster.local': stub } }, 'say it in zones.cluster'],
    ['a reverse zone rewritten', { rewrites: { 'ip6.arpa': { to: 'a' } } }, 'say it in zones.reverse'],
    ['a name twice', { stubDomains: { a: stub }, rewrites: { a: { to: 'b' } } }, 'remove it from one'],
    ['the cluster domain twice', { extraClusterDomains: ['cluster.local'] }, 'remove it there'],
    ['connections that age before they expire', external({ maxAgeSeconds: 9 }), 'lower expireSeconds'],
    ['a cache that asks itself', external({ to: ['169.254.20.10'] }), 'where the cache would ask itself'],
    [
      'an option of CoreDNS 1.14 for the Go agent',
      { image: THEIRS, ...external({ maxAgeSeconds: 60 }) },
      'remove forward.maxAgeSeconds',
    ],
    ['a lame duck that is shot', { lameduckSeconds: 30 }, 'make the second one greater'],
  ])('%s', (_, values, message) => {
    expect(check(values)).toThrow(RangeError);
    expect(check(values)).toThrow(message);
  });
});
