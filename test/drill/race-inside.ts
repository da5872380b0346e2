/**
 * Runs in the pod: asks A and AAAA from one port at the same moment. Two threads do it, each on a socket of the same port, so
 * that two processors of the node meet the same flow at once, as with the queues of a real network card.
 */
import dgram from 'node:dgram';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { answerCalls } from '../support/calls';
import { encodeQuestion } from '../support/dns-client';

const NAME = 'who.default.svc.cluster.local.';
/** First source port; each pair has the next. */
const PORT_FIRST = 20_000;
/** Milliseconds for the last answers. */
const SETTLE_MS = 1_000;

/** What a thread does. */
interface Task {
  readonly address: string;
  readonly pairs: number;
  readonly type: 'A' | 'AAAA';
  /** Where the threads meet before each pair: one counter. */
  readonly meeting: SharedArrayBuffer;
}

/** Answers to questions of one type, from all pairs. */
async function askAll({ address, pairs, type, meeting }: Task): Promise<number> {
  const counter = new Int32Array(meeting);
  const answered = new Set<string>();
  for (let pair = 0; pair < pairs; pair++) {
    const socket = dgram.createSocket({ type: 'udp4', reuseAddr: true });
    // Answers come to the younger of the two sockets, whichever thread has it.
    socket.on('message', (bytes) => answered.add(`${pair} ${bytes.readUInt16BE(0)}`));
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => socket.bind(PORT_FIRST + pair, '10.244.0.10', resolve));
    await new Promise<void>((resolve) => socket.connect(53, address, resolve));
    const question = encodeQuestion({ name: NAME, type, port: 53 }, type === 'A' ? 1 : 2);
    Atomics.add(counter, 0, 1);
    while (Atomics.load(counter, 0) < 2 * (pair + 1)); // Both at once: to sleep would be too late.
    socket.send(question);
    setTimeout(() => socket.close(), SETTLE_MS);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  return answered.size;
}

/** @returns answers that stayed out, of two per pair */
async function race(address: string, pairs: number): Promise<number> {
  const meeting = new SharedArrayBuffer(4);
  const answers = (['A', 'AAAA'] as const).map((type) => {
    const worker = new Worker(__filename, { workerData: { address, pairs, type, meeting } satisfies Task });
    return new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  });
  const [first, second] = await Promise.all(answers);
  return 2 * pairs - first - second;
}

if (isMainThread) answerCalls({ race });
else askAll(workerData as Task).then((answers) => parentPort!.postMessage(answers));
