/** The stand-in for the `random` provider: everything random is decided once, and any other argument means a new resource. */
import { createdOutputs } from "../../../../src/rehearsal/outputs/outputs";
import { makeWorld } from "../../../../src/rehearsal/outputs/world";
import type { Package } from "./managed";

export const RANDOM: Package = {
  check: ({ news }) => ({ inputs: news, failures: [] }),
  replaces: () => true,
  isSet: () => false,
  deletesBeforeReplacing: () => false,
  created: (resource, region) => createdOutputs(resource, makeWorld(region, "")),
  changed: () => ({}),
  admit: () => undefined,
  alter: () => undefined,
  release: () => undefined,
  invoke: (token) => {
    throw new Error(`the random provider has no data source ${token}`);
  },
};
