import { SETUPS } from '../../../../image/plugin/setups';
import { setup, type TraceOptions } from '../../../../image/plugin/trace/setup';
import { tables } from '../../../support/coredns-tables';
import { bodyRefusal, optionsOf } from '../../../support/corefile';
import { needs } from '../../../support/needs';

const options = (body: string) => optionsOf<TraceOptions>('trace', body);
const DEFAULTS = {
  ...{ endpoint: 'http://localhost:9411/api/v2/spans', every: 1, service: 'coredns', host: '', port: 53 },
  ...{ backlogMax: 1000, batchMax: 100, intervalMs: 1000 },
};

test.each([
  ['trace', {}],
  ['trace a:1', { endpoint: 'http://a:1/api/v2/spans' }],
  ['trace ZIPKIN https://a/x', { endpoint: 'https://a/x' }],
  ['bind 192.0.2.1\ntrace', { host: '192.0.2.1' }],
  ['trace {\nevery 10\nservice Foo\nclient_server\n}', { every: 10, service: 'Foo' }],
  ['trace {\nevery 0\nclient_server false\nother\n}', { every: 0 }],
  ['trace {\nzipkin_max_backlog_size 7\nzipkin_max_batch_size 3\n}', { backlogMax: 7, batchMax: 3 }],
  ['trace {\nzipkin_max_backlog_size 0\nzipkin_max_batch_size -1\n}', {}],
  ['trace {\nzipkin_max_batch_interval 250ms\n}', { intervalMs: 250 }],
  ['trace a:1 {\nevery 5\n}\ntrace b:1', { endpoint: 'http://b:1/api/v2/spans', every: 5 }],
])('%j', (body, said) => {
  expect(SETUPS.trace).toBe(setup);
  expect(options(body)).toEqual({ ...DEFAULTS, ...said });
});

test.each([
  ['trace foo bar', "tracing endpoint type 'foo' is not supported"],
  ['trace {\nevery -1\n}', 'strconv.ParseUint: parsing "-1": invalid syntax'],
  ['trace {\nevery 18446744073709551616\n}', 'strconv.ParseUint: parsing "18446744073709551616": value out of range'],
  ['trace {\nclient_server off\n}', 'strconv.ParseBool: parsing "off": invalid syntax'],
  [
    'trace {\ndatadog_analytics_rate 2\n}',
    "datadog analytics rate must be between 0 and 1, '2.000000' is not supported",
  ],
  ['trace {\ndatadog_analytics_rate x\n}', 'strconv.ParseFloat: parsing "x": invalid syntax'],
])('%j is refused', (body, message) => {
  expect(bodyRefusal(body)).toBe(`plugin/trace: ${message}`);
});

test('datadog is refused with its place, and with a way out', () => {
  expect(bodyRefusal('trace datadog localhost:8126')).toMatch(
    /^plugin\/trace: Cf:2 - Error during parsing: tracing endpoint type 'datadog' is not .*Write zipkin/,
  );
});

needs('tables').describe('CoreDNS’s tables', () => {
  const rows = tables('coredns-v1.13.2', 'TestTraceParse').filter(
    (row) => !/^\s*trace datadog /m.test(String(row.input)),
  );

  test.each(rows)('%j', (row) => {
    const body = String(row.input).replace(/^\s+/gm, '');
    expect(bodyRefusal(body) !== undefined).toBe(row.shouldErr);
    if (row.shouldErr) return;
    expect(options(body)).toMatchObject({
      endpoint: row.endpoint,
      every: row.every,
      service: row.serviceName,
      backlogMax: row.zipkinMaxBacklogSize || 1000,
      batchMax: row.zipkinMaxBatchSize || 100,
    });
  });
});
