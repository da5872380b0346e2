/** `trace [zipkin] [ENDPOINT] { every N; service NAME; client_server [BOOL]; zipkin_…; datadog_… }` */
import type { Controller, Draft } from '../../corefile/controller';
import { CorefileError, text } from '../../corefile/errors';
import { parseDuration, toMilliseconds } from '../../corefile/go-duration';
import { parseInteger } from '../../corefile/go-integer';
import { TRACE_BACKLOG_MAX, TRACE_BATCH_SPANS, TRACE_INTERVAL_MS } from '../../limits';

/** What `trace` says. */
export interface TraceOptions {
  /** URL that batches of spans are posted to. @default http://localhost:9411/api/v2/spans */
  readonly endpoint: string;
  /** One in so many queries is traced; 0 is none. @default 1 */
  readonly every: number;
  /** @default coredns, so that dashboards go on working */
  readonly service: string;
  /** Our own address, when the block is bound to one; '' otherwise. */
  readonly host: string;
  readonly port: number;
  /** Spans that wait; the oldest go when there are more. @default 1000 */
  readonly backlogMax: number;
  /** Spans after which a batch is sent at once. @default 100 */
  readonly batchMax: number;
  /** Time after which it is sent anyway. @default 1000 */
  readonly intervalMs: number;
}

const BACKLOG_DEFAULT = 1000;
const UINT64_MAX = 2n ** 64n - 1n;
/** @source Go strconv.ParseBool */
const BOOLS = new Set(['1', 't', 'T', 'TRUE', 'true', 'True', '0', 'f', 'F', 'FALSE', 'false', 'False']);

function endpointOf(controller: Controller): string {
  const values = controller.arguments(0, 2);
  const [type, endpoint] = values.length === 2 ? [values[0].toLowerCase(), values[1]] : ['zipkin', values[0] ?? ''];
  if (type === 'datadog') throw controller.error(text.traceDatadog);
  if (type !== 'zipkin') throw new CorefileError(text.traceType(type));
  const address = endpoint === '' ? 'localhost:9411' : endpoint;
  return address.includes('http') ? address : `http://${address}/api/v2/spans`;
}

function readEvery(value: string): number {
  const isNumber = /^[0-9]+$/.test(value);
  if (!isNumber) throw new CorefileError(text.parseUint(value, 'invalid syntax'));
  if (BigInt(value) > UINT64_MAX) throw new CorefileError(text.parseUint(value, 'value out of range'));
  return Number(value);
}

/** It is for another kind of collector, but its mistakes are reported. */
function checkRate(value: string): void {
  const rate = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?$/i.test(value) ? Number(value) : Number.NaN;
  if (Number.isNaN(rate)) throw new CorefileError(text.parseFloat(value, 'invalid syntax'));
  if (rate < 0 || rate > 1) throw new CorefileError(text.traceRate(rate.toFixed(6)));
}

/** 0 and less stand for the usual number, as in CoreDNS. */
function positive(number: number, usual: number, max: number): number {
  return number > 0 ? Math.min(number, max) : usual;
}

/** Other words are passed over, as in CoreDNS. */
function readOption(controller: Controller, options: Draft<TraceOptions>): void {
  switch (controller.value) {
    case 'every':
      options.every = readEvery(controller.arguments(1, 1)[0]);
      return;
    case 'service':
      [options.service] = controller.arguments(1, 1);
      return;
    case 'client_server': {
      const [value = 'true'] = controller.arguments(0, 1);
      if (!BOOLS.has(value)) throw new CorefileError(text.parseBool(value, 'invalid syntax'));
      return;
    }
    case 'datadog_analytics_rate': {
      const [value = '0'] = controller.arguments(0, 1);
      checkRate(value);
      return;
    }
    case 'zipkin_max_backlog_size':
      options.backlogMax = positive(parseInteger(controller.arguments(1, 1)[0]), BACKLOG_DEFAULT, TRACE_BACKLOG_MAX);
      return;
    case 'zipkin_max_batch_size':
      options.batchMax = positive(parseInteger(controller.arguments(1, 1)[0]), TRACE_BATCH_SPANS, TRACE_BACKLOG_MAX);
      return;
    case 'zipkin_max_batch_interval': {
      const ms = toMilliseconds(parseDuration(controller.arguments(1, 1)[0]));
      options.intervalMs = positive(ms, TRACE_INTERVAL_MS, Number.MAX_SAFE_INTEGER);
    }
  }
}

/**
 * Reads `trace`; of several the last counts, option by option.
 * @throws CorefileError
 * @source coredns plugin/trace/setup.go at v1.13.2
 */
export function setup(controller: Controller): TraceOptions {
  const { addresses, port } = controller.block;
  const options: Draft<TraceOptions> = {
    endpoint: '',
    every: 1,
    service: 'coredns',
    host: addresses[0] ?? '',
    port,
    backlogMax: BACKLOG_DEFAULT,
    batchMax: TRACE_BATCH_SPANS,
    intervalMs: TRACE_INTERVAL_MS,
  };
  while (controller.next()) {
    options.endpoint = endpointOf(controller);
    while (controller.nextBlock()) readOption(controller, options);
  }
  return options;
}
