/** Runs before every test file, in all tiers: properties draw their examples from the seed. */
import fc from "fast-check";
import { SEED } from "./seed";

fc.configureGlobal({ seed: SEED });
