import { EvaluationError } from "../values/failures";
import { fn, method } from "../types/overloads";
import { parseNormalizedVersion, parseSemanticVersion } from "../values/semantic-version";
import { BOOL, INT, SEMVER, STRING } from "../types/types";
import type { Library } from "./library";

/** Kubernetes' library of semantic versions, version 1. */
export const SEMVER_V1: Library = {
  functions: {
    semver: [fn("string_to_semver", [STRING], SEMVER, parseSemanticVersion), fn("string_bool_to_semver", [STRING, BOOL], SEMVER, version)],
    isSemver: [
      fn("is_semver_string", [STRING], BOOL, (text) => !(parseSemanticVersion(text) instanceof EvaluationError)),
      fn("is_semver_string_bool", [STRING, BOOL], BOOL, (text, normalize) => !(version(text, normalize) instanceof EvaluationError)),
    ],
    // Numbers beyond int64 wrap around, as Go's conversion does.
    major: [method("semver_major", [SEMVER], INT, ({ major }) => BigInt.asIntN(64, major))],
    minor: [method("semver_minor", [SEMVER], INT, ({ minor }) => BigInt.asIntN(64, minor))],
    patch: [method("semver_patch", [SEMVER], INT, ({ patch }) => BigInt.asIntN(64, patch))],
    isGreaterThan: [method("semver_is_greater_than", [SEMVER, SEMVER], BOOL, (a, b) => a.compare(b) > 0)],
    isLessThan: [method("semver_is_less_than", [SEMVER, SEMVER], BOOL, (a, b) => a.compare(b) < 0)],
    compareTo: [method("semver_compare_to", [SEMVER, SEMVER], INT, (a, b) => BigInt(a.compare(b)))],
  },
};

function version(text: string, normalize: boolean): ReturnType<typeof parseSemanticVersion> {
  return normalize ? parseNormalizedVersion(text) : parseSemanticVersion(text);
}
