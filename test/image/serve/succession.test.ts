import { answersAlike, predecessors } from '../../../image/serve/succession';
import { planOf } from '../../support/corefile';

const BASE = 'cache 30\nforward . 192.0.2.1';
const blockOf = (body: string, key = '.') => planOf(`${key} {\n${body}\n}\n`).blocks[0];

test.each([
  ['the same', BASE, true],
  ['another order in the file', 'forward . 192.0.2.1\ncache 30', true],
  ['a log', `log\n${BASE}`, true],
  ['errors', `errors\n${BASE}`, true],
  ['metrics and health', `prometheus :9153\nhealth :8080\n${BASE}`, true],
  ['reload and loop', `reload\nloop\n${BASE}`, true],
  ['an address', `bind 127.0.0.1\n${BASE}`, true],
  ['another TTL', 'cache 31\nforward . 192.0.2.1', false],
  ['no cache', 'forward . 192.0.2.1', false],
  ['another upstream', 'cache 30\nforward . 192.0.2.2', false],
  ['an option of an upstream', 'cache 30\nforward . 192.0.2.1 {\nforce_tcp\n}', false],
  ['hosts', `hosts {\nfallthrough\n}\n${BASE}`, false],
  ['a template', `template IN A {\nrcode NXDOMAIN\n}\n${BASE}`, false],
])('a block with %s answers like before: %#', (_, body, isAlike) => {
  expect(answersAlike(blockOf(BASE), blockOf(body))).toBe(isAlike);
});

test('a block of other zones does not', () => {
  expect(answersAlike(blockOf(BASE), blockOf(BASE, 'test'))).toBe(false);
});

test('blocks are found wherever they moved, and none is inherited twice', () => {
  const before = planOf(`a {\n${BASE}\n}\nb {\n${BASE}\n}\n`);
  const next = planOf(`c {\n${BASE}\n}\nb {\n${BASE}\n}\na:54 {\n${BASE}\n}\na:53 {\n${BASE}\n}\n`);
  expect(predecessors(before, next)).toEqual([-1, 1, 0, -1]);
});
