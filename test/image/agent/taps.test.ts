import { Taps } from '../../../image/agent/taps';
import { Counters } from '../../../image/observe/counters';
import { Log } from '../../../image/observe/log';
import { encodeTap, TapType } from '../../../image/plugin/dnstap/message';
import type { TapOptions } from '../../../image/plugin/dnstap/setup';
import { traceKey } from '../../../image/plugin/trace/report';
import { FakeWorld } from '../../support/fake-world';
import { Collector } from '../plugin/dnstap/collector';

const options = (port: number): TapOptions => ({
  ...{ transport: 'tcp', endpoint: `127.0.0.1:${port}`, full: false, skipVerify: false },
  ...{ identity: 'me', version: 'v', extra: '', queueMax: 100 },
});
const message = {
  type: TapType.CLIENT_QUERY,
  overTcp: true,
  queryAddress: Uint8Array.of(10, 0, 0, 1),
  queryPort: 1,
  queryMs: 0,
};
const frame = encodeTap(message, 'me', 'v', '');

test('messages go to the collector of their plan; those of a plan that is gone are counted', async () => {
  const [one, two] = [new Collector(), new Collector()];
  await one.listen(26561);
  await two.listen(26562);
  const values = new Float64Array(50);
  const counters = new Counters(values, () => {});
  const log = new Log({ write: () => {} }, { write: () => {} });
  const taps = new Taps({ world: new FakeWorld(), counters, log });
  const [a, b] = [options(26561), options(26562)];
  await taps.commit([a, b, a]);
  taps.take([
    { key: traceKey(a), frame },
    { key: traceKey(b), frame },
    { key: traceKey(a), frame },
  ]);
  await Promise.all([one.hears(2), two.hears(1)]);
  await taps.commit([b]);
  expect(one.controls).toEqual([4, 2, 3]);
  taps.take([{ key: traceKey(a), frame }]);
  expect(values[counters.slot('nodelocaldns_dnstap_messages_dropped_total', 'reload')]).toBe(1);
  await taps.close();
  expect(two.controls).toEqual([4, 2, 3]);
  await one.close();
  await two.close();
});
