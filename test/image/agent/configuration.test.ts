/** Pieces of the way from flags to a loaded Corefile. When they happen is in config-sync.test.ts. */
import * as configuration from '../../../image/agent/configuration';
import { readCommandLine, type Settings } from '../../../image/agent/flags';
import { FakeWorld } from '../../support/fake-world';

function settings(line: string): Settings {
  const words = line.split(' ').filter((word) => word !== '');
  const read = readCommandLine('node-cache', words);
  if (read.kind === 'end') throw new Error(read.text);
  return read.settings;
}

test.each([
  ['kube-dns', 'KUBE_DNS_SERVICE_HOST'],
  ['kube-dns-upstream', 'KUBE_DNS_UPSTREAM_SERVICE_HOST'],
])('the address of service %s is in %s', (service, variable) => {
  expect(configuration.serviceVariable(service)).toBe(variable);
});

test.each([
  ['10.96.0.10', '10.96.0.10'],
  ['2001:DB8:0:0::1', '2001:db8::1'], // As Go prints what it parsed.
  ['::ffff:10.96.0.10', '10.96.0.10'],
  ['None', ''],
  ['010.96.0.10', ''],
  ['', ''],
])('the cluster address in "%s" is "%s"', (value, address) => {
  expect(configuration.clusterDnsOf('d', { D_SERVICE_HOST: value })).toEqual({
    address,
    variable: 'D_SERVICE_HOST',
    value,
  });
});

test.each([
  ['', false, false, 'Corefile'],
  ['-conf /c', false, true, '/c'],
  ['-localip 127.0.0.1 -conf /c', true, true, '/c'],
  ['-localip 127.0.0.1 -conf stdin', false, true, 'stdin'],
  ['-localip 127.0.0.1', true, false, '/etc/coredns/Corefile.base'],
  ['-localip 127.0.0.1 -conf /x/../c -basecorefile /c', true, false, '/x/../c'],
])('"%s": rendered %p, may be written %p, called %s', (line, rendered, written, name) => {
  const read = settings(line);
  expect(configuration.isRendered(read)).toBe(rendered);
  expect(configuration.isWritten(read)).toBe(written);
  expect(configuration.corefileName(read)).toBe(name);
});

describe('loading', () => {
  const machine = (world: FakeWorld) => world.machine(() => {});

  test('nobody named a file and there is none: CoreDNS’s default, all answered by whoami', () => {
    const world = new FakeWorld();
    const ready = configuration.readyCorefile(settings(''));
    const plan = configuration.loadCorefile(ready, 53, machine(world));
    expect(plan.blocks.map(({ zones, plugins }) => [zones, plugins.map(({ name }) => name)])).toEqual([
      [['.'], ['log', 'whoami']],
    ]);
    expect(() =>
      configuration.loadCorefile(configuration.readyCorefile(settings('-conf Corefile')), 53, machine(world)),
    ).toThrow('loading Caddyfile via flag: open Corefile: no such file or directory');
  });

  test('reads the file when there is no text yet', () => {
    const world = new FakeWorld();
    world.files.set('/c', '.:53 {\n errors\n}\n');
    const plan = configuration.loadCorefile({ file: '/c', text: null }, 53, machine(world));
    expect(plan.blocks.map(({ file, line }) => `${file}:${line}`)).toEqual(['/c:1']);
  });

  test('a text is not read again; the port of the flag is the port of keys without one', () => {
    const text = '. {\n errors\n}\n';
    const plan = configuration.loadCorefile({ file: '/c', text }, 1053, machine(new FakeWorld()));
    expect(plan.listeners.map(({ label }) => label)).toEqual(['dns://:1053']);
  });

  test('a file that is not there ends the start with its name', () => {
    const load = () => configuration.loadCorefile({ file: '/c', text: null }, 53, machine(new FakeWorld()));
    expect(load).toThrow('/c');
  });
});

describe('files, in the words of the Go agent', () => {
  test('the template cannot be read', () => {
    const { files } = new FakeWorld();
    expect(() => configuration.readTemplate('/b', files)).toThrow(
      'Failed to read node-cache coreFile /b - open /b: no such file or directory',
    );
  });

  test('the Corefile cannot be written', () => {
    const { files } = new FakeWorld();
    files.readOnly.add('/c');
    expect(() => configuration.writeCorefile('/c', '', files)).toThrow(
      /^Failed to write config file \/c - err open \/c: /,
    );
  });
});
