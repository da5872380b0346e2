/** The command behind `npm run package`. Its output is what a workflow appends to GITHUB_OUTPUT: name=value lines. */
import { parseArgs } from 'node:util';
import { CHART } from './facts';
import { checkTag, packageChart } from './package';

const options = { tag: { type: 'string' }, 'artifacthub-id': { type: 'string', default: '' } } as const;

try {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (positionals.length !== 1)
    throw new Error('Usage: npm run package -- FOLDER [--tag v0.1.0] [--artifacthub-id ID]');
  if (values.tag !== undefined) checkTag(values.tag);
  const { file, layout, digest } = packageChart(positionals[0], values['artifacthub-id']);
  process.stdout.write(`version=${CHART.version}\nfile=${file}\nlayout=${layout}\ndigest=${digest}\n`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
