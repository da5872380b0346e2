/** Every Corefile of a plugin's README is loaded and started, and each of its zones answers. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIRECTIVES } from '../../image/chain/order';
import { FLAG_QR, getFlags } from '../../image/wire/header';
import { FakeWorker } from '../support/fake-worker';
import { questionPacket } from '../support/query';

const FOLDER = join(__dirname, '../../image/plugin');
const READMES = readdirSync(FOLDER).filter((name) => existsSync(join(FOLDER, name, 'README.md')));
const PLUGINS = DIRECTIVES.filter(({ state }) => state === 'here').map(({ name }) => name);
const EXAMPLES = READMES.flatMap((name) => {
  const readme = readFileSync(join(FOLDER, name, 'README.md'), 'utf8');
  const fences = [...readme.matchAll(/^```corefile\n([\s\S]*?)^```$/gm)].map(([, text]) => text);
  return fences.map((text, index) => [`${name} ${index + 1}`, text] as const);
});
/** What the examples find on the machine. */
const FILES = {
  '/etc/resolv.conf': 'nameserver 192.0.2.53\n',
  '/etc/hosts': '127.0.0.1 localhost\n',
  '/etc/coredns/hosts': '192.0.2.1 a.example\n',
};
const INTERFACES = [{ name: 'lo', addresses: ['127.0.0.1', '::1'] }];
/** Longer than a query may take when no upstream answers. */
const PATIENCE_MS = 8000;

test('there are some for every plugin', () => {
  expect(PLUGINS.length).toBeGreaterThan(10);
  expect(PLUGINS.filter((name) => !EXAMPLES.some(([title]) => title.startsWith(`${name} `)))).toEqual([]);
});

test.each(EXAMPLES)('%s starts, and every zone answers', (_, corefile) => {
  const worker = new FakeWorker(corefile, { files: FILES, interfaces: INTERFACES });
  const { listeners } = worker.plan;
  expect(listeners.length).toBeGreaterThan(0);
  for (const { address, port, zones } of listeners) {
    const server = { address: address === '' ? '127.0.0.1' : address, port };
    for (const { zone } of zones) {
      const client = worker.kernel.network.udpPeer(server.address);
      expect(client.send(server, questionPacket(zone === '.' ? 'www.example.' : `www.${zone}`))).toBe(true);
      worker.pass(PATIENCE_MS);
      const [reply] = client.received;
      expect(getFlags(reply.bytes, 0) & FLAG_QR).toBe(FLAG_QR);
    }
  }
  expect(worker.posted.filter(({ kind }) => kind === 'fatal')).toEqual([]);
});
