/** Corefiles to values: typed where the chart would write the same, verbatim where not. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { corefile } from '../../../lib/corefile';
import { merge } from '../../../lib/helm/values';
import { readCorefile } from '../../../lib/migrate/corefile-text';
import { carryCorefile } from '../../../lib/migrate/corefile-values';
import { Draft } from '../../../lib/migrate/draft';
import { readZone, words } from '../../../lib/migrate/zone-reading';
import { DEFAULTS, type Values } from '../../../lib/values';
import { needs } from '../../support/needs';
import fc from '../../support/property';
import { anyValues } from '../../support/values';

const ADDRESSES = { local: ['169.254.20.10'], cluster: ['10.96.0.10'] };

function carried(text: string, addresses = ADDRESSES): Draft {
  const draft = new Draft();
  carryCorefile(draft, text, addresses);
  return draft;
}

/** The manifest's Corefile with some of its lines replaced. */
function manifest(...replaced: [string, string][]): string {
  const block = (name: string, cache: string, forward: string, more = ''): string =>
    `${name}:53 {\n    errors\n    ${cache}\n    reload\n    loop\n    bind 169.254.20.10 10.96.0.10\n    ${forward}\n    prometheus :9253\n${more}    }\n`;
  const toCluster = 'forward . __PILLAR__CLUSTER__DNS__ {\n            force_tcp\n    }';
  const success = 'cache {\n            success 9984 30\n            denial 9984 5\n    }';
  const text = [
    block('cluster.local', success, toCluster, '    health 169.254.20.10:8080\n'),
    block('in-addr.arpa', 'cache 30', toCluster),
    block('ip6.arpa', 'cache 30', toCluster),
    block('.', 'cache 30', 'forward . __PILLAR__UPSTREAM__SERVERS__'),
  ].join('');
  return replaced.reduce((result, [from, to]) => {
    expect(result).toContain(from);
    return result.replaceAll(from, to);
  }, text);
}

describe('the Corefile of the manifest', () => {
  test('needs no value at all', () => {
    expect(carried(manifest()).values).toEqual({});
    expect(carried(manifest()).notes).toEqual([]);
  });

  test.each<[string, [string, string], object]>([
    ['another cluster domain', ['cluster.local', 'k8s.example'], { clusterDomain: 'k8s.example' }],
    [
      'a domain from before',
      ['cluster.local:53', 'cluster.local:53 old.local:53'],
      { extraClusterDomains: ['old.local'] },
    ],
    [
      'resolvers of its own',
      ['__PILLAR__UPSTREAM__SERVERS__', '1.1.1.1 tls://9.9.9.9'],
      { zones: { external: { forward: { to: ['1.1.1.1', 'tls://9.9.9.9'] } } } },
    ],
    ['the ClusterIP of kube-dns instead of its second Service', ['__PILLAR__CLUSTER__DNS__', '10.96.0.10'], {}],
    [
      'longer kept denials',
      ['denial 9984 5', 'denial 9984 30'],
      { zones: { cluster: { cache: { denial: { ttlSeconds: 30 } } } } },
    ],
    [
      'stale answers',
      ['denial 9984 5', 'denial 9984 5\n            serve_stale 1h verify'],
      { zones: { cluster: { cache: { serveStale: { enabled: true, ttlSeconds: 0 } } } } },
    ],
    [
      'a log',
      ['    loop\n', '    log\n    loop\n'],
      expect.objectContaining({ zones: expect.objectContaining({ reverse: { log: { enabled: true } } }) }),
    ],
    ['another port of metrics', [':9253', ':9999'], { ports: { metrics: 9999 } }],
    ['another port of health', ['10:8080', '10:9254'], { ports: { health: 9254 } }],
    [
      'a lame duck',
      ['health 169.254.20.10:8080', 'health 169.254.20.10:8080 {\n            lameduck 5s\n    }'],
      { lameduckSeconds: 5 },
    ],
    [
      'a plugin that has no value',
      ['health 169.254.20.10:8080\n', 'health 169.254.20.10:8080\n    loadbalance\n'],
      { zones: { cluster: { extraPlugins: 'loadbalance\n' } } },
    ],
  ])('with %s', (_, replaced, values) => {
    const { values: result, notes } = carried(manifest(replaced));
    expect(result).toEqual(values);
    expect(notes).toEqual([]);
  });

  test('with blocks of the user', () => {
    const block = 'corp.example:53 {\n    errors\n    forward . 10.0.0.53\n}';
    expect(carried(`${manifest()}\n${block}\n`).values).toEqual({ extraServerBlocks: `${block}\n` });
  });

  test('with a domain that has servers of its own', () => {
    const stub = (forward: string, more = ''): string =>
      `corp.example:53 {\n    errors\n    cache 60\n    reload\n    loop\n    bind 169.254.20.10 10.96.0.10\n    forward . ${forward}\n${more}    prometheus :9253\n}\n`;
    const { stubDomains } = carried(
      manifest() + stub('10.0.0.53 {\n        policy sequential\n    }', '    log\n'),
    ).values;
    expect(stubDomains).toEqual({
      'corp.example': { to: ['10.0.0.53'], policy: 'sequential', ttlSeconds: 60, log: true },
    });
    const kept = stub('10.0.0.53 {\n        max_fails 5\n    }'); // No value of a stub domain says that.
    expect(carried(manifest() + kept).values).toEqual({ extraServerBlocks: kept });
  });

  test('with names that an install script was to fill in', () => {
    const draft = carried(
      manifest(
        ['cluster.local', '__PILLAR__DNS__DOMAIN__'],
        ['169.254.20.10', '__PILLAR__LOCAL__DNS__'],
        ['10.96.0.10', '__PILLAR__DNS__SERVER__'],
      ),
    );
    expect(draft.values).toEqual({});
    expect(draft.notes).toEqual([expect.stringMatching(/were never filled in/)]);
  });

  test('on every address of the node is remarked on', () => {
    const draft = carried(manifest(['bind 169.254.20.10 10.96.0.10', 'bind 0.0.0.0']));
    expect(draft.values).toEqual({});
    expect(draft.notes).toEqual([expect.stringMatching(/^bind 0\.0\.0\.0: answered on every address of the node/)]);
  });
});

describe('a Corefile that the chart would not write stays as it is', () => {
  test.each<[string, [string, string], RegExp]>([
    ['a snippet', ['cluster.local:53', '(common) {\n    errors\n}\ncluster.local:53'], /snippets or imports/],
    ['no block for a zone', ['ip6.arpa', 'corp.example'], /no block for ip6\.arpa/],
    [
      'reverse zones that differ',
      ['ip6.arpa:53 {\n', 'ip6.arpa:53 {\n    log\n'],
      /in-addr\.arpa and ip6\.arpa differ/,
    ],
    ['no loop', ['    loop\n', ''], /the block cluster\.local:53 would differ in errors, reload, loop/],
    ['a server by name', ['__PILLAR__UPSTREAM__SERVERS__', 'dns.example'], /zones\.external\.forward\.to/],
    ['a brace too many', ['.:53 {', '.:53 { {'], /its braces do not match/],
  ])('with %s', (_, replaced, reason) => {
    const text = manifest(replaced);
    const { values, notes } = carried(text);
    expect(values).toEqual({ corefile: text });
    expect(notes).toEqual([expect.stringMatching(reason)]);
  });

  test('and turns the probes off where it has no health', () => {
    const draft = carried('.:53 {\n    forward . 1.1.1.1\n}');
    const off = { enabled: false };
    expect(draft.values).toEqual({
      corefile: '.:53 {\n    forward . 1.1.1.1\n}\n',
      daemonSet: { startupProbe: off, livenessProbe: off, readinessProbe: off },
    });
  });
});

test('whatever Corefile the chart writes, its values come back', () => {
  const whole = anyValues.map((values) => merge<Values>(DEFAULTS, values));
  fc.assert(
    fc.property(whole, (values) => {
      const { corefile: _, image: __, ...rest } = values;
      const text = corefile({ ...rest, corefile: '', image: DEFAULTS.image });
      const draft = carried(text, { local: values.localIPs, cluster: values.clusterDNS.ips });
      const again = merge<Values>(DEFAULTS, draft.values);
      if (again.corefile !== '') expect(again.corefile).toBe(text);
      else expect(meaning(corefile({ ...again, localIPs: values.localIPs }))).toEqual(meaning(text));
    }),
    { numRuns: 30 },
  );
});

/** What the blocks of a Corefile say, apart from addresses and from how it is written. */
function meaning(text: string): unknown[] {
  const said = readCorefile(text)!.map((block) => {
    const { zone, plain, hasPrometheus, extra, lost } = readZone(block);
    return [block.keys.join(' '), zone, plain, hasPrometheus, extra.map(words).sort(), lost];
  });
  return said.sort(([one], [other]) => String(one).localeCompare(String(other)));
}

needs('corefiles').describe('public Corefiles', () => {
  const folder = path.join(__dirname, '../../../../shared/data/corefiles');
  const files = fs.existsSync(folder) ? fs.readdirSync(folder).filter((file) => file.endsWith('.Corefile')) : [];

  test.each(files)('%s: is carried over', (file) => {
    const text = fs.readFileSync(path.join(folder, file), 'utf8');
    const { values, notes } = carried(text, { local: ['169.254.20.10'], cluster: [] });
    expect(corefile(merge<Values>(DEFAULTS, values))).not.toBe('');
    expect(
      values.corefile === undefined || notes.some((note) => note.startsWith('Corefile: is carried over as it is')),
    ).toBe(true);
  });

  test('most need no text of their own', () => {
    const typed = files.filter(
      (file) => carried(fs.readFileSync(path.join(folder, file), 'utf8')).values.corefile === undefined,
    );
    expect(typed).toEqual(
      expect.arrayContaining([
        'dockerpac-raw-pillars.Corefile',
        'julsemaan-servestale.Corefile',
        'selectel-mks.Corefile',
      ]),
    );
  });
});
