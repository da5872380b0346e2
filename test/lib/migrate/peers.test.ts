/** Values of other charts: what their installation runs, in values of ours. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import { foundInDeliveryhero } from '../../../lib/migrate/deliveryhero';
import { Draft } from '../../../lib/migrate/draft';
import { foundInKube10k } from '../../../lib/migrate/kube10k';
import { foundInLablabs } from '../../../lib/migrate/lablabs';
import { migrate, migrationText } from '../../../lib/migrate/migrate';
import { indented, PeerValues } from '../../../lib/migrate/peer-values';
import { byName, direct, synthesized, template, temporaryFolder } from '../../support/helm';
import { needs } from '../../support/needs';

const ROLLING = { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } } };

describe('PeerValues', () => {
  test('has the defaults of a chart beneath those of a user', () => {
    const values = new PeerValues({ 'a.b': 1, 'a.c': 2 }, { a: { b: 5, c: null } });
    expect([values.get('a.b'), values.get('a.c'), values.get('a.d')]).toEqual([5, 2, undefined]);
  });

  test('remarks on what was set and never asked for', () => {
    const values = new PeerValues({}, { a: 1, b: { c: 2 }, d: 3, e: '', f: [], g: { enabled: false, h: 1 }, i: 4 });
    values.get('b');
    const draft = new Draft();
    values.remarkOnRest(draft, { d: 'because', i: '' });
    expect(draft.notes).toEqual(['a: has no counterpart here', 'd: because']);
  });

  test('lines of a Corefile are indented by their braces', () => {
    expect(indented(['. {', 'cache {', 'success 9984', '}', '}'])).toBe(
      '. {\n    cache {\n        success 9984\n    }\n}\n',
    );
  });
});

describe('deliveryhero/node-local-dns', () => {
  const from = (config: object, more: object = {}) => migrate([{ config, ...more }], 'deliveryhero');
  const usual = { localIPs: ['169.254.20.25'], clusterDNS: { ips: ['10.96.0.10'] } };

  test.each<[string, object, object]>([
    [
      'prefetch',
      { prefetch: { enabled: true } },
      { cluster: { cache: { prefetch: { amount: 3, durationSeconds: 30, percentage: 20 } } } },
    ],
    [
      'stale answers',
      { serveStale: { enabled: true } },
      { external: { cache: { serveStale: { enabled: true, ttlSeconds: 0 } } } },
    ],
    ['no IPv6', { noIPv6Lookups: true }, { reverse: { suppressAAAA: true } }],
    ['a log', { enableLogging: true }, { cluster: { log: { enabled: true } }, external: { log: { enabled: true } } }],
    ['resolvers', { upstreamServers: '1.1.1.1 1.0.0.1' }, { external: { forward: { to: ['1.1.1.1', '1.0.0.1'] } } }],
    [
      'options of forward',
      { upstreamForwardConfig: ['max_concurrent 1000'] },
      { external: { forward: { maxConcurrent: 1000 } } },
    ],
    ['time in the cache', { cacheTTL: 60 }, { reverse: { cache: { success: { ttlSeconds: 60 } } } }],
    ['UDP', { commProtocol: 'prefer_udp' }, { cluster: { forward: { protocol: 'prefer_udp' } } }],
  ])('%s', (_, config, zones) => {
    const { values } = from({ dnsServer: '10.96.0.10', ...config });
    expect(values).toMatchObject({ ...usual, zones });
    expect(values.corefile).toBeUndefined();
  });

  test('IPVS, which needs the host network there, too', () => {
    const { values, notes } = from({ setupIptables: false });
    expect(values).toMatchObject({ localIPs: ['169.254.20.25'], mode: 'ipvs', nodeCache: { setupIptables: false } });
    expect(notes).toContainEqual(expect.stringMatching(/^config\.setupIptables: also turned the host network off/));
  });

  test('a Service that exists', () => {
    expect(from({ customUpstreamsvc: 'coredns' }).values.upstreamService).toEqual({ create: false, name: 'coredns' });
  });

  test('a whole Corefile, and blocks beside the zones', () => {
    expect(from({ customConfig: '.:53 {\n    health\n    forward . 1.1.1.1\n}' }).values.corefile).toMatch(/^\.:53/);
    const block = 'corp.example:53 {\n    forward . 10.0.0.53\n}';
    expect(from({ extraServerBlocks: block }).values.extraServerBlocks).toBe(`${block}\n`);
  });

  test('what has no place here is named', () => {
    const { notes } = from({ frobnicate: 1 }, { dashboard: { enabled: true }, fullnameOverride: 'dns' });
    expect(notes).toEqual(
      expect.arrayContaining([
        'config.frobnicate: has no counterpart here',
        'dashboard: is another one, of the same metrics and more',
        expect.stringMatching(/^fullnameOverride: names are those of the Kubernetes manifest/),
      ]),
    );
  });

  test('a ServiceMonitor', () => {
    const { values } = from(
      {},
      { serviceMonitor: { enabled: true, prometheusNamespace: 'monitoring', interval: '15s' } },
    );
    expect(values.serviceMonitor).toEqual({ enabled: true, namespace: 'monitoring', interval: '15s' });
    expect(values.metrics).toEqual({ scrapeAnnotations: false });
  });

  test('the default Corefile says what that chart writes', () => {
    expect(foundInDeliveryhero(new Draft(), {}).corefile).toMatch(
      /^cluster\.local:53 \{\n {4}errors\n {4}cache \{\n {8}success 9984 30/,
    );
  });
});

describe('lablabs/k8s-nodelocaldns', () => {
  const zone = (plugins: object) => ({ plugins: { errors: true, reload: true, prometheus: true, ...plugins } });
  const toCluster = { forward: { parameters: '__PILLAR__CLUSTER__DNS__', force_tcp: true }, cache: { parameters: 30 } };
  const zones = {
    'cluster.local:53': zone({ ...toCluster, health: { port: 8080 } }),
    'in-addr.arpa:53': zone(toCluster),
    'ip6.arpa:53': zone(toCluster),
    '.:53': zone({
      forward: { parameters: '__PILLAR__UPSTREAM__SERVERS__' },
      cache: { parameters: 30, serve_stale: true },
    }),
  };

  test('zones, with what that chart meant to write', () => {
    const { values, notes } = migrate([{ config: { zones } }]);
    expect(values).toMatchObject({
      localIPs: ['169.254.20.11'],
      mode: 'ipvs',
      zones: {
        cluster: { cache: { denial: { ttlSeconds: 30 } } },
        external: { cache: { serveStale: { enabled: true, refresh: 'immediate', ttlSeconds: 0 } } },
      },
    });
    expect(notes).toContainEqual(
      'serve_stale of .:53: was never written into the Corefile by that chart; from now on it is in force',
    );
  });

  test('no zones: the default ones, and a word about names of the cluster', () => {
    const { values, notes } = migrate([{ config: { localDnsIp: '169.254.20.10' } }]);
    expect(values.zones).toBeUndefined();
    expect(notes).toContainEqual(expect.stringMatching(/^config\.zones: has no zone for the cluster domain/));
  });

  test('Cilium, and a PodMonitor', () => {
    const { values } = migrate([
      { config: { cilium: { redirectType: 'address' }, zones }, podmonitor: { enabled: true } },
    ]);
    expect(values).toMatchObject({
      mode: 'cilium-lrp',
      localIPs: ['169.254.20.11'],
      cilium: { localRedirectPolicy: { matcher: 'address' } },
      podMonitor: { enabled: true },
    });
  });

  test('hosts, templates and logs are lines of the zone', () => {
    const plugins = {
      ...zones['.:53'].plugins,
      log: { format: '"{name}"', classes: 'denial' },
      hosts: { entries: [{ ip: '10.5.0.4', name: 'a.test' }], fallthrough: true },
      template: { parameters: 'ANY AAAA', rcode: 'NOERROR' },
    };
    const { corefile } = foundInLablabs(new Draft(), { config: { zones: { '.:53': { plugins } } } });
    expect(corefile).toContain('    template ANY AAAA {\n        rcode NOERROR\n    }\n');
    expect(corefile).toContain('    hosts {\n        10.5.0.4 a.test\n        fallthrough\n    }\n');
    expect(corefile).toContain('    log . "{name}" {\n        class denial\n    }\n');
  });
});

describe('Kube10K/node-local-dns', () => {
  test('IPVS, its default', () => {
    expect(migrate([{ serviceIP: '169.254.20.10' }]).values).toEqual({
      mode: 'ipvs',
      ports: { health: 9252 },
      daemonSet: { ...ROLLING, resources: { requests: { cpu: '30m' } } },
    });
  });

  test('iptables', () => {
    const { clusterIPs, container } = foundInKube10k(new Draft(), { ipvsMode: false, coreDnsIP: '10.0.0.10' });
    expect(clusterIPs).toEqual(['10.0.0.10']);
    expect(container.args).toEqual(['-localip=169.254.20.11,10.0.0.10']);
  });
});

describe('migrationText', () => {
  test('wraps remarks and says when no value is needed', () => {
    const note = 'a: ' + 'word '.repeat(40).trim();
    const text = migrationText({ source: 'x', values: {}, notes: [note] });
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(text.replaceAll(/\n# {3}/g, ' ')).toContain(note);
    expect(parse(text)).toEqual({});
  });
});

needs('values').describe('public values files', () => {
  const folder = path.join(__dirname, '../../../../shared/data/values');
  const files = fs.existsSync(folder) ? fs.readdirSync(folder) : [];

  test.each(files)('%s gives values that install', (file) => {
    const { values, source } = migrate([parse(fs.readFileSync(path.join(folder, file), 'utf8'))]);
    expect(source.toLowerCase()).toContain(file.split(/[-.]/)[0]);
    expect(values.daemonSet).toMatchObject(ROLLING);
  });

  needs('helm4').describe('and Helm agrees', () => {
    const chart = synthesized(temporaryFolder());
    test.each(files)('%s', (file) => {
      const { values } = migrate([parse(fs.readFileSync(path.join(folder, file), 'utf8'))]);
      expect(byName(template('helm4', chart, values))).toEqual(byName(direct(values)));
    });
  });
});
