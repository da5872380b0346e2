/** Values of another chart: its defaults beneath a user's, and which of the user's nobody looked at. */
import type { Draft } from './draft';

/** Values as parsed. */
export type Tree = { readonly [name: string]: unknown };

/** What to do about an image that came from elsewhere than registry.k8s.io. */
export const OWN_REGISTRY =
  'came from a registry of your own: copy the new image there and set image.registry and image.repository';

/** A reader that remembers what it was asked for. */
export class PeerValues {
  private readonly asked = new Set<string>();
  private readonly defaults: Tree;
  private readonly given: Tree;

  /**
   * @param defaults those of the chart that matter, by path: `config.localDns`
   * @param given what the user wrote
   */
  constructor(defaults: Tree, given: Tree) {
    this.defaults = defaults;
    this.given = given;
  }

  /** The user's value at a path or the chart's own; undefined when neither has one. Null counts as not given. */
  get<T>(path: string): T | undefined {
    this.asked.add(path);
    return (at(this.given, path.split('.')) ?? this.defaults[path]) as T | undefined;
  }

  /** As `get`, of text or number, as the chart prints it; empty for none. */
  text(path: string): string {
    return String(this.get(path) ?? '');
  }

  /** As `get`, of a switch, as a template's `if` takes it. */
  isOn(path: string): boolean {
    return Boolean(this.get(path));
  }

  /**
   * Remark on what the user set and nobody asked for.
   * @param reasons path, or the beginning of one, to the reason; empty where there is nothing to say
   */
  remarkOnRest(draft: Draft, reasons: Readonly<Record<string, string>>): void {
    for (const path of leaves(this.given, '')) {
      if ([...this.asked].some((asked) => path === asked || path.startsWith(`${asked}.`))) continue;
      const reason = Object.keys(reasons).find((start) => path === start || path.startsWith(`${start}.`));
      if (reason === undefined) draft.note(path, 'has no counterpart here');
      else if (reasons[reason] !== '') draft.note(path, reasons[reason]);
    }
  }
}

/** Lines of a Corefile, each indented by the braces it stands in. */
export function indented(lines: readonly string[]): string {
  let depth = 0;
  return lines
    .map((line) => {
      if (line === '}') depth--;
      const text = `${'    '.repeat(depth)}${line}`.trimEnd();
      if (line.endsWith('{')) depth++;
      return `${text}\n`;
    })
    .join('');
}

function at(tree: unknown, names: readonly string[]): unknown {
  return names.reduce<unknown>((below, name) => (below as Tree | null | undefined)?.[name], tree);
}

/** Paths of what is set to something; what stands beside `enabled: false` is not. */
function leaves(tree: Tree, prefix: string): string[] {
  if (tree.enabled === false) return [];
  return Object.entries(tree).flatMap(([name, value]) => {
    const isTree = typeof value === 'object' && value !== null && !Array.isArray(value);
    const isNothing = !value || (Array.isArray(value) && value.length === 0);
    return isTree ? leaves(value as Tree, `${prefix}${name}.`) : isNothing ? [] : [prefix + name];
  });
}
