/**
 * What some tests need beyond Node: one row per need. A test file says `needs('helm3').describe(...)`; what is missing is
 * skipped, and the reporter (left-out.js) prints one line per missing need with the way to enable it.
 */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const onPath = (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const shared = (folder) => fs.existsSync(path.join(__dirname, '../../../shared', folder));
const tool = (variable, program) => () => Boolean(process.env[variable]) || onPath(program);

/** Asked for once: it starts a process. */
let unshared;
const canUnshare = () => {
  unshared ??= onPath('nsenter') && spawnSync('unshare', ['-n', 'ip', 'link', 'set', 'lo', 'up']).status === 0;
  return unshared;
};

/** Control groups of version 1, a tree for each controller, or of version 2. */
const makesGroups = () =>
  ['cpu', 'memory'].every((controller) => {
    const first = path.join('/sys/fs/cgroup', controller);
    const folder = path.join(fs.existsSync(first) ? first : '/sys/fs/cgroup', `needs-${process.pid}`);
    try {
      fs.mkdirSync(folder);
      fs.rmdirSync(folder);
      return true;
    } catch {
      return false;
    }
  });

const NEEDS = {
  helm3: {
    present: tool('HELM3', 'helm3'),
    what: 'chart tests on Helm 3',
    enable: 'PATH="$(.ci/tools.sh):$PATH" npm test, or HELM3=/path/to/helm npm test',
  },
  helm4: {
    present: tool('HELM4', 'helm4'),
    what: 'chart tests on Helm 4',
    enable: 'PATH="$(.ci/tools.sh):$PATH" npm test, or HELM4=/path/to/helm npm test',
  },
  dig: { present: () => onPath('dig'), what: 'answers checked with dig', enable: 'apt-get install bind9-dnsutils' },
  unbound: {
    present: () => onPath('unbound'),
    what: 'comparison with a real upstream',
    enable: 'apt-get install unbound',
  },
  corefiles: {
    present: () => shared('data/corefiles'),
    what: 'public Corefiles',
    enable: 'put the data folder at ../shared/data',
  },
  kubectl: { present: () => onPath('kubectl'), what: 'kustomize over the manifests', enable: 'install kubectl' },
  values: {
    present: () => shared('data/values'),
    what: 'values files of other charts',
    enable: 'put the data folder at ../shared/data',
  },
  tables: {
    present: () => shared('data/coredns-tables'),
    what: 'CoreDNS test tables',
    enable: 'put the data folder at ../shared/data',
  },
  netns: {
    present: () => canUnshare(),
    what: 'links and rules in network namespaces of their own',
    enable: 'run as root, with iproute2 and util-linux (unshare, nsenter, setpriv) installed',
  },
  cgroups: {
    present: () => makesGroups(),
    what: 'outages by hunger for memory and processor',
    enable: 'run as root, with /sys/fs/cgroup writable',
  },
  promtool: {
    present: () => onPath('promtool'),
    what: 'alerts fired and silent',
    enable: 'apt-get install prometheus',
  },
  prometheus: {
    present: () => onPath('prometheus'),
    what: 'the dashboard on data of a real run',
    enable: 'apt-get install prometheus',
  },
  dnsperf: { present: () => onPath('dnsperf'), what: 'load without loss', enable: 'apt-get install dnsperf' },
  conntrack: { present: () => onPath('conntrack'), what: 'conntrack entries', enable: 'apt-get install conntrack' },
  nft: { present: () => onPath('nft'), what: 'rules of nftables', enable: 'apt-get install nftables' },
  iptables: { present: () => onPath('iptables-legacy'), what: 'rules of iptables', enable: 'apt-get install iptables' },
  image: {
    present: () => Boolean(process.env.IMAGE_FOLDER) && onPath('runc'),
    what: 'the image as it was built',
    enable:
      '.ci/run image, or IMAGE_FOLDER="$(.ci/image.sh)" npx jest test/image/dockerfile.test.ts (as root, Debian 12)',
  },
  reference: {
    present: () => shared('reference'),
    what: 'the list of known bugs',
    enable: 'put the reference folder at ../shared/reference',
  },
  schemas: {
    present: () => shared('data/k8s-schemas'),
    what: 'strict Kubernetes schemas',
    enable: 'put the data folder at ../shared/data',
  },
};

/** The jest `describe` (or its skipping twin) for tests that need `names`. */
function needs(...names) {
  const missing = names.filter((name) => !NEEDS[name].present());
  return { met: missing.length === 0, describe: missing.length === 0 ? describe : describe.skip };
}

module.exports = { NEEDS, needs };
