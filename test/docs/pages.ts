/** The project's Markdown as tests see it: pages, their headings, links and fenced blocks. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';

/** The project's folder. */
export const ROOT = path.join(__dirname, '../..');

/** A fenced block. */
export interface Fence {
  /** Line of its first line of text. */
  readonly line: number;
  /** Word after the fence; empty for none. */
  readonly language: string;
  /** Without the blanks that the fence begins with. */
  readonly text: string;
  /** Word of the comment right before, `runs` for instance; empty for none. */
  readonly mark: string;
}

/** One page. */
export interface Page {
  /** From the project's folder. */
  readonly file: string;
  readonly text: string;
}

/** A link to something of the project. */
export interface Link {
  readonly line: number;
  /** As written. */
  readonly target: string;
}

/** All pages that git has or would take. */
export function pages(): Page[] {
  const words = ['ls-files', '--cached', '--others', '--exclude-standard', '--', '*.md'];
  const files = execFileSync('git', words, { cwd: ROOT, encoding: 'utf8' }).split('\n').filter(Boolean);
  const there = files.filter((file) => fs.existsSync(path.join(ROOT, file)));
  return there.map((file) => ({ file, text: fs.readFileSync(path.join(ROOT, file), 'utf8') }));
}

/** Fenced blocks, those of list items too. */
export function fences({ text }: Page): Fence[] {
  const found: Fence[] = [];
  for (const match of text.matchAll(/(?:^<!-- ([a-z]+) -->\n)?^( *)```([a-z]*)[^\n]*\n([\s\S]*?)^\2```$/gm)) {
    const [whole, mark = '', blanks, language, body] = match;
    const head = whole.slice(0, whole.indexOf('```')).split('\n').length;
    const line = text.slice(0, match.index).split('\n').length + head;
    found.push({ line, language, text: body.replaceAll(new RegExp(`^${blanks}`, 'gm'), ''), mark });
  }
  return found;
}

/** The text with fenced blocks and `code` blanked out, so that what stands in them is no link and no heading. */
function prose({ text }: Page): string {
  const blank = (match: string): string => match.replaceAll(/[^\n]/g, ' ');
  return text.replaceAll(/^( *)```[\s\S]*?^\1```$/gm, blank).replaceAll(/`[^`\n]+`/g, blank);
}

/** Links and pictures that lead into the project. */
export function links(page: Page): Link[] {
  return [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(({ 1: target, index }) => ({ target, line: prose(page).slice(0, index).split('\n').length }))
    .filter(({ target }) => !/^[a-z]+:/.test(target));
}

/** Anchors of the headings as GitHub makes them: a second one of the same name gets -1. */
export function anchors(page: Page): Set<string> {
  const blocks = page.text.replaceAll(/^( *)```[\s\S]*?^\1```$/gm, '');
  const counts = new Map<string, number>();
  const all = [...blocks.matchAll(/^#{1,6} +(.+?)\s*$/gm)].map(([, title]) => {
    const plain = title.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = plain.replaceAll(/[^\p{L}\p{N}\p{M}\p{Pc}\- ]/gu, '').replaceAll(' ', '-');
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
  return new Set(all);
}

/** What is wrong with the links of a page; empty when all is well. */
export function deadLinks(page: Page, all: readonly Page[]): string[] {
  return links(page).flatMap(({ target, line }) => {
    const [where, anchor] = target.split('#');
    const file = where === '' ? page.file : path.posix.join(path.posix.dirname(page.file), decodeURI(where));
    const place = `${page.file}:${line}: ${target}`;
    if (file !== page.file && !fs.existsSync(path.join(ROOT, file))) return [`${place}: no such file`];
    if (anchor === undefined) return [];
    const other = [page, ...all].find(({ file: known }) => known === file);
    return other !== undefined && anchors(other).has(anchor) ? [] : [`${place}: no such heading`];
  });
}
