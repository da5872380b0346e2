/** Log lines: the form others grep for, and a writer that never waits. */
import { LOG_BACKLOG_BYTES_MAX } from '../../../image/limits';
import { formatDate, formatLine, Log } from '../../../image/observe/log';
import { LogWriter, type WriteDescriptor } from '../../../image/observe/log-writer';

describe('lines', () => {
  const early: string[] = [];
  const late: string[] = [];
  const noon = new Date(2026, 10, 21, 2, 12, 10);
  const log = new Log({ write: (text) => early.push(text) }, { write: (text) => late.push(text) }, () => noon);

  beforeEach(() => {
    early.length = 0;
    late.length = 0;
  });

  test('before the start they carry a date and go to stderr', () => {
    log.info('Using config file:');
    expect(early).toEqual(['2026/11/21 02:12:10 [INFO] Using config file:\n']);
    expect(late).toEqual([]);
  });

  test('a banner goes to stdout at any time', () => {
    log.raw('.:53\n');
    expect(late).toEqual(['.:53\n']);
  });

  test('after the start they have no date and go to stdout', () => {
    log.startRunning();
    log.warning('a');
    log.error('b');
    log.fatal('c');
    log.plugin('health', 'INFO', 'Going into lameduck mode for 5s');
    log.block('Using config file:', '.:53 {\n}');
    expect(early).toEqual([]);
    expect(late).toEqual([
      '[WARNING] a\n',
      '[ERROR] b\n',
      '[FATAL] c\n',
      '[INFO] plugin/health: Going into lameduck mode for 5s\n',
      '[INFO] Using config file:\n',
      '.:53 {\n}\n',
    ]);
  });

  test('a text with line feeds cannot forge a second line', () => {
    expect(formatLine('ERROR', 'one\n[INFO] two\r\nthree')).toBe('[ERROR] one [INFO] two three\n');
  });

  test('dates have two digits', () => {
    expect(formatDate(new Date(2026, 0, 2, 3, 4, 5))).toBe('2026/01/02 03:04:05');
  });
});

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
