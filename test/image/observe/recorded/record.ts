/**
 * Writes down what a real server says of its metrics: `npx tsx test/image/observe/recorded/record.ts --binary PATH`. The
 * binary is k8s-dns-node-cache with the directives that it leaves out compiled in. It goes to said.json.
 */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packetOf } from '../../plugin/recorded/ask';
import { familiesOf } from './families';

const PORT = 26541;
const UPSTREAM_PORT = 26542;
const METRICS = '127.0.0.1:26543';
/** Every directive that counts, and questions that make each count. */
const COREFILE = `. {
  bind 127.0.0.1
  prometheus 127.0.0.1:26544
  health 127.0.0.1:26545
  reload 30s
  errors
  local
  dns64 {
    allow_ipv4
  }
  acl blocked.test {
    block
  }
  acl filtered.test {
    filter
  }
  acl dropped.test {
    drop
  }
  cache {
    success 1 60 1
    denial 1 60
    prefetch 1 1m 90%
    serve_stale
  }
  template IN TXT template.test {
    answer "{{ .Name }} 60 IN TXT {{ .Remote }}"
  }
  template IN MX template.test {
    answer "{{ .Name }} 60 IN MX bad"
  }
  template IN SRV template.test {
    answer "{{ .NoSuch }}"
  }
  hosts {
    192.0.2.1 hosts.test
    fallthrough
  }
  forward down.test 127.0.0.1:9
  forward . 127.0.0.1:${UPSTREAM_PORT}
}
`;
const QUESTIONS = [
  'localhost.test. A',
  'blocked.test. A',
  'filtered.test. A',
  'template.test. TXT',
  'template.test. TXT',
  'template.test. MX',
  'template.test. SRV',
  'hosts.test. A udp=1232 do',
  'down.test. A',
  'dns64.test. AAAA',
  'x.test. A CH',
];
/** More names than the smallest cache holds. */
const MANY = Array.from({ length: 1500 }, (_, index) => `a${index}.test. A`);

function ask(question: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const end = (): void => {
      clearTimeout(timer);
      socket.close();
      resolve();
    };
    const timer = setTimeout(end, 6000);
    socket.on('message', end);
    socket.send(packetOf(question), PORT, '127.0.0.1');
  });
}

/** Answers every A question with an address, and the others with nothing. */
function upstream(): () => void {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, from) => {
    const isA = bytes[bytes.length - 3] === 1;
    const record = isA ? [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 2, 0, 4, 192, 0, 2, 1] : [];
    const answer = Buffer.from([...bytes, ...record]);
    answer[2] |= 0x80;
    answer[7] = isA ? 1 : 0;
    socket.send(answer, from.port, from.address);
  });
  socket.bind(UPSTREAM_PORT, '127.0.0.1');
  return () => socket.close();
}

async function main(): Promise<void> {
  const { binary } = parseArgs({ options: { binary: { type: 'string' } } }).values;
  if (binary === undefined) throw new Error('--binary PATH is missing');
  const folder = mkdtempSync(join(tmpdir(), 'recorded-'));
  mkdirSync(join(folder, 'base'));
  writeFileSync(join(folder, 'base/Corefile.base'), COREFILE);
  const close = upstream();
  const agent = ['-localip', '127.0.0.1', '-setupinterface=false', '-setupiptables=false', '-dns.port', String(PORT)];
  const files = ['-basecorefile', join(folder, 'base/Corefile.base'), '-conf', join(folder, 'Corefile')];
  const child = spawn(binary, [...agent, ...files, '-metrics-listen-address', METRICS], { stdio: 'ignore' });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await Promise.all([...QUESTIONS.map(ask), ask('dropped.test. A')]);
  for (let start = 0; start < MANY.length; start += 50) await Promise.all(MANY.slice(start, start + 50).map(ask));
  await ask(MANY[MANY.length - 1]); // Fresh, and fetched again before it is stale.
  await new Promise((resolve) => setTimeout(resolve, 4000)); // The health check, and probes of the upstream that is down.
  await Promise.all(MANY.slice(-50).map(ask)); // Stale by now.
  const page = await (await fetch(`http://${METRICS}/metrics`)).text();
  child.kill('SIGKILL');
  close();
  rmSync(folder, { recursive: true });
  writeFileSync(join(__dirname, 'said.json'), `${JSON.stringify(familiesOf(page), null, 1)}\n`);
}

void main();
