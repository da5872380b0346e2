/**
 * What a Corefile says, as a number: comments and blanks do not count, imports and variables are replaced. It is the very
 * number of CoreDNS's reload plugin, so that a fleet of both can be compared by it.
 *
 *   SHA-512 of [{"Keys":["."],"Tokens":{"errors":[{"File":"","Line":2,"Text":"errors"}]}}]
 *
 * Tokens of the Corefile itself have no file in it, those of imported ones their absolute path.
 * @source coredns plugin/reload/reload.go parse; Go encoding/json: keys of maps sorted by bytes, `<`, `>`, `&`, U+2028 and
 *   U+2029 escaped
 */
import { createHash } from 'node:crypto';
import type { Environment } from './environment';
import { CorefileError, positionedText } from './errors';
import type { Token } from './lexer';
import { parseCorefile, type ServerBlock } from './parser';

/**
 * The fingerprint of a Corefile; its directives need not exist.
 * @param content the file's text
 * @param file its name as the operator gave it
 * @returns 128 hexadecimal digits
 * @throws Error in CoreDNS's words when it cannot be cut into blocks
 */
export function corefileFingerprint(content: string, file: string, environment: Environment): string {
  let blocks: ServerBlock[];
  try {
    blocks = parseCorefile(content, file, environment, () => true);
  } catch (error) {
    throw error instanceof CorefileError ? new Error(positionedText(error)) : error;
  }
  // Go marshals no slice at all as null.
  const json = blocks.length === 0 ? 'null' : `[${blocks.map((block) => blockJson(block, file)).join(',')}]`;
  return createHash('sha512').update(json).digest('hex');
}

function blockJson({ keys, directives }: ServerBlock, main: string): string {
  const names = [...directives.keys()].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
  const tokens = names.map((name) => {
    const list = (directives.get(name) ?? []).map((token) => tokenJson(token, main));
    return `${goString(name)}:[${list.join(',')}]`;
  });
  return `{"Keys":[${keys.map(({ text }) => goString(text)).join(',')}],"Tokens":{${tokens.join(',')}}}`;
}

function tokenJson({ file, line, text }: Token, main: string): string {
  return `{"File":${goString(file === main ? '' : file)},"Line":${line},"Text":${goString(text)}}`;
}

function goString(text: string): string {
  return JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
