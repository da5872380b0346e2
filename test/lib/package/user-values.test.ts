import { flag, group, integer, list, text } from '../../../lib/helm/values';
import { userValuesFile } from '../../../lib/package/user-values';

const { fields } = group('Everything.', {
  image: group('The image.', {
    policy: text('Never', 'When to pull.', { enum: ['Always', 'Never'] }),
    tag: text('', 'Its tag, v*/x for instance.'),
  }),
  port: integer(53, 'Port of the cache.', { minimum: 1, maximum: 65535 }),
  names: list(['a'], 'Names.', { type: 'string' }, { maxItems: 3 }),
  both: list(['a'], 'Some.', { type: 'string' }, { minItems: 1, maxItems: 3 }),
  on: flag(true, 'Whether.'),
});

describe('the documented UserValues', () => {
  const file = userValuesFile(fields!, (path) => `T<'${path}'>`);

  test('says sentence, limits and default of each value, and what the compiler knows of its type', () => {
    expect(file).toContain(`  /**
   * Port of the cache. From 1 to 65535.
   * @default 53
   */
  readonly port?: T<'port'>;`);
    expect(file).toContain('   * Names. At most 3.\n');
    expect(file).toContain('   * Some. From 1 to 3 of them.\n');
    expect(file).toContain("  readonly on?: T<'on'>;");
  });

  test('nests groups, each under its sentence', () => {
    expect(file).toContain('  /** The image. */\n  readonly image?: {\n    /**\n     * When to pull.');
    expect(file).toContain("    readonly tag?: T<'image.tag'>;\n  };");
  });

  test('names the texts that are allowed', () => {
    expect(file).toContain('readonly policy?: "Always" | "Never";');
  });

  test('is not cut short by a sentence that would end the comment', () => {
    expect(file).toContain('v*\\/x for instance.');
  });
});
