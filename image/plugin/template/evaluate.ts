/**
 * Works out a record's text for one question. Bounded: TEMPLATE_STEPS_MAX steps and TEXT_BYTES_MAX characters, so that no
 * name makes it slow.
 * @source Go text/template/exec.go: words of the errors, and what is true
 */
import { TEMPLATE_STEPS_MAX, TEMPLATE_TEXT_MAX } from '../../limits';
import { type Command, commandText, type Operand, type Pipeline, pipelineText } from './expression';
import { callFunction, isMap, isTrue, printed, typeName, type Value, wanted } from './functions';
import type { TemplateNode, TemplateText } from './text';

/** The dot at the beginning, and `$`. */
export type TemplateData = Readonly<Record<string, Value>>;

/** An error of Go's; the text is for the log. */
export class TemplateError extends Error {}

class Evaluation {
  private readonly section: string;
  private readonly source: string;
  private readonly data: TemplateData;
  private readonly variables: { name: string; value: Value }[];
  private steps = 0;
  private out = '';

  constructor(section: string, source: string, data: TemplateData) {
    this.section = section;
    this.source = source;
    this.data = data;
    this.variables = [{ name: '$', value: data }];
  }

  run(nodes: readonly TemplateNode[]): string {
    this.walk(nodes, this.data);
    return this.out;
  }

  private walk(nodes: readonly TemplateNode[], dot: Value): void {
    for (const node of nodes) {
      if (node.kind === 'text') this.write(node.text, '', 0);
      else if (node.kind === 'value') this.show(node.pipeline, dot);
      else this.block(node, dot);
    }
  }

  private show(pipeline: Pipeline, dot: Value): void {
    const value = this.pipeline(pipeline, dot);
    if (pipeline.sets.length > 0) return;
    this.write(printed(value), pipelineText(pipeline), pipeline.commands[0].operands[0].at);
  }

  private write(text: string, context: string, at: number): void {
    this.out += text;
    if (this.out.length > TEMPLATE_TEXT_MAX) throw this.error(context, at, 'the text is too long');
  }

  private block(node: Exclude<TemplateNode, { kind: 'text' | 'value' }>, dot: Value): void {
    const mark = this.variables.length;
    if (node.kind === 'range') this.range(node, dot);
    else {
      const value = this.pipeline(node.pipeline, dot);
      const inner = node.kind === 'with' ? value : dot;
      this.walk(isTrue(value) ? node.body : node.otherwise, isTrue(value) ? inner : dot);
    }
    this.variables.length = mark;
  }

  private range(node: Exclude<TemplateNode, { kind: 'text' | 'value' }>, dot: Value): void {
    const { pipeline } = node;
    const { at } = pipeline.commands[0].operands[0];
    const over = this.pipeline({ ...pipeline, sets: [] }, dot);
    const entries = entriesOf(over);
    if (typeof over === 'bigint' && pipeline.sets.length > 1) {
      throw this.error(pipelineText(pipeline), at, `can't use ${over} to iterate over more than one variable`);
    }
    if (entries === undefined)
      throw this.error(pipelineText(pipeline), at, `range can't iterate over ${printed(over)}`);
    if (entries.length === 0) this.walk(node.otherwise, dot);
    for (const [key, value] of entries) {
      this.step(pipelineText(pipeline), at);
      const mark = this.variables.length;
      const [first, second] = pipeline.sets;
      if (second !== undefined) this.set(first, key, pipeline.assigns);
      if (first !== undefined) this.set(second ?? first, value, pipeline.assigns);
      this.walk(node.body, value);
      this.variables.length = mark;
    }
  }

  private set(name: string, value: Value, assigns: boolean): void {
    const known = assigns ? this.variables.findLast((variable) => variable.name === name) : undefined;
    if (known !== undefined) known.value = value;
    else this.variables.push({ name, value });
  }

  private pipeline({ commands, sets, assigns }: Pipeline, dot: Value): Value {
    let value: Value | undefined;
    for (const command of commands) value = this.command(command, dot, value);
    for (const name of sets) this.set(name, value!, assigns);
    return value!;
  }

  /** @param last value of the command before it in the pipeline: one more argument */
  private command(command: Command, dot: Value, last: Value | undefined): Value {
    const [first, ...rest] = command.operands;
    const context = commandText(command);
    this.step(context, first.at);
    if (first.kind !== 'function') {
      const value = this.operand(first, dot);
      if (value instanceof Function) {
        const given = rest.map((operand) => this.operand(operand, dot));
        const result = value(...given, ...(last === undefined ? [] : [last]));
        if (result !== undefined) return result;
        throw this.error(context, first.at, `wrong arguments for ${first.text}`);
      }
      if (rest.length === 0 && last === undefined) return value;
      if (first.kind === 'literal')
        throw this.error(context, first.at, `can't give argument to non-function ${first.text}`);
      const name = first.names[first.names.length - 1] ?? first.text;
      throw this.error(first.text, first.at, `${name} has arguments but cannot be invoked as function`);
    }
    if (first.name === 'and' || first.name === 'or') return this.choose(first.name, rest, dot, last, first.at);
    const given = rest.map((operand) => this.operand(operand, dot));
    if (last !== undefined) given.push(last);
    const result = callFunction(first.name, given);
    if (result.error === undefined) return result.value;
    throw this.error(result.ofName ? first.name : context, first.at, result.error);
  }

  /** `and` and `or` stop where they know. */
  private choose(
    name: 'and' | 'or',
    operands: readonly Operand[],
    dot: Value,
    last: Value | undefined,
    at: number,
  ): Value {
    const count = operands.length + (last === undefined ? 0 : 1);
    if (count === 0) throw this.error(name, at, wanted(name, 0));
    let value: Value = '';
    for (const operand of operands) {
      value = this.operand(operand, dot);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return last ?? value;
  }

  private operand(operand: Operand, dot: Value): Value {
    if (operand.kind === 'literal') return operand.value;
    if (operand.kind === 'function') {
      return this.command({ operands: [operand] }, dot, undefined);
    }
    const { of, names, text, fieldAt } = operand;
    let value: Value;
    if (of === '.') value = dot;
    else if ('variable' in of) value = this.variables.findLast(({ name }) => name === of.variable)?.value ?? '';
    else value = this.pipeline(of, dot);
    for (const name of names) {
      const next = fieldOf(value, name);
      if (next === undefined) throw this.error(text, fieldAt, `can't evaluate field ${name} in type ${goType(value)}`);
      value = next;
    }
    return value;
  }

  private step(context: string, at: number): void {
    if (++this.steps > TEMPLATE_STEPS_MAX) throw this.error(context, at, 'too many steps');
  }

  /** In Go's form; the place is line from 1 and octet of the line from 0. */
  private error(context: string, at: number, what: string): TemplateError {
    const before = this.source.slice(0, at);
    const line = before.split('\n').length;
    const octet = Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1));
    const place = `template: ${this.section}:${line}:${octet}`;
    return new TemplateError(`${place}: executing "${this.section}" at <${context}>: ${what}`);
  }
}

/** What a range goes over: keys and values; undefined for what cannot be gone over. */
function entriesOf(value: Value): [Value, Value][] | undefined {
  if (Array.isArray(value)) return value.map((each: Value, index) => [BigInt(index), each]);
  if (typeof value === 'bigint') {
    const count = value > BigInt(TEMPLATE_STEPS_MAX) ? TEMPLATE_STEPS_MAX + 1 : Math.max(0, Number(value));
    return Array.from({ length: count }, (_, index) => [BigInt(index), BigInt(index)]);
  }
  if (!isMap(value)) return undefined;
  const entries = Object.entries(value as TemplateData);
  return entries.sort(([left], [right]) => (left < right ? -1 : 1));
}

/** A map answers '' for a name it does not have; a thing with fields has no others. */
function fieldOf(value: Value, name: string): Value | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  const fields = value as TemplateData;
  if (Object.hasOwn(fields, name)) return fields[name];
  return isMap(value) ? null : undefined;
}

/** Go's name of a value's type, as far as one of ours has one. */
function goType(value: Value): string {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && !isMap(value)
    ? 'struct'
    : typeName(value);
}

/**
 * @param section `answer`, `additional` or `authority`
 * @throws TemplateError
 */
export function evaluate(section: string, template: TemplateText, data: TemplateData): string {
  return new Evaluation(section, template.source, data).run(template.nodes);
}
