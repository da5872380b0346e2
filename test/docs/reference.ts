/** docs/reference.md: what the image takes, from what its code declares. */
import { FLAGS } from '../../image/agent/flags';
import { DIRECTIVES } from '../../image/chain/order';

const WRITTEN = '<!-- Written by test/docs/write-reference.ts; a test compares. -->';
/** Flags that k8s-dns-node-cache does not have. */
const OWN = ['firewall', 'leaserenew', 'leaseexpire', 'fallbacksvc', 'control'];

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** The page: flags of the cache, and the directives that a Corefile may have. */
export function referencePage(): string {
  const flags = Object.entries(FLAGS).map(([name, { kind, default: initial, usage }]) => {
    const of = OWN.includes(name) ? 'this image' : 'k8s-dns-node-cache';
    return `| \`-${name}\` | ${kind} | ${initial === '' ? '' : `\`${initial}\``} | ${of} | ${cell(usage)} |`;
  });
  const directives = DIRECTIVES.filter(({ state }) => state === 'here').map(
    ({ name, reason = '' }) => `| [${name}](../image/plugin/${name}/README.md) | ${cell(reason)} |`,
  );
  return [
    '# Reference',
    '',
    WRITTEN,
    '',
    '| What | Where |',
    '| --- | --- |',
    '| values of the chart | [charts/README.md](../charts/README.md), values.yaml, values.schema.json |',
    '| flags and directives of the image | here |',
    '| metrics | [METRICS.md](../image/observe/METRICS.md) |',
    '| commands: status, top, query, lint, cleanup | [commands](../image/commands/README.md) |',
    '| alerts | [runbooks](runbooks/) |',
    '| constructs | [lib/README.md](../lib/README.md) |',
    '| what differs from k8s-dns-node-cache | [COMPATIBILITY.md](../COMPATIBILITY.md) |',
    '',
    '## Flags',
    '',
    'As Go reads them: one or two dashes, `-name=value` or `-name value`; switches take `=` only.',
    '',
    '| Flag | Kind | Default | Of | Meaning |',
    '| --- | --- | --- | --- | --- |',
    ...flags,
    '',
    '## Directives of a Corefile',
    '',
    'In the order in which a question meets them, whatever the order in the file. Each has a page with its syntax.',
    '',
    '| Directive | Why it stands there |',
    '| --- | --- |',
    ...directives,
    '',
    'CoreDNS has more; node-cache is built without them, and so is this image:',
    `${DIRECTIVES.filter(({ state }) => state === 'foreign')
      .map(({ name }) => `\`${name}\``)
      .join(', ')}.`,
    '',
  ].join('\n');
}
