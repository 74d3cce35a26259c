/** The seed of everything random in the tests, the same in all tiers. */

/** Names the environment variable that sets it: a whole number from 0 to 2147483647. @default 1, so that the gate asks the same every time */
export const SEED_VARIABLE = "SHARED_GPU_TEST_SEED";

export const SEED = readSeed(process.env[SEED_VARIABLE]);

/** @throws RangeError for what is no such number: a typo must not pass as a run with another seed. */
export function readSeed(text = ""): number {
  const seed = text === "" ? 1 : Number(text);
  if (!/^\d*$/.test(text) || seed > 0x7fffffff) {
    throw new RangeError(`${SEED_VARIABLE}=${text}: a seed is a whole number from 0 to 2147483647`);
  }
  return seed;
}
