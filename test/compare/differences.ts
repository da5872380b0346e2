/** What we do otherwise than k8s-dns-node-cache 1.26.8, on purpose. Each id is a row of COMPATIBILITY.md. */
import type { Difference } from './judge';

export const DIFFERENCES: readonly Difference[] = [];
