/**
 * Scenarios: a Corefile, upstreams that say what is written there, and what is done. README.md tells the form.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expand } from './expand';
import { mutate } from './mutate';

const FOLDER = join(__dirname, 'scenarios');
const SETTLE_MS = 20;

/** What is done, in order. */
export type Step =
  /** Questions under way at the same time; nearly always one. */
  | { readonly kind: 'ask'; readonly questions: readonly string[] }
  | { readonly kind: 'raw'; readonly protocol: string; readonly hex: string }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'upstream'; readonly number: number; readonly state: UpstreamState };

export type UpstreamState = 'up' | 'down' | 'mute';

export interface Scenario {
  /** `cache/ttl` */
  readonly path: string;
  /** What happens after an answer is waited for so long. */
  readonly settleMs: number;
  /** The order of records is not promised. */
  readonly isUnordered: boolean;
  /** Uses plugins that k8s-dns-node-cache is built without. */
  readonly isForeign: boolean;
  /** With `@PORT@`, `@UPSTREAM1@`, `@HTTP1@`, `@FOLDER@` for what is known when it is played. */
  readonly corefile: string;
  /** Files of its folder. */
  readonly files: Readonly<Record<string, string>>;
  /** Lines of each upstream's rules. */
  readonly upstreams: readonly (readonly string[])[];
  readonly steps: readonly Step[];
}

/** Addresses that take the place of the words in a Corefile. */
export interface Places {
  readonly ports: readonly number[];
  /** `IP:port` of each. */
  readonly upstreams: readonly string[];
  readonly http: readonly string[];
  readonly folder: string;
}

/** Put addresses in. @throws Error when the text wants one that is not there */
export function fill(text: string, { ports, upstreams, http, folder }: Places): string {
  return text.replace(/@([A-Z]+)(\d?)@/g, (word, kind: string, digit: string) => {
    const index = Number(digit || 1) - 1;
    const all: Readonly<Record<string, readonly (string | number)[]>> = {
      PORT: ports,
      UPSTREAM: upstreams,
      HTTP: http,
    };
    const value = kind === 'FOLDER' ? folder : all[kind]?.[index];
    if (value === undefined) throw new Error(`nothing takes the place of ${word}`);
    return String(value);
  });
}

function steps(lines: readonly string[]): Step[] {
  const all: Step[] = [];
  let sent: string[] = [];
  for (const line of lines) {
    const [verb, ...words] = line.trim().split(/\s+/);
    if (verb === '' || verb.startsWith('#')) continue;
    const text = words.join(' ');
    if (verb === 'ask') all.push(...expand(text).map((one): Step => ({ kind: 'ask', questions: [tidy(one)] })));
    else if (verb === 'send') sent.push(...expand(text).map(tidy));
    else if (verb === 'gather') {
      all.push({ kind: 'ask', questions: sent });
      sent = [];
    } else if (verb === 'raw') for (const one of expand(text)) all.push(raw(one));
    else if (verb === 'mutate') all.push(...mutated(words));
    else if (verb === 'wait') all.push({ kind: 'wait', ms: Number(text) });
    else if (verb === 'up' || verb === 'down' || verb === 'mute')
      all.push({ kind: 'upstream', number: Number(text), state: verb });
    else throw new Error(`no step begins with '${verb}'`);
  }
  if (sent.length > 0) throw new Error('what was sent is not gathered');
  return all;
}

function tidy(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}

/** `PROTOCOL SEED COUNT HEX` */
function mutated([protocol, seed, count, ...hex]: readonly string[]): Step[] {
  return mutate(Number(seed), Number(count), hex.join('')).map((one): Step => ({ kind: 'raw', protocol, hex: one }));
}

function raw(text: string): Step {
  const [protocol, ...hex] = text.trim().split(/\s+/);
  return { kind: 'raw', protocol, hex: hex.join('') };
}

/** Lines, and in the place of `include NAME` those of `scenarios/NAME.rules`. */
function withIncluded(lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const [, name] = /^include (\S+)$/.exec(line) ?? [];
    return name === undefined ? [line] : readFileSync(join(FOLDER, `${name}.rules`), 'utf8').split('\n');
  });
}

/** Read a scenario. @throws Error when its form is not that of README.md */
export function parseScenario(path: string, text: string): Scenario {
  const [head, ...sections] = text.split(/^(?=\[[^\]\n]+\]$)/m);
  const options = head.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const unknown = options.filter((line) => !/^(settle \d+|unordered|foreign)$/.test(line));
  if (unknown.length > 0) throw new Error(`${path}: no option of a scenario: ${unknown[0]}`);
  const settle = options.find((line) => line.startsWith('settle '));
  const files: Record<string, string> = {};
  const upstreams: string[][] = [];
  let corefile = '';
  let played: string[] = [];
  for (const section of sections) {
    const [, kind, name] = /^\[(\w+) ?(.*)\]/.exec(section)!;
    const lines = section.split('\n').slice(1);
    if (kind === 'Corefile') corefile = lines.join('\n');
    else if (kind === 'file') files[name] = lines.join('\n');
    else if (kind === 'upstream') upstreams[Number(name) - 1] = withIncluded(lines);
    else if (kind === 'play') played = lines;
    else throw new Error(`${path}: no section [${kind}]`);
  }
  return {
    path,
    settleMs: settle === undefined ? SETTLE_MS : Number(settle.slice(7)),
    isUnordered: options.includes('unordered'),
    isForeign: options.includes('foreign'),
    corefile,
    files,
    upstreams,
    steps: steps(played),
  };
}

/** Paths of all scenarios, `topic/name`, sorted. */
export function scenarioPaths(): string[] {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.scenario'))
    .map((file) => file.replace(/\.scenario$/, ''))
    .sort();
}

/** The file of a scenario, or its recording. */
export function scenarioFile(path: string, kind: 'scenario' | 'recorded'): string {
  return join(FOLDER, `${path}.${kind}`);
}

/** A scenario of the folder. */
export function loadScenario(path: string): Scenario {
  return parseScenario(path, readFileSync(scenarioFile(path, 'scenario'), 'utf8'));
}
