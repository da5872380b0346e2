/** `edns0 local|nsid|subnet set|append|replace|unset … [revert]` */
import { CorefileError, text } from '../../corefile/errors';
import type { EdnsAction, EdnsRule, LocalData } from './rules';

const ACTIONS: readonly string[] = ['append', 'replace', 'set', 'unset'];
/** Their values are known before the question is asked. */
const VARIABLES: ReadonlySet<string> = new Set(
  ['qname', 'qtype', 'client_ip', 'client_port', 'protocol', 'server_ip', 'server_port'].map((name) => `{${name}}`),
);
/** A label of the metadata plugin: two parts, neither empty. @source coredns plugin/metadata/provider.go IsLabel */
const METADATA_LABEL = /^\{[^/]+\/.+\}$/s;
const UINT16_MAX = 65535;

/** Digits as Go takes them with base 0: `_` between digits, `0x`, `0o`, `0b`, and a plain `0` before an octal number. */
const GO_NUMBER = /^(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?[0-7])*|[1-9](?:_?[0-9])*)$/;

/** @throws CorefileError with Go's words @source Go strconv.ParseUint with base 0 and 16 bits */
function parseUint16(word: string): number {
  if (!GO_NUMBER.test(word)) throw new CorefileError(text.parseUint(word, 'invalid syntax'));
  const digits = word.replaceAll('_', '');
  const number = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  if (number > UINT16_MAX) throw new CorefileError(text.parseUint(word, 'value out of range'));
  return Number(number);
}

/** The octets of a word: hexadecimal behind `0x`, else its own. @throws CorefileError with Go's words */
function readOctets(word: string): number[] {
  if (!word.startsWith('0x')) return [...Buffer.from(word, 'utf8')];
  const digits = Buffer.from(word.slice(2), 'utf8');
  // Whole pairs are looked at before the odd digit is, as Go does.
  const wrong = digits.find((octet) => !/[0-9a-fA-F]/.test(String.fromCharCode(octet)));
  if (wrong !== undefined) throw new CorefileError(text.hexOctet(wrong));
  if (digits.length % 2 === 1) throw new CorefileError(text.hexOdd);
  return [...Buffer.from(digits.toString(), 'hex')];
}

function readData(word: string): LocalData {
  if (!word.startsWith('{') || !word.endsWith('}')) return readOctets(word);
  if (!VARIABLES.has(word) && !METADATA_LABEL.test(word)) throw new CorefileError(text.rewriteVariable(word));
  return word;
}

function readBits(version: 4 | 6, word: string): number {
  const bits = parseUint16(word);
  if (bits > (version === 4 ? 32 : 128)) throw new CorefileError(text.rewriteBits(version, bits));
  return bits;
}

function readUnset(option: string, words: readonly string[]): EdnsRule {
  const base = { kind: 'edns0', action: 'unset', revert: false } as const;
  switch (option) {
    case 'local':
      if (words.length !== 1) throw new CorefileError(text.rewriteUnset(option, 'two arguments'));
      return { ...base, option, code: parseUint16(words[0]), data: [] };
    case 'nsid':
      if (words.length !== 0) throw new CorefileError(text.rewriteUnset(option, 'one argument'));
      return { ...base, option };
    case 'subnet':
      if (words.length !== 0) throw new CorefileError(text.rewriteUnset(option, 'one argument'));
      return { ...base, option, bits4: 0, bits6: 0 };
    default:
      throw new CorefileError(text.rewriteField(option));
  }
}

function readOthers(option: string, action: EdnsAction, words: readonly string[], revert: boolean): EdnsRule {
  const base = { kind: 'edns0', action, revert } as const;
  switch (option) {
    case 'local': {
      if (words.length !== 2) throw new CorefileError(text.rewriteEdnsCount(option));
      return { ...base, option, code: parseUint16(words[0]), data: readData(words[1]) };
    }
    case 'nsid':
      if (words.length !== 0) throw new CorefileError(text.rewriteNsidCount);
      return { ...base, option };
    case 'subnet': {
      if (words.length !== 2) throw new CorefileError(text.rewriteEdnsCount(option));
      return { ...base, option, bits4: readBits(4, words[0]), bits6: readBits(6, words[1]) };
    }
    default:
      throw new CorefileError(text.rewriteField(option));
  }
}

/**
 * Reads what stands behind `edns0`.
 * @throws CorefileError
 * @source coredns plugin/rewrite/edns0.go newEdns0Rule at v1.13.2
 */
export function readEdnsRule(words: readonly string[]): EdnsRule {
  if (words.length < 2) throw new CorefileError(text.rewriteEdnsFew);
  const option = words[0].toLowerCase();
  const action = words[1].toLowerCase();
  if (!ACTIONS.includes(action)) throw new CorefileError(text.rewriteAction(action));
  if (action === 'unset') return readUnset(option, words.slice(2));
  const revert = words[words.length - 1] === 'revert';
  return readOthers(option, action as EdnsAction, words.slice(2, revert ? -1 : undefined), revert);
}
