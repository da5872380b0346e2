/** The whole process in front of TLS servers: the worker's pool, main's relay and the wire between. Ports 22310, 22311. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { makeCertificate } from '../../support/certificate';
import { ask } from '../../support/dns-client';
import { metrics, type Served, serve } from '../../support/served';
import { framed, replyTo } from '../upstream/loop';

jest.setTimeout(30_000);

const [PORT, METRICS_PORT] = [22310, 22311];
const authority = makeCertificate({ name: 'authority' });
const good = makeCertificate({ name: 'x', hosts: ['dns.example'], authority });
const folder = mkdtempSync(join(tmpdir(), 'tls-'));
const servers: Server[] = [];
const sockets = new Set<Socket>();
let served: Served | undefined;
let [goodPort, oncePort] = [0, 0];

/** Answers every question; closes the connection after each if so told. @returns its port */
async function listen(closes: boolean): Promise<number> {
  const server = createServer({ cert: good.certificate, key: good.key }, (socket) => {
    sockets.add(socket);
    let bytes = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      bytes = Buffer.concat([bytes, data]);
      while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) {
        const query = bytes.subarray(2, 2 + bytes.readUInt16BE(0));
        bytes = bytes.subarray(2 + query.length);
        socket.write(framed(replyTo(query)));
        if (closes) socket.end();
      }
    });
  });
  server.on('tlsClientError', () => undefined);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const block = (zone: string, port: number, name: string) => `${zone}:${PORT} {
    bind 127.0.0.1
    errors
    prometheus 127.0.0.1:${METRICS_PORT}
    forward . tls://127.0.0.1:${port} {
        tls ${join(folder, 'authority.pem')}
        tls_servername ${name}
        max_connect_attempts 1
    }
}
`;

beforeAll(async () => {
  writeFileSync(join(folder, 'authority.pem'), authority.certificate);
  goodPort = await listen(false);
  oncePort = await listen(true);
  served = await serve(
    block('good.test', goodPort, 'dns.example') +
      block('wrong.test', await listen(false), 'other.example') +
      block('once.test', oncePort, 'dns.example'),
  );
});

afterAll(async () => {
  await served?.stop();
  for (const socket of sockets) socket.destroy();
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

const over = (name: string, transport: 'udp' | 'tcp' = 'udp') => ask({ name, port: PORT, over: transport });

test('a client over UDP or TCP gets answers that came over TLS', async () => {
  for (const transport of ['udp', 'tcp', 'udp'] as const) {
    expect(await over(`www.good.test`, transport)).toMatchObject({
      rcode: 'NOERROR',
      answer: ['www.good.test. 30 IN A 127.0.0.1'],
    });
  }
});

test('a burst through a server that closes after each answer loses nothing', async () => {
  for (let round = 0; round < 3; round++) {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => over(`n${round}-${index}.once.test`)));
    expect(answers.map(({ rcode }) => rcode)).toEqual(answers.map(() => 'NOERROR'));
  }
});

test('a wrong certificate is SERVFAIL, and the log says why as CoreDNS does', async () => {
  expect((await over('www.wrong.test')).rcode).toBe('SERVFAIL');
  await served!.daemon.says(
    '[ERROR] plugin/errors: 2 www.wrong.test. A: tls: failed to verify certificate: x509: certificate is valid for dns.example, not other.example',
  );
});

test('connections are counted as tcp-tls', async () => {
  const found = await metrics(METRICS_PORT, 'coredns_proxy_conn_cache');
  const series = (name: string, port: number) =>
    found.get(`coredns_proxy_conn_cache_${name}_total{proxy_name="forward",to="127.0.0.1:${port}",proto="tcp-tls"}`);
  expect(series('misses', goodPort)).toBe(1);
  expect(series('hits', goodPort)).toBe(2);
  expect(series('misses', oncePort)).toBeGreaterThanOrEqual(20);
});

test('descriptors go with the connections', async () => {
  const open = () => readdirSync(`/proc/${served!.daemon.processId}/fd`).length;
  for (const socket of sockets) socket.destroy();
  const endMs = Date.now() + 5_000;
  const before = open();
  for (let round = 0; round < 5; round++) {
    await Promise.all(Array.from({ length: 20 }, (_, index) => over(`r${round}-${index}.once.test`)));
  }
  while (open() > before + 3 && Date.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(open()).toBeLessThanOrEqual(before + 3);
});
