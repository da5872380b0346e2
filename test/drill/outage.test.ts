/** Outages as clients feel them: notes are read right, and the table is printed. */
import { machineText, waitedPercent } from './machine';
import { outageOf, outageRow, outageText, tableText } from './outage';
import { INTERVAL_MS, type Notes } from './streams';

const STREAM = { place: 'pod', address: '10.96.0.10', way: 'udp' } as const;

/** A question every 5 ms from 1000 on; `by` has one letter for each; answers come a millisecond later. */
function notes(by: string): Notes {
  const askedMs = [...by].map((_, index) => 1000 + index * INTERVAL_MS);
  return {
    stream: STREAM,
    askedMs,
    answeredMs: askedMs.map((asked, index) => (by[index] === '-' ? 0 : asked + 1)),
    by,
  };
}

describe('what a client went through', () => {
  test.each([
    // letters, fault and return as question numbers; longest gap, time back, unanswered, by the servers
    ['cccccccc', 2, 4, 5, 0, 0, 0],
    ['cc--cccc', 2, 4, 15, 0, 2, 0],
    ['cc--ss--ccc', 2, 6, 15, 10, 4, 2],
    ['cc--ssscccc', 2, 6, 15, 5, 2, 2],
    ['cc--ssscscc', 2, 6, 15, 15, 2, 2],
    ['cc--ffcccc', 2, 4, 25, 10, 4, 0],
  ])(
    '%s: harmed at the %ith question, back at the %ith',
    (by, fault, back, longestMs, backMs, unanswered, byServers) => {
      const outage = outageOf(notes(by), { faultMs: 999 + fault * 5, returnMs: 1000 + back * 5 });
      expect(outage).toEqual({
        stream: STREAM,
        questions: by.length,
        longestMs,
        backMs,
        unanswered,
        byServers,
        lateMs: 0,
      });
    },
  );

  test.each(['cc--ssss', 'cc--cc--', 'cc-----'])('%s: never back', (by) => {
    expect(outageOf(notes(by), { faultMs: 1009, returnMs: 1020 }).backMs).toBe(Number.POSITIVE_INFINITY);
  });

  test('silence to the end is an outage, also when nothing ever came', () => {
    expect(outageOf(notes('c-----'), { faultMs: 1004 }).longestMs).toBe(24);
    expect(outageOf(notes('------'), { faultMs: 1004 }).longestMs).toBe(25);
  });

  test('a client that the machine kept from asking says by how much', () => {
    const some = notes('cccc');
    const outage = outageOf({ ...some, askedMs: [1000, 1005, 1130, 1135] }, { faultMs: 1001 });
    expect(outage.lateMs).toBe(120);
    expect(outageText(outage)).toMatch(/^pod, ClusterIP, IPv4, udp: \d+ ms, back .*; asked up to 120 ms late$/);
  });

  test.each([
    ['some avg10=99.20 avg60=98.85 avg300=96.62 total=12\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n', 99.2],
    ['', null],
  ])('pressure %j is %j percent', (text, percent) => {
    expect(waitedPercent(text)).toBe(percent);
    expect(machineText()).toMatch(/^load \d+\.\d on \d+ processors/);
  });

  test('a line of the table has the worst of its clients', () => {
    const outages = ['cc--cccc', 'cc----cc'].map((by) => outageOf(notes(by), { faultMs: 1009, returnMs: 1020 }));
    expect(outageRow('SIGKILL', 'nft', 'pod', outages)).toEqual([
      'SIGKILL',
      'nft',
      'pod',
      '0.03 s',
      '0.01 s',
      '16',
      '6',
    ]);
    expect(tableText(['a', 'bb'], [['ccc', 'd']])).toBe('| a   | bb |\n|-----|----|\n| ccc | d  |\n');
  });
});
