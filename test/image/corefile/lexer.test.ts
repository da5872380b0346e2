import { beginsLine, onSameLine, readTokens } from '../../../image/corefile/lexer';
import { tables } from '../../support/coredns-tables';
import { needs } from '../../support/needs';

const words = (text: string) => readTokens(text, 'Cf').map(({ text: word }) => word);
const lines = (text: string) => readTokens(text, 'Cf').map(({ line, text: word }) => `${line} ${word}`);

describe('words of a Corefile', () => {
  test.each([
    ['blanks of every kind separate', 'a\tb\u00a0c\u2003d\u3000e\u0085f', ['a', 'b', 'c', 'd', 'e', 'f']],
    ['braces are words only when alone', 'foo{ } { {$X}', ['foo{', '}', '{', '{$X}']],
    ['quotes open at the start of a word only', 'a "b c" d"e f"', ['a', 'b c', 'd"e', 'f"']],
    ['a closing quote ends the word', '"a"b', ['a', 'b']],
    ['two quotes are an empty word', 'a "" b', ['a', '', 'b']],
    ['only the quote is an escape', '"a \\" b \\n \\\\"', ['a " b \\n \\\\']],
    ['quotes that are never closed end with the file', '"a b', ['a b']],
    ['an opening quote at the very end is nothing', 'a "', ['a']],
    ['a comment goes to the end of its line', 'a # b c\nd', ['a', 'd']],
    ['a comment inside a word ends at the next blank', 'foo#bar baz', ['foo', 'baz']],
    ['quotes hide a comment', '"a # b"', ['a # b']],
    ['a carriage return vanishes without ending a word', 'a\rb\r\nc', ['ab', 'c']],
    ['one byte order mark vanishes', '\ufeffa', ['a']],
    ['a second one is part of the word', '\ufeff\ufeffa', ['\ufeffa']],
    ['an empty file has none', ' \n\t # only this', []],
  ])('%s', (_title, text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  test('carry the line on which they begin', () => {
    expect(lines('a\n\n"b\nc" d\n# e\nf')).toEqual(['1 a', '3 b\nc', '4 d', '6 f']);
  });

  test('are on one line when the first one ends where the second begins', () => {
    const [first, second, third] = readTokens('"a\nb" c\nd', 'Cf');
    expect(onSameLine(first, second)).toBe(true);
    expect(beginsLine(first, second)).toBe(false);
    expect(onSameLine(second, third)).toBe(false);
    expect(beginsLine(second, third)).toBe(true);
    expect(beginsLine(undefined, first)).toBe(true);
    expect(beginsLine(third, first)).toBe(false); // An earlier line begins no line.
    expect(onSameLine(first, { ...second, file: 'other' })).toBe(false);
    expect(beginsLine(second, { ...second, file: 'other' })).toBe(true);
  });
});

needs('tables').describe('the words of Caddy’s own table', () => {
  test.each(tables('caddyfile', 'TestLexer'))('%j', (row) => {
    const expected = row.expected as { Line: number; Text: string }[];
    expect(lines(row.input as string)).toEqual(expected.map(({ Line, Text }) => `${Line} ${Text}`));
  });
});
