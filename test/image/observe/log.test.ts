/** Log lines: the form others grep for. */
import { formatDate, formatLine, Log } from '../../../image/observe/log';

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
