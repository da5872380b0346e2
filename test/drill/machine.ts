/** How busy the machine is: what a drill measures on one without a processor to spare is its want of processors. */
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';

/** Pressure of Linux 4.20 and later, where it is switched on. */
const PRESSURE_FILE = '/proc/pressure/cpu';

/** The share of time in which something waited for a processor, from the pressure file's text; null when it does not say. */
export function waitedPercent(text: string): number | null {
  const found = /^some avg10=([\d.]+)/m.exec(text);
  return found === null ? null : Number(found[1]);
}

/** In words, for tables and failures. */
export function machineText(): string {
  const [load] = os.loadavg();
  const waited = existsSync(PRESSURE_FILE) ? waitedPercent(readFileSync(PRESSURE_FILE, 'utf8')) : null;
  const pressure =
    waited === null ? '' : `; somebody waited for a processor ${waited.toFixed(0)} % of the last ten seconds`;
  return `load ${load.toFixed(1)} on ${os.cpus().length} processors${pressure}`;
}
