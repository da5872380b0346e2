import { httpRoutes } from '../../../image/agent/http-routes';
import { Profiles } from '../../../image/agent/profiles';
import { Log } from '../../../image/observe/log';
import { FakeClock } from '../../support/fake-world';

const fact = (port: number) => ({ address: { host: '', port }, origin: 'x' });
const profiles = new Profiles({ clock: new FakeClock(), commandLine: [], post: () => {} });

test('a route per path; /ready tells when the process stops', async () => {
  let isStopping = false;
  const log = new Log({ write: () => {} }, { write: () => {} });
  const facts = {
    ...{ metrics: [fact(9153)], health: [{ ...fact(8080), lameduckMs: 0 }], ready: [fact(8181)], pprof: [fact(6053)] },
    ...{ traces: [], taps: [], hosts: [], loops: [], reload: null },
  };
  const routes = httpRoutes(
    facts,
    { metricsText: () => 'x 1\n', notReady: () => (isStopping ? 'Shutting down' : ''), profiles },
    log,
  );
  expect(routes.map(({ address, path }) => `${address.port}${path}`)).toEqual([
    '9153/metrics',
    '8080/health',
    '8181/ready',
    '6053/debug/pprof',
    '6053/debug/pprof/',
    '6053/debug/pprof/cmdline',
    '6053/debug/pprof/profile',
    '6053/debug/pprof/heap',
  ]);
  const ready = () => routes[2].page(new URLSearchParams());
  expect(await ready()).toMatchObject({ body: 'OK' });
  isStopping = true;
  expect(await ready()).toMatchObject({ status: 503, body: 'Shutting down' });
});
