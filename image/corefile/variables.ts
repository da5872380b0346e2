/** `{$NAME}` and `{%NAME%}` in a token become the variable's value. */
import { ENVIRONMENT_STEPS_MAX, ENVIRONMENT_TEXT_MAX } from '../limits';
import { CorefileError, text } from './errors';

type Variables = Readonly<Record<string, string | undefined>>;

/** Replace references that begin with `open` and end with `close` until none is left, those in values included. */
function replaceReferences(value: string, open: string, close: string, variables: Variables): string {
  let result = value;
  for (let step = 0; ; step++) {
    const begin = result.indexOf(open);
    const end = begin === -1 ? -1 : result.indexOf(close, begin);
    if (end <= begin + open.length) return result; // None, not closed, or without a name: all stop the replacing.
    const reference = result.slice(begin, end + close.length);
    const name = result.slice(begin + open.length, end);
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined; // `toString` is none.
    result = result.split(reference).join(value ?? '');
    // CoreDNS hangs on a variable that holds a reference to itself.
    if (step >= ENVIRONMENT_STEPS_MAX || result.length > ENVIRONMENT_TEXT_MAX) {
      throw new CorefileError(text.variableNeverEnds(name));
    }
  }
}

/**
 * A token's text with its variables replaced: first all `{%NAME%}`, then all `{$NAME}`; what is not set is empty. The
 * result stays one token, blanks or not.
 * @throws CorefileError when a variable refers to itself
 * @source coredns/caddy caddyfile/parse.go
 */
export function replaceVariables(value: string, variables: Variables): string {
  if (!value.includes('{')) return value;
  return replaceReferences(replaceReferences(value, '{%', '%}', variables), '{$', '}', variables);
}
