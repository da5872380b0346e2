/** What the README of the commands says is so. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { controlPaths } from '../../../image/agent/control-paths';
import { commandsOf } from '../../../image/commands/run';
import { RECENT_LINES_MAX, SAMPLES_PER_SECOND, TOP_ENTRIES_MAX } from '../../../image/limits';

const README = readFileSync(join(__dirname, '../../../image/commands/README.md'), 'utf8');

test.each(commandsOf(() => Promise.resolve([])).map(({ name }) => name))('%s has a chapter', (name) => {
  expect(README).toContain(`\n## ${name}\n`);
});

test('places and numbers', () => {
  for (const [first] of controlPaths('', '').slice(0, 2)) expect(README).toContain(`\`${first}\``);
  expect(README).toContain(`last ${RECENT_LINES_MAX} warnings`);
  expect(README).toContain(`about ${SAMPLES_PER_SECOND.toLocaleString('en-US')} a second`);
  expect(README).toContain(`in ${TOP_ENTRIES_MAX} counters`);
});

test('the screens fit where they say they do', () => {
  const [, status] = /## status\n\n```txt\n([\s\S]*?)```/.exec(README)!;
  expect(Math.max(...status.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(80);
});
