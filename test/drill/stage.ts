/** Everything a drill needs, up and torn down: network, cluster DNS, the cache, clients. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Inside } from '../support/namespace';
import { ADDRESSES, type CacheOptions, startCache } from './cache';
import { MAIN, startClusterDns } from './cluster-dns';
import type { Flavour } from './kube-proxy';
import { DrillNetwork } from './network';
import { Running } from './process';
import { type Notes, type Stream, WAYS, type Way } from './streams';

/** Clients of all kinds on the addresses. */
export function allStreams(addresses: readonly string[] = ADDRESSES, ways: readonly Way[] = WAYS): Stream[] {
  return (['pod', 'node'] as const).flatMap((place) =>
    addresses.flatMap((address) => ways.map((way) => ({ place, address, way }))),
  );
}

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A node with everything around it. */
export class Stage {
  readonly network: DrillNetwork;
  readonly folder: string;
  private readonly running: Running[] = [];
  private readonly caches: Running[] = [];
  private clients: Inside[] = [];

  private constructor(network: DrillNetwork, folder: string) {
    this.network = network;
    this.folder = folder;
  }

  static async open(flavour: Flavour): Promise<Stage> {
    const stage = new Stage(await DrillNetwork.open(flavour), mkdtempSync(path.join(tmpdir(), 'drill-')));
    stage.running.push(...(await startClusterDns(stage.network, stage.folder)));
    return stage;
  }

  startCache(options: CacheOptions = {}): Running {
    const cache = startCache(this.network, this.folder, options);
    this.caches.push(cache);
    return cache;
  }

  /** Run something in a namespace until the stage closes. */
  keep(running: Running): Running {
    this.running.push(running);
    return running;
  }

  /** Run `cleanup` on the node, as after an uninstall. */
  cleanUp(): Running {
    const command = [process.execPath, MAIN, 'cleanup'];
    return this.keep(new Running(this.network.places.node, { command, outputFile: path.join(this.folder, 'cleanup') }));
  }

  /** Let clients begin. */
  async ask(streams: readonly Stream[]): Promise<void> {
    const places = (['pod', 'node'] as const).filter((place) => streams.some((stream) => stream.place === place));
    this.clients = places.map((place) => this.network.places[place].start(path.join(__dirname, 'client-inside.ts')));
    const mine = places.map((place) => streams.filter((stream) => stream.place === place));
    await Promise.all(this.clients.map((client, index) => client.call('start', mine[index])));
  }

  /** Let clients end. */
  async hear(): Promise<readonly Notes[]> {
    const notes = await Promise.all(this.clients.map((client) => client.call<readonly Notes[]>('stop')));
    await Promise.all(this.clients.map((client) => client.end()));
    this.clients = [];
    return notes.flat();
  }

  /** The cache, or all of them, and what they leave on the node; the network and its servers stay. */
  async endCaches(): Promise<void> {
    await Promise.all(this.caches.splice(0).map((cache) => (cache.isOver ? undefined : cache.kill())));
  }

  async close(): Promise<void> {
    await this.endCaches();
    await Promise.all(this.running.filter(({ isOver }) => !isOver).map((running) => running.kill()));
    await this.network.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
