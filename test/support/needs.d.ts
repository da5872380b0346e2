export type Need =
  | 'helm3'
  | 'helm4'
  | 'dig'
  | 'unbound'
  | 'corefiles'
  | 'kubectl'
  | 'values'
  | 'tables'
  | 'schemas'
  | 'reference'
  | 'netns'
  | 'cgroups'
  | 'promtool'
  | 'prometheus'
  | 'dnsperf'
  | 'conntrack'
  | 'nft'
  | 'iptables'
  | 'image';
export const NEEDS: Record<Need, { present(): boolean; what: string; enable: string }>;
/** `describe`, or its skipping twin when a need is not met; the reporter says what was left out. */
export function needs(...names: Need[]): { met: boolean; describe: jest.Describe };
