/** All cases by directive. */
import type { Case } from './case';
import { DNS64 } from './cases/dns64';
import { LOADBALANCE } from './cases/loadbalance';
import { REWRITE } from './cases/rewrite';

/** Directive to cases. */
export const TOPICS: Readonly<Record<string, readonly Case[]>> = {
  dns64: DNS64,
  loadbalance: LOADBALANCE,
  rewrite: REWRITE,
};
