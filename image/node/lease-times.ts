/** The two times of the lease, and which pairs of them make sense. */
import { LEASE_EXPIRE_MS_MAX, LEASE_QUESTIONS_MIN, LEASE_RENEW_MS_MIN } from '../limits';

/**
 * What is wrong with a pair of times, and how to repair it.
 * @param renewMs time between two questions to ourselves
 * @param expireMs time after the last answer until the kernel lets pods go elsewhere
 * @returns null when they go together
 */
export function leaseProblem(renewMs: number, expireMs: number): string | null {
  if (renewMs < LEASE_RENEW_MS_MIN) {
    return `-leaserenew is ${renewMs}ms, want at least ${LEASE_RENEW_MS_MIN}ms: more questions only cost CPU`;
  }
  if (expireMs < LEASE_QUESTIONS_MIN * renewMs) {
    return (
      `-leaseexpire is ${expireMs}ms and -leaserenew ${renewMs}ms: want at least ${LEASE_QUESTIONS_MIN} questions in ` +
      `a lease, so that a single lost one does not end it; raise -leaseexpire to ${LEASE_QUESTIONS_MIN * renewMs}ms`
    );
  }
  if (expireMs <= LEASE_EXPIRE_MS_MAX) return null;
  return `-leaseexpire is ${expireMs}ms, want at most ${LEASE_EXPIRE_MS_MAX}ms: that long a dead cache would lose queries`;
}
