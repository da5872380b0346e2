/** What a Corefile may say and is better without, on a node of a cluster. Each is a row: a code, a test and a reason. */
import type { BlockPlan, ListenerPlan, Plan } from '../corefile/plan';
import type { CacheOptions } from '../plugin/cache/setup';
import type { ForwardOptions } from '../plugin/forward/setup';
import type { HealthOptions } from '../plugin/health/setup';

/** One warning. */
export interface LintWarning {
  /** `FILE:LINE` of the server block, or the file. */
  readonly place: string;
  /** The block's zones; none when the whole file is meant. */
  readonly zones: readonly string[];
  /** Stable: `cache-denial`. */
  readonly code: string;
  readonly text: string;
}

/** Longest time for which the absence of a Service that was just made should be remembered. */
const DENIAL_SECONDS = 30;

/** Plugins that give answers of their own. */
const SOURCES: ReadonlySet<string> = new Set([
  'forward',
  'hosts',
  'template',
  'whoami',
  'erratic',
  'chaos',
  'any',
  'local',
  'dns64',
]);

/** @returns the text, or null when there is nothing to say */
type BlockCheck = (block: BlockPlan, plan: Plan) => string | null;
type PlanCheck = (plan: Plan) => string | null;

const BLOCK_CHECKS: Readonly<Record<string, BlockCheck>> = {
  'cache-without-source': (block) =>
    has(block, 'cache') && !block.plugins.some(({ name }) => SOURCES.has(name))
      ? 'cache has nothing behind it that answers; add forward'
      : null,
  'forward-without-cache': (block) =>
    has(block, 'forward') && !has(block, 'cache') ? 'forward without cache: every query goes to an upstream' : null,
  'cache-denial': (block) => {
    const cache = optionsOf<CacheOptions>(block, 'cache');
    if (cache === undefined || !has(block, 'forward') || cache.denial.ttlSecondsMax <= DENIAL_SECONDS) return null;
    return (
      `denials are kept for up to ${cache.denial.ttlSecondsMax} s: a name that is asked for before it is made stays ` +
      `absent for that long; write \`denial 9984 ${DENIAL_SECONDS}\`, or \`cache ${DENIAL_SECONDS}\``
    );
  },
  'stale-unverified': (block) => {
    const cache = optionsOf<CacheOptions>(block, 'cache');
    if (cache === undefined || cache.staleSeconds === 0 || cache.staleVerify) return null;
    return (
      `serve_stale gives answers up to ${cache.staleSeconds} s too old before it asks whether they still hold; ` +
      'with `verify` it asks first'
    );
  },
  'stale-keepttl': (block) => {
    const cache = optionsOf<CacheOptions>(block, 'cache');
    if (cache === undefined || cache.staleSeconds === 0 || !cache.keepTtl) return null;
    return 'keepttl with serve_stale: clients keep stale answers for their whole TTL again; leave one of them out';
  },
  'bind-missing': (block) =>
    has(block, 'bind') ? null : 'no bind: listens on every address of the node, where others may serve DNS, too',
  'loop-missing': (block) =>
    has(block, 'forward') && !has(block, 'loop')
      ? 'forward without loop: an upstream that leads back here is noticed by its load only'
      : null,
  'errors-missing': (block) => (has(block, 'errors') ? null : 'no errors: failures of upstreams are not in the log'),
  'prometheus-missing': (block) => (has(block, 'prometheus') ? null : 'no prometheus: its queries are in no metric'),
  'log-every-query': (block) =>
    has(block, 'log') ? 'log writes lines for queries: on a busy node thousands a second' : null,
  'forward-to-itself': (block, plan) => {
    const own = new Set(plan.listeners.flatMap(addressesOf));
    const label = upstreamsOf(block).find((upstream) => own.has(upstream));
    return label === undefined ? null : `forward asks ${label}, which this Corefile serves itself: a loop`;
  },
};

const PLAN_CHECKS: Readonly<Record<string, PlanCheck>> = {
  'health-twice': ({ blocks }) => {
    const addresses = blocks.flatMap((block) => optionsOf<HealthOptions>(block, 'health')?.address ?? []);
    if (addresses.length < 2) return null;
    return `health is in ${addresses.length} blocks (${addresses.join(', ')}): one speaks for the whole process`;
  },
  'health-missing': ({ blocks }) =>
    blocks.some((block) => has(block, 'health')) ? null : 'no health: the kubelet cannot see that the process hangs',
  'reload-missing': ({ blocks }) =>
    blocks.some((block) => has(block, 'reload')) ? null : 'no reload: a changed Corefile waits for a restart',
  'root-missing': ({ blocks }) =>
    blocks.some(({ zones }) => zones.includes('.')) ? null : 'no block for `.`: names outside of all zones are refused',
};

/** All that apply, in the order of the file. */
export function warningsOf(plan: Plan): LintWarning[] {
  const warnings = plan.blocks.flatMap((block) =>
    Object.entries(BLOCK_CHECKS).flatMap(([code, check]): LintWarning[] => {
      const text = check(block, plan);
      return text === null ? [] : [{ place: `${block.file}:${block.line}`, zones: block.zones, code, text }];
    }),
  );
  const place = plan.blocks[0]?.file ?? '';
  const general = Object.entries(PLAN_CHECKS).flatMap(([code, check]): LintWarning[] => {
    const text = check(plan);
    return text === null ? [] : [{ place, zones: [], code, text }];
  });
  return [...warnings, ...general];
}

function has(block: BlockPlan, name: string): boolean {
  return block.plugins.some((plugin) => plugin.name === name);
}

function optionsOf<Options>({ plugins }: BlockPlan, name: string): Options | undefined {
  return plugins.find((plugin) => plugin.name === name)?.options as Options | undefined;
}

function upstreamsOf(block: BlockPlan): string[] {
  const stanzas = optionsOf<ForwardOptions>(block, 'forward')?.stanzas ?? [];
  return stanzas.flatMap(({ upstreams }) => upstreams.map(({ label }) => label));
}

/** As upstreams are called; of a wildcard, the loopback addresses. */
function addressesOf({ address, port }: ListenerPlan): string[] {
  if (address === '') return [`127.0.0.1:${port}`, `[::1]:${port}`];
  return [address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`];
}
