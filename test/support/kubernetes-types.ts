/**
 * What API servers of several ages know: TypeScript's types of every kind, from the packages `kubernetes-types` (one per
 * age) and `kubernetes-models` (the newest). The compiler refuses fields that a kind does not have at any depth, missing
 * ones, and wrong types. In memory; nothing is written.
 */
import * as path from 'node:path';
import ts from 'typescript';
import type { Manifest } from './helm';

const ROOT = path.join(__dirname, '../..');

/** Where a type is, by `apiVersion kind`: module of kubernetes-types, module of kubernetes-models, name. */
const KINDS: Readonly<Record<string, readonly [string, string, string]>> = {
  'v1 ConfigMap': ['core/v1', 'v1', 'ConfigMap'],
  'v1 Pod': ['core/v1', 'v1', 'Pod'],
  'v1 Service': ['core/v1', 'v1', 'Service'],
  'v1 ServiceAccount': ['core/v1', 'v1', 'ServiceAccount'],
  'apps/v1 DaemonSet': ['apps/v1', 'apps/v1', 'DaemonSet'],
  'batch/v1 Job': ['batch/v1', 'batch/v1', 'Job'],
  'networking.k8s.io/v1 NetworkPolicy': ['networking/v1', 'networking.k8s.io/v1', 'NetworkPolicy'],
};

/** Packages by version of Kubernetes: all that there are of the versions that the chart admits. */
export const TYPES: Readonly<Record<string, string>> = {
  '1.21': 'kubernetes-types-1.21',
  '1.25': 'kubernetes-types-1.25',
  '1.26': 'kubernetes-types-1.26',
  '1.29': 'kubernetes-types-1.29',
  '1.30': 'kubernetes-types',
  '1.33': 'kubernetes-models',
};

/** Whether the kind is one of Kubernetes itself, and no custom resource. */
export const isBuiltIn = ({ apiVersion, kind }: Manifest): boolean => `${apiVersion} ${kind}` in KINDS;

/** A statement that types one object. */
function statement(version: string, manifest: Manifest, index: number): string {
  const known = KINDS[`${manifest.apiVersion} ${manifest.kind}`];
  const [age, newest, name] = known ?? [];
  const type =
    version === '1.33'
      ? `import('${TYPES[version]}/${newest}').I${name}`
      : `import('${TYPES[version]}/${age}').${name}`;
  const said = known === undefined ? 'never' : type;
  return `export const object${index}: ${said} = ${JSON.stringify(manifest, null, 1)};\n`;
}

/**
 * What the types of a version have against objects, by a name that the caller gives them.
 * @param groups objects by name
 * @returns complaints by version and name, `DaemonSet node-local-dns: Object literal may only specify …`
 */
export function typeComplaints(
  groups: Readonly<Record<string, readonly Manifest[]>>,
): Record<string, Record<string, string[]>> {
  const files = new Map<string, string>();
  const fileOf = (version: string, name: string): string => path.join(ROOT, `typed-${version}-${name}.ts`);
  for (const version of Object.keys(TYPES)) {
    for (const [name, manifests] of Object.entries(groups)) {
      files.set(fileOf(version, name), manifests.map((one, index) => statement(version, one, index)).join(''));
    }
  }
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    lib: ['lib.es2022.d.ts'],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (file) => files.get(file) ?? readFile(file);
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.getSourceFile = (file, language, ...more) => {
    const text = files.get(file);
    return text === undefined ? getSourceFile(file, language, ...more) : ts.createSourceFile(file, text, language);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  const complaints = (version: string, name: string): string[] => {
    const source = program.getSourceFile(fileOf(version, name)) as ts.SourceFile;
    return program.getSemanticDiagnostics(source).map(({ start, messageText }) => {
      const index = source.statements.findIndex(({ pos, end }) => pos <= Number(start) && Number(start) < end);
      const { kind, metadata } = groups[name][index];
      return `${kind} ${metadata.name}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
  };
  const named = (version: string) => Object.keys(groups).map((name) => [name, complaints(version, name)]);
  return Object.fromEntries(Object.keys(TYPES).map((version) => [version, Object.fromEntries(named(version))]));
}
