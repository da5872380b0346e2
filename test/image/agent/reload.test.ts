/** Who asks for a reload, what is said, and what is not tried twice. Lines as CoreDNS 1.13.2 prints them. */
import { CONFIG_SYNC_MS, RELOAD_STOP_WAIT_MS } from '../../../image/limits';
import { FakeAgent } from '../../support/fake-agent';
import { settle } from '../../support/fake-world';

const corefile = (...directives: string[]): string => `.:53 {\n${directives.join('\n')}\n}\n`;
const FIRST = corefile('reload 2s 1s', 'errors');
const OTHER = corefile('reload 2s 1s', 'log');
/** More than 2 s and half of its jitter, less than two ticks. */
const TICK_MS = 2_600;
const COMPLETE = [
  '[INFO] Reloading',
  '[INFO] plugin/reload: Running configuration SHA512 = HEX',
  '[INFO] Reloading complete',
];

const plans = (agent: FakeAgent): number =>
  agent.world.workers[0].received.filter(({ kind }) => kind === 'plan').length;

describe('the file', () => {
  test('that changed is loaded', async () => {
    const agent = await FakeAgent.start(FIRST);
    agent.write(OTHER);
    await agent.world.clock.pass(TICK_MS);
    expect(agent.said).toEqual(COMPLETE);
    expect(plans(agent)).toBe(1);
    expect(agent.page('coredns_reload_version_info')).toEqual([
      expect.stringMatching(/^coredns_reload_version_info\{hash="sha512",value="[0-9a-f]{128}"\} 1$/),
    ]);
  });

  test('that says the same is not loaded, however often it is written', async () => {
    const agent = await FakeAgent.start(FIRST);
    agent.write(`${FIRST}# a comment\n`);
    await agent.world.clock.pass(20_000);
    expect(agent.said).toEqual([]);
    expect(agent.page('coredns_reload_version_info')).toEqual([]);
  });

  test('that is gone is nothing to speak of', async () => {
    const agent = await FakeAgent.start(FIRST);
    agent.world.files.remove('/etc/Corefile');
    await agent.world.clock.pass(20_000);
    expect(agent.said).toEqual([]);
  });

  test('that cannot be cut into blocks is warned of at each look, and not loaded', async () => {
    const agent = await FakeAgent.start(FIRST);
    agent.write('.:53 { bogus\n');
    await agent.world.clock.pass(TICK_MS);
    expect(agent.said).toEqual([
      "[WARNING] plugin/reload: Corefile parse failed: /etc/Corefile:1 - Syntax error: Unexpected token 'bogus', expecting '}'",
    ]);
    expect(agent.page('coredns_reload_failed_total')).toEqual(['coredns_reload_failed_total 0']);
  });

  test('that cannot be used is counted, said, and not tried again until it changes', async () => {
    const agent = await FakeAgent.start(FIRST);
    agent.write(corefile('reload 2s 1s', 'bogus'));
    await agent.world.clock.pass(20_000);
    const why = "/etc/Corefile:3 - Error during parsing: Unknown directive 'bogus'";
    expect(agent.said).toEqual([
      '[INFO] Reloading',
      `[ERROR] Restart failed: ${why}`,
      `[ERROR] plugin/reload: Corefile changed but reload failed: starting with listener file descriptors: ${why}`,
    ]);
    expect(agent.page('coredns_reload_failed_total')).toEqual(['coredns_reload_failed_total 1']);
    expect(agent.page('coredns_reload_version_info').length).toBe(1); // The one that failed, as CoreDNS has it.
    agent.forget();
    agent.write(OTHER);
    await agent.world.clock.pass(TICK_MS);
    expect(agent.said).toEqual(COMPLETE);
  });

  test('that comes back to what is running after a failure is loaded once more', async () => {
    const agent = await FakeAgent.start(FIRST);
    agent.write(corefile('bogus'));
    await agent.world.clock.pass(TICK_MS);
    agent.forget();
    agent.write(FIRST);
    await agent.world.clock.pass(TICK_MS);
    expect(agent.said).toEqual(COMPLETE);
  });

  test('is not looked at any more without `reload`, nor before', async () => {
    const agent = await FakeAgent.start(FIRST);
    agent.write(corefile('errors'));
    await agent.world.clock.pass(TICK_MS);
    expect(agent.said).toEqual(['[INFO] Reloading', '[INFO] Reloading complete']);
    agent.forget();
    agent.write(FIRST);
    await agent.world.clock.pass(60_000);
    expect(agent.said).toEqual([]);
  });

  test('is looked at as often as the new plan says', async () => {
    const agent = await FakeAgent.start(corefile('reload 60s 1s'));
    agent.write(FIRST);
    await agent.world.clock.pass(61_000);
    expect(agent.said).toEqual(COMPLETE);
    agent.forget();
    agent.write(OTHER);
    await agent.world.clock.pass(TICK_MS);
    expect(agent.said).toEqual(COMPLETE);
  });

  test('the jitter moves the interval by half of it at most', async () => {
    for (let time = 0; time < 20; time++) {
      const agent = await FakeAgent.start(corefile('reload 10s 4s'));
      agent.write(OTHER);
      await agent.world.clock.pass(7_999);
      expect(agent.said).toEqual([]);
      await agent.world.clock.pass(4_002);
      expect(agent.said).toEqual(COMPLETE);
    }
  });
});

describe('SIGUSR1', () => {
  test('loads the file, changed or not, with `reload` or without', async () => {
    const agent = await FakeAgent.start(corefile('errors'));
    await agent.agent.reload('SIGUSR1');
    expect(agent.said).toEqual(['[INFO] SIGUSR1: Reloading', '[INFO] Reloading', '[INFO] Reloading complete']);
    expect(plans(agent)).toBe(1);
  });

  test('says why it does not', async () => {
    const agent = await FakeAgent.start(FIRST);
    agent.write(corefile('bogus'));
    await agent.agent.reload('SIGUSR1');
    const why = "/etc/Corefile:2 - Error during parsing: Unknown directive 'bogus'";
    expect(agent.said).toEqual([
      '[INFO] SIGUSR1: Reloading',
      '[INFO] Reloading',
      `[ERROR] Restart failed: ${why}`,
      `[ERROR] SIGUSR1: starting with listener file descriptors: ${why}`,
    ]);
    expect(agent.page('coredns_reload_failed_total')).toEqual(['coredns_reload_failed_total 0']); // It counts the directive's.
  });

  test('without a file', async () => {
    const agent = await FakeAgent.start(FIRST);
    agent.world.files.remove('/etc/Corefile');
    await agent.agent.reload('SIGUSR1');
    expect(agent.said).toEqual([
      '[INFO] SIGUSR1: Reloading',
      '[ERROR] SIGUSR1: loading updated Caddyfile: open /etc/Corefile: no such file or directory',
    ]);
  });

  test('before the start is complete is passed over', async () => {
    const made = new FakeAgent(FIRST);
    await made.agent.reload('SIGUSR1');
    expect(made.lines).toEqual([]);
  });

  test('sent often is one reload after the one under way', async () => {
    const agent = await FakeAgent.start(FIRST);
    await Promise.all([1, 2, 3, 4, 5].map(() => agent.agent.reload('SIGUSR1')));
    expect(plans(agent)).toBe(1); // Nothing was under way yet: the first had not begun when the others came.
    const first = agent.agent.reload('SIGUSR1');
    await settle();
    await Promise.all([first, ...[1, 2, 3].map(() => agent.agent.reload('SIGUSR1'))]);
    expect(plans(agent)).toBeLessThanOrEqual(3);
  });
});

describe('coredns #7562: a reload and the end of the process', () => {
  test('after the stop began nothing is reloaded', async () => {
    const agent = await FakeAgent.start(FIRST);
    const stopped = agent.agent.stop();
    await agent.agent.reload('SIGUSR1');
    expect(await stopped).toBe(0);
    expect(agent.said).toEqual([]);
    await agent.world.clock.pass(CONFIG_SYNC_MS);
    expect(plans(agent)).toBe(0);
  });

  test('a reload under way ends first', async () => {
    const agent = await FakeAgent.start(FIRST);
    const reloaded = agent.agent.reload('SIGUSR1');
    await Promise.resolve();
    await Promise.resolve();
    const stopped = agent.agent.stop();
    await reloaded;
    expect(await stopped).toBe(0);
    const kinds = agent.world.workers[0].received.map(({ kind }) => kind);
    expect(kinds.at(-1)).toBe('stop');
  });

  test('one that the worker does not answer is not waited for longer than there is time', async () => {
    const agent = await FakeAgent.start(FIRST);
    agent.world.workers[0].manners = { getsReady: true, stops: true, refusal: null };
    void agent.agent.reload('SIGUSR1');
    await settle();
    const stopped = agent.agent.stop();
    await agent.world.clock.pass(RELOAD_STOP_WAIT_MS - 1);
    expect(agent.world.workers[0].received.map(({ kind }) => kind)).toEqual(['plan']);
    await agent.world.clock.pass(1);
    expect(await stopped).toBe(0);
    expect(agent.world.workers[0].received.map(({ kind }) => kind)).toEqual(['plan', 'stop']);
  });
});
