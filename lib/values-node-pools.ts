/** The values of node pools: the same cache, set up differently on some of the nodes. */
import { list, type Partially, partialSchema, type Schema, type ValuesOf } from './helm/values';
import * as patterns from './patterns';
import { CACHE } from './values-cache';

/** What a pool may say in its own way. */
export type PoolValues = Partially<ValuesOf<typeof CACHE>>;

/** Some of the nodes. */
export interface NodePool {
  /** Behind the names of its DaemonSet and ConfigMap. */
  readonly name: string;
  /** The nodes: those with one of the values. */
  readonly nodeLabel: {
    /** Of the label, cloud.example/pool for instance. */
    readonly key: string;
    /** What it may be; one or more. */
    readonly values: readonly string[];
  };
  /** What differs from the chart's own values. @default nothing */
  readonly values?: PoolValues;
}

/**
 * Without what the whole cluster has in common: Cilium's policy is one, and the clean-up looks for one link.
 * @source node-pools.ts, uninstall.ts
 */
function poolSchema(): Schema {
  const { mode, nodeCache, ...fields } = CACHE;
  const { interfaceName, ...flags } = nodeCache.fields as NonNullable<typeof nodeCache.fields>;
  const modes = (mode.schema.enum as string[]).filter((one) => one !== 'cilium-lrp');
  const narrowed = { ...mode, schema: { ...mode.schema, enum: modes } };
  return partialSchema({ ...fields, mode: narrowed, nodeCache: { ...nodeCache, fields: flags } });
}

const POOL = {
  type: 'object',
  required: ['name', 'nodeLabel'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', pattern: patterns.POOL_NAME },
    nodeLabel: {
      type: 'object',
      required: ['key', 'values'],
      additionalProperties: false,
      properties: {
        key: { type: 'string', pattern: patterns.LABEL_KEY, maxLength: patterns.LABEL_KEY_MAX },
        values: {
          type: 'array',
          minItems: 1,
          maxItems: 100,
          uniqueItems: true,
          items: { type: 'string', pattern: patterns.LABEL_VALUE },
        },
      },
    },
    values: poolSchema(),
  },
};

/** The list; a pool is there from its first entry on. */
export const NODE_POOLS = list<NodePool>(
  [],
  'Nodes whose cache is set up differently: a DaemonSet and a ConfigMap each, {name, nodeLabel: {key, values}, values}. ' +
    'values has image, mode, localIPs, clusterDNS, nodeCache, daemonSet and the values of the Corefile, as far as they ' +
    'differ. A node of two pools belongs to the first of them; no node has two caches.',
  POOL,
  { maxItems: 20 },
);
