/** Colours only where they are wanted, widths without them, and nothing of a client's own on the operator's terminal. */
import { colorDepth, cut, fill, Paint, printable, widthOf } from '../../../image/commands/paint';

test.each([
  ['basic', true, { TERM: 'xterm' }],
  ['full', true, { TERM: 'xterm', COLORTERM: 'truecolor' }],
  ['full', true, { TERM: 'xterm-direct' }],
  ['basic', true, { NO_COLOR: '' }], // Empty does not count (no-color.org).
  ['none', true, { NO_COLOR: '1', COLORTERM: 'truecolor' }],
  ['none', true, { TERM: 'dumb' }],
  ['none', false, { COLORTERM: 'truecolor' }],
] as const)('%s where a terminal is %p and says %j', (depth, isTerminal, environment) => {
  expect(colorDepth(isTerminal, environment)).toBe(depth);
});

test('a text is painted, and as wide as before', () => {
  expect(new Paint('none').as('bad', 'down')).toBe('down');
  expect(new Paint('basic').as('bad', 'down')).toBe('\x1b[31mdown\x1b[0m');
  const painted = new Paint('full').as('bad', 'down');
  expect(painted).toMatch(/^\x1b\[38;2;\d+;\d+;\d+mdown\x1b\[0m$/);
  expect(widthOf(painted)).toBe(4);
  expect(fill(painted, 6)).toBe(`${painted}  `);
  expect(fill('7', 3, 'left')).toBe('  7');
});

test('between two colours', () => {
  const paint = new Paint('full');
  expect(paint.between('good', 'bad', 0, '█')).toBe(paint.as('good', '█'));
  expect(paint.between('good', 'bad', 1, '█')).toBe(paint.as('bad', '█'));
  expect(new Paint('basic').between('good', 'bad', 0.7, '█')).toBe('\x1b[31m█\x1b[0m');
});

test('cut, and without control characters', () => {
  expect([cut('abc', 3), cut('abcd', 3), cut('abc', 0)]).toEqual(['abc', 'ab…', '']);
  expect(printable('a\x1b[2Jb\u009bc\n')).toBe('a?[2Jb?c?');
});
