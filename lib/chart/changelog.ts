/** CHANGELOG.md, read. */

/** One line of what changed. */
export interface Change {
  /** As Artifact Hub calls it. */
  readonly kind: 'added' | 'changed' | 'deprecated' | 'removed' | 'fixed' | 'security';
  readonly description: string;
}

/** What a version brought. */
export interface Version {
  /** Year, month, day; nothing before it is released. */
  readonly date: string | undefined;
  readonly changes: readonly Change[];
  /** Its part of the file, without the heading. */
  readonly text: string;
}

const KINDS = new Set(['added', 'changed', 'deprecated', 'removed', 'fixed', 'security']);

/**
 * The part of the file under `## VERSION (DATE)`, kind by kind under `### Added` and so on, a line or more per change.
 * @throws Error when there is no such part, its date is neither a date nor `unreleased`, or a kind has another name
 * @source Keep a Changelog 1.1.0, for the kinds
 */
export function versionIn(changelog: string, version: string): Version {
  const parts = changelog.split(/^## /m).slice(1);
  const part = parts.find((text) => text.startsWith(`${version} (`));
  const [, date] = part?.match(/^\S+ \((unreleased|\d{4}-\d\d-\d\d)\)\n/) ?? [];
  if (part === undefined || date === undefined)
    throw new Error(`CHANGELOG.md: want a heading '## ${version} (unreleased)' or '## ${version} (2026-01-31)'`);
  const text = part.slice(part.indexOf('\n')).trim();
  const changes = text.split(/^### /m).slice(1).flatMap(changesOfKind);
  return { date: date === 'unreleased' ? undefined : date, changes, text };
}

function changesOfKind(part: string): Change[] {
  const [heading, ...lines] = part.split('\n');
  const kind = heading.toLowerCase() as Change['kind'];
  if (!KINDS.has(kind)) throw new Error(`CHANGELOG.md: '### ${heading}', want one of: ${[...KINDS].join(', ')}`);
  const items = lines.join('\n').split(/^- /m).slice(1);
  return items.map((item) => ({ kind, description: item.trim().replace(/\s*\n\s*/g, ' ') }));
}
