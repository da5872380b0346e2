/** What may happen to a cache on a bad day, and the way back. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseCpuTicks } from '../bench/process-usage';
import { type CacheOptions, SERVING } from './cache';
import { ControlGroup } from './control-group';
import type { Running } from './process';
import { type Stage, wait } from './stage';

/** A cache to be harmed, and how another one is started. */
export interface Patient {
  readonly stage: Stage;
  readonly cache: Running;
  readonly options: CacheOptions;
}

/** Harm in progress. */
export interface Harm {
  /** The end of it: the same process goes on, or another one serves. */
  end(): Promise<void>;
  /** What the drill has made for it goes. */
  clean(): Promise<void>;
}

/** One kind of harm. */
export interface Fault {
  readonly name: string;
  /** Before the cache is started. @returns what the cache is started with, besides the usual */
  prepare(): { readonly options: CacheOptions; readonly harm: (patient: Patient) => Promise<Harm> };
}

const nothing = async (): Promise<void> => undefined;

/** The fault ends the process, and another one takes its place. */
function restarted({ stage, options }: Patient, clean = nothing): Harm {
  return {
    end: async () => {
      await stage.startCache({ ...options, instance: 2 }).says(SERVING);
    },
    clean,
  };
}

const killed: Fault = {
  name: 'SIGKILL',
  prepare: () => ({
    options: {},
    harm: async (patient) => {
      await patient.cache.kill();
      return restarted(patient);
    },
  }),
};

const stopped: Fault = {
  name: 'SIGSTOP, SIGCONT',
  prepare: () => ({
    options: {},
    harm: async ({ cache }) => {
      cache.signal('SIGSTOP');
      return { end: async () => cache.signal('SIGCONT'), clean: nothing };
    },
  }),
};

/** Bytes that the group may still take, and that its other process wants. */
const [ROOM_BYTES, GREED_BYTES] = [8 << 20, 48 << 20];

/** Wants memory in the cache's group until the kernel kills the cache, which is the likeliest victim. */
async function killByMemory(group: ControlGroup, cache: Running): Promise<void> {
  writeFileSync(`/proc/${cache.processId}/oom_score_adj`, '1000');
  group.limitMemory(group.memoryBytes + ROOM_BYTES);
  const [program, ...parameters] = [...group.through, process.execPath, '-e', `Buffer.alloc(${GREED_BYTES}, 1)`];
  const greedy = spawn(program, parameters, { stdio: 'ignore' });
  await cache.ended;
  greedy.kill('SIGKILL');
  if (group.killed === 0) throw new Error('the cache ended, but not for want of memory');
}

const outOfMemory: Fault = {
  name: 'memory limit',
  prepare: () => {
    const group = new ControlGroup('memory', `drill-memory-${process.pid}`);
    return {
      options: { through: group.through },
      harm: async (patient) => {
        await killByMemory(group, patient.cache);
        return restarted({ ...patient, options: { ...patient.options, through: [] } }, () => group.remove());
      },
    };
  },
};

/** The thread that worked most in the last half second: under load the one that serves. */
async function busiestThread(processId: number): Promise<number> {
  const folder = `/proc/${processId}/task`;
  const ticks = (): Map<string, number> =>
    new Map(
      readdirSync(folder).map((thread) => [thread, parseCpuTicks(readFileSync(`${folder}/${thread}/stat`, 'utf8'))]),
    );
  const before = ticks();
  await wait(500);
  const worked = [...ticks()].map(([thread, now]) => ({ thread, worked: now - (before.get(thread) ?? now) }));
  worked.sort((left, right) => right.worked - left.worked);
  return Number(worked[0].thread);
}

const looping: Fault = {
  name: 'worker in a loop',
  prepare: () => ({
    options: {},
    harm: async ({ stage, cache }) => {
      const thread = await busiestThread(cache.processId);
      const hand = stage.network.places.node.start(path.join(__dirname, 'spin-inside.ts'));
      await hand.call('spin', cache.processId, thread);
      return { end: () => hand.call('release', thread), clean: () => hand.end() };
    },
  }),
};

/** Share of a processor that is left. */
const STARVED_SHARE = 0.01;

const starved: Fault = {
  name: '1 % of a processor',
  prepare: () => ({
    options: {},
    harm: async ({ cache }) => {
      const group = new ControlGroup('cpu', `drill-cpu-${process.pid}`);
      group.limitProcessor(STARVED_SHARE);
      group.add(cache.processId);
      return {
        end: async () => group.limitProcessor(Number.POSITIVE_INFINITY),
        clean: () => group.remove(),
      };
    },
  }),
};

/** All of them. */
export const FAULTS = { killed, stopped, outOfMemory, looping, starved } as const;
/** Name of one. */
export type FaultName = keyof typeof FAULTS;
