/** Workflow files: GitHub's own parser for their schema and expressions, and our rules for what they may do. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { buildSync } from 'esbuild';
import { parse } from 'yaml';
import packageJson from '../../package.json';
import * as rules from './rules';

const ROOT = path.join(__dirname, '../..');
const FOLDER = path.join(ROOT, '.github/workflows');
const NAMES = fs.readdirSync(FOLDER);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'workflows-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));
const read = (name: string): string => fs.readFileSync(path.join(FOLDER, name), 'utf8');
const workflow = (name: string): rules.Workflow => parse(read(name));

/** An expression; not as it is written, because a linter takes that for a template that lost its quotes. */
const expression = (text: string): string => `$\{{ ${text} }}`;

interface Parser {
  NoOperationTraceWriter: new () => object;
  parseWorkflow(file: object, trace: object): { value?: object; context: { errors: { getErrors(): Error[] } } };
  convertWorkflowTemplate(context: object, value: object): Promise<{ errors?: { Message: string }[] }>;
}

/** GitHub's parser is an ECMAScript module that imports JSON, which neither jest nor Node 20 takes: bundled, both do. */
function parser(): Parser {
  const outfile = path.join(folder, 'parser.cjs');
  const stdin = { contents: "export * from '@actions/workflow-parser';", resolveDir: ROOT };
  buildSync({ stdin, bundle: true, platform: 'node', format: 'cjs', outfile, logLevel: 'error' });
  return require(outfile) as Parser;
}

async function faults(text: string): Promise<string[]> {
  const { parseWorkflow, convertWorkflowTemplate, NoOperationTraceWriter } = parser();
  const { value, context } = parseWorkflow({ name: 'it', content: text }, new NoOperationTraceWriter());
  if (value === undefined) return context.errors.getErrors().map(({ message }) => message);
  return ((await convertWorkflowTemplate(context, value)).errors ?? []).map(({ Message }) => Message);
}

describe.each(NAMES)('%s', (name) => {
  test('is a workflow to GitHub’s parser', async () => {
    expect(await faults(read(name))).toEqual([]);
  });

  test('uses actions by commit, with the version beside it, and inputs that they have', () => {
    expect(rules.unpinned(read(name))).toEqual([]);
    expect(rules.strangeInputs(workflow(name))).toEqual([]);
  });

  test('asks for no right in general, and leaves no token behind', () => {
    expect(rules.lavish(workflow(name))).toEqual([]);
    expect(rules.rememberedTokens(workflow(name))).toEqual([]);
  });

  test('has scripts that a shell reads and that no expression is pasted into', () => {
    expect(rules.brokenScripts(workflow(name))).toEqual([]);
    expect(rules.pasted(workflow(name))).toEqual([]);
  });

  test('ends, and names what this repository has', () => {
    expect(rules.endless(workflow(name))).toEqual([]);
    const exists = (file: string) => fs.existsSync(path.join(ROOT, file));
    expect(rules.missing(workflow(name), Object.keys(packageJson.scripts), exists)).toEqual([]);
  });
});

describe('test.yml', () => {
  const { jobs } = workflow('test.yml') as unknown as {
    jobs: { run: { strategy: { matrix: { include: { node: number; steps: string }[] } } } };
  };

  test('runs each step of .ci/run, the image’s in its own job', () => {
    const [, all] = fs.readFileSync(path.join(ROOT, '.ci/run'), 'utf8').match(/^STEPS=\((.*)\)$/m) ?? [];
    const [newest] = jobs.run.strategy.matrix.include;
    expect(newest.steps.split(' ').sort()).toEqual(
      all
        .split(' ')
        .filter((step) => step !== 'image')
        .sort(),
    );
  });

  test('names only steps that .ci/run has', () => {
    const script = fs.readFileSync(path.join(ROOT, '.ci/run'), 'utf8');
    const steps = jobs.run.strategy.matrix.include.flatMap((each) => each.steps.split(' '));
    for (const step of steps) expect(script).toContain(`\nstep_${step}() {`);
  });

  test('tests on the oldest Node that package.json admits', () => {
    expect(jobs.run.strategy.matrix.include.map(({ node }) => `>=${node}`)).toContain(packageJson.engines.node);
  });
});

describe('release.yml', () => {
  const { jobs } = workflow('release.yml');

  test('publishes nothing before the tests have passed', () => {
    const before = (name: string): string[] => {
      const needed = [jobs[name].needs ?? []].flat();
      return [...needed, ...needed.flatMap(before)];
    };
    const publishing = Object.entries(jobs).filter(([, { permissions }]) => /write/.test(JSON.stringify(permissions)));
    expect(publishing.map(([name]) => name)).toEqual(['image', 'chart', 'npm', 'page']);
    for (const [name] of publishing) expect(before(name)).toEqual(expect.arrayContaining(['packages', 'test']));
  });

  test('signs what it pushes, by digest', () => {
    const signed = read('release.yml').match(/cosign (?:sign|attest) .*/g) ?? [];
    expect(signed).toHaveLength(3);
    for (const line of signed) expect(line).toMatch(/"\$(IMAGE|CHART)@\$(DIGEST|below)"$/);
  });
});

describe('SECURITY.md', () => {
  const text = fs.readFileSync(path.join(ROOT, 'SECURITY.md'), 'utf8');
  const home = packageJson.repository.url.replace(/^git\+|\.git$/g, '');
  const owner = home.split('/').at(-2);

  test('verifies the identity of release.yml, which a tag starts', () => {
    const [, file] = text.match(/^SIGNER=(\S+)@refs\/tags\/v\$V$/m) ?? [];
    expect(file).toBe(`${home}/.github/workflows/release.yml`);
    expect(workflow('release.yml')).toHaveProperty('on.push.tags');
  });

  test('verifies the image and the chart that release.yml pushes', () => {
    const { env } = parse(read('release.yml')) as { env: Record<'IMAGE' | 'CHART', string> };
    for (const pushed of [env.IMAGE, env.CHART]) {
      const name = pushed.replace(expression('github.repository_owner'), owner ?? '');
      expect(text).toContain(`--certificate-identity $SIGNER ${name}:$V\n`);
    }
  });
});

describe('dependabot.yml', () => {
  test('moves every kind of pin there is', () => {
    const { version, updates } = parse(fs.readFileSync(path.join(ROOT, '.github/dependabot.yml'), 'utf8'));
    expect(version).toBe(2);
    const kinds = updates.map((each: Record<string, string>) => `${each['package-ecosystem']} ${each.directory}`);
    expect(kinds).toEqual(['github-actions /', 'npm /', 'docker /image']);
  });
});

describe('each rule sees what it is there for', () => {
  const SHA = '3d3c42e5aac5ba805825da76410c181273ba90b1';
  const of = (...steps: rules.Step[]): rules.Workflow => ({ jobs: { a: { steps } } });

  test.each([
    ['an event', 'on: {push: {tag: [v1]}}\njobs: {a: {runs-on: x, steps: [{run: x}]}}', "Unexpected value 'tag'"],
    ['a key', 'on: push\njobs: {a: {runs-on: x, steps: [{run: x, shel: sh}]}}', "Unexpected value 'shel'"],
    ['a name', `on: push\njobs: {a: {runs-on: x, steps: [{run: "${expression('foo.bar')}"}]}}`, "named-value: 'foo'"],
    ['a job', 'on: push\njobs: {a: {runs-on: x}, b: {needs: c, runs-on: x, steps: [{run: x}]}}', "unknown job 'c'"],
  ])('schema: %s that there is not', async (_, text, message) => {
    expect((await faults(text)).join('\n')).toContain(message);
  });

  test.each([
    [`- uses: actions/checkout@${SHA} # v7.0.1`, 0],
    ['  uses: ./.github/workflows/test.yml', 0],
    ['- uses: actions/checkout@v7', 1],
    [`- uses: actions/checkout@${SHA}`, 1],
    [`- uses: actions/checkout@${SHA.slice(1)} # v7.0.1`, 1],
    [`- uses: actions/checkout@${SHA} # v7`, 1],
  ])('pins: %s', (text, count) => {
    expect(rules.unpinned(text)).toHaveLength(count);
  });

  test('rights', () => {
    expect(rules.lavish({ permissions: {}, jobs: { a: { permissions: { contents: 'read' } } } })).toEqual([]);
    expect(rules.lavish({ jobs: { a: { permissions: 'write-all' } } })).toHaveLength(2);
    expect(rules.lavish({ permissions: { contents: 'read' }, jobs: { a: {} } })).toHaveLength(2);
  });

  test('steps', () => {
    const checkout = { uses: `actions/checkout@${SHA}` };
    expect(rules.rememberedTokens(of(checkout))).toHaveLength(1);
    expect(rules.rememberedTokens(of({ ...checkout, with: { 'persist-credentials': false } }))).toEqual([]);
    expect(rules.pasted(of({ run: `true\necho ${expression('github.head_ref')}` }))).toEqual([
      `echo ${expression('github.head_ref')}`,
    ]);
    expect(rules.brokenScripts(of({ run: 'if true; then' }, { run: 'true' }))).toHaveLength(1);
    expect(rules.strangeInputs(of({ ...checkout, with: { 'fetch-dept': 0 } }))).toEqual([
      "actions/checkout: no input 'fetch-dept'",
    ]);
    expect(rules.strangeInputs(of({ uses: 'some/body@v1' }))).toHaveLength(1);
    expect(rules.endless(of())).toEqual(['a']);
  });

  test('names of scripts and files', () => {
    const run = of({ run: 'npm run here && npm run --silent gone\n.ci/run x\n.ci/gone' });
    expect(rules.missing(run, ['here'], (file) => file === '.ci/run')).toEqual(['gone', '.ci/gone']);
  });
});
