/**
 * The screen of `top`, as lines for a size: pure, so that it is tested as text.
 *
 *   head      queries/s, hits, what it is made of
 *   graphs    queries/s and hits of the last minutes
 *   tables    paths with their times · upstreams
 *   lists     names · clients · types and codes, as many rows as there is room for
 */
import type { TopFrame, TopPath, TopRow, TopUpstream } from '../agent/top-report';
import { TOP_ENTRIES_MAX } from '../limits';
import { bar, graph, roundUp } from './graph';
import { compact, duration, grouped, percent } from './numbers';
import { cut, fill, type Paint, printable, type Role, widthOf } from './paint';

/** Characters of the terminal. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

const GAP = 2;
const GRAPH_ROWS = 3;
const AXIS_COLUMNS = 7;
/** Below it, parts stand one below the other. */
const WIDE_COLUMNS = 72;
const LISTS_ROWS_MIN = 4;

/** @param frames oldest first, at least one @returns at most `rows` lines of at most `columns` */
export function topScreen(frames: readonly TopFrame[], { columns, rows }: ScreenSize, paint: Paint): string[] {
  const frame = frames[frames.length - 1];
  const lines = [headLine(frame, columns, paint), '', ...graphLines(frames, columns, paint), ''];
  const tables = tableLines(frame, columns, paint);
  const room = rows - lines.length - tables.length - 1;
  if (room >= LISTS_ROWS_MIN) lines.push(...tables, '', ...listLines(frame, columns, room, paint));
  else lines.push(...listLines(frame, columns, rows - lines.length, paint));
  return lines.slice(0, rows);
}

function headLine(frame: TopFrame, columns: number, paint: Paint): string {
  const { queriesPerSecond, hitRatio, sampled, at } = frame;
  const made = queriesPerSecond > 0 && sampled < queriesPerSecond * 0.95;
  const parts: [Role, string][] = [
    ['title', `${compact(queriesPerSecond)} queries/s`],
    ['good', `${percent(hitRatio)} hits`],
    ['faint', made ? `from ${grouped(sampled)} samples` : 'every query seen'],
    ['faint', at.slice(11, 19)],
    ['faint', 'q quits'],
  ];
  let width = 0;
  const shown = parts.filter(([, text]) => {
    width += text.length + 3;
    return width - 3 <= columns;
  });
  return shown.map(([role, text]) => paint.as(role, text)).join('   ');
}

function graphLines(frames: readonly TopFrame[], columns: number, paint: Paint): string[] {
  const rates = frames.map(({ queriesPerSecond }) => queriesPerSecond);
  const hits = frames.map(({ hitRatio }) => hitRatio ?? 0);
  const isWide = columns >= WIDE_COLUMNS;
  const half = isWide ? Math.floor((columns - GAP) / 2) : columns;
  const top = roundUp(Math.max(...rates.slice(-half)));
  const left = oneGraph('q/s', rates, top, compact(top), half, 'accent', paint);
  const right = oneGraph('hits', hits, 1, '100 %', columns - half - GAP, 'good', paint);
  return isWide ? beside([left, right], [half, columns - half - GAP]) : left;
}

function oneGraph(
  title: string,
  values: readonly number[],
  max: number,
  maxText: string,
  columns: number,
  role: Role,
  paint: Paint,
): string[] {
  const rows = graph(values, columns - AXIS_COLUMNS, GRAPH_ROWS, max);
  return rows.map((row, index) => {
    const axis = index === 0 ? maxText : index === GRAPH_ROWS - 1 ? title : '';
    const shade = paint.between(role, 'faint', index / (GRAPH_ROWS + 1), row);
    return paint.as('faint', fill(cut(axis, AXIS_COLUMNS - 1), AXIS_COLUMNS)) + shade;
  });
}

function tableLines({ paths, upstreams }: TopFrame, columns: number, paint: Paint): string[] {
  const isWide = columns >= WIDE_COLUMNS;
  const half = isWide ? Math.floor((columns - GAP) / 2) : columns;
  const left = pathLines(paths, half, paint);
  const right = upstreamLines(upstreams, isWide ? columns - half - GAP : columns, paint);
  return isWide ? beside([left, right], [half, columns - half - GAP]) : [...left, ...right];
}

const PATH_ROLES: Readonly<Record<TopPath['path'], Role>> = {
  hit: 'good',
  miss: 'warn',
  stale: 'second',
  joined: 'third',
  made: 'accent',
  refused: 'bad',
};

function pathLines(paths: readonly TopPath[], columns: number, paint: Paint): string[] {
  const barColumns = Math.max(0, columns - 8 - 8 - 10 - 10);
  const head = fill('answered', columns - 20) + fill('p50', 10, 'left') + fill('p99', 10, 'left');
  const rows = paths.map(({ path, ratio, p50Us, p99Us }) => {
    const role = PATH_ROLES[path];
    const start = paint.as(role, fill(path, 8)) + paint.as(role, fill(bar(ratio, barColumns), barColumns));
    return (
      start + fill(percent(ratio), 8, 'left') + fill(duration(p50Us), 10, 'left') + fill(duration(p99Us), 10, 'left')
    );
  });
  return [paint.as('faint', head), ...rows];
}

/** Rows of a table whose length does not change with its content would leave holes: at most this many. */
const UPSTREAM_ROWS_MAX = 6;

function upstreamLines(upstreams: readonly TopUpstream[], columns: number, paint: Paint): string[] {
  const busiest = [...upstreams].sort((a, b) => b.perSecond - a.perSecond).slice(0, UPSTREAM_ROWS_MAX);
  const first = Math.max(0, columns - 6 - 8 - 10);
  const head = fill('upstream', first + 6) + fill('q/s', 8, 'left') + fill('p50', 10, 'left');
  const rows = busiest.map(({ address, state, perSecond, p50Us }) => {
    const shown = paint.as(state === 'up' ? 'good' : 'bad', fill(state, 6, 'left'));
    const time = p50Us === 0 ? '–' : duration(p50Us);
    return fill(cut(address, first), first) + shown + fill(compact(perSecond), 8, 'left') + fill(time, 10, 'left');
  });
  return rows.length === 0 ? [] : [paint.as('faint', head), ...rows];
}

function listLines(frame: TopFrame, columns: number, rows: number, paint: Paint): string[] {
  const { names, clients, types, rcodes } = frame;
  if (rows < 2) return [];
  const note = frame.sampled === 0 ? '' : NONE_STANDS_OUT;
  if (columns < WIDE_COLUMNS) return oneList('name', names, columns, rows, 'accent', paint, note);
  const widths = [Math.floor((columns - 2 * GAP) * 0.48), Math.floor((columns - 2 * GAP) * 0.3)];
  widths.push(columns - 2 * GAP - widths[0] - widths[1]);
  const typeLines = oneList('type', types, widths[2], Math.ceil(rows / 2), 'second', paint);
  const codeRows = rows - typeLines.length - 1;
  const codes = codeRows < 2 ? [] : ['', ...oneList('code', rcodes, widths[2], codeRows, 'second', paint)];
  const lists = [
    oneList('name', names, widths[0], rows, 'accent', paint, note),
    oneList('client', clients, widths[1], rows, 'third', paint, note),
    [...typeLines, ...codes],
  ];
  return beside(lists, widths).slice(0, rows);
}

/** In place of a list while every name, or client, is rare: rarer than what Space-Saving is sure of. */
const NONE_STANDS_OUT = `none above 1 in ${TOP_ENTRIES_MAX}`;

/** A key, how often per second, its share, and a bar that shows it; a note where there is none. */
function oneList(
  title: string,
  rows: readonly TopRow[],
  columns: number,
  lines: number,
  role: Role,
  paint: Paint,
  note = '',
): string[] {
  const barColumns = columns >= 36 ? 8 : columns >= 24 ? 4 : 0;
  const keyColumns = Math.max(1, columns - 7 - (barColumns > 0 ? barColumns + 1 : 0));
  const most = rows[0]?.ratio ?? 1;
  const head = fill(cut(title, keyColumns), keyColumns) + fill('q/s', 7, 'left');
  const shown = rows.slice(0, lines - 1).map(({ key, ratio, perSecond }) => {
    const tail = barColumns > 0 ? ` ${paint.as(role, fill(bar(ratio / most, barColumns), barColumns))}` : '';
    return fill(shorten(printable(key), keyColumns), keyColumns) + fill(compact(perSecond), 7, 'left') + tail;
  });
  if (shown.length === 0 && note !== '') shown.push(paint.as('faint', cut(note, columns)));
  return [paint.as('faint', head), ...shown];
}

/** A name keeps its ends: `kubernetes.def…cluster.local.` */
function shorten(text: string, columns: number): string {
  if (text.length <= columns || columns < 9) return cut(text, columns);
  const tail = Math.floor((columns - 1) * 0.45);
  return `${text.slice(0, columns - 1 - tail)}…${text.slice(text.length - tail)}`;
}

/** Columns of lines next to each other, with a gap. */
function beside(columns: readonly (readonly string[])[], widths: readonly number[]): string[] {
  const rows = Math.max(...columns.map((lines) => lines.length));
  return Array.from({ length: rows }, (_, row) => {
    const cells = columns.map((lines, index) => fill(lines[row] ?? '', widths[index] + GAP));
    const line = cells.join('');
    return widthOf(line.trimEnd()) < widthOf(line) ? line.trimEnd() : line;
  });
}
