/** What goes wrong on real nodes: each is a named error that says what helps, and nothing is left half done. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { chooseFirewall } from '../../../image/node/choose';
import { type RunCommand, runCommand } from '../../../image/node/command';
import { CreatedChains } from '../../../image/node/created';
import { Ipsets } from '../../../image/node/ipset';
import { Iptables, openIptables } from '../../../image/node/iptables';
import { IptablesFirewall } from '../../../image/node/iptables-firewall';
import { removeLeftovers } from '../../../image/node/leftovers';
import { NftFirewall } from '../../../image/node/nft';
import { NftAccepts } from '../../../image/node/nft-accepts';
import { NoFirewall } from '../../../image/node/no-firewall';
import type { Namespace } from '../../support/namespace';
import { needs } from '../../support/needs';
import { eachOnNode, failing, type NodeTools, PLAN, snapshot } from './firewall-kit';

jest.setTimeout(60_000);

let node: Namespace;
let access: NodeTools;
eachOnNode((...opened) => {
  [node, access] = opened;
});

/** Tools run through something: other mounts, fewer capabilities. */
const through = (...words: string[]): { run: RunCommand; read: (file: string) => string } => ({
  run: (program, parameters, options) =>
    runCommand('nsenter', ['-t', node.pid, '-n', ...words, program, ...parameters], options),
  read: access.read,
});
/** Somebody else's chain, which drops what nobody lets in. */
const WALL = `nft add table inet wall; nft 'add chain inet wall in { type filter hook input priority 0; policy drop; }'`;
const silent = { info: () => {}, error: () => {} };

needs('netns', 'nft', 'iptables').describe('trouble', () => {
  test('the xtables lock is held: after five seconds an error of its own kind; released, the rules are made', async () => {
    const script = 'mount -t tmpfs none /run && touch /run/xtables.lock && echo up && exec sleep 60';
    const mounts = spawn('nsenter', ['-t', node.pid, '-n', 'unshare', '-m', 'sh', '-c', script]);
    const children: ChildProcess[] = [mounts];
    try {
      await once(mounts.stdout, 'data');
      const inside = through('nsenter', '-t', String(mounts.pid), '-m');
      const lock = spawn('nsenter', [
        '-t',
        String(mounts.pid),
        '-m',
        'flock',
        '/run/xtables.lock',
        'sh',
        '-c',
        'echo up; exec sleep 60',
      ]);
      children.push(lock);
      await once(lock.stdout, 'data');
      const firewall = new IptablesFirewall(inside, new Iptables(inside, 'iptables-legacy'), true);
      const start = Date.now();
      await expect(firewall.ensure(PLAN)).rejects.toMatchObject({
        kind: 'iptables_lock',
        message: expect.stringContaining('fuser'),
      });
      expect(Date.now() - start).toBeGreaterThan(4_000);
      spawn('pkill', ['-P', String(lock.pid)]); // Its own child, which holds the lock's descriptor.
      await once(lock, 'close');
      expect((await firewall.ensure(PLAN)).length).toBeGreaterThan(0);
      expect(await firewall.ensure(PLAN)).toEqual([]);
    } finally {
      for (const child of children) child.kill('SIGKILL');
    }
  });

  test('/run is read-only: said, with the mount that helps; iptables-nft needs no lock', async () => {
    const script = 'mount -t tmpfs -o ro none /run && exec "$0" "$@"';
    const inside = through('unshare', '-m', 'sh', '-c', script);
    const firewall = new IptablesFirewall(inside, new Iptables(inside, 'iptables-legacy'), true);
    await expect(firewall.ensure(PLAN)).rejects.toMatchObject({
      kind: 'iptables',
      message: expect.stringContaining('/run/xtables.lock'),
    });
    expect(
      (await new IptablesFirewall(inside, new Iptables(inside, 'iptables-nft'), true).ensure(PLAN)).length,
    ).toBeGreaterThan(0);
  });

  test.each(['auto', 'nft', 'iptables'] as const)(
    'without NET_ADMIN -firewall %s keeps nothing, and says which capability',
    async (choice) => {
      const inside = through('setpriv', '--bounding-set=-net_admin,-net_raw');
      const said: string[] = [];
      const log = { info: (text: string) => void said.push(text), error: (text: string) => void said.push(text) };
      const before = snapshot(node);
      const firewall = await chooseFirewall({ choice, log, ...inside });
      // iptables-legacy reads without any; its first write fails.
      if (firewall.name === 'none') expect(said.join()).toContain('NET_ADMIN');
      else await expect(firewall.ensure(PLAN)).rejects.toThrow('NET_ADMIN');
      expect(snapshot(node)).toBe(before);
    },
  );

  test('without any tool the link alone is kept, and each that was tried is named', async () => {
    const said: string[] = [];
    const log = { info: () => {}, error: (text: string) => void said.push(text) };
    const run: RunCommand = (program, parameters) => runCommand(`${program}-that-is-not-there`, parameters);
    const firewall = await chooseFirewall({ choice: 'auto', log, run, read: access.read });
    expect(firewall).toMatchObject({ name: 'none', leases: false });
    expect(firewall).toBeInstanceOf(NoFirewall);
    expect(await firewall.ensure(PLAN)).toEqual([]);
    await firewall.endLease(PLAN.addresses);
    await firewall.remove();
    expect(said).toHaveLength(1);
    for (const tool of ['nft', 'iptables-nft', 'iptables-legacy']) expect(said[0]).toContain(`${tool}`);
  });

  /** Programs of these names are a shell script, until they are mended. */
  const broken = (programs: RegExp, script: string): { run: RunCommand; mend(): void } => {
    let isMended = false;
    const run: RunCommand = (program, parameters, options) =>
      !isMended && programs.test(program)
        ? runCommand('sh', ['-c', script, program, ...parameters], { ...options, timeoutMs: 500 })
        : access.run(program, parameters, options);
    return {
      run,
      mend() {
        isMended = true;
      },
    };
  };
  const LISTS = 'case "$1$2" in list*) exit 0; esac; ';

  test.each<[string, RegExp, string, 'nft' | 'iptables-nft', string]>([
    [
      'nft of another version',
      /^nft$/,
      `${LISTS}echo 'Error: syntax error, unexpected th' >&2; exit 1`,
      'nft',
      'syntax',
    ],
    ['nft that hangs', /^nft$/, `${LISTS}exec sleep 60`, 'nft', 'not finished in time'],
    ['nft that a signal ends', /^nft$/, `${LISTS}kill -SEGV $$`, 'nft', 'SIGSEGV'],
    ['nft that prints anything', /^nft$/, 'echo table lorem ipsum; echo dolor', 'nft', 'found 0'],
    ['nft that does nothing', /^nft$/, 'true', 'nft', 'found 0'],
    ['iptables-restore of another version', /-restore$/, 'echo bad option >&2; exit 2', 'iptables-nft', 'bad option'],
    ['iptables-restore that hangs', /-restore$/, 'sleep 60; true', 'iptables-nft', 'not finished in time'],
    ['iptables-restore that a signal ends', /-restore$/, 'kill -KILL $$', 'iptables-nft', 'SIGKILL'],
    ['iptables-restore that does nothing', /-restore$/, 'cat >/dev/null', 'iptables-nft', 'not as written'],
    [
      'iptables-save that prints anything',
      /-nft-save$/,
      'echo lorem; echo "-A OUTPUT"',
      'iptables-nft',
      'not as written',
    ],
    ['iptables-save that a signal ends', /-nft-save$/, 'kill -SEGV $$', 'iptables-nft', 'SIGSEGV'],
    ['ipset that hangs', /^ipset$/, 'sleep 60; true', 'iptables-nft', 'not finished in time'],
    ['ipset that does nothing', /^ipset$/, 'true', 'iptables-nft', ''],
  ])('%s: a failure with its name; mended, the rules are made, and no descriptor is left open', async (...row) => {
    const [, programs, script, back, text] = row;
    const tool = broken(programs, script);
    const inside = { ...access, run: tool.run };
    const make = (): NftFirewall | IptablesFirewall =>
      back === 'nft' ? new NftFirewall(inside) : new IptablesFirewall(inside, new Iptables(inside, back), true);
    const firewall = make();
    const descriptors = readdirSync('/proc/self/fd').length;
    await expect(firewall.ensure(PLAN)).rejects.toMatchObject({
      name: 'FirewallError',
      message: expect.stringContaining(text),
    });
    await expect(firewall.ensure(PLAN)).rejects.toThrow(text);
    tool.mend();
    await firewall.ensure(PLAN);
    expect(await firewall.ensure(PLAN)).toEqual([]);
    const rules: readonly string[] = node.sh('iptables-nft-save; ip6tables-nft-save').match(/^-A.*/gm) ?? [];
    expect(rules.filter((rule, index) => rules.indexOf(rule) !== index).length).toBe(0);
    expect(readdirSync('/proc/self/fd').length).toBe(descriptors);
    expect(node.sh(`ps -o args= --ppid ${process.pid}`)).not.toMatch(/sleep 60/);
  });

  test('only one iptables without variants in its name: it is used by what its version says', async () => {
    const run: RunCommand = (program, parameters, options) => {
      const [, base, verb] = /^(ip6?tables)(?:-(?:save|restore))?(.*)$/.exec(program) ?? [];
      if (/-(nft|legacy)/.test(program)) return runCommand('not-there', []);
      expect([base, verb]).toEqual([expect.any(String), '']);
      return access.run(program, parameters, options);
    };
    const tried: string[] = [];
    expect((await openIptables({ ...access, run }, 'iptables-nft', tried))?.name).toBe('iptables-nft');
    expect(await openIptables({ ...access, run }, 'iptables-legacy', tried)).toBeNull();
    expect(tried).toEqual(['iptables-legacy: no such program']);
  });

  test('without ipset the rules of the Go agent stand alone, and it is known that no lease is kept', async () => {
    const run: RunCommand = (program, ...rest) =>
      program === 'ipset' ? runCommand('not-there', []) : access.run(program, ...rest);
    const firewall = await chooseFirewall({
      choice: 'iptables',
      log: silent,
      run: (program, ...rest) => (program === 'nft' ? runCommand('not-there', []) : run(program, ...rest)),
      read: access.read,
    });
    expect(firewall.leases).toBe(false);
    await firewall.ensure(PLAN);
    expect(node.sh('iptables-nft-save -t raw')).not.toContain('match-set');
    expect(node.sh('iptables-nft-save -t raw').match(/NOTRACK/g)).toHaveLength(16);
  });

  test("rules that cannot look into sets: said, and the Go agent's rules stand", async () => {
    const run: RunCommand = (program, parameters, options) =>
      options?.input?.includes('--match-set') === true
        ? runCommand('sh', ['-c', 'echo "iptables-restore v1.8.9: Couldn\'t load match \\`set\'" >&2; exit 2'])
        : access.run(program, parameters, options);
    const firewall = new IptablesFirewall({ ...access, run }, new Iptables({ ...access, run }, 'iptables-nft'), true);
    expect(firewall.leases).toBe(true);
    const [first] = await firewall.ensure(PLAN);
    expect(first).toContain('no fail-over in the kernel');
    expect(firewall.leases).toBe(false);
    expect(await firewall.ensure(PLAN)).toEqual([]);
  });

  test('a table of our name and another shape is replaced', async () => {
    node.batch(
      'nft',
      ['-f', '-'],
      'table inet nodelocaldns { set lease4 { type mark; }; chain output { type filter hook input priority 7; }; }',
    );
    const firewall = new NftFirewall(access);
    expect(await firewall.ensure(PLAN)).toEqual([expect.stringContaining('Put back table')]);
    expect(await firewall.ensure(PLAN)).toEqual([]);
  });

  test('iptables without NET_RAW cannot look into sets: the capability is named, the Go agent’s rules stand', async () => {
    const inside = through('setpriv', '--bounding-set=-net_raw');
    const before = await snapshot(node);
    const firewall = new IptablesFirewall(inside, new Iptables(inside, 'iptables-nft'), true);
    const [first, ...rules] = await firewall.ensure(PLAN);
    expect(first).toContain('no fail-over in the kernel');
    expect(first).toContain('capability NET_RAW');
    expect(rules.join()).toContain('NOTRACK');
    expect([firewall.leases, await firewall.ensure(PLAN)]).toEqual([false, []]);
    await firewall.remove();
    expect(await snapshot(node)).toEqual(before);
  });

  test('sets of a former process are kept, elements and all; a second removal finds none', async () => {
    const sets = new Ipsets(access);
    expect(await sets.problem()).toBe('');
    expect(await sets.ensure(false)).toEqual(['Added set nodelocaldns4']);
    node.sh('ipset add nodelocaldns4 10.96.0.10 timeout 60');
    expect(await sets.ensure(false)).toEqual([]);
    expect(node.sh('ipset list nodelocaldns4')).toContain('10.96.0.10 timeout');
    await sets.end(['10.96.0.10', '10.96.0.11', 'fd00::1']);
    expect(node.sh('ipset list nodelocaldns4')).not.toContain('10.96.0.10 timeout');
    expect(await sets.remove(false)).toEqual(['set nodelocaldns4']);
    expect(await sets.remove(false)).toEqual([]);
  });

  test('only chains that were not there, and are empty, go', async () => {
    node.sh('iptables-nft -t raw -A OUTPUT -s 192.0.2.1 -j DROP; nft add table ip nat');
    const iptables = new Iptables(access, 'iptables-nft');
    const created = new CreatedChains(access);
    await created.look(false, await iptables.read(false, ['raw', 'filter', 'nat']), () => false);
    node.sh('iptables-nft -t raw -A PREROUTING -j ACCEPT; iptables-nft -t raw -F PREROUTING');
    node.sh('iptables-nft -A INPUT -j ACCEPT; iptables-nft -F INPUT; iptables-nft -A OUTPUT -s 192.0.2.2 -j ACCEPT');
    await created.remove(iptables, false);
    expect(node.sh('nft list chains ip | grep -v "type filter"').replace(/\s+/g, ' ').trim()).toBe(
      'table ip raw { chain OUTPUT { } } table ip nat { } table ip filter { chain OUTPUT { } }',
    );
  });

  test('chains of others that drop get one rule per family, once; those that accept get none', async () => {
    node.sh(`${WALL}
      nft 'add chain inet wall out { type filter hook output priority 0; policy accept; }'
      nft add table ip old; nft 'add chain ip old out { type filter hook output priority 0; policy drop; }'`);
    const before = snapshot(node);
    const accepts = new NftAccepts(access.run);
    expect(await accepts.ensure(PLAN)).toHaveLength(2);
    expect(await accepts.ensure(PLAN)).toEqual([]);
    await new NftAccepts(access.run).ensure(PLAN); // A process after this one.
    expect(node.sh('nft list ruleset').match(/comment "nodelocaldns"/g)).toHaveLength(3);
    expect(await accepts.remove()).toHaveLength(2);
    expect(snapshot(node)).toBe(before);
  });

  test('a list that fails is no list without rules: none are written twice, and none left without a word', async () => {
    node.sh(WALL);
    const before = snapshot(node);
    let isIll = false;
    const run = failing(access, (parameters) => isIll && /^\S+ -t list( |$)/.test(parameters));
    const firewall = new NftFirewall({ ...access, run });
    await firewall.ensure(PLAN);
    const made = snapshot(node);
    isIll = true;
    await expect(firewall.ensure(PLAN)).rejects.toThrow('nft -s -t list table inet nodelocaldns: ended with status 1');
    await expect(firewall.remove()).rejects.toThrow('nft -a -t list chain inet wall in');
    expect(snapshot(node)).not.toContain('table inet nodelocaldns');
    isIll = false;
    await firewall.ensure(PLAN);
    expect(snapshot(node)).toBe(made);
    await firewall.remove();
    expect(snapshot(node)).toBe(before);
  });

  test('chains that cannot be listed are not taken for none: pods would be dropped, or our rules left, without a word', async () => {
    node.sh(WALL);
    const before = snapshot(node);
    let isIll = true;
    const run = failing(access, (parameters) => isIll && parameters === 'list chains');
    const firewall = new NftFirewall({ ...access, run });
    await expect(firewall.ensure(PLAN)).rejects.toThrow('nft list chains: ended with status 1');
    isIll = false;
    await firewall.ensure(PLAN);
    isIll = true;
    await expect(firewall.remove()).rejects.toThrow('nft list chains');
    await expect(removeLeftovers(PLAN.addresses, run, access.read)).rejects.toThrow('nft list chains');
    isIll = false;
    await firewall.remove();
    expect(snapshot(node)).toBe(before);
  });

  test('what a process before this one left is removed on a kernel without nf_tables, too', async () => {
    const run: RunCommand = (program, parameters, options) =>
      program === 'nft'
        ? runCommand('sh', ['-c', "echo 'Unable to initialize Netlink socket: Protocol not supported' >&2; exit 1"])
        : access.run(program, parameters, options);
    node.sh('ipset create nodelocaldns4 hash:ip timeout 1');
    expect(await removeLeftovers(PLAN.addresses, run, access.read)).toEqual(['set nodelocaldns4']);
  });

  test('a lease in a set ends without a list, or with an error; where there is no set there is none', async () => {
    let wrong = '';
    const run = failing(access, (parameters) => parameters.split(' ')[0] === wrong);
    const make = (hasSets: boolean) =>
      new IptablesFirewall({ ...access, run }, new Iptables(access, 'iptables-nft'), hasSets);
    const firewall = make(true);
    await firewall.endLease(PLAN.addresses);
    await firewall.ensure(PLAN);
    node.sh('ipset add nodelocaldns4 10.96.0.10 timeout 60');
    wrong = 'list';
    await firewall.endLease(PLAN.addresses);
    expect(node.sh('ipset list nodelocaldns4')).not.toContain('10.96.0.10 timeout');
    wrong = 'del';
    await expect(firewall.endLease(PLAN.addresses)).rejects.toThrow('ipset del nodelocaldns4 10.96.0.10 -exist');
    await make(false).endLease(PLAN.addresses);
  });

  test('a lease ends without a list, and where there is no table there is none', async () => {
    const lists: string[] = [];
    const run: RunCommand = (program, parameters, options) => {
      if (parameters.includes('list')) lists.push(parameters.join(' '));
      return access.run(program, parameters, options);
    };
    const firewall = new NftFirewall({ ...access, run });
    await firewall.endLease(PLAN.addresses);
    await firewall.ensure(PLAN);
    lists.splice(0);
    node.sh('nft add element inet nodelocaldns lease4 { 10.96.0.10 timeout 60s }');
    await firewall.endLease(PLAN.addresses);
    expect([lists, node.sh('nft list set inet nodelocaldns lease4').includes('10.96.0.10')]).toEqual([[], false]);
  });
});
