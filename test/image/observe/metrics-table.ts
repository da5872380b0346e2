/** image/observe/METRICS.md, made of the catalogue. */
import { LABELS, METRIC_NAMES, METRICS, REASONS, SETUP_ERROR_TYPES } from '../../../image/observe/metrics';
import { ABSENT } from './absent';

const code = (word: string) => `\`${word}\``;

function row(name: (typeof METRIC_NAMES)[number]): string {
  const { type, help, labels } = METRICS[name];
  return `| ${code(name)} | ${type} | ${labels.map(code).join(' ')} | ${help.replaceAll('|', '\\|')} |`;
}

const table = (prefix: string) => [
  '| metric | type | labels | what it says |',
  '| ------ | ---- | ------ | ------------ |',
  ...METRIC_NAMES.filter((name) => name.startsWith(prefix)).map(row),
];

function bucketRows(): string[] {
  const lists = new Map<string, string[]>();
  for (const name of METRIC_NAMES) {
    const definition = METRICS[name];
    if (definition.type !== 'histogram') continue;
    const buckets = definition.buckets.join(', ');
    lists.set(buckets, [...(lists.get(buckets) ?? []), name]);
  }
  return [...lists].map(([buckets, names]) => `- ${names.map(code).join(', ')}: ${buckets}`);
}

/** The whole page. */
export function metricsPage(): string {
  const lines = [
    '# Metrics',
    '',
    '<!-- Written by test/image/observe/write-metrics.ts from metrics.ts; a test compares. -->',
    '',
    'Every address that `prometheus` names and the one of `-metrics-listen-address` show the same page: all server blocks',
    'and all threads together. A metric without labels is there from the start, one with labels after its first use.',
    'Blocks without `prometheus` are not counted in `coredns_dns_*` and `coredns_plugin_enabled`.',
    '',
    '## Of CoreDNS and k8s-dns-node-cache',
    '',
    'Names, types, labels, help texts and buckets are those of k8s-dns-node-cache 1.26.8.',
    '',
    ...table('coredns_'),
    '',
    '## Our own',
    '',
    ...table('nodelocaldns_'),
    '',
    '## Of the process',
    '',
    "Under the names that every Prometheus client uses. The network is the node's, with `hostNetwork`.",
    '',
    ...table('process_'),
    '',
    '## Labels',
    '',
    '| label | values |',
    '| ----- | ------ |',
    ...Object.entries(LABELS).map(([label, values]) => `| ${code(label)} | ${values} |`),
    '',
    '`errortype` is one of',
    `${SETUP_ERROR_TYPES.map(code).join(', ')}. \`reason\` is`,
    '',
    ...Object.entries(REASONS).map(([name, reasons]) => `- of ${code(name)}: ${reasons.map(code).join(', ')}`),
    '',
    '## Buckets',
    '',
    ...bucketRows(),
    '',
    '## Not here',
    '',
    ...ABSENT.map(({ names, reason }) => `- ${names}: ${reason}`),
    '',
  ];
  return lines.join('\n');
}
