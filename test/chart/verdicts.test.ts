/** Values pass or are refused alike: by the schema, by the constructs, and by Helm 3 and 4. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import Ajv from 'ajv';
import { parse } from 'yaml';
import { merge } from '../../lib/helm/values';
import { refuseMisfits } from '../../lib/misfits';
import { DEFAULTS, type UserValues, type Values } from '../../lib/values';
import * as support from '../support/helm';
import { needs } from '../support/needs';
import fc from '../support/property';
import { CONTRADICTIONS } from './contradictions';
import { KINDS, type Mutated, mutated } from './mutations';

/** Values that are changed in one place and judged by the schema and the constructs. */
const CHANGED_SETS = 700;
/** Values that each Helm judges, too; all in one call. */
const HELM_SETS = 200;
/** Of these, values that Helm has to judge one by one: a call takes 0.15 s. */
const SINGLE_RUNS = 12;
/** Longest search for the least values that are judged differently. */
const SHRINK_MS = 30_000;

const CHART = path.join(__dirname, '../../charts');
const read = (file: string): string => fs.readFileSync(path.join(CHART, file), 'utf8');

/** Message of the constructs, or '' when they take the values. Any other error is a mistake of ours. */
function refusal(check: () => void): string {
  try {
    check();
    return '';
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

const misfits = (values: UserValues): string => refusal(() => refuseMisfits(merge<Values>(DEFAULTS, values)));

/** Both refuse it and name what was changed, or neither. */
function expectAlike({ values, path: names }: Mutated, said: string): void {
  const message = misfits(values);
  const other = said.replaceAll('~1', '/').replaceAll('~0', '~'); // As JSON pointers have it.
  const name = expect.stringContaining(String(names.at(-1)));
  expect({ values, message, other }).toEqual(
    message === '' ? { values, message, other: '' } : { values, message: name, other: name },
  );
}

describe('schema and constructs', () => {
  const check = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(JSON.parse(read('values.schema.json')));
  const defaults = parse(read('values.yaml'), { version: '1.1' });

  test('take and refuse the same, and name it, whatever is changed in one place', () => {
    const taken: Record<string, number> = {};
    const all: Record<string, number> = {};
    const property = fc.property(mutated(), (one) => {
      const fits = check(merge(defaults, one.values));
      expectAlike(one, fits ? '' : JSON.stringify(check.errors));
      all[one.kind] = (all[one.kind] ?? 0) + 1;
      taken[one.kind] = (taken[one.kind] ?? 0) + Number(fits);
    });
    fc.assert(property, { numRuns: CHANGED_SETS });
    // Every kind was tried often, and not every change is wrong.
    expect(Object.keys(all).sort()).toEqual([...KINDS].sort());
    expect(Math.min(...Object.values(all))).toBeGreaterThan(CHANGED_SETS / 100);
    const fitting = Object.values(taken).reduce((sum, count) => sum + count);
    expect(fitting).toBeGreaterThan(CHANGED_SETS / 20);
    expect(taken['a number at the edge']).toBe(all['a number at the edge']);
  }, 120_000);
});

/** What cannot work together, alone and some beside another thing that cannot: who is first then? */
const ALONE = Object.entries(CONTRADICTIONS);
const PAIRS = ALONE.map(([name, values], index): [string, UserValues] => {
  const [other, more] = ALONE[(index * 7 + 3) % ALONE.length];
  return [`${name}, and ${other}`, merge<UserValues>(values, more)];
}).filter((_, index) => index % 4 === 0);

describe('constructs refuse', () => {
  test.each(ALONE)('%s', (_, values) => {
    expect(misfits(values)).toBe('');
    expect(() => support.direct(values)).toThrow(RangeError);
  });
});

describe.each<support.HelmName>([...support.HELMS])('%s and constructs', (name) => {
  needs(name).describe('with the chart', () => {
    const chart = support.synthesized(support.temporaryFolder());

    /** What Helm says, in one call for one set. */
    const single = (values: UserValues, ...more: string[]): string => {
      try {
        support.templateText(name, chart, values, more);
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };

    test.each([...ALONE, ...PAIRS])('refuse %s in the same words', (_, values) => {
      // They fit the schema, and Helm takes as long to say so as for all else.
      const [, said] = /\): (.*?)\s*(Use --debug flag|$)/s.exec(single(values, '--skip-schema-validation')) ?? [];
      expect(said).toBe(refusal(() => support.direct(values)));
    });

    const alike = fc.property(mutated(), (one) => {
      const message = single(one.values);
      expectAlike(one, message.includes("values don't meet the specifications") ? message : '');
    });

    test('take and refuse the same, and name it, whatever is changed in one place', () => {
      const seed = fc.readConfigureGlobal().seed;
      const samples = fc.sample(mutated(), { seed, numRuns: HELM_SETS });
      const whole = [...samples.keys()].filter((index) => !support.hasNull(samples[index].values));
      const said = support.misfits(
        name,
        chart,
        whole.map((index) => samples[index].values),
      );
      expect(said.filter((lines) => lines !== '').length).toBeGreaterThan(HELM_SETS / 2);
      const different = whole.filter((index, place) => {
        try {
          expectAlike(samples[index], said[place]);
          return false;
        } catch {
          return true;
        }
      });
      const nulls = [...samples.keys()].filter((index) => !whole.includes(index)).slice(0, SINGLE_RUNS);
      for (const index of [...different.slice(0, 1), ...nulls]) {
        fc.assert(alike, { seed, path: String(index), numRuns: 1, interruptAfterTimeLimit: SHRINK_MS });
      }
      expect(different).toEqual([]);
    }, 240_000);
  });
});
