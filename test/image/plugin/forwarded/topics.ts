/** All cases by directive. */
import type { Case } from './case';
import { REWRITE } from './cases/rewrite';

/** Directive to cases. */
export const TOPICS: Readonly<Record<string, readonly Case[]>> = { rewrite: REWRITE };
