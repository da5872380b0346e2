import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineEnvironment } from '../../../image/corefile/environment';
import { loadCorefile, loadPlan } from '../../../image/corefile/load';
import type { ForwardOptions } from '../../../image/plugin/forward/setup';
import { bodyRefusal, fakeEnvironment, planOf, refusal } from '../../support/corefile';

describe('a plan', () => {
  test('holds blocks in file order and their plugins in directive order', () => {
    const plan = planOf(`cluster.local in-addr.arpa:1053 {
      forward . 10.96.0.10
      cache 30
      errors
      bind 127.0.0.1
    }
    . {
      forward . 1.1.1.1
    }`);
    expect(plan.blocks.map(({ zones, file, line }) => ({ zones, file, line }))).toEqual([
      { zones: ['cluster.local.', 'in-addr.arpa.'], file: 'Cf', line: 1 },
      { zones: ['.'], file: 'Cf', line: 7 },
    ]);
    expect(plan.blocks[0].plugins.map(({ name }) => name)).toEqual(['bind', 'errors', 'cache', 'forward']);
    expect(plan.listeners.map(({ label, zones }) => [label, zones])).toEqual([
      ['dns://127.0.0.1:1053', [{ zone: 'in-addr.arpa.', block: 0 }]],
      ['dns://127.0.0.1:53', [{ zone: 'cluster.local.', block: 0 }]],
      ['dns://:53', [{ zone: '.', block: 1 }]],
    ]);
  });

  test('is plain data that crosses to a worker', () => {
    const plan = planOf(
      '. {\n errors {\n consolidate 5m "a.*b" warning\n}\n forward . 1.1.1.1\n template ANY ANY\n loop\n}',
    );
    expect(structuredClone(plan)).toEqual(plan);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  test('takes the port of the flag where a key names none', () => {
    const environment = fakeEnvironment();
    const plan = loadPlan('. a:54 {\n}', { file: 'Cf', dnsPort: 1053, environment });
    expect(plan.listeners.map(({ port }) => port)).toEqual([1053, 54]);
  });

  test('a block without directives is a zone that is refused to clients', () => {
    expect(planOf('example.org').blocks).toEqual([{ zones: ['example.org.'], file: 'Cf', line: 1, plugins: [] }]);
  });
});

describe('messages CoreDNS has are CoreDNS’s', () => {
  test.each([
    ['foo', "Cf:2 - Error during parsing: Unknown directive 'foo'"],
    ['dnssec', "no action found for directive 'dnssec' with server type 'dns' (missing a plugin?)"],
    [
      'kubernetes cluster.local',
      "no action found for directive 'kubernetes' with server type 'dns' (missing a plugin?)",
    ],
    ['errors\nerrors', 'plugin/errors: this plugin can only be used once per Server Block'],
    ['cache { success 100 }', 'plugin/cache: strconv.Atoi: parsing "}": invalid syntax'],
    ['cache\n{\nsuccess 1\n}', 'plugin/cache: this plugin can only be used once per Server Block'],
    [
      'cache {\nsuccess {\n}\n}',
      "plugin/cache: Cf:3 - Error during parsing: Wrong argument count or unexpected line ending after 'success'",
    ],
  ])('%j', (body, message) => {
    expect(bodyRefusal(body)).toBe(message);
  });

  test.each([
    ['a:', 'error inspecting server blocks: expecting data after last colon: "a:"'],
    ['a..b', 'error inspecting server blocks: zone is not a valid domain name: a..b'],
    ['a a {\n}', 'cannot serve dns://a.:53 - it is already defined'],
    ['a:70000 {\n}', 'address 70000: invalid port'],
  ])('%j', (text, message) => {
    expect(refusal(text)).toBe(message);
  });

  test('of several mistakes the one whose directive comes first is told, not the first in the file', () => {
    expect(refusal('a {\n forward . x\n cache 0\n}\nb {\n bind x\n}')).toBe(
      'plugin/bind: not a valid IP address or interface name: "x"',
    );
  });
});

describe('what we do not have yet is refused with file, line and name', () => {
  test.each(['tls', 'quic', 'grpc', 'https', 'https3', 'unix'])('transport %s', (transport) => {
    expect(refusal(`. {\n}\na ${transport}://b {\n}`)).toMatch(
      new RegExp(`^Cf:3 - Error during parsing: cannot serve '${transport}://b': there is no certificate to serve`),
    );
  });

  test('a file in a file is named by its own path', () => {
    expect(refusal('. {\n import a.conf\n}', { files: { '/etc/a.conf': '\n\nbind 127.0.0.1 {\nfoo\n}\nfoo' } })).toBe(
      "/etc/a.conf:6 - Error during parsing: Unknown directive 'foo'",
    );
  });
});

test.each(['', '\n# nothing\n', '(snippet) {\n}'])('%j has no server block: all is answered by whoami', (text) => {
  const { blocks, listeners } = planOf(text);
  expect(blocks.map(({ zones, plugins }) => [zones, plugins.map(({ name }) => name)])).toEqual([
    [['.'], ['log', 'whoami']],
  ]);
  expect(listeners.map(({ label }) => label)).toEqual(['dns://:53']);
});

test('a file beyond the limit is not parsed', () => {
  expect(refusal('#'.repeat((4 << 20) + 1))).toMatch(/^Cf: 4194305 bytes are too many/);
});

describe('loadCorefile, on a real file system', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corefile-'));
  const environment = machineEnvironment(() => {});
  const load = (file: string) => loadCorefile({ file: join(folder, file), dnsPort: 53, environment });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('reads it, what it imports, and the files its plugins name', () => {
    writeFileSync(join(folder, 'Corefile'), 'import *.zone');
    writeFileSync(join(folder, 'a.zone'), `. {\n bind lo\n forward . ${folder}/resolv.conf\n}`);
    writeFileSync(join(folder, 'resolv.conf'), 'search x\nnameserver 192.0.2.1\nnameserver fe80::1%eth0\n');
    const plan = load('Corefile');
    expect(plan.listeners.map(({ address }) => address)).toContain('127.0.0.1');
    const { options } = plan.blocks[0].plugins[1];
    expect((options as ForwardOptions).stanzas[0].upstreams.map(({ label }) => label)).toEqual([
      '192.0.2.1:53',
      '[fe80::1]:53',
    ]);
  });

  test('says what CoreDNS says about a missing one', () => {
    expect(() => load('none')).toThrow(`loading Caddyfile via flag: open ${folder}/none: no such file or directory`);
    expect(() => load('.')).toThrow(`loading Caddyfile via flag: read ${folder}: is a directory`);
  });
});
