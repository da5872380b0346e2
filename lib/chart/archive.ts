/** The chart as one file, the same bytes each time: what `helm package` makes, without the time of day. */
import { gzipSync } from 'node:zlib';

const BLOCK_BYTES = 512;
const PATH_BYTES_MAX = 100; // The name field of ustar; a chart's paths are short.
/** Seconds since 1970: the start of 1980, which every unpacker takes. */
const MODIFIED_SECONDS = 315_532_800;

/**
 * A tar archive, compressed.
 * @param root folder in the archive that holds everything: Helm wants the chart's name
 * @param files path below the root to text, written in the order of the record
 * @throws RangeError when a path is longer than 100 bytes, root included
 * @source POSIX.1-1988 ustar; RFC 1952 for gzip, without file name and time
 */
export function archive(root: string, files: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(files).flatMap(([path, text]) => entry(`${root}/${path}`, Buffer.from(text)));
  const bytes = gzipSync(Buffer.concat([...entries, Buffer.alloc(2 * BLOCK_BYTES)]), { level: 9 });
  bytes[9] = 255; // The operating system, which differs by builder: unknown.
  return bytes;
}

function entry(path: string, content: Buffer): Buffer[] {
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) throw new RangeError(`${path}: want at most ${PATH_BYTES_MAX} bytes`);
  const padding = Buffer.alloc((BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES);
  return [header(path, content.length), content, padding];
}

function header(path: string, contentBytes: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, offset: number, digits: number): void => {
    block.write(value.toString(8).padStart(digits, '0'), offset, 'latin1');
  };
  block.write(path, 0);
  octal(0o644, 100, 7);
  octal(0, 108, 7); // User and group: root, without names.
  octal(0, 116, 7);
  octal(contentBytes, 124, 11);
  octal(MODIFIED_SECONDS, 136, 11);
  block.write('0', 156, 'latin1'); // A file.
  block.write('ustar\x0000', 257, 'latin1');
  block.fill(' ', 148, 156); // The sum counts its own field as blanks.
  const sum = block.reduce((total, byte) => total + byte, 0);
  octal(sum, 148, 6);
  block[154] = 0;
  return block;
}
