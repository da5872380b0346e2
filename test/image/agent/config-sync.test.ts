/**
 * Template, ConfigMap, Corefile: what is used at the start and what becomes of changes. The two ways of kubernetes/dns
 * cache_app_test.go (TestUpdateCoreFile, TestUpdateIPv6CoreFile) are at the end.
 */
import { ConfigSync } from '../../../image/agent/config-sync';
import { loadCorefile } from '../../../image/agent/configuration';
import { readCommandLine } from '../../../image/agent/flags';
import { FakeWorld, fakeLog } from '../../support/fake-world';

const BASE = '/etc/coredns/Corefile.base';
const CONF = '/etc/Corefile';
const STUBS = '/etc/kube-dns/stubDomains';
const MANIFEST = '-localip 169.254.20.10,10.96.0.10 -conf /etc/Corefile -upstreamsvc kube-dns-upstream';

const TEMPLATE = `cluster.local:53 {
    bind __PILLAR__LOCAL__DNS__ __PILLAR__DNS__SERVER__
    forward . __PILLAR__CLUSTER__DNS__ {
            force_tcp
    }
}
`;
const RENDERED = `cluster.local:53 {
    bind 169.254.20.10 10.96.0.10${' '}
    forward . 10.100.0.10 {
            force_tcp
    }
}
`;
const stubBlock = (domain: string, servers: string): string => `
${domain}:53 {
    errors
    cache 30
    bind 169.254.20.10 10.96.0.10
    forward . ${servers}
}
`;

interface Made {
  readonly world: FakeWorld;
  readonly log: ReturnType<typeof fakeLog>;
  readonly errors: string[];
  /** When a Corefile was loaded to see whether it does, in milliseconds. */
  readonly checks: number[];
  /** Lines of the log since the last call, without dates; texts shown in it are left out. */
  readonly said: () => string[];
  readonly sync: () => ConfigSync;
}

function make(line = MANIFEST): Made {
  const words = line.split(' ').filter((word) => word !== '');
  const read = readCommandLine('node-cache', words);
  if (read.kind === 'end') throw new Error(read.text);
  const { settings } = read;
  const world = new FakeWorld();
  world.environment['KUBE_DNS_UPSTREAM_SERVICE_HOST'] = '10.100.0.10';
  world.files.set('/etc/resolv.conf', 'nameserver 192.0.2.53\n');
  const log = fakeLog();
  const errors: string[] = [];
  const checks: number[] = [];
  const said = (): string[] => {
    const lines = log.early.splice(0).map((text) => text.replace(/^\S+ \S+ (?=\[)/, '').trimEnd());
    return lines.filter((text) => /^\[[A-Z]+\] /.test(text));
  };
  const sync = () =>
    new ConfigSync(settings, {
      ...world,
      log: log.log,
      check: (corefile) => {
        checks.push(world.clock.now());
        loadCorefile(
          corefile,
          settings.dnsPort,
          world.machine(() => {}),
        );
      },
      countSetupError: (type) => void errors.push(type),
      countFailedReload: () => void errors.push('reload'),
    });
  return { world, log, errors, checks, said, sync };
}

describe('the start', () => {
  test('writes the Corefile, and says as the Go agent does what it is', () => {
    const { world, log, errors, sync, said } = make();
    world.files.set(BASE, TEMPLATE);
    expect(sync().first()).toEqual({ file: CONF, text: RENDERED });
    expect(world.files.read(CONF)).toBe(RENDERED);
    expect(errors).toEqual([]);
    expect(log.early.at(-1)).toBe(RENDERED);
    expect(said()).toEqual([
      '[INFO] Using Corefile /etc/Corefile',
      '[INFO] Using Pidfile',
      '[INFO] Skipping kube-dns configmap sync as no directory was specified',
      '[INFO] Updated Corefile with 0 custom stubdomains and upstream servers /etc/resolv.conf',
      '[INFO] Using config file:',
    ]);
  });

  test.each([
    ['the other servers of resolv.conf', 'nameserver 10.96.0.10\nnameserver 192.0.2.53\n', '192.0.2.53'],
    ["the cluster's servers, when it has no other", 'nameserver 169.254.20.10\nnameserver 10.96.0.10\n', '10.100.0.10'],
  ])('never asks the cache itself: %s', (_who, resolvConf, servers) => {
    const { world, sync, said } = make(`${MANIFEST} -localip 169.254.20.10,10.96.0.10`);
    world.files.set('/etc/resolv.conf', resolvConf);
    const template = (to: string): string =>
      `.:53 {\n    bind 169.254.20.10\n    forward . ${to} {\n            force_tcp\n    }\n}\n`;
    world.files.set(BASE, template('__PILLAR__UPSTREAM__SERVERS__'));
    expect(sync().first().text).toBe(template(servers));
    const lines = said();
    expect(lines).toContainEqual(`[INFO] Updated Corefile with 0 custom stubdomains and upstream servers ${servers}`);
    expect(lines).toContainEqual(
      '[WARNING] /etc/resolv.conf names an address of -localip, so the cache would ask itself: asking ' +
        `${servers} instead; give the node a resolver of its own, or the kube-dns ConfigMap upstreamNameservers`,
    );
  });

  test('upstreamNameservers of the ConfigMap win over all that', () => {
    const { world, sync, said } = make(`${MANIFEST} -localip 169.254.20.10 -kubednscm /cm`);
    world.files.set('/etc/resolv.conf', 'nameserver 169.254.20.10\n');
    world.files.set('/cm/upstreamNameservers', '["192.0.2.1"]');
    world.files.set(BASE, '.:53 {\n    bind 169.254.20.10\n    forward . __PILLAR__UPSTREAM__SERVERS__\n}\n');
    expect(sync().first().text).toContain('forward . 192.0.2.1\n');
    expect(said().filter((line) => line.includes('-localip'))).toEqual([]);
  });

  test('adds the stub domains of the ConfigMap, sorted', () => {
    const { world, sync, said } = make();
    world.files.set(BASE, TEMPLATE);
    world.files.set(STUBS, '{"z.test":["10.0.0.2"],"a.test":["10.0.0.1:5353","10.0.0.3"]}');
    world.files.set('/etc/kube-dns/upstreamNameservers', '["1.1.1.1"]');
    const text = RENDERED + stubBlock('a.test', '10.0.0.1:5353 10.0.0.3') + stubBlock('z.test', '10.0.0.2');
    expect(sync().first().text).toBe(text);
    expect(said()).toContain('[INFO] Updated Corefile with 2 custom stubdomains and upstream servers 1.1.1.1');
  });

  test('takes the directory of -kubednscm before /etc/kube-dns', () => {
    const { world, sync } = make(`${MANIFEST} -kubednscm /cm`);
    world.files.set(BASE, TEMPLATE);
    world.files.set(STUBS, '{"z.test":["10.0.0.2"]}');
    world.files.set('/cm/stubDomains', '{"a.test":["10.0.0.1"]}');
    expect(sync().first().text).toBe(RENDERED + stubBlock('a.test', '10.0.0.1'));
  });

  test('goes on without a ConfigMap that is wrong, or is not there', () => {
    for (const text of ['{', undefined]) {
      const { world, sync, said, errors } = make(`${MANIFEST} -kubednscm /cm`);
      world.files.set(BASE, TEMPLATE);
      if (text !== undefined) world.files.set('/cm/stubDomains', text);
      expect(sync().first().text).toBe(RENDERED);
      expect(errors).toEqual(['configmap']);
      expect(said()).toContainEqual(
        text === undefined
          ? '[ERROR] Failed to sync kube-dns config directory /cm, err: lstat /cm: no such file or directory'
          : expect.stringMatching(
              /^\[ERROR\] Invalid configuration for stubDomains, ignoring update: invalid JSON "{"/,
            ),
      );
    }
  });

  test('a -conf that cannot be written is an error in the log, and the text is used all the same', () => {
    const { world, sync, said, errors } = make();
    world.files.set(BASE, TEMPLATE);
    world.files.readOnly.add(CONF);
    const made = sync();
    expect(made.first()).toEqual({ file: CONF, text: RENDERED });
    expect(made.latest()).toEqual({ file: CONF, text: RENDERED });
    expect(said()).toContainEqual(
      expect.stringMatching(
        /^\[ERROR\] Failed to write config file \/etc\/Corefile - err .*; used without being written$/,
      ),
    );
    expect(errors).toEqual(['configmap']);
  });

  test.each([
    ['without -conf', '-localip 169.254.20.10,10.96.0.10 -upstreamsvc kube-dns-upstream'],
    ['where -conf is the template itself', MANIFEST.replace(CONF, BASE)],
  ])('%s it is used under the name of the template, which is not written over', (_, line) => {
    const { world, sync } = make(line);
    world.files.set(BASE, TEMPLATE);
    const made = sync();
    expect(made.first()).toEqual({ file: BASE, text: RENDERED });
    expect(made.latest()).toEqual({ file: BASE, text: RENDERED });
    expect(world.files.read(BASE)).toBe(TEMPLATE);
  });

  test('a placeholder that nobody replaces is said', () => {
    const { world, sync, said } = make();
    world.files.set(BASE, `__PILLAR__DNS__DOMAIN__:53 {\n    errors\n}\n`);
    sync().first();
    expect(said()).toContainEqual(expect.stringMatching(/^\[WARNING\] Placeholder __PILLAR__DNS__DOMAIN__ /));
  });
});

describe('a start whose template needs an unknown cluster address', () => {
  test('ends, naming the variable', () => {
    const { world, sync, said } = make();
    world.files.set(BASE, TEMPLATE);
    world.environment['KUBE_DNS_UPSTREAM_SERVICE_HOST'] = 'None';
    expect(() => sync().first()).toThrow('KUBE_DNS_UPSTREAM_SERVICE_HOST has no IP address');
    expect(said()).toContain(
      '[WARNING] Unable to lookup IP address of Upstream service kube-dns-upstream, ' +
        'env $KUBE_DNS_UPSTREAM_SERVICE_HOST `None`',
    );
    expect(world.files.exists(CONF)).toBe(false);
  });

  test('uses the Corefile of an earlier start when there is one', () => {
    const { world, sync } = make();
    world.files.set(BASE, TEMPLATE);
    world.files.set(CONF, RENDERED);
    delete world.environment['KUBE_DNS_UPSTREAM_SERVICE_HOST'];
    expect(sync().first()).toEqual({ file: CONF, text: null });
  });
});

describe('a start whose Corefile would not load', () => {
  const BAD = '.:53 {\n    foo\n}\n';

  test('uses what an earlier start left at -conf, and leaves it as it is', () => {
    const { world, sync, said, errors, log } = make();
    world.files.set(BASE, BAD);
    world.files.set(CONF, RENDERED);
    const made = sync();
    expect(made.first()).toEqual({ file: CONF, text: null });
    expect(made.latest()).toEqual({ file: CONF, text: null });
    expect(world.files.read(CONF)).toBe(RENDERED);
    expect(errors).toEqual(['configmap']);
    expect(log.early).toContain(BAD);
    expect(said().slice(-3)).toEqual([
      `[ERROR] Corefile made from ${BASE} is not used: /etc/Corefile:2 - Error during parsing: Unknown directive 'foo'`,
      '[INFO] Refused config file:',
      '[WARNING] /etc/Corefile of an earlier start is used instead',
    ]);
  });

  test('uses the template alone when the ConfigMap is what does not load', () => {
    const { world, sync, said } = make();
    world.files.set(BASE, TEMPLATE);
    world.files.set(CONF, BAD);
    world.files.set(STUBS, '{"cluster.local":["10.0.0.1"]}'); // A zone of the template: served twice.
    expect(sync().first()).toEqual({ file: CONF, text: RENDERED });
    expect(world.files.read(CONF)).toBe(RENDERED);
    expect(said()).toContain(`[WARNING] ${BASE} is used without the newest values of the kube-dns ConfigMap instead`);
  });

  test('otherwise ends with its mistake, and writes nothing', () => {
    const { world, sync } = make();
    world.files.set(BASE, BAD);
    expect(sync().first()).toEqual({ file: CONF, text: BAD }); // Loading it says what is wrong.
    expect(world.files.exists(CONF)).toBe(false);
  });
});

describe('a ready Corefile at -conf is loaded as it is', () => {
  test('without a template, which is counted as Kubespray users know it', () => {
    const { sync, errors, said } = make();
    expect(sync().first()).toEqual({ file: CONF, text: null });
    expect(errors).toEqual(['configmap', 'configmap']);
    expect(said().slice(-2)).toEqual([
      '[ERROR] Failed to sync node-local-dns config directory /etc/coredns, err: lstat /etc/coredns: no such file or directory',
      `[ERROR] Failed to read node-cache coreFile ${BASE} - open ${BASE}: no such file or directory`,
    ]);
  });

  test.each([
    ['without -localip', '-conf /etc/Corefile', CONF],
    ['from standard input', '-localip 169.254.20.10 -conf stdin', 'stdin'],
    ['without any flag', '', 'Corefile'],
  ])('%s, and nothing is watched', (_, line, file) => {
    const { world, sync, log } = make(line);
    world.files.set(BASE, TEMPLATE);
    const made = sync();
    expect(made.first()).toMatchObject({ file, text: null });
    made.watch();
    expect(log.early).toEqual([]);
    expect(world.clock.waiting).toBe(0);
  });
});

/** Started, and its first lines gone. */
function started(line = MANIFEST, stubs = '{}'): Made {
  const made = make(line);
  made.world.files.set(BASE, TEMPLATE);
  made.world.files.set(STUBS, stubs);
  const sync = made.sync();
  sync.first();
  sync.watch();
  made.said();
  return made;
}

describe('while it runs', () => {
  test('a change of the template is seen after at most 10 s, and written', async () => {
    const { world, said } = started();
    world.files.set(BASE, TEMPLATE.replace('force_tcp', 'prefer_udp'));
    await world.clock.pass(9_999);
    expect(world.files.read(CONF)).toBe(RENDERED);
    await world.clock.pass(1);
    expect(world.files.read(CONF)).toBe(RENDERED.replace('force_tcp', 'prefer_udp'));
    expect(said().at(-1)).toBe('[INFO] Using config file:');
    expect(world.events).toEqual([]);
  });

  test('a change of the ConfigMap too; taken away it is no longer there', async () => {
    const { world } = started();
    world.files.set(STUBS, '{"a.test":["10.0.0.1"]}');
    await world.clock.pass(10_000);
    expect(world.files.read(CONF)).toBe(RENDERED + stubBlock('a.test', '10.0.0.1'));
    world.files.remove(STUBS);
    world.files.set('/etc/kube-dns/.hidden', '');
    await world.clock.pass(10_000);
    expect(world.files.read(CONF)).toBe(RENDERED);
  });

  test('what did not change is neither written nor said', async () => {
    const { world, said } = started(`${MANIFEST} -reloadwithsignal`);
    world.files.set(CONF, 'edited');
    world.files.set(BASE, TEMPLATE, 2_000);
    await world.clock.pass(60_000);
    expect([world.files.read(CONF), said(), world.events]).toEqual(['edited', [], []]);
  });

  test('a wrong ConfigMap is said once and the last good one stays, also for a new template', async () => {
    const { world, said, errors } = started(MANIFEST, '{"a.test":["10.0.0.1"]}');
    const [good, newer] = [RENDERED, `${RENDERED}# new\n`].map((text) => text + stubBlock('a.test', '10.0.0.1'));
    world.files.set(STUBS, '{"a.test":["ns.a.test"]}');
    await world.clock.pass(60_000);
    expect(world.files.read(CONF)).toBe(good);
    expect(said()).toEqual([
      '[ERROR] Invalid config: invalid nameservers [ns.a.test] for the stub domain a.test: ' +
        'not an IP address or file: "ns.a.test"',
    ]);
    expect(errors).toEqual(['configmap']);
    world.files.set(BASE, `${TEMPLATE}# new\n`);
    await world.clock.pass(10_000);
    expect(world.files.read(CONF)).toBe(newer);
  });

  test('a ConfigMap that was wrong from the start is used when it is right (the Go agent never looks again)', async () => {
    const { world } = started(MANIFEST, '{');
    world.files.set(STUBS, '{"a.test":["10.0.0.1"]}');
    await world.clock.pass(10_000);
    expect(world.files.read(CONF)).toBe(RENDERED + stubBlock('a.test', '10.0.0.1'));
  });

  test('a directory that comes late is used, one that goes changes nothing', async () => {
    const { world, said, errors, sync } = make(`${MANIFEST} -kubednscm /cm`);
    world.files.set(BASE, TEMPLATE);
    const made = sync();
    made.first();
    made.watch();
    world.files.set('/cm/stubDomains', '{"a.test":["10.0.0.1"]}');
    await world.clock.pass(10_000);
    expect(world.files.read(CONF)).toBe(RENDERED + stubBlock('a.test', '10.0.0.1'));
    said();
    world.files.remove('/cm/stubDomains');
    await world.clock.pass(30_000);
    expect(world.files.read(CONF)).toBe(RENDERED + stubBlock('a.test', '10.0.0.1'));
    expect(said()).toEqual([
      '[ERROR] Failed to sync kube-dns config directory /cm, err: lstat /cm: no such file or directory',
    ]);
    expect(errors).toEqual(['configmap', 'configmap']);
  });

  test('a template that does not load is not written, said once per edit, and gone when it is mended', async () => {
    const { world, said, errors } = started();
    for (const comment of ['# first\n', '# second\n']) {
      world.files.set(BASE, `${comment}.:53 {\n    foo\n}\n`);
      await world.clock.pass(30_000);
      expect(world.files.read(CONF)).toBe(RENDERED);
      expect(said()).toEqual([
        `[ERROR] Corefile made from ${BASE} is not used: /etc/Corefile:3 - Error during parsing: Unknown directive 'foo'`,
        '[INFO] Refused config file:',
      ]);
    }
    expect(errors).toEqual(['configmap', 'reload', 'configmap', 'reload']);
    world.files.set(BASE, `${TEMPLATE}# mended\n`);
    await world.clock.pass(10_000);
    expect(world.files.read(CONF)).toBe(`${RENDERED}# mended\n`);
  });

  test('what misses something outside is tried again without a word, ever more seldom', async () => {
    const { world, said, checks } = started();
    world.files.set(BASE, `${TEMPLATE}import /elsewhere/more\n`);
    await world.clock.pass(10_000);
    expect(said()).toEqual([expect.stringContaining('File to import not found'), '[INFO] Refused config file:']);
    checks.length = 0;
    await world.clock.pass(3_600_000);
    expect(checks.map((atMs) => atMs / 10_000 - 1)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 320]);
    expect(said()).toEqual([]);
    world.files.set('/elsewhere/more', 'example.org {\n    errors\n}\n');
    await world.clock.pass(640_000);
    expect(world.files.read(CONF)).toContain('import /elsewhere/more');
  });

  test('a new template is used although the ConfigMap does not load with it, without that ConfigMap', async () => {
    const { world, said } = started(MANIFEST, '{"a.test":["10.0.0.1"]}');
    world.files.set(STUBS, '{"cluster.local":["10.0.0.1"]}');
    await world.clock.pass(10_000);
    expect(world.files.read(CONF)).toBe(RENDERED + stubBlock('a.test', '10.0.0.1'));
    world.files.set(BASE, `${TEMPLATE}# new\n`);
    await world.clock.pass(30_000);
    expect(world.files.read(CONF)).toBe(`${RENDERED}# new\n${stubBlock('a.test', '10.0.0.1')}`);
    expect(said()).toContain(`[WARNING] ${BASE} is used without the newest values of the kube-dns ConfigMap instead`);
  });

  test('a Corefile in the directory of its template does not count as a change of it', async () => {
    const { world, said } = started(
      `-localip 169.254.20.10,10.96.0.10 -conf /etc/coredns/Corefile -upstreamsvc kube-dns-upstream -reloadwithsignal`,
    );
    await world.clock.pass(30_000);
    expect([said(), world.events]).toEqual([[], []]);
  });
});

describe('-reloadwithsignal', () => {
  test('each change is a signal to ourselves', async () => {
    const { world, said } = started(`${MANIFEST} -reloadwithsignal`);
    world.files.set(BASE, `${TEMPLATE}# new\n`);
    await world.clock.pass(10_000);
    expect(world.events).toEqual(['SIGUSR1']);
    expect(said().at(-1)).toBe('[INFO] Sending reload signal to PID 4711');
    await world.clock.pass(30_000);
    expect(world.events).toEqual(['SIGUSR1']);
  });

  test('so is a change of a file beside the template, which it may import', async () => {
    const { world } = started(`${MANIFEST} -reloadwithsignal`);
    world.files.set('/etc/coredns/more', 'example.org {\n    errors\n}\n');
    await world.clock.pass(10_000);
    expect(world.events).toEqual(['SIGUSR1']);
  });

  test('what is refused is none', async () => {
    const { world } = started(`${MANIFEST} -reloadwithsignal`);
    world.files.set(BASE, '.:53 {\n    foo\n}\n');
    world.files.set(STUBS, '{');
    await world.clock.pass(30_000);
    expect(world.events).toEqual([]);
  });
});

describe.each([
  {
    family: 'IPv4',
    localIps: '169.254.20.10,10.0.0.10',
    clusterDns: '9.10.11.12',
    stubs: { 'acme.local': ['1.1.1.1'], 'google.local': ['8.8.8.8'], 'widget.local': ['2.2.2.2:10053', '3.3.3.3'] },
    upstreams: ['2.2.2.2:10053', '3.3.3.3'],
  },
  {
    family: 'IPv6',
    localIps: 'fe80:169:254::1,fd00:1:2:3::5',
    clusterDns: '2001:db8::1',
    stubs: {
      'acme.local': ['2001:db8:1:1:1::1'],
      'google.local': ['2001:4860:4860::8888'],
      'widget.local': ['[2001:db8:2:2:2::2]:10053', '2001:db8:3:3:3::3'],
    },
    upstreams: ['[2001:db8:2:2:2::2]:10053', '2001:db8:3:3:3::3'],
  },
])('from the manifest to a customised cluster over $family', ({ localIps, clusterDns, stubs, upstreams }) => {
  const bind = localIps.replace(',', ' ');
  const block = (zone: string, to: string, option: string): string =>
    `${zone}:53 {\n    errors\n    ${option}\n    loop\n    bind ${bind}\n    forward . ${to}\n}\n`;
  const UPSTREAM = '__PILLAR__UPSTREAM__SERVERS__ {\n            force_tcp\n    }';
  const corefile = (cluster: string, upstream: string, option = 'reload'): string =>
    block('cluster.local', `${cluster} {\n            force_tcp\n    }`, option) + block('.', upstream, option);

  test('first as it is, then with another template, then with stub domains and upstream servers over UDP', async () => {
    const { world, sync } = make(`-localip ${localIps} -conf ${CONF} -upstreamsvc test-svc -kubednscm /cm`);
    world.environment['TEST_SVC_SERVICE_HOST'] = clusterDns;
    const template = corefile('__PILLAR__CLUSTER__DNS__', UPSTREAM).replaceAll(bind, '__PILLAR__LOCAL__DNS__');
    world.files.set(BASE, template);
    world.files.set('/cm/.hidden', '');
    const made = sync();
    const resolvConf = '/etc/resolv.conf {\n            force_tcp\n    }';
    expect(made.first().text).toBe(corefile(clusterDns, resolvConf));
    made.watch();
    world.files.set(BASE, template.replaceAll('reload', 'log'));
    await world.clock.pass(10_000);
    expect(world.files.read(CONF)).toBe(corefile(clusterDns, resolvConf, 'log'));
    world.files.set('/cm/stubDomains', JSON.stringify(stubs));
    world.files.set('/cm/upstreamNameservers', JSON.stringify(upstreams));
    await world.clock.pass(10_000);
    const stubBlocks = Object.entries(stubs).map(([domain, servers]) =>
      stubBlock(domain, servers.join(' ')).replace('169.254.20.10 10.96.0.10', bind),
    );
    expect(world.files.read(CONF)).toBe(corefile(clusterDns, upstreams.join(' '), 'log') + stubBlocks.join(''));
  });
});
