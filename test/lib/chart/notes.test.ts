/** The text alone; what it says for which values is tried with Helm in test/chart/helm.test.ts. */
import { NOTES } from '../../../lib/chart/notes';

const actions = (words: RegExp): number =>
  [...NOTES.matchAll(/\{\{-? *(\w+)/g)].filter(([, word]) => words.test(word)).length;

describe('NOTES.txt', () => {
  test('closes every block that it opens', () => {
    expect(actions(/^(if|range|with)$/)).toBeGreaterThan(5);
    expect(actions(/^end$/)).toBe(actions(/^(if|range|with)$/));
  });

  test('says in each place what kubelets are told in both files, for the same addresses', () => {
    const told = (words: RegExp): string[] => [...NOTES.matchAll(words)].map(([, addresses]) => addresses);
    const lists = told(/clusterDNS: \[\{\{ join ", " (.+) \}\}\]/g);
    expect(lists).toEqual(['(list (first .Values.localIPs))', '.Values.localIPs', '.Values.localIPs']);
    expect(told(/--cluster-dns=\{\{ join "," (.+) \}\}/g)).toEqual(lists);
  });

  test('has no command that would replace flags that a kubelet has', () => {
    expect(NOTES).not.toMatch(/>>? *\/etc\/default\/kubelet/);
  });
});
