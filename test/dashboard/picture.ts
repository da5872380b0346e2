/**
 * `npm run picture`: three nodes for four minutes, and the dashboard of it as docs/pictures/dashboard*.png. Needs root,
 * and dnsperf, prometheus, chromium and pngquant of Debian.
 *
 *   npm run picture -- --keep data.json   also writes the numbers down
 *   npm run picture -- --from data.json   draws them again, without nodes
 *   npm run picture -- --to FOLDER        puts the pictures there
 *   npm run picture -- --prometheus http://127.0.0.1:9090 [--minutes 15] [--interval 2m] --to FOLDER
 *                                         draws what a Prometheus of yours scraped; INTERVAL is four of its scrapes
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { wait } from '../drill/stage';
import { type PictureData, part, pictureData } from './data';
import { Lab, type Node, queriesOf } from './lab';
import { page, pageHeight } from './page';
import { PrometheusApi } from './prometheus';

const FOLDER = path.join(__dirname, '../../docs/pictures');
/** Rows of each picture: one file for all would be higher than a page is wide twice over. */
const PICTURES: Readonly<Record<string, readonly string[]>> = {
  'dashboard.png': ['At a glance', 'Queries and answers', 'Cache'],
  'dashboard-node.png': ['Upstreams', 'Lease, link and rules', 'Process', 'Node $instance'],
};
const WIDTH_PIXELS = 1600;
/** A namespace of the drill lasts five minutes at most. */
const [STORY_SECONDS, STEP_SECONDS, WINDOW] = [220, 2, '12s'];
const ROUND_SECONDS = 10;
/** Until caches are full and rates have their window: the picture begins then. */
const WARM_SECONDS = 54;

/** Pods that ask in waves, each node in its own. */
async function ask(node: Node, index: number): Promise<void> {
  for (let round = 0; round < STORY_SECONDS / ROUND_SECONDS; round++) {
    const rate = 350 + 130 * Math.sin(round / 4 + index) + 90 * index;
    const load = node.load(queriesOf(8_000, 1 + round + 100 * index), ROUND_SECONDS, Math.round(rate));
    const overTcp = node.load(queriesOf(200, 7 + round), ROUND_SECONDS - 1, 25, 'tcp');
    await Promise.all([load, overTcp]);
  }
}

/** A day on three nodes, shortened: resolvers slow down, one node starves, one is upgraded, rules vanish. */
async function story({ nodes }: Lab): Promise<void> {
  const [first, second, third] = nodes;
  const slow = (meanMs: number, failShare: number) =>
    Promise.all(
      nodes.flatMap(({ resolvers }) =>
        resolvers.map((each, index) => each.call('set', meanMs * (1 + index), failShare)),
      ),
    );
  await wait(60_000);
  await slow(45, 0.06);
  await wait(45_000);
  await slow(5, 0);
  await wait(15_000);
  second.cache.signal('SIGSTOP');
  await wait(9_000);
  second.cache.signal('SIGCONT');
  await wait(25_000);
  first.sh('nft delete table inet nodelocaldns 2>/dev/null; ip addr flush dev nodelocaldns');
  await wait(15_000);
  await third.restart();
}

async function fromLab(): Promise<PictureData> {
  const lab = await Lab.open(3);
  try {
    const start = Math.ceil(Date.now() / 1000) + WARM_SECONDS;
    await Promise.all([...lab.nodes.map(ask), story(lab)]);
    const count = Math.floor((Date.now() / 1000 - start) / STEP_SECONDS);
    const times = Array.from({ length: count }, (_, index) => start + index * STEP_SECONDS);
    return await pictureData(lab.prometheus, times, WINDOW);
  } finally {
    await lab.close();
  }
}

/** Points of a picture that is not ours: more are not seen. */
const POINTS = 110;

/** The last minutes of caches that somebody runs. */
async function fromPrometheus(origin: string, minutes: number, interval: string): Promise<PictureData> {
  if (!(minutes > 0)) throw new Error('--minutes: want a number above 0');
  const end = Math.floor(Date.now() / 1000);
  const step = Math.max(1, Math.round((minutes * 60) / POINTS));
  const count = Math.ceil((minutes * 60) / step);
  const times = Array.from({ length: count + 1 }, (_, index) => end - (count - index) * step);
  return pictureData(new PrometheusApi(origin), times, interval);
}

/** A browser without a window looks at the page. */
function photograph(data: PictureData, file: string): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'picture-'));
  const html = path.join(folder, 'page.html');
  writeFileSync(html, page(data));
  mkdirSync(path.dirname(file), { recursive: true });
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--hide-scrollbars',
    `--user-data-dir=${folder}/profile`,
  ];
  const size = `--window-size=${WIDTH_PIXELS},${pageHeight(data)}`;
  execFileSync('chromium', [...flags, size, `--screenshot=${file}`, `file://${html}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  execFileSync('pngquant', ['--force', '--skip-if-larger', '--quality=80-98', '--output', file, file]);
  rmSync(folder, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const options = {
    from: { type: 'string' },
    keep: { type: 'string' },
    prometheus: { type: 'string' },
    minutes: { type: 'string', default: '15' },
    interval: { type: 'string', default: '2m' },
    to: { type: 'string', default: FOLDER },
  } as const;
  const { from, keep, prometheus, minutes, interval, to } = parseArgs({ options }).values;
  const draw = prometheus === undefined ? fromLab : () => fromPrometheus(prometheus, Number(minutes), interval);
  const data: PictureData = from === undefined ? await draw() : JSON.parse(readFileSync(from, 'utf8'));
  if (keep !== undefined) writeFileSync(keep, JSON.stringify(data));
  for (const [name, titles] of Object.entries(PICTURES)) {
    photograph(part(data, titles), path.join(to, name));
    process.stdout.write(`${path.join(to, name)}\n`);
  }
}

main().catch((error: Error) => {
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  process.stderr.write(`${error.message}${cause}\n`);
  process.exitCode = 1;
});
