/** Rules for workflow files beyond their schema. Each takes a workflow and returns what is wrong with it, a line each. */
import { spawnSync } from 'node:child_process';

/** A step, as far as the rules look. */
export interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

/** A job: of steps, or another workflow. */
export interface Job {
  readonly uses?: string;
  readonly steps?: readonly Step[];
  readonly needs?: string | readonly string[];
  readonly permissions?: Readonly<Record<string, string>> | string;
  readonly 'timeout-minutes'?: number;
}

/** A workflow file, parsed. */
export interface Workflow {
  readonly permissions?: Readonly<Record<string, string>> | string;
  readonly jobs: Readonly<Record<string, Job>>;
}

/**
 * Inputs of the actions that we use, as of the versions that are pinned. Whoever pins another looks again: an input that an
 * action does not know is a warning that nobody reads.
 */
const INPUTS: Readonly<Record<string, readonly string[]>> = {
  'actions/attest-build-provenance': [
    'subject-path',
    'subject-name',
    'subject-digest',
    'push-to-registry',
    'create-storage-record',
  ],
  'actions/checkout': ['ref', 'persist-credentials', 'fetch-depth'],
  'actions/download-artifact': ['name', 'path', 'pattern', 'merge-multiple'],
  'actions/setup-node': ['node-version', 'cache', 'package-manager-cache'],
  'actions/upload-artifact': ['name', 'path', 'if-no-files-found', 'retention-days'],
  'docker/setup-buildx-action': ['version', 'driver'],
  'oras-project/setup-oras': ['version'],
  'sigstore/cosign-installer': ['cosign-release'],
};

const steps = (workflow: Workflow): Step[] => Object.values(workflow.jobs).flatMap((job) => job.steps ?? []);

/** A tag can be moved to other code, a commit cannot; the comment is for people and for the tool that moves the pin. */
export function unpinned(text: string): string[] {
  const uses = [...text.matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, what]) => what);
  return uses.filter((what) => !/^\.\/|^[\w.-]+(\/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(what));
}

/** The token can do nothing that a job does not ask for, and each job asks. */
export function lavish({ permissions, jobs }: Workflow): string[] {
  const top = JSON.stringify(permissions) === '{}' ? [] : ['the workflow: want permissions: {}, and each job its own'];
  const silent = Object.entries(jobs).filter(([, job]) => typeof job.permissions !== 'object');
  return [...top, ...silent.map(([name]) => `${name}: want its permissions one by one`)];
}

/** What a checkout leaves behind any later step could read. */
export function rememberedTokens(workflow: Workflow): string[] {
  const checkouts = steps(workflow).filter(({ uses }) => uses?.startsWith('actions/checkout@'));
  return checkouts.flatMap((step) => (step.with?.['persist-credentials'] === false ? [] : [String(step.uses)]));
}

/** An expression in a script is pasted in before the shell reads it: titles and branch names become code. */
export function pasted(workflow: Workflow): string[] {
  return steps(workflow).flatMap(({ run }) => run?.match(/.*\$\{\{.*/g) ?? []);
}

/** Scripts that the shell cannot read. */
export function brokenScripts(workflow: Workflow): string[] {
  return steps(workflow).flatMap(({ run, shell = 'bash' }) => {
    if (run === undefined) return [];
    const { status, stderr } = spawnSync(shell, ['-n'], { input: run, encoding: 'utf8' });
    return status === 0 ? [] : [stderr.trim()];
  });
}

/** `with` that an action does not know. */
export function strangeInputs(workflow: Workflow): string[] {
  return steps(workflow).flatMap(({ uses, with: given = {} }) => {
    if (uses === undefined) return [];
    const name = uses.split('@')[0];
    const known = INPUTS[name];
    if (known === undefined) return [`${name}: say in INPUTS what it takes`];
    return Object.keys(given).flatMap((input) => (known.includes(input) ? [] : [`${name}: no input '${input}'`]));
  });
}

/** Jobs that may hang until the platform's six hours are over. */
export function endless({ jobs }: Workflow): string[] {
  const own = Object.entries(jobs).filter(([, job]) => job.uses === undefined);
  return own.filter(([, job]) => job['timeout-minutes'] === undefined).map(([name]) => name);
}

/** Words of scripts that name what this repository does not have: npm scripts, files of .ci/, tests. */
export function missing(workflow: Workflow, scripts: readonly string[], exists: (file: string) => boolean): string[] {
  const text = steps(workflow)
    .map(({ run }) => run ?? '')
    .join('\n');
  const npm = [...text.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name]) => name);
  const files = text.match(/(?<![\w/])(?:\.ci|image|test|lib)\/[\w./-]+/g) ?? [];
  return [...npm.filter((name) => !scripts.includes(name)), ...files.filter((file) => !exists(file))];
}
