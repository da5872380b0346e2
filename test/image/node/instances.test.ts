/** Instances see each other through abstract unix sockets of the real kernel. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { openLibc } from '../../../image/kernel/ffi';
import { allInstances, Instance } from '../../../image/node/instances';
import { FakeLibc } from '../../support/fake-libc';

const libc = openLibc();
const LINK = `t${process.pid}`;
const ROOT = path.join(__dirname, '../../..');
const open: Instance[] = [];

jest.setTimeout(30_000);

function instance(link = LINK, processId = 7): Instance {
  const made = new Instance(libc, link, processId);
  open.push(made);
  return made;
}

afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

describe('an instance', () => {
  test('sees others of its interface, not itself, and no longer those that are closed', () => {
    const first = instance(LINK, 7);
    expect(first.others()).toEqual([]);
    const second = instance(LINK, 8);
    instance(`${LINK}x`, 9);
    expect(first.others()).toEqual([{ processId: 8, name: second.name }]);
    expect(second.others()).toEqual([{ processId: 7, name: first.name }]);
    second.close();
    second.close();
    expect(first.others()).toEqual([]);
    expect(second.others()).toEqual([{ processId: 7, name: first.name }]); // Also when it is closed itself.
  });

  test('has a name of its own when its process id is that of another container', () => {
    const [first, second] = [instance(LINK, 1), instance(LINK, 1)];
    expect(first.others()).toEqual([{ processId: 1, name: second.name }]);
  });

  test('is gone with its process, however that ends', async () => {
    const mine = instance();
    const code = `
      const { openLibc } = require('./image/kernel/ffi');
      const { Instance } = require('./image/node/instances');
      new Instance(openLibc(), '${LINK}', process.pid);
      console.log('bound');
      setInterval(() => {}, 60_000);`;
    const other = spawn(process.execPath, ['-r', 'tsx/cjs', '-e', code], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(other.stdout, 'data');
    expect(mine.others()).toEqual([{ processId: other.pid, name: expect.any(String) }]);
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect(mine.others()).toEqual([]);
  });

  test('of any interface is in the list for status and cleanup', () => {
    const [first, second] = [instance(), instance(`${LINK}x`)];
    const names = allInstances().map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([first.name, second.name]));
  });

  test('that cannot have its socket says which, and what the kernel said', () => {
    const kernel = new FakeLibc();
    kernel.inject('bind', -98);
    expect(() => new Instance(kernel, 'nodelocaldns', 7)).toThrow(
      /^Cannot bind the abstract unix socket @nodelocaldns\/nodelocaldns\/7-[0-9a-f]{8}, .*: another process has it$/,
    );
    kernel.inject('socket', -24);
    expect(() => new Instance(kernel, 'nodelocaldns', 7)).toThrow(/too many open files$/);
    expect(kernel.openCount).toBe(0);
  });
});

const HEAD = 'Num       RefCount Protocol Flags    Type St Inode Path\n';
const line = (name: string): string => `0000000000000000: 00000002 00000000 00000000 0002 01 48211 ${name}\n`;
test.each([
  // Good rows.
  [line('@nodelocaldns/nodelocaldns/7-1f09a3c2'), [7]],
  [line('@nodelocaldns/nodelocaldns/7-1f09a3c2@@@'), [7]],
  [line('@nodelocaldns/a b/1-00000000') + line('@nodelocaldns/x/4194304-ffffffff'), [1, 4194304]],
  // Bad rows.
  ['', []],
  [line(''), []],
  [line('/run/@nodelocaldns/nodelocaldns/7-1f09a3c2'), []],
  [line('@nodelocaldns/nodelocaldns/7'), []],
  [line('@nodelocaldns/nodelocaldns/x-1f09a3c2'), []],
  [line('@other/nodelocaldns/7-1f09a3c2'), []],
])('%j has the instances %j', (text, processIds) => {
  expect(allInstances(() => HEAD + text).map(({ processId }) => processId)).toEqual(processIds);
});
