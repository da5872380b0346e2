/**
 * Corefile text to server blocks, as far as values need it: names, arguments and bodies as they are written. Environment
 * variables, imports and snippets are left as words; what they mean is for the cache to say.
 */

import { TOKEN } from '../corefile/lint';

/** One line of a block, with the block it opens. */
export interface Directive {
  readonly name: string;
  readonly parameters: readonly string[];
  /** Lines of its braces, each a list of words; inner braces are words too. Empty without braces. */
  readonly body: readonly (readonly string[])[];
  /** As written, without the blanks before the first word. */
  readonly text: string;
}

/** `KEY KEY { … }`. */
export interface ServerBlock {
  /** Without commas. A snippet has one, in round brackets. */
  readonly keys: readonly string[];
  readonly directives: readonly Directive[];
  /** As written, from the first key to the last brace. */
  readonly text: string;
}

interface Word {
  readonly text: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

/** As lint.ts cuts them, quotes left on. */
function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  let line = 1;
  for (const { 0: token, index: start } of text.matchAll(new RegExp(TOKEN, 'g'))) {
    const word = token.startsWith('"') ? token : token.split('#')[0];
    if (word !== '' && word !== '\n') words.push({ text: word, line, start, end: start + token.length });
    line += token.split('\n').length - 1;
  }
  return words;
}

/**
 * All blocks in order.
 * @returns undefined when braces do not match, or a block has no braces
 */
export function readCorefile(text: string): ServerBlock[] | undefined {
  const words = wordsOf(text);
  const blocks: ServerBlock[] = [];
  for (let index = 0; index < words.length; ) {
    const open = words.findIndex((word, at) => at >= index && word.text === '{');
    const close = open < 0 ? -1 : closing(words, open);
    if (close < 0 || open === index) return undefined;
    const keys = words.slice(index, open).flatMap(({ text: key }) => key.split(',').filter(Boolean));
    const directives = directivesOf(words.slice(open + 1, close), text);
    if (directives === undefined) return undefined;
    blocks.push({ keys, directives, text: text.slice(words[index].start, words[close].end) });
    index = close + 1;
  }
  return blocks;
}

/** Index of the brace that closes the one at `open`, or -1. */
function closing(words: readonly Word[], open: number): number {
  let depth = 0;
  for (let index = open; index < words.length; index++) {
    if (words[index].text === '{') depth++;
    if (words[index].text === '}' && --depth === 0) return index;
  }
  return -1;
}

function directivesOf(words: readonly Word[], text: string): Directive[] | undefined {
  const directives: Directive[] = [];
  for (let index = 0; index < words.length; ) {
    const { line } = words[index];
    let end = index;
    while (end < words.length && words[end].line === line && words[end].text !== '{') end++;
    const hasBody = end < words.length && words[end].text === '{' && words[end].line === line;
    const close = hasBody ? closing(words, end) : end - 1;
    if (close < index) return undefined;
    const [name, ...parameters] = words.slice(index, end).map((word) => word.text);
    if (name === undefined || name === '}') return undefined;
    const body = hasBody ? linesOf(words.slice(end + 1, close)) : [];
    directives.push({ name, parameters, body, text: text.slice(words[index].start, words[close].end) });
    index = close + 1;
  }
  return directives;
}

function linesOf(words: readonly Word[]): string[][] {
  const lines = new Map<number, string[]>();
  for (const { line, text } of words) lines.set(line, [...(lines.get(line) ?? []), text]);
  return [...lines.values()];
}
