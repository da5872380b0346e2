/** Writes image/observe/METRICS.md: `npx tsx test/image/observe/write-metrics.ts`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricsPage } from './metrics-table';

writeFileSync(join(__dirname, '../../../image/observe/METRICS.md'), metricsPage());
