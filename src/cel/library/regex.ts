import { EvaluationError } from "../values/failures";
import { method } from "../types/overloads";
import { INT, listOf, STRING } from "../types/types";
import type { Library } from "./library";
import { findAll } from "./patterns";

/** Kubernetes' library of regular expressions. */
export const REGEX: Library = {
  functions: {
    find: [
      method("string_find_string", [STRING, STRING], STRING, (text, pattern) => {
        const found = findAll(text, pattern, 1n);
        return found instanceof EvaluationError ? found : (found[0] ?? "");
      }),
    ],
    findAll: [
      method("string_find_all_string", [STRING, STRING], listOf(STRING), (text, pattern) => findAll(text, pattern, -1n)),
      method("string_find_all_string_int", [STRING, STRING, INT], listOf(STRING), findAll),
    ],
  },
};
