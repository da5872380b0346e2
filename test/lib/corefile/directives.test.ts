import { DIRECTIVES as ORDER } from '../../../image/chain/order';
import { DIRECTIVES, GO_DIRECTIVES } from '../../../lib/corefile/directives';

test('the directives of nodelocaldns are those that the image has', () => {
  const here = ORDER.filter(({ state }) => state === 'here').map(({ name }) => name);
  expect([...DIRECTIVES].sort()).toEqual(here.sort());
});

test('those of k8s-dns-node-cache are among them, so that a Corefile can go back and forth', () => {
  expect(GO_DIRECTIVES.filter((name) => !DIRECTIVES.includes(name))).toEqual([]);
  expect(GO_DIRECTIVES).not.toContain('ready');
});
