/** Templates and ConfigMaps as a node may have them, and what becomes of changes. */

/** Contents by file name; a name that ends in a slash is a directory, bytes are for what is no UTF-8. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** The two directories at a time; null where there is none. Missing: as before. */
export interface Step {
  readonly base?: Files | null;
  readonly kubeDns?: Files | null;
}

/** An agent's life. */
export interface DirectoryCase {
  readonly title: string;
  /** The first is the start, each other one a change while it runs. */
  readonly steps: readonly Step[];
  /** @default 127.0.0.1 */
  readonly localIps?: string;
  /** Value of UPSTREAM_DNS_SERVICE_HOST. @default 10.96.0.10 */
  readonly clusterDns?: string;
  /** What differs here on purpose: an id of COMPATIBILITY.md, and the Corefile after the step it shows in. */
  readonly difference?: { readonly id: string; readonly corefile: string | null };
}

/** What an agent made of a case. */
export interface DirectoryRecording {
  readonly title: string;
  /** The Corefile after each step, stub domains sorted; null when there is none. */
  readonly corefiles: readonly (string | null)[];
  /** After each step: was there an error in the log since the last one? */
  readonly complains: readonly boolean[];
}

/** Port of the blocks. */
export const DNS_PORT = 24053;

/** Name of the template. */
export const BASE_NAME = 'Corefile.base';

const block = (...lines: string[]): string => `.:${DNS_PORT} {\n${lines.map((line) => `    ${line}\n`).join('')}}\n`;
const MANIFEST_BLOCK = 'forward . __PILLAR__UPSTREAM__SERVERS__ {\n            force_tcp\n    }';
const PLAIN = block('errors', 'bind __PILLAR__LOCAL__DNS__', MANIFEST_BLOCK);
const base = (text: string): Files => ({ [BASE_NAME]: text });
const start = (text: string, kubeDns?: Files | null): Step[] => [{ base: base(text), kubeDns }];
const stubs = (value: unknown): Files => ({ stubDomains: JSON.stringify(value) });
const upstreams = (value: unknown): Files => ({ upstreamNameservers: JSON.stringify(value) });

/** The Corefile that comes of {@link PLAIN} without ConfigMap. */
const PLAIN_RENDERED = PLAIN.replace('__PILLAR__LOCAL__DNS__', '127.0.0.1').replace(
  '__PILLAR__UPSTREAM__SERVERS__',
  '/etc/resolv.conf',
);

const PLACEHOLDERS: readonly DirectoryCase[] = [
  ['LOCAL__DNS', 'bind __PILLAR__LOCAL__DNS__'],
  ['LOCAL__DNS and DNS__SERVER, as in the manifest', 'bind __PILLAR__LOCAL__DNS__ __PILLAR__DNS__SERVER__'],
  ['CLUSTER__DNS', 'forward . __PILLAR__CLUSTER__DNS__ {\n            force_tcp\n    }'],
  ['CLUSTER__DNS twice in a line', 'forward . __PILLAR__CLUSTER__DNS__ __PILLAR__CLUSTER__DNS__'],
  ['CLUSTER__DNS with a port', 'forward . __PILLAR__CLUSTER__DNS__:5353'],
  ['UPSTREAM__SERVERS', 'forward . __PILLAR__UPSTREAM__SERVERS__'],
  [
    'a placeholder in a comment',
    'errors # __PILLAR__LOCAL__DNS__ __PILLAR__CLUSTER__DNS__ __PILLAR__UPSTREAM__SERVERS__',
  ],
  ['one next to a word', 'health __PILLAR__LOCAL__DNS__:24054'],
  ['lower case, which is none', 'errors # __pillar__local__dns__'],
  ['cut short, which is none', 'errors # __PILLAR__LOCAL__DNS_ PILLAR__LOCAL__DNS__'],
  ['one that nobody knows', 'errors # __PILLAR__DNS__DOMAIN__'],
  ['one of later versions', 'errors # __PROMETHEUS__ENDPOINT__'],
  ['overlapping ones', 'errors # __PILLAR__LOCAL__DNS____PILLAR__LOCAL__DNS__'],
].map(([title, line]) => ({ title: `placeholder: ${title}`, steps: start(block(line)) }));

const NODES: readonly DirectoryCase[] = [
  {
    title: 'node: two addresses',
    steps: start(PLAIN, stubs({ 'a.test': ['10.0.0.1'] })),
    localIps: '127.0.0.1,127.0.0.2',
  },
  { title: 'node: IPv6', steps: start(PLAIN, stubs({ 'a.test': ['10.0.0.1'] })), localIps: '::1,FD00:0::A' },
  {
    title: 'node: cluster DNS over IPv6',
    steps: start(block('forward . __PILLAR__CLUSTER__DNS__')),
    clusterDns: 'FD00:0:0::A',
  },
  {
    title: 'node: mapped cluster DNS',
    steps: start(block('forward . __PILLAR__CLUSTER__DNS__')),
    clusterDns: '::ffff:10.96.0.10',
  },
  {
    title: 'node: no cluster DNS where it is needed',
    steps: start(block('forward . __PILLAR__CLUSTER__DNS__')),
    clusterDns: '',
    difference: { id: 'cluster-dns-unknown', corefile: null },
  },
  {
    title: 'node: a headless cluster DNS where it is needed',
    steps: start(block('forward . __PILLAR__CLUSTER__DNS__')),
    clusterDns: 'None',
    difference: { id: 'cluster-dns-unknown', corefile: null },
  },
  { title: 'node: no cluster DNS where it is not needed', steps: start(PLAIN), clusterDns: '' },
];

const TEMPLATES: readonly DirectoryCase[] = [
  { title: 'template: none', steps: [{ base: {} }] },
  { title: 'template: none, and no directory', steps: [{ base: null }] },
  { title: 'template: none, but a ConfigMap', steps: [{ base: {}, kubeDns: stubs({ 'a.test': ['10.0.0.1'] }) }] },
  { title: 'template: empty', steps: start('') },
  { title: 'template: CRLF', steps: start(PLAIN.replaceAll('\n', '\r\n'), upstreams(['10.0.0.1'])) },
  { title: 'template: no final newline', steps: start(PLAIN.trimEnd(), stubs({ 'a.test': ['10.0.0.1'] })) },
  {
    title: 'template: other files beside it',
    steps: [{ base: { ...base(PLAIN), other: 'x', 'sub/': '', '.hidden': 'x' } }],
  },
  {
    title: 'template: unknown directive',
    steps: start(block('foo')),
    difference: { id: 'refused-not-written', corefile: null },
  },
  {
    title: 'template: a block that never ends',
    steps: start(`.:${DNS_PORT} {\n`),
    difference: { id: 'refused-not-written', corefile: null },
  },
];

const withUpstreams = (
  title: string,
  text: string,
  servers: unknown = ['10.0.0.1', '10.0.0.2:5353'],
): DirectoryCase => ({
  title: `upstream: ${title}`,
  steps: start(text, upstreams(servers)),
});

const UPSTREAMS: readonly DirectoryCase[] = [
  withUpstreams('the block of the manifest', PLAIN),
  withUpstreams('two of them', PLAIN + PLAIN.replace('.:', 'a.test:')),
  withUpstreams('two of them in a row', block(MANIFEST_BLOCK, MANIFEST_BLOCK.replace('forward .', 'forward a.test'))),
  withUpstreams('right behind each other', block('errors', MANIFEST_BLOCK, MANIFEST_BLOCK)),
  withUpstreams(
    'indented by two',
    block('errors').replace('    errors', '  forward . __PILLAR__UPSTREAM__SERVERS__ {\n    force_tcp\n  }'),
  ),
  withUpstreams(
    'indented by tabs',
    block('errors').replace('    errors', '\tforward . __PILLAR__UPSTREAM__SERVERS__ {\n\t\tforce_tcp\n\t}'),
  ),
  withUpstreams(
    'a block with more in it',
    block(MANIFEST_BLOCK.replace('force_tcp', 'force_tcp\n            prefer_udp')),
  ),
  withUpstreams('a line without block', block('forward . __PILLAR__UPSTREAM__SERVERS__')),
  withUpstreams('without placeholder', block('forward . 10.0.0.9')),
  withUpstreams('one server', PLAIN, ['10.0.0.1']),
  withUpstreams('three servers', PLAIN, ['10.0.0.1', '10.0.0.2', '10.0.0.3']),
  withUpstreams('IPv6 servers', PLAIN, ['2001:db8::1', '[2001:db8::2]:5353']),
  withUpstreams('an empty list', PLAIN, []),
  withUpstreams('null', PLAIN, null),
  withUpstreams('four servers', PLAIN, ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4']),
  withUpstreams('a name', PLAIN, ['10.0.0.1', 'dns.test']),
  withUpstreams('port 0', PLAIN, ['10.0.0.1:0']),
  withUpstreams('no port behind the colon', PLAIN, ['10.0.0.1:']),
  withUpstreams('a text instead of a list', PLAIN, '10.0.0.1'),
  withUpstreams('a number in the list', PLAIN, [1]),
  withUpstreams('IPv6 servers in capitals', PLAIN, ['2001:DB8::1', '::ffff:10.0.0.1']),
  withUpstreams('a file', PLAIN, ['/etc/resolv.conf']),
];

const kubeDns = (title: string, files: Files | null, difference?: DirectoryCase['difference']): DirectoryCase => ({
  title: `kube-dns: ${title}`,
  steps: start(PLAIN, files),
  difference,
});

const KUBE_DNS: readonly DirectoryCase[] = [
  kubeDns('no directory', null),
  kubeDns('an empty one', {}),
  kubeDns('no stub domain', stubs({})),
  kubeDns(
    'three stub domains',
    stubs({ 'z.test': ['10.0.0.1'], 'a.test': ['10.0.0.2:5353', '10.0.0.3'], 'm.test': ['10.0.0.4'] }),
  ),
  kubeDns(
    'domains that differ in their end',
    stubs({ 'a.test.x': ['10.0.0.1'], 'a.test': ['10.0.0.1'], 'a-test': ['10.0.0.1'] }),
  ),
  kubeDns('stub domains and upstream servers', { ...stubs({ 'a.test': ['10.0.0.1'] }), ...upstreams(['10.0.0.2']) }),
  kubeDns('IPv6 servers', stubs({ 'a.test': ['2001:db8::1', '[2001:db8::2]:5353'] })),
  kubeDns('an IPv6 server in capitals', stubs({ 'a.test': ['2001:DB8::2'] })),
  kubeDns('an IPv4 address in IPv6 clothes', stubs({ 'a.test': ['::ffff:10.0.0.1'] })),
  kubeDns('one label', stubs({ test: ['10.0.0.1'] })),
  kubeDns('a reverse zone', stubs({ '10.in-addr.arpa': ['10.0.0.1'] })),
  kubeDns('a label of 64 octets', stubs({ [`${'a'.repeat(64)}.test`]: ['10.0.0.1'] }), {
    id: 'refused-not-written',
    corefile: PLAIN_RENDERED,
  }),
  kubeDns('upper case', stubs({ 'A.test': ['10.0.0.1'] })),
  kubeDns('a final dot', stubs({ 'a.test.': ['10.0.0.1'] })),
  kubeDns('the root', stubs({ '.': ['10.0.0.1'] })),
  kubeDns('an underscore', stubs({ _tcp: ['10.0.0.1'] })),
  kubeDns('a name for a server', stubs({ 'a.test': ['10.0.0.1'], 'b.test': ['dns.test'] })),
  kubeDns('leading zeros', stubs({ 'a.test': ['010.0.0.1'] })),
  kubeDns('a scheme', stubs({ 'a.test': ['tls://10.0.0.1'] })),
  kubeDns('a port too large', stubs({ 'a.test': ['10.0.0.1:65536'] })),
  kubeDns('port 0', stubs({ 'a.test': ['10.0.0.1:0'] }), { id: 'refused-not-written', corefile: PLAIN_RENDERED }),
  kubeDns('no port behind the colon', stubs({ 'a.test': ['10.0.0.1:'] }), {
    id: 'refused-not-written',
    corefile: PLAIN_RENDERED,
  }),
  kubeDns('no server', stubs({ 'a.test': [] }), { id: 'stub-domain-empty', corefile: PLAIN_RENDERED }),
  kubeDns('null for servers', stubs({ 'a.test': null }), { id: 'stub-domain-empty', corefile: PLAIN_RENDERED }),
  kubeDns('null in servers', stubs({ 'a.test': [null] })),
  kubeDns('a text for servers', stubs({ 'a.test': '10.0.0.1' })),
  kubeDns('a list of domains', stubs(['a.test'])),
  kubeDns('null', { stubDomains: 'null' }),
  kubeDns('an empty file', { stubDomains: '' }),
  kubeDns('a comma too many', { stubDomains: '{"a.test": ["10.0.0.1",]}' }),
  kubeDns('single quotes', { stubDomains: "{'a.test': ['10.0.0.1']}" }),
  kubeDns('a byte order mark', { stubDomains: '\ufeff{}' }),
  kubeDns('the same domain twice', { stubDomains: '{"a.test":["10.0.0.1"],"a.test":["10.0.0.2"]}' }),
  kubeDns('federations', { federations: 'a=b.test', ...stubs({ 'a.test': ['10.0.0.1'] }) }),
  kubeDns('wrong federations', { federations: 'a', ...stubs({ 'a.test': ['10.0.0.1'] }) }),
  kubeDns('another key', { other: '{', ...stubs({ 'a.test': ['10.0.0.1'] }) }),
  kubeDns('a key in another case', { stubdomains: '{"a.test":["10.0.0.1"]}' }),
  kubeDns('hidden files and directories', { '.stubDomains': '{', 'stubDomains/': '' }),
  kubeDns('another key that is no UTF-8', { other: Uint8Array.of(0xc0), ...stubs({ 'a.test': ['10.0.0.1'] }) }),
];

const GOOD = stubs({ 'a.test': ['10.0.0.1'] });
const GOOD_BLOCK = `\na.test:${DNS_PORT} {\n    errors\n    cache 30\n    bind 127.0.0.1\n    forward . 10.0.0.1\n}\n`;
const CHANGED = PLAIN.replace('errors', 'log');
const CHANGED_RENDERED = PLAIN_RENDERED.replace('errors', 'log');

const CHANGES: readonly DirectoryCase[] = [
  { title: 'change: the template', steps: [...start(PLAIN, GOOD), { base: base(CHANGED) }] },
  { title: 'change: the ConfigMap', steps: [...start(PLAIN, GOOD), { kubeDns: stubs({ 'b.test': ['10.0.0.2'] }) }] },
  { title: 'change: both', steps: [...start(PLAIN, GOOD), { base: base(CHANGED), kubeDns: upstreams(['10.0.0.2']) }] },
  { title: 'change: nothing', steps: [...start(PLAIN, GOOD), {}] },
  {
    title: 'change: the ConfigMap is wrong, then the template changes',
    steps: [...start(PLAIN, GOOD), { kubeDns: { stubDomains: '{' } }, { base: base(CHANGED) }],
  },
  {
    title: 'change: the ConfigMap is wrong, then right',
    steps: [
      ...start(PLAIN, GOOD),
      { kubeDns: stubs({ 'b.test': ['dns.test'] }) },
      { kubeDns: stubs({ 'b.test': ['10.0.0.2'] }) },
    ],
  },
  { title: 'change: the ConfigMap is emptied', steps: [...start(PLAIN, GOOD), { kubeDns: {} }] },
  { title: 'change: the ConfigMap goes', steps: [...start(PLAIN, GOOD), { kubeDns: null }] },
  {
    title: 'change: the template goes and comes back',
    steps: [...start(PLAIN, GOOD), { base: {} }, { base: base(CHANGED) }],
  },
  {
    title: 'change: the ConfigMap was wrong at the start and is right now',
    steps: [...start(PLAIN, { stubDomains: '{' }), { kubeDns: GOOD }],
    difference: { id: 'sync-after-failure', corefile: PLAIN_RENDERED + GOOD_BLOCK },
  },
  {
    title: 'change: the ConfigMap comes late',
    steps: [...start(PLAIN, null), { kubeDns: GOOD }],
    difference: { id: 'sync-after-failure', corefile: PLAIN_RENDERED + GOOD_BLOCK },
  },
  {
    title: 'change: a file beside the template is no UTF-8, and the template changes',
    steps: [
      { base: { ...base(PLAIN), other: Uint8Array.of(0xc0) } },
      { base: { ...base(CHANGED), other: Uint8Array.of(0xc0) } },
    ],
    difference: { id: 'template-directory-bytes', corefile: CHANGED_RENDERED },
  },
  {
    title: 'change: the template does not load any more',
    steps: [...start(PLAIN, GOOD), { base: base(block('foo')) }],
    difference: { id: 'refused-not-written', corefile: PLAIN_RENDERED + GOOD_BLOCK },
  },
  {
    title: 'change: a stub domain that the template serves',
    steps: [...start(PLAIN.replace('.:', 'b.test:'), GOOD), { kubeDns: stubs({ 'b.test': ['10.0.0.1'] }) }],
    difference: { id: 'refused-not-written', corefile: PLAIN_RENDERED.replace('.:', 'b.test:') + GOOD_BLOCK },
  },
];

/** All. */
export const DIRECTORIES: readonly DirectoryCase[] = [
  ...PLACEHOLDERS,
  ...NODES,
  ...TEMPLATES,
  ...UPSTREAMS,
  ...KUBE_DNS,
  ...CHANGES,
];

/** The Corefile with its trailing stub domains in the order of their names: the Go agent's order is that of a hash. */
export function sortStubDomains(corefile: string): string {
  const blocks = [
    ...corefile.matchAll(/\n(\S+):\d+ \{\n {4}errors\n {4}cache 30\n {4}bind [^\n]*\n {4}forward \. [^\n]*\n\}\n/g),
  ];
  const from = blocks.length === 0 ? corefile.length : blocks[0].index;
  if (blocks.map(([text]) => text).join('') !== corefile.slice(from)) return corefile;
  blocks.sort(([, a], [, b]) => (a < b ? -1 : 1));
  return corefile.slice(0, from) + blocks.map(([text]) => text).join('');
}
