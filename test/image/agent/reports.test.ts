/** A mistake that stays is one line and one count. */
import { Reports } from '../../../image/agent/reports';
import { fakeLog } from '../../support/fake-world';

test('it is said when it is new, when it is another one, and when it was forgotten in between', () => {
  const { log, early } = fakeLog();
  let count = 0;
  const reports = new Reports(log, () => count++);
  const said = ['one', 'one', 'two', 'one'].map((message) => reports.report('a', message));
  expect(said).toEqual([true, false, true, true]);
  expect(reports.report('b', 'one')).toBe(true); // Another source.
  reports.forget('a');
  expect([reports.report('a', 'one'), reports.report('b', 'one')]).toEqual([true, false]);
  expect(count).toBe(5);
  expect(early.map((line) => line.slice('2026/11/21 02:12:10 '.length))).toEqual(
    ['one', 'two', 'one', 'one', 'one'].map((message) => `[ERROR] ${message}\n`),
  );
});
