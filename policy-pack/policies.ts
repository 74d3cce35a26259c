/**
 * Every policy of the pack: what the files in the policy folders export. A policy is registered where it is defined, and no list names it. If its file does
 * not export it, it is an unused constant, which the compiler rejects.
 * The bundle has no folders to read: `build.ts` gives it a module with the same export.
 */
import type { Policies } from "@pulumi/policy";
import { loadPolicyFiles } from "./policy-files";

export const policies: Policies = loadPolicyFiles().flatMap(({ policies: ofFile }) => ofFile);
