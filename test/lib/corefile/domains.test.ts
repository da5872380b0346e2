import { hostsLines, rewriteLines, stubDomainLines } from '../../../lib/corefile/domains';
import { CLUSTER, LOCAL, UPSTREAM } from '../../../lib/corefile/pillars';
import { text } from '../../../lib/helm/control';
import { DEFAULTS, type Values } from '../../../lib/values';

const COMMON = { isOwnImage: true, metrics: ':9253' };
const stubs = (stubDomains: Values['stubDomains']): string => text(stubDomainLines(stubDomains, COMMON));
const rewrites = (given: Values['rewrites']): string => text(rewriteLines({ ...DEFAULTS, rewrites: given }, COMMON));

describe('a stub domain', () => {
  const stub = { to: ['192.0.2.1', '192.0.2.2'] };

  test('is a server block of its own', () => {
    expect(stubs({ 'a.example': stub })).toBe(`a.example:53 {
    errors
    cache 30
    reload
    loop
    bind ${LOCAL}
    forward . 192.0.2.1 192.0.2.2
    prometheus :9253
}
`);
  });

  test('comes in the order of its name, so that two renderings are the same', () => {
    const names = stubs({ 'b.example': stub, 'a.example': stub, '0.example': stub }).match(/^\S+:53/gm);
    expect(names).toEqual(['0.example:53', 'a.example:53', 'b.example:53']);
  });

  test('says everything that differs', () => {
    const more = { protocol: 'force_tcp', policy: 'sequential', tlsServerName: 'dns.example', ttlSeconds: 5 };
    const block = stubs({ a: { ...stub, ...more, log: true, suppressAAAA: true, extraPlugins: 'loadbalance' } });
    expect(block).toContain('    log\n    cache 5\n');
    expect(block).toContain('    template IN AAAA {\n            rcode NOERROR\n    }\n');
    expect(block).toContain(
      ' {\n            force_tcp\n            policy sequential\n            tls_servername dns.example\n    }\n',
    );
    expect(block).toMatch(/\n {4}loadbalance\n}\n$/);
  });
});

describe('a name that stands for another', () => {
  test('brings the names below it to the cluster, with answers that fit', () => {
    const block = rewrites({ 'corp.example': { to: 'default.svc.cluster.local' } });
    expect(block).toMatch(/^corp\.example:53 \{\n/);
    expect(block).toContain('    rewrite name suffix .corp.example .default.svc.cluster.local answer auto\n');
    expect(block).toContain(`forward . ${CLUSTER} {\n            force_tcp\n`);
  });

  test('may be that name only, and may be one outside of the cluster', () => {
    const block = rewrites({ 'mirror.example': { to: 'mirror.example.net', exact: true, external: true } });
    expect(block).toContain('    rewrite name exact mirror.example mirror.example.net\n');
    expect(block).toContain(`forward . ${UPSTREAM}\n`);
  });
});

describe('hosts', () => {
  test('are a snippet that reads no file of the node', () => {
    const hosts = [
      { ip: '192.0.2.1', names: ['a.example', 'b.example'] },
      { ip: '2001:db8::1', names: ['a.example'] },
    ];
    expect(text(hostsLines(hosts))).toBe(`(hosts) {
    hosts /dev/null {
            192.0.2.1 a.example b.example
            2001:db8::1 a.example
            fallthrough
    }
}
`);
  });

  test('are nothing where there are none', () => {
    expect(text('x', hostsLines([]))).toBe('x\n');
  });
});
