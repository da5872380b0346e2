import Ajv from 'ajv';
import { NODE_POOLS } from '../../lib/values-node-pools';

const check = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(NODE_POOLS.schema);
const nodeLabel = { key: 'cloud.example.com/pool', values: ['gpu'] };
const complaints = (pool: object): string => (check([pool]) ? '' : JSON.stringify(check.errors));

describe('a node pool', () => {
  test.each<[string, object]>([
    ['is a name and a label', { name: 'gpu', nodeLabel }],
    ['may have a label without a value', { name: 'a', nodeLabel: { key: 'edge', values: [''] } }],
    ['says part of a group, nothing being required', { name: 'a', nodeLabel, values: { image: { tag: '2' } } }],
    ['says part of a zone', { name: 'a', nodeLabel, values: { zones: { cluster: { cache: { keepTtl: true } } } } }],
    ['has its own mode', { name: 'a', nodeLabel, values: { mode: 'ipvs' } }],
  ])('%s', (_, pool) => {
    expect(complaints(pool)).toBe('');
  });

  test.each<[string, object, string]>([
    ['no name', { nodeLabel }, 'name'],
    ['no nodes', { name: 'a' }, 'nodeLabel'],
    ['no value of its label', { name: 'a', nodeLabel: { key: 'a', values: [] } }, 'minItems'],
    ['a name that is too long for a pod', { name: 'a'.repeat(32), nodeLabel }, 'pattern'],
    ['a key that is none', { name: 'a', nodeLabel: { key: 'a b', values: ['c'] } }, 'pattern'],
    ['a typo', { name: 'a', nodeLabel, values: { nodeCahce: {} } }, 'nodeCahce'],
    ['a typo deep down', { name: 'a', nodeLabel, values: { zones: { cluster: { cache: { sucess: {} } } } } }, 'sucess'],
    [
      'a value deleted with null, which Helm does at the top only',
      { name: 'a', nodeLabel, values: { mode: null } },
      '',
    ],
    ['what the cluster has once: names', { name: 'a', nodeLabel, values: { fullnameOverride: 'b' } }, 'fullname'],
    ['what the cluster has once: ports', { name: 'a', nodeLabel, values: { ports: { health: 1 } } }, 'ports'],
    [
      'what the cluster has once: the policy of Cilium',
      { name: 'a', nodeLabel, values: { mode: 'cilium-lrp' } },
      'mode',
    ],
    [
      'what the clean-up needs to know: the link',
      { name: 'a', nodeLabel, values: { nodeCache: { interfaceName: 'b' } } },
      'interfaceName',
    ],
  ])('is refused for %s', (_, pool, wanted) => {
    const said = complaints(pool);
    expect(said).not.toBe('');
    expect(said).toContain(wanted);
  });
});
