/** The image: what its Dockerfile promises, and what the one that was built does when it is run. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { needs } from '../support/needs';

const PROJECT = path.join(__dirname, '../..');
const dockerfile = readFileSync(path.join(PROJECT, 'image/Dockerfile'), 'utf8');
const finalStage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));

/** What `.ci/image.sh` printed. */
const BUILT = process.env.IMAGE_FOLDER ?? '';
const filesOf = (architecture: string): string => path.join(BUILT, `node-cache-${architecture}`);

describe('the Dockerfile', () => {
  test('ends with nothing but our files', () => {
    expect(finalStage).toContain('FROM scratch\nCOPY --from=root /root-of-image /\n');
    expect(finalStage).not.toContain('RUN');
  });

  test('starts as k8s-dns-node-cache does', () => {
    expect(finalStage).toContain('ENTRYPOINT ["/node-cache"]');
  });

  test('uses public images only by the name that a digest can replace', () => {
    const bases = [...dockerfile.matchAll(/^FROM (?:--platform=\S+ )?(\S+)/gm)].map(([, name]) => name);
    expect(bases).toEqual(['$NODE_TARGET_IMAGE', '$NODE_IMAGE', '$NODE_IMAGE', 'scratch']);
  });

  test('reads nothing of the context that .dockerignore leaves out', () => {
    const kept = readFileSync(path.join(PROJECT, '.dockerignore'), 'utf8').match(/(?<=^!).*/gm) ?? [];
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, words]) => words!.split(' '));
    expect(copied.length).toBeGreaterThan(3);
    for (const file of copied) {
      expect(kept).toContain(file.split('/')[0]);
      expect(existsSync(path.join(PROJECT, file))).toBe(true);
    }
  });
});

describe('flags of Node', () => {
  test('are the same in the launcher and in its table', () => {
    const launcher = readFileSync(path.join(PROJECT, 'image/container/launcher.c'), 'utf8');
    const readme = readFileSync(path.join(PROJECT, 'image/container/README.md'), 'utf8');
    const set = [...launcher.matchAll(/^ {4}"(--[^"]+)"/gm), ...launcher.matchAll(/setenv\("(\w+)", "(\d+)"/g)];
    expect(set.length).toBeGreaterThan(1);
    for (const [, name, value] of set)
      expect(readme).toContain(value === undefined ? `\`${name}\`` : `\`${name}=${value}\``);
  });
});

/** ELF e_machine: 62 x86-64, 183 AArch64. @source elf.h */
const MACHINES = { amd64: 62, arm64: 183 } as const;

/** Files below a folder that are no links. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(file) : entry.isFile() ? [file] : [];
  });
}

needs('image').describe.each(['amd64', 'arm64'] as const)('the image for %s that was built', (architecture) => {
  const root = filesOf(architecture);

  test('has code of this architecture only', () => {
    const heads = filesBelow(root).map((file) => ({ file, bytes: readFileSync(file).subarray(0, 20) }));
    const programs = heads.filter(({ bytes }) => bytes.toString('latin1', 0, 4) === '\x7fELF');
    expect(programs.length).toBeGreaterThan(100);
    expect(programs.filter(({ bytes }) => bytes.readUInt16LE(18) !== MACHINES[architecture])).toEqual([]);
  });

  test('has neither shell nor package manager', () => {
    const programs = ['bin', 'sbin'].flatMap((folder) => readdirSync(path.join(root, 'usr', folder)));
    expect(
      programs.filter((name) => !/^(ip6?tables|xtables-(nft|legacy)-multi|nft|ipset|ip$|node$)/.test(name)),
    ).toEqual([]);
  });

  test('has the extensions that our rules use', () => {
    const library = { amd64: 'x86_64', arm64: 'aarch64' }[architecture];
    const extensions = readdirSync(path.join(root, `usr/lib/${library}-linux-gnu/xtables`));
    for (const name of ['comment', 'CT', 'set', 'udp', 'tcp', 'statistic', 'standard', 'MASQUERADE', 'addrtype'])
      expect(extensions.map((file) => file.replace(/^lib(xt|ipt)_/, ''))).toContain(`${name}.so`);
  });

  test('has the licence of each package and an SBOM that names it', () => {
    const { packages } = JSON.parse(readFileSync(path.join(root, 'usr/share/sbom/node-cache.spdx.json'), 'utf8'));
    expect(packages.length).toBeGreaterThan(30);
    // libgcc-s1 and libstdc++6 have the copyright of gcc-12-base; the natives of koffi that of koffi.
    const shared = /^(libgcc-s1|libstdc\+\+6|@koromix\/.*)$/;
    for (const { name } of packages.filter((each: { name: string }) => !shared.test(each.name)))
      expect(readdirSync(path.join(root, 'usr/share/doc', name))).not.toEqual([]);
  });
});

const COREFILE = `.:53 {
    errors
    bind 169.254.20.10
    hosts {
        192.0.2.7 in.the.image
    }
    health 169.254.20.10:8080
}
`;

/** What a container runtime is told: no right but these two, nothing to write but one folder. */
function containerConfig(folder: string, holder: number, parameters: readonly string[]): object {
  const capabilities = ['CAP_NET_ADMIN', 'CAP_NET_BIND_SERVICE'];
  return {
    ociVersion: '1.0.2',
    process: {
      args: ['/node-cache', ...parameters],
      env: ['PATH=/usr/sbin:/usr/bin'],
      cwd: '/',
      noNewPrivileges: true,
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      user: { uid: 0, gid: 0 },
    },
    root: { path: filesOf('amd64'), readonly: true },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=64k'] },
      { destination: '/run/node-cache', type: 'bind', source: folder, options: ['bind', 'rw'] },
      { destination: '/etc/coredns', type: 'bind', source: folder, options: ['bind', 'ro'] },
    ],
    linux: {
      namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'network', path: `/proc/${holder}/ns/net` }],
    },
  };
}

needs('image', 'netns', 'dig').describe('a container with a read-only root, NET_ADMIN and NET_BIND_SERVICE', () => {
  const name = `ndl-image-${process.pid}`;
  const bundle = mkdtempSync(path.join(tmpdir(), 'image-'));
  const written = path.join(bundle, 'written');
  let holder: ChildProcess;
  let container: ChildProcess;
  let said = '';

  const inside = (...words: string[]) => spawnSync('runc', ['exec', name, ...words], { encoding: 'utf8' });
  const answer = () =>
    spawnSync(
      'nsenter',
      [`--net=/proc/${holder.pid}/ns/net`, 'dig', '@169.254.20.10', '+short', '+time=1', '+tries=1', 'in.the.image'],
      { encoding: 'utf8' },
    ).stdout.trim();

  beforeAll(async () => {
    mkdirSync(written);
    writeFileSync(path.join(written, 'Corefile.base'), COREFILE);
    holder = spawn('unshare', ['-n', 'sh', '-c', 'ip link set lo up; exec sleep 120'], { stdio: 'ignore' });
    await sleep(500);
    const parameters = [
      '-localip',
      '169.254.20.10',
      '-conf=/run/node-cache/Corefile',
      '-pidfile=/run/node-cache/node-cache.pid',
      '-upstreamsvc=kube-dns-upstream',
      '-metrics-listen-address=127.0.0.1:9353',
    ];
    const config = containerConfig(written, holder.pid!, parameters);
    writeFileSync(path.join(bundle, 'config.json'), JSON.stringify(config));
    container = spawn('runc', ['run', '--bundle', bundle, name], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [container.stdout!, container.stderr!])
      stream.on('data', (text) => {
        said += text;
      });
    for (let tries = 0; tries < 40 && answer() !== '192.0.2.7'; tries++) await sleep(250);
  }, 60_000);

  afterAll(() => {
    spawnSync('runc', ['delete', '--force', name]);
    holder.kill();
    rmSync(bundle, { recursive: true });
  });

  test('answers', () => {
    expect({ answer: answer(), said }).toEqual({ answer: '192.0.2.7', said: expect.any(String) });
  });

  test('has link and rules of its own making', () => {
    expect(inside('ip', '-brief', 'address', 'show', 'nodelocaldns').stdout).toContain('169.254.20.10/32');
    expect(inside('nft', 'list', 'tables').stdout).toContain('table inet nodelocaldns');
  });

  test('has written its Corefile and its process id, and nothing else', () => {
    expect(readdirSync(written).sort()).toEqual(['Corefile', 'Corefile.base', 'node-cache.pid', 'nodelocaldns.sock']);
  });

  test.each([
    ['iptables-nft', '--version', '(nf_tables)'],
    ['iptables-legacy', '--version', '(legacy)'],
    ['ip6tables-nft-save', '--version', '(nf_tables)'],
    ['nft', '--version', 'nftables v'],
    ['ipset', '--version', 'ipset v'],
    ['ip', '-V', 'iproute2'],
  ])('%s runs inside', (program, parameter, text) => {
    expect(inside(program, parameter)).toMatchObject({ status: 0, stdout: expect.stringContaining(text) });
  });

  test('nft and iptables-nft make rules inside, with these capabilities', () => {
    const rule = [
      '-t',
      'raw',
      '-A',
      'OUTPUT',
      '-d',
      '192.0.2.9',
      '-p',
      'udp',
      '-m',
      'comment',
      '--comment',
      'a',
      '-j',
      'CT',
    ];
    expect(inside('iptables-nft', ...rule, '--notrack')).toMatchObject({ status: 0, stderr: '' });
    expect(inside('iptables-nft-save', '-t', 'raw').stdout).toContain('--comment a -j');
    expect(inside('nft', 'add', 'table', 'inet', 'probe')).toMatchObject({ status: 0, stderr: '' });
    expect(inside('nft', 'list', 'tables').stdout).toContain('table inet probe');
  });

  test('SIGTERM ends it in order', async () => {
    const ended = new Promise((resolve) => container.on('exit', resolve));
    execFileSync('runc', ['kill', name, 'TERM']);
    await ended;
    expect(said).toContain('SIGTERM');
    expect(container.signalCode).toBeNull();
  }, 20_000);
});
