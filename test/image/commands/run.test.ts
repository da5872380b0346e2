/** Which command lines are commands, their help, and `cleanup`, whose work is somebody else's. */
import { FLAGS } from '../../../image/agent/flags';
import { cleanupCommand } from '../../../image/commands/cleanup';
import { readCommandWords } from '../../../image/commands/command';
import { commandHelp, helpText } from '../../../image/commands/help';
import { commandsOf, isCommandLine, runCommand } from '../../../image/commands/run';
import { FakeCommandWorld } from './fake-world';

const calls: [string, readonly string[]][] = [];
let attemptsLeft = 0;
const COMMANDS = commandsOf((name, addresses) => {
  if (name === 'busy' && attemptsLeft-- > 0) return Promise.reject(new Error('process 77 serves here'));
  calls.push([name, addresses]);
  if (name === 'stuck') return Promise.reject(new Error('link stuck: operation not permitted'));
  return Promise.resolve(name === 'gone' ? [] : [`link ${name}`, 'table inet nodelocaldns']);
});

async function run(...parameters: string[]): Promise<{ code: number; world: FakeCommandWorld }> {
  const world = new FakeCommandWorld();
  return { code: await runCommand('node-cache', parameters, COMMANDS, world), world };
}

test.each([
  [['status'], true],
  [['lint', 'x'], true],
  [['help'], true],
  [['cleanup'], true],
  // The cache with its Go flags, as ever.
  [[], false],
  [['-conf', 'status'], false],
  [['-h'], false],
  [['stat'], false],
  [['-version', 'status'], false],
])('%j: a command? %p', (parameters, expected) => expect(isCommandLine(parameters, COMMANDS)).toBe(expected));

test('flags may stand anywhere; the last of a name counts; behind -- they are words', () => {
  const line = readCommandWords(FLAGS, ['a', '-conf', 'x', 'b', '-conf=y', '-quiet', 'c']);
  expect(line.words).toEqual(['a', 'b', 'c']);
  expect([line.values.get('conf'), line.values.get('quiet'), line.values.get('p')]).toEqual(['y', 'true', '53']);
  expect([...line.given].sort()).toEqual(['conf', 'quiet']);
  expect(readCommandWords(FLAGS, ['--', 'a']).words).toEqual(['a']);
});

test('help: every command, and each with its flags and exit codes', async () => {
  expect((await run('help')).world.out).toBe(helpText('node-cache', COMMANDS));
  for (const command of COMMANDS) {
    expect(helpText('x', COMMANDS)).toContain(`  ${command.name} `);
    const { code, world } = await run('help', command.name);
    expect([code, world.out]).toEqual([0, commandHelp('node-cache', command)]);
    expect(world.out).toMatch(/Exit codes: 0/);
    for (const flag of Object.keys(command.flags)) expect(world.out).toContain(`  -${flag}`);
    expect((await run(command.name, '-h')).world.out).toBe(world.out);
  }
  const { code, world } = await run('help', 'nonsense');
  expect([code, world.errors.split('\n')[0]]).toEqual([2, 'nonsense is no command']);
});

test.each([
  [['status', 'word'], 'status takes no word: word'],
  [['top', 'word'], 'top takes no word: word'],
  [['top', '-seconds', '-1'], '-seconds wants a whole number'],
  [['cleanup', 'word'], 'cleanup takes no word: word'],
  [['cleanup', '-localip', 'x'], '-localip: "x" is no address'],
  [['cleanup', '-wait', '-1s'], '-wait: "-1s" is no duration; want one such as 30s'],
  [['status', '-nonsense'], 'flag provided but not defined: -nonsense'],
])('%j: %s', async (parameters, text) => {
  const { code, world } = await run(...parameters);
  expect([code, world.errors.split('\n')[0], world.out]).toEqual([2, text, '']);
});

describe('cleanup', () => {
  test('says what was removed', async () => {
    const { code, world } = await run('cleanup', '-localip', '169.254.20.10,fd00::1');
    expect([code, world.out]).toEqual([0, 'removed link nodelocaldns\nremoved table inet nodelocaldns\n']);
    expect(calls.at(-1)).toEqual(['nodelocaldns', ['169.254.20.10', 'fd00::1']]);
  });
  test('nothing is left: as good', async () => {
    const { code, world } = await run('cleanup', '-interfacename', 'gone');
    expect([code, world.out]).toEqual([0, 'nothing to remove\n']);
  });
  test('a cache that is stopping: again, until it has stopped', async () => {
    attemptsLeft = 2;
    const { code, world } = await run('cleanup', '-interfacename', 'busy', '-wait', '10s');
    expect([code, world.out]).toEqual([0, 'removed link busy\nremoved table inet nodelocaldns\n']);
  });
  test('a cache that does not stop: its failure, when the time is over', async () => {
    attemptsLeft = 99;
    const { code, world } = await run('cleanup', '-interfacename', 'busy', '-wait', '1500ms');
    expect([code, world.errors, attemptsLeft]).toEqual([1, 'cleanup: process 77 serves here\n', 97]);
  });
  test('stays, when it is told to, until it is ended', async () => {
    const world = new FakeCommandWorld();
    let code: number | undefined;
    const running = runCommand('node-cache', ['cleanup', '-stay'], COMMANDS, world).then((each) => {
      code = each;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([world.out, code]).toEqual(['removed link nodelocaldns\nremoved table inet nodelocaldns\n', undefined]);
    world.press('q'); // SIGTERM is said the same way.
    await running;
    expect(code).toBe(0);
  });
  test('something could not be removed', async () => {
    const { code, world } = await run('cleanup', '-interfacename', 'stuck');
    expect([code, world.errors]).toEqual([1, 'cleanup: link stuck: operation not permitted\n']);
  });
  test('has flags of its own', () => {
    expect(Object.keys(cleanupCommand(() => Promise.resolve([])).flags)).toEqual([
      'localip',
      'interfacename',
      'wait',
      'stay',
    ]);
  });
  test('is no command where nobody can do it', () => {
    expect(isCommandLine(['cleanup'], commandsOf())).toBe(false);
  });
});
