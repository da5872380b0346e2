import { Dispenser } from '../../../image/corefile/dispenser';
import { readTokens } from '../../../image/corefile/lexer';
import { tables } from '../../support/coredns-tables';
import { needs } from '../../support/needs';

const dispenser = (text: string) => new Dispenser('Cf', readTokens(text, 'Cf'));

test('next goes on whatever the line, nextArgument stays on it', () => {
  const tokens = dispenser('a b\nc');
  expect([tokens.next(), tokens.value, tokens.line]).toEqual([true, 'a', 1]);
  expect([tokens.nextArgument(), tokens.value]).toEqual([true, 'b']);
  expect([tokens.nextArgument(), tokens.value]).toEqual([false, 'b']);
  expect([tokens.next(), tokens.value, tokens.line]).toEqual([true, 'c', 2]);
  expect([tokens.next(), tokens.value]).toEqual([false, 'c']);
});

test('a quoted word of two lines keeps its neighbour on the line', () => {
  const tokens = dispenser('a "b\nc" d');
  tokens.next();
  expect(tokens.remainingArguments()).toEqual(['b\nc', 'd']);
});

test('remaining arguments end before {, not before }', () => {
  const tokens = dispenser('a b } c { d');
  tokens.next();
  expect(tokens.remainingArguments()).toEqual(['b', '}', 'c']);
  expect(tokens.nextArgument()).toBe(true);
  expect(tokens.value).toBe('{');
});

test('a block is read word by word and left at its brace', () => {
  const tokens = dispenser('a {\n b 1\n c\n}\na');
  tokens.next();
  const words: string[] = [];
  while (tokens.nextBlock()) words.push(tokens.value, ...tokens.remainingArguments());
  expect(words).toEqual(['b', '1', 'c']);
  expect([tokens.next(), tokens.value]).toEqual([true, 'a']);
});

test.each([
  ['an empty block', 'a {\n}\nb'],
  ['a block on the next line', 'a\n{\n x\n}'],
  ['no block', 'a b\n'],
])('%s is none', (_title, text) => {
  const tokens = dispenser(text);
  tokens.next();
  expect(tokens.nextBlock()).toBe(false);
});

test('a brace within a block opens one more when it stands on its word’s line', () => {
  const words = (text: string) => {
    const tokens = dispenser(text);
    const found: string[] = [];
    tokens.next();
    while (tokens.nextBlock()) found.push(tokens.value);
    return found;
  };
  expect(words('a {\n b {\n c\n}\n}')).toEqual(['b', 'c']); // The inner brace's end is the loop's.
  expect(words('a {\n b\n {\n c\n}\n}')).toEqual(['b']);
  expect(words('a {\n b {\n}\n c\n}')).toEqual(['b']);
});

test('a block that never ends does end', () => {
  const tokens = dispenser('a {\n b');
  tokens.next();
  let words = 0;
  while (tokens.nextBlock()) words++;
  expect(words).toBe(1);
});

test('errors name file, line and word', () => {
  const tokens = dispenser('\na\n{');
  expect(tokens.error('x').message).toBe('Cf:0 - Error during parsing: x'); // Nothing is loaded yet.
  tokens.next();
  expect(tokens.argumentError().message).toBe(
    "Cf:2 - Error during parsing: Wrong argument count or unexpected line ending after 'a'",
  );
  expect(tokens.syntaxError('b').message).toBe("Cf:2 - Syntax error: Unexpected token 'a', expecting 'b'");
  tokens.next();
  expect(tokens.argumentError().message).toBe("Cf:3 - Error during parsing: Unexpected token '{', expecting argument");
});

needs('tables').describe('Caddy’s table', () => {
  test.each(tables('caddyfile', 'TestAllTokens'))('$name', (row) => {
    const tokens = dispenser(row.input as string);
    const words: string[] = [];
    while (tokens.next()) words.push(tokens.value);
    expect(words).toEqual(row.expected ?? []);
  });
});
