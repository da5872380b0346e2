import * as fs from 'node:fs';
import * as path from 'node:path';
import { leafTypes } from '../../../lib/package/leaf-types';
import { temporaryFolder } from '../../support/helm';

describe('types of the leaves of Values', () => {
  const folder = temporaryFolder();
  const write = (name: string, text: string): string => {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    return file;
  };
  write('node_modules/there/index.d.ts', 'export interface Theirs { a: 1 }');
  write('own.d.ts', 'export interface Own { a: 1 }');
  const types = `import type { Own } from './own';
import type { Theirs } from 'there';
export type Values = { image: { tag: string; own: Own[] }; theirs: Theirs; map: Record<string, string> };`;
  const typeText = leafTypes(write('values.d.ts', types));

  test.each([
    ['image.tag', 'string'],
    ['image.own', 'import("./own").Own[]'],
    ['theirs', 'import("there/index").Theirs'],
    ['map', 'Record<string, string>'],
  ])('%s: %s', (path, text) => {
    expect(typeText(path)).toBe(text);
  });

  test('a path that is not there is named', () => {
    expect(() => typeText('image.tga')).toThrow("Values has no 'image.tga'");
  });

  test('a file without Values is named', () => {
    expect(() => leafTypes(write('empty.d.ts', 'export {};'))).toThrow(/empty\.d\.ts exports no Values/);
  });
});
