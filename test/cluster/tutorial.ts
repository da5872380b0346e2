/**
 * docs/tutorial.md, command by command as it stands there, by a person with two terminals. This class of machine has no Docker and
 * no kind: stand-ins note what they are told, and give the name that the page gives the image.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Fence, fences, ROOT } from '../docs/pages';
import { loadBusybox } from './busybox';
import { type Cluster, until, wait } from './cluster';
import { isClean } from './lifecycle';
import { nodeStates } from './node-state';
import type { Say } from './say';

const PAGE = 'docs/tutorial.md';
/** The newly made cache is proved, and asked again. */
const AFTER_MS = 15_000;
const LONGEST_MS = 150_000;
const FIRST_LINES = 3;

/** Folder of a clone, with stand-ins on the path. */
class Desk {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'tutorial-'));
  private readonly environment: NodeJS.ProcessEnv;

  constructor(cluster: Cluster) {
    for (const name of ['charts', 'image']) symlinkSync(path.join(ROOT, name), path.join(this.folder, name));
    for (const name of ['docker', 'kind']) {
      const file = path.join(this.folder, name);
      writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> '${this.folder}/said'\n`);
      chmodSync(file, 0o755);
    }
    const { settings } = cluster;
    this.environment = { ...settings, PATH: `${this.folder}:${settings['PATH']}` };
  }

  /** What the stand-ins were told, a line each. */
  said(): string {
    return readFileSync(path.join(this.folder, 'said'), 'utf8');
  }

  /** @returns what it printed @throws with that when a command fails */
  run({ text, line }: Fence): string {
    const options = { cwd: this.folder, env: this.environment, encoding: 'utf8', timeout: LONGEST_MS } as const;
    const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', text], options);
    if (status !== 0) throw new Error(`${PAGE}:${line}: exit code ${status}\n${stdout}${stderr}`);
    return stdout;
  }

  /** In a terminal of its own. */
  start({ text }: Fence): Terminal {
    return new Terminal(spawn('bash', ['-c', text], { cwd: this.folder, env: this.environment, detached: true }));
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A command that runs until somebody ends it. */
class Terminal {
  private readonly child: ChildProcess;
  printed = '';

  constructor(child: ChildProcess) {
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text) => {
        this.printed += text;
      });
    }
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('close', resolve));
    process.kill(-this.child.pid!, 'SIGTERM'); // kubectl, too.
    await ended;
  }
}

/** What a block is there to show, by a word of it. */
function judged(say: Say, { text, line }: Fence, printed: string): void {
  const first = text.trim().split('\n')[0];
  const shows = (pattern: RegExp, what: string): void =>
    say.judge(pattern.test(printed), `${PAGE}:${line}: ${what}${pattern.test(printed) ? '' : `\n${printed}`}`);
  if (text.includes('helm install')) shows(/STATUS: deployed/, 'deployed');
  else if (text.includes('nslookup')) shows(/Address:\s+10\.96\.0\.1\b/, 'the pod resolves');
  else if (text.includes('node-cache status')) {
    shows(/held/, 'status says that leases are held');
    shows(/\bHIT\b/, 'query says that it was answered from memory');
  } else say.judge(true, `${PAGE}:${line}: ${first}`);
}

/** Lines without numbers and times, which are others each time. */
function shapes(text: string): string[] {
  const lines = text.replaceAll(/\d[\d.]*( (min|s|ms|µs)\b)?/g, '#').split('\n');
  return lines.map((line) =>
    line
      .replaceAll(/#( +#)*/g, '#')
      .replaceAll(/ +/g, ' ')
      .trim(),
  );
}

/** The page shows what the block before printed, in part. */
function asPrinted(say: Say, { text, line }: Fence, printed: string): void {
  const lines = shapes(printed);
  const missing = shapes(text).filter((one) => one !== '' && !lines.includes(one));
  say.judgeNone(missing.join('\n'), `${PAGE}:${line}: prints what the page shows`);
}

/** In one terminal, until the block that comes next has done its harm. */
async function goesOn(desk: Desk, say: Say, loop: Fence, harm: Fence): Promise<void> {
  const terminal = desk.start(loop);
  await wait(5_000);
  desk.run(harm);
  const atOnce = terminal.printed.length;
  await wait(AFTER_MS);
  await terminal.end();
  const { printed } = terminal;
  const isGood = /^\.+$/.test(printed) && printed.length > atOnce + FIRST_LINES;
  say.judge(
    isGood,
    `${PAGE}:${loop.line}: ${printed.length} dots, ${printed.length - atOnce} of them after the deletion, no X`,
  );
  if (!isGood) say.text(printed);
}

/** All of it. */
export async function tutorial(cluster: Cluster, say: Say): Promise<void> {
  const blocks = fences({ file: PAGE, text: readFileSync(path.join(ROOT, PAGE), 'utf8') });
  loadBusybox(cluster, 'docker.io/library/busybox:1.36');
  const before = nodeStates(cluster);
  const desk = new Desk(cluster);
  let printed = '';
  try {
    for (let index = 0; index < blocks.length; index++) {
      const block = blocks[index];
      if (block.language === 'text') {
        asPrinted(say, block, printed);
        continue;
      }
      say.doing(`${PAGE}:${block.line}`);
      if (block.text.includes('while :')) await goesOn(desk, say, block, blocks[++index]);
      else {
        printed = desk.run(block);
        judged(say, block, printed);
      }
      const named = /kind load docker-image (\S+)/.exec(block.text);
      if (named !== null) cluster.nameImage('localhost/node-cache:dev', named[1]);
    }
    say.judge(/docker build .*image\/Dockerfile/.test(desk.said()), 'docker and kind were told what the page says');
    cluster.kubectl('delete', 'pod', 'client', '--now');
    await until(() => cluster.kubectl('get', 'pods', '-l', 'run=client', '-o', 'name').trim(), 30_000);
    await isClean(cluster, say, before, `${PAGE}: clean up`);
  } finally {
    desk.close();
  }
}
