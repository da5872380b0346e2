/**
 * Asks a real server all questions of all cases: `npx tsx test/image/plugin/recorded/record.ts --binary PATH`. The binary
 * is k8s-dns-node-cache with the directives that it leaves out compiled in. What it says goes to said.json.
 */
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startReference } from '../../../support/reference-server';
import { packetOf, textOf } from './ask';
import { CASES, type Case } from './cases';
import { named } from './named';

const PORT = 26501;
const METRICS_ADDRESS = '127.0.0.1:26502';
const ANSWER_MS = 2000;

function askUdp(packet: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const end = (text: string): void => {
      clearTimeout(timer);
      socket.close();
      resolve(text);
    };
    const timer = setTimeout(() => end('silence'), ANSWER_MS);
    socket.on('message', (bytes) => end(named(textOf(bytes), socket.address().port, hostname())));
    socket.send(packet, PORT, '127.0.0.1');
  });
}

function askTcp(packet: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(PORT, '127.0.0.1');
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
      if (got.length < 2 || got.length < 2 + got.readUInt16BE(0)) return;
      end(named(textOf(got.subarray(2, 2 + got.readUInt16BE(0))), socket.localPort ?? 0, hostname()));
    });
  });
}

async function record({ lines, questions }: Case, binary: string): Promise<string[]> {
  const corefile = `. {\nbind 127.0.0.1\n${lines.join('\n')}\n}\n`;
  const stop = await startReference(binary, corefile, { dnsPort: PORT, metrics: METRICS_ADDRESS });
  const answers: string[] = [];
  for (const question of questions) {
    const packet = packetOf(question);
    answers.push(await (question.split(' ').includes('tcp') ? askTcp(packet) : askUdp(packet)));
  }
  await stop();
  return answers;
}

async function main(): Promise<void> {
  const { binary } = parseArgs({ options: { binary: { type: 'string' } } }).values;
  if (binary === undefined) throw new Error('--binary PATH is missing');
  const said: Record<string, Record<string, string>[]> = {};
  for (const one of CASES) {
    const answers = await record(one, binary);
    said[one.title] = one.questions.map((question, index) => ({ question, answer: answers[index] }));
    process.stdout.write(`${one.title}: ${answers.length}\n`);
  }
  writeFileSync(join(__dirname, 'said.json'), `${JSON.stringify(said, null, 1)}\n`);
}

void main();
