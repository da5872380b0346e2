/** The npm package's command. What `manifests` does is in chart/manifests.test.ts. */
import { spawnSync } from 'node:child_process';
import * as path from 'node:path';

const ROOT = path.join(__dirname, '../..');

function run(...parameters: string[]): { status: number | null; stdout: string; stderr: string } {
  const program = path.join(ROOT, 'node_modules/.bin/tsx');
  return spawnSync(program, ['lib/command.ts', ...parameters], { cwd: ROOT, encoding: 'utf8' });
}

describe('nodelocaldns', () => {
  test('--help names every command', () => {
    expect(run('--help')).toMatchObject({ status: 0, stderr: '', stdout: expect.stringMatching(/^ {2}manifests /m) });
  });

  test.each([[['manifest']], [['constructor']], [[]]])('%j is no command: status 1, and the usage', (parameters) => {
    const stderr = expect.stringContaining(`No command '${parameters[0] ?? ''}'\nUsage: nodelocaldns COMMAND\n`);
    expect(run(...parameters)).toMatchObject({ status: 1, stdout: '', stderr });
  });
});
