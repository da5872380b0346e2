/** The last warnings and errors of the log. */
import { RecentLines } from '../../../image/agent/recent-lines';
import { RECENT_LINE_CHARACTERS_MAX, RECENT_LINES_MAX } from '../../../image/limits';
import { Log } from '../../../image/observe/log';

const AT = '2026-11-21T10:00:00.000Z';
const recent = (): RecentLines => new RecentLines(() => new Date(AT));

test('warnings and errors are kept, without the date of early lines; other lines are not', () => {
  const lines = recent();
  lines.take(
    '2026/11/21 02:12:10 [WARNING] early\n[INFO] fine\n10.0.0.1 "A IN a." [ERROR] quoted\n[ERROR] plugin/errors: 2 a. A\n',
  );
  lines.take('nodelocaldns-0.1.0\n[FATAL] end\n');
  expect(lines.lines).toEqual([
    { at: AT, text: '[WARNING] early' },
    { at: AT, text: '[ERROR] plugin/errors: 2 a. A' },
    { at: AT, text: '[FATAL] end' },
  ]);
});

test('only the last ones, cut', () => {
  const lines = recent();
  for (let index = 0; index < 40; index++) lines.take(`[ERROR] ${index}\n`);
  lines.take(`[ERROR] ${'x'.repeat(2 * RECENT_LINE_CHARACTERS_MAX)}\n`);
  expect(lines.lines).toHaveLength(RECENT_LINES_MAX);
  expect(lines.lines[0].text).toBe(`[ERROR] ${41 - RECENT_LINES_MAX}`);
  expect(lines.lines.at(-1)!.text).toHaveLength(RECENT_LINE_CHARACTERS_MAX);
});

test('it listens in front of a log, which goes on as before', () => {
  const lines = recent();
  const written: string[] = [];
  const sink = lines.before({ write: (text) => void written.push(text) });
  new Log(sink, sink).error('no');
  expect(written.join('')).toMatch(/\[ERROR\] no\n$/);
  expect(lines.lines.map(({ text }) => text)).toEqual(['[ERROR] no']);
});
