import { TRACES_PER_TURN_MAX } from '../../../image/limits';
import { Counters } from '../../../image/observe/counters';
import { TurnTraces } from '../../../image/serve/traces';

test('reports are posted once a turn; too many are dropped and counted', () => {
  const values = new Float64Array(50);
  const counters = new Counters(values, () => {});
  const posted: number[] = [];
  const traces = new TurnTraces(counters, (reports) => void posted.push(reports.length));
  const span = { name: 'servedns', parent: -1, startMs: 0, durationMs: 0 };
  const report = { key: '', traceId: '', startMs: 0, error: '', spans: [span, span] };
  traces.flush();
  for (let times = 0; times < TRACES_PER_TURN_MAX + 3; times++) traces.add(report);
  traces.flush();
  traces.flush();
  expect(posted).toEqual([TRACES_PER_TURN_MAX]);
  expect(values[counters.slot('nodelocaldns_trace_spans_dropped_total', 'turn')]).toBe(6);
});
