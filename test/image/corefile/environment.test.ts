import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileErrorText, machineEnvironment } from '../../../image/corefile/environment';

const folder = mkdtempSync(join(tmpdir(), 'environment-'));
const warnings: string[] = [];
const machine = machineEnvironment((line) => warnings.push(line));
afterAll(() => rmSync(folder, { recursive: true }));

test('the machine has files, folders, variables, a loopback interface and a log', () => {
  writeFileSync(join(folder, 'b'), 'text');
  mkdirSync(join(folder, 'a'));
  expect(machine.readFile(join(folder, 'b'))).toBe('text');
  expect(['a', 'b', 'c'].map((name) => machine.pathKind(join(folder, name)))).toEqual(['directory', 'file', 'missing']);
  expect(machine.listDirectory(folder)).toEqual(['a', 'b']);
  expect(machine.listDirectory(join(folder, 'none'))).toEqual([]);
  expect(machine.variables.PATH).toBe(process.env.PATH);
  expect(machine.workingDirectory).toBe(process.cwd());
  expect(machine.listInterfaces().find(({ name }) => name === 'lo')?.addresses).toContain('127.0.0.1');
  machine.warn('x');
  expect(warnings).toEqual(['x']);
});

test('file errors are told in Go’s words', () => {
  const attempt = (path: string) => {
    try {
      machine.readFile(path);
      return 'read';
    } catch (error) {
      return fileErrorText(error, path);
    }
  };
  expect(attempt('/none')).toBe('open /none: no such file or directory');
  expect(attempt(folder)).toBe(`read ${folder}: is a directory`);
  expect(attempt(`${folder}/b/c`)).toBe(`open ${folder}/b/c: not a directory`);
  expect(fileErrorText(new Error('odd'), '/x')).toBe('open /x: odd');
});
