/** A removal of several steps, some of which fail. */
import { FirewallError } from '../../../image/node/firewall';
import { Removal } from '../../../image/node/removal';

const fails = (text: string, kind?: 'iptables_lock') => () => Promise.reject(new FirewallError(text, kind));

test('goes on past a step that fails, and says at the end what each of them said, once', async () => {
  const removal = new Removal();
  expect(await removal.step(async () => ['set a'])).toEqual(['set a']);
  expect(await removal.step(fails('lock held', 'iptables_lock'))).toBeUndefined();
  await removal.step(fails('no such program'));
  await removal.step(fails('lock held'));
  expect(await removal.step(async () => ['set b'])).toEqual(['set b']);
  expect(() => removal.end()).toThrow(new FirewallError('lock held; no such program'));
  expect(() => removal.end()).toThrow(expect.objectContaining({ kind: 'iptables_lock' }));
});

test('without a failure ends without a word', async () => {
  const removal = new Removal();
  await removal.step(async () => {});
  expect(() => removal.end()).not.toThrow();
});

test('is not for mistakes of the program', async () => {
  await expect(new Removal().step(() => Promise.reject(new TypeError('x is undefined')))).rejects.toThrow(TypeError);
});
