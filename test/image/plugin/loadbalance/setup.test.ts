import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPlan } from '../../../../image/corefile/load';
import type { LoadbalanceOptions } from '../../../../image/plugin/loadbalance/setup';
import { tables } from '../../../support/coredns-tables';
import { bodyRefusal, fakeEnvironment, optionsOf } from '../../../support/corefile';
import { needs } from '../../../support/needs';

const machine = {
  files: { '/etc/weights': 'a.example\n192.0.2.1 3\n', '/etc/wrong': '192.0.2.1 3\n', '/etc/folder/': '' },
};
const options = (body: string) => optionsOf<LoadbalanceOptions>('loadbalance', body, machine);
const RECORDED: readonly (readonly [string, string | null])[] = JSON.parse(
  readFileSync(join(__dirname, '../forwarded/said/loadbalance-setup.json'), 'utf8'),
);

test.each(RECORDED)('%j is taken or refused as k8s-dns-node-cache 1.26.8 does', (body, message) => {
  expect(bodyRefusal(body)).toBe(message ?? undefined);
});

test.each([
  ['loadbalance', { weighted: undefined, prefer: [] }],
  ['loadbalance round_robin', { weighted: undefined, prefer: [] }],
  [
    'loadbalance {\nprefer 10.0.0.0/8 2001:db8::/32\nprefer 192.0.2.0/24\n}',
    { prefer: [{ bits: 8 }, { bits: 32 }, { bits: 24 }] },
  ],
  [
    'loadbalance weighted weights',
    { weighted: { path: 'weights', reloadMs: 30_000, names: { 'a.example.': { '192.0.2.1': 3 } } } },
  ],
  ['loadbalance weighted /etc/weights {\nreload 0\n}', { weighted: { reloadMs: 0 } }],
  ['loadbalance weighted /etc/nothing {\nreload 1m\n}', { weighted: { reloadMs: 60_000, names: null } }],
  ['loadbalance {\nprefer 10.0.0.0/8\n}\nloadbalance weighted weights', { weighted: { path: 'weights' }, prefer: [] }],
  ['loadbalance weighted weights\nloadbalance', { weighted: undefined }],
])('%j', (body, expected) => {
  expect(options(body)).toMatchObject(expected);
});

test.each([
  ['loadbalance weighted wrong', 'plugin/loadbalance: missing domain name in weight file wrong'],
  ['loadbalance weighted /etc/folder', 'plugin/loadbalance: read /etc/folder: is a directory'],
  [
    'loadbalance weighted weights {\nreload -5s\n}',
    "plugin/loadbalance: Cf:3 - Error during parsing: invalid reload duration '-5s': it must not be negative; write 0 to " +
      'read the file once',
  ],
])('%j is refused', (body, message) => {
  expect(bodyRefusal(body, machine)).toBe(message);
});

test('a missing file is a warning with the time until the next look', () => {
  const environment = fakeEnvironment();
  loadPlan('. {\nloadbalance weighted /w {\nreload 90s\n}\n}', { file: 'Cf', dnsPort: 53, environment });
  expect(environment.warnings).toEqual([
    'plugin/loadbalance: Failed to open weight file:weight file open error. Will try again in 1m30s',
  ]);
});

needs('tables').describe('rows of CoreDNS 1.13.2', () => {
  test.each(tables('coredns-v1.13.2', 'TestSetup', 'plugin/loadbalance/'))('%j', (row) => {
    const refused = bodyRefusal(String(row.input), { files: { '/etc/wf': '' } }); // Opened when the server starts.
    expect(refused !== undefined).toBe(row.shouldErr);
    if (row.shouldErr === true) expect(refused).toContain(row.expectedErrContent);
  });
});
