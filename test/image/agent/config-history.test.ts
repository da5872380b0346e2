/** What runs since when, and what could not. */
import { ConfigHistory } from '../../../image/agent/config-history';

const corefile = (text: string): { file: string; text: string } => ({ file: '/etc/Corefile', text });

function history(): { history: ConfigHistory; at: (time: string) => void } {
  let now = '2026-11-21T10:00:00.000Z';
  const at = (time: string): void => {
    now = time;
  };
  return {
    at,
    history: new ConfigHistory(
      ({ text }) => `hash of ${text}`,
      () => new Date(now),
    ),
  };
}

test('nothing, then the first', () => {
  const { history: kept } = history();
  expect(kept.status).toBeNull();
  kept.loaded(corefile('one'));
  expect(kept.status).toEqual({
    ...{ file: '/etc/Corefile', sha512: 'hash of one', loadedAt: '2026-11-21T10:00:00.000Z', failedReload: null },
  });
});

test('a reload that fails is passed on and remembered until one works', async () => {
  const { history: kept, at } = history();
  kept.loaded(corefile('one'));
  at('2026-11-21T11:00:00.000Z');
  await expect(kept.follow(corefile('bad'), Promise.reject(new Error('no such directive')))).rejects.toThrow('no such');
  expect(kept.status).toMatchObject({
    sha512: 'hash of one',
    loadedAt: '2026-11-21T10:00:00.000Z',
    failedReload: { at: '2026-11-21T11:00:00.000Z', reason: 'no such directive' },
  });
  await kept.follow(corefile('two'), Promise.resolve());
  expect(kept.status).toMatchObject({ sha512: 'hash of two', failedReload: null });
});

test('a Corefile that has no fingerprint still has a hash', () => {
  const kept = new ConfigHistory(() => {
    throw new Error('the import is gone');
  });
  kept.loaded(corefile('one'));
  expect(kept.status!.sha512).toMatch(/^[0-9a-f]{128}$/);
});
