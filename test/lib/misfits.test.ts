/** Typos seen in other charts' values, refused with the name that was meant. Helm's words are in chart/helm.test.ts. */
import { merge } from '../../lib/helm/values';
import { refuseMisfits } from '../../lib/misfits';
import { DEFAULTS, EXPRESSIONS, type Values } from '../../lib/values';

const refuse = (values: object) => () => refuseMisfits(merge<Values>(DEFAULTS, values as never));

test.each<[string, object, string]>([
  [
    'sucess',
    { zones: { external: { cache: { sucess: { ttlSeconds: 5 } } } } },
    'zones.external.cache.sucess is not known: did you mean success?',
  ],
  [
    'server_stale',
    { zones: { external: { cache: { server_stale: { enabled: true } } } } },
    'zones.external.cache.server_stale is not known: did you mean serveStale?',
  ],
  [
    'health_check',
    { zones: { external: { forward: { health_check: '10s' } } } },
    'zones.external.forward.health_check is not known: did you mean healthCheck?',
  ],
  ['iptabes', { mode: 'iptabes' }, '(did you mean iptables?)'],
  [
    'setupEptables',
    { nodeCache: { setupEptables: true } },
    'nodeCache.setupEptables is not known: did you mean setupIptables?',
  ],
  ['an address with a space', { localIPs: ['169.254.20.10 '] }, 'wanted an IPv4 or IPv6 address, without blanks'],
  [
    'addresses in one text',
    { localIPs: '169.254.20.10,10.96.0.10' },
    'localIPs is "169.254.20.10,10.96.0.10": wanted an array',
  ],
  [
    'a TTL as text',
    { zones: { cluster: { cache: { denial: { ttlSeconds: '5' } } } } },
    'zones.cluster.cache.denial.ttlSeconds is "5": wanted an integer, 1 to 604800',
  ],
  ['a name that leaves no room behind it', { fullnameOverride: 'n'.repeat(51) }, 'at most 50, a letter first'],
  ['a stub domain without servers', { stubDomains: { 'a.example': {} } }, 'stubDomains.a.example.to is missing'],
  [
    'a stub domain with a dot',
    { stubDomains: { 'a.example.': { to: ['192.0.2.1'] } } },
    'wanted a DNS name in lower case',
  ],
  [
    'a name that is too long',
    { importConfigMap: 'n'.repeat(254) },
    'nnn...: wanted at most 253 letters, and it has 254',
  ],
  [
    'a key that is too long',
    { stubDomains: { [`${'n.'.repeat(127)}n`]: { to: ['192.0.2.1'] } } },
    'n.n cannot be a name there: wanted at most 253 letters, and it has 255',
  ],
])('%s', (_, values, message) => {
  expect(refuse(values)).toThrow(RangeError);
  expect(refuse(values)).toThrow(message);
});

test('all are said at once', () => {
  expect(refuse({ mode: 'x', imgae: {} })).toThrow(/These values do not fit:\n- .*imgae.*\n- .*mode/s);
});

test('expressions are left to Helm', () => {
  expect(() => refuseMisfits(EXPRESSIONS)).not.toThrow();
  expect(() => refuseMisfits(DEFAULTS)).not.toThrow();
});

/** A bell, which no pattern takes. */
const BELL = '\u0007';

test.each<[object]>([
  [{ localIPs: [BELL], clusterDomain: BELL, fullnameOverride: BELL, importConfigMap: BELL, corefile: BELL }],
  [{ image: { registry: BELL, repository: BELL, tag: BELL, digest: BELL }, nodeCache: { interfaceName: BELL } }],
  [{ serviceMonitor: { namespace: BELL, interval: BELL }, prometheusRule: { job: BELL } }],
  [{ zones: { external: { forward: { to: [BELL], except: [BELL], tlsServerName: BELL } } } }],
  [{ zones: { external: { cache: { success: { except: [BELL] } }, log: { format: BELL } } } }],
  [{ zones: { external: { errors: { consolidate: [{ pattern: BELL }] } } }, stubDomains: { [BELL]: {} } }],
])('what is wanted is said in words, not as a regular expression: %j', (values) => {
  expect(refuse(values)).toThrow(RangeError);
  expect(refuse(values)).not.toThrow('text that fits');
});
