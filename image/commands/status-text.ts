/** A status report for people, in 80 columns. */
import type { NodeStatus } from '../agent/node-network';
import type { BlockStatus, StatusReport, UpstreamStatus } from '../agent/status-report';
import { age, duration, grouped, mebibytes, percent } from './numbers';
import { cut, fill, type Paint, printable, type Role, widthOf } from './paint';

const COLUMNS = 80;
/** Width of the words on the left. */
const LABEL_COLUMNS = 11;

/** Lines, each at most 80 columns. @param now for ages */
export function statusText(report: StatusReport, now: Date, paint: Paint): string {
  const lines = [
    headLine(report, paint),
    ...report.problems.flatMap((problem) => labelled('', `! ${problem}`, paint, 'bad')),
    '',
    ...nodeLines(report, paint),
    ...listenerLines(report, paint),
    '',
    ...cacheLines(report.blocks, paint),
    '',
    ...upstreamLines(report.upstreams, now, paint),
    '',
    ...configLines(report, now, paint),
    ...errorLines(report, now, paint),
  ];
  return `${lines.join('\n').replace(/\n{3,}/g, '\n\n')}\n`;
}

function headLine(report: StatusReport, paint: Paint): string {
  const { program, version, processId, uptimeSeconds, residentBytes, problems } = report;
  const facts = `  pid ${processId}, up ${age(uptimeSeconds)}, ${mebibytes(residentBytes)}`;
  const left = paint.as('title', `${program} ${version}`) + facts;
  const verdict = problems.length === 0 ? paint.as('good', 'healthy') : paint.as('bad', 'degraded');
  return fill(left, COLUMNS - widthOf(verdict)) + verdict;
}

/** A word on the left and its text, wrapped, on the right. */
function labelled(label: string, text: string, paint: Paint, role: Role = 'plain'): string[] {
  const rows = wrap(printable(text), COLUMNS - LABEL_COLUMNS);
  return rows.map(
    (row, index) => paint.as('faint', fill(index === 0 ? label : '', LABEL_COLUMNS)) + paint.as(role, row),
  );
}

/** Break at blanks; what is longer than a line is broken where it must be. */
function wrap(text: string, columns: number): string[] {
  const rows: string[] = [];
  let row = '';
  for (let word of text.split(' ')) {
    while (word.length > columns) {
      if (row !== '') rows.push(row);
      rows.push(word.slice(0, columns));
      row = '';
      word = word.slice(columns);
    }
    if (row !== '' && row.length + 1 + word.length > columns) {
      rows.push(row);
      row = '';
    }
    row = row === '' ? word : `${row} ${word}`;
  }
  return [...rows, row];
}

function nodeLines({ node }: StatusReport, paint: Paint): string[] {
  if (node === null) return labelled('node', 'no interface and no rules are kept by this process', paint);
  const { link, firewall, leases, others, fallback } = node;
  const rules = firewall === null ? 'none' : `${firewall.name}, ${firewall.leases ? 'with lease' : 'without lease'}`;
  const rows = [
    ...labelled('interface', link === null ? 'none' : `${link.name} (${link.kind}) ${link.addresses.join(' ')}`, paint),
    ...labelled('rules', rules, paint),
  ];
  for (const [index, { address, state, sinceMs, lastAnswerMs }] of leases.entries()) {
    const answered = lastAnswerMs === null ? 'no answer yet' : `last answer ${duration(lastAnswerMs * 1000)} ago`;
    const text = `${address} ${state} for ${age(sinceMs / 1000)}, ${answered}`;
    rows.push(...labelled(index === 0 ? 'lease' : '', text, paint, state === 'held' ? 'good' : 'warn'));
  }
  rows.push(...fallbackLines(fallback, paint));
  if (others.length > 0) rows.push(...labelled('others', `${others.join(' ')} serve it, too`, paint));
  return rows;
}

function fallbackLines({ addresses, endpoints, reason }: NodeStatus['fallback'], paint: Paint): string[] {
  if (addresses.length === 0) return [];
  if (endpoints.length === 0) return labelled('fall-back', `${addresses.join(' ')}: nobody: ${reason}`, paint, 'warn');
  return labelled('fall-back', `${addresses.join(' ')}: ${endpoints.join(' ')}`, paint);
}

function listenerLines({ listeners }: StatusReport, paint: Paint): string[] {
  return listeners.flatMap(({ server, zones }, index) =>
    labelled(index === 0 ? 'serves' : '', `${server}  ${zones.join(' ')}`, paint),
  );
}

/** Columns behind the first: their widths; the first takes what is left. */
function row(first: string, others: readonly string[], widths: readonly number[]): string {
  const left = COLUMNS - widths.reduce((sum, width) => sum + width, 0);
  const start = widthOf(first) > left - 1 ? cut(first, left - 1) : first;
  return (fill(start, left) + others.map((text, index) => fill(text, widths[index], 'left')).join('')).trimEnd();
}

const CACHE_WIDTHS = [11, 10, 12, 10, 9];

function cacheLines(blocks: readonly BlockStatus[], paint: Paint): string[] {
  const rows = blocks.map(({ zones, cache }) => {
    const name = printable(zones.join(' '));
    if (cache === null) return row(name, ['', '', 'no cache', '', ''], CACHE_WIDTHS);
    const { successEntries, denialEntries, requests, hitRatio, stale } = cache;
    const cells = [
      grouped(successEntries),
      grouped(denialEntries),
      grouped(requests),
      percent(hitRatio),
      grouped(stale),
    ];
    return row(name, cells, CACHE_WIDTHS);
  });
  return [paint.as('faint', row('cache', ['answers', 'denials', 'requests', 'hits', 'stale'], CACHE_WIDTHS)), ...rows];
}

const UPSTREAM_WIDTHS = [8, 12, 12, 10, 12];

function upstreamLines(upstreams: readonly UpstreamStatus[], now: Date, paint: Paint): string[] {
  const rows = upstreams.flatMap((upstream) => {
    const { address, state, answers, failures, failureRatio, meanMs, lastError } = upstream;
    const shown = fill(paint.as(state === 'up' ? 'good' : 'bad', state), UPSTREAM_WIDTHS[0], 'left');
    const mean = duration(meanMs === null ? null : meanMs * 1000);
    const cells = ['', grouped(answers), grouped(failures), percent(failureRatio), mean];
    const plain = row(address, cells, UPSTREAM_WIDTHS);
    const at = COLUMNS - UPSTREAM_WIDTHS.reduce((sum, width) => sum + width, 0);
    const line = plain.slice(0, at) + shown + plain.slice(at + UPSTREAM_WIDTHS[0]);
    if (lastError === null) return [line];
    return [line, ...labelled('', `${agoText(lastError.at, now)}: ${lastError.text}`, paint, 'warn')];
  });
  const head = row('upstream', ['', 'answers', 'failures', '', 'mean time'], UPSTREAM_WIDTHS);
  return upstreams.length === 0 ? [] : [paint.as('faint', head), ...rows];
}

function agoText(at: string, now: Date): string {
  return `${age((now.getTime() - Date.parse(at)) / 1000)} ago`;
}

function configLines({ config, queriesInFlight }: StatusReport, now: Date, paint: Paint): string[] {
  if (config === null) return [];
  const { file, loadedAt, sha512, failedReload } = config;
  return [
    ...labelled('config', `${file}, loaded ${agoText(loadedAt, now)}`, paint),
    ...labelled('sha512', `${sha512.slice(0, 32)}…`, paint),
    ...(failedReload === null
      ? []
      : labelled('refused', `${agoText(failedReload.at, now)}: ${failedReload.reason}`, paint, 'bad')),
    ...labelled('in flight', `${grouped(queriesInFlight)} queries wait for upstreams`, paint),
  ];
}

function errorLines({ lastErrors }: StatusReport, now: Date, paint: Paint): string[] {
  const rows = lastErrors.flatMap(({ at, text }) => labelled('', `${agoText(at, now)}: ${text}`, paint));
  return rows.length === 0 ? [] : ['', paint.as('faint', 'last warnings and errors'), ...rows];
}
