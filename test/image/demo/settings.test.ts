/** The demo's flags, its Corefile, and its three lines. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { machineEnvironment } from '../../../image/corefile/environment';
import { loadPlan } from '../../../image/corefile/load';
import {
  busyPortText,
  DEMO_FLAGS,
  type DemoPorts,
  demoSettings,
  demoText,
  demoVariables,
  namesResolvers,
  readDemoCommandLine,
} from '../../../image/demo/settings';

const FOLDER = join(__dirname, '../../../image/demo');
const PORTS: DemoPorts = { 'dns.port': 1053, 'metrics-port': 9253, 'health-port': 8080 };

describe('flags', () => {
  test('there are defaults', () => {
    expect(readDemoCommandLine([])).toEqual({ kind: 'run', ports: PORTS });
  });

  test('each port can be moved', () => {
    expect(readDemoCommandLine(['-dns.port=2053', '--metrics-port', '9254', '-health-port=8081'])).toEqual({
      kind: 'run',
      ports: { 'dns.port': 2053, 'metrics-port': 9254, 'health-port': 8081 },
    });
  });

  test.each([
    [['-dns.port=0'], 2, '-dns.port is "0", want a port from 1 to 65535\nUsage of npm start --:'],
    [['-health-port=x'], 2, '-health-port is "x", want'],
    [['-nope'], 2, 'flag provided but not defined: -nope\nUsage of npm start --:'],
    [['-h'], 0, 'Usage of npm start --:'],
    [['now'], 1, 'extra command line arguments: [now]'],
  ])('%j ends with %i', (parameters, exitCode, text) => {
    const read = readDemoCommandLine(parameters);
    expect(read).toMatchObject({ kind: 'end', exitCode });
    expect((read as { text: string }).text.startsWith(text)).toBe(true);
  });

  test.each(Object.keys(DEMO_FLAGS) as (keyof DemoPorts)[])(
    'a busy port of -%s names that flag, which is understood',
    (flag) => {
      const text = busyPortText(flag, PORTS[flag], 'tcp');
      expect(text).toContain(`127.0.0.1:${PORTS[flag]}`);
      const advice = /npm start -- (\S+) (\d+)\n$/.exec(text) as RegExpExecArray;
      expect(readDemoCommandLine([advice[1], advice[2]])).toMatchObject({
        kind: 'run',
        ports: { [flag]: PORTS[flag] + 1 },
      });
    },
  );
});

describe('the Corefile', () => {
  const load = (hasResolvers: boolean): ReturnType<typeof loadPlan> => {
    const environment = {
      ...machineEnvironment((line) => {
        throw new Error(line);
      }),
      variables: demoVariables(PORTS, FOLDER, hasResolvers),
    };
    const { conf, dnsPort } = demoSettings(PORTS, join(FOLDER, 'Corefile'));
    const text = readFileSync(conf, 'utf8').replaceAll('forward . /etc/resolv.conf', 'forward . 192.0.2.1');
    return loadPlan(text, { file: 'Corefile', dnsPort, environment });
  };

  test('listens on 127.0.0.1 only', () => {
    expect(load(true).listeners.map(({ label }) => label)).toEqual(['dns://127.0.0.1:1053']);
    for (const { plugins } of load(true).blocks) {
      for (const { options } of plugins.filter(({ name }) => name === 'prometheus' || name === 'health')) {
        expect((options as { address: string }).address).toMatch(/^127\.0\.0\.1:/);
      }
    }
  });

  test.each([
    [true, ['forward', 'forward']],
    [false, []],
  ])('with resolvers (%p) other names go to %j', (hasResolvers, expected) => {
    const names = load(hasResolvers).blocks.flatMap(({ plugins }) => plugins.map(({ name }) => name));
    expect(names.filter((name) => name === 'forward')).toEqual(expected);
  });
});

test.each([
  ['nameserver 192.0.2.1\n', true],
  ['search example.org\n', false],
  ['', false],
])('resolv.conf %j names resolvers: %p', (text, expected) => {
  expect(namesResolvers(() => text)).toBe(expected);
});

test('without resolv.conf there are none', () => {
  expect(
    namesResolvers(() => {
      throw new Error('ENOENT');
    }),
  ).toBe(false);
});

test('three lines say what to ask, where to look, how to stop', () => {
  expect(demoText(PORTS, true)).toBe(
    'Ask:     dig @127.0.0.1 -p 1053 kubernetes.default.svc.cluster.local\n' +
      'Metrics: http://127.0.0.1:9253/metrics\n' +
      'Stop:    Ctrl-C\n',
  );
  expect(demoText(PORTS, false).split('\n').length).toBe(4);
  expect(demoText(PORTS, false)).toContain('/etc/resolv.conf names no server');
});
