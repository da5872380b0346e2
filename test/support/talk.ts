/** Runs in a test's network namespace: asks and answers over UDP and TCP. */
import dgram from 'node:dgram';
import net from 'node:net';
import { answerCalls } from './calls';

const PATIENCE_MS = 1_000;

const isV6 = (address: string): boolean => net.isIPv6(address);

/** Say `answer` to whoever comes. */
async function answer(address: string, port: number): Promise<void> {
  const udp = dgram.createSocket(isV6(address) ? 'udp6' : 'udp4');
  udp.on('message', (_bytes, from) => udp.send('answer', from.port, from.address));
  await new Promise<void>((resolve, reject) => udp.once('error', reject).bind(port, address, resolve));
  const tcp = net.createServer((socket) => socket.end('answer'));
  await new Promise<void>((resolve, reject) => tcp.once('error', reject).listen(port, address, resolve));
}

/** @returns what came back; `nothing` when that took too long */
function askUdp(address: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = dgram.createSocket(isV6(address) ? 'udp6' : 'udp4');
    const end = (said: string): void => {
      clearTimeout(timer);
      socket.close();
      resolve(said);
    };
    const timer = setTimeout(() => end('nothing'), PATIENCE_MS);
    socket.once('message', (bytes) => end(bytes.toString()));
    socket.once('error', ({ message }) => end(message));
    socket.send('question', port, address);
  });
}

let kept: dgram.Socket | undefined;

/** Have a socket connected to an address, and use it once, whoever is there. */
async function keep(address: string, port: number): Promise<void> {
  const socket = dgram.createSocket(isV6(address) ? 'udp6' : 'udp4');
  kept = socket;
  socket.on('error', () => {});
  await new Promise<void>((resolve) => socket.connect(port, address, resolve));
  socket.send('question');
}

/** Ask by that socket. @returns what came back; `nothing` when that took too long */
function askKept(): Promise<string> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('nothing'), PATIENCE_MS);
    kept!.once('message', (bytes) => {
      clearTimeout(timer);
      resolve(bytes.toString());
    });
    kept!.send('question');
  });
}

/** @returns what came back, or how the connection failed */
function askTcp(address: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: address, port, timeout: PATIENCE_MS });
    let said = '';
    socket.on('data', (bytes) => {
      said += bytes;
    });
    socket.once('timeout', () => socket.destroy(new Error('nothing')));
    socket.once('error', ({ message }) => resolve(message));
    socket.once('close', () => resolve(said));
  });
}

answerCalls({ answer, askUdp, askTcp, keep, askKept });
