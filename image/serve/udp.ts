/** UDP of one listener: receive a batch, answer what is known, start the rest, send. */

import type { Query } from '../chain/query';
import { UDP } from '../chain/query';
import type { Arena } from '../kernel/arena';
import { Batch } from '../kernel/batch';
import type { Clock } from '../kernel/clock';
import { EPOLLIN, type Libc } from '../kernel/libc';
import type { Flushable, Reactor, Watcher } from '../kernel/reactor';
import { sockaddrFamily } from '../kernel/sockaddr';
import type { Sockets } from '../kernel/socket';
import { BATCH_SLOTS } from '../limits';
import { type QueryView, readQuery, Verdict } from '../wire/question';
import type { FastAnswer } from './fast-answer';
import { writeAnswer } from './reply';
import type { Sampler } from './sampler';
import type { Asked, ListenerService, Server } from './server';

/** What UDP and TCP services share. */
export interface ServiceEnvironment {
  readonly libc: Libc;
  readonly arena: Arena;
  readonly clock: Clock;
  readonly reactor: Reactor;
  readonly server: Server;
  readonly fast: FastAnswer;
  readonly sockets: Sockets;
  readonly sampler: Sampler;
  /** The packet being looked at. */
  readonly view: QueryView;
  /** Buffers of sockets that were closed, for the next ones: an arena takes nothing back. */
  readonly batches: Batch[];
}

/** Batches taken in a row before other sockets get their turn. */
const BATCHES_PER_TURN = 4;

/** Batches taken at the end: more than a full receive buffer holds, so that only new arrivals can be left. */
const DRAIN_BATCHES_MAX = 1024;

export class UdpService implements Watcher, Flushable {
  private readonly environment: ServiceEnvironment;
  private readonly fd: number;
  private readonly batch: Batch;
  private readonly token: number;
  private readonly asked: Asked;
  private flushAsked = false;
  private open = true;
  /** The socket is watched. */
  private hearing = true;

  /** @param wildcard whether the socket is bound to all addresses */
  constructor(environment: ServiceEnvironment, listener: ListenerService, fd: number, wildcard: boolean) {
    this.environment = environment;
    this.fd = fd;
    const batch = environment.batches.pop();
    batch?.attach(fd, wildcard);
    this.batch = batch ?? new Batch(environment.libc, environment.arena, fd, wildcard);
    this.asked = {
      listener,
      protocol: UDP,
      family: 1,
      requestBytes: 0,
      peerOffset: 0,
      client: -1,
      clientSerial: 0,
      receivedAtMs: 0,
    };
    this.token = environment.reactor.add(fd, EPOLLIN, this);
    if (this.token < 0) throw new Error(`A listening socket cannot be watched (errno ${-this.token})`);
  }

  /** A new configuration: questions that come from now on are the new listener's. */
  serve(listener: ListenerService): void {
    this.asked.listener = listener;
  }

  ready(): void {
    for (let turn = 0; turn < BATCHES_PER_TURN; turn++) if (this.take() < BATCH_SLOTS) return;
  }

  /** Take one batch. @returns datagrams in it */
  private take(): number {
    const { batch, environment } = this;
    const count = batch.receive();
    if (count <= 0) return 0; // Errors of a UDP socket are news of other people's packets; the next call clears them.
    const now = environment.clock.now();
    this.asked.receivedAtMs = now;
    for (let slot = 0; slot < count; slot++) this.handle(slot, now);
    this.send();
    environment.fast.countDurations(now);
    return count;
  }

  private handle(slot: number, now: number): void {
    const { batch, asked, environment } = this;
    const { view, arena, server, sampler } = environment;
    const requestBytes = batch.requestBytes(slot);
    const verdict = readQuery(arena.u8, batch.requestOffset(slot), requestBytes, view);
    const peer = batch.requestPeer(slot);
    const family = sockaddrFamily(arena, peer);
    const out = batch.replyOffset();
    let written = 0;
    if (verdict === Verdict.ACCEPT) {
      written = environment.fast.answer(asked.listener, arena.u8, view, UDP, family, requestBytes, out, now);
    }
    const isHit = written > 0;
    if (!isHit) {
      asked.family = family;
      asked.requestBytes = requestBytes;
      asked.peerOffset = peer;
      written = server.take(verdict, view, asked, out);
    }
    if (written === 0) return;
    if (sampler.isOn) sampler.answeredAtOnce(asked.listener, view, UDP, peer, out, now, isHit);
    batch.reply(written, peer);
  }

  /** An answer that took the long way. It leaves with its neighbours, at the end of the batch or of the turn. */
  deliver(query: Query): void {
    const out = this.batch.replyOffset();
    const written = writeAnswer(query, this.environment.arena.u8, out);
    this.batch.reply(written, query.peerOffset);
    if (this.flushAsked) return;
    this.flushAsked = true;
    this.environment.reactor.later(this);
  }

  flush(): void {
    this.flushAsked = false;
    if (this.open) this.send();
  }

  private send(): void {
    const { batch } = this;
    if (batch.replyCount > 0) batch.send();
    if (batch.unsent === 0) return;
    this.environment.server.countDropped('send_failed', batch.unsent);
    batch.unsent = 0;
  }

  /** Leave new datagrams to whoever shares the address. Where the kernel refuses, they are shared as before. */
  deafen(): void {
    if (this.hearing) this.environment.sockets.deafen(this.fd);
  }

  /** Send new questions to whoever shares the address, answer what the kernel holds already, then hear no more. */
  drain(): void {
    if (!this.hearing) return;
    this.deafen(); // Else what comes between reading to the end and closing is lost.
    for (let batch = 0; batch < DRAIN_BATCHES_MAX && this.take() > 0; batch++);
    this.leave();
  }

  /** Hear no more; the socket stays open. */
  leave(): void {
    if (!this.hearing) return;
    this.hearing = false;
    this.environment.reactor.remove(this.fd, this.token);
  }

  /** Close the socket; answers still on their way are lost. */
  close(): void {
    if (!this.open) return;
    this.leave();
    this.send();
    this.open = false;
    this.environment.libc.close(this.fd);
    this.environment.batches.push(this.batch);
  }
}
