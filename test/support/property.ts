/**
 * fast-check with one seed, so that a change is judged by what it did and not by what chance finds in it. To look for more:
 * `FUZZ_SEED=$RANDOM npx jest FILE`; a number that a test failed with repeats it.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.FUZZ_SEED ?? 20261121) });

export default fc;
