/** The types of values as text, asked of the compiler. */
import * as ts from 'typescript';
import type { TypeText } from './user-values';

/**
 * Types of the leaves of `Values`.
 * @param file the declaration file that exports `Values`
 * @returns how the type at a path is written in a file of its own
 * @throws Error from the returned function: `Values` has no such path
 */
export function leafTypes(file: string): TypeText {
  const options: ts.CompilerOptions = { module: ts.ModuleKind.NodeNext, strict: true, types: [] };
  const program = ts.createProgram([file], options);
  const checker = program.getTypeChecker();
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!);
  const values = exported.find(({ name }) => name === 'Values');
  if (!values) throw new Error(`${file} exports no Values`);
  const whole = checker.getDeclaredTypeOfSymbol(values);
  const flags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseFullyQualifiedType;
  return (path) => {
    const type = path.split('.').reduce((above, name) => {
      const member = checker.getPropertyOfType(above, name);
      if (!member) throw new Error(`Values has no '${path}'`);
      return checker.getTypeOfSymbol(member);
    }, whole);
    return portable(checker.typeToString(type, undefined, flags), file);
  };
}

/** import("/where/it/was/built/node_modules/name") as import("name"), and files of the package relative to it. */
function portable(type: string, file: string): string {
  const folder = file.slice(0, file.lastIndexOf('/') + 1);
  return type.replace(/import\("[^"]*\/node_modules\//g, 'import("').replaceAll(`import("${folder}`, 'import("./');
}
