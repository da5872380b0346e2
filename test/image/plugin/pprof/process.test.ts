/** ready and pprof of the process as it ships. */
import { ask } from '../../../support/dns-client';
import { serve } from '../../../support/served';

const PORT = 26520;
const COREFILE = `.:${PORT} {
    bind 127.0.0.1
    ready 127.0.0.1:26521
    health 127.0.0.1:26522 {
        lameduck 2s
    }
    pprof 127.0.0.1:26523
    whoami
}
`;
const get = (port: number, path: string) => fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual' });

test('profiles of both threads while questions are answered, and /ready until the stop', async () => {
  const { daemon, stop } = await serve(COREFILE);
  expect(await (await get(26521, '/ready')).text()).toBe('OK');
  expect((await get(26523, '/debug/pprof')).headers.get('location')).toBe('/debug/pprof/');
  expect((await get(26523, '/debug/pprof/goroutine')).status).toBe(404);
  expect(await (await get(26523, '/debug/pprof/cmdline')).text()).toMatch(/main\.js\0(.*\0)?-conf\0/);

  let isDone = false;
  const profile = get(26523, '/debug/pprof/profile?seconds=1').finally(() => {
    isDone = true;
  });
  let answers = 0;
  for (; !isDone; answers++) await ask({ name: 'example.org', port: PORT });
  expect(answers).toBeGreaterThan(10);
  const response = await profile;
  expect(response.headers.get('content-disposition')).toContain('.cpuprofile');
  const { nodes } = (await response.json()) as { nodes: { callFrame: { functionName: string; url: string } }[] };
  expect(nodes.some(({ callFrame }) => callFrame.url.endsWith('worker.js') && callFrame.functionName === 'turn')).toBe(
    true,
  );
  const heap = await get(26523, '/debug/pprof/heap?seconds=1&thread=main');
  expect(await heap.json()).toHaveProperty('head');

  const stopping = stop();
  await daemon.says('lameduck');
  expect([(await get(26521, '/ready')).status, (await get(26522, '/health')).status]).toEqual([503, 200]);
  expect((await ask({ name: 'example.org', port: PORT })).rcode).toBe('NOERROR');
  await stopping;
}, 30_000);
