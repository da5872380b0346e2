/** Before pods come: connections to upstreams that are asked by TCP alone. */
import { WARM_UP_MS } from '../../../image/limits';
import { FakeWorker } from '../../support/fake-worker';

function warmingUp(upstream: (worker: FakeWorker) => void): { worker: FakeWorker; told: () => boolean } {
  const worker = new FakeWorker('.:53 {\n bind 10.0.0.1\n forward . 192.0.2.53 {\n force_tcp\n }\n}');
  upstream(worker);
  worker.pass(0);
  worker.send({ kind: 'warm-up' });
  worker.pass(0);
  return { worker, told: () => worker.posted.some(({ kind }) => kind === 'warmed-up') };
}

const open = (worker: FakeWorker): number => worker.metric('nodelocaldns_upstream_connections', 'tcp');

test('it is said when they are open, once', () => {
  const { worker, told } = warmingUp(({ kernel }) => kernel.network.tcpServer('192.0.2.53', 53, () => undefined));
  expect(told()).toBe(true);
  expect(open(worker)).toBe(1);
  worker.pass(2 * WARM_UP_MS);
  expect(worker.posted.filter(({ kind }) => kind === 'warmed-up')).toHaveLength(1);
});

test('nobody listens there: at once', () => {
  const { worker, told } = warmingUp(() => undefined);
  expect(told()).toBe(true);
  expect(open(worker)).toBe(0);
});

test('no answer to the SYN: after a while, and that connection is given up', () => {
  const { worker, told } = warmingUp(({ kernel }) => void kernel.network.silent.add('192.0.2.53'));
  worker.pass(WARM_UP_MS - 100);
  expect(told()).toBe(false);
  expect(open(worker)).toBe(1);
  worker.pass(200);
  expect(told()).toBe(true);
  expect(open(worker)).toBe(0);
});
