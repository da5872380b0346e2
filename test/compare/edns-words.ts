/** What an OPT record says, as words: `opt=1232 do cookie=0011223344556677`. The same words ask and tell. */
import { Type } from '../../image/wire/codes';
import type { ResourceRecord } from '../../image/wire/message';

const Option = { NSID: 3, SUBNET: 8, EXPIRE: 9, COOKIE: 10, KEEPALIVE: 11, PADDING: 12, EXTENDED_ERROR: 15 } as const;
const DO = 0x8000;

function option(code: number, data: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(code, 0);
  head.writeUInt16BE(data.length, 2);
  return Buffer.concat([head, data]);
}

/** `192.0.2.0/24` as RFC 7871 has it. */
function subnet(text: string): Buffer {
  const [address, bits] = text.split('/');
  const octets = address.split('.').map(Number);
  return Buffer.from([0, 1, Number(bits), 0, ...octets.slice(0, Math.ceil(Number(bits) / 8))]);
}

function extendedError(text: string): Buffer {
  const [code, ...rest] = text.split(':');
  return Buffer.concat([Buffer.from([0, Number(code)]), Buffer.from(rest.join(':').replaceAll('_', ' '))]);
}

/** Words that put an option into the record, by what stands before `=`. */
const OPTIONS: Readonly<Record<string, (value: string) => Buffer>> = {
  nsid: (value) => option(Option.NSID, Buffer.from(value, 'hex')),
  ecs: (value) => option(Option.SUBNET, subnet(value)),
  expire: (value) => option(Option.EXPIRE, Buffer.from(value, 'hex')),
  cookie: (value) => option(Option.COOKIE, Buffer.from(value, 'hex')),
  keepalive: (value) => option(Option.KEEPALIVE, Buffer.from(value, 'hex')),
  padding: (value) => option(Option.PADDING, Buffer.alloc(Number(value))),
  ede: (value) => option(Option.EXTENDED_ERROR, extendedError(value)),
  option: (value) => option(Number(value.split(':')[0]), Buffer.from(value.split(':')[1] ?? '', 'hex')),
};

/** The record a list of words describes, and the words that are not about it. No `opt=`: no record. */
export function optOf(words: readonly string[]): { readonly opt: ResourceRecord | undefined; readonly rest: string[] } {
  const rest: string[] = [];
  const data: Buffer[] = [];
  let udpSize: number | undefined;
  let ttl = 0;
  for (const word of words) {
    const [key, value = ''] = word.split(/=(.*)/s);
    if (key === 'opt') udpSize = Number(value);
    else if (word === 'do') ttl |= DO;
    else if (key === 'version') ttl |= Number(value) << 16;
    else if (key === 'z') ttl |= Number(value);
    else if (Object.hasOwn(OPTIONS, key)) data.push(OPTIONS[key](value));
    else rest.push(word);
  }
  if (udpSize === undefined && (ttl !== 0 || data.length > 0)) throw new Error(`no opt=SIZE in: ${words.join(' ')}`);
  if (udpSize === undefined) return { opt: undefined, rest };
  return { opt: { name: Uint8Array.of(0), type: Type.OPT, class: udpSize, ttl, data: Buffer.concat(data) }, rest };
}

/** An option as a word that {@link optOf} reads. */
function optionWord(code: number, data: Buffer): string {
  const hex = data.toString('hex');
  if (code === Option.PADDING) return `padding=${data.length}`;
  if (code === Option.EXTENDED_ERROR && data.length >= 2) {
    const text = data.subarray(2).toString('latin1').replaceAll(' ', '_');
    return `ede=${data.readUInt16BE(0)}${text === '' ? '' : `:${text}`}`;
  }
  if (code === Option.SUBNET && data.length >= 4 && data[1] === 1) {
    const octets = [0, 1, 2, 3].map((index) => data[4 + index] ?? 0);
    return `ecs=${octets.join('.')}/${data[2]}`;
  }
  const known: Readonly<Record<number, string>> = { 3: 'nsid', 9: 'expire', 10: 'cookie', 11: 'keepalive' };
  return known[code] === undefined ? `option=${code}:${hex}` : `${known[code]}=${hex}`;
}

/** An OPT record as words, options sorted; the upper part of the response code is not among them. */
export function optWords(opt: ResourceRecord): string[] {
  const words = [`opt=${opt.class}`];
  const version = (opt.ttl >>> 16) & 0xff;
  if (version !== 0) words.push(`version=${version}`);
  if ((opt.ttl & DO) !== 0) words.push('do');
  if ((opt.ttl & 0x7fff) !== 0) words.push(`z=0x${(opt.ttl & 0x7fff).toString(16)}`);
  const options: string[] = [];
  const data = Buffer.from(opt.data);
  for (let at = 0; at + 4 <= data.length; ) {
    const end = at + 4 + data.readUInt16BE(at + 2);
    options.push(optionWord(data.readUInt16BE(at), data.subarray(at + 4, end)));
    at = end;
  }
  return [...words, ...options.sort()];
}
