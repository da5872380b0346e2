import { TRACE_SPANS_MAX } from '../../../../image/limits';
import { HANDLERS } from '../../../../image/plugin/handlers';
import { handler, Trace } from '../../../../image/plugin/trace/handler';
import { traceKey } from '../../../../image/plugin/trace/report';
import { FakeWorker } from '../../../support/fake-worker';
import { HandlerWorld } from '../../../support/query';
import { packetOf } from '../recorded/ask';

const world = (lines: string) => new HandlerWorld(`. {\n${lines}\n}`, {}, (query) => query.fail(2, 'no luck'));

test('a query has a span for each plugin behind, each in the one before', () => {
  expect(HANDLERS.trace).toBe(handler);
  const traced = world('trace\nerrors\nlog\ntemplate IN A example.org {\nanswer "{{ .Name }} IN A 192.0.2.1"\n}');
  traced.ask('Example.ORG.');
  const [report] = traced.reports;
  expect(report.spans.map(({ name, parent }) => [name, parent])).toEqual([
    ['servedns', -1],
    ['errors', 0],
    ['log', 1],
    ['template', 2],
  ]);
  expect(report.key).toBe(traceKey(traced.context.block.plugins[0].options));
  expect(report.traceId).toMatch(/^[0-9a-f]{16}$/);
  expect(report.error).toBe('');
  expect(Math.abs(report.startMs - Date.now())).toBeLessThan(5000);
  expect(report.spans[0].tags).toEqual({
    'coredns.io/name': 'example.org.',
    'coredns.io/type': 'A',
    'coredns.io/rcode': 'NOERROR',
    'coredns.io/proto': 'udp',
    'coredns.io/remote': '10.240.0.1',
  });
});

test('a failure is in it, and what is in front of trace is not', () => {
  const traced = world('metadata\nnsid\ntrace');
  traced.ask('example.org.', { tcp: true });
  const [{ spans, error }] = traced.reports;
  expect(spans.map(({ name }) => name)).toEqual(['servedns', 'inner']);
  expect(spans[0].tags).toMatchObject({ 'coredns.io/rcode': 'SERVFAIL', 'coredns.io/proto': 'tcp' });
  expect(error).toBe('no luck');
});

test.each([
  ['every 1', 6],
  ['every 2', 3],
  ['every 4', 1],
  ['every 0', 0],
])('%s: of six queries %p are traced', (line, count) => {
  const traced = world(`trace {\n${line}\n}`);
  for (let times = 0; times < 6; times++) traced.ask('example.org.');
  expect(traced.reports).toHaveLength(count);
});

test('a span ends when its plugin is left, and there is a last one', () => {
  let nowMs = 100;
  const trace = new Trace('0', { now: () => nowMs }, 5);
  trace.enter(3, 'cache');
  nowMs += 10;
  for (let times = 0; times < 2 * TRACE_SPANS_MAX; times++) {
    trace.connect('a:1');
    nowMs += 1;
    trace.connected();
  }
  trace.exit(3);
  trace.exit(2); // Never entered.
  trace.end(0);
  expect(trace.spans).toHaveLength(TRACE_SPANS_MAX);
  expect(trace.spans[1]).toEqual({ name: 'cache', parent: 0, startMs: 0, durationMs: 138 });
  expect(trace.spans[2]).toEqual({
    ...{ name: 'connect', parent: 1, startMs: 10, durationMs: 1 },
    tags: { 'peer.address': 'a:1' },
  });
});

test('hits of the cache are traced, and every attempt of forward', () => {
  const worker = new FakeWorker('. {\nbind 127.0.0.1\ntrace\ncache 30\nforward . 10.9.9.9\n}\n');
  const upstream = worker.kernel.network.udpPeer('10.9.9.9', 53);
  let heard = 0;
  upstream.onDatagram = ({ from, bytes }) => {
    if (++heard === 1) return; // The first one is lost.
    const answer = Buffer.from([...bytes, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1]);
    answer[2] |= 0x80;
    answer[7] = 1;
    upstream.send(from, answer);
  };
  const ask = () =>
    worker.kernel.network.udpPeer('127.0.0.1').send({ address: '127.0.0.1', port: 53 }, packetOf('a.example. A'));
  ask();
  worker.pass(2500);
  ask();
  worker.pass(10);
  const reports = worker.posted.flatMap((message) => (message.kind === 'traces' ? message.reports : []));
  expect(reports.map(({ spans }) => spans.map(({ name }) => name))).toEqual([
    ['servedns', 'cache', 'forward', 'connect', 'connect'],
    ['servedns', 'cache'],
  ]);
  const [, , , first, second] = reports[0].spans;
  expect([first.parent, second.parent]).toEqual([2, 2]);
  expect(first.durationMs).toBeCloseTo(2000, -2);
  expect(first.tags).toEqual({ 'peer.address': '10.9.9.9:53' });
});
