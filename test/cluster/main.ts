/**
 * `npm run cluster [-- PART…]`: the chart and its image in a cluster of two nodes; see README.md. Prints what holds and what
 * does not. LAB is the folder of the lab's scripts (default ../shared/lab); without it nothing runs, and that is said.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { argo } from './argo-life';
import { Cluster, LOCAL_IP } from './cluster';
import { prepareClusterDns } from './cluster-dns';
import { byKubectl, nodeDown, onDelete, withoutHooks } from './hardships';
import { leftovers, lifecycle, linkLocal } from './lifecycle';
import { newcomer } from './newcomer';
import { outages } from './outages';
import { Release } from './release';
import { Say } from './say';
import { tutorial } from './tutorial';

type Part = (cluster: Cluster, say: Say) => Promise<void>;

interface Plan {
  /** What kubelets tell pods to ask. @default the ClusterIP */
  readonly clusterDns?: string;
  readonly parts: readonly Part[];
}

/** Parts by name; each has a cluster of its own. */
const PLANS: Readonly<Record<string, Plan>> = {
  lifecycle: { parts: [(...all) => lifecycle(...all, 'helm3'), (...all) => lifecycle(...all, 'helm4')] },
  'argo-cd': { parts: [argo] },
  leftovers: { parts: [(...all) => leftovers(...all, 'helm3'), (...all) => leftovers(...all, 'helm4')] },
  'link-local': {
    clusterDns: LOCAL_IP,
    parts: [prepareClusterDns, (...all) => linkLocal(...all, 'helm3'), (...all) => linkLocal(...all, 'helm4')],
  },
  outages: {
    parts: [
      async (cluster, say) => {
        await prepareClusterDns(cluster); // Before the cache looks who else could answer.
        await new Release(cluster, 'helm4').install();
        await outages(cluster, say);
      },
    ],
  },
  hardships: { parts: [onDelete, nodeDown, withoutHooks, byKubectl] },
  newcomer: { parts: [newcomer] },
  tutorial: { parts: [tutorial] },
};

const ROOT = path.join(__dirname, '../..');

function builtImage(): string {
  const folder = execFileSync(path.join(ROOT, '.ci/image.sh'), ['--once'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 2],
  });
  return path.join(folder.trim(), 'node-cache-amd64.tar');
}

async function main(): Promise<void> {
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !Object.hasOwn(PLANS, name));
  if (unknown !== undefined) throw new Error(`no part '${unknown}', want some of ${Object.keys(PLANS).join(', ')}`);
  const lab = process.env['LAB'] ?? path.join(ROOT, '../shared/lab');
  if (!existsSync(path.join(lab, 'cluster.sh'))) {
    process.stderr.write(
      'left out: the chart in a cluster; to enable: LAB=FOLDER with cluster.sh npm run cluster (as root, Debian 12)\n',
    );
    return;
  }
  const archive = process.env['ARCHIVE'] ?? builtImage();
  const say = new Say();
  for (const [name, { clusterDns, parts }] of Object.entries(PLANS)) {
    if (names.length > 0 && !names.includes(name)) continue;
    say.text(`── ${name}`);
    const cluster = Cluster.up(lab, { archive, clusterDns });
    try {
      for (const part of parts) await part(cluster, say);
    } catch (error) {
      say.judge(false, (error as Error).message);
    } finally {
      if (process.env['KEEP'] === undefined) cluster.down();
    }
  }
  say.text(say.failures === 0 ? 'all holds' : `${say.failures} facts do not hold`);
  process.exitCode = say.failures === 0 ? 0 : 1;
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
