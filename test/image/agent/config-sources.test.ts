/** Which directories are looked at, and what counts as a change. What comes of it is in config-sync.test.ts. */
import { ConfigSources } from '../../../image/agent/config-sources';
import { readCommandLine } from '../../../image/agent/flags';
import { Reports } from '../../../image/agent/reports';
import { type FakeFiles, FakeWorld, fakeLog } from '../../support/fake-world';

const CHANGED = { kubeDns: true, base: true };
const SAME = { kubeDns: false, base: false };

function make(
  line: string,
  fill: (files: FakeFiles) => void,
): { sources: ConfigSources; files: FakeFiles; early: string[] } {
  const read = readCommandLine('node-cache', ['-localip=127.0.0.1', ...line.split(' ')]);
  if (read.kind === 'end') throw new Error(read.text);
  const { files } = new FakeWorld();
  fill(files);
  const { log, early } = fakeLog();
  return { sources: new ConfigSources(read.settings, files, new Reports(log, () => {})), files, early };
}

describe('the directory of the kube-dns ConfigMap', () => {
  const mounted = (files: FakeFiles): void => files.set('/etc/kube-dns/stubDomains', '{}');

  test.each([
    ['that of -kubednscm', '-kubednscm /cm', '/cm', mounted],
    ['/etc/kube-dns where it is there', '-conf /c', '/etc/kube-dns', mounted],
    ['none otherwise', '-conf /c', '', () => {}],
  ])('is %s', (_, line, directory, fill) => {
    expect(make(line, fill).sources.kubeDnsDirectory).toBe(directory);
  });
});

test('the first look finds both changed, the next nothing, however the files are touched', () => {
  const { sources, files } = make('-conf /c -kubednscm /cm', (each) => {
    each.set('/etc/coredns/Corefile.base', 'template');
    each.set('/cm/stubDomains', '{"a.test":["10.0.0.1"]}');
  });
  expect([sources.look(), sources.look()]).toEqual([CHANGED, SAME]);
  files.set('/cm/stubDomains', '{"a.test":["10.0.0.1"]}', 9_000);
  expect(sources.look()).toEqual(SAME);
  files.set('/cm/stubDomains', '{}');
  files.set('/etc/coredns/imported', '');
  expect(sources.look()).toEqual(CHANGED);
});

test('wrong values are no change, and those before stay; so do they when the directory is gone', () => {
  const { sources, files, early } = make('-conf /c -kubednscm /cm', (each) => {
    each.set('/etc/coredns/Corefile.base', 'template');
    each.set('/cm/upstreamNameservers', '["10.0.0.1"]');
  });
  sources.look();
  for (const value of ['{', '["x"]']) {
    files.set('/cm/upstreamNameservers', value);
    expect([sources.look(), sources.look()]).toEqual([SAME, SAME]);
  }
  files.remove('/cm/upstreamNameservers');
  expect([sources.look(), sources.look()]).toEqual([SAME, SAME]);
  expect(sources.kubeDns.upstreamServers).toEqual(['10.0.0.1']);
  expect(early.length).toBe(3);
});

test('a Corefile of ours beside the template does not count, other files do', () => {
  const fill = (files: FakeFiles): void => {
    files.set('/etc/coredns/Corefile.base', 'template');
    files.set('/etc/coredns/Corefile', 'ours');
  };
  const { sources, files } = make('-conf /etc/coredns/Corefile', fill);
  sources.look();
  files.set('/etc/coredns/Corefile', 'ours, changed');
  expect(sources.look()).toEqual(SAME);
  files.set('/etc/coredns/Corefile.1', 'theirs');
  expect(sources.look()).toEqual({ kubeDns: false, base: true });
});

test('a template that is not there is said once', () => {
  const { sources, files, early } = make('-conf /c', () => {});
  expect([sources.readBase(), sources.readBase()]).toEqual([null, null]);
  expect(early).toEqual([
    expect.stringContaining('[ERROR] Failed to read node-cache coreFile /etc/coredns/Corefile.base'),
  ]);
  files.set('/etc/coredns/Corefile.base', 'template');
  expect(sources.readBase()).toBe('template');
});
