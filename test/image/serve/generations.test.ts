/** One plan after another in a running worker: what stays, what goes, and that nobody is without an answer meanwhile. */
import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import { LISTENERS_MIN, RETIRING_MAX, STOP_GRACE_MS } from '../../../image/limits';
import type { Generations } from '../../../image/serve/generations';
import { decodeMessage } from '../../../image/wire/message';
import type { TcpEnd, UdpPeer } from '../../support/fake-network';
import { FakeWorker } from '../../support/fake-worker';
import { questionPacket } from '../../support/query';
import { frame } from '../../support/raw-client';
import { encodeSays } from '../../support/resolver';

const HERE = { address: '127.0.0.1', port: 53 };
const UPSTREAM = '10.9.9.9';

/** A worker, an upstream that answers or not, and a client. */
class Stage {
  readonly worker: FakeWorker;
  readonly client: UdpPeer;
  /** Questions that reached the upstream. */
  asked = 0;
  /** Questions it has not answered yet, oldest first. */
  readonly held: (() => void)[] = [];
  holds = false;

  constructor(corefile: string) {
    this.worker = new FakeWorker(corefile);
    const { network } = this.worker.kernel;
    for (const address of [UPSTREAM, '10.9.9.8']) {
      const upstream = network.udpPeer(address, 53);
      upstream.onDatagram = ({ from, bytes }) => {
        this.asked++;
        const query = decodeMessage(bytes, 0, bytes.length)!;
        const answer = (): void => void upstream.send(from, encodeSays({ answer: ['@ 60 A 192.0.2.1'] }, query));
        if (this.holds) this.held.push(answer);
        else answer();
      };
    }
    this.client = network.udpPeer('10.1.2.3');
    this.worker.pass(0);
  }

  ask(name: string, to = HERE): void {
    this.client.send(to, questionPacket(name));
    this.worker.pass(0);
  }

  /** Ask and hear. @returns rcode and answers, or undefined for silence */
  answer(name: string, to = HERE): string | undefined {
    this.ask(name, to);
    return this.heard();
  }

  /** The next answer that came. */
  heard(): string | undefined {
    const bytes = this.client.received.shift()?.bytes;
    const message = bytes && decodeMessage(bytes, 0, bytes.length);
    return message && `${message.flags & 0xf} ${message.answer.length}`;
  }

  connect(to = HERE): TcpEnd {
    return this.worker.kernel.network.tcpConnect(to, '10.1.2.3')!;
  }

  overTcp(end: TcpEnd, name: string): number {
    end.write(frame(questionPacket(name)));
    this.worker.pass(0);
    return end.read().length;
  }
}

const block = (directives: string, key = '.', bind = '127.0.0.1'): string =>
  `${key} {\nbind ${bind}\n${directives}\n}\n`;
const FORWARD = `forward . ${UPSTREAM}`;
const CACHED = block(`cache 30\n${FORWARD}`);

/** Collects garbage. Jest's workers are started without the flag. */
function collectGarbage(): void {
  v8.setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

describe('a new plan', () => {
  test('answers from the moment it is taken', () => {
    const stage = new Stage(block('whoami'));
    expect(stage.answer('a.test.')).toBe('0 0');
    expect(stage.worker.reload(block(FORWARD))).toBe('');
    expect(stage.answer('a.test.')).toBe('0 1');
  });

  test('leaves no question without an answer, over 50 reloads, with questions waiting at each of them', () => {
    const stage = new Stage(CACHED);
    const end = stage.connect();
    let tcpBytes = 0;
    for (let time = 0; time < 50; time++) {
      stage.client.send(HERE, questionPacket(`before${time}.test.`));
      end.write(frame(questionPacket(`tcp${time}.test.`)));
      expect(stage.worker.reload(block(`cache ${time + 1}\n${FORWARD}`))).toBe('');
      stage.client.send(HERE, questionPacket(`after${time}.test.`));
      stage.worker.pass(1);
      tcpBytes += end.read().length > 0 ? 1 : 0;
    }
    expect(stage.client.received.length).toBe(100);
    expect(tcpBytes).toBe(50);
    expect(end.ended).toBe(false);
  });

  test('keeps TCP connections of listeners that stay, and its questions go to the new handlers', () => {
    const stage = new Stage(block('whoami'));
    const end = stage.connect();
    const before = stage.overTcp(end, 'a.test.');
    stage.worker.reload(block(FORWARD));
    expect(stage.overTcp(end, 'a.test.')).not.toBe(before);
    expect(stage.asked).toBe(1);
  });

  test('does not take queries away that are on their way: they end on the handlers they began with', () => {
    const stage = new Stage(block(FORWARD));
    stage.holds = true;
    stage.ask('slow.test.');
    stage.worker.reload(block('whoami'));
    expect(stage.answer('a.test.')).toBe('0 0');
    stage.held[0]();
    stage.worker.pass(0);
    expect(stage.heard()).toBe('0 1');
  });

  test('opens listeners that are new and closes those that are gone', () => {
    const stage = new Stage(block('whoami'));
    const other = { address: '127.0.0.2', port: 53 };
    expect(stage.answer('a.test.', other)).toBeUndefined();
    stage.worker.reload(block('whoami', '.', '127.0.0.1 127.0.0.2'));
    expect(stage.answer('a.test.', other)).toBe('0 0');
    stage.worker.reload(block('whoami', '.', '127.0.0.2'));
    stage.worker.pass(0);
    expect(stage.answer('a.test.')).toBeUndefined();
    expect(stage.worker.kernel.network.tcpConnect(HERE, '10.1.2.3')).toBeUndefined();
    expect(stage.answer('a.test.', other)).toBe('0 0');
  });

  test('a listener that is gone is heard until its queries are answered, and its connections end', () => {
    const overUdp = `${FORWARD} {\nprefer_udp\n}`;
    const stage = new Stage(block(overUdp));
    stage.holds = true;
    const end = stage.connect();
    end.write(frame(questionPacket('tcp.test.')));
    stage.ask('slow.test.');
    stage.worker.reload(block(overUdp, '.', '127.0.0.2'));
    stage.ask('more.test.');
    expect(stage.held.length).toBe(3);
    expect(end.ended).toBe(false);
    for (const answer of stage.held) answer();
    stage.worker.pass(0);
    expect([stage.heard(), stage.heard()]).toEqual(['0 1', '0 1']);
    expect(end.read().length).toBeGreaterThan(0);
    expect(end.ended).toBe(true);
    expect(stage.answer('a.test.')).toBeUndefined();
  });

  test('a listener that is gone and comes back before it is quiet has new sockets', () => {
    const stage = new Stage(block(FORWARD));
    stage.holds = true;
    stage.ask('slow.test.');
    stage.worker.reload(block('whoami', '.', '127.0.0.2'));
    expect(stage.worker.reload(block('whoami'))).toBe('');
    stage.holds = false;
    stage.held[0]();
    stage.worker.pass(0);
    expect(stage.heard()).toBe('0 1');
    expect(stage.answer('a.test.')).toBe('0 0');
  });
});

describe('a cache', () => {
  test.each([
    ['nothing changed', CACHED, true],
    ['onlookers came', block(`cache 30\n${FORWARD}\nerrors\nprometheus :9153\nlog\nreload\nloop`), true],
    ['another block came', `${CACHED}${block('whoami', 'other')}`, true],
    ['it is listened on another address as well', block(`cache 30\n${FORWARD}`, '.', '127.0.0.1 127.0.0.2'), true],
    ['the cache itself changed', block(`cache 60\n${FORWARD}`), false],
    ['another upstream', block('cache 30\nforward . 10.9.9.8'), false],
    ['a plugin that answers came', block(`cache 30\nhosts {\n1.2.3.4 b.test\nfallthrough\n}\n${FORWARD}`), false],
    ['other zones', block(`cache 30\n${FORWARD}`, 'test'), false],
  ])('after a reload, %s: is it kept? %#', (_, corefile, isKept) => {
    const stage = new Stage(CACHED);
    expect(stage.answer('a.test.')).toBe('0 1');
    stage.worker.reload(corefile);
    expect(stage.answer('a.test.')).toBe('0 1');
    expect(stage.asked).toBe(isKept ? 1 : 2);
  });

  test('two blocks of the same directives keep their own', () => {
    const corefile = `${block(`cache\n${FORWARD}`, 'a')}${block(`cache\n${FORWARD}`, 'b')}`;
    const stage = new Stage(corefile);
    for (const name of ['x.a.', 'x.b.']) stage.answer(name);
    stage.worker.reload(corefile);
    for (const name of ['x.a.', 'x.b.']) expect(stage.answer(name)).toBe('0 1');
    expect(stage.asked).toBe(2);
  });

  test('what a query on its way brings after the reload is kept, too', () => {
    const stage = new Stage(CACHED);
    stage.holds = true;
    stage.ask('slow.test.');
    stage.worker.reload(CACHED);
    stage.held[0]();
    stage.worker.pass(0);
    expect([stage.heard(), stage.answer('slow.test.')]).toEqual(['0 1', '0 1']);
    expect(stage.asked).toBe(1);
  });

  test('it says how many entries it holds: none after it was dropped', () => {
    const corefile = (seconds: number): string => block(`cache ${seconds}\nprometheus :9153\n${FORWARD}`);
    const stage = new Stage(corefile(30));
    stage.answer('a.test.');
    expect(stage.worker.metric('coredns_cache_entries', 'success')).toBe(1);
    stage.worker.reload(corefile(30));
    expect(stage.worker.metric('coredns_cache_entries', 'success')).toBe(1);
    stage.worker.reload(corefile(60));
    expect(stage.worker.metric('coredns_cache_entries', 'success')).toBe(0);
  });
});

describe('what is counted', () => {
  test('a listener and a zone that stay keep their series; plugins that are gone are at 0', () => {
    const stage = new Stage(block('prometheus :9153\nwhoami\nerrors'));
    stage.answer('a.test.');
    stage.worker.reload(block('prometheus :9153\nwhoami'));
    stage.answer('a.test.');
    expect(stage.worker.metric('coredns_dns_requests_total')).toBe(2);
    expect(stage.worker.metric('coredns_plugin_enabled', 'errors')).toBe(0);
    expect(stage.worker.metric('coredns_plugin_enabled', 'whoami')).toBe(1);
  });
});

describe('a plan that is refused leaves all as it was', () => {
  test('more listeners than there is memory for', () => {
    const stage = new Stage(block('whoami'));
    const many = Array.from({ length: LISTENERS_MIN }, (_, index) => `127.0.1.${index}`).join(' ');
    expect(stage.worker.reload(block('whoami', '.', many))).toMatch(/^33 listeners.*\(32\); restart it$/);
    expect(stage.answer('a.test.')).toBe('0 0');
  });

  test('one after the stop began', () => {
    const stage = new Stage(block('whoami'));
    stage.worker.send({ kind: 'stop', graceMs: 100 });
    expect(stage.worker.reload(block(FORWARD))).toBe('the process stops');
  });
});

test(`${RETIRING_MAX} old plans may have queries on their way; the next waits until one of them has ended`, () => {
  const stage = new Stage(block(FORWARD));
  stage.holds = true;
  for (let time = 0; time < RETIRING_MAX; time++) {
    stage.ask(`slow${time}.test.`);
    expect(stage.worker.reload(block(FORWARD))).toBe('');
  }
  stage.ask('slow.test.');
  expect(stage.worker.reload(block('whoami'))).toBe('no answer yet');
  stage.held[0]();
  stage.worker.pass(0);
  expect(stage.worker.posted.at(-1)).toEqual({ kind: 'plan-taken' });
  expect([stage.heard(), stage.answer('a.test.')]).toEqual(['0 1', '0 0']);
});

test('a query that nobody answers holds an old plan up no longer than queries last', () => {
  const stage = new Stage(block(FORWARD));
  stage.holds = true;
  stage.ask('silent.test.');
  stage.worker.reload(block('whoami', '.', '127.0.0.2'));
  const open = stage.worker.kernel.network.udpSockets.size;
  stage.worker.pass(2 * STOP_GRACE_MS);
  expect(stage.worker.kernel.network.udpSockets.size).toBeLessThan(open);
  expect(stage.heard()).toBe('2 0');
  expect(stage.answer('a.test.')).toBeUndefined();
});

test('upstreams that no plan names any more are closed, the others keep their sockets', () => {
  const stage = new Stage(block(FORWARD));
  stage.answer('a.test.');
  const { udpSockets } = stage.worker.kernel.network;
  const kept = [...udpSockets].find(({ remote }) => remote?.address === UPSTREAM);
  expect(kept).toBeDefined();
  stage.worker.reload(block(`errors\n${FORWARD}`));
  expect(udpSockets.has(kept!)).toBe(true);
  stage.worker.reload(block('forward . 10.9.9.8'));
  stage.worker.pass(0);
  expect(udpSockets.has(kept!)).toBe(false);
});

test('over 1,000 reloads descriptors and memory stay as they are', () => {
  const plans = [CACHED, block(`cache 60\n${FORWARD}`, '.', '127.0.0.1 127.0.0.3'), block(`errors\ncache\n${FORWARD}`)];
  const stage = new Stage(CACHED);
  const { kernel } = stage.worker;
  const size = (): number[] => [kernel.openCount, kernel.mapCount];
  const reload = (times: number): void => {
    for (let time = 0; time < times; time++) {
      expect(stage.worker.reload(plans[time % plans.length])).toBe('');
      expect(stage.answer(`n${time % 5}.test.`)).toBe('0 1');
    }
    stage.worker.pass(30_000); // Kept upstream sockets go.
  };
  reload(30);
  const before = size();
  reload(999);
  expect(size()).toEqual(before);
});

test('handlers of plans that are gone are gone, too', async () => {
  const plans = [CACHED, block(`errors\ncache 30\n${FORWARD}`)]; // Each takes over from the one before.
  const stage = new Stage(CACHED);
  const { generations } = stage.worker.worker as unknown as { generations: Generations };
  const made: WeakRef<object>[] = [];
  for (let time = 0; time < 60; time++) {
    expect(stage.worker.reload(plans[time % plans.length])).toBe('');
    stage.answer('a.test.');
    for (const handler of generations.handlers()) made.push(new WeakRef(handler));
  }
  await new Promise((resolve) => setImmediate(resolve)); // A WeakRef holds its target to the end of the turn.
  collectGarbage();
  expect(made.length).toBeGreaterThan(120);
  expect(made.filter((handler) => handler.deref() !== undefined).length).toBeLessThan(10);
});
