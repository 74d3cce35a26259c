import type { Library } from "../cel/library/library";
import { KUBERNETES_LISTS } from "../cel/library/lists";
import { FORMATS, LISTS, NETWORK_ADDRESSES, URLS } from "../cel/library/not-modelled";
import { OPTIONALS } from "../cel/library/optionals";
import { QUANTITIES } from "../cel/library/quantity";
import { REGEX } from "../cel/library/regex";
import { SEMVER_V1 } from "../cel/library/semver";
import { SETS } from "../cel/library/sets";
import { STANDARD } from "../cel/library/standard";
import { STRINGS_V2 } from "../cel/library/strings";
import { TWO_VARIABLE_COMPREHENSIONS } from "../cel/library/two-variables";

/**
 * The libraries that every CEL expression in Kubernetes may use, with the minor version of Kubernetes 1 that introduced each.
 * `Authz` is left out: its functions take a variable that only admission policies have.
 * Source: `baseOpts` of k8s.io/apiserver v0.34.4 and v0.35.4, which have the same, `pkg/cel/environment/base.go`, in the same order, which is that of overloads.
 */
const INTRODUCED: readonly { readonly minor: number; readonly library: Library }[] = [
  { minor: 0, library: STANDARD },
  { minor: 0, library: URLS },
  { minor: 0, library: REGEX },
  { minor: 0, library: KUBERNETES_LISTS },
  { minor: 28, library: OPTIONALS },
  { minor: 28, library: QUANTITIES },
  { minor: 29, library: STRINGS_V2 },
  { minor: 29, library: SETS },
  { minor: 30, library: NETWORK_ADDRESSES },
  { minor: 31, library: FORMATS },
  { minor: 32, library: TWO_VARIABLE_COMPREHENSIONS },
  { minor: 33, library: SEMVER_V1 },
  { minor: 34, library: LISTS },
];

/**
 * The libraries of a compatibility version. An API server compiles the expressions of new objects with those of the version before its own, so that it can be rolled
 * back (`DefaultCompatibilityVersion`, same file).
 *
 * @param compatibility minor version of Kubernetes 1
 */
export function celLibraries(compatibility: number): readonly Library[] {
  return INTRODUCED.filter(({ minor }) => minor <= compatibility).map(({ library }) => library);
}
