/** The real node, as far as it can be looked at without changing it. What it does is tried in namespaces, in test/drill. */
import { systemNode } from '../../../image/agent/system-node';
import { NoFirewall } from '../../../image/node/no-firewall';

const node = systemNode();

test('devices are seen: the loopback has its addresses, and a device of no name has none', () => {
  expect(node.link.addressesOf('lo')).toContain('127.0.0.1');
  expect(node.link.addressesOf('no-such-link')).toBeNull();
});

test('without rules to keep only the link is watched, and nothing has changed', () => {
  const changes = node.watch('lo', new NoFirewall());
  expect([changes.problems, changes.poll()]).toEqual([[], { link: false, rules: false }]);
  changes.close();
});

test('instances of one link see each other, also the one that has left', () => {
  const name = `test-${process.pid}`;
  const [one, other] = [node.register(name), node.register(name)];
  expect(one.others()).toHaveLength(1);
  one.close();
  expect([one.others(), other.others()].map(({ length }) => length)).toEqual([1, 0]);
  other.close();
});
