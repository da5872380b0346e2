/**
 * What other versions of the tools print, as they printed it (folder `printed`): iptables 1.8.7, 1.8.9, 1.8.11 and 1.8.13, legacy
 * and nft, print the same; nft 0.9.8, 1.0.6 and 1.1.7 (as 1.1.3) do not.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { CommandResult, RunCommand } from '../../../image/node/command';
import { CreatedChains } from '../../../image/node/created';
import type { RulePlan } from '../../../image/node/firewall';
import { Iptables } from '../../../image/node/iptables';
import { parseSave } from '../../../image/node/iptables-save';
import { changeText, iptablesRules, ourRules } from '../../../image/node/iptables-text';
import { NftFirewall } from '../../../image/node/nft';
import { countRules, nftRules, nftText, strangers } from '../../../image/node/nft-text';
import { familyPlans, type RuleTable } from '../../../image/node/rules';

const [ADDRESS, TABLES] = ['169.254.20.10', ['nat', 'filter', 'raw'] satisfies RuleTable[]];
const PLAN: RulePlan = {
  ...{ addresses: [ADDRESS], dnsPort: 53, healthPort: 8080, leaseMs: 1000 },
  fallback: { addresses: [ADDRESS], endpoints: ['10.244.1.2', '10.244.2.2'] },
};
const printed = (name: string): string => readFileSync(path.join(__dirname, 'printed', `${name}.txt`), 'utf8');
const answer = (stdout = '', code = 0): CommandResult => ({
  ...{ code, signal: null, stdout, stderr: code === 0 ? '' : 'no', missing: false, timedOut: false },
});

describe('iptables-save of all versions', () => {
  const [family] = familyPlans(PLAN);
  const wanted = iptablesRules(PLAN, family, true);

  test('our rules are known again: nothing is to be done', () => {
    const saved = parseSave(printed('iptables-save'));
    expect(saved.rules).toHaveLength(wanted.length);
    expect(changeText(saved, wanted, TABLES, ourRules(saved, [ADDRESS], false))).toEqual({ input: '', lines: [] });
  });

  test('a rule that is missing is one line', () => {
    const saved = parseSave(printed('iptables-save').replace(/^-A INPUT .* udp .*\n/m, ''));
    const { lines } = changeText(saved, wanted, TABLES, ourRules(saved, [ADDRESS], false));
    expect(lines).toEqual([expect.stringMatching(/^Added back nodelocaldns rule - \{filter INPUT \[-p udp /)]);
  });
});

describe.each(['0.9.8', '1.0.6', '1.1.7'])('nft %s', (version) => {
  const listing = printed(`nft-${version}`);

  test('our table is known again', () => {
    expect(countRules(listing)).toBe(nftRules(PLAN).length);
    expect(strangers(listing)).toEqual([]);
  });

  test('what a process before this one made is not said to be added, and stays', async () => {
    const scripts: string[] = [];
    const run: RunCommand = async (program, [words, ...more]) => {
      if (program !== 'nft') return answer('', 1);
      if (words.startsWith('add table')) scripts.push(words);
      return answer(more.includes('table') ? listing : '');
    };
    const firewall = new NftFirewall({ run, read: () => '' });
    expect(await firewall.ensure(PLAN)).toEqual([]);
    expect(await firewall.ensure(PLAN)).toEqual([]);
    expect(scripts).toEqual([nftText(PLAN, false)]);
  });
});

describe('iptables-nft 1.8.7, which deletes no built-in chain', () => {
  const chain = (rows: string): string => `table ip raw {\n\tchain OUTPUT {\n${rows}\t}\n}`;
  const accepts = '\t\ttype filter hook output priority raw; policy accept;\n';

  test.each([
    ['an empty one goes by nft', accepts, true],
    ['one with a rule stays', `${accepts}\t\tcounter packets 0 bytes 0 jump OTHERS\n`, false],
    ['one that drops by policy stays', accepts.replace('accept', 'drop'), false],
  ])('%s', async (_title, rows, goes) => {
    const deleted: string[] = [];
    let listing = '';
    const run: RunCommand = async (program, parameters) => {
      const words = parameters.join(' ');
      if (program === 'iptables-nft') return answer('', 1);
      if (words.startsWith('delete chain')) deleted.push(words);
      return answer(words.startsWith('list chain') ? listing : '');
    };
    const access = { run, read: () => '' };
    const created = new CreatedChains(access);
    await created.look(false, parseSave(''), () => false);
    listing = chain(rows);
    await created.remove(new Iptables(access, 'iptables-nft'), false);
    expect(deleted).toEqual(goes ? ['delete chain ip raw OUTPUT'] : []);
  });
});
