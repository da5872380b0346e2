/** Signals, each with what it does and what it must not do. */
import { EventEmitter } from 'node:events';
import { trapSignals } from '../../../image/agent/signals';
import { fakeLog, settle } from '../../support/fake-world';

function trap(): { send: (signal: string) => void; done: string[]; lines: string[]; stopped: (code: number) => void } {
  const source = new EventEmitter();
  const done: string[] = [];
  const { log, late } = fakeLog();
  log.startRunning();
  let stopped: (code: number) => void = () => {};
  const actions = {
    stop: () => {
      done.push('stop');
      return new Promise<number>((resolve) => {
        stopped = resolve;
      });
    },
    abandon: () => void done.push('abandon'),
    reload: async (reason: string) => void done.push(`reload: ${reason}`),
    exit: (code: number) => void done.push(`exit ${code}`),
  };
  trapSignals(source, actions, log);
  return { send: (signal) => void source.emit(signal), done, lines: late, stopped: (code) => stopped(code) };
}

test.each([
  ['SIGTERM', '[INFO] SIGTERM: Shutting down servers then terminating\n'],
  ['SIGINT', '[INFO] SIGINT: Shutting down\n'],
])('%s drains and ends with the code of the drain', async (signal, line) => {
  const { send, done, lines, stopped } = trap();
  send(signal);
  expect(done).toEqual(['stop']);
  stopped(3);
  await settle();
  expect(done).toEqual(['stop', 'exit 3']);
  expect(lines).toEqual([line]);
});

test('a second SIGTERM changes nothing', () => {
  const { send, done } = trap();
  send('SIGTERM');
  send('SIGTERM');
  expect(done).toEqual(['stop']);
});

test('a second SIGINT ends at once with 2', () => {
  const { send, done, lines } = trap();
  send('SIGINT');
  send('SIGINT');
  expect(done).toEqual(['stop', 'abandon', 'exit 2']);
  expect(lines.at(-1)).toBe('[INFO] SIGINT: Force quit\n');
});

test('SIGINT while SIGTERM drains does not drain twice', () => {
  const { send, done } = trap();
  send('SIGTERM');
  send('SIGINT');
  expect(done).toEqual(['stop']);
});

test('SIGQUIT ends at once with 0 and takes the pidfile along', () => {
  const { send, done, lines } = trap();
  send('SIGQUIT');
  expect(done).toEqual(['abandon', 'exit 0']);
  expect(lines).toEqual(['[INFO] SIGQUIT: Quitting process immediately\n']);
});

test('SIGUSR1 reloads, as often as it is sent; what is said about it is the reload’s', () => {
  const { send, done, lines } = trap();
  send('SIGUSR1');
  send('SIGUSR1');
  expect(done).toEqual(['reload: SIGUSR1', 'reload: SIGUSR1']);
  expect(lines).toEqual([]);
});

test.each(['SIGHUP', 'SIGUSR2'])('%s is caught and ignored: its default would end the process', (signal) => {
  const source = new EventEmitter();
  const actions = { stop: jest.fn(), abandon: jest.fn(), reload: jest.fn(), exit: jest.fn() };
  trapSignals(source, actions, fakeLog().log);
  expect(source.listenerCount(signal)).toBe(1);
  source.emit(signal);
  for (const action of Object.values(actions)) expect(action).not.toHaveBeenCalled();
});
