/** A writer that never waits for its reader. */
import { LOG_BACKLOG_BYTES_MAX } from '../../../image/limits';
import { LogWriter, type WriteDescriptor } from '../../../image/observe/log-writer';

/** A descriptor that answers when told. */
function makeDescriptor(): {
  write: WriteDescriptor;
  text: () => string;
  answer: (error?: string, bytes?: number) => void;
} {
  const calls: { bytes: Uint8Array; done: Parameters<WriteDescriptor>[2] }[] = [];
  let written = '';
  return {
    write: (_, bytes, done) => void calls.push({ bytes, done }),
    text: () => written,
    answer: (error, bytes) => {
      const { bytes: given, done } = calls.shift() as (typeof calls)[number];
      if (error !== undefined) return done(Object.assign(new Error(error), { code: error }), 0);
      const count = bytes ?? given.length;
      written += Buffer.from(given.subarray(0, count)).toString();
      done(null, count);
    },
  };
}

describe('the writer', () => {
  test('keeps the order, one write at a time, and joins what came in meanwhile', () => {
    const descriptor = makeDescriptor();
    const writer = new LogWriter(1, () => {}, descriptor.write);
    for (const line of ['one\n', 'two\n', 'three\n']) writer.write(line);
    descriptor.answer();
    expect(descriptor.text()).toBe('one\n');
    descriptor.answer();
    expect(descriptor.text()).toBe('one\ntwo\nthree\n');
  });

  test('writes the rest of a line that went out in part, and tells when it is out', () => {
    const descriptor = makeDescriptor();
    const writer = new LogWriter(1, () => {}, descriptor.write);
    const done = jest.fn();
    writer.write('question', done);
    descriptor.answer(undefined, 3);
    expect(done).not.toHaveBeenCalled();
    descriptor.answer();
    expect(descriptor.text()).toBe('question');
    expect(done).toHaveBeenCalledTimes(1);
  });

  test('tries again when a descriptor that does not block is full', async () => {
    const descriptor = makeDescriptor();
    const writer = new LogWriter(1, () => {}, descriptor.write);
    writer.write('late\n');
    const drained = writer.drain(2_000);
    descriptor.answer('EAGAIN');
    await new Promise((resolve) => setTimeout(resolve, 60));
    descriptor.answer();
    await drained;
    expect(descriptor.text()).toBe('late\n');
  });

  test('goes on when nobody reads any more', () => {
    const descriptor = makeDescriptor();
    const writer = new LogWriter(1, () => {}, descriptor.write);
    writer.write('lost\n');
    descriptor.answer('EPIPE');
    writer.write('next\n');
    descriptor.answer();
    expect(descriptor.text()).toBe('next\n');
  });

  test('drops and counts what the backlog has no room for, and takes lines again when there is room', () => {
    const descriptor = makeDescriptor();
    const dropped = jest.fn();
    const writer = new LogWriter(1, dropped, descriptor.write);
    writer.write('x'.repeat(LOG_BACKLOG_BYTES_MAX));
    const done = jest.fn();
    writer.write('too much\n', done);
    expect(dropped).toHaveBeenCalledTimes(1);
    expect(done).toHaveBeenCalledTimes(1);
    descriptor.answer();
    writer.write('fits\n');
    descriptor.answer();
    expect(dropped).toHaveBeenCalledTimes(1);
    expect(descriptor.text().endsWith('xfits\n')).toBe(true);
  });

  test('does not keep the process for a reader that stalls', async () => {
    const writer = new LogWriter(1, () => {}, makeDescriptor().write);
    writer.write('never\n');
    const startMs = Date.now();
    await writer.drain(50);
    expect(Date.now() - startMs).toBeLessThan(1_000);
  });

  test('has nothing to wait for when nothing was written', async () => {
    await new LogWriter(1, () => {}, makeDescriptor().write).drain(60_000);
  });
});
