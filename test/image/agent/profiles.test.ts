import type { MessageToWorker } from '../../../image/agent/messages';
import { Profiles } from '../../../image/agent/profiles';
import { PROFILE_LATE_MS, PROFILE_SECONDS_MAX } from '../../../image/limits';
import type { Page } from '../../../image/observe/http';
import { FakeClock } from '../../support/fake-world';

function make() {
  const clock = new FakeClock();
  const posted: MessageToWorker[] = [];
  const commandLine = ['node', 'main.js', '-conf', 'x'];
  const profiles = new Profiles({ clock, commandLine, post: (message) => void posted.push(message) });
  const address = { host: 'localhost', port: 6053 };
  const routes = new Map(profiles.routes({ address, origin: 'x' }).map(({ path, page }) => [path, page]));
  const get = async (path: string, parameters = ''): Promise<Page> =>
    routes.get(path)!(new URLSearchParams(parameters));
  return { clock, posted, profiles, get };
}

test('the worker is told to begin, and after the seconds to end; what it gives is the page', async () => {
  const { clock, posted, profiles, get } = make();
  const page = get('/debug/pprof/profile', 'seconds=5');
  await clock.pass(4999);
  expect(posted).toEqual([{ kind: 'profile-start', what: 'cpu' }]);
  await clock.pass(1);
  expect(posted.slice(1)).toEqual([{ kind: 'profile-stop' }]);
  profiles.receive('{"nodes":[]}', '');
  expect(await page).toEqual({
    contentType: 'application/json',
    body: '{"nodes":[]}',
    fileName: 'nodelocaldns.cpuprofile',
  });
  expect(clock.waiting).toBe(0);
});

test.each([
  ['/debug/pprof/profile', 30_000, 'cpu'],
  ['/debug/pprof/heap', 10_000, 'heap'],
])('%s usually takes %p ms', async (path, ms, what) => {
  const { clock, posted, profiles, get } = make();
  const page = get(path);
  await clock.pass(ms - 1);
  expect(posted).toEqual([{ kind: 'profile-start', what }]);
  await clock.pass(1);
  profiles.receive('{}', '');
  expect((await page).fileName).toBe(`nodelocaldns.${what}profile`);
});

test('main takes its own', async () => {
  const { clock, posted, get } = make();
  const page = get('/debug/pprof/heap', 'seconds=1&thread=main');
  await clock.pass(1000);
  expect(JSON.parse((await page).body)).toHaveProperty('head');
  expect(posted).toEqual([]);
});

test('one at a time, and another when it is done', async () => {
  const { clock, profiles, get } = make();
  const first = get('/debug/pprof/profile', 'seconds=1');
  expect((await get('/debug/pprof/heap', 'thread=main')).status).toBe(409);
  await clock.pass(1000);
  profiles.receive('{}', '');
  await first;
  void get('/debug/pprof/profile', 'seconds=1');
  expect((await get('/debug/pprof/profile')).status).toBe(409);
});

test.each([['0'], ['-1'], ['1.5'], ['x'], [''], [String(PROFILE_SECONDS_MAX + 1)]])(
  'seconds=%s is refused',
  async (text) => {
    const { posted, get } = make();
    const { status, body } = await get('/debug/pprof/profile', `seconds=${text}`);
    expect([status, body]).toEqual([400, 'seconds must be a whole number from 1 to 60\n']);
    expect((await get('/debug/pprof/profile', 'thread=x')).status).toBe(400);
    expect(posted).toEqual([]);
  },
);

test('a worker that fails, and one that never answers', async () => {
  const { clock, profiles, get } = make();
  const failed = get('/debug/pprof/profile', 'seconds=1');
  await clock.pass(10);
  profiles.receive('', 'no profile is being taken');
  expect(await failed).toMatchObject({ status: 500, body: 'no profile is being taken\n' });
  const silent = get('/debug/pprof/profile', 'seconds=1');
  await clock.pass(1000 + PROFILE_LATE_MS);
  expect(await silent).toMatchObject({ status: 500, body: 'the worker gave no profile\n' });
  profiles.receive('{}', ''); // Too late: nobody waits.
});

test('an index, a redirect to it, and the command line', async () => {
  const { get } = make();
  expect(await get('/debug/pprof')).toMatchObject({ status: 302, location: '/debug/pprof/' });
  expect((await get('/debug/pprof/')).body).toContain('href="profile?seconds=10"');
  expect((await get('/debug/pprof/cmdline')).body).toBe('node\0main.js\0-conf\0x');
});
