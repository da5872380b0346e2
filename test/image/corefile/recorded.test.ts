/**
 * 1,300 Corefiles and what k8s-dns-node-cache 1.26.8 says to each: its refusal to the letter, or the zones it prints at
 * start. What differs on purpose has a row in COMPATIBILITY.md.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zonesText } from '../../../image/agent/banner';
import { CorefileError, positionedText } from '../../../image/corefile/errors';
import { loadPlan } from '../../../image/corefile/load';
import { fakeEnvironment } from '../../support/corefile';
import { caseOf, DNS_PORT, type Recording, sortedBanner, titleOf, type Verdict, type Written } from './recorded/case';
import { DIFFERENCES } from './recorded/differences';
import { TOPICS } from './recorded/topics';

const SAID: Readonly<Record<string, readonly Recording[]>> = JSON.parse(
  readFileSync(join(__dirname, 'recorded/said.json'), 'utf8'),
);
const FOLDER = '/etc';
const INTERFACES = [{ name: 'lo', addresses: ['127.0.0.1', '::1'] }];

/** What we make of a Corefile, and the message as an operator sees it. */
function verdictOf(written: Written): Verdict & { readonly shown?: string } {
  const { corefile, files = {}, variables = {} } = caseOf(written);
  const filled = (value: string) => value.replaceAll('FOLDER', FOLDER);
  const named = (value: string) => value.replace(/\/etc(?![a-z])/g, 'FOLDER');
  const machine = Object.entries(files).map(([path, content]) => [`${FOLDER}/${path}`, filled(content)]);
  const environment = fakeEnvironment({ files: Object.fromEntries(machine), variables, interfaces: INTERFACES });
  try {
    const plan = loadPlan(filled(corefile), { file: `${FOLDER}/Corefile`, dnsPort: DNS_PORT, environment });
    const warnings = environment.warnings.map((line) => `[WARNING] ${line}\n`).join('');
    const banner = zonesText(plan);
    return { accepted: true, says: named(sortedBanner(warnings + banner)) };
  } catch (error) {
    if (!(error instanceof CorefileError)) throw error;
    // The recorder cannot tell a line's end from the message's own.
    return { accepted: false, says: named(error.message.replace(/\n$/, '')), shown: named(positionedText(error)) };
  }
}

const isSame = (ours: Verdict, theirs: Verdict) => ours.accepted === theirs.accepted && ours.says === theirs.says;

describe.each(Object.entries(TOPICS))('%s', (topic, cases) => {
  const said = new Map(SAID[topic].map((recording) => [recording.title, recording]));

  test('every case is recorded, and no recording is without its case', () => {
    expect([...said.keys()]).toEqual(cases.map(titleOf));
  });

  test.each(cases.map((written) => [titleOf(written), written] as const))('%s', (title, written) => {
    const { shown, ...ours } = verdictOf(written);
    const { title: _, ...theirs } = said.get(title) as Recording;
    const judged = { corefile: caseOf(written).corefile, ours, theirs };
    if (shown !== undefined) expect(shown).toMatch(/^(plugin\/[a-z0-9]+: )*FOLDER\/[^:]+:\d+ - /);
    if (isSame(ours, theirs) || DIFFERENCES.some(({ applies }) => applies(judged))) return;
    expect(ours).toEqual(theirs);
  });
});

describe('the list of differences', () => {
  const all = Object.entries(TOPICS).flatMap(([topic, cases]) => {
    const said = new Map(SAID[topic].map((recording) => [recording.title, recording]));
    return cases.map((written) => {
      return {
        corefile: caseOf(written).corefile,
        ours: verdictOf(written),
        theirs: said.get(titleOf(written)) as Recording,
      };
    });
  });
  const different = all.filter(({ ours, theirs }) => !isSame(ours, theirs));

  test('has its rows in COMPATIBILITY.md', () => {
    const file = readFileSync(join(__dirname, '../../../COMPATIBILITY.md'), 'utf8');
    expect(DIFFERENCES.filter(({ id }) => !file.includes(`| _${id}_ |`))).toEqual([]);
  });

  test.each(DIFFERENCES.map(({ id }) => id))('%s is still met', (id) => {
    expect(different.filter((one) => DIFFERENCES.find(({ applies }) => applies(one))?.id === id)).not.toEqual([]);
  });
});
