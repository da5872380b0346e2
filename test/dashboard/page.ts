/** A page that shows the dashboard without Grafana: one file, nothing fetched. What draws is page-client.js. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { PictureData } from './data';

/** Height of a row of the grid, and the space between panels, in pixels. */
const [ROW_PIXELS, GAP_PIXELS] = [30, 8];
const HEADER_PIXELS = 64;
const UPLOT = path.dirname(require.resolve('uplot/package.json'));

const read = (file: string): string => readFileSync(file, 'utf8');

/** Rows of the grid that the page takes; a folded row is there once per cache. */
function gridRows({ drawn, instances }: PictureData): number {
  const bottom = Math.max(...drawn.map(({ panel }) => panel.gridPos.y + panel.gridPos.h));
  return bottom + (drawn.some(({ panel }) => panel.repeat) ? instances.length - 1 : 0);
}

/** Height of the page in pixels. */
export function pageHeight(data: PictureData): number {
  return HEADER_PIXELS + gridRows(data) * (ROW_PIXELS + GAP_PIXELS) + 2 * GAP_PIXELS;
}

/** Text that may stand in a script: no tag ends it. */
function inScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/** The page as HTML. */
export function page(data: PictureData): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>NodeLocal DNSCache</title>
<style>${read(path.join(UPLOT, 'dist/uPlot.min.css'))}</style>
<style>
:root { --row: ${ROW_PIXELS}px; --gap: ${GAP_PIXELS}px; --header: ${HEADER_PIXELS}px; }
${read(path.join(__dirname, 'page.css'))}
</style>
</head>
<body>
<script>${read(path.join(UPLOT, 'dist/uPlot.iife.min.js'))}</script>
<script>const DATA = ${inScript(data)};</script>
<script>
${read(path.join(__dirname, 'page-client.js'))}
</script>
</body>
</html>
`;
}
