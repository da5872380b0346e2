import { forwardLines } from '../../../lib/corefile/forward';
import { text } from '../../../lib/helm/control';
import { merge, type Partially } from '../../../lib/helm/values';
import { DEFAULTS, type Values } from '../../../lib/values';

type Forward = Values['zones']['cluster']['forward'];

const written = (given: Partially<Forward>): string =>
  text(forwardLines(merge<Forward>(DEFAULTS.zones.external.forward, given), '192.0.2.1'));

describe('forward', () => {
  test('has no braces where it says nothing but servers', () => {
    expect(written({})).toBe('    forward . 192.0.2.1\n');
    expect(written({ to: ['192.0.2.2', 'tls://192.0.2.3'] })).toBe('    forward . 192.0.2.2 tls://192.0.2.3\n');
  });

  test('has white space as the manifest of Kubernetes: k8s-dns-node-cache looks for it', () => {
    expect(written({ protocol: 'force_tcp' })).toBe('    forward . 192.0.2.1 {\n            force_tcp\n    }\n');
  });

  test.each<[Partially<Forward>, string]>([
    [{ policy: 'sequential' }, 'policy sequential'],
    [{ except: ['a.example', 'b.example'] }, 'except a.example b.example'],
    [{ tlsServerName: 'dns.example' }, 'tls_servername dns.example'],
    [{ expireSeconds: 30 }, 'expire 30s'],
    [{ maxAgeSeconds: 60 }, 'max_age 60s'],
    [{ readTimeoutMs: 500 }, 'read_timeout 500ms'],
    [{ maxConcurrent: 1000 }, 'max_concurrent 1000'],
    [{ maxFails: 0 }, 'max_fails 0'],
    [{ maxConnectAttempts: 4 }, 'max_connect_attempts 4'],
    [{ healthCheck: { intervalMs: 5000 } }, 'health_check 5000ms'],
    [{ healthCheck: { noRecursion: true, domain: 'a.example' } }, 'health_check 500ms no_rec domain a.example'],
    [{ failover: ['SERVFAIL', 'REFUSED'] }, 'failover SERVFAIL REFUSED'],
    [{ failFast: true }, 'failfast_all_unhealthy_upstreams'],
  ])('%j is %s', (given, line) => {
    expect(written(given)).toBe(`    forward . 192.0.2.1 {\n            ${line}\n    }\n`);
  });
});
