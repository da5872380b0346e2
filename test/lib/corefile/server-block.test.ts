import { LOCAL } from '../../../lib/corefile/pillars';
import { NO_IPV6, type ServerBlock, serverBlock } from '../../../lib/corefile/server-block';
import { text } from '../../../lib/helm/control';
import { merge, type Partially } from '../../../lib/helm/values';
import { DEFAULTS, type Values } from '../../../lib/values';

type Zone = Values['zones']['cluster'];

const written = (zone: Partially<Values['zones']['cluster']>, more: Partial<ServerBlock> = {}): string =>
  text(
    serverBlock({
      names: '.:53',
      zone: merge<Zone>(DEFAULTS.zones.external, zone),
      upstream: '192.0.2.1',
      isOwnImage: true,
      metrics: ':9253',
      ...more,
    }),
  );

const LEAST = `.:53 {
    errors
    cache {
            success 9984 30
            denial 9984 30
    }
    reload
    loop
    bind ${LOCAL}
    forward . 192.0.2.1
    prometheus :9253
}
`;

describe('a server block', () => {
  test('has what every block has, in the order of the manifest of Kubernetes', () => {
    expect(written({})).toBe(LEAST);
  });

  test('counts errors instead of writing them', () => {
    const consolidate = [{ pattern: 'timeout$' }, { pattern: '.*', seconds: 60, level: 'warning' }];
    expect(written({ errors: { consolidate } })).toContain(
      '    errors {\n            consolidate 300s "timeout$" error\n            consolidate 60s ".*" warning\n    }\n',
    );
  });

  test.each<[Partially<Values['zones']['cluster']['log']>, string]>([
    [{}, '    log\n'],
    [{ format: '{name}' }, '    log . "{name}"\n'],
    [{ classes: ['denial', 'error'] }, '    log {\n            class denial error\n    }\n'],
    [{ format: '{name}', classes: ['all'] }, '    log . "{name}" {\n            class all\n    }\n'],
  ])('writes answers to the log: %j', (log, lines) => {
    expect(written({ log: { enabled: true, ...log } })).toBe(LEAST.replace('    cache {', `${lines}    cache {`));
    expect(written({ log })).toBe(LEAST);
  });

  test('has no addresses for IPv6 where there is none', () => {
    expect(written({ suppressAAAA: true })).toContain(text(NO_IPV6));
  });

  test('has rules, hosts and files where it is told to', () => {
    const hosts = [{ ip: '192.0.2.1', names: ['a.example'] }];
    const more = { rewrite: 'name a b', hosts, overrides: '/a/*.override' };
    const block = written({}, more);
    expect(block).toMatch(/rewrite name a b\n {4}import hosts\n {4}forward [^}]*\n {4}import \/a\/\*\.override\n}\n$/);
  });

  test('ends with the lines of the user, two of them apart as they were', () => {
    expect(written({ extraPlugins: '\nloadbalance \n\t\n  bufsize 1100\n' })).toBe(
      LEAST.replace(/}\n$/, '    loadbalance\n\n      bufsize 1100\n}\n'),
    );
  });

  test.each<[number, string]>([
    [0, '    health :8080\n'],
    [5, '    health :8080 {\n            lameduck 5s\n    }\n'],
  ])('answers the probe, and goes on for %d s', (lameduckSeconds, lines) => {
    expect(written({}, { health: ':8080', lameduckSeconds })).toBe(LEAST.replace(/}\n$/, `${lines}}\n`));
  });
});
