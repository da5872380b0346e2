/** What the agent asks of the file system beyond reading and writing: a directory's entries, and a file in one piece. */
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DirectoryEntry } from './config-directory';

/** Entries of a directory, links followed. @throws NodeJS.ErrnoException */
export function listDirectory(path: string): DirectoryEntry[] {
  return fs.readdirSync(path).map((name) => {
    const found = fs.statSync(join(path, name), { throwIfNoEntry: false });
    return {
      name,
      isFile: found?.isFile() ?? true, // A link that leads nowhere: reading it says so.
      bytes: found?.size ?? 0,
      modifiedMs: found?.mtimeMs ?? 0,
    };
  });
}

/** A file of its own mount, one in a directory that cannot be written to, a file system without renaming. */
const NOT_BESIDE: readonly string[] = ['EBUSY', 'EXDEV', 'EACCES', 'EPERM', 'EROFS', 'ENOTSUP'];

/**
 * Write a file so that whoever reads it finds the old text or the new one, never half of it: beside it, then renamed.
 * Where that cannot be (a file mounted by itself is busy, its directory is read-only, it is a pipe), it is written in place.
 * An existing file keeps its permissions, a link stays a link.
 * @param mode permissions of a new file, less the umask
 * @throws NodeJS.ErrnoException when it cannot be written in place either
 */
export function replaceFile(path: string, text: string, mode: number): void {
  const target = realPath(path);
  const found = fs.statSync(target, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile()) {
    fs.writeFileSync(target, text, { mode });
    return;
  }
  const beside = join(dirname(target), `.${basename(target)}.${process.pid}`); // Hidden: watchers of ConfigMaps skip it.
  try {
    fs.rmSync(beside, { force: true }); // Of an earlier process: in a container all have the same id.
    fs.writeFileSync(beside, text, { mode, flag: 'wx' });
    if (found !== undefined) fs.chmodSync(beside, found.mode & 0o7777);
    fs.renameSync(beside, target);
  } catch (error) {
    fs.rmSync(beside, { force: true });
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!NOT_BESIDE.includes(code)) throw error; // A full disk: in place the old text would be lost, too.
    fs.writeFileSync(target, text, { mode });
  }
}

function realPath(path: string): string {
  try {
    return fs.realpathSync(path);
  } catch {
    return path; // Not there yet.
  }
}
