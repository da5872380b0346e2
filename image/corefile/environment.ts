/** Everything a Corefile asks of the machine it is read on, in one place, so that tests can be any machine. */
import * as fs from 'node:fs';
import * as os from 'node:os';

/** A network interface and its addresses as text; link-local IPv6 ones carry `%name`. */
export interface NetworkInterface {
  readonly name: string;
  readonly addresses: readonly string[];
}

/** What a path is. */
export type PathKind = 'file' | 'directory' | 'missing';

/** The machine as a Corefile sees it. All calls are synchronous: this is start-up. */
export interface Environment {
  /** Values of `{$NAME}`; what is not set is empty. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Relative paths begin here. */
  readonly workingDirectory: string;
  /** A file's text. @throws what node:fs throws */
  readFile(path: string): string;
  /** @throws what node:fs throws, except when there is nothing at `path` */
  pathKind(path: string): PathKind;
  /** Names in a directory, sorted; none when it cannot be read. */
  listDirectory(path: string): readonly string[];
  listInterfaces(): readonly NetworkInterface[];
  /**
   * Addresses of a host. Not given: hosts have none.
   * @param resolvers `IP` or `IP:PORT` each, asked in this order; none: the system's
   * @throws Error that says why there are none
   */
  lookUpHost?(name: string, resolvers: readonly string[]): readonly string[];
  /** A line for the log at level warning. */
  warn(line: string): void;
}

function pathKind(path: string): PathKind {
  const found = fs.statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 'missing';
  return found.isDirectory() ? 'directory' : 'file';
}

function listDirectory(path: string): string[] {
  try {
    return fs.readdirSync(path).sort();
  } catch {
    return []; // As Go's filepath.Glob: what cannot be read does not match.
  }
}

function listInterfaces(): NetworkInterface[] {
  return Object.entries(os.networkInterfaces()).map(([name, addresses]) => ({
    name,
    addresses: (addresses ?? []).map(({ address }) => (/^fe[89ab]/i.test(address) ? `${address}%${name}` : address)),
  }));
}

/** The machine this process runs on. @param warn takes the warnings, one line each */
export function machineEnvironment(warn: (line: string) => void): Environment {
  return {
    variables: process.env,
    workingDirectory: process.cwd(),
    readFile: (path) => fs.readFileSync(path, 'utf8'),
    pathKind,
    listDirectory,
    listInterfaces,
    warn,
  };
}

/** What went wrong with a file, in the words Go uses: `open /x: no such file or directory`. */
export function fileErrorText(error: unknown, path: string): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const words: Record<string, string> = {
    ENOENT: 'no such file or directory',
    EACCES: 'permission denied',
    EPERM: 'operation not permitted',
    ENOTDIR: 'not a directory',
    ELOOP: 'too many levels of symbolic links',
    ENAMETOOLONG: 'file name too long',
    EROFS: 'read-only file system',
    ENOSPC: 'no space left on device',
  };
  if (code === 'EISDIR') return `read ${path}: is a directory`;
  return `open ${path}: ${words[code] ?? (error instanceof Error ? error.message : String(error))}`;
}
