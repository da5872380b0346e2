/** Soups of everything that means something in a Corefile: refused or accepted, but never hanging, never another error. */
import { CorefileError } from '../../../image/corefile/errors';
import { loadPlan } from '../../../image/corefile/load';
import { parseCorefile } from '../../../image/corefile/parser';
import { fakeEnvironment } from '../../support/corefile';

const SEED = Number(process.env.FUZZ_SEED ?? 20261121);
const environment = fakeEnvironment({
  variables: { A: 'a', LOOP: '{$LOOP}', NEST: '{%A%} {$A}', LINE: 'x\ny' },
  files: { '/etc/f.conf': 'errors\ncache {\n', '/etc/resolv.conf': 'nameserver 1.1.1.1' },
});
const WORDS = (
  '{ } {} } { \n \n \n # " \\ \\" , a, . .:53 example.org:54 10.0.0.0/9 tls://x (s) (t) import s t f.conf * ' +
  'none/* [ {$A} {%A%} {$LOOP} {$NEST} {$LINE} {$ } {$} bind cache errors forward health hosts log loop prometheus reload ' +
  'template ready rewrite foo 127.0.0.1 ::1 30 -1 0 5s 1x 99999999999999999999 success denial servfail disable keepttl except ' +
  'force_tcp policy random max_fails health_check domain consolidate ( .* class all ANY IN A match answer {{ {{.Name}} }} ' +
  'rcode NXDOMAIN fallthrough lameduck :8080 :x:y resolv.conf ttl no_reverse __proto__ constructor \u00a0 \ufeff \u0000 ü'
).split(' ');

/** mulberry32: small, and the same everywhere. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

function soup(next: () => number): string {
  let text = next() < 0.5 ? '. {\n' : '';
  for (let words = Math.floor(next() * 24); words >= 0; words--) {
    text += WORDS[Math.floor(next() * WORDS.length)] + (next() < 0.2 ? '' : next() < 0.3 ? '\n' : ' ');
  }
  return next() < 0.6 ? `${text}\n}` : text;
}

/** Run `read` on `count` soups; the number refused. Anything but a CorefileError is shown with the soup that made it. */
function refused(count: number, seed: number, read: (text: string) => void): number {
  const next = random(seed);
  let refusals = 0;
  for (let index = 0; index < count; index++) {
    const text = soup(next);
    try {
      read(text);
    } catch (error) {
      if (!(error instanceof CorefileError)) throw new Error(`seed ${seed}, soup ${JSON.stringify(text)}: ${error}`);
      refusals++;
    }
  }
  return refusals;
}

test('200,000 soups through lexer and parser', () => {
  const started = Date.now();
  const refusals = refused(200_000, SEED, (text) => parseCorefile(text, 'Cf', environment, (name) => name !== 'foo'));
  expect(refusals).toBeGreaterThan(20_000); // Both ways are taken often, or the soups are too thin.
  expect(refusals).toBeLessThan(195_000);
  expect(Date.now() - started).toBeLessThan(60_000);
}, 70_000);

test('50,000 soups through the whole load', () => {
  const source = { file: 'Cf', dnsPort: 53, environment };
  const refusals = refused(50_000, SEED + 1, (text) => structuredClone(loadPlan(text, source)));
  expect(refusals).toBeLessThan(50_000);
}, 70_000);

test('a bare directive with any three words never throws anything but a CorefileError', () => {
  const source = { file: 'Cf', dnsPort: 53, environment };
  const next = random(SEED + 2);
  const names = 'bind cache errors forward health hosts log loop prometheus reload template'.split(' ');
  let accepted = 0;
  for (let index = 0; index < 30_000; index++) {
    const word = () => WORDS[Math.floor(next() * WORDS.length)];
    const text = `. {\n${names[index % names.length]} ${word()} ${word()} {\n${word()} ${word()} ${word()}\n}\n}`;
    try {
      loadPlan(text, source);
      accepted++;
    } catch (error) {
      if (!(error instanceof CorefileError)) throw new Error(`${JSON.stringify(text)}: ${error}`);
    }
  }
  expect(accepted).toBeGreaterThan(100);
}, 70_000);
