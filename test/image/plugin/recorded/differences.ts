/** Where an answer of ours differs from CoreDNS's on purpose. Each has its row in COMPATIBILITY.md. */

/** A difference that is meant. */
export interface Difference {
  /** First column of its row. */
  readonly id: string;
  /** As narrow as can be said. */
  applies(title: string, question: string, ours: string, theirs: string): boolean;
}

/** The OPT record of an answer, and the answer without it. */
const OPT = / ?\|? OPT (\d+) ttl ([0-9a-f]+)(.*)$/;
const DO = 0x8000;
const flagsOf = (answer: string) => Number.parseInt(OPT.exec(answer)?.[2] ?? '', 16);
const withoutFlags = (answer: string) => answer.replace(OPT, ' | OPT $1$3');
const hasDo = (question: string) => question.split(' ').includes('do');

export const DIFFERENCES: readonly Difference[] = [
  {
    id: 'opt-unasked',
    applies: (title, question, ours, theirs) =>
      title.startsWith('acl') &&
      !question.includes('udp=') &&
      !OPT.test(ours) &&
      theirs.replace(OPT, '').trimEnd() === ours.trimEnd(),
  },
  {
    id: 'opt-do-unasked',
    applies: (title, question, ours, theirs) =>
      /^(acl|nsid)/.test(title) &&
      !hasDo(question) &&
      flagsOf(theirs) === DO &&
      flagsOf(ours) === 0 &&
      withoutFlags(theirs) === withoutFlags(ours),
  },
];
