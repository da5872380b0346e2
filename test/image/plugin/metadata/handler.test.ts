import { HANDLERS } from '../../../../image/plugin/handlers';
import { handler } from '../../../../image/plugin/metadata/handler';
import { FakeWorker } from '../../../support/fake-worker';
import { packetOf } from '../recorded/ask';

const FORMAT = 'log . "{name} {/forward/upstream} {/trace/traceid} {/no/such}"';

/** The log of questions for these names, through an upstream that refuses. */
function logged(lines: string, ...names: string[]): string[] {
  const worker = new FakeWorker(`. {\nbind 127.0.0.1\n${lines}\n${FORMAT}\nforward . 10.9.9.9\n}\n`);
  const upstream = worker.kernel.network.udpPeer('10.9.9.9', 53);
  upstream.onDatagram = ({ from, bytes }) => {
    const answer = Buffer.from(bytes);
    answer[2] |= 0x80;
    answer[3] = 5;
    upstream.send(from, answer);
  };
  for (const name of names) {
    worker.kernel.network
      .udpPeer('127.0.0.1')
      .send({ address: '127.0.0.1', port: 53 }, packetOf(name.includes(' ') ? name : `${name} A`));
    worker.pass(20);
  }
  return worker.posted.flatMap((one) => (one.kind === 'log' ? one.text.trim().split('\n') : []));
}

test('what forward and trace note is in the log', () => {
  expect(HANDLERS.metadata).toBe(handler);
  expect(logged('metadata', 'a.example.')).toEqual(['[INFO] a.example. 10.9.9.9:53 - -']);
  const [line] = logged('metadata\ntrace', 'a.example.');
  expect(line).toMatch(/^\[INFO\] a\.example\. 10\.9\.9\.9:53 [0-9a-f]{16} -$/);
});

test('what is noted while dns64 asks the handlers behind it is in the log, too', () => {
  expect(logged('metadata\ndns64 {\nallow_ipv4\n}', 'a.example.', 'b.example. AAAA')).toEqual([
    '[INFO] a.example. 10.9.9.9:53 - -',
    '[INFO] b.example. 10.9.9.9:53 - -', // The A question of dns64, which comes in at the front.
    '[INFO] b.example. 10.9.9.9:53 - -',
  ]);
});

test('without metadata, and outside its zones, there are no notes', () => {
  expect(logged('trace', 'a.example.')).toEqual(['[INFO] a.example. - - -']);
  expect(logged('metadata example.org', 'a.example.', 'b.example.org.')).toEqual([
    '[INFO] a.example. - - -',
    '[INFO] b.example.org. 10.9.9.9:53 - -',
  ]);
});
