/** All cases by topic. */
import { BLOCKS } from './blocks';
import type { Written } from './case';
import { IMPORTS } from './imports';
import { KEY_CASES } from './keys';
import { LEXER } from './lexer';
import { LISTENERS } from './listeners';
import { OPTIONS } from './options';
import { MORE } from './options-more';
import { ORDER } from './order';
import { VARIABLE_CASES } from './variables';

/** `more` is for a server with all the directives that k8s-dns-node-cache leaves out; the others for that one. */
export const TOPICS: Readonly<Record<string, readonly Written[]>> = {
  lexer: LEXER,
  blocks: BLOCKS,
  imports: IMPORTS,
  variables: VARIABLE_CASES,
  keys: KEY_CASES,
  listeners: LISTENERS,
  order: ORDER,
  options: OPTIONS,
  more: MORE,
};
