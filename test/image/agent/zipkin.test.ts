import { ZipkinReporter } from '../../../image/agent/zipkin';
import type { TraceReport } from '../../../image/plugin/trace/report';
import type { TraceOptions } from '../../../image/plugin/trace/setup';
import { FakeClock } from '../../support/fake-world';

const OPTIONS: TraceOptions = {
  ...{ endpoint: 'http://z:9411/api/v2/spans', every: 1, service: 'Foo', host: '127.0.0.1', port: 53 },
  ...{ backlogMax: 20, batchMax: 6, intervalMs: 1000 },
};
const REPORT: TraceReport = {
  key: '',
  traceId: '48d7c4716cf0ff7c',
  startMs: 1_700_000_000_000.5,
  error: '',
  spans: [
    { name: 'servedns', parent: -1, startMs: 0, durationMs: 2.0006, tags: { 'coredns.io/name': 'a.' } },
    { name: 'cache', parent: 0, startMs: 0.25, durationMs: 1 },
    { name: 'connect', parent: 1, startMs: 0.5, durationMs: 0, tags: { 'peer.address': 'u:53' } },
  ],
};

function make(options: Partial<TraceOptions> = {}, statuses: (number | Error)[] = []) {
  const clock = new FakeClock();
  const posts: { url: string; spans: Record<string, unknown>[] }[] = [];
  const warnings: string[] = [];
  const dropped: [string, number][] = [];
  const reporter = new ZipkinReporter(
    { ...OPTIONS, ...options },
    {
      clock,
      post: async (url, body) => {
        posts.push({ url, spans: JSON.parse(body) });
        const status = statuses.shift() ?? 202;
        if (status instanceof Error) throw status;
        return status;
      },
      warn: (text) => void warnings.push(text),
      dropped: (reason, spans) => void dropped.push([reason, spans]),
    },
  );
  return { clock, posts, warnings, dropped, reporter };
}

test('a traced query as Zipkin wants it: inner spans first, the number of the whole is that of the trace', async () => {
  const { clock, posts, reporter } = make();
  reporter.add(REPORT);
  await clock.pass(1000);
  const localEndpoint = { serviceName: 'foo', ipv4: '127.0.0.1', port: 53 };
  const traceId = '48d7c4716cf0ff7c';
  const [connect, cache, whole] = posts[0].spans;
  expect(posts[0].url).toBe(OPTIONS.endpoint);
  expect(whole).toEqual({
    ...{ traceId, id: traceId, name: 'servedns', kind: 'SERVER', localEndpoint },
    ...{ timestamp: 1_700_000_000_000_500, duration: 2001, tags: { 'coredns.io/name': 'a.' } },
  });
  expect(cache).toEqual({
    ...{ traceId, id: cache.id, parentId: traceId, name: 'cache', localEndpoint },
    ...{ timestamp: 1_700_000_000_000_750, duration: 1000 },
  });
  expect(cache.id).toMatch(/^[0-9a-f]{16}$/);
  expect(connect).toMatchObject({ parentId: cache.id, duration: 1, tags: { 'peer.address': 'u:53' } });
  expect(connect.id).not.toBe(cache.id);
});

test('an error is a tag and two annotations, as from CoreDNS', async () => {
  const { clock, posts, reporter } = make();
  reporter.add({ ...REPORT, error: 'no luck' });
  await clock.pass(1000);
  expect(posts[0].spans[2]).toMatchObject({
    tags: { 'coredns.io/name': 'a.', error: 'true' },
    annotations: [
      { timestamp: 1_700_000_000_002_501, value: 'event:error' },
      { timestamp: 1_700_000_000_002_501, value: 'error.object:no luck' },
    ],
  });
});

test.each([
  ['', { serviceName: 'foo' }],
  ['fd00::1', { serviceName: 'foo', ipv6: 'fd00::1', port: 53 }],
])('bound to %p we are %j', async (host, endpoint) => {
  const { clock, posts, reporter } = make({ host });
  reporter.add(REPORT);
  await clock.pass(1000);
  expect(posts[0].spans[0]['localEndpoint']).toEqual(endpoint);
});

test('a full batch does not wait, an empty one is not sent', async () => {
  const { clock, posts, reporter } = make();
  await clock.pass(5000);
  reporter.add(REPORT);
  expect(posts).toEqual([]);
  reporter.add(REPORT);
  expect(posts.map(({ spans }) => spans.length)).toEqual([6]);
});

test('while the collector is slow the backlog is bounded, and the oldest go', async () => {
  const { clock, warnings, dropped, posts, reporter } = make({ backlogMax: 7 });
  reporter.add(REPORT);
  reporter.add(REPORT); // On its way from here on.
  for (const traceId of ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb', 'cccccccccccccccc'])
    reporter.add({ ...REPORT, traceId });
  expect(dropped).toEqual([['backlog', 2]]);
  expect(warnings).toEqual(['backlog too long, disposing 2 spans']);
  await clock.pass(1000);
  expect(posts[1].spans).toHaveLength(7);
  expect(posts[1].spans[0]).toMatchObject({ name: 'servedns', traceId: 'aaaaaaaaaaaaaaaa' });
});

test('what the collector does not take is dropped, counted and said', async () => {
  const { clock, warnings, dropped, reporter } = make({}, [new Error('connect ECONNREFUSED'), 500, 202]);
  for (let times = 0; times < 3; times++) {
    reporter.add(REPORT);
    await clock.pass(1000);
  }
  expect(warnings).toEqual([
    'failed to send the request: Post "http://z:9411/api/v2/spans": connect ECONNREFUSED',
    'failed the request with status code 500',
  ]);
  expect(dropped).toEqual([
    ['collector', 3],
    ['collector', 3],
  ]);
});

test('the end sends what is left', async () => {
  const { clock, posts, reporter } = make();
  reporter.add(REPORT);
  reporter.add(REPORT);
  reporter.add(REPORT);
  await reporter.close();
  expect(posts.map(({ spans }) => spans.length)).toEqual([6, 3]);
  expect(clock.waiting).toBe(0);
});
