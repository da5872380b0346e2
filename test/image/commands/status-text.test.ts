/** A status for people: 80 columns, the trouble on top. */
import type { StatusReport } from '../../../image/agent/status-report';
import { Paint, widthOf } from '../../../image/commands/paint';
import { statusText } from '../../../image/commands/status-text';

const NOW = new Date('2026-11-21T12:00:00Z');
const REPORT: StatusReport = {
  program: 'nodelocaldns',
  version: '1.2.3',
  processId: 42,
  uptimeSeconds: 3 * 86_400 + 4 * 3600,
  residentBytes: 88 << 20,
  isStopping: false,
  queriesInFlight: 3,
  node: {
    link: { name: 'nodelocaldns', kind: 'dummy', addresses: ['169.254.20.10', '10.96.0.10'] },
    firewall: { name: 'nft', leases: true },
    leases: [{ address: '169.254.20.10', state: 'held', sinceMs: 8_000, lastAnswerMs: 12, reason: '' }],
    others: ['nodelocaldns/nodelocaldns/77'],
    fallback: { addresses: ['169.254.20.10'], endpoints: ['10.244.0.3', '10.244.0.4'], reason: '' },
  },
  listeners: [{ server: 'dns://169.254.20.10:53', zones: ['cluster.local.', '.'] }],
  blocks: [
    {
      zones: ['cluster.local.'],
      place: 'Corefile:1',
      cache: {
        successEntries: 1204,
        denialEntries: 33,
        requests: 1_234_567,
        hits: 1_200_000,
        stale: 0,
        hitRatio: 0.972,
      },
      upstreams: ['10.96.0.10:53'],
    },
    { zones: ['in-addr.arpa.', 'ip6.arpa.'], place: 'Corefile:9', cache: null, upstreams: [] },
  ],
  upstreams: [
    {
      address: '10.96.0.10:53',
      state: 'down',
      answers: 999,
      failures: 1,
      failuresByReason: { timeout: 1 },
      failureRatio: 0.001,
      meanMs: 1.25,
      lastError: {
        at: '2026-11-21T11:59:30Z',
        text: `[ERROR] plugin/errors: 2 a. A: read udp: i/o timeout ${'x'.repeat(90)}`,
      },
    },
  ],
  config: {
    file: '/etc/Corefile',
    sha512: 'ab'.repeat(64),
    loadedAt: '2026-11-21T11:00:00Z',
    failedReload: { at: '2026-11-21T11:58:00Z', reason: "Corefile:2 - Error during parsing: Unknown directive 'cach'" },
  },
  lastErrors: [{ at: '2026-11-21T11:59:30Z', text: '[ERROR] \x1b[2J plugin/errors: 2 a. A' }],
  problems: ['upstream 10.96.0.10:53 is down'],
};

test('it says all, and first what is wrong', () => {
  const text = statusText(REPORT, NOW, new Paint('none'));
  const lines = text.split('\n');
  expect(lines[0]).toMatch(/^nodelocaldns 1\.2\.3 {2}pid 42, up 3 d 4 h, 88 MiB +degraded$/);
  expect(lines[1].trim()).toBe('! upstream 10.96.0.10:53 is down');
  for (const expected of [
    /^interface +nodelocaldns \(dummy\) 169\.254\.20\.10 10\.96\.0\.10$/m,
    /^rules +nft, with lease$/m,
    /^lease +169\.254\.20\.10 held for 8 s, last answer 12\.0 ms ago$/m,
    /^fall-back +169\.254\.20\.10: 10\.244\.0\.3 10\.244\.0\.4$/m,
    /^others +nodelocaldns\/nodelocaldns\/77 serve it, too$/m,
    /^serves +dns:\/\/169\.254\.20\.10:53 {2}cluster\.local\. \.$/m,
    /^cluster\.local\. +1,204 +33 +1,234,567 +97\.2 % +0$/m,
    /^in-addr\.arpa\. ip6\.arpa\. +no cache$/m,
    /^10\.96\.0\.10:53 +down +999 +1 +0\.10 % +1\.25 ms$/m,
    /^config +\/etc\/Corefile, loaded 1 h ago$/m,
    /^refused +2 min ago: Corefile:2 - Error during parsing/m,
    /^in flight +3 queries wait for upstreams$/m,
  ]) {
    expect(text).toMatch(expected);
  }
  expect(text).not.toContain('\x1b');
});

test.each(['none', 'basic', 'full'] as const)('no line is longer than 80 columns in colours: %s', (depth) => {
  const lines = statusText(REPORT, NOW, new Paint(depth)).split('\n');
  expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(80);
});

test('a line of the log is told from its age, however old it is', () => {
  const lastErrors = [{ at: '2026-11-21T11:58:41Z', text: '[WARNING] a' }];
  expect(statusText({ ...REPORT, lastErrors }, NOW, new Paint('none'))).toMatch(/ {11}1 min 19 s ago: \[WARNING\] a$/m);
});

test('healthy, and without a node of its own', () => {
  const text = statusText(
    { ...REPORT, node: null, problems: [], lastErrors: [], upstreams: [], config: null },
    NOW,
    new Paint('none'),
  );
  expect(text).toMatch(/healthy\n/);
  expect(text).toContain('no interface and no rules are kept by this process');
  expect(text).not.toContain('upstream');
});

test.each([
  [{ firewall: null }, /^rules +none$/m],
  [{ firewall: { name: 'none', leases: false } }, /^rules +none, without lease$/m],
  [{ link: null }, /^interface +none$/m],
  [
    { fallback: { addresses: ['169.254.20.10'], endpoints: [], reason: 'no such name' } },
    /^fall-back .*nobody: no such name$/m,
  ],
  [{ leases: [{ address: '10.0.0.1', state: 'lost', sinceMs: 1, lastAnswerMs: null, reason: '' }] }, /no answer yet$/m],
])('a node with %j', (part, expected) => {
  const report = { ...REPORT, node: { ...REPORT.node!, ...part } } as StatusReport;
  expect(statusText(report, NOW, new Paint('none'))).toMatch(expected);
});
