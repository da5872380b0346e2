/** Helm's twin of lint.ts says the same of every text, word for word. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { lint } from '../../../lib/corefile/lint';
import { LINT_HELPER } from '../../../lib/corefile/lint-template';
import { corefileTokens } from '../../support/corefile-values';
import { HELMS, type HelmName, helm, temporaryFolder } from '../../support/helm';
import { needs } from '../../support/needs';
import fc from '../../support/property';

/** Prints what is wrong with each text, as JSON. */
const TEMPLATE = `{{- $said := list }}
{{- range .Values.texts }}
{{- $said = append $said (include "nodelocaldns.lint" (dict "name" "x" "text" .text "depth" .depth "isOwnImage" .isOwnImage)) }}
{{- end }}
said: {{ $said | toJson }}
`;

describe.each<HelmName>([...HELMS])('on %s', (name) => {
  needs(name).describe('a thousand texts', () => {
    const folder = temporaryFolder();

    test('are judged as in TypeScript', () => {
      const files = {
        'Chart.yaml': 'apiVersion: v2\nname: lint\nversion: 0.1.0\n',
        'templates/_lint.tpl': LINT_HELPER,
        'templates/said.yaml': TEMPLATE,
      };
      fs.mkdirSync(path.join(folder, 'templates'));
      for (const [file, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, file), text);
      const texts = fc.sample(fc.tuple(corefileTokens, fc.constantFrom<0 | 1>(0, 1), fc.boolean()), 1000);
      const parameters = texts.map(([text, depth, isOwnImage]) => ({ text, depth, isOwnImage }));
      fs.writeFileSync(path.join(folder, 'values.json'), JSON.stringify({ texts: parameters }));
      const output = helm(name, folder, ['template', 'x', folder, '--values', path.join(folder, 'values.json')]);
      const said = JSON.parse(output.slice(output.indexOf('said: ') + 6)) as string[];
      const wanted = parameters.map((parameter) => lint({ name: 'x', ...parameter }));
      expect(said.map((words, index) => [parameters[index].text, words])).toEqual(
        wanted.map((words, index) => [parameters[index].text, words]),
      );
      expect(new Set(wanted.map((words) => words.replace(/[0-9]+/, ''))).size).toBeGreaterThan(4);
    });
  });
});
