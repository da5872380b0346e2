/** Issue 5's newcomer: from a clone to the first hit on a picture of the dashboard, as a person would do it, timed. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PictureData } from '../dashboard/data';
import { type Cluster, NAMESPACE, until } from './cluster';
import { Monitoring, PROMETHEUS } from './monitoring';
import type { Say } from './say';

const ROOT = path.join(__dirname, '../..');
const HITS = 'coredns_cache_hits_total';
/** Four scrapes and more, which rate() needs. */
const INTERVAL = '10s';
const PICTURE = 'dashboard.png';

/** The last share of queries that the dashboard shows as answered from memory. */
function shownHits(data: PictureData): number {
  const panel = data.drawn.find(({ panel }) => panel.type === 'stat' && panel.title === 'Hit ratio');
  return panel?.lines[0]?.values.filter((value) => value !== null).at(-1) ?? 0;
}

/** A person with a cluster and a Prometheus: clone, install, ask, look at the dashboard. */
export async function newcomer(cluster: Cluster, say: Say): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'newcomer-'));
  const monitoring = new Monitoring(cluster, folder);
  let begin = 0;
  const step = (isTrue: boolean, what: string): void =>
    say.judge(isTrue, `${((performance.now() - begin) / 1000).toFixed(1).padStart(6)} s  ${what}`);
  try {
    await monitoring.ready();
    begin = performance.now();
    const clone = path.join(folder, 'nodelocaldns');
    execFileSync('git', ['clone', '-q', ROOT, clone]);
    step(true, 'git clone');
    cluster.run('helm4', ['install', 'nodelocaldns', path.join(clone, 'charts'), '--namespace', NAMESPACE]);
    step(true, 'helm install nodelocaldns ./charts --namespace kube-system');
    monitoring.discover();
    await until(() => {
      cluster.inPod(1, 'dig', '+short', '+time=1', '+tries=1', 'web.default.svc.cluster.local');
      return cluster.metric(1, HITS, 'type="success"') > 0 ? '' : 'no hit';
    }, 60_000);
    step(true, `a pod that was there before asks; ${HITS} of its node rises`);
    execFileSync('npm', ['ci', '--silent', '--no-audit', '--no-fund'], { cwd: clone, stdio: ['ignore', 2, 2] });
    step(true, 'npm ci, which only the picture needs');
    cluster.inPod(1, 'sh', '-c', 'for i in $(seq 20); do dig +short web.default.svc.cluster.local; sleep 0.5; done');
    step(true, 'the pod asks twice a second, ten seconds long');
    const words = ['--prometheus', PROMETHEUS, '--minutes', '1.5', '--interval', INTERVAL];
    const files = ['--to', folder, '--keep', path.join(folder, 'data.json')];
    execFileSync('npm', ['run', '--silent', 'picture', '--', ...words, ...files], {
      cwd: clone,
      stdio: ['ignore', 2, 2],
    });
    const share = shownHits(JSON.parse(readFileSync(path.join(folder, 'data.json'), 'utf8')) as PictureData);
    const isDrawn = existsSync(path.join(folder, PICTURE));
    step(
      isDrawn && share > 0.5,
      `npm run picture -- --prometheus …: the dashboard shows ${Math.round(share * 100)} % from memory`,
    );
    const keep = process.env['PICTURE'];
    if (isDrawn && keep !== undefined) copyFileSync(path.join(folder, PICTURE), keep);
  } finally {
    await monitoring.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
