import { Tracers } from '../../../image/agent/tracers';
import { Counters } from '../../../image/observe/counters';
import { Log } from '../../../image/observe/log';
import { traceKey } from '../../../image/plugin/trace/report';
import type { TraceOptions } from '../../../image/plugin/trace/setup';
import { FakeWorld } from '../../support/fake-world';

const options = (endpoint: string): TraceOptions => ({
  ...{ endpoint, every: 1, service: 'coredns', host: '', port: 53 },
  ...{ backlogMax: 1000, batchMax: 100, intervalMs: 1000 },
});
const [A, B] = [options('http://a'), options('http://b')];
const report = (of: TraceOptions) => ({
  ...{ key: traceKey(of), traceId: '48d7c4716cf0ff7c', startMs: 0, error: '' },
  spans: [{ name: 'servedns', parent: -1, startMs: 0, durationMs: 1 }],
});

test('each report goes to the collector of its plan; a new plan sends the rest of what is gone', async () => {
  const world = new FakeWorld();
  const values = new Float64Array(50);
  const counters = new Counters(values, () => {});
  const tracers = new Tracers({ world, counters, log: new Log({ write: () => {} }, { write: () => {} }) });
  await tracers.commit([A, B, A]);
  tracers.take([report(A), report(B), report(A)]);
  await world.clock.pass(1000);
  expect(world.posts.map(({ url, body }) => [url, JSON.parse(body).length])).toEqual([
    ['http://a', 2],
    ['http://b', 1],
  ]);
  tracers.take([report(A), report(B)]);
  await tracers.commit([B]);
  expect(world.posts.slice(2).map(({ url }) => url)).toEqual(['http://a']);
  tracers.take([report(A)]);
  expect(values[counters.slot('nodelocaldns_trace_spans_dropped_total', 'reload')]).toBe(1);
  await tracers.close();
  expect(world.posts.slice(3).map(({ url }) => url)).toEqual(['http://b']);
  expect(world.clock.waiting).toBe(0);
});
