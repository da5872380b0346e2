/** Issue 5's newcomer: from a clone to the first hit, as a person would do it, timed. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Cluster, NAMESPACE, until } from './cluster';
import { LOCAL_IMAGE, settings } from './release';
import type { Say } from './say';

const ROOT = path.join(__dirname, '../..');

/** Clone, install, ask, look at the metrics. */
export async function newcomer(cluster: Cluster, say: Say): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'newcomer-'));
  const begin = performance.now();
  const step = (what: string): void =>
    say.judge(true, `${((performance.now() - begin) / 1000).toFixed(1).padStart(6)} s  ${what}`);
  try {
    const clone = path.join(folder, 'nodelocaldns');
    execFileSync('git', ['clone', '-q', ROOT, clone]);
    step('git clone');
    execFileSync('npm', ['ci', '--silent', '--no-audit', '--no-fund'], { cwd: clone, stdio: ['ignore', 2, 2] });
    step('npm ci (not needed for the chart)');
    cluster.run('helm4', [
      'install',
      'nodelocaldns',
      path.join(clone, 'charts'),
      '-n',
      NAMESPACE,
      ...settings(LOCAL_IMAGE),
    ]);
    step('helm install nodelocaldns ./charts --namespace kube-system');
    const hits = (): number => cluster.metric(1, 'coredns_cache_hits_total', 'type="success"');
    await until(() => {
      cluster.inPod(1, 'dig', '+short', '+time=1', '+tries=1', 'web.default.svc.cluster.local');
      return hits() > 0 ? '' : 'no hit';
    }, 60_000);
    step('a pod that was there before asks twice; coredns_cache_hits_total of its node rises');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
