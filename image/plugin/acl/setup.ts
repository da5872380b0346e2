/** `acl [ZONES…] { allow|block|filter|drop [type TYPE…] [net NETWORK…] }` */
import type { Controller } from '../../corefile/controller';
import { text } from '../../corefile/errors';
import { quote } from '../../corefile/go-quote';
import { typeByName } from '../../wire/codes';
import { zonesOrBlock } from '../zones';
import { ALL_NETWORKS, type Network, parseNetwork, withMask } from './network';

const ACTIONS = ['allow', 'block', 'filter', 'drop'] as const;
/** What is done with a question that a policy fits. */
export type AclAction = (typeof ACTIONS)[number];

/** One line of a block. */
export interface AclPolicy {
  readonly action: AclAction;
  /** Types it fits; undefined for all. */
  readonly types: readonly number[] | undefined;
  readonly networks: readonly Network[];
}

/** One `acl`. */
export interface AclRule {
  /** Names at or below these, normalized. @default the block's zones */
  readonly zones: readonly string[];
  /** The first that fits decides. */
  readonly policies: readonly AclPolicy[];
}

/** What `acl` says. */
export interface AclOptions {
  readonly rules: readonly AclRule[];
}

const SECTIONS = ['type', 'net'];
const isSection = (word: string): boolean => SECTIONS.includes(word.toLowerCase());

/** Types; all when one of them is `*`. */
function readTypes(words: readonly string[], controller: Controller): number[] | undefined {
  const types: number[] = [];
  for (const word of words) {
    if (word === '*') return undefined;
    const type = typeByName(word);
    if (type === undefined) throw controller.error(text.aclType(quote(word)));
    types.push(type);
  }
  return types;
}

/** Networks; all when one of them is `*`. */
function readNetworks(words: readonly string[], controller: Controller): readonly Network[] {
  const networks: Network[] = [];
  for (const word of words) {
    if (word === '*') return ALL_NETWORKS;
    const normalized = withMask(word);
    const network = parseNetwork(normalized);
    if (network === undefined) throw controller.error(text.aclNetwork(quote(normalized)));
    networks.push(network);
  }
  return networks;
}

/** Of a section that stands twice the entries add up; `*` in one of them is all. */
function readPolicy(controller: Controller): AclPolicy {
  const action = ACTIONS.find((name) => name === controller.value.toLowerCase());
  if (action === undefined) throw controller.error(text.aclAction(quote(controller.value)));
  let types: number[] | undefined = [];
  let networks: readonly Network[] = [];
  let sections = '';
  let words = controller.remainingArguments();
  while (words.length > 0) {
    if (!isSection(words[0])) throw controller.error(text.aclSection(quote(words[0])));
    const section = words[0].toLowerCase();
    const next = words.slice(1).findIndex(isSection);
    const end = next < 0 ? words.length : next + 1;
    const entries = words.slice(1, end);
    words = words.slice(end);
    if (entries.length === 0) throw controller.error(text.aclSectionNothing(quote(section)));
    sections += section;
    if (section === 'net') networks = [...networks, ...readNetworks(entries, controller)];
    else {
      const more = readTypes(entries, controller);
      types = types && more && [...types, ...more];
    }
  }
  return {
    action,
    types: sections.includes('type') ? types : undefined,
    networks: sections.includes('net') ? networks : ALL_NETWORKS,
  };
}

/**
 * Reads `acl`; several in a block are tried in the order of the file.
 * @throws CorefileError
 * @source coredns plugin/acl/setup.go at v1.13.2
 */
export function setup(controller: Controller): AclOptions {
  const rules: AclRule[] = [];
  while (controller.next()) {
    const zones = zonesOrBlock(controller.remainingArguments(), controller);
    const policies: AclPolicy[] = [];
    while (controller.nextBlock()) policies.push(readPolicy(controller));
    rules.push({ zones, policies });
  }
  return { rules };
}
