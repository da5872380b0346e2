import { replaceVariables } from '../../../image/corefile/variables';

const VARIABLES = {
  A: 'a',
  EMPTY: '',
  NEST: 'b{$A}c',
  PERCENT: 'b{%A%}c',
  CASH: 'b{$A}c',
  SELF: '{$SELF}',
  GROW: 'x{$GROW}{$GROW}',
  MONEY: "$& $' $1",
};

test.each([
  ['no reference', 'plain', 'plain'],
  ['a brace alone', '{', '{'],
  ['of the shell’s kind', '{$A}', 'a'],
  ['of the other kind', '{%A%}', 'a'],
  ['every one, wherever it stands', 'x{$A}y{%A%}z{$A}', 'xayaza'],
  ['what is not set is nothing', 'x{$NONE}y', 'xy'],
  ['what is empty is nothing', '{$EMPTY}', ''],
  ['a value’s own references too', '{$NEST}', 'bac'],
  ['percent first, then dollar', '{%CASH%}', 'bac'],
  ['so a percent in a dollar’s value stays', '{$PERCENT}', 'b{%A%}c'],
  ['a reference without a name ends it', '{$A}{$}{$NEST}', 'a{$}{$NEST}'],
  ['a reference that is not closed stays', '{$A', '{$A'],
  ['mixed kinds are none', '{$A%}{%A}', '{%A}'],
  ['a value is a text, not a pattern', '{$MONEY}', "$& $' $1"],
  ['names of every object are not set', '{$toString}{$__proto__}', ''],
])('%s: %j becomes %j', (_, value, replaced) => {
  expect(replaceVariables(value, VARIABLES)).toBe(replaced);
});

test.each(['SELF', 'GROW'])('%s refers to itself and is named', (name) => {
  expect(() => replaceVariables(`x{$${name}}`, VARIABLES)).toThrow(
    `environment variable "${name}" refers to itself, so its replacement never ends: give it a plain value`,
  );
});
