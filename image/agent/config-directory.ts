/**
 * A directory where the kubelet mounts a ConfigMap: a file per key, links into `..data`, which is swapped as a whole when
 * the ConfigMap changes. There is nothing to subscribe to that works on every kernel and volume, so it is read again and
 * again; its version is a hash of what is in it.
 * @source kubernetes/dns pkg/dns/config/sync_dir.go
 */
import { createHash } from 'node:crypto';
import { CONFIG_DIRECTORY_FILES_MAX, CONFIG_FILE_BYTES_MAX } from '../limits';

/** What a directory lists. */
export interface DirectoryEntry {
  readonly name: string;
  /** False for directories, pipes, sockets and links to them; true for a link that leads nowhere. */
  readonly isFile: boolean;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** The part of the file system that is needed here. */
export interface DirectoryFiles {
  /** In any order; links are followed. @throws NodeJS.ErrnoException, ENOTDIR when `path` is a file */
  list(path: string): readonly DirectoryEntry[];
  /** @throws NodeJS.ErrnoException */
  readBytes(path: string): Uint8Array;
}

/** What is in a directory. */
export interface DirectoryContent {
  /** SHA-256 in hex over each file's name and content, sorted by name; `''` when there is no file. */
  readonly version: string;
  /** Contents by file name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Hidden files are the kubelet's own: `..data` and the directory it leads to. */
const isHidden = (name: string): boolean => name.startsWith('.');

/**
 * The files of a directory, without its subdirectories and hidden files.
 * Files beyond CONFIG_FILE_BYTES_MAX in all are not read: they count with size and time, and are missing in `files`.
 * @param ignored name of a file that is not looked at: one that we write ourselves
 * @throws Error in Go's words: `lstat /x: no such file or directory`, `config path "/x" is not a directory`
 */
export function readConfigDirectory(path: string, access: DirectoryFiles, ignored = ''): DirectoryContent {
  try {
    return readOnce(path, access, ignored);
  } catch {
    return readOnce(path, access, ignored); // The kubelet swapped `..data` in between: what was listed is gone.
  }
}

function readOnce(path: string, access: DirectoryFiles, ignored: string): DirectoryContent {
  const entries = listFiles(path, access).filter(({ name }) => name !== ignored);
  if (entries.length > CONFIG_DIRECTORY_FILES_MAX) {
    throw new Error(
      `config path "${path}" has ${entries.length} files, at most ${CONFIG_DIRECTORY_FILES_MAX} are read`,
    );
  }
  const hash = createHash('sha256');
  const files = new Map<string, Uint8Array>();
  let bytesLeft = CONFIG_FILE_BYTES_MAX;
  for (const { name, bytes, modifiedMs } of entries) {
    hash.update(`${name}\0`);
    if (bytes > bytesLeft) {
      hash.update(`${bytes} ${modifiedMs}\0`);
      continue;
    }
    const content = access.readBytes(path.endsWith('/') ? path + name : `${path}/${name}`);
    bytesLeft -= content.length;
    hash.update(content).update('\0');
    files.set(name, content);
  }
  return { version: entries.length === 0 ? '' : hash.digest('hex'), files };
}

function listFiles(path: string, access: DirectoryFiles): DirectoryEntry[] {
  try {
    const entries = access.list(path).filter(({ name, isFile }) => isFile && !isHidden(name));
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new Error(`lstat ${path}: no such file or directory`);
    if (code === 'ENOTDIR') throw new Error(`config path "${path}" is not a directory`);
    throw error;
  }
}
