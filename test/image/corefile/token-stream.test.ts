import { readTokens } from '../../../image/corefile/lexer';
import { TokenStream } from '../../../image/corefile/token-stream';

const stream = (text: string) => new TokenStream(readTokens(text, 'Cf'), 'Cf');

test('goes forth and back over the words', () => {
  const words = stream('a b\nc');
  expect(words.current).toBeUndefined();
  expect([words.advance(), words.value, words.atLineStart]).toEqual([true, 'a', true]);
  expect([words.advance(), words.value, words.atLineStart]).toEqual([true, 'b', false]);
  expect([words.advance(), words.value, words.atLineStart]).toEqual([true, 'c', true]);
  expect(words.advance()).toBe(false);
  expect(words.is('c')).toBe(true); // The last word stays.
  words.retreat();
  expect(words.value).toBe('b');
  expect([words.advance(), words.value]).toEqual([true, 'c']);
});

test('stays on a line when it is told to', () => {
  const words = stream('a b\nc');
  expect(words.advanceOnLine()).toBe(false); // No line yet.
  words.advance();
  expect([words.advanceOnLine(), words.value]).toEqual([true, 'b']);
  expect([words.advanceOnLine(), words.value]).toEqual([false, 'b']);
});

test('gives a word another text, and keeps its place', () => {
  const words = stream('\na');
  words.advance();
  words.replaceText('b');
  expect(words.current).toEqual({ file: 'Cf', line: 2, text: 'b' });
  expect(words.error('wrong').message).toBe('Cf:2 - Error during parsing: wrong');
  expect(words.syntaxError('}').message).toBe("Cf:2 - Syntax error: Unexpected token 'b', expecting '}'");
});

test('takes words away and puts others in front of the rest', () => {
  const words = stream('import s\nrest');
  words.advance();
  words.advance();
  words.replaceRead(2, readTokens('x y', 'other'));
  const texts: string[] = [];
  while (words.advance()) texts.push(`${words.current?.file} ${words.value}`);
  expect(texts).toEqual(['other x', 'other y', 'Cf rest']);
});

test('an empty file has no word, and its errors no line', () => {
  const words = stream('# nothing');
  expect(words.advance()).toBe(false);
  expect(words.value).toBe('');
  expect(words.error('wrong').message).toBe('Cf:0 - Error during parsing: wrong');
});

test('more words than anybody writes are refused', () => {
  const words = stream('import s');
  words.advance();
  words.advance();
  const token = { file: 'Cf', line: 1, text: 'x' };
  expect(() => words.replaceRead(2, new Array(200_001).fill(token))).toThrow(
    '200001 words with all imports are too many, at most 200000 are read',
  );
});
