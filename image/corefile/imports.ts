/** Which files an `import` means, and their tokens. */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { CONFIG_FILE_BYTES_MAX } from '../limits';
import { type Environment, fileErrorText } from './environment';
import { CorefileError, text } from './errors';
import { readTokens, type Token } from './lexer';

const WILDCARD = /[*?[\]]/;

/** One path component with `*` and `?` as a test of names; undefined when it has none. */
function componentPattern(component: string): RegExp | undefined {
  if (!/[*?\\]/.test(component)) return undefined;
  const source = component.replace(/\\(.)|[\s\S]/g, (all, escaped?: string) => {
    if (all === '*') return '[\\s\\S]*';
    if (all === '?') return '[\\s\\S]';
    return (escaped ?? all).replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  });
  return new RegExp(`^${source}$`, 'u');
}

/** Paths that match `pattern`, sorted by directory. @source Go filepath.Glob */
function expand(pattern: string, environment: Environment): string[] {
  let paths = [''];
  for (const component of pattern.split('/')) {
    const matcher = componentPattern(component);
    paths = paths.flatMap((path) => {
      if (matcher === undefined) return [`${path}${component}/`];
      const names = environment.listDirectory(path === '' ? '.' : path).filter((name) => matcher.test(name));
      return names.map((name) => `${path}${name}/`);
    });
  }
  const kind = (path: string) => {
    try {
      return environment.pathKind(path);
    } catch {
      return 'missing';
    }
  };
  return paths.map((path) => path.slice(0, -1)).filter((path) => path !== '' && kind(path) !== 'missing');
}

/** A file's text. @throws CorefileError with the cause in Go's words, or when it is too long */
export function readConfigFile(path: string, environment: Environment): string {
  let content: string;
  try {
    content = environment.readFile(path);
  } catch (error) {
    throw new CorefileError(fileErrorText(error, path));
  }
  if (content.length <= CONFIG_FILE_BYTES_MAX) return content;
  throw new CorefileError(text.fileTooLong(path, content.length, CONFIG_FILE_BYTES_MAX));
}

function importFile(path: string, environment: Environment): Token[] {
  const absolute = resolve(environment.workingDirectory, path);
  try {
    if (environment.pathKind(absolute) === 'directory') throw new CorefileError(text.isDirectory);
    return readTokens(readConfigFile(absolute, environment), absolute);
  } catch (error) {
    const cause = error instanceof CorefileError ? error.message : fileErrorText(error, absolute);
    throw new CorefileError(text.importFailed(absolute, cause));
  }
}

/**
 * The tokens of all files that `pattern` names, relative to the directory of the file that imports.
 * @throws CorefileError without file and line: the parser knows them
 * @source coredns/caddy caddyfile/parse.go doImport
 */
export function importFiles(pattern: string, importingFile: string, environment: Environment): Token[] {
  const from = dirname(resolve(environment.workingDirectory, importingFile));
  const path = isAbsolute(pattern) ? pattern : join(from, pattern);
  const count = (character: string) => path.split(character).length - 1;
  if (count('*') > 1 || count('?') > 1 || (path.includes('[') && path.includes(']'))) {
    throw new CorefileError(text.importWildcards(path));
  }
  if (path.includes('[')) throw new CorefileError(text.importPattern(pattern));
  const files = expand(path, environment);
  if (files.length === 0) {
    if (!WILDCARD.test(path)) throw new CorefileError(text.importMissing(pattern));
    environment.warn(text.importNoMatch(pattern));
  }
  return files.flatMap((file) => importFile(file, environment));
}
