/** What the README of the agent says is so: its tables are written from the code, its examples are rendered. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { FLAGS } from '../../../image/agent/flags';
import type { FlagDefinition } from '../../../image/agent/go-flags';
import { readKubeDnsConfig } from '../../../image/agent/kube-dns';
import { type PillarValues, pillarWarnings, renderPillars } from '../../../image/corefile/pillars';
import { METRICS } from '../../../image/observe/metrics';

const ROOM = join(__dirname, '../../../image/agent');
const README = readFileSync(join(ROOM, 'README.md'), 'utf8');
const fenced = (language: string): string =>
  new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(README)?.[1] ?? '';
const configMap: Record<string, string> = parse(fenced('yaml'));
const config = readKubeDnsConfig(
  new Map(Object.entries(configMap).map(([key, value]) => [key, Buffer.from(value)])),
  () => false,
);
const values: PillarValues = {
  ...config,
  localIps: ['127.0.0.1'],
  clusterDnsIp: '10.96.0.10',
  clusterDnsVariable: '',
  dnsPort: 53,
};

test('the table of flags is that of the code', () => {
  const rows = Object.entries<FlagDefinition>(FLAGS).map(([name, flag]) => {
    return `| \`-${name}\` | ${flag.default === '' ? '' : `\`${flag.default}\``} | ${flag.usage} |`;
  });
  const shown = /<!-- flags: .* -->\n\n([\s\S]*?)\n\n?<!-- end -->/.exec(README)?.[1].split('\n') ?? [];
  expect(shown.slice(0, 2)).toEqual(['| flag | default | meaning |', '| ---- | ------- | ------- |']);
  expect(shown.slice(2)).toEqual(rows.sort());
});

test('the map has each file once, and no other', () => {
  const map = README.slice(0, README.indexOf('\n## '));
  const rows = map.split('\n').filter((line) => /^\| `/.test(line));
  const named = rows.flatMap((row) => [...row.split('|')[1].matchAll(/`(.+?)`/g)].map(([, name]) => name));
  const patterns = named.map((name) => new RegExp(`^${name.replace('.', '\\.').replace('*', '.*')}$`));
  const files = readdirSync(ROOM).filter((name) => name.endsWith('.ts'));
  expect(files.filter((file) => patterns.filter((pattern) => pattern.test(file)).length !== 1)).toEqual([]);
  expect(named.filter((_, index) => !files.some((file) => patterns[index].test(file)))).toEqual([]);
});

test('the table of placeholders has those that are replaced', () => {
  const placeholders = [...README.matchAll(/^\| `(__PILLAR__\w+)`/gm)].map(([, word]) => word);
  expect(placeholders.length).toBe(4);
  const all = placeholders.join(' ');
  expect(pillarWarnings(all, { ...values, upstreamServers: [] })).toEqual([]);
  expect(renderPillars(all, { ...values, stubDomains: {} })).not.toContain('PILLAR');
});

test('the block that loses its force_tcp does so as it is written', () => {
  const block = fenced('txt');
  expect(block).toContain('force_tcp');
  expect(renderPillars(`\n${block}`, { ...values, stubDomains: {} })).toBe('\n    forward . 8.8.8.8 8.8.4.4\n');
});

test('the ConfigMap gives the server block that is shown', () => {
  expect(Object.keys(config.stubDomains)).toEqual(['consul.local', 'acme.local']);
  expect(renderPillars('', values).startsWith(`\n${fenced('corefile')}\nconsul.local:53 {`)).toBe(true);
});

test('its metrics exist', () => {
  const names = [...README.matchAll(/`(coredns_\w+)/g)].map(([, name]) => name);
  expect([...new Set(names)]).toEqual(['coredns_nodecache_setup_errors_total', 'coredns_reload_failed_total']);
  for (const name of names) expect(Object.keys(METRICS)).toContain(name);
});
