/** The stand-in for the `random` provider: everything random is decided once, and any other argument means a new resource. */
import { createdOutputs } from "../../../../src/rehearsal/stand-ins/outputs";
import { makeAccount } from "../../../../src/rehearsal/stand-ins/account";
import type { Package } from "./managed";

export const RANDOM: Package = {
  check: ({ news }) => ({ inputs: news, failures: [] }),
  replaces: () => true,
  isSet: () => false,
  deletesBeforeReplacing: () => false,
  created: (resource, region) => createdOutputs(resource, makeAccount(region, "")),
  changed: () => ({}),
  admit: () => undefined,
  alter: () => undefined,
  release: () => undefined,
  invoke: (token) => {
    throw new Error(`the random provider has no data source ${token}`);
  },
};
