/** Which maps are the program's own file, untouched: only these may be given back, for they come back from the file. */
import { readFileSync } from 'node:fs';
import { openLibc } from '../../../image/kernel/ffi';
import { cleanRanges, ownProgramRanges } from '../../../image/observe/program-pages';

/** One map as the kernel describes it. */
function map(head: string, anonymousKb: number, flags: string): string {
  return `${head}
Size:              16384 kB
Rss:               12288 kB
Private_Dirty:         0 kB
Anonymous:     ${String(anonymousKb).padStart(9)} kB
AnonHugePages:         0 kB
THPeligible:           0
VmFlags: ${flags} 
`;
}

const CODE = '00401000-01401000 r-xp 00001000 fe:00 215 ';

test('code and tables that are as in the file are found, with place and size', () => {
  const smaps =
    map(`${CODE}  /usr/bin/node`, 0, 'rd ex mr mw me') +
    map('7faf00-7fbf00 r--p 0 fe:00 215 /usr/bin/node', 0, 'rd mr');
  expect(cleanRanges(smaps, '/usr/bin/node')).toEqual([
    { address: 0x401000, bytes: 16 << 20 },
    { address: 0x7faf00, bytes: 0x1000 },
  ]);
});

test.each([
  ['of another file', `${CODE} /usr/lib/libc.so.6`, 0, 'rd ex mr mw me'],
  ['of a file whose name goes on', `${CODE} /usr/bin/node (deleted)`, 0, 'rd ex mr mw me'],
  ['of no file', '00401000-01401000 r-xp 00000000 00:00 0 ', 0, 'rd ex mr mw me'],
  ['that may be written', '00401000-01401000 rw-p 00001000 fe:00 215 /usr/bin/node', 0, 'rd wr mr mw me ac'],
  ['that others share', '00401000-01401000 r--s 00001000 fe:00 215 /usr/bin/node', 0, 'rd mr mw me'],
  ['with a page that was written', `${CODE} /usr/bin/node`, 4, 'rd ex mr mw me'],
  ['that was written before it was locked', `${CODE} /usr/bin/node`, 0, 'rd mr mw me ac'],
])('a map %s stays', (_, head, anonymousKb, flags) => {
  expect(cleanRanges(map(head, anonymousKb, flags), '/usr/bin/node')).toEqual([]);
});

test('this process goes on without them, in less memory', () => {
  const fileKb = (): number => Number(/^RssFile:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
  const ranges = ownProgramRanges();
  const before = fileKb();
  const libc = openLibc();
  expect(ranges.map(({ address, bytes }) => libc.discardMemory(address, bytes))).toEqual(ranges.map(() => 0));
  expect(ranges.length).toBeGreaterThan(0);
  expect(before - fileKb()).toBeGreaterThan(5 << 10); // Of some 40 MiB of Node 20; this line needs some of them again.
  expect(JSON.parse('{"a":[1,2.5,"\\u00e9"]}')).toEqual({ a: [1, 2.5, 'é'] });
});
