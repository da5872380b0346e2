/** Spoiled Corefiles through lexer, parser and every setup: refused with a CorefileError or accepted, soon, and never anything else. */
import { DIRECTIVES } from '../../image/chain/order';
import { CorefileError, positionedText } from '../../image/corefile/errors';
import { loadPlan } from '../../image/corefile/load';
import { caseOf } from '../image/corefile/recorded/case';
import { TOPICS } from '../image/corefile/recorded/topics';
import { fakeEnvironment } from '../support/corefile';
import { FakeWorker } from '../support/fake-worker';
import { questionPacket } from '../support/query';
import { Random } from './random';

/** Outcome of a run. */
export interface CorefileReport {
  /** Corefiles read. */
  readonly packets: number;
  readonly seed: number;
  readonly seconds: number;
  readonly accepted: number;
  /** Of the accepted ones those that were given to a worker, and had its handlers made. */
  readonly started: number;
  /** The longest that one took, in milliseconds. */
  readonly slowestMs: number;
  readonly failures: readonly { readonly reason: string; readonly hex: string }[];
}

const FAILURES_MAX = 10;
/** Nothing of this size may take longer, on a machine that is shared. */
const SLOW_MS = 1500;
/** A worker is made for one accepted file in this many; it costs as much as fifty files. */
const START_EVERY = 20;

/** A network may be hundreds of zones. */
const ZONES_ASKED = 4;
/** Until the slowest has given up. */
const PATIENCE_MS = 7000;

const FILES = {
  '/etc/f.conf': 'errors\ncache {\n',
  '/etc/g.conf': '(t) {\n errors\n}\n',
  '/etc/resolv.conf': 'nameserver 127.0.0.1\nnameserver x\n',
  '/etc/hosts': '127.0.0.1 a.example\n::1 b\nx y\n',
};
const INTERFACES = [{ name: 'lo', addresses: ['127.0.0.1', '::1'] }];
const VARIABLES = { A: 'a', LOOP: '{$LOOP}', NEST: '{%A%} {$A}', LINE: 'x\ny' };
const ENVIRONMENT = fakeEnvironment({ files: FILES, interfaces: INTERFACES, variables: VARIABLES });

/** What means something somewhere, and what nobody thought of. */
const WORDS = (
  '{ } {} } { \n \n # " \\ \\" , a, . .:53 example.org:54 10.0.0.0/9 fd00::/9 tls://x (s) (t) import s t f.conf g.conf * ' +
  'none/* [ {$A} {%A%} {$LOOP} {$NEST} {$LINE} {$ } {$} 127.0.0.1 ::1 lo fe80::1%lo 30 -1 0 5s 1x 1h -5s 0x10 1e9 ' +
  '99999999999999999999 4294967296 2147483648 9223372036854775807 1.5 + - % 50% 10% 200% success denial except class ' +
  'all error stop continue name exact prefix suffix substring regex answer auto value ttl type rcode cname edns0 local nsid ' +
  'subnet set unset replace append revert {qname} {1} {2} {99999} 0xffee 0x6 random verify immediate fallthrough match ' +
  'additional authority upstream ( (( [ [a .* (a+)+$ (a|a)*b a{1000} (a{1000}){1000} (?P<x>y) (?=z) \\1 [[:alpha:]] \\pL ANY IN A ' +
  'TYPE65535 NXDOMAIN 4095 {{ }} {{.Name}} {{.Group.x}} {{range}} {{if .Name}} {{end}} {{index .Match 99}} {{printf "%d"}} ' +
  '/etc/resolv.conf /etc/hosts /etc /nowhere :8080 :x:y ::: [::1]:53 127.0.0.1:70000 allow block filter drop net random ' +
  'request response query consolidate stacktrace lameduck every service __proto__ constructor toString \u00a0 \ufeff \u0000 ü 名 '
).split(' ');
const NAMES = DIRECTIVES.filter(({ state }) => state !== 'foreign').map(({ name }) => name);
const LONG = [
  'a'.repeat(300),
  `${'a.'.repeat(200)}b`,
  '1'.repeat(400),
  '{ '.repeat(60),
  '('.repeat(400),
  '\n'.repeat(50),
];

/** Corefiles to spoil: those that a real server has judged. */
export function seedCorefiles(): string[] {
  const all = Object.values(TOPICS).flatMap((cases) => cases.map((written) => caseOf(written).corefile));
  return all.map((corefile) => corefile.replaceAll('FOLDER', '/etc'));
}

class Spoiler {
  private readonly random: Random;
  private readonly seeds: readonly string[];

  constructor(seeds: readonly string[], random: Random) {
    this.seeds = seeds;
    this.random = random;
  }

  private pick<Item>(items: readonly Item[]): Item {
    return items[this.random.below(items.length)];
  }

  private word(): string {
    return this.random.below(40) === 0 ? this.pick(LONG) : this.pick(this.random.below(6) === 0 ? NAMES : WORDS);
  }

  /** A block made of words only. */
  private soup(): string {
    let text = this.random.below(2) === 0 ? '. {\n' : '';
    for (let words = this.random.below(24); words >= 0; words--) {
      text += this.word() + this.pick(['', ' ', ' ', ' ', '\n']);
    }
    return this.random.below(3) === 0 ? text : `${text}\n}`;
  }

  /** Change a text in one way. */
  private spoil(text: string): string {
    const at = this.random.below(Math.min(text.length + 1, 65_536));
    const parts = text.split(/(\s+)/);
    const index = this.random.below(parts.length);
    switch (this.random.below(8)) {
      case 0:
        return text.slice(0, at);
      case 1:
        return text.slice(0, at) + this.word() + text.slice(at);
      case 2: // Another word instead of one.
        parts[index] = this.word();
        return parts.join('');
      case 3: // A word less.
        parts.splice(index, 1);
        return parts.join('');
      case 4: // A word twice.
        parts.splice(index, 0, parts[index], ' ');
        return parts.join('');
      case 5: // Lines of another file.
        return text.slice(0, at) + this.inner(this.pick(this.seeds)) + text.slice(at);
      case 6: // One line twice.
        return text.replace(/\n(.*)\n/, '\n$1\n$1\n');
      default:
        return text.slice(0, at) + String.fromCodePoint(this.random.below(0x3000)) + text.slice(at + 1);
    }
  }

  /** What stands in a seed's block. */
  private inner(seed: string): string {
    return /^[^{]*\{\n([\s\S]*)\n\}\s*$/.exec(seed)?.[1] ?? seed;
  }

  /** The next Corefile. */
  next(): string {
    const kind = this.random.below(8);
    if (kind === 0) return this.soup();
    let text = this.pick(this.seeds);
    if (kind < 4) text = `. {\n${this.inner(text)}\n${this.inner(this.pick(this.seeds))}\n}\n`;
    for (let times = 1 + this.random.below(4); times > 0; times--) text = this.spoil(text);
    return text;
  }
}

/** Let a worker serve it to a few clients; what went wrong, or undefined. */
function serve(corefile: string): string | undefined {
  const worker = new FakeWorker(corefile, { files: FILES, interfaces: INTERFACES });
  for (const { address, port, zones } of worker.plan.listeners) {
    const server = { address: address === '' ? '127.0.0.1' : address, port };
    const client = worker.kernel.network.udpPeer(server.address);
    for (const { zone } of zones.slice(0, ZONES_ASKED)) {
      for (const type of ['A', 'PTR', 'ANY', 'TYPE65535'])
        client.send(server, questionPacket(zone, { type, udpSize: 1232 }));
    }
  }
  worker.pass(PATIENCE_MS);
  return worker.metric('coredns_panics_total') === 0 ? undefined : 'a handler threw';
}

/** All of a plan as text. Templates have integers of 64 bits, which JSON does not know and a worker is given all the same. */
function plainText(plan: unknown): string {
  return JSON.stringify(plan, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
}

/** What went wrong with a Corefile; undefined when nothing did. @param starts also start a worker with it */
export function checkCorefile(corefile: string, starts: boolean): { reason?: string; accepted: boolean } {
  try {
    const plan = loadPlan(corefile, { file: '/etc/Corefile', dnsPort: 53, environment: ENVIRONMENT });
    if (plainText(structuredClone(plan)) !== plainText(plan)) return { reason: 'no plain data', accepted: true };
    return starts ? { accepted: true, reason: serve(corefile) } : { accepted: true };
  } catch (error) {
    if (!(error instanceof CorefileError)) return { reason: String((error as Error).stack), accepted: false };
    const shown = positionedText(error);
    return /:\d+ - /.test(shown) ? { accepted: false } : { reason: `names no place: ${shown}`, accepted: false };
  }
}

/**
 * Read `count` spoiled Corefiles.
 * @param seed the same seed gives the same files
 */
export function fuzzCorefile(count: number, seed: number): CorefileReport {
  const spoiler = new Spoiler(seedCorefiles(), new Random(seed));
  const failures: { reason: string; hex: string }[] = [];
  const begin = performance.now();
  let [packets, accepted, started, slowestMs] = [0, 0, 0, 0];
  for (; packets < count && failures.length < FAILURES_MAX; packets++) {
    const corefile = spoiler.next();
    const starts = accepted % START_EVERY === 1 && !corefile.includes('$') && !corefile.includes('%');
    const before = performance.now();
    const verdict = checkCorefile(corefile, starts);
    const tookMs = performance.now() - before;
    slowestMs = Math.max(slowestMs, tookMs);
    if (verdict.accepted) accepted++;
    if (verdict.accepted && starts) started++;
    const reason = verdict.reason ?? (tookMs > SLOW_MS ? `took ${Math.round(tookMs)} ms` : undefined);
    if (reason !== undefined) failures.push({ reason, hex: Buffer.from(corefile).toString('hex') });
  }
  const seconds = (performance.now() - begin) / 1000;
  return { packets, seed, seconds, accepted, started, slowestMs: Math.round(slowestMs), failures };
}
