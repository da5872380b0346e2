/** The house rules: each takes files and returns its complaints, one line each with file:line and the way out. */
import path from 'node:path';
import ts from 'typescript';
import { functionsOf, importsOf, place, type Source, walk } from './source';

/** Longest file and longest function, in lines. */
export const FILE_LINES_MAX = 500;
export const FUNCTION_LINES_MAX = 70;
/** Half of all files are at most this long. */
export const FILE_LINES_MEDIAN = 120;

function linesOf(text: string): number {
  return text.trimEnd().split('\n').length;
}

/** Files that nobody can hold in their head. */
export function longFiles(sources: readonly Source[]): string[] {
  return sources
    .filter(({ text }) => linesOf(text) > FILE_LINES_MAX)
    .map(
      ({ path: file, text }) => `${file}: ${linesOf(text)} lines, at most ${FILE_LINES_MAX}: split it by what it does`,
    );
}

/** Median length of the files in lines. */
export function medianLines(sources: readonly Source[]): number {
  const lines = sources.map(({ text }) => linesOf(text)).sort((left, right) => left - right);
  return lines[lines.length >> 1];
}

/** Functions that do not fit on a screen. A test's `describe` is a chapter, not a function: closures there are exempt. */
export function longFunctions(sources: readonly Source[]): string[] {
  return sources.flatMap((source) =>
    functionsOf(source)
      .filter(({ name }) => name !== 'closure' || !source.path.endsWith('.test.ts'))
      .flatMap(({ node, name }) => {
        const lines = linesOf(node.getText(source.tree));
        if (lines <= FUNCTION_LINES_MAX) return [];
        return [`${place(source, node)}: ${name} has ${lines} lines, at most ${FUNCTION_LINES_MAX}`];
      }),
  );
}

/** Rooms of image/ from the ground up: code of a room runs code of its own and of lower rooms only. Types may look up. */
export const ROOMS: readonly (readonly string[])[] = [
  ['assert', 'limits', 'result'],
  ['kernel', 'wire'],
  ['memory'],
  ['observe'],
  ['upstream'],
  ['chain'],
  ['corefile'],
  ['plugin'],
  ['serve'],
  ['node'],
  ['agent'],
  ['commands'],
  ['demo'],
  ['container'],
  ['main', 'worker'],
];

function room(file: string): string {
  return path.posix.basename(file.split('/')[1], '.ts');
}

function level(file: string): number {
  const found = ROOMS.findIndex((rooms) => rooms.includes(room(file)));
  return found < 0 ? ROOMS.length : found;
}

/**
 * Imports against the order of the rooms, and any import between image/ and lib/.
 * @param allowed `FILE > ROOM` that are meant
 */
export function upwardImports(sources: readonly Source[], allowed: ReadonlySet<string>): string[] {
  return sources.flatMap((source) =>
    importsOf(source).flatMap(({ target, isTypeOnly }) => {
      const half = source.path.split('/')[0];
      const other = target.split('/')[0];
      if ((half === 'image' && other === 'lib') || ((half === 'lib' || half === 'main.ts') && other === 'image')) {
        return [`${source.path} imports ${target}: image/ and lib/ meet in flags, Corefile and metric names only`];
      }
      if (
        half !== 'image' ||
        other !== 'image' ||
        isTypeOnly ||
        !target.endsWith('.ts') ||
        level(target) <= level(source.path)
      )
        return [];
      if (allowed.has(`${source.path} > ${room(target)}`)) return [];
      return [
        `${source.path} imports ${target}: '${room(target)}' is above '${room(source.path)}' (ROOMS in rules.ts)`,
      ];
    }),
  );
}

/** Words that cost an object, a promise or a copy per call, and what to write in their place. */
const SLOW_CALLS: Readonly<Record<string, string>> = {
  subarray: 'pass offset and end',
  slice: 'pass offset and end',
  map: 'write the loop',
  filter: 'write the loop',
  forEach: 'write the loop',
  concat: 'write to a fixed buffer',
  toString: 'keep numbers',
};

function slowWord(node: ts.Node): string | undefined {
  if (ts.isAwaitExpression(node) || node.kind === ts.SyntaxKind.AsyncKeyword) return 'async: nothing waits here';
  if (ts.isIdentifier(node) && node.text === 'Promise') return 'Promise: nothing waits here';
  if (ts.isNewExpression(node)) return 'new: make it once, in the constructor';
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return 'closure: make it a method or a function';
  if (ts.isTemplateExpression(node)) return 'template: texts are for operators, not for packets';
  if (ts.isObjectLiteralExpression(node) || ts.isArrayLiteralExpression(node)) {
    return 'object: use fields of one kept object';
  }
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  const called = node.expression.name.text;
  return Object.hasOwn(SLOW_CALLS, called) ? `${called}(): ${SLOW_CALLS[called]}` : undefined;
}

/** Stopping at a programmer's or the machine's fault may take its time. */
function isThrown(node: ts.Node): boolean {
  for (let parent = node.parent; parent !== undefined; parent = parent.parent)
    if (ts.isThrowStatement(parent)) return true;
  return false;
}

/**
 * Banned words in functions that run per packet.
 * @param cold names of functions that run at start, or only for texts: `Table.initialise`, `refuse`; `*` for all of a file
 */
export function slowWords(source: Source, cold: readonly string[]): string[] {
  if (cold.includes('*')) return [];
  const complaints: string[] = [];
  for (const { node, name } of functionsOf(source)) {
    if (ts.isConstructorDeclaration(node) || cold.includes(name) || isInside(node)) continue;
    walk(node, (inner) => {
      if (inner === node) return;
      const word = slowWord(inner);
      if (word !== undefined && !isThrown(inner)) complaints.push(`${place(source, inner)}: ${name} has ${word}`);
    });
  }
  return complaints;
}

/** A closure is judged with the function it stands in. */
function isInside(node: ts.Node): boolean {
  for (let parent = node.parent; parent !== undefined; parent = parent.parent)
    if (ts.isFunctionLike(parent)) return true;
  return false;
}

/**
 * Exported names without a comment. The file's own header speaks for the class or interface it is named after (`timers.ts`
 * for Timers, `handler.ts` for CacheHandler), and a comment above constants in a row for all of them.
 * @returns `FILE: NAME`, so that a ratchet list can be compared with them
 */
export function undocumentedExports(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const documented = new Set<string>();
    const complaints: string[] = [];
    let isRowCovered = false;
    for (const statement of source.tree.statements) {
      const names = declaredNames(source, statement);
      const trivia = source.text.slice(statement.getFullStart(), statement.getStart(source.tree));
      const isRow = ts.isVariableStatement(statement) && !/\n\s*\n/.test(trivia);
      const isDocumented =
        hasDoc(source, statement) || names.some((name) => documented.has(name)) || speaksFor(source, statement, names);
      isRowCovered = isDocumented || (isRow && isRowCovered);
      if (isDocumented) for (const name of names) documented.add(name); // A type beside its table; overloads.
      if (isExported(statement) && !isRowCovered) complaints.push(`${source.path}: ${names.join(', ')}`);
    }
    return complaints;
  });
}

function isExported(statement: ts.Statement): boolean {
  if (!ts.canHaveModifiers(statement)) return false;
  return ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

/** A doc comment, or for a constant any comment above it or behind it on its line. */
function hasDoc(source: Source, statement: ts.Statement): boolean {
  if (ts.getJSDocCommentsAndTags(statement).length > 0) return true;
  if (!ts.isVariableStatement(statement)) return false;
  const above = ts.getLeadingCommentRanges(source.text, statement.getFullStart()) ?? [];
  const behind = ts.getTrailingCommentRanges(source.text, statement.getEnd()) ?? [];
  return above.length + behind.length > 0;
}

function speaksFor({ path: file, text }: Source, statement: ts.Statement, names: readonly string[]): boolean {
  if (!ts.isClassDeclaration(statement) && !ts.isInterfaceDeclaration(statement)) return false;
  const noun = path.posix.basename(file, '.ts');
  const kebab = names[0].replace(/(?<=[a-z0-9])([A-Z])/g, '-$1').toLowerCase();
  return text.startsWith('/**') && (kebab.startsWith(noun) || kebab.endsWith(noun));
}

function declaredNames(source: Source, statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText(source.tree));
  }
  const { name } = statement as unknown as ts.NamedDeclaration;
  return name === undefined ? [] : [name.getText(source.tree)];
}

/** Notes to oneself that were never acted on. */
export function leftovers(sources: readonly Source[]): string[] {
  const words = new RegExp(`\\b(${['FIX' + 'ME', 'TO' + 'DO', 'XX' + 'X', 'HA' + 'CK'].join('|')})\\b`);
  return sources.flatMap(({ path: file, text }) =>
    text.split('\n').flatMap((line, index) => (words.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
}

/** The one file that takes fast-check itself, and gives it its seed. */
const SEEDED = 'test/support/property.ts';

/** Tests that would have another seed each time. */
export function unseeded(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path: file, text }) => file !== SEEDED && /^import (?!type).* from 'fast-check';$/m.test(text))
    .map(({ path: file }) => `${file}: fast-check without a seed, import it from ${SEEDED}`);
}

/**
 * Files that nothing leads to.
 * @param entries files that are started, not imported
 */
export function deadFiles(sources: readonly Source[], entries: readonly string[]): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const reached = new Set<string>();
  const queue = [...entries];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const source = byPath.get(file);
    if (source === undefined || reached.has(file)) continue;
    reached.add(file);
    for (const { target } of importsOf(source)) queue.push(target, target.replace(/\.ts$/, '/index.ts'));
  }
  return sources
    .filter((source) => !reached.has(source.path))
    .map((source) => `${source.path}: nothing leads here; use it or remove it`);
}

/**
 * Files with code that no test knows: neither one of the same name, nor one that imports them.
 * @returns paths, so that a ratchet list can be compared with them
 */
export function untested(sources: readonly Source[], tests: readonly Source[]): string[] {
  const known = new Set(tests.flatMap((test) => importsOf(test).map(({ target }) => target)));
  const names = new Set(tests.map((test) => test.path));
  return sources
    .filter(({ tree }) => tree.statements.some(hasCode))
    .map((source) => source.path)
    .filter((file) => !known.has(file) && !names.has(`test/${file.replace(/\.ts$/, '.test.ts')}`));
}

/** Something that can be wrong at run time: a function or a class, not a type or a constant. */
function hasCode(statement: ts.Statement): boolean {
  let found = false;
  walk(statement, (node) => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) found = true;
  });
  return found;
}
