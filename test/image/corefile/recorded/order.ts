/** Several mistakes in one file: which is told decides the order of the directives, not that of the lines. */
import { block, type Written } from './case';

/** A wrong line of each directive. */
const WRONG: Readonly<Record<string, string>> = {
  timeouts: 'timeouts',
  reload: 'reload x',
  bufsize: 'bufsize x',
  bind: 'bind x',
  debug: 'debug x',
  trace: 'trace {\nfoo\n}',
  health: 'health :x:y',
  pprof: 'pprof x:y:z',
  prometheus: 'prometheus x:y:z',
  errors: 'errors x',
  log: 'log {\nclass foo\n}',
  dns64: 'dns64 x',
  loadbalance: 'loadbalance foo',
  cache: 'cache 0',
  rewrite: 'rewrite',
  template: 'template foo',
  hosts: 'hosts {\nttl x\n}',
  loop: 'loop x',
  forward: 'forward . x',
  whoami: 'whoami x',
  kubernetes: 'kubernetes',
  sign: 'sign',
};
const NAMES = Object.keys(WRONG);
const PAIRS = NAMES.slice(1).map((name, index) => [name, NAMES[index]]);

export const ORDER: readonly Written[] = [
  // Each alone, then with its neighbour before it in the file: the order must come from elsewhere.
  ...NAMES.map((name) => block(WRONG[name])),
  ...PAIRS.map(([later, earlier]) => block(WRONG[later], WRONG[earlier])),
  // Across blocks: a directive is set up in all blocks before the next directive is.
  `a {\n ${WRONG.forward}\n}\nb {\n ${WRONG.bind}\n}`,
  `a {\n ${WRONG.cache}\n}\nb {\n ${WRONG.errors}\n}`,
  `a {\n ${WRONG.cache}\n}\nb {\n ${WRONG.cache}\n}`,
  // The parser's before any setup's; keys' before setups'; setups' before listeners'.
  `a {\n ${WRONG.bind}\n foo\n}`,
  `a: {\n ${WRONG.bind}\n}`,
  `a: {\n foo\n}`,
  `a a {\n ${WRONG.forward}\n}`,
  `a a:70000 {\n ${WRONG.forward}\n}`,
  'a a b:70000 {\n}',
  'a:70000 {\n}\nb b {\n}',
  'a..b {\n}\na: {\n}',
  'a {\n kubernetes\n}\nb {\n bind x\n}',
  'a {\n kubernetes\n foo\n}',
];
