/**
 * From a node-cache that runs, or the values of another chart, to values of this one:
 * `npx nodelocaldns migrate FILE… > values.yaml`.
 */
import * as fs from 'node:fs';
import { parseArgs } from 'node:util';
import { parseAllDocuments, stringify } from 'yaml';
import { manifests } from '../chart/manifests';
import type { UserValues } from '../values';
import { foundInDeliveryhero } from './deliveryhero';
import { Draft } from './draft';
import type { Found } from './found';
import { foundInKube10k } from './kube10k';
import { foundInLablabs } from './lablabs';
import { flatten, foundInObjects, type Manifest } from './manifest';
import type { Tree } from './peer-values';
import { carry } from './values-of';

/** What came of a migration. */
export interface Migration {
  /** What was read. */
  readonly source: string;
  readonly values: UserValues;
  /** What is not as it was, one line each. */
  readonly notes: readonly string[];
}

/** Charts whose values are read, with keys that none of the others has. */
const PEERS: Readonly<Record<string, { readonly keys: RegExp; readonly read: (draft: Draft, values: Tree) => Found }>> =
  {
    lablabs: {
      keys: /^(config\.(localDnsIp|zones|cilium)|image\.args|useHostNetwork|podmonitor)/,
      read: foundInLablabs,
    },
    kube10k: { keys: /^(serviceIP|coreDnsIP|ipvsMode|healthPort|metricsPort|kubeDnsNamespace)/, read: foundInKube10k },
    deliveryhero: { keys: /^(config\.|prometheusScraping|serviceMonitor|dashboard)/, read: foundInDeliveryhero },
  };

/**
 * @param documents of YAML: objects of Kubernetes, or values of a chart
 * @param from name of the chart whose values they are; found out when not given
 * @throws Error when they are neither, or the values that come out cannot work: the message says the repair
 */
export function migrate(documents: readonly unknown[], from?: string): Migration {
  const draft = new Draft();
  const trees = documents.filter((document): document is Tree => typeof document === 'object' && document !== null);
  const areObjects =
    trees.length > 0 && trees.every(({ kind, apiVersion }) => kind !== undefined && apiVersion !== undefined);
  const found =
    areObjects && from === undefined
      ? foundInObjects(draft, flatten(trees as unknown as Manifest[]))
      : readerOf(trees, from)(draft, Object.assign({}, ...trees) as Tree);
  carry(draft, found);
  manifests({ values: draft.values }); // Throws what an install would say.
  return { source: found.source, values: draft.values, notes: draft.notes };
}

function readerOf(trees: readonly Tree[], from: string | undefined): (draft: Draft, values: Tree) => Found {
  const names = Object.keys(PEERS).join(', ');
  if (from !== undefined) {
    if (!Object.hasOwn(PEERS, from)) throw new Error(`--from ${from} is no chart that is known: want one of ${names}`);
    return PEERS[from].read;
  }
  const paths = trees.flatMap((tree) =>
    Object.entries(tree).flatMap(([name, below]) => [
      name,
      ...Object.keys(Object(below)).map((key) => `${name}.${key}`),
    ]),
  );
  const peer = Object.values(PEERS).find(({ keys }) => paths.some((path) => keys.test(path)));
  if (peer === undefined)
    throw new Error(
      `These are neither objects of Kubernetes nor values of a chart that is known: name it with --from, one of ${names}`,
    );
  return peer.read;
}

/** values.yaml: under a comment with all that is not as it was. */
export function migrationText({ source, values, notes }: Migration): string {
  const head = [`Values for nodelocaldns, from ${source}.`];
  if (notes.length > 0) head.push('', 'Not as before:', ...notes.flatMap((note) => wrapped(note)));
  const body = Object.keys(values).length === 0 ? '{}\n' : stringify(values, { version: '1.1', lineWidth: 0 });
  return head.map((line) => `# ${line}`.trimEnd() + '\n').join('') + '\n' + body;
}

/** A list item of at most 100 columns a line. */
function wrapped(note: string): string[] {
  const lines = ['-'];
  for (const word of note.split(' ')) {
    const last = lines.at(-1)!;
    if (last.length + 1 + word.length <= 98) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`  ${word}`);
  }
  return lines;
}

/**
 * The command: files, `-` for standard input; `--from CHART` where the values do not tell whose they are.
 * @returns values.yaml for standard output
 * @throws Error with one message: a file that cannot be read, or see {@link migrate}
 */
export function migrateCommand(parameters: string[]): string {
  const { values: options, positionals } = parseArgs({
    args: parameters,
    options: { from: { type: 'string' } },
    allowPositionals: true,
  });
  if (positionals.length === 0) throw new Error('Nothing to migrate: name files, or - for standard input');
  const documents = positionals.flatMap((file) => {
    const text = fs.readFileSync(file === '-' ? 0 : file, 'utf8');
    return parseAllDocuments(text, { version: '1.1' }).map((document) => {
      if (document.errors.length > 0) throw new Error(`${file}: ${document.errors[0].message}`);
      return document.toJS() as unknown;
    });
  });
  return migrationText(migrate(documents, options.from));
}
