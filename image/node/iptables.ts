/**
 * Reading and changing iptables' tables through its save and restore programs. One `iptables-save` tells more than twelve
 * `-C`, which besides are wrong for some rules before 1.8.8 (nft); one `iptables-restore --noflush` is one transaction per table.
 */
import type { RunCommand } from './command';
import { commandError } from './command-error';
import { FirewallError } from './firewall';
import { parseSave, type Saved, type SavedRule } from './iptables-save';
import { changeText, type IptablesRule } from './iptables-text';
import type { RuleTable } from './rules';

/** What is needed of the machine. */
export interface NodeAccess {
  readonly run: RunCommand;
  /** The text of a file in /proc; '' when there is none. */
  readonly read: (path: string) => string;
}

/** Which iptables. */
export type IptablesName = 'iptables-nft' | 'iptables-legacy';

/** Seconds to wait for the lock, as the Go agent does. */
const LOCK_SECONDS = '5';
/** Somebody else may change a rule between our look and our change, or right after it. */
const ATTEMPTS = 3;

/** One variant of iptables, both families. */
export class Iptables {
  readonly name: IptablesName;
  private readonly access: NodeAccess;
  /** `iptables-nft-save`, or `iptables-save` where no variants are installed. */
  private readonly isPlain: boolean;

  constructor(access: NodeAccess, name: IptablesName, isPlain = false) {
    this.access = access;
    this.name = name;
    this.isPlain = isPlain;
  }

  /** @param verb '' for the tool itself */
  private program(isIpv6: boolean, verb: '' | '-save' | '-restore'): string {
    const base = isIpv6 ? 'ip6tables' : 'iptables';
    return `${base}${this.isPlain ? '' : this.name.slice('iptables'.length)}${verb}`;
  }

  /**
   * Rules of some tables. Looking for a table of iptables-legacy would create it for good, so only existing ones are read.
   * @throws FirewallError
   */
  async read(isIpv6: boolean, tables: readonly RuleTable[]): Promise<Saved> {
    const existing = this.name === 'iptables-legacy' ? tables.filter((table) => this.isListed(isIpv6, table)) : tables;
    let text = '';
    for (const table of existing) text += await this.save(isIpv6, ['-t', table]);
    return parseSave(text);
  }

  /** All tables that exist, without creating one. @throws FirewallError */
  async readAll(isIpv6: boolean): Promise<Saved> {
    return parseSave(await this.save(isIpv6, []));
  }

  private isListed(isIpv6: boolean, table: string): boolean {
    const names = this.access.read(`/proc/net/${isIpv6 ? 'ip6' : 'ip'}_tables_names`);
    return names.split('\n').includes(table);
  }

  private async save(isIpv6: boolean, parameters: readonly string[]): Promise<string> {
    const program = this.program(isIpv6, '-save');
    const result = await this.access.run(program, parameters);
    if (result.code !== 0) throw commandError([program, ...parameters].join(' '), result);
    return result.stdout;
  }

  /**
   * Make rules of ours the wanted ones, in one transaction per table; nothing is written when nothing differs.
   * @param ours tells rules of ours among those found
   * @returns a line per rule put (back) or removed
   * @throws FirewallError
   */
  async apply(
    isIpv6: boolean,
    tables: readonly RuleTable[],
    wanted: readonly IptablesRule[],
    ours: (saved: Saved) => (rule: SavedRule) => boolean,
  ): Promise<readonly string[]> {
    const program = this.program(isIpv6, '-restore');
    const parameters = ['-w', LOCK_SECONDS, '--noflush'];
    const done: string[] = [];
    for (let attempt = 1; ; attempt++) {
      const saved = await this.read(isIpv6, tables);
      const { input, lines } = changeText(saved, wanted, tables, ours(saved));
      if (input === '') return done; // Seen, not believed: pods would reach us by rules that are not there.
      if (attempt > ATTEMPTS) throw this.notAsWritten(isIpv6, lines.length);
      const result = await this.access.run(program, parameters, { input });
      if (result.code === 0) {
        done.push(...lines);
        continue;
      }
      const error = commandError([program, ...parameters].join(' '), result);
      if (attempt === ATTEMPTS || error.kind === 'iptables_lock' || result.missing || result.timedOut) throw error;
    }
  }

  private notAsWritten(isIpv6: boolean, rules: number): FirewallError {
    return new FirewallError(
      `${this.program(isIpv6, '-restore')}: done ${ATTEMPTS} times, but ${this.program(isIpv6, '-save')} shows ${rules} ` +
        'rules not as written; another program changes them meanwhile, or these programs do not fit the kernel of this ' +
        'node: choose another with -firewall',
    );
  }

  /** Delete a built-in chain that is empty; the tool itself refuses when it is not. @returns whether it did */
  async deleteChain(isIpv6: boolean, table: string, chain: string): Promise<boolean> {
    const { code } = await this.access.run(this.program(isIpv6, ''), ['-w', LOCK_SECONDS, '-t', table, '-X', chain]);
    return code === 0;
  }
}

/** @returns null for a tool that is not there or does not work here, with the reason in `tried` */
export async function openIptables(access: NodeAccess, name: IptablesName, tried: string[]): Promise<Iptables | null> {
  const version = await access.run(name, ['--version']);
  let isPlain = false;
  if (version.missing) {
    const plain = await access.run('iptables', ['--version']);
    const isSame = plain.code === 0 && (name === 'iptables-nft') === plain.stdout.includes('nf_tables');
    if (!isSame) {
      tried.push(`${name}: no such program`);
      return null;
    }
    isPlain = true;
  }
  const iptables = new Iptables(access, name, isPlain);
  try {
    await iptables.readAll(false);
    return iptables;
  } catch (error) {
    if (!(error instanceof FirewallError)) throw error;
    tried.push(error.message);
    return null;
  }
}
