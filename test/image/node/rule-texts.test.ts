/** The table of rules in the words of both tools, and the way back from what iptables-save prints. */
import { FALLBACK_ENDPOINTS_MAX } from '../../../image/limits';
import type { RulePlan } from '../../../image/node/firewall';
import { parseSave, ruleKey, splitWords } from '../../../image/node/iptables-save';
import { changeText, ipsetTimeoutSeconds, iptablesRules, ourRules } from '../../../image/node/iptables-text';
import { countRules, nftRules, nftText, strangers } from '../../../image/node/nft-text';
import { familyPlans, GO_COMMENTS, RULES } from '../../../image/node/rules';

const PLAN: RulePlan = {
  ...{ addresses: ['10.96.0.10'], dnsPort: 53, healthPort: 8080, leaseMs: 1000 },
  fallback: { addresses: [], endpoints: [] },
};
const [SKIP, ALLOW] = GO_COMMENTS.map((comment) => `-m comment --comment ${comment}`);

const iptables = (plan: RulePlan, hasSets = true): ReturnType<typeof iptablesRules> =>
  familyPlans(plan).flatMap((family) => iptablesRules(plan, family, hasSets));
const texts = (plan: RulePlan, hasSets = true): string[] =>
  iptables(plan, hasSets).map(({ table, chain, words }) => `${table} ${chain} ${words.join(' ')}`);

describe('rules for iptables', () => {
  test('are the twelve of the Go agent, word for word, when sets are missing; and one for the way out', () => {
    expect(texts(PLAN, false)).toEqual([
      `raw PREROUTING -p tcp -d 10.96.0.10 --dport 53 -j NOTRACK ${SKIP}`,
      `raw PREROUTING -p udp -d 10.96.0.10 --dport 53 -j NOTRACK ${SKIP}`,
      `filter INPUT -p tcp -d 10.96.0.10 --dport 53 -j ACCEPT ${ALLOW}`,
      `filter INPUT -p udp -d 10.96.0.10 --dport 53 -j ACCEPT ${ALLOW}`,
      `raw OUTPUT -p tcp -s 10.96.0.10 --sport 53 -j NOTRACK ${SKIP}`,
      `raw OUTPUT -p udp -s 10.96.0.10 --sport 53 -j NOTRACK ${SKIP}`,
      `filter OUTPUT -p tcp -s 10.96.0.10 --sport 53 -j ACCEPT ${ALLOW}`,
      `filter OUTPUT -p udp -s 10.96.0.10 --sport 53 -j ACCEPT ${ALLOW}`,
      `raw OUTPUT -p tcp -d 10.96.0.10 --dport 53 -j NOTRACK ${SKIP}`,
      `raw OUTPUT -p udp -d 10.96.0.10 --dport 53 -j NOTRACK ${SKIP}`,
      `raw OUTPUT -p tcp -d 10.96.0.10 --dport 8080 -j NOTRACK ${SKIP}`,
      `raw OUTPUT -p tcp -s 10.96.0.10 --sport 8080 -j NOTRACK ${SKIP}`,
      'nat POSTROUTING -s 10.96.0.10 ! -o lo -j MASQUERADE -m comment --comment nodelocaldns: kube-dns answers clients on the host',
    ]);
  });

  test('have the guards above every rule that ends tracking, but for the question that asks whether the lease may be held', () => {
    for (const chain of ['PREROUTING', 'OUTPUT']) {
      const here = texts({ ...PLAN, addresses: ['10.96.0.10', '169.254.20.10'] }).filter((text) =>
        text.startsWith(`raw ${chain}`),
      );
      const guards = here
        .map((text, index) => (text.includes('--match-set') ? index : -1))
        .filter((index) => index >= 0);
      expect(guards).toHaveLength(4);
      const untracks = here.findIndex((text) => text.includes('NOTRACK') && !text.includes('the cache asks itself'));
      expect(Math.max(...guards)).toBeLessThan(untracks);
    }
    const itself = texts(PLAN).findIndex((text) => text.includes('the cache asks itself'));
    expect(texts(PLAN)[itself]).toContain(
      'raw OUTPUT -p udp -s 10.96.0.10 -d 10.96.0.10 --sport 896:1023 --dport 53 -j NOTRACK',
    );
    expect(itself).toBeLessThan(texts(PLAN).findIndex((text) => /^raw OUTPUT .*--match-set/.test(text)));
    for (const text of texts(PLAN, false)) {
      expect(text).not.toContain('--sport 896');
    }
  });

  test('leave queries untracked that nobody else would answer: no guard for an address without endpoints', () => {
    const guards = (endpoints: readonly string[]): string[] =>
      texts({
        ...PLAN,
        addresses: ['10.96.0.10', '169.254.20.10'],
        fallback: { addresses: ['169.254.20.10'], endpoints },
      })
        .filter((text) => text.includes('--match-set'))
        .map((text) => /-d (\S+)/.exec(text)![1]);
    expect(new Set(guards(['10.244.1.2']))).toEqual(new Set(['10.96.0.10', '169.254.20.10']));
    expect(new Set(guards(['fd00:244::2']))).toEqual(new Set(['10.96.0.10'])); // Endpoints of the other family are no way.
    expect(new Set(guards([]))).toEqual(new Set(['10.96.0.10']));
  });

  test('spread queries evenly over endpoints, at most so many', () => {
    const endpoints = Array.from({ length: FALLBACK_ENDPOINTS_MAX + 8 }, (_, index) => `10.244.${index}.2`);
    const chances = texts({ ...PLAN, fallback: { addresses: ['10.96.0.10'], endpoints } })
      .filter((text) => text.includes('PREROUTING -p udp') && text.includes('DNAT'))
      .map((text) => Number(/--probability (\S+)/.exec(text)?.[1] ?? 1));
    expect(chances).toHaveLength(FALLBACK_ENDPOINTS_MAX);
    let left = 1;
    for (const chance of chances) {
      expect(left * chance).toBeCloseTo(1 / FALLBACK_ENDPOINTS_MAX, 6);
      left *= 1 - chance;
    }
  });

  test.each([
    [950, 1],
    [1000, 1],
    [1999, 1],
    [2000, 2],
    [30_000, 30],
  ])('a lease of %d ms is a set of %d s: never longer than promised, but for the shortest', (leaseMs, seconds) => {
    expect(ipsetTimeoutSeconds(leaseMs)).toBe(seconds);
  });
});

describe('rules for nft', () => {
  const plan: RulePlan = {
    ...{ ...PLAN, addresses: ['169.254.20.10', 'FD00:53:0::10'] },
    fallback: { addresses: ['169.254.20.10', 'fd00:53::10'], endpoints: ['10.244.2.2', '10.244.1.2'] },
  };

  test('name all addresses of a family at once; without endpoints of a family it has no way out', () => {
    const rules = nftRules(plan).map(({ chain, text }) => `${chain}: ${text}`);
    const to = 'numgen random mod 2 map { 0 : 10.244.1.2, 1 : 10.244.2.2 }';
    expect(rules).toContain(
      `nat_output: ip daddr { 169.254.20.10 } meta l4proto { tcp, udp } th dport 53 dnat ip to ${to}`,
    );
    expect(rules).toContain('nat_postrouting: ip6 saddr { fd00:53::10 } oifname != "lo" masquerade');
    expect(rules.filter((rule) => rule.includes('dnat ip6'))).toEqual([]);
    // It may be a Service's, which kube-proxy answers for.
    expect(
      rules.filter((rule) => rule.endsWith('daddr { fd00:53::10 } meta l4proto { tcp, udp } th dport 53 notrack')),
    ).toEqual([]);
  });

  test('are one transaction that keeps what is in the sets, unless the table is of another shape', () => {
    expect(nftText(plan, false)).not.toMatch(/delete|flush set/);
    expect(nftText(plan, true)).toMatch(/^add table (\S+ \S+)\ndelete table \1\nadd table \1\n/);
  });

  test('are counted in what nft prints; what no table of ours has is named', () => {
    const listing =
      'table inet nodelocaldns {\n\tset lease4 {\n\t\ttype ipv4_addr\n\t\tsize 64\n\t}\n\n\tset old {\n\t\ttype mark\n\t}\n\n' +
      '\tchain output {\n\t\ttype filter hook output priority raw; policy accept;\n\t\tip saddr { 10.0.0.1, 10.0.0.2 } notrack\n' +
      '\t\tip daddr vmap { 1 : accept,\n\t\t\t     2 : drop }\n\t}\n\n\tchain mine {\n\t\taccept\n\t}\n}\n';
    expect(countRules(listing)).toBe(3);
    expect(strangers(listing)).toEqual(['set old', 'chain mine']);
    expect(countRules('')).toBe(0);
  });
});

describe('what iptables-save prints', () => {
  test.each([
    // The same.
    ['-d 10.96.0.10/32 -p udp -m udp --dport 53 -j NOTRACK', '-p udp -d 10.96.0.10 --dport 53 -j NOTRACK', true],
    [
      '-d fd00:53::10/128 -p udp -m udp --dport 53 -j CT --notrack',
      '-p udp -d fd00:53:0::10 --dport 53 -j NOTRACK',
      true,
    ],
    [
      '! -s 127.0.0.1/32 -m comment --comment "a \\"b\\" -j c" -j ACCEPT',
      '-j ACCEPT ! -s 127.0.0.1 --comment "a \\"b\\" -j c"',
      true,
    ],
    ['-m set ! --match-set a dst -j ACCEPT', '-j ACCEPT -m set ! --match-set a dst', true],
    // Not the same.
    ['-d 10.96.0.10/32 -p udp -m udp --dport 53 -j NOTRACK', '-p udp -d 10.96.0.10 --dport 54 -j NOTRACK', false],
    ['! -s 127.0.0.1/32 -j ACCEPT', '-s 127.0.0.1 -j ACCEPT', false],
    ['-m set --match-set a dst -j ACCEPT', '-m set ! --match-set a dst -j ACCEPT', false],
    ['-d 10.96.0.0/16 -j ACCEPT', '-d 10.96.0.0 -j ACCEPT', false],
    ['-i eth0 -d 10.96.0.10/32 -j ACCEPT', '-d 10.96.0.10/32 -j ACCEPT', false],
  ])('%s / %s', (left, right, isSame) => {
    expect(ruleKey(splitWords(left)) === ruleKey(splitWords(right))).toBe(isSame);
  });

  const save = (table: string, ...rules: string[]): ReturnType<typeof parseSave> =>
    parseSave(`*${table}\n:INPUT ACCEPT [0:0]\n${rules.join('\n')}\nCOMMIT\n`);

  test.each([
    ['-A INPUT -j ACCEPT', false],
    ['-A KUBE-FIREWALL -m mark --mark 0x8000 -j DROP', true],
    ['-A INPUT -j REJECT --reject-with icmp-port-unreachable', true],
    [':INPUT DROP [0:0]', true],
    [':FORWARD DROP [0:0]', false], // Docker's; the cache is on the node itself.
    ['-A INPUT -j DROPPED', false],
  ])('does the filter drop? %s', (line, wanted) => {
    expect(save('filter', line).isDropping).toBe(wanted);
    expect(save('raw', line).isDropping).toBe(false);
  });

  const taken = (line: string, addresses: string[], isAny = false): boolean => {
    const saved = save('raw', `-A OUTPUT ${line}`);
    return ourRules(saved, addresses, isAny)(saved.rules[0]);
  };

  test.each([
    // Ours.
    [
      '-d 10.96.0.10/32 -p udp -m udp --dport 53 -m comment --comment "NodeLocal DNS Cache: skip conntrack" -j NOTRACK',
      true,
    ],
    ['-d 10.96.0.10/32 -p udp -m udp --dport 53 -j NOTRACK', true], // Before 1.22.19.
    ['-s 10.96.0.10/32 -p tcp -m tcp --sport 8080 -j CT --notrack', true],
    ['-d 192.0.2.7/32 -m comment --comment "nodelocaldns: of a former address" -j ACCEPT', true],
    // Of others.
    [
      '-d 192.0.2.7/32 -p udp -m udp --dport 53 -m comment --comment "NodeLocal DNS Cache: skip conntrack" -j NOTRACK',
      false,
    ],
    ['-d 192.0.2.7/32 -p udp -m udp --dport 53 -j NOTRACK', false],
    ['-d 10.96.0.10/32 -p udp -m udp --dport 53 -j DROP', false],
    ['-i eth0 -d 10.96.0.10/32 -p udp -m udp --dport 53 -j NOTRACK', false],
    ['-d 10.96.0.10/32 -p udp -m udp --dport 53 -m comment --comment mine -j NOTRACK', false],
    ['-j cali-OUTPUT', false],
  ])('a rule of a cache on 10.96.0.10? %s', (line, wanted) => {
    expect(taken(line, ['10.96.0.10'])).toBe(wanted);
  });

  test("cleanup takes the Go agent's for any address, and others of nobody", () => {
    const [skip] = GO_COMMENTS;
    expect(taken(`-d 192.0.2.7/32 -p udp --dport 53 -m comment --comment "${skip}" -j NOTRACK`, [], true)).toBe(true);
    expect(taken('-d 192.0.2.7/32 -p udp -m udp --dport 53 -j NOTRACK', [], true)).toBe(false);
  });
});

describe('a change', () => {
  const wanted = iptables(PLAN).filter(({ table, chain }) => table === 'raw' && chain === 'PREROUTING');
  const lines = wanted.map(({ words }) => words.map((word) => (word.includes(' ') ? `"${word}"` : word)).join(' '));
  const change = (...rules: string[]): ReturnType<typeof changeText> => {
    const saved = parseSave(`*raw\n${rules.map((rule) => `-A PREROUTING ${rule}`).join('\n')}\nCOMMIT\n`);
    return changeText(saved, wanted, ['raw'], ourRules(saved, PLAN.addresses, false));
  };

  test('is none when all is well, whatever others have between', () => {
    expect(change(...lines)).toEqual({ input: '', lines: [] });
    expect(change('-j cali', lines[0], '-s 192.0.2.1 -j DROP', ...lines.slice(1))).toEqual({ input: '', lines: [] });
  });

  test('puts the block in order, in one transaction, without touching others', () => {
    const { input, lines: said } = change('-j cali', ...[...lines].reverse());
    expect(input.match(/COMMIT/g)).toHaveLength(1);
    expect(input).not.toContain('cali');
    expect(input.match(/^-D PREROUTING /gm)).toHaveLength(lines.length);
    expect(input.match(/^-I PREROUTING \d /gm)).toHaveLength(lines.length);
    expect(said).toEqual(['Mended the order of nodelocaldns rules - {raw PREROUTING}']);
  });

  test('says what was missing in the words of the Go agent, and what was too many', () => {
    expect(change(...lines.slice(1)).lines).toEqual([
      `Added back nodelocaldns rule - {raw PREROUTING [${wanted[0].words.join(' ')}]}`,
    ]);
    expect(change(...lines, lines[0]).lines).toEqual([`Removed nodelocaldns rule - {raw PREROUTING [${lines[0]}]}`]);
  });
});

test('every row has its reason', () => {
  for (const { why } of RULES) expect(why.length).toBeGreaterThan(20);
});
