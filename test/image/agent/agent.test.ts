/** The life of the process in a fake world: order of starting and stopping, and what is undone. */
import { Agent } from '../../../image/agent/agent';
import { readCommandLine } from '../../../image/agent/flags';
import { COUNTER_SLOTS, LOG_BACKLOG_BYTES_MAX } from '../../../image/limits';
import { Registry } from '../../../image/observe/registry';
import { stringAt } from '../../../image/plugin/hosts/strings';
import { FakeWorld, fakeLog, settle } from '../../support/fake-world';

const COREFILE = `cluster.local:53 {
    bind 169.254.20.10
    errors
    cache 30
    hosts /etc/nodes {
        reload 2s
    }
    loop
    reload
    prometheus :9253
    health 169.254.20.10:8080 {
        lameduck 3s
    }
}
.:53 {
    bind 169.254.20.10
    forward . 192.0.2.1
    prometheus :9253
}
`;

function make(
  line = '-conf /etc/Corefile -pidfile /run/pid',
  corefile = COREFILE,
  prepare: (world: FakeWorld) => void = () => {},
): {
  world: FakeWorld;
  agent: Agent;
  log: ReturnType<typeof fakeLog>;
  fatal: jest.Mock;
  page: () => string;
  written: [string, () => void][];
} {
  const read = readCommandLine('node-cache', line.split(' '));
  if (read.kind === 'end') throw new Error(read.text);
  const world = new FakeWorld();
  world.files.set('/etc/Corefile', corefile);
  world.files.set('/etc/nodes', '10.0.0.1 node-a.cluster.local\n');
  prepare(world);
  const registry = new Registry({ version: '1', revision: '', runtime: '' });
  const log = fakeLog();
  const fatal = jest.fn();
  const written: [string, () => void][] = [];
  const events = { write: (text: string, done: () => void) => void written.push([text, done]), fatal };
  const agent = new Agent(read.settings, world, registry, log.log, events);
  return { world, agent, log, fatal, written, page: () => registry.text() };
}

test('every step of both lists has a name of its own and a reason', () => {
  const { agent } = make();
  for (const steps of [agent.startList(), agent.stopList()]) {
    expect(new Set(steps.map(({ name }) => name)).size).toBe(steps.length);
    for (const { reason } of steps) expect(reason.length).toBeGreaterThan(10);
  }
});

describe('a start', () => {
  test('opens sockets, then the worker, then metrics and health, then writes the pidfile', async () => {
    const { agent, world } = make();
    await agent.start();
    expect(world.events.slice(0, 4)).toEqual([
      'http open: 0.0.0.0:9353 /metrics',
      'sockets open: dns://169.254.20.10:53',
      'worker 0 started',
      'http open: :9253 /metrics, 169.254.20.10:8080 /health',
    ]);
    expect(world.files.read('/run/pid')).toBe('4711\n');
    expect(world.pages.get('169.254.20.10:8080 /health')?.(new URLSearchParams())).toEqual({
      contentType: 'text/plain; charset=utf-8',
      body: 'OK',
    });
  });

  test('hands the worker its sockets, counters, hosts files and loop probes', async () => {
    const { agent, world } = make();
    await agent.start();
    const { data } = world.workers[0];
    expect(data.listeners).toEqual([{ udp: 10, tcp: 20 }]);
    expect(data.wakeFd).toBe(30);
    expect(data.counters.byteLength).toBe(COUNTER_SLOTS * 8);
    expect(data.hosts.map(({ path, pack }) => [path, stringAt(pack.names, 0)])).toEqual([
      ['/etc/nodes', 'node-a.cluster.local.'],
    ]);
    expect(data.loops).toEqual([{ block: 0, name: '1111111.2222222.cluster.local.' }]);
    expect(structuredClone(data.plan)).toEqual(data.plan);
  });

  test('ends with zones and version on stdout; before, the log is on stderr', async () => {
    const { agent, log } = make();
    await agent.start();
    expect(log.early[0]).toMatch(/^2026\/11\/21 02:12:10 \[INFO\] Starting nodelocaldns: /);
    expect(log.late).toEqual([
      '.:53 on 169.254.20.10\ncluster.local.:53 on 169.254.20.10\n',
      expect.stringMatching(/^\[INFO\] plugin\/reload: Running configuration SHA512 = [0-9a-f]{128}\n$/),
      expect.stringMatching(/^nodelocaldns-/),
    ]);
  });

  test('says nothing of itself with -quiet', async () => {
    const { agent, log } = make('-conf /etc/Corefile -quiet', '.:53 {\n errors\n}\n');
    await agent.start();
    expect([...log.early, ...log.late]).toEqual([]);
  });

  test("goes on when the agent's own metrics have no port", async () => {
    const { agent, world, log } = make();
    world.taken.add('0.0.0.0:9353');
    await agent.start();
    expect(log.early.join('')).toContain(
      '[ERROR] Failed to start metrics handler: listen tcp 0.0.0.0:9353: in use - change the flag -metrics-listen-address',
    );
  });

  test('goes on without a pidfile that cannot be written, as the Go agent does', async () => {
    const { agent, world, log } = make();
    world.files.readOnly.add('/run/pid');
    expect(await agent.start()).toBe(true);
    expect(log.late).toContain('[ERROR] Could not write pidfile: open /run/pid: read-only file system\n');
  });

  test.each(['0', 'nonsense'])('-metrics-listen-address %s opens nothing', async (value) => {
    const { agent, world } = make(`-conf /etc/Corefile -metrics-listen-address ${value}`);
    await agent.start();
    expect(world.events[0]).toMatch(/^sockets open/);
  });

  test('with -localip renders the template, and makes the link before the sockets, the rules after them', async () => {
    const { agent, world } = make('-conf /etc/Corefile -localip 127.0.0.9');
    world.files.set('/etc/coredns/Corefile.base', '.:53 {\n bind __PILLAR__LOCAL__DNS__\n errors\n}\n');
    await agent.start();
    expect(world.events.filter((event) => /link|rules|sockets|worker/.test(event))).toEqual([
      'link nodelocaldns: 127.0.0.9',
      'sockets open: dns://127.0.0.9:53',
      'worker 0 started',
      'rules: 127.0.0.9',
    ]);
  });

  test('serves, and renders, what kube-proxy leaves: not the ClusterIP that IPVS answers', async () => {
    const { agent, world } = make('-conf /etc/Corefile -localip 169.254.20.10,10.96.0.10', undefined, (made) => {
      made.node.devices.set('kube-ipvs0', ['10.96.0.10']);
      made.files.set('/etc/coredns/Corefile.base', '.:53 {\n bind __PILLAR__LOCAL__DNS__\n errors\n}\n');
    });
    await agent.start();
    expect(world.events).toContain('sockets open: dns://169.254.20.10:53');
    expect(world.events).toContain('link nodelocaldns: 169.254.20.10');
  });
});

describe('on a node', () => {
  const LINE = '-conf /etc/Corefile -localip 169.254.20.10 -metrics-listen-address 0';

  test('a stop ends the lease first, then drains, and takes rules and link away when the sockets are closed', async () => {
    const { agent, world } = make(LINE);
    await agent.start();
    world.events.splice(0);
    const stopped = agent.stop();
    for (let step = 0; step < 40; step++) await world.clock.pass(100); // The worker answers between the steps.
    expect(await stopped).toBe(0);
    const done = world.events.filter((event) => !/^wake|http/.test(event));
    expect(done).toEqual([
      ...['unregistered', 'lease ended: 169.254.20.10', 'rules removed', 'link nodelocaldns removed'],
      'control close', // status shows how far a stop is.
    ]);
    expect(world.events.indexOf('lease ended: 169.254.20.10')).toBeLessThan(
      world.events.findIndex((e) => /^wake/.test(e)),
    );
  });

  test('workers open connections to their upstreams before the rules send pods there', async () => {
    const { agent, world } = make(LINE);
    await agent.start();
    const warmUp = expect.objectContaining({ kind: 'warm-up' });
    expect(world.workers[0].received).toContainEqual(warmUp);
    const elsewhere = make('-conf /etc/Corefile -metrics-listen-address 0');
    await elsewhere.agent.start();
    expect(elsewhere.world.workers[0].received).not.toContainEqual(warmUp);
  });

  test('a start that fails on its sockets takes the link away', async () => {
    const { agent, world } = make(LINE);
    world.socketError = 'in use';
    await expect(agent.start()).rejects.toThrow('in use');
    expect(world.events).toEqual(['link nodelocaldns: 169.254.20.10', 'unregistered', 'link nodelocaldns removed']);
  });

  test('a stop beside another instance hands over and takes nothing away', async () => {
    const { agent, world } = make(LINE);
    await agent.start();
    world.node.others.push({ processId: 1, name: 'nodelocaldns/nodelocaldns/1-00000000' });
    world.node.servedElsewhere = ['169.254.20.10'];
    world.events.splice(0);
    const stopped = agent.stop();
    for (let step = 0; step < 40; step++) await world.clock.pass(100);
    await stopped;
    expect(world.workers[0].received.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['hand-over', 'stop']));
    expect(world.events.join()).not.toMatch(/removed|lease ended/);
  });
});

describe('a start that fails', () => {
  test('on the Corefile opens no DNS socket and closes what was open', async () => {
    const { agent, world } = make(undefined, '.:53 {\n    foo\n}\n');
    await expect(agent.start()).rejects.toThrow("/etc/Corefile:2 - Error during parsing: Unknown directive 'foo'");
    expect(world.events).toEqual(['http open: 0.0.0.0:9353 /metrics', 'http closed: 0.0.0.0:9353 /metrics']);
  });

  test('on a DNS port keeps the message', async () => {
    const { agent, world } = make();
    world.socketError = 'Listen: listen tcp 169.254.20.10:53: bind: cannot assign requested address';
    await expect(agent.start()).rejects.toThrow(world.socketError);
    expect(world.workers).toEqual([]);
    expect(world.files.exists('/run/pid')).toBe(false);
  });

  test('on the worker ends with its error', async () => {
    const { agent, world } = make();
    world.manners = { getsReady: true, stops: true, startError: 'Cannot find module koffi' };
    await expect(agent.start()).rejects.toThrow('Cannot find module koffi');
    expect(world.events).not.toContain('sockets closed'); // The worker had them.
  });

  test('on an HTTP port stops the worker and names the directive', async () => {
    const { agent, world } = make();
    world.taken.add('169.254.20.10:8080');
    await expect(agent.start()).rejects.toThrow(
      'listen tcp 169.254.20.10:8080: in use - change the health directive of the server block at /etc/Corefile:1',
    );
    expect(world.workers[0].received).toEqual([{ kind: 'stop', graceMs: 0 }]);
    expect(world.files.exists('/run/pid')).toBe(false);
  });
});

describe('while it runs', () => {
  test('a changed hosts file, and the answer to the loop probe, reach the worker', async () => {
    const { agent, world } = make();
    await agent.start();
    world.files.set('/etc/nodes', '10.0.0.2 new', 2_000);
    await world.clock.pass(2_000);
    expect(world.exchanges).toEqual([{ name: '1111111.2222222.cluster.local.', host: '169.254.20.10', port: 53 }]);
    expect(world.workers[0].received).toEqual([
      { kind: 'loop-done', name: '1111111.2222222.cluster.local.' },
      {
        kind: 'hosts',
        path: '/etc/nodes',
        pack: expect.objectContaining({ octets: Uint8Array.of(4, 10, 0, 0, 2, ...new Array(12).fill(0)) }),
      },
    ]);
  });

  test('health is checked, and the page has it', async () => {
    const { agent, world, page } = make();
    await agent.start();
    await world.clock.pass(5_000);
    expect(page()).toContain('\ncoredns_health_request_duration_seconds_count 5\n');
  });

  test('worker lines pass through as they are', async () => {
    const { agent, world, written } = make();
    await agent.start();
    const text = '[ERROR] plugin/errors: 2 a. A: i/o timeout\n';
    expect(text.length).toBeLessThan(LOG_BACKLOG_BYTES_MAX);
    world.workers[0].say({ kind: 'log', text, bytes: text.length });
    expect(written[0][0]).toBe(text);
  });

  test('a loop is one FATAL line and the end', async () => {
    const { agent, world, log, fatal } = make();
    await agent.start();
    world.workers[0].say({ kind: 'fatal', text: 'plugin/loop: Loop (a -> b) detected for zone "."' });
    expect(log.late.at(-1)).toBe('[FATAL] plugin/loop: Loop (a -> b) detected for zone "."\n');
    expect(fatal).toHaveBeenCalledTimes(1);
  });
});

describe('a stop', () => {
  test('answers during lameduck, drains, closes HTTP, removes the pidfile, and is 0', async () => {
    const { agent, world, log } = make();
    await agent.start();
    world.events.length = 0;
    const stopped = agent.stop();
    await world.clock.pass(2_900);
    expect(log.late.at(-1)).toBe('[INFO] plugin/health: Going into lameduck mode for 3s\n');
    expect(world.pages.size).toBe(3);
    expect(world.workers[0].received).not.toContainEqual(expect.objectContaining({ kind: 'stop' }));
    await world.clock.pass(100);
    expect(await stopped).toBe(0);
    expect(world.workers[0].received.at(-1)).toEqual({ kind: 'stop', graceMs: 5_000 });
    expect(world.events.slice(-2).sort()).toEqual([
      'http closed: 0.0.0.0:9353 /metrics',
      'http closed: :9253 /metrics, 169.254.20.10:8080 /health',
    ]);
    expect(world.files.exists('/run/pid')).toBe(false);
    expect(world.clock.waiting).toBe(0);
  });

  test('with a worker that hangs ends with 3, and the rest is done all the same', async () => {
    const { agent, world, log } = make('-conf /etc/Corefile -pidfile /run/pid', '.:53 {\n errors\n}\n');
    world.manners = { getsReady: true, stops: false };
    await agent.start();
    const stopped = agent.stop();
    await world.clock.pass(6_000);
    expect(await stopped).toBe(3);
    expect(log.late.at(-1)).toBe('[ERROR] stop the workers: worker 0 did not stop within 6 s\n');
    expect(world.files.exists('/run/pid')).toBe(false);
    expect(world.pages.size).toBe(0);
  });

  test('while the worker starts stops it, and no pidfile appears afterwards', async () => {
    const { agent, world, log } = make();
    const started = agent.start();
    while (world.workers.length === 0) await settle();
    const stopped = agent.stop();
    await world.clock.pass(0);
    expect(await stopped).toBe(0);
    world.workers[0].say({ kind: 'ready' });
    expect(await started).toBe(false);
    expect(world.files.exists('/run/pid')).toBe(false);
    expect(world.pages.size).toBe(0);
    expect(log.late.join('')).not.toContain('nodelocaldns-');
  });

  test('at once takes the pidfile along and wakes the worker', async () => {
    const { agent, world } = make();
    await agent.start();
    agent.abandon();
    expect(world.files.exists('/run/pid')).toBe(false);
    expect(world.workers[0].received.at(-1)).toEqual({ kind: 'stop', graceMs: 0 });
    expect(world.events.at(-1)).toBe('wake 30');
  });
});
