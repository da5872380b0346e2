/** What is typed behind `query`: `NAME [TYPE] [@SERVER] [+tcp] [+dnssec] [+short] [+found]`, as dig's users type it. */
import { isIP } from 'node:net';
import { quote } from '../corefile/go-quote';
import { parseIp } from '../corefile/ip-address';
import { Type, typeByName } from '../wire/codes';
import { fqdn, textToName } from '../wire/name-text';
import { UsageError } from './command';

/** Server and port; an empty host leaves the choice to the command. */
export interface QueryServer {
  readonly host: string;
  readonly port: number;
}

/** A question as it was typed. */
export interface QueryWords {
  /** FQDN in presentation form. */
  readonly name: string;
  /** Wire form. */
  readonly key: Uint8Array;
  readonly type: number;
  /** Null when none was named. */
  readonly server: QueryServer | null;
  readonly overTcp: boolean;
  readonly dnssec: boolean;
  /** Only the data of the answer. */
  readonly short: boolean;
  /** An answer without records counts as none. */
  readonly found: boolean;
}

const DNS_PORT = 53;
const SWITCHES = ['+tcp', '+dnssec', '+short', '+found'] as const;

/** @throws UsageError */
export function readQueryWords(words: readonly string[]): QueryWords {
  let name: string | null = null;
  let type: number | null = null;
  let server: QueryServer | null = null;
  const on = new Set<string>();
  for (const word of words) {
    if (word.startsWith('@')) server = readServer(word.slice(1));
    else if (word.startsWith('+')) on.add(readSwitch(word));
    else if (name === null) name = word;
    else if (type === null) type = readType(word);
    else throw new UsageError(`query has a NAME and a TYPE already: ${quote(word)} is one word too many`);
  }
  if (name === null) throw new UsageError('query wants a NAME, such as kubernetes.default.svc.cluster.local');
  const isAddress = isIP(name) !== 0;
  const text = isAddress ? reverseName(name) : fqdn(name);
  const key = textToName(text);
  if (key === undefined) throw new UsageError(`${quote(name)} is no domain name`);
  return {
    name: text,
    key,
    type: type ?? (isAddress ? Type.PTR : Type.A),
    server,
    overTcp: on.has('+tcp'),
    dnssec: on.has('+dnssec'),
    short: on.has('+short'),
    found: on.has('+found'),
  };
}

function readSwitch(word: string): string {
  const found = SWITCHES.find((known) => known === word);
  if (found !== undefined) return found;
  throw new UsageError(`${quote(word)} is unknown; there are ${SWITCHES.join(', ')}`);
}

function readType(word: string): number {
  const upper = word.toUpperCase();
  const found = typeByName(upper) ?? Number(/^TYPE(\d{1,5})$/.exec(upper)?.[1] ?? Number.NaN);
  if (found >= 0 && found <= 0xffff) return found;
  throw new UsageError(`${quote(word)} is no type of records; TYPEn is one for each number n`);
}

/** Where an address is looked up: RFC 1035 §3.5, RFC 3596 §2.5. */
function reverseName(address: string): string {
  const octets = [...(parseIp(address) ?? [])];
  if (isIP(address) === 4) return `${octets.slice(-4).reverse().join('.')}.in-addr.arpa.`;
  const digits = octets.map((octet) => octet.toString(16).padStart(2, '0')).join('');
  return `${[...digits].reverse().join('.')}.ip6.arpa.`;
}

/** `10.0.0.10`, `10.0.0.10:5353`, `fd00::1`, `[fd00::1]:53`, `localhost`. */
function readServer(text: string): QueryServer {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(text);
  const plain = /^([^:]+)(?::(\d+))?$/.exec(text);
  const [, host, port] = bracketed ?? plain ?? [];
  const found = host ?? (isIP(text) === 6 ? text : '');
  const number = port === undefined ? DNS_PORT : Number(port);
  if (found === '' || number < 1 || number > 0xffff)
    throw new UsageError(`@${text} is no server: want @ADDRESS or @ADDRESS:PORT`);
  return { host: found, port: number };
}
