/**
 * The asking half of the loop plugin: send ourselves a question under a name nobody else has. When it comes back to us
 * through an upstream more than twice the worker says `fatal`; when any answer arrives there is no loop.
 * @source CoreDNS plugin/loop setup.go, loop.go
 */
import { LOOP_ANSWER_MS, LOOP_GIVE_UP_MS, LOOP_RETRY_MS } from '../limits';
import type { LoopProbe, MessageToWorker } from './messages';
import type { Cancel, Clock } from './world';

/** HINFO: a type that nobody asks for. */
const TYPE_HINFO = 13;
const CLASS_IN = 1;
/** Recursion desired: the upstream would not go on otherwise. */
const FLAGS_RD = 0x0100;

/** What probing needs. */
export interface LoopProbeAccess {
  readonly clock: Clock;
  /** To every worker: any of them may get the question. */
  post(message: MessageToWorker): void;
  exchange(packet: Uint8Array, host: string, port: number, timeoutMs: number): Promise<void>;
}

/** Where the probe is sent. */
export interface LoopTarget {
  /** Empty for the wildcard: then localhost is asked. */
  readonly address: string;
  readonly port: number;
}

/** Ask until an answer comes or LOOP_GIVE_UP_MS are over. @returns ends it */
export function startLoopProbe(probe: LoopProbe, target: LoopTarget, access: LoopProbeAccess): Cancel {
  const host = target.address === '' ? '127.0.0.1' : target.address;
  const packet = encodeProbe(probe.name);
  const deadlineMs = access.clock.now() + LOOP_GIVE_UP_MS;
  let ended = false;
  let cancelRetry: Cancel = () => {};
  const ask = async (): Promise<void> => {
    try {
      await access.exchange(packet, host, target.port, LOOP_ANSWER_MS);
    } catch {
      if (ended) return;
      if (access.clock.now() < deadlineMs) {
        access.post({ kind: 'loop-reset', name: probe.name }); // Our own repeats are no loop.
        cancelRetry = access.clock.after(LOOP_RETRY_MS, () => void ask());
        return;
      }
    }
    if (!ended) access.post({ kind: 'loop-done', name: probe.name });
  };
  void ask();
  return () => {
    ended = true;
    cancelRetry();
  };
}

/** One HINFO question. Its id is made from the name's digits, which are random. @param name FQDN without escapes */
export function encodeProbe(name: string): Uint8Array {
  const labels = name.split('.').filter((label) => label !== '');
  const nameBytes = labels.reduce((sum, label) => sum + 1 + label.length, 1);
  const packet = Buffer.alloc(12 + nameBytes + 4);
  packet.writeUInt16BE(Number(name.slice(0, 15).replace(/\D/g, '') || 1) % 65536, 0);
  packet.writeUInt16BE(FLAGS_RD, 2);
  packet.writeUInt16BE(1, 4);
  let offset = 12;
  for (const label of labels) {
    packet[offset++] = label.length;
    offset += packet.write(label, offset, 'latin1');
  }
  packet.writeUInt16BE(TYPE_HINFO, offset + 1);
  packet.writeUInt16BE(CLASS_IN, offset + 3);
  return packet;
}
