import { MISMATCHES_SHOWN_PER_SECOND } from '../../../image/limits';
import { Counters } from '../../../image/observe/counters';
import { TurnLog } from '../../../image/serve/log';
import { Mismatches } from '../../../image/serve/mismatches';

function made(debug: boolean) {
  const values = new Float64Array(100);
  const counters = new Counters(values, () => {});
  let posted = '';
  const log = new TurnLog(new SharedArrayBuffer(4), counters, (text) => {
    posted += text;
  });
  log.debug = debug;
  let nowMs = 5000;
  const mismatches = new Mismatches({ now: () => nowMs }, counters, log);
  const note = (times: number): number => {
    posted = '';
    for (let time = 0; time < times; time++) mismatches.note(Uint8Array.of(1, 2), 0, 2);
    log.flush();
    return posted.split('\n').length - 1;
  };
  return {
    note,
    later: () => {
      nowMs += 1000;
    },
    count: () => values[counters.slot('nodelocaldns_upstream_mismatched_total')],
  };
}

test('all are counted, none is shown', () => {
  const { note, count } = made(false);
  expect([note(30), count()]).toEqual([0, 30]);
});

test('with debug a few of each second are shown', () => {
  const { note, later, count } = made(true);
  const lines = 3 * MISMATCHES_SHOWN_PER_SECOND; // What, its octets, its end.
  expect([note(30), note(30)]).toEqual([lines, 0]);
  later();
  expect([note(30), count()]).toEqual([lines, 90]);
});
