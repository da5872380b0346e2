/** The npm package as somebody else has it: packed, unpacked into a folder of theirs, beside what it says it needs. */
import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';

const ROOT = path.join(__dirname, '../..');

/** What a program said, and how it ended. */
export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Somebody's project. */
export interface Project {
  /** Where it is. */
  readonly folder: string;
  /** Paths in the package. */
  readonly files: readonly string[];
  /** Write a file of the project. @returns its path */
  write(name: string, text: string): string;
  /** Node, in the project. */
  node(...parameters: string[]): Run;
  /** TypeScript's compiler, in the project. */
  compile(...parameters: string[]): Run;
}

/**
 * A project with the package in node_modules. Of this repository's modules it sees those that the package declares and
 * the compiler's types of Node: what it imports and does not declare is missing, as it would be elsewhere.
 * @param folder an empty one
 */
export function projectWithPackage(folder: string): Project {
  const packed = execFileSync('npm', ['pack', '--json', '--silent', '--pack-destination', folder], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [{ filename, files }] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }];
  const modules = path.join(folder, 'node_modules');
  const own = path.join(modules, 'nodelocaldns');
  fs.mkdirSync(own, { recursive: true });
  execFileSync('tar', ['xzf', path.join(folder, filename), '-C', own, '--strip-components=1']);
  const { dependencies, peerDependencies } = JSON.parse(fs.readFileSync(path.join(own, 'package.json'), 'utf8'));
  for (const name of [...Object.keys({ ...dependencies, ...peerDependencies }), '@types/node']) {
    fs.mkdirSync(path.dirname(path.join(modules, name)), { recursive: true });
    fs.symlinkSync(path.join(ROOT, 'node_modules', name), path.join(modules, name));
  }
  const node = (...parameters: string[]): Run =>
    spawnSync(process.execPath, parameters, { cwd: folder, encoding: 'utf8' });
  return {
    folder,
    files: files.map((file) => file.path),
    write: (name, text) => {
      fs.writeFileSync(path.join(folder, name), text);
      return path.join(folder, name);
    },
    node,
    compile: (...parameters) => node(path.join(ROOT, 'node_modules/typescript/bin/tsc'), ...parameters),
  };
}
