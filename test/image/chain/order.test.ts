import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DIRECTIVES } from '../../../image/chain/order';
import { SETUPS } from '../../../image/plugin/setups';

const names = DIRECTIVES.map(({ name }) => name);
const inState = (state: string) => DIRECTIVES.filter((directive) => directive.state === state).map(({ name }) => name);

test('every directive stands once', () => {
  expect(new Set(names).size).toBe(names.length);
  expect(names).toHaveLength(55); // CoreDNS 1.13.2.
});

test('what is here has a setup and a folder with the form’s files, and nothing else has', () => {
  const folder = join(__dirname, '../../../image/plugin');
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(Object.keys(SETUPS).sort()).toEqual(inState('here').sort());
  expect(folders.map(({ name }) => name).sort()).toEqual(inState('here').sort());
  for (const { name } of folders) {
    expect(readdirSync(join(folder, name))).toEqual(expect.arrayContaining(['README.md', 'setup.ts']));
  }
});

test('what is here is what k8s-dns-node-cache 1.26.8 has', () => {
  // kubernetes/dns cmd/node-cache: twenty by name, dnstap and metadata because others import them.
  const nodeCache =
    'bind bufsize cache debug dns64 dnstap errors forward health hosts loadbalance log loop metadata pprof prometheus ' +
    'reload rewrite template timeouts trace whoami';
  // Not in node-cache, but asked for by its users.
  const more = 'acl any cancel chaos header local minimal nsid ready'.split(' ');
  const known = inState('here').filter((name) => !more.includes(name));
  expect(known.sort()).toEqual(nodeCache.split(' '));
});

test.each([
  ['prometheus', 'errors', 'errors are part of the time measured'],
  ['errors', 'cache', 'a failed refresh is reported'],
  ['log', 'cache', 'hits are logged'],
  ['cache', 'template', 'template answers are kept'],
  ['template', 'hosts', 'as in CoreDNS'],
  ['acl', 'cache', 'no kept answer goes around it'],
  ['nsid', 'cache', 'the cache keeps no options'],
  ['cache', 'header', 'as in CoreDNS 1.13.2'],
  ['hosts', 'forward', 'local names win'],
  ['loop', 'forward', 'what comes back is counted before it goes out again'],
  ['bind', 'loop', 'the probe goes to the bound address'],
])('%s stands before %s: %s', (first, second) => {
  expect(names.indexOf(first)).toBeGreaterThanOrEqual(0);
  expect(names.indexOf(first)).toBeLessThan(names.indexOf(second));
});
