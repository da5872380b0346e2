/** The npm package in somebody else's project: what is in it, what an editor shows, and cdk8s apps in three dialects. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as ts from 'typescript';
import { CHART } from '../../../lib/chart/facts';
import { parsed, temporaryFolder } from '../../support/helm';
import { projectWithPackage } from '../../support/package';

const project = projectWithPackage(temporaryFolder());
const APP = `import { App, Chart } from 'cdk8s';
import { NodeLocalDns } from 'nodelocaldns';

const app = new App();
const chart = new Chart(app, 'dns', { disableResourceNameHashes: true });
new NodeLocalDns(chart, 'cache', { values: { clusterDomain: 'a.example' } });
process.stdout.write(app.synthYaml());
`;
const names = (yaml: string): string[] => parsed(yaml).map(({ kind, metadata }) => `${kind} ${metadata.name}`);

/** Exported names, and members of exported interfaces, without a comment or without the default that they have. */
function unsaid(program: ts.Program): string[] {
  const checker = program.getTypeChecker();
  const index = program.getSourceFiles().find(({ fileName }) => fileName.endsWith('nodelocaldns/dist/index.d.ts'))!;
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(index)!).map((symbol) => {
    return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  });
  const isGroup = (symbol: ts.Symbol): boolean => {
    const { type } = (symbol.valueDeclaration ?? {}) as ts.PropertySignature;
    return type !== undefined && ts.isTypeLiteralNode(type);
  };
  const isShown = ({ flags, valueDeclaration }: ts.Symbol): boolean =>
    Boolean(flags & ts.SymbolFlags.Property) &&
    !(ts.getCombinedModifierFlags(valueDeclaration!) & ts.ModifierFlags.Private);
  let seen = 0;
  const complaints = (symbol: ts.Symbol, path: string): string[] => {
    seen++;
    const said = symbol.getDocumentationComment(checker).length > 0;
    const mayBeLeftOut = Boolean(symbol.flags & ts.SymbolFlags.Optional) && !isGroup(symbol);
    const hasDefault = symbol.getJsDocTags().some(({ name }) => name === 'default');
    const members = [...(symbol.members?.values() ?? [])].filter(isShown);
    const group = isGroup(symbol)
      ? checker.getPropertiesOfType(checker.getNonNullableType(checker.getTypeOfSymbol(symbol)))
      : [];
    return [
      ...(said ? [] : [`${path}: no word`]),
      ...(mayBeLeftOut && !hasDefault ? [`${path}: no @default`] : []),
      ...[...members, ...group].flatMap((member) => complaints(member, `${path}.${member.name}`)),
    ];
  };
  const found = exported.flatMap((symbol) => complaints(symbol, symbol.name));
  expect(seen).toBeGreaterThan(150); // The values are among them.
  return found;
}

describe('the npm package', () => {
  test('holds the compiled constructs and their types, and nothing of the cache, the tests or the chart', () => {
    const foreign = project.files.filter((file) => !/^dist\/[\w/-]+\.(js|d\.ts)$/.test(file));
    expect(foreign.filter((file) => !/^README\.[\w-]+\.md$/.test(file)).sort()).toEqual([
      'LICENSE',
      'README.md',
      'package.json',
    ]);
    expect(project.files).toEqual(expect.arrayContaining(['dist/index.js', 'dist/index.d.ts', 'dist/command.js']));
  });

  test('opens its front door only', () => {
    const { status, stderr } = project.node('-e', "require('nodelocaldns/dist/helm/app')");
    expect(status).toBe(1);
    expect(stderr).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  test('has a command that writes manifests', () => {
    const values = project.write('values.yaml', 'clusterDomain: a.example\n');
    const { stdout, status } = project.node('node_modules/nodelocaldns/dist/command.js', 'manifests', '-f', values);
    expect(status).toBe(0);
    expect(stdout).toContain('a.example:53 {');
  });
});

describe('somebody’s cdk8s app', () => {
  const commonJs = APP.replace(/^import (.*) from (.*);$/gm, 'const $1 = require($2);');
  const { stdout: written } = project.node(project.write('app.js', commonJs));

  test('in plain JavaScript has the DaemonSet of the chart', () => {
    expect(names(written)).toContain('DaemonSet node-local-dns');
    expect(written).toContain('a.example:53 {');
    expect(written).toContain(`app.kubernetes.io/version: ${CHART.appVersion}\n`);
  });

  test('as an ECMAScript module writes the same', () => {
    expect(project.node(project.write('app.mjs', APP)).stdout).toBe(written);
  });

  test('in strict TypeScript compiles against our types, every one of which is checked, and writes the same', () => {
    const file = project.write('app.ts', APP);
    const flags = ['--strict', '--target', 'es2022', '--module', 'nodenext', '--types', 'node', '--outDir', 'out'];
    expect(project.compile(file, ...flags)).toMatchObject({ stdout: '', status: 0 });
    expect(project.node('out/app.js').stdout).toBe(written);
  });

  test('takes the parts alone: the ConfigMap without the cache, the alerts and the scraping without either', () => {
    const values = {
      serviceMonitor: { interval: '7s' },
      zones: { cluster: { cache: { success: { ttlSeconds: 17 } } } },
    };
    const parts = `const { App, Chart } = require('cdk8s');
const { CacheAlerts, CacheConfigMap, CacheServiceMonitor, completeInstallation } = require('nodelocaldns');
const chart = new Chart(new App(), 'own', { disableResourceNameHashes: true, labels: { team: 'dns' } });
const installation = completeInstallation({ values: ${JSON.stringify(values)}, release: { namespace: 'dns' } });
for (const Part of [CacheConfigMap, CacheAlerts, CacheServiceMonitor]) new Part(chart, Part.name, installation);
process.stdout.write(JSON.stringify(chart.toJson()));
`;
    const { stdout } = project.node(project.write('parts.js', parts));
    const objects = JSON.parse(stdout) as { kind: string; metadata: { namespace: string; labels: object } }[];
    expect(objects.map(({ kind }) => kind).sort()).toEqual(['ConfigMap', 'PrometheusRule', 'ServiceMonitor']);
    for (const { metadata } of objects) {
      expect(metadata).toMatchObject({
        namespace: 'dns',
        labels: { team: 'dns', 'app.kubernetes.io/name': CHART.name },
      });
    }
    expect(stdout).toContain('success 9984 17');
    expect(stdout).toContain('"interval":"7s"');
  });

  test('is told at once, by name, of values that cannot work together', () => {
    const wrong = "require('nodelocaldns').completeInstallation({ values: { ports: { health: 9253 } } })";
    expect(project.node('-e', wrong).stderr).toContain('RangeError: ports.health and ports.metrics are both 9253');
  });
});

describe('lib/README.md', () => {
  test('shows an app that runs, and parts that fit into it', () => {
    const readme = fs.readFileSync(path.join(__dirname, '../../../lib/README.md'), 'utf8');
    const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) => block);
    expect(blocks.length).toBeGreaterThan(1);
    const [app, ...parts] = blocks;
    const text = `${[app.replace(/^app\.synth.*\n/m, ''), ...parts].join('')}console.log(app.synthYaml());\n`;
    const { stdout, stderr } = project.node(project.write('readme.mjs', text));
    expect(stderr).toBe('');
    expect(names(stdout)).toEqual(
      expect.arrayContaining(['DaemonSet node-local-dns', 'PrometheusRule node-local-dns']),
    );
  });
});

describe('an editor', () => {
  const text = `import { NodeLocalDns, type NodeLocalDnsProps } from 'nodelocaldns';
export const props: NodeLocalDnsProps = {
  values: {
    clusterDomain: 'a.example',
    image: { pullPolicy: 'Sometimes' },
    ports: { health: '8080' },
    zones: { cluster: { cache: { sucess: {} } } },
  },
};
`;
  const file = project.write('props.ts', text);
  const service = ts.createLanguageService({
    getScriptFileNames: () => [file],
    getScriptVersion: () => '1',
    getScriptSnapshot: (name) => {
      const content = ts.sys.readFile(name);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => project.folder,
    getCompilationSettings: () => ({ module: ts.ModuleKind.NodeNext, strict: true, skipLibCheck: true, types: [] }),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
  });
  const hover = (name: string): string => {
    const { documentation = [], tags = [] } = service.getQuickInfoAtPosition(file, text.indexOf(name)) ?? {};
    return [...documentation, ...tags.flatMap((tag) => [{ text: `@${tag.name} ` }, ...(tag.text ?? [])])]
      .map((part) => part.text)
      .join('');
  };

  test('shows the sentence, the limits and the default of a value', () => {
    expect(hover('clusterDomain')).toContain('DNS domain of the cluster');
    expect(hover('clusterDomain')).toContain('@default "cluster.local"');
    expect(hover('health')).toMatch(/From 1 to 65535\.@default 8080/);
  });

  test('shows what a group is for', () => {
    expect(hover('cache:')).not.toBe('');
  });

  test('has a word for everything that is exported, and the default of what may be left out', () => {
    expect(unsaid(service.getProgram()!)).toEqual([]);
  });

  test('underlines a misspelt name, a text where a number is meant, and a choice that there is not', () => {
    const problems = service.getSemanticDiagnostics(file);
    const lines = problems.map(({ start = 0 }) => text.slice(0, start).split('\n').length).sort();
    const messages = problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' ')).join('\n');
    expect(lines).toEqual([5, 6, 7]);
    expect(messages).toContain("'sucess' does not exist");
    expect(messages).toContain('\'"Sometimes"\' is not assignable to type');
  });
});
