/** The project's TypeScript files as the house rules see them: path, text, syntax tree. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const ROOT = path.join(__dirname, '../..');

/** One file. */
export interface Source {
  /** From the root of the project, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

/** What an import names: a file of the project, or nothing of ours. */
export interface Import {
  /** The file it leads to, from the root of the project. */
  readonly target: string;
  /** Gone after compilation. */
  readonly isTypeOnly: boolean;
}

/** A file from text, for the rules' own tests. */
export function sourceOf(file: string, text: string): Source {
  return { path: file, text, tree: ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true) };
}

/** All files that git knows or would take, of the given folders and files. */
export function readSources(...where: string[]): Source[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...where], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return listed
    .split('\n')
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && existsSync(path.join(ROOT, file)))
    .map((file) => sourceOf(file, readFileSync(path.join(ROOT, file), 'utf8')));
}

/** `file:line` of a node. */
export function place(source: Source, node: ts.Node): string {
  const { line } = source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree));
  return `${source.path}:${line + 1}`;
}

/** Call `visit` for a node and everything in it, outermost first. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** Relative imports, re-exports and `import()` types of a file, each resolved to a `.ts` path. */
export function importsOf(source: Source): Import[] {
  const imports: Import[] = [];
  const add = (specifier: string, isTypeOnly: boolean): void => {
    if (!specifier.startsWith('.')) return;
    const target = path.posix.join(path.posix.dirname(source.path), specifier);
    imports.push({ target: /\.[a-z]+$/.test(target) ? target : `${target}.ts`, isTypeOnly });
  };
  walk(source.tree, (node) => {
    if (ts.isImportDeclaration(node)) {
      const clause = node.importClause;
      const named = clause?.namedBindings;
      const allTypes =
        named !== undefined &&
        ts.isNamedImports(named) &&
        clause?.name === undefined &&
        named.elements.length > 0 &&
        named.elements.every((element) => element.isTypeOnly);
      add((node.moduleSpecifier as ts.StringLiteral).text, clause?.isTypeOnly === true || allTypes);
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      add((node.moduleSpecifier as ts.StringLiteral).text, node.isTypeOnly);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments;
      if (specifier !== undefined && ts.isStringLiteral(specifier)) add(specifier.text, false);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add((node.argument.literal as ts.StringLiteral).text, true);
    }
  });
  return imports;
}

/** A function with a body, and the name it goes by. */
export interface NamedFunction {
  readonly node: ts.FunctionLikeDeclaration;
  /** `Table.find`, `readQuery`; a closure goes by the constant or property it becomes. */
  readonly name: string;
}

/** Every function of a file that has a body, closures included. */
export function functionsOf(source: Source): NamedFunction[] {
  const found: NamedFunction[] = [];
  walk(source.tree, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return;
    found.push({ node: node as ts.FunctionLikeDeclaration, name: nameOf(source, node) });
  });
  return found;
}

function nameOf(source: Source, node: ts.Node): string {
  const own = (node as ts.NamedDeclaration).name ?? (node.parent as ts.NamedDeclaration | undefined)?.name;
  const text = ts.isConstructorDeclaration(node) ? 'constructor' : (own?.getText(source.tree) ?? 'closure');
  const owner = ts.isClassLike(node.parent) ? `${node.parent.name?.text ?? 'class'}.` : '';
  return owner + text;
}
