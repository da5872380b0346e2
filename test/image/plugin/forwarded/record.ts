/**
 * Asks a real server all questions of a topic: `npx tsx test/image/plugin/forwarded/record.ts --binary PATH [TOPIC…]`. The
 * binary is k8s-dns-node-cache. What it says goes to said/TOPIC.json.
 */
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startReference } from '../../../support/reference-server';
import { packetOf, textOf } from '../recorded/ask';
import { type Case, corefileOf, type Said, UPSTREAM_PORT, Upstream } from './case';
import { TOPICS } from './topics';

const PORT = 26004;
const METRICS_ADDRESS = '127.0.0.1:26005';
const ANSWER_MS = 2000;

function askUdp(packet: Uint8Array, address: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = createSocket(address === '::1' ? 'udp6' : 'udp4');
    const end = (text: string): void => {
      clearTimeout(timer);
      socket.close();
      resolve(text);
    };
    const timer = setTimeout(() => end('silence'), ANSWER_MS);
    socket.on('message', (bytes) => end(textOf(bytes)));
    socket.send(packet, PORT, address);
  });
}

function askTcp(packet: Uint8Array, address: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(PORT, address);
    let got = Buffer.alloc(0);
    const end = (text: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(text);
    };
    const timer = setTimeout(() => end('silence'), ANSWER_MS);
    socket.on('connect', () => socket.write(Buffer.concat([Buffer.from([0, packet.length]), packet])));
    socket.on('data', (bytes) => {
      got = Buffer.concat([got, bytes]);
      if (got.length > 1 && got.length >= 2 + got.readUInt16BE(0))
        end(textOf(got.subarray(2, 2 + got.readUInt16BE(0))));
    });
  });
}

async function record(one: Case, binary: string, upstream: Upstream): Promise<Said[]> {
  const stop = await startReference(binary, corefileOf(one), { dnsPort: PORT, metrics: METRICS_ADDRESS });
  const said: Said[] = [];
  for (const question of one.questions) {
    const words = question.split(' ');
    upstream.asked = [];
    const ask = words.includes('tcp') ? askTcp : askUdp;
    const answer = await ask(packetOf(question), words.includes('v6') ? '::1' : '127.0.0.1');
    said.push({ question, asked: upstream.asked, answer });
  }
  await stop();
  return said;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { binary: { type: 'string' } }, allowPositionals: true });
  if (values.binary === undefined) throw new Error('--binary PATH is missing');
  const upstream = new Upstream();
  const socket = createSocket('udp4');
  socket.on('message', (bytes, { port, address }) => socket.send(upstream.answer(bytes), port, address));
  const server = createServer((end) => {
    end.on('error', () => undefined);
    end.on('data', (bytes) => {
      const answer = upstream.answer(bytes.subarray(2));
      end.write(Buffer.concat([Buffer.from([answer.length >>> 8, answer.length & 0xff]), answer]));
    });
  });
  await new Promise<void>((resolve) => server.listen(UPSTREAM_PORT, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => socket.bind(UPSTREAM_PORT, '127.0.0.1', resolve));
  for (const [topic, cases] of Object.entries(TOPICS)) {
    if (positionals.length > 0 && !positionals.includes(topic)) continue;
    const said: Record<string, Said[]> = {};
    for (const one of cases) {
      said[one.title] = await record(one, values.binary, upstream);
      process.stdout.write(`${topic}: ${one.title}: ${one.questions.length}\n`);
    }
    writeFileSync(join(__dirname, `said/${topic}.json`), `${JSON.stringify(said, null, 1)}\n`);
  }
  process.exit();
}

void main();
