import { corefile, serverBlock } from '../../lib/corefile';
import { text } from '../../lib/helm/control';
import { merge } from '../../lib/helm/values';
import { DEFAULTS, type UserValues, type Values } from '../../lib/values';

const written = (values: UserValues = {}): string => corefile(merge<Values>(DEFAULTS, values));

const block = (zone: string, denialTtlSeconds: number, forward: string, more = ''): string => `${zone}:53 {
    errors
    cache {
            success 9984 30
            denial 9984 ${denialTtlSeconds}
    }
    reload
    loop
    bind __PILLAR__LOCAL__DNS__
    forward . ${forward}
    prometheus :9253
${more}}
`;
const CLUSTER = '__PILLAR__CLUSTER__DNS__ {\n            force_tcp\n    }';

describe('the Corefile', () => {
  test('is the four zones of the upstream manifest', () => {
    expect(written()).toBe(
      block('cluster.local', 5, CLUSTER, '    health 169.254.20.10:8080\n') +
        block('in-addr.arpa', 30, CLUSTER) +
        block('ip6.arpa', 30, CLUSTER) +
        block('.', 30, '__PILLAR__UPSTREAM__SERVERS__'),
    );
  });

  test('puts an IPv6 address of the probe in brackets', () => {
    expect(written({ localIPs: ['fd00::10'] })).toContain('    health [fd00::10]:8080\n');
  });

  test('answers the probe in one zone only: it is one listener', () => {
    expect(written({ localIPs: ['fd00::10', '169.254.20.10'] }).match(/health/g)).toHaveLength(1);
  });

  test('sends a zone where its values say', () => {
    const external = { forward: { to: ['9.9.9.9', 'tls://1.1.1.1'], protocol: 'prefer_udp' } };
    expect(written({ zones: { external } })).toContain(
      'forward . 9.9.9.9 tls://1.1.1.1 {\n            prefer_udp\n    }',
    );
  });

  test('forces no protocol where the values leave it open', () => {
    const open = written({ zones: { cluster: { forward: { protocol: '' } }, reverse: { forward: { protocol: '' } } } });
    expect(open).not.toContain('force_tcp');
    expect(open).toContain('    forward . __PILLAR__CLUSTER__DNS__\n    prometheus');
  });

  test('keeps as much and as long as each zone says', () => {
    const cluster = { cache: { success: { capacity: 20000 }, denial: { ttlSeconds: 1 } } };
    expect(written({ zones: { cluster } })).toContain('success 20000 30\n            denial 9984 1\n');
  });

  test('ends with the blocks of the user, as they are', () => {
    const blocks = '\na.org:53 {\n  template IN A { answer "{{ .Name }}" }\n}\n\n';
    expect(written({ extraServerBlocks: blocks })).toBe(`${written()}${blocks.trim()}\n`);
  });

  test('is nothing but that of the user where there is one', () => {
    expect(written({ corefile: '.:53 {\n  whoami\n}' })).toBe('.:53 {\n  whoami\n}\n');
  });
});

test('a server block by itself takes several zones', () => {
  const names = 'a.org:53 b.org:53';
  const zone = DEFAULTS.zones.cluster;
  const lines = serverBlock({ names, zone, upstream: '192.0.2.1', isOwnImage: true, metrics: ':9253' });
  expect(text(lines)).toMatch(/^a\.org:53 b\.org:53 \{\n[\s\S]*forward \. 192\.0\.2\.1 \{\n[\s\S]*\n\}\n$/);
});
