/**
 * `npm run picture`: three nodes for five minutes, and the dashboard of it as docs/pictures/dashboard.png. Needs root,
 * dnsperf, prometheus and chromium of Debian.
 *
 *   npm run picture -- --keep data.json   also writes the numbers down
 *   npm run picture -- --from data.json   draws them again, without nodes
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { wait } from '../drill/stage';
import { type PictureData, pictureData } from './data';
import { Lab, type Node, queriesOf } from './lab';
import { page, pageHeight } from './page';

const PICTURE = path.join(__dirname, '../../docs/pictures/dashboard.png');
const WIDTH_PIXELS = 1600;
const [STORY_SECONDS, STEP_SECONDS, WINDOW] = [300, 2, '12s'];
const ROUND_SECONDS = 10;

/** Pods that ask in waves, each node in its own. */
async function ask(node: Node, index: number): Promise<void> {
  for (let round = 0; round < STORY_SECONDS / ROUND_SECONDS; round++) {
    const rate = 350 + 130 * Math.sin(round / 4 + index) + 90 * index;
    const load = node.load(queriesOf(8_000, 1 + round + 100 * index), ROUND_SECONDS, Math.round(rate));
    const overTcp = node.load(queriesOf(200, 7 + round), ROUND_SECONDS - 1, 12, '169.254.20.10');
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
  await wait(90_000);
  await slow(45, 0.02);
  await wait(60_000);
  await slow(5, 0);
  await wait(20_000);
  second.cache.signal('SIGSTOP');
  await wait(9_000);
  second.cache.signal('SIGCONT');
  await wait(30_000);
  first.sh('nft delete table inet nodelocaldns 2>/dev/null; ip addr flush dev nodelocaldns');
  await wait(20_000);
  await third.restart();
}

async function fromLab(): Promise<PictureData> {
  const lab = await Lab.open(3);
  try {
    const start = Math.ceil(Date.now() / 1000) + 14;
    await Promise.all([...lab.nodes.map(ask), story(lab)]);
    const count = Math.floor((Date.now() / 1000 - start) / STEP_SECONDS);
    const times = Array.from({ length: count }, (_, index) => start + index * STEP_SECONDS);
    return await pictureData(lab.prometheus, times, WINDOW);
  } finally {
    await lab.close();
  }
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
  rmSync(folder, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const options = {
    from: { type: 'string' },
    keep: { type: 'string' },
    to: { type: 'string', default: PICTURE },
  } as const;
  const { from, keep, to } = parseArgs({ options }).values;
  const data: PictureData = from === undefined ? await fromLab() : JSON.parse(readFileSync(from, 'utf8'));
  if (keep !== undefined) writeFileSync(keep, JSON.stringify(data));
  photograph(data, to);
  process.stdout.write(`${to}\n`);
}

void main();
