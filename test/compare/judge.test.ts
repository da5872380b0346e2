/** The judge must see what differs: a comparison that cannot fail would compare nothing. */
import { type Difference, judge } from './judge';
import type { Played } from './play';
import { merge, readRecording, writeRecording } from './recording';

const STEP: Played = {
  title: '> ask www.test A',
  answer: ['< NOERROR aa rd ra', '  an www.test. 30 A 192.0.2.1'],
  upstream: ['^ 1 udp www.test. A rd'],
  log: ['| [INFO] one', '| [INFO] two'],
};
const CLOCK: Played = { title: '> wait 100', answer: [], upstream: [], log: [] };
const recorded = merge([STEP, CLOCK], [STEP, CLOCK]);
const ours = (change: Partial<Played>): Played[] => [{ ...STEP, ...change }, CLOCK];

describe('the judge', () => {
  test.each<[string, Partial<Played>, number]>([
    // Good rows.
    ['nothing', {}, 0],
    // Bad rows.
    ['a TTL', { answer: [STEP.answer[0], '  an www.test. 29 A 192.0.2.1'] }, 1],
    ['a flag', { answer: ['< NOERROR rd ra', STEP.answer[1]] }, 1],
    ['a record too many', { answer: [...STEP.answer, STEP.answer[1]] }, 1],
    ['no record', { answer: [STEP.answer[0]] }, 1],
    ['no answer', { answer: ['< nothing'] }, 1],
    ['no question to the upstream', { upstream: [] }, 1],
    ['a line of the log', { log: ['| [INFO] one'] }, 1],
    ['lines of the log in another order', { log: [...STEP.log].reverse() }, 1],
    ['an answer and the log', { answer: [], log: [] }, 2],
  ])('sees what is not as recorded: %s', (_, change, count) => {
    expect(judge('a', recorded, ours(change), []).unexplained).toHaveLength(count);
  });

  test('counts answers', () => {
    expect(judge('a', recorded, ours({}), []).answers).toBe(1);
  });

  test('refuses a recording of other steps', () => {
    expect(() => judge('a', recorded, ours({ title: '> ask www.test AAAA' }), [])).toThrow('record it again');
  });

  test('does not compare what two runs did not agree on', () => {
    const chance = merge([STEP], [{ ...STEP, upstream: [] }]);
    expect(judge('a', chance, [{ ...STEP, upstream: ['^ other'] }], []).unexplained).toEqual([]);
    expect(judge('a', chance, [{ ...STEP, answer: ['< other'] }], []).unexplained).toHaveLength(1);
  });

  test('explains by a difference, or by several together, and says which', () => {
    const replace = (id: string, from: string, to: string): Difference => ({
      id,
      adapt: (lines) => lines.map((line) => line.replace(from, to)),
    });
    const differences = [replace('one', 'aa', 'tc'), replace('two', ' 30 ', ' 60 '), replace('three', 'one', '1')];
    const both = ours({ answer: ['< NOERROR tc rd ra', '  an www.test. 60 A 192.0.2.1'] });
    const verdict = judge('a', recorded, both, differences);
    expect(verdict.unexplained).toEqual([]);
    expect([...verdict.used]).toEqual(['one', 'two']);
    expect(judge('a', recorded, ours({ answer: ['< other'] }), differences).unexplained).toHaveLength(1);
  });

  test('explains by a predicate where the recording alone does not say what we do', () => {
    const late: Difference = { id: 'late', explains: ({ part, ours: lines }) => part === 'log' && lines.length === 1 };
    expect([...judge('a', recorded, ours({ log: ['| x'] }), [late]).used]).toEqual(['late']);
    expect(judge('a', recorded, ours({ answer: ['| x'] }), [late]).unexplained).toHaveLength(1);
  });
});

describe('recordings', () => {
  test('are read as they were written', () => {
    const chance = merge([STEP, CLOCK, STEP], [{ ...STEP, log: [] }, CLOCK, STEP]);
    expect(readRecording(writeRecording('a server', chance))).toEqual(chance);
  });

  test('say where two runs differed', () => {
    const text = writeRecording('a server', merge([{ ...STEP, upstream: [] }], [STEP]));
    expect(text).toContain('\n? ^ nothing\n');
    expect(text).toContain('\n< NOERROR aa rd ra\n');
  });
});
