import { TRACES_WAITING_MAX } from '../../../image/limits';
import { Counters } from '../../../image/observe/counters';
import { TurnTraces } from '../../../image/serve/traces';

test('reports are posted once a turn; what main has not taken is waited for, and more is dropped and counted', () => {
  const values = new Float64Array(50);
  const counters = new Counters(values, () => {});
  const posted: number[] = [];
  const waiting = new SharedArrayBuffer(4);
  const traces = new TurnTraces(waiting, counters, (reports) => void posted.push(reports.length));
  const span = { name: 'servedns', parent: -1, startMs: 0, durationMs: 0 };
  const report = { key: '', traceId: '', startMs: 0, error: '', spans: [span, span] };
  const turn = (count: number) => {
    for (let times = 0; times < count; times++) traces.add(report);
    traces.flush();
  };
  turn(0);
  turn(TRACES_WAITING_MAX - 10);
  turn(13);
  turn(1);
  expect(posted).toEqual([TRACES_WAITING_MAX - 10, 10]);
  expect(values[counters.slot('nodelocaldns_trace_spans_dropped_total', 'main')]).toBe(8);
  Atomics.sub(new Int32Array(waiting), 0, 10);
  turn(13);
  expect(posted.slice(2)).toEqual([10]);
});
