import { entries, flag, group, integer, list, objects, shape, text } from '../../../lib/helm/values';
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
  hosts: objects(
    'Addresses.',
    shape({ ip: text('', 'Which.'), names: list<string>([], 'Whose.', { type: 'string' }, { maxItems: 9 }) }, ['ip']),
  ),
  stubs: entries('Domains.', shape({ port: integer(53, 'Where.', { minimum: 1, maximum: 9 }) }, []), {}),
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

  test('shows what the objects of a list are made of, and which part each must have', () => {
    expect(file).toContain(`  readonly hosts?: readonly {
    /** Which. */
    readonly ip: string;
    /**
     * Whose. At most 9.
     * @default []
     */
    readonly names?: readonly string[];
  }[];`);
  });

  test('and of a map', () => {
    expect(file).toContain(`  readonly stubs?: Readonly<Record<string, {
    /**
     * Where. From 1 to 9.
     * @default 53
     */
    readonly port?: number;
  }>>;`);
  });

  test('names the texts that are allowed', () => {
    expect(file).toContain('readonly policy?: "Always" | "Never";');
  });

  test('is not cut short by a sentence that would end the comment', () => {
    expect(file).toContain('v*\\/x for instance.');
  });
});
