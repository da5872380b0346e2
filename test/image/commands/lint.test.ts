/** `lint`: what would not load, in CoreDNS's words; what would, and is better otherwise. */

import type { LintResult } from '../../../image/commands/lint';
import { warningsOf } from '../../../image/commands/lint-warnings';
import { commandsOf, isCommandLine, runCommand } from '../../../image/commands/run';
import { FakeCommandWorld } from './fake-world';

async function lint(text: string, ...flags: string[]): Promise<{ code: number; world: FakeCommandWorld }> {
  const world = new FakeCommandWorld();
  world.files.Corefile = text;
  const code = await runCommand('node-cache', ['lint', 'Corefile', ...flags], commandsOf(), world);
  return { code, world };
}

async function warnings(text: string): Promise<string[]> {
  const { code, world } = await lint(text, '-json');
  expect(code).toBe(0);
  return (JSON.parse(world.out) as LintResult).warnings.map(({ code: name }) => name);
}

const GOOD = `.:53 {
    bind 169.254.20.10
    errors
    cache 30
    loop
    reload
    health 169.254.20.10:8080
    prometheus :9253
    forward . 10.96.0.10
}
`;
const without = (directive: string): string =>
  GOOD.split('\n')
    .filter((line) => !line.trim().startsWith(directive))
    .join('\n');
const instead = (directive: string, other: string): string =>
  GOOD.replace(new RegExp(`^ +${directive}.*$`, 'm'), other);

test('nothing to say', async () => {
  const { code, world } = await lint(GOOD);
  expect([code, world.out, world.errors]).toEqual([0, 'Corefile: loads, no warnings\n', '']);
});

test.each([
  ['cache-without-source', without('forward')],
  ['forward-without-cache', without('cache')],
  ['cache-denial', instead('cache', 'cache')],
  ['cache-denial', instead('cache', 'cache 3600')],
  ['stale-unverified', instead('cache', 'cache 30 {\n serve_stale\n}')],
  ['stale-keepttl', instead('cache', 'cache 30 {\n serve_stale 1h verify\n keepttl\n}')],
  ['bind-missing', without('bind')],
  ['loop-missing', without('loop')],
  ['errors-missing', without('errors')],
  ['prometheus-missing', without('prometheus')],
  ['log-every-query', instead('errors', 'errors\nlog')],
  ['forward-to-itself', instead('forward', 'forward . 169.254.20.10')],
  ['health-missing', without('health')],
  ['reload-missing', without('reload')],
  ['root-missing', GOOD.replace('.:53', 'cluster.local:53').replace('forward .', 'forward cluster.local')],
])('%s', async (code, text) => {
  expect(await warnings(text)).toEqual([code]);
});

test('a wildcard forwards to itself over loopback', async () => {
  expect(await warnings(without('bind').replace('10.96.0.10', '127.0.0.1'))).toContain('forward-to-itself');
});

test('health in two blocks', async () => {
  expect(await warnings(GOOD + GOOD.replace('.:53', 'cluster.local:53'))).toEqual(['health-twice']);
});

test('kept denials of a block that asks nobody are its own affair', async () => {
  const made = instead('forward', 'hosts {\n 10.0.0.1 a.\n}').replace('cache 30', 'cache');
  expect(await warnings(made)).toEqual([]);
});

test('a file without blocks has no warnings of blocks', () => {
  expect(warningsOf({ listeners: [], blocks: [] }).map(({ code }) => code)).toEqual([
    'health-missing',
    'reload-missing',
    'root-missing',
  ]);
});

test('warnings name the place, the zones, and the reason', async () => {
  const { world } = await lint(without('errors'));
  expect(world.out).toMatch(/^warning: Corefile:1 \(\.\): no errors: .*\nCorefile: loads, 1 warning\n$/);
});

test.each([
  ['.:53 {\n    cach 30\n}\n', "Corefile:2 - Error during parsing: Unknown directive 'cach'"],
  ['.:53 {\n    cache x y z\n', 'Corefile:'],
  ['.:53 {\n    health 127.0.0.1:x\n}\n', 'plugin/health:'],
  ['.:53 {\n    forward . dns.example.invalid..\n}\n', 'plugin/forward: '],
])('%j does not load', async (text, expected) => {
  const { code, world } = await lint(text);
  expect(code).toBe(1);
  expect(world.out).toMatch(/^error: /);
  expect(world.out).toContain(expected);
  expect(world.out).not.toContain('loads');
});

test('a file that is not there is an error of the file', async () => {
  const world = new FakeCommandWorld();
  expect(await runCommand('node-cache', ['lint', 'Nowhere'], commandsOf(), world)).toBe(1);
  expect(world.out).toContain('open Nowhere: no such file or directory');
});

describe('templates', () => {
  const TEMPLATE = GOOD.replaceAll('169.254.20.10', '__PILLAR__LOCAL__DNS__').replace(
    '10.96.0.10',
    '__PILLAR__CLUSTER__DNS__',
  );
  test('placeholders stand for usual addresses, or for those that are given', async () => {
    expect(await warnings(TEMPLATE)).toEqual([]);
    const { world } = await lint(TEMPLATE, '-localip', '10.0.0.1', '-clusterdns=10.0.0.1');
    expect(world.out).toContain('forward asks 10.0.0.1:53, which this Corefile serves itself');
  });
  test('the cluster DNS address may be in its variable', async () => {
    const world = new FakeCommandWorld();
    world.environment = { UP_SERVICE_HOST: '169.254.20.10' };
    world.files['-'] = TEMPLATE;
    await runCommand('node-cache', ['lint', '-upstreamsvc', 'up', '-'], commandsOf(), world);
    expect(world.out).toContain('forward asks 169.254.20.10:53');
  });
});

test.each([
  [['lint']],
  [['lint', 'a', 'b']],
  [['lint', 'Corefile', '-dns.port', '0']],
  [['lint', 'Template', '-localip', 'x']],
  [['lint', 'Corefile', '-nonsense']],
])('%j is usage', async (parameters) => {
  const world = new FakeCommandWorld();
  world.files.Corefile = GOOD;
  world.files.Template = '. {\n bind __PILLAR__LOCAL__DNS__\n}\n';
  expect(isCommandLine(parameters, commandsOf())).toBe(true);
  expect(await runCommand('node-cache', parameters, commandsOf(), world)).toBe(2);
  expect(world.errors).toContain('See node-cache help lint');
});
