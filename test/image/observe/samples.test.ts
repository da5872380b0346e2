/** Samples cross from worker to main in shared memory: what is written is read, and what is lost is never read by halves. */
import { SAMPLE_SLOTS } from '../../../image/limits';
import { NO_BLOCK, newSampleRing, Path, queryMark, SampleReader, SampleWriter } from '../../../image/observe/samples';
import { textToName } from '../../../image/wire/name-text';

const KEY = textToName('www.example.org.')!;
const CLIENT = new Uint8Array([0, 0, 10, 1, 2, 3]);

function pair(): { writer: SampleWriter; reader: SampleReader } {
  const reader = new SampleReader(newSampleRing());
  return { reader, writer: new SampleWriter(reader.ring) };
}

function write(writer: SampleWriter, microseconds: number, upstream = '10.0.0.10:53'): void {
  writer.begin(Path.MISS, 3, 28, microseconds, CLIENT, 2, 4, KEY, KEY.length);
  writer.end(true, 2, 'forward', upstream, false);
}

test('a sample is read as it was written', () => {
  const { writer, reader } = pair();
  write(writer, 1234.5);
  expect(reader.read()).toEqual([
    {
      path: 'miss',
      rcode: 3,
      type: 28,
      microseconds: 1234.5,
      address: new Uint8Array([10, 1, 2, 3]),
      isTcp: true,
      block: 2,
      name: 'www.example.org.',
      writer: 'forward',
      upstream: '10.0.0.10:53',
      isWanted: false,
    },
  ]);
  expect(reader.read()).toEqual([]); // Once.
});

test('an IPv6 client, no block, no name, and a text that does not fit', () => {
  const { writer, reader } = pair();
  const address = Uint8Array.from({ length: 16 }, (_, index) => index);
  write(writer, 1); // The slot's last name must not shine through.
  reader.read();
  writer.begin(Path.REFUSED, 5, 0, 2, address, 0, 16, KEY, 0);
  writer.end(false, NO_BLOCK, '', 'x'.repeat(200), true);
  const [sample] = reader.read();
  expect(sample).toMatchObject({ path: 'refused', name: '.', block: NO_BLOCK, isWanted: true, writer: '', address });
  expect(sample.upstream).toBe('x'.repeat(95));
});

test('a reader that is too slow gets the latest, in order', () => {
  const { writer, reader } = pair();
  for (let index = 0; index < SAMPLE_SLOTS + 10; index++) write(writer, index);
  const samples = reader.read();
  // The slot that is next to be written may be half written: it is left out.
  expect(samples).toHaveLength(SAMPLE_SLOTS - 1);
  expect(samples[0].microseconds).toBe(11);
  expect(samples.at(-1)!.microseconds).toBe(SAMPLE_SLOTS + 9);
});

test('queries are counted, steps and wishes arrive, the worker is heard', () => {
  const reader = new SampleReader(newSampleRing());
  expect(reader.isHeard).toBe(false);
  const writer = new SampleWriter(reader.ring);
  expect(reader.isHeard).toBe(true);
  expect([writer.step, writer.wanted]).toEqual([1, 0]);
  reader.setStep(50);
  reader.want(queryMark(65535, 65535));
  expect([writer.step, writer.wanted]).toEqual([50, queryMark(65535, 65535)]);
  for (let index = 0; index < 7; index++) writer.see();
  expect([reader.seen(), reader.seen()]).toEqual([7, 0]);
});
