/** Writes docs/reference.md: `npx tsx test/docs/write-reference.ts`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { referencePage } from './reference';

writeFileSync(join(__dirname, '../../docs/reference.md'), referencePage());
