/** Unpredictable 16-bit numbers by the thousand: message ids and choices of sockets (RFC 5452 §9.1). */
import { randomFillSync } from 'node:crypto';

const POOL_NUMBERS = 4096;

export class Random {
  private readonly pool = new Uint16Array(POOL_NUMBERS);
  private next = POOL_NUMBERS;

  /** 0..65535 from the system's CSPRNG. */
  u16(): number {
    if (this.next === POOL_NUMBERS) {
      randomFillSync(this.pool);
      this.next = 0;
    }
    return this.pool[this.next++];
  }

  /** 0..count-1; the bias of the modulo is below count / 65536. @param count 1..65536 */
  below(count: number): number {
    return this.u16() % count;
  }
}
