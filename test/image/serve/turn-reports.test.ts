import { REPORTS_WAITING_MAX } from '../../../image/limits';
import { TurnReports } from '../../../image/serve/turn-reports';

test('reports are posted once a turn; more than main has room for is dropped', () => {
  const posted: number[] = [];
  const dropped: number[] = [];
  const waiting = new SharedArrayBuffer(4);
  const post = (reports: readonly number[]) => void posted.push(reports.length);
  const reports = new TurnReports<number>(waiting, post, (report) => void dropped.push(report));
  const turn = (count: number) => {
    for (let report = 0; report < count; report++) reports.add(report);
    reports.flush();
  };
  turn(0);
  turn(REPORTS_WAITING_MAX - 10);
  turn(12);
  turn(1);
  expect(posted).toEqual([REPORTS_WAITING_MAX - 10, 10]);
  expect(dropped).toEqual([10, 11, 0]);
  Atomics.sub(new Int32Array(waiting), 0, 10);
  turn(13);
  expect(posted.slice(2)).toEqual([10]);
});
