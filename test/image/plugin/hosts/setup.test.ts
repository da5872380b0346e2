import { loadPlan } from '../../../../image/corefile/load';
import type { HostsOptions } from '../../../../image/plugin/hosts/setup';
import { tables } from '../../../support/coredns-tables';
import { bodyRefusal, fakeEnvironment, optionsOf } from '../../../support/corefile';
import { needs } from '../../../support/needs';

const options = (body: string) => optionsOf<HostsOptions>('hosts', body, { files: { '/etc/hosts': '' } });

test('hosts has CoreDNS’s defaults', () => {
  expect(options('hosts')).toEqual({
    path: '/etc/hosts',
    zones: ['example.org.'],
    lines: [],
    ttlSeconds: 3600,
    reloadMs: 5000,
    reverse: true,
    fallthrough: [],
  });
});

test('every option', () => {
  const body = 'hosts /x a 10.0.0.0/8 {\n10.0.0.1 a.a b.a\n::1 c.a\nttl 60\nreload 0\nno_reverse\nfallthrough A\n}';
  expect(options(body)).toEqual({
    path: '/x',
    zones: ['a.', '10.in-addr.arpa.'],
    lines: ['10.0.0.1 a.a b.a', '::1 c.a'],
    ttlSeconds: 60,
    reloadMs: 0,
    reverse: false,
    fallthrough: ['a.'],
  });
  expect(options('hosts {\nfallthrough\n}').fallthrough).toEqual(['.']);
});

test('a file that is not there, or is a directory, is a warning', () => {
  const environment = fakeEnvironment({ files: { '/folder/x': '' } });
  loadPlan('a {\n hosts /none\n}\nb {\n hosts /folder\n}', { file: 'Cf', dnsPort: 53, environment });
  expect(environment.warnings).toEqual([
    'plugin/hosts: File does not exist: /none',
    'plugin/hosts: Hosts file "/folder" is a directory',
  ]);
});

test('a file that cannot be looked at is refused', () => {
  const environment = fakeEnvironment();
  const closed = () => {
    throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
  };
  const source = { file: 'Cf', dnsPort: 53, environment: { ...environment, pathKind: closed } };
  expect(() => loadPlan('a {\n hosts /x\n}', source)).toThrow(
    "plugin/hosts: Cf:2 - Error during parsing: unable to access hosts file '/x': stat /x: permission denied",
  );
});

test.each([
  ['hosts {\nttl\n}', 'ttl needs a time in second'],
  ['hosts {\nttl x\n}', 'ttl needs a number of second'],
  ['hosts {\nttl 0\n}', 'ttl provided is invalid'],
  ['hosts {\nttl 65536\n}', 'ttl provided is invalid'],
  ['hosts {\nreload\n}', 'reload needs a duration (zero seconds to disable)'],
  ['hosts {\nreload x\n}', "invalid duration for reload 'x'"],
  ['hosts {\nreload -1s\n}', "invalid negative duration for reload '-1s'"],
])('%j is refused', (body, message) => {
  expect(bodyRefusal(body)).toBe(`plugin/hosts: Cf:3 - Error during parsing: ${message}`);
});

test('lines after fallthrough, and a second hosts, are refused', () => {
  expect(bodyRefusal('hosts {\nfallthrough\n10.0.0.1 a\n}')).toBe(
    "plugin/hosts: Cf:4 - Error during parsing: unknown property '10.0.0.1'",
  );
  expect(bodyRefusal('hosts\nhosts')).toBe('plugin/hosts: this plugin can only be used once per Server Block');
});

needs('tables').describe('CoreDNS’s tables', () => {
  const fall = (value: unknown) => ((value as { $id: string }).$id === 'fall.Root' ? ['.'] : []);

  test.each(tables('coredns-v1.13.2', 'TestHostsParse'))('%j', (row) => {
    const body = row.inputFileRules as string;
    if (row.shouldErr) expect(bodyRefusal(body)).toMatch(/^plugin\/hosts: /);
    else {
      const found = options(body);
      expect(found.path).toBe(row.expectedPath);
      expect(found.zones).toEqual(row.expectedOrigins ?? ['example.org.']);
      expect(found.fallthrough).toEqual(fall(row.expectedFallthrough));
    }
  });

  test.each(tables('coredns-v1.13.2', 'TestHostsInlineParse'))('inline: %j', (row) => {
    const body = row.inputFileRules as string;
    if (row.shouldErr) expect(bodyRefusal(body)).toMatch(/^plugin\/hosts: /);
    else {
      const found = options(body);
      const expected = (row.expectedaddr as { k: string; v: string[] }[]).map(({ k, v }) => `${k} ${v.join(' ')}.`);
      expect(found.lines.map((line) => `${line}..`)).toEqual(expected.map((line) => line.replace(/\.*$/, '..')));
      expect(found.fallthrough).toEqual(fall(row.expectedFallthrough));
    }
  });
});
