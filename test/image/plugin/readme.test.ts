/** Every plugin's README has the same form, and what it says is so. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { METRICS } from '../../../image/observe/metrics';
import { bodyRefusal, planOf, refusal } from '../../support/corefile';

const FOLDER = join(__dirname, '../../../image/plugin');
const PLUGINS = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => [name, readFileSync(join(FOLDER, name, 'README.md'), 'utf8')]);
const machine = {
  files: {
    '/etc/resolv.conf': 'nameserver 192.0.2.53\n',
    '/etc/hosts': '',
    '/etc/coredns/hosts': '',
    '/etc/coredns/weights': '',
  },
  interfaces: [{ name: 'lo', addresses: ['127.0.0.1', '::1'] }],
};

describe.each(PLUGINS)('%s', (name, readme) => {
  const examples = [...readme.matchAll(/^```corefile\n([\s\S]*?)^```$/gm)].map(([, text]) => text);

  test('has the sections of the form, in order', () => {
    const sections = [...readme.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title);
    const form = [name, 'Name', 'Description', 'Syntax', 'Metrics', 'Examples'];
    expect(sections.filter((title) => title !== 'Not yet')).toEqual(form);
    expect(sections.indexOf('Not yet')).toBe(readme.includes('## Not yet') ? form.length : -1);
    expect(readme).toMatch(new RegExp(`^_${name}_ - .+\\.$`, 'm'));
  });

  test('has examples that load and show the plugin', () => {
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      expect(refusal(example, machine)).toBeUndefined();
      const used = planOf(example, machine).blocks.flatMap(({ plugins }) => plugins.map((plugin) => plugin.name));
      expect(used).toContain(name);
    }
  });

  test('names metrics that exist, with their labels', () => {
    for (const [, metric, labels] of readme.matchAll(/`(coredns_[a-z_]+)(?:\{([a-z_, ]+)\})?`/g)) {
      expect(Object.keys(METRICS)).toContain(metric);
      const definition = METRICS[metric as keyof typeof METRICS];
      expect({ metric, labels: labels?.split(', ') ?? [] }).toEqual({ metric, labels: [...definition.labels] });
    }
  });

  test('has a row in the table of options', () => {
    expect(Object.keys(KNOWN)).toContain(name);
  });
});

/** What a plugin's block may say. */
interface Known {
  /** The directive's line and the begin of its block. */
  readonly begin: string;
  /** One line per option, as an operator may write it. */
  readonly options: readonly string[];
  /** Words that stand after the directive or an option. */
  readonly words?: readonly string[];
  /** Strings of the setup that no Corefile has. */
  readonly inside?: readonly string[];
  /** A block is passed over unread, as in CoreDNS. */
  readonly unread?: true;
}

const KNOWN: Readonly<Record<string, Known>> = {
  acl: {
    begin: 'acl {',
    options: ['allow net *', 'block type A', 'filter', 'drop'],
    words: ['type', 'net'],
  },
  any: { begin: 'any {', options: [], unread: true },
  bind: { begin: 'bind 192.0.2.1 {', options: ['except lo'] },
  bufsize: { begin: 'bufsize 600 {', options: [], unread: true },
  cache: {
    begin: 'cache {',
    options: [
      'success 1000 60 5',
      'denial 1000 60 5',
      'prefetch 5 10s 20%',
      'serve_stale 24h verify 500ms 30s 10s',
      'servfail 5s',
      'disable success',
      'keepttl',
    ],
    words: ['immediate', 'verify'],
  },
  cancel: { begin: 'cancel {', options: [], unread: true },
  chaos: { begin: 'chaos v {', options: [], inside: ['utf8', 'latin1'], unread: true },
  debug: { begin: 'debug {', options: [] },
  dns64: { begin: 'dns64 {', options: ['prefix 64:ff9b::/96', 'translate_all', 'allow_ipv4'] },
  dnstap: {
    begin: 'dnstap /x {',
    options: ['identity x', 'version x', 'extra x', 'skipverify'],
    words: ['full', 'unix', 'tcp', 'tls'],
    inside: ['transport', 'endpoint'],
    unread: true,
  },
  errors: {
    begin: 'errors {',
    options: ['stacktrace', 'consolidate 5m .* info', 'consolidate 5m .* show_first'],
    words: ['stdout', 'warning', 'error', 'info', 'debug', 'show_first'],
    inside: ['level'],
  },
  forward: {
    begin: 'forward . 192.0.2.53 {',
    options: [
      'except example.net',
      'force_tcp',
      'prefer_udp',
      'expire 10s',
      'max_age 60s',
      'max_idle_conns 4',
      'max_fails 3',
      'max_connect_attempts 2',
      'max_concurrent 1000',
      'policy round_robin',
      'health_check 1s no_rec domain example.net',
      'failfast_all_unhealthy_upstreams',
      'read_timeout 1s',
      'source_address 192.0.2.1',
      'tls',
      'tls_servername dns.example',
      'failover SERVFAIL REFUSED',
      'next NXDOMAIN',
      'next_on_nodata',
      'resolver 192.0.2.1 [2001:db8::1]:5353',
    ],
    words: ['random', 'round_robin', 'sequential', 'no_rec', 'domain'],
  },
  header: {
    begin: 'header {',
    options: ['query set rd', 'response clear aa ra'],
    words: ['set', 'clear'],
  },
  health: { begin: 'health {', options: ['lameduck 5s'] },
  hosts: {
    begin: 'hosts {\nfallthrough', // After it, a word that is no option is no line of the file either.
    options: ['ttl 60', 'reload 5s', 'no_reverse', 'fallthrough example.net'],
    inside: ['missing', 'directory'],
  },
  loadbalance: {
    begin: 'loadbalance {',
    options: ['prefer 10.0.0.0/8 2001:db8::/32'],
    words: ['round_robin', 'weighted', 'reload'],
  },
  local: { begin: 'local {', options: [], unread: true },
  log: { begin: 'log {', options: ['class denial error'], words: ['all', 'success', 'denial', 'error'] },
  loop: { begin: 'loop {', options: [] },
  metadata: { begin: 'metadata {', options: [] },
  minimal: { begin: 'minimal x {', options: [] },
  nsid: { begin: 'nsid {', options: [] },
  pprof: { begin: 'pprof {', options: ['block 1'] },
  prometheus: { begin: 'prometheus {', options: [] },
  ready: { begin: 'ready {', options: ['monitor until-ready'], words: ['continuously'], unread: true },
  reload: { begin: 'reload {', options: [], unread: true },
  rewrite: {
    begin: 'rewrite {',
    options: [
      'name suffix old.example new.example answer auto',
      'type AAAA A',
      'class CH IN',
      'ttl example.org 60',
      'rcode example.org NXDOMAIN NOERROR',
      'cname exact a.example. b.example.',
      'edns0 local set 0xffee 0xabcd revert',
    ],
    words: ['continue', 'stop', 'answer'],
    inside: ['continues'],
  },
  template: {
    begin: 'template IN A {',
    options: [
      'match .*',
      'answer "{{ .Name }} 60 IN A 192.0.2.1"',
      'additional "{{ .Name }} 60 IN A 192.0.2.1"',
      'authority "{{ .Name }} 60 IN A 192.0.2.1"',
      'rcode NXDOMAIN',
      'fallthrough',
      'upstream',
      'ederror 17 "why"',
    ],
  },
  timeouts: { begin: 'timeouts {\nread 1s', options: ['read 3s', 'write 5s', 'idle 10s'], inside: ['timeouts'] },
  trace: {
    begin: 'trace {',
    options: [
      'every 10',
      'service x',
      'client_server true',
      'zipkin_max_backlog_size 10',
      'zipkin_max_batch_size 10',
      'zipkin_max_batch_interval 1s',
      'datadog_analytics_rate 0.5',
    ],
    words: ['zipkin', 'datadog'],
    inside: ['coredns', 'http', 't', 'true', 'f', 'false'],
    unread: true,
  },
  whoami: { begin: 'whoami {', options: [] },
};

/** Quoted words and stanza readers in a plugin's setup, without imports and comments. */
function wordsOfSetup(name: string): string[] {
  const files = readdirSync(join(FOLDER, name)).filter((file) => file === 'setup.ts' || file === 'options.ts');
  const source = files.map((file) => readFileSync(join(FOLDER, name, file), 'utf8')).join('\n');
  const code = source.replace(/^import .*$|\/\*[\s\S]*?\*\/|\/\/ .*$/gm, '');
  const found = code.matchAll(/'([a-z][a-z0-9_]*)'|^ +([a-z_]+)\(_?stanza, controller[^)]*\) \{/gm);
  return [...new Set([...found].map(([, quoted, reader]) => quoted ?? reader))];
}

describe.each(Object.entries(KNOWN))('the options of %s', (name, known) => {
  const { begin, options, words = [], inside = [], unread = false } = known;
  const readme = readFileSync(join(FOLDER, name, 'README.md'), 'utf8');
  const section = (title: string) => readme.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
  const names = options.map((line) => line.split(' ')[0]);
  const refusalOf = (line: string) => bodyRefusal(`${begin}\n${line}\n}`, machine);

  test('are accepted, unknown ones are refused', () => {
    for (const line of options) expect([line, refusalOf(line)]).toEqual([line, undefined]);
    const notYet = [...section('Not yet').matchAll(/`([a-z_]+)`/g)].map(([, word]) => word);
    for (const option of ['no_such_option', ...notYet]) {
      expect({ option, accepted: refusalOf(option) === undefined }).toEqual({ option, accepted: unread });
    }
  });

  test('are the words its setup has, and no more', () => {
    const table = [...names, ...words, ...inside];
    expect(wordsOfSetup(name).sort()).toEqual([...new Set(table)].sort());
  });

  test('are what its README says', () => {
    const syntax = section('Syntax');
    const block = /^```txt\n([\s\S]*?)^```$/m.exec(syntax)?.[1] ?? '';
    const shown = [...block.matchAll(/^ {4}([a-z_]+)\b/gm)].map(([, option]) => option);
    for (const option of shown) expect([...names, ...words]).toContain(option);
    for (const option of names) expect(syntax).toContain(`\`${option}\``);
    for (const word of words) expect(syntax).toMatch(new RegExp(`\\b${word}\\b`));
  });
});
