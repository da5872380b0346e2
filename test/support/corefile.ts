/** Corefiles on a machine made of nothing: files, interfaces and variables are what the test says. */
import { resolve } from 'node:path';
import type { Environment, NetworkInterface } from '../../image/corefile/environment';
import { CorefileError } from '../../image/corefile/errors';
import { loadPlan } from '../../image/corefile/load';
import type { Plan } from '../../image/corefile/plan';

export interface Machine {
  /** Absolute path to text; a path that ends in `/` is an empty directory. */
  readonly files?: Readonly<Record<string, string>>;
  readonly interfaces?: readonly NetworkInterface[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly lookUpHost?: Environment['lookUpHost'];
}

function fileError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** An {@link Environment} in `/etc`, with the warnings it was given. */
export function fakeEnvironment(machine: Machine = {}): Environment & { readonly warnings: string[] } {
  const files = machine.files ?? {};
  const paths = Object.keys(files);
  const warnings: string[] = [];
  const isDirectory = (path: string) =>
    ['/', '/etc'].includes(path) || paths.some((file) => file.startsWith(`${path.replace(/\/$/, '')}/`));
  return {
    warnings,
    variables: machine.variables ?? {},
    workingDirectory: '/etc',
    readFile(name) {
      const path = name && resolve('/etc', name);
      if (files[path] !== undefined) return files[path];
      throw fileError(isDirectory(path) ? 'EISDIR' : 'ENOENT');
    },
    pathKind(name) {
      const path = name && resolve('/etc', name);
      return files[path] !== undefined ? 'file' : isDirectory(path) ? 'directory' : 'missing';
    },
    listDirectory(path) {
      const prefix = path === '/' ? '/' : `${path.replace(/\/$/, '')}/`;
      const inside = paths.filter((file) => file.startsWith(prefix)).map((file) => file.slice(prefix.length));
      return [...new Set(inside.map((rest) => rest.split('/')[0]))].filter((name) => name !== '').sort();
    },
    listInterfaces: () => machine.interfaces ?? [],
    lookUpHost: machine.lookUpHost,
    warn: (line) => warnings.push(line),
  };
}

/** The plan of a Corefile called `Cf` on port 53. */
export function planOf(content: string, machine: Machine = {}): Plan {
  return loadPlan(content, { file: 'Cf', dnsPort: 53, environment: fakeEnvironment(machine) });
}

/** The message a Corefile called `Cf` is refused with; undefined when it is accepted. */
export function refusal(content: string, machine: Machine = {}): string | undefined {
  try {
    planOf(content, machine);
    return undefined;
  } catch (error) {
    if (error instanceof CorefileError) return error.message;
    throw error;
  }
}

/** The options that `body`, the lines of a server block `example.org`, gives to the plugin `name`. */
export function optionsOf<Options>(name: string, body: string, machine: Machine = {}): Options {
  const plugin = planOf(`example.org {\n${body}\n}`, machine).blocks[0].plugins.find((found) => found.name === name);
  if (plugin === undefined) throw new Error(`no ${name} in the plan`);
  return plugin.options as Options;
}

/** The message for `body` as the lines of a server block; its first line is line 2 of `Cf`. */
export function bodyRefusal(body: string, machine: Machine = {}): string | undefined {
  return refusal(`example.org {\n${body}\n}`, machine);
}
