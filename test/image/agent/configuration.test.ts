/** Which Corefile is loaded. */
import { loadCorefile, renderCorefile, serviceVariable } from '../../../image/agent/configuration';
import { readCommandLine, type Settings } from '../../../image/agent/flags';
import { FakeWorld, fakeLog } from '../../support/fake-world';

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
const MANIFEST = '-localip 169.254.20.10,10.96.0.10 -conf /etc/Corefile -upstreamsvc kube-dns-upstream';

function make(line: string): {
  settings: Settings;
  world: FakeWorld;
  log: ReturnType<typeof fakeLog>;
  errors: string[];
  render: () => ReturnType<typeof renderCorefile>;
} {
  const read = readCommandLine(
    'node-cache',
    line.split(' ').filter((word) => word !== ''),
  );
  if (read.kind === 'end') throw new Error(read.text);
  const world = new FakeWorld();
  world.environment['KUBE_DNS_UPSTREAM_SERVICE_HOST'] = '10.100.0.10';
  const log = fakeLog();
  const errors: string[] = [];
  const access = {
    environment: world.environment,
    files: world.files,
    log: log.log,
    countSetupError: (type: string) => void errors.push(type),
  };
  const { settings } = read;
  return { settings, world, log, errors, render: () => renderCorefile(settings, access) };
}

test.each([
  ['kube-dns', 'KUBE_DNS_SERVICE_HOST'],
  ['kube-dns-upstream', 'KUBE_DNS_UPSTREAM_SERVICE_HOST'],
])('the address of service %s is in %s', (service, variable) => {
  expect(serviceVariable(service)).toBe(variable);
});

describe('with -localip and a template', () => {
  test('the Corefile is made, written to -conf and shown in the log', () => {
    const { world, render, log, errors } = make(MANIFEST);
    world.files.set('/etc/coredns/Corefile.base', TEMPLATE);
    expect(render()).toEqual({ file: '/etc/Corefile', text: RENDERED });
    expect(world.files.read('/etc/Corefile')).toBe(RENDERED);
    expect(log.early.join('')).toContain(`2026/11/21 02:12:10 [INFO] Using config file:\n${RENDERED}`);
    expect(errors).toEqual([]);
  });

  test('a -conf that cannot be written is an error in the log, and the text is used all the same', () => {
    const { world, render, log, errors } = make(MANIFEST);
    world.files.set('/etc/coredns/Corefile.base', TEMPLATE);
    world.files.readOnly.add('/etc/Corefile');
    expect(render()).toEqual({ file: '/etc/Corefile', text: RENDERED });
    expect(log.early.at(-1)).toContain(
      '[ERROR] Failed to write config file /etc/Corefile: open /etc/Corefile: read-only file system; used without being written',
    );
    expect(errors).toEqual(['configmap']);
  });

  test('without -conf it is used under the name of the template', () => {
    const { world, render } = make('-localip 169.254.20.10,10.96.0.10 -upstreamsvc kube-dns-upstream');
    world.files.set('/etc/coredns/Corefile.base', TEMPLATE);
    expect(render()).toEqual({ file: '/etc/coredns/Corefile.base', text: RENDERED });
    expect([...world.files.texts.keys()]).toEqual(['/etc/coredns/Corefile.base']);
  });

  test('an upstream service without address ends the start, naming the variable, where the template needs it', () => {
    const { world, render, log } = make(MANIFEST);
    world.files.set('/etc/coredns/Corefile.base', TEMPLATE);
    delete world.environment['KUBE_DNS_UPSTREAM_SERVICE_HOST'];
    expect(render).toThrow('KUBE_DNS_UPSTREAM_SERVICE_HOST');
    expect(log.early[0]).toContain(
      '[WARNING] Unable to lookup IP address of Upstream service kube-dns-upstream, env KUBE_DNS_UPSTREAM_SERVICE_HOST',
    );
    expect(world.files.exists('/etc/Corefile')).toBe(false);
  });
});

describe('otherwise -conf is loaded as it is', () => {
  test('without a template, which is counted as Kubespray users know it', () => {
    const { render, log, errors } = make(MANIFEST);
    expect(render()).toEqual({ file: '/etc/Corefile', text: null });
    expect(errors).toEqual(['configmap']);
    expect(log.early[0]).toContain('[ERROR] Failed to read -basecorefile /etc/coredns/Corefile.base');
  });

  test.each([
    ['without -localip', '-conf /etc/Corefile', '/etc/Corefile'],
    ['from standard input', '-localip 169.254.20.10 -conf stdin', 'stdin'],
    ['without any flag', '', 'Corefile'],
  ])('%s', (_, line, file) => {
    const { world, render, log } = make(line);
    world.files.set('/etc/coredns/Corefile.base', TEMPLATE);
    expect(render()).toEqual({ file, text: null });
    expect(log.early).toEqual([]);
  });
});

describe('loading', () => {
  test('reads the file when there is no text yet', () => {
    const { world } = make('');
    world.files.set('/c', '.:53 {\n errors\n}\n');
    const plan = loadCorefile(
      { file: '/c', text: null },
      53,
      world.machine(() => {}),
    );
    expect(plan.blocks.map(({ file, line }) => `${file}:${line}`)).toEqual(['/c:1']);
  });

  test('a text is not read again; the port of the flag is the port of keys without one', () => {
    const { world } = make('');
    const plan = loadCorefile(
      { file: '/c', text: '. {\n errors\n}\n' },
      1053,
      world.machine(() => {}),
    );
    expect(plan.listeners.map(({ label }) => label)).toEqual(['dns://:1053']);
  });

  test('a file that is not there ends the start with its name', () => {
    const { world } = make('');
    expect(() =>
      loadCorefile(
        { file: '/c', text: null },
        53,
        world.machine(() => {}),
      ),
    ).toThrow('/c');
  });
});
