/** An App that writes a Helm chart instead of manifests. Knows nothing of DNS. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ApiObject, App } from 'cdk8s';
import { Construct } from 'constructs';
import { toTemplate } from './serialize';
import { formatted, isExpression, OPEN } from './token';

/** Everything below this scope is rendered only when the condition holds. Made by `guarded`. */
class When extends Construct {
  readonly code: string;

  constructor(scope: Construct, id: string, code: string) {
    super(scope, id);
    this.code = code;
  }
}

/**
 * Constructs that are there only under a condition: `build` is not called where it is plainly false, and its manifests
 * stand between `{{- if }}` and `{{- end }}` where Helm decides.
 * @param id names the template file: `<id>.yaml`
 * @param build makes its objects in the scope it is given
 */
export function guarded(scope: Construct, id: string, condition: boolean, build: (scope: Construct) => void): void {
  if (isExpression(condition)) build(new When(scope, id, condition.code));
  else if (condition) build(new Construct(scope, id));
}

/** Everything below this scope is a named template, and its file the calls of it. Made by `defined`. */
class Define extends Construct {
  readonly template: string;
  readonly calls: string;

  constructor(scope: Construct, id: string, template: string, calls: string) {
    super(scope, id);
    this.template = template;
    this.calls = calls;
  }

  wrap(content: string): string {
    return `{{- define "${this.template}" }}\n${content}{{- end }}\n${this.calls}`;
  }
}

/**
 * A scope whose one object, or whose refusals, are rendered as often as they are called.
 * @param id names the template file: `<id>.yaml`
 * @param template name of the named template
 * @param calls lines with `include`; what they pass takes the place of the root
 */
export function defined(scope: Construct, id: string, template: string, calls: string): Construct {
  return new Define(scope, id, template, calls);
}

/** A rule that concerns several values. Made by `refuse`. */
class Refusal extends Construct {
  readonly lines: string;

  constructor(scope: Construct, id: string, code: string, message: string) {
    super(scope, id);
    const said = message.includes(OPEN) ? `(${formatted(message)})` : JSON.stringify(message);
    this.lines = `{{- if ${code} }}\n{{- fail ${said} }}\n{{- end }}\n`;
  }
}

/** Refusals below this scope begin with the words. Made by `saidOf`. */
class SaidOf extends Construct {
  readonly words: string;

  constructor(scope: Construct, id: string, words: string) {
    super(scope, id);
    this.words = words;
  }
}

/**
 * A scope for refusals that tells whose values they speak of.
 * @param words before each message, as they are: `nodePools.gpu: `
 */
export function saidOf(scope: Construct, id: string, words: string): Construct {
  return new SaidOf(scope, id, words);
}

/**
 * Refuse values that cannot work together: at once where they are plain, by Helm's `fail` where they are expressions.
 * @param condition what must not be
 * @param message what was asked, the values (interpolated), what is wanted, how to repair it
 * @throws RangeError with the message, when the condition plainly holds
 */
export function refuse(scope: Construct, id: string, condition: boolean, message: string): void {
  const words = scope.node.scopes.filter((above) => above instanceof SaidOf).map((above) => above.words);
  const said = `${words.join('')}${message}`;
  if (isExpression(condition)) new Refusal(scope, `refuse-${id}`, condition.code, said);
  else if (condition) throw new RangeError(said);
}

/** What a chart holds beside its templates. */
export interface HelmAppProps {
  /** File name in the chart to its text: Chart.yaml, values.yaml, templates/NOTES.txt and so on. */
  readonly files: Readonly<Record<string, string>>;
  /** @default the folder that `cdk8s synth` names */
  readonly outdir?: string;
}

/** Writes one template per construct below the chart, and the files it is given. */
export class HelmApp extends App {
  private readonly files: Readonly<Record<string, string>>;

  /** @param props the files of the chart that are not manifests */
  constructor(props: HelmAppProps) {
    super({ outdir: props.outdir });
    this.files = props.files;
  }

  /** @throws Error when a construct finds itself wrong, or a manifest cannot be written as a template */
  override synth(): void {
    const wrong = this.node.findAll().flatMap((construct) => construct.node.validate());
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
    for (const [name, content] of Object.entries({ ...this.files, ...this.templates() })) {
      const target = path.join(this.outdir, name);
      fs.mkdirSync(path.dirname(target), { recursive: true });
      fs.writeFileSync(target, content);
    }
  }

  private templates(): Record<string, string> {
    const templates: Record<string, string> = {};
    const add = (name: string, content: string, separator: string): void => {
      templates[name] = name in templates ? templates[name] + separator + content : content;
    };
    for (const construct of this.node.findAll()) {
      if (construct instanceof Refusal && !definitionOf(construct)) add('templates/checks.yaml', construct.lines, '');
      if (construct instanceof Define) {
        const refusals = construct.node.findAll().filter((below) => below instanceof Refusal);
        const lines = refusals.map((refusal) => refusal.lines).join('');
        if (lines !== '') add('templates/checks.yaml', construct.wrap(lines), '');
      }
      if (ApiObject.isApiObject(construct)) add(`templates/${fileName(construct)}`, template(construct), '---\n');
    }
    return templates;
  }
}

/** Named after the construct's path, less the chart, the construct that holds everything, and cdk8s's `Resource`. */
function fileName(object: ApiObject): string {
  const ids = object.node.path.split('/').slice(2);
  return ids.filter((id) => id !== 'Resource' && id !== 'Default').join('-') + '.yaml';
}

function template(object: ApiObject): string {
  const guards = object.node.scopes.filter((scope) => scope instanceof When).map((scope) => scope.code);
  const { metadata, ...rest } = unsorted(() => object.toJson()) as { metadata: Record<string, unknown> };
  const { apiVersion, kind, ...body } = rest as Record<string, unknown>;
  const text = toTemplate({ apiVersion, kind, metadata: headFirst(metadata), ...body }, guards);
  return definitionOf(object)?.wrap(text) ?? text;
}

/** The scope that makes it a named template, if any does. */
function definitionOf(construct: Construct): Define | undefined {
  return construct.node.scopes.find((scope) => scope instanceof Define);
}

/** cdk8s sorts metadata whatever it is told; people look for the name first, and for merged-in keys last. */
function headFirst(metadata: Record<string, unknown>): Record<string, unknown> {
  const { name, namespace, labels, annotations, ...rest } = metadata;
  const ordered = {
    name,
    namespace,
    labels: labels && codeFirst(labels as Record<string, unknown>),
    annotations,
    ...rest,
  };
  return Object.fromEntries(Object.entries(ordered).filter(([, value]) => value !== undefined));
}

/** Keys of a named template, then keys of values, then the object's own. */
function codeFirst(map: Record<string, unknown>): Record<string, unknown> {
  const rank = (key: string): number => (key.startsWith(`${OPEN}include`) ? 0 : key.startsWith(OPEN) ? 1 : 2);
  return Object.fromEntries(Object.entries(map).sort(([left], [right]) => rank(left) - rank(right)));
}

/** With cdk8s's key sorting off, so that fields keep the order in which the constructs say them. */
function unsorted<T>(run: () => T): T {
  const before = process.env.CDK8S_DISABLE_SORT;
  process.env.CDK8S_DISABLE_SORT = '1';
  try {
    return run();
  } finally {
    if (before === undefined) delete process.env.CDK8S_DISABLE_SORT;
    else process.env.CDK8S_DISABLE_SORT = before;
  }
}
