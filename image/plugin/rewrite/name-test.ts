/** Which names a rule is for. */
import { Expression } from './expression';
import type { NameMatch } from './rules';

/** Does a lower-case FQDN pass? */
export type NameTest = (name: string) => boolean;

/** Make the test; an expression is compiled once. @source coredns plugin/rewrite/ttl.go, rcode.go at v1.13.2 */
export function nameTest({ kind, from }: NameMatch): NameTest {
  switch (kind) {
    case 'exact':
      return (name) => name === from;
    case 'prefix':
      return (name) => name.startsWith(from);
    case 'suffix':
      return (name) => name.endsWith(from);
    case 'substring':
      return (name) => name.includes(from);
    case 'regex': {
      const expression = new Expression(from, '');
      return (name) => expression.isIn(name);
    }
  }
}

/** What a name becomes; undefined when the rule is not for it. */
export type NameChange = (name: string) => string | undefined;

/** Make the change of a `name` or `cname` rule. @source coredns plugin/rewrite/name.go, cname_target.go at v1.13.2 */
export function nameChange({ kind, from }: NameMatch, to: string): NameChange {
  switch (kind) {
    case 'exact':
      return (name) => (name === from ? to : undefined);
    case 'prefix':
      return (name) => (name.startsWith(from) ? to + name.slice(from.length) : undefined);
    case 'suffix':
      return (name) => (name.endsWith(from) ? name.slice(0, name.length - from.length) + to : undefined);
    case 'substring':
      return (name) => (name.includes(from) ? name.replaceAll(from, () => to) : undefined);
    case 'regex': {
      const expression = new Expression(from, to);
      return (name) => expression.replace(name);
    }
  }
}
